"""Read a word of one script by the rules of its letters."""

import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from comity.screening.names import rules
from comity.screening.names.brahmic import brahmic
from comity.screening.names.hangul import hangul
from comity.screening.names.lattice import combine, distinct
from comity.screening.names.semitic import semitic
from comity.screening.names.thai import thai

Reader = Callable[[str], tuple[str, ...]]
_NAMED = 4
"""Most letters of what a letter's name says of its sound."""
_MARKS = ("Mn", "Mc", "Me")


@lru_cache(maxsize=1 << 16)
def ruled(word: str, script: str) -> tuple[str, ...]:
    """Return the readings of a word by rules alone; empty where there are none."""
    if word.isascii():
        return (word,)
    return distinct(_clean(each) for each in READERS.get(script, by_name)(word))


def _clean(reading: str) -> str:
    return "".join(char for char in reading if char.isascii() and char.isalnum())


def tabled(script: str, own: str = "") -> Reader:
    """Return the reader of a script whose letters stand in a table, or in one of its `own`."""

    def read(word: str) -> tuple[str, ...]:
        letters = rules.table(script, own)
        return combine(rules.spelled(_known(word, letters), letters))

    return read


def _known(word: str, letters: rules.Table) -> str:
    """Put the base letter where the table lacks a letter with marks."""
    return "".join(char if char in letters else _base(char) for char in word)


def _base(char: str) -> str:
    split = unicodedata.normalize("NFD", char)
    return "".join(each for each in split if unicodedata.category(each) not in _MARKS)


def latin(word: str) -> tuple[str, ...]:
    """Return a Latin word with its special letters in plain ones."""
    letters = rules.table("latin")
    parts = [letters.get(char) or (_base(char),) for char in word]
    return combine(parts)


def kana(word: str) -> tuple[str, ...]:
    """Read kana; hiragana by way of katakana."""
    moved = "".join(chr(ord(c) + 0x60) if "\u3041" <= c <= "\u3096" else c for c in word)
    return tabled("kana")(moved)


_ORDERS = {
    "a": ("e", "a"), "aa": ("a",), "e": ("", "i"), "ee": ("e", "ie"), "u": ("u",), "i": ("i",),
    "o": ("o",),
}  # fmt: skip
"""Vowels of the Ethiopic syllables as Unicode names them, and as names are written."""
_CONSONANTS = {"x": "h", "hh": "h", "sz": "s", "tz": "ts", "c": "ch", "zh": "zh", "ph": "p"}


def ethiopic(word: str) -> tuple[str, ...]:
    """Read Ethiopic syllables by the names Unicode gives them."""
    parts: list[tuple[str, ...]] = []
    for said in map(_said, word):
        vowel = said.lstrip("bcdfghjklmnpqrstvwxyz")
        start = said[: len(said) - len(vowel)]
        parts += [(_CONSONANTS.get(start, start),), _ORDERS.get(vowel, (vowel,))]
    return combine(parts)


def by_name(word: str) -> tuple[str, ...]:
    """Read letters by the last word of their names in Unicode: the last resort."""
    return ("".join(map(_said, word)),)


def _said(char: str) -> str:
    said = unicodedata.name(char, "").lower().rpartition(" ")[2]
    return said if said.isalpha() and len(said) <= _NAMED else ""


READERS: Mapping[str, Reader] = {
    "latin": latin,
    "cyrillic": tabled("cyrillic"),
    "greek": tabled("greek"),
    "armenian": tabled("armenian"),
    "georgian": tabled("georgian"),
    "arabic": semitic("arabic"),
    "hebrew": semitic("hebrew"),
    "hangul": hangul,
    "thai": thai,
    "ethiopic": ethiopic,
    "kana": kana,
    **dict.fromkeys(
        (
            "devanagari",
            "bengali",
            "gurmukhi",
            "gujarati",
            "oriya",
            "tamil",
            "telugu",
            "kannada",
            "malayalam",
            "sinhala",
            "khmer",
            "myanmar",
            "tibetan",
        ),
        brahmic,
    ),
}
