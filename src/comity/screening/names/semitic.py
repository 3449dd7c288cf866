"""Arabic and Hebrew letters by rules: short vowels are not written, so they are supplied."""

import unicodedata
from collections.abc import Callable, Sequence

from comity.screening.names import rules
from comity.screening.names.lattice import combine, distinct

_VOWELS = frozenset("aeiouyw")
_SUPPLIED = {"arabic": ("a", "", "i", "u"), "hebrew": ("", "a", "e", "i")}


def semitic(script: str) -> Callable[[str], tuple[str, ...]]:
    """Return the reader of a script that writes few vowels."""

    def read(word: str) -> tuple[str, ...]:
        letters = rules.table(script)
        bare = "".join(char for char in word if unicodedata.category(char) != "Mn")
        parts = rules.spelled(bare, letters)
        vowelled = combine(_with_vowels(parts, _SUPPLIED[script]))
        return distinct((*vowelled[:6], *combine(parts, keep=2)))

    return read


def _with_vowels(parts: list[Sequence[str]], supplied: Sequence[str]) -> list[Sequence[str]]:
    filled: list[Sequence[str]] = []
    for place, part in enumerate(parts):
        filled.append(part)
        after = parts[place + 1] if place + 1 < len(parts) else ()
        if after and _is_consonant(part[0][-1:]) and _is_consonant(after[0][:1], glides=True):
            filled.append(supplied)
    return filled


def _is_consonant(letter: str, *, glides: bool = False) -> bool:
    return bool(letter) and (letter not in _VOWELS or (glides and letter in "wy"))
