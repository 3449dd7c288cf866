"""Both languages have every word the templates use, with the same values to fill in."""

import re
from importlib.resources import files

import pytest

from comity.console.words import LANGUAGES, load
from comity.core.errors import StateError

TEMPLATES = files("comity.console").joinpath("templates")
KEY = re.compile(r"\b(?:t|say)\('([\w.]+)'( ~)?")


def used() -> set[tuple[str, str]]:
    texts = (found.read_text(encoding="utf-8") for found in TEMPLATES.iterdir())
    return {(found[1], found[2] or "") for text in texts for found in KEY.finditer(text)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_used_has_words(lang: str) -> None:
    entries = load(lang).entries
    for key, joined in used():
        if joined:
            assert any(entry.startswith(key) for entry in entries), key
        else:
            assert key in entries, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_words_stand_unused(lang: str) -> None:
    whole = {key for key, joined in used() if not joined}
    begun = tuple(key for key, joined in used() if joined)
    extra = [
        key for key in load(lang).entries if key not in whole and not key.startswith(begun)
    ]
    assert extra == []


def test_both_languages_fill_in_the_same_values() -> None:
    english, arabic = load("en").entries, load("ar").entries
    assert english.keys() == arabic.keys()
    for key in english:
        names = (set(re.findall(r"\{(\w+)\}", entries[key])) for entries in (english, arabic))
        assert len({frozenset(found) for found in names}) == 1, key


def test_a_language_without_words_gets_english() -> None:
    assert load("xx").lang == "en"


def test_a_value_in_a_phrase_is_escaped_and_isolated() -> None:
    phrase = load("en").phrase("law.referred", who="<b>\u202e")
    assert phrase == "A person decides: <bdi>&lt;b&gt;⟨U+202E⟩</bdi>"


def test_a_value_in_a_label_is_escaped_without_elements() -> None:
    label = load("en").label("inbox.select", title='"{x}<')
    assert label == "Select: &#34;{x}&lt;"


@pytest.mark.parametrize(("key", "given"), [("no.such", {}), ("law.referred", {})])
def test_a_missing_key_or_value_is_our_own_fault(key: str, given: dict[str, str]) -> None:
    with pytest.raises(StateError, match="no words"):
        load("en").phrase(key, **given)
