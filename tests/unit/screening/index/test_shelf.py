"""Screening finds who is held, says why, and forgets at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import InvalidInputError, LimitError
from comity.core.ids import EntityId
from comity.screening import Outcome, Profile, Query, Shelf, band, compare


def person(key: str, *names: str, **properties: str) -> Profile:
    values = {prop: (value,) for prop, value in properties.items()}
    return Profile(
        entity_id=EntityId(key),
        dataset="test",
        schema="Person",
        properties={"name": names, **values},
    )


def asked(*names: str, **properties: str) -> Query:
    values = {prop: (value,) for prop, value in properties.items()}
    return Query(schema="Person", properties={"name": names, **values})


ANNA = person("p-1", "Anna Example", birthDate="1988-04-17", nationality="xn")
HELD = Shelf([ANNA, person("p-2", "Boris Muster"), person("p-3", "بترينكو أندرو")])


@pytest.mark.parametrize("name", ["anna example", "Example, ANNA", "Ána Exampel"])
def test_a_name_is_found_across_case_order_marks_and_a_slip(name: str) -> None:
    assert [found.entity_id for found in HELD.search(asked(name)).candidates] == ["p-1"]


def test_a_strange_name_finds_nobody() -> None:
    assert HELD.search(asked("Zebulon Quux")).candidates == ()


def test_every_candidate_says_why() -> None:
    (found,) = HELD.search(
        asked("Anna Example", birthDate="1988-17-04", gender="female")
    ).candidates
    outcomes = {evidence.prop: (evidence.outcome, evidence.how) for evidence in found.evidence}
    assert outcomes["name"] == (Outcome.SAME, "exact")
    assert outcomes["birthDate"] == (Outcome.SIMILAR, "day-month-swapped")
    assert outcomes["gender"] == (Outcome.NOT_COMPARABLE, "not-held")
    assert outcomes["nationality"] == (Outcome.NOT_COMPARABLE, "not-asked")


def test_another_script_is_read_and_compared() -> None:
    candidate = compare(asked("Andrew Petrenko"), person("p-3", "بترينكو أندرو"))
    assert candidate.evidence[0].outcome is Outcome.SIMILAR
    assert candidate.evidence[0].how == "transliteration"


def test_a_name_nobody_can_read_is_not_comparable_and_never_different() -> None:
    candidate = compare(asked("😀"), person("p-3", "Andrew Petrenko"))
    assert candidate.evidence[0].outcome is Outcome.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("held", "how"),
    [
        ("1988-04-17", "exact"),
        ("1988", "partial-date"),
        ("1988-06-20", "same-year"),
        ("1970-04-17", "other-date"),
    ],
)
def test_a_date_agrees_as_far_as_it_goes(held: str, how: str) -> None:
    candidate = compare(
        asked("A B", birthDate="1988-04-17"), person("x", "A B", birthDate=held)
    )
    assert candidate.evidence[1].how == how


@pytest.mark.parametrize(
    ("held", "outcome"),
    [
        ("FX 482019", Outcome.SAME),
        ("FX482018", Outcome.SIMILAR),
        ("QQ1", Outcome.DIFFERS),
    ],
)
def test_a_document_number_is_compared_by_its_characters(held: str, outcome: Outcome) -> None:
    candidate = compare(
        asked("A B", passportNumber="FX482019"), person("x", "A B", passportNumber=held)
    )
    assert candidate.evidence[1].outcome is outcome


@pytest.mark.parametrize(
    ("place", "outcome"),
    [("Port Halden", Outcome.SAME), ("Port Haldn", Outcome.SIMILAR), ("Ur", Outcome.DIFFERS)],
)
def test_a_place_is_compared_as_a_name(place: str, outcome: Outcome) -> None:
    held = person("x", "A B", birthPlace="Port Halden", gender="male")
    candidate = compare(asked("A B", birthPlace=place, gender="female"), held)
    found = {evidence.prop: evidence.outcome for evidence in candidate.evidence}
    assert found == {"name": Outcome.SAME, "gender": Outcome.DIFFERS, "birthPlace": outcome}


def test_a_forgotten_entity_is_unfindable_at_once() -> None:
    index = Shelf([ANNA, person("p-9", "Anna Example")])
    index.forget([EntityId("p-1"), EntityId("nobody")])
    assert [found.entity_id for found in index.search(asked("Anna Example")).candidates] == [
        "p-9"
    ]
    assert len(index) == 1


def test_a_corrected_entity_is_found_by_its_new_name_alone() -> None:
    index = Shelf([ANNA])
    index.add([person("p-1", "Greta Beispiel")])
    assert index.search(asked("Anna Example")).candidates == ()
    assert len(index.search(asked("Greta Beispiel")).candidates) == 1


def test_a_search_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least one name"):
        asked()


def test_a_name_beyond_the_limit_is_refused() -> None:
    with pytest.raises(LimitError):
        asked("x" * 1_001)


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_a_score_stays_between_nothing_and_one(one: str, other: str) -> None:
    candidate = compare(asked(one), person("x", other))
    assert 0 <= candidate.score <= 1
    assert band(candidate.score) in {"weak", "possible", "strong"}


@given(st.lists(st.text(max_size=30), min_size=1, max_size=3))
def test_any_text_can_be_searched(names: list[str]) -> None:
    HELD.search(asked(*names))
