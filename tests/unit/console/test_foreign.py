"""Foreign text cannot hide or turn anything around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.console.foreign import finalize, has_mixed_scripts, isolate, reveal, verbatim

TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(st.text())
def test_no_turning_character_survives(text: str) -> None:
    assert not set(TURNING) & set(reveal(text))


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Z"])))
def test_ordinary_text_passes_unchanged(text: str) -> None:
    plain = text.replace("\u2028", "").replace("\u2029", "")
    assert reveal(plain) == plain


def test_the_joiners_that_spelling_needs_stay() -> None:
    assert reveal("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\x00", "\x85", "\U000e0041", "\u00ad"])
def test_what_cannot_be_seen_is_shown(unseen: str) -> None:
    assert reveal(unseen) == f"⟨U+{ord(unseen):04X}⟩"


def test_an_isolated_value_is_escaped() -> None:
    assert isolate("<i>") == "<bdi>&lt;i&gt;</bdi>"


def test_what_a_person_typed_comes_back_unchanged_but_escaped() -> None:
    assert verbatim("a\u200f<") == "a\u200f&lt;"


def test_everything_a_template_writes_is_revealed_except_our_own_markup() -> None:
    assert finalize("\u202e") == "⟨U+202E⟩"
    assert finalize(verbatim("\u200f")) == "\u200f"
    assert finalize(3) == 3


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("FX482019", False),
        ("F\u0425482019", True),
        ("Андрій", False),
        ("\u0391lpha", True),
        ("東京A", False),
    ],
)
def test_scripts_that_look_alike_are_noticed_in_one_identifier(
    text: str, *, mixed: bool
) -> None:
    assert has_mixed_scripts(text) is mixed
