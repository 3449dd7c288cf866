"""What a search is counted for, beside values worked out by hand."""

from collections.abc import Sequence

import pytest
from bench.quality.retrieval import ALL, Run, lines, run
from bench.quality.searches import Found, brute
from bench.quality.trials import Asked, Trial

from comity.core.ids import EntityId
from comity.screening import Profile


def _held(key: str, name: str) -> Profile:
    return Profile(
        entity_id=EntityId(key),
        dataset="example",
        schema="Person",
        properties={"name": (name,)},
    )


TRIAL = Trial(
    "example",
    (_held("a", "Ana Ruiz"), _held("b", "Rosa Marchetti")),
    (
        Asked("Ana Ruiz", "a", "one"),
        Asked("Rosa Marchetti", "b", "two"),
        Asked("X", "b", "two"),
    ),
    (Asked("Tomasz Zielinski", "", "one"), Asked("Peter Lindqvist", "", "two")),
)
ANSWERS: Found = [
    [("a", 0.9), ("b", 0.2)],
    [("a", 0.8), ("b", 0.8)],
    [],
    [("a", 0.85)],
    [("b", 0.1)],
]


def _told(names: Sequence[str], _held: Sequence[Profile]) -> tuple[Found, float]:
    assert len(names) == len(ANSWERS)
    return ANSWERS, 0.01


@pytest.fixture
def made() -> Run:
    return run(TRIAL, _told)


def test_a_tie_counts_against_the_search(made: Run) -> None:
    assert [row.rank for row in made.rows] == [1, 2, 0]


def test_shares_are_of_all_who_were_asked_for(made: Run) -> None:
    figures = made.figures()
    assert (figures.asked, figures.first, figures.tenth) == (3, 1 / 3, 2 / 3)
    assert figures.strangers_at == 0.5
    assert figures.milliseconds == pytest.approx(2.0)


def test_what_is_found_is_found_above_the_strangers(made: Run) -> None:
    assert made.figures().at_one == 1 / 3


def test_a_part_with_few_strangers_borrows_all(made: Run) -> None:
    assert made.figures("two").at_one == 0.0
    assert made.figures("one").asked == 1


def test_brute_force_finds_names_as_they_are_held() -> None:
    found, _ = brute(["Ruiz, Ana"], TRIAL.held)
    assert found[0][0][0] == "a"


def test_lines_name_part_and_search(made: Run) -> None:
    head, line = lines({"told": made}, (ALL,))
    assert "R@10" in head
    assert line.split()[:3] == ["all", "told", "3"]
