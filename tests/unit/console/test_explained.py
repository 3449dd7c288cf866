"""A comparison in words: every code has them, and no weight outruns its bar."""

import json
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.console.explained import bar, flags, rarity, value
from comity.console.tongue import tongue
from comity.console.words import LANGUAGES
from comity.screening import Flag, How
from comity.screening.evidence import HOW
from comity.screening.evidence.lines import LINES
from comity.screening.evidence.numbers import KINDS
from comity.screening.names import rarity as rarity_of

weights = st.floats(min_value=-60, max_value=60)
NAMES = [
    "exact",
    "word-order",
    "part-of-name",
    "other-name",
    "other-script",
    "spelling",
    "unreadable",
    "acronym",
    "initial",
    "nickname",
    "edit",
    "phonetic",
    "transliteration",
    "joined",
]
PROPS = ("name", "schema", *(prop for line in LINES for prop in line.props), *KINDS)


@given(weight=weights)
def test_a_bar_never_leaves_its_frame_and_shows_every_direction(weight: float) -> None:
    length = bar(weight)
    assert -100 <= length <= 100
    assert (length > 0) == (weight > 0)
    assert (length < 0) == (weight < 0)
    assert bar(-weight) == -length


@given(one=weights, other=weights)
def test_a_greater_weight_never_has_a_shorter_bar(one: float, other: float) -> None:
    assert (bar(one) <= bar(other)) or one > other


def test_the_weights_that_occur_are_told_apart_on_a_bar() -> None:
    lengths = [bar(weight) for weight in (-8, -3, -0.5, 0, 0.5, 2, 4, 8, 12)]
    assert all(later - earlier >= 5 for earlier, later in pairwise(lengths))


def test_a_rarer_word_is_never_called_commoner() -> None:
    assert [rarity(value) for value in (1.0, 10.0, 14.0)] == ["common", "uncommon", "rare"]


def test_the_commonest_names_of_the_world_are_called_common() -> None:
    names = ("mohammed", "ali", "maria", "ivan", "wang", "smith")
    assert {rarity(rarity_of(name)) for name in names} == {"common"}
    assert rarity(rarity_of("exampel")) == "rare"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_of_a_comparison_has_words(lang: str) -> None:
    path = files("comity.console").joinpath(f"locale/acts/{lang}.json")
    entries = json.loads(path.read_text("utf-8"))
    codes = [f"how.{how}" for how in (*HOW, *NAMES)]
    codes += [f"token.{how.value}" for how in How]
    codes += [f"{group}.{flag.value}" for flag in Flag for group in ("flag", "flag_why")]
    codes += [f"rarity.{each}" for each in ("common", "uncommon", "rare")]
    codes += [f"became.{each}" for each in ("same", "different", "unsure", "disputed")]
    codes += [f"property.{prop}" for prop in PROPS]
    assert [code for code in codes if not entries.get(code)] == []


def test_a_flag_says_what_to_do_about_it() -> None:
    (found,) = flags((Flag.TOO_COMMON, Flag.TOO_COMMON), tongue("en"))
    assert found.label == "Too common: add evidence"
    assert "Add a birth date" in found.value


def test_the_codes_of_states_and_sex_are_worded_and_names_are_not() -> None:
    said = tongue("en")
    assert value("nationality", "suhh", said) == "Soviet Union (suhh)"
    assert value("country", "ua, zzz", said) == "Ukraine (ua), zzz"
    assert value("gender", "female", tongue("ar")) == "أنثى"
    assert value("name", "male", said) == "male"
