"""Deadlines and inputs, as pages show them."""

import pytest

from comity.console.parts import Deadline, Form, Input, Shell, Tone
from comity.core.clock import DAY, HOUR, MINUTE, Instant
from comity.practice import Field, Type


def due(left: int, *, given: int = 10 * HOUR) -> Deadline:
    return Deadline(at=Instant(given), began=Instant(0), now=Instant(given - left))


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (0, ("past", 0, 0)),
        (-HOUR, ("past", 0, 0)),
        (47 * MINUTE, ("minutes", 47, 0)),
        (2 * HOUR + 10 * MINUTE, ("hours", 2, 10)),
        (3 * DAY + HOUR, ("days", 3, 1)),
    ],
)
def test_what_is_left_is_told_in_two_numbers(left: int, words: tuple[str, int, int]) -> None:
    assert due(left).left == words


@pytest.mark.parametrize(
    ("left", "tone"), [(HOUR, Tone.CRIT), (5 * HOUR, Tone.WARN), (9 * HOUR, Tone.PLAIN)]
)
def test_a_near_deadline_is_louder(left: int, tone: Tone) -> None:
    assert due(left).tone is tone


@pytest.mark.parametrize(("left", "used"), [(10 * HOUR, 0), (5 * HOUR, 50), (-DAY, 100)])
def test_the_bar_is_the_share_of_time_used(left: int, used: int) -> None:
    assert due(left).used == used


def test_a_deadline_that_was_never_open_has_no_division_by_nothing() -> None:
    assert due(0, given=0).used == 0


def test_a_code_without_words_is_offered_as_it_is_and_remembered() -> None:
    field = Field(name="outcome", type=Type.CODE, choices=("hit", "no-hit"))
    given = Input(field=field, label="Outcome", value="no-hit")
    assert given.name == "body.outcome"
    assert [(c.label, c.is_chosen) for c in given.worded] == [("hit", False), ("no-hit", True)]


def test_a_form_with_attachments_is_sent_in_parts() -> None:
    files = Input(field=Field(name="files", type=Type.ATTACHMENTS), label="Files")
    line = Input(field=Field(name="line", type=Type.LINE), label="Line")
    for inputs, expected in (((line,), False), ((line, files), True)):
        form = Form(action="/", kind="a.b/1", title="t", inputs=inputs, send="s")
        assert form.has_files is expected


@pytest.mark.parametrize(
    ("lang", "direction"), [("en", "ltr"), ("ar", "rtl"), ("fa-IR", "rtl")]
)
def test_the_direction_follows_the_language(lang: str, direction: str) -> None:
    assert Shell(csrf="", agency="", lang=lang).direction == direction
