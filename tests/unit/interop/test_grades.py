"""Grades stay in their own scale; beside another they are only words."""

import pytest

from comity.core.errors import InvalidInputError
from comity.interop import SCALES, Shown, beside, grade, words_of


@pytest.mark.parametrize(
    ("scale", "source", "information"),
    [
        ("admiralty", "G", "1"),
        ("admiralty", "A", "7"),
        ("europol-4x4", "F", "4"),
        ("europol-4x4", "X", "6"),
        ("uk-3x5x2", "A", "1"),
        ("uk-5x5x5", "A", "1"),
        ("", "", ""),
    ],
)
def test_a_code_its_scale_does_not_have_is_refused(
    scale: str, source: str, information: str
) -> None:
    with pytest.raises(InvalidInputError):
        grade(scale, source, information)


def test_grades_have_no_order_so_nobody_sorts_c_before_f() -> None:
    with pytest.raises(TypeError):
        sorted([grade("admiralty", "F", "6"), grade("admiralty", "C", "3")])  # type: ignore[type-var]


def test_what_stands_beside_another_scale_is_no_grade() -> None:
    shown = beside(grade("admiralty", "B", "2"), "europol-4x4")
    assert "information" not in shown.__slots__
    assert shown == Shown(
        scale="europol-4x4",
        source="",
        words="source usually reliable; information probably true",
    )


@pytest.mark.parametrize("scale", SCALES)
def test_only_the_best_and_the_unjudged_have_a_code_elsewhere(scale: str) -> None:
    assert beside(grade("admiralty", "C", "3"), scale).source == (
        "C" if scale == "admiralty" else ""
    )
    assert beside(grade("europol-4x4", "X", "4"), "admiralty").source == "F"
    assert beside(grade("uk-3x5x2", "1", "A"), "europol-4x4").source == "A"


def test_a_grade_is_put_into_the_words_of_its_own_scale() -> None:
    assert words_of(grade("uk-3x5x2", "2", "E")) == (
        "source untested; information suspected to be false"
    )


def test_an_unknown_scale_shows_nothing() -> None:
    with pytest.raises(InvalidInputError):
        beside(grade("admiralty", "B", "2"), "stars")
