"""Hangul by its syllables: Revised Romanisation first, then what passports usually write."""

import unicodedata

from comity.screening.names.data import rows
from comity.screening.names.lattice import combine

_ONSETS = (
    "g k", "kk gg", "n", "d t", "tt dd", "r l", "m", "b p", "pp bb", "s", "ss", "-", "j ch",
    "jj", "ch", "k", "t", "p", "h",
)  # fmt: skip
_NUCLEI = (
    "a", "ae", "ya", "yae", "eo u o", "e", "yeo you yu", "ye", "o", "wa", "wae", "oe", "yo",
    "u oo", "wo", "we", "wi", "yu yoo", "eu u", "ui eui", "i ee",
)  # fmt: skip
_CODAS = (
    "-", "k g", "k", "k", "n", "n", "n", "t", "l r", "k", "m", "l", "l", "l", "p", "l", "m",
    "p b", "p", "t s", "t", "ng", "t", "t", "k", "t", "p", "-",
)  # fmt: skip
_FIRST = 0xAC00
_COUNT = 11_172


def _options(text: str) -> tuple[str, ...]:
    return tuple("" if each == "-" else each for each in text.split())


def hangul(word: str) -> tuple[str, ...]:
    """Read syllables of Hangul; what is no syllable is left out."""
    parts: list[tuple[str, ...]] = []
    for char in unicodedata.normalize("NFC", word):
        place = ord(char) - _FIRST
        if 0 <= place < _COUNT:
            parts.append(_options(_ONSETS[place // 588]))
            parts.append(_options(_NUCLEI[place % 588 // 28]))
            parts.append(_options(_CODAS[place % 28]))
    return combine([part for part in parts if part != ("",)])


def surname(word: str) -> tuple[str, ...]:
    """Return how a Korean surname is written in passports; empty if it is none we know."""
    return _surnames().get(word, ())


def parted(word: str) -> tuple[str, str]:
    """Part a Korean name into surname and given name; an empty surname where it has none."""
    width = 2 if len(word) > 3 and surname(word[:2]) else 1  # noqa: PLR2004 - 2 + 2 syllables
    if 3 <= len(word) <= 4 and surname(word[:width]) and len(word) - width <= 2:  # noqa: PLR2004
        return word[:width], word[width:]
    return "", word


def _surnames() -> dict[str, tuple[str, ...]]:
    return {row[0]: tuple(row[1].split(" ")) for row in rows("surnames_hangul.tsv")}
