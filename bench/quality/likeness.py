"""A plain judge of names, for choosing questions: which aliases derive, who is told apart."""

import re
from collections.abc import Sequence
from typing import Literal

from bench.quality.sources import fold
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

SAME_WORD = 0.87
Measure = Literal["ratio", "sort", "set", "winkler"]
"""Plain measures of rapidfuzz: letters, words in order, words in common, Jaro-Winkler."""
_WORDS = "al el ul bin ben ibn bint abu abd de del la los van von der den di da y"
_PARTICLES = frozenset(_WORDS.split())
_NEAR = str.maketrans("qcgjvpzd", "kkkkfbst")
_NOT_SPOKEN = re.compile(r"[aeiouyhw]")


def words_of(name: str) -> list[str]:
    """Return the folded words of a name without its particles."""
    told = [word for word in fold(name).split() if word not in _PARTICLES]
    return told or fold(name).split()


def derives(alias: str, names: Sequence[str]) -> bool:
    """Tell whether some word of the alias is like some word of a name (Jaro-Winkler .87)."""
    others = [word for name in names for word in fold(name).split()]
    return any(
        JaroWinkler.similarity(word, other) >= SAME_WORD
        for word in fold(alias).split()
        for other in others
    )


def shared(one: str, other: str) -> float:
    """Return which share of the words of the shorter name has a like one in the longer."""
    short, long = sorted((words_of(one), words_of(other)), key=len)
    if not short:
        return 0.0
    return sum(any(_alike(word, other) for other in long) for word in short) / len(short)


def told_apart(one: str, other: str) -> bool:
    """Tell whether a person would call these two names of different people.

    Some word of the shorter name has no like one in the longer, neither by spelling nor by
    consonants nor as an initial.
    """
    return shared(one, other) < 1.0 and "".join(words_of(one)) != "".join(words_of(other))


def nearest(asked: str, names: Sequence[str], measure: Measure, limit: int) -> list[int]:
    """Return the places of the nearest names by a plain measure, nearest first."""
    match measure:
        case "ratio":
            found = process.extract(asked, names, scorer=fuzz.ratio, limit=limit)
        case "sort":
            found = process.extract(asked, names, scorer=fuzz.token_sort_ratio, limit=limit)
        case "set":
            found = process.extract(asked, names, scorer=fuzz.token_set_ratio, limit=limit)
        case _:
            found = process.extract(asked, names, scorer=JaroWinkler.similarity, limit=limit)
    return [place for _name, _score, place in found]


def _alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]
    if JaroWinkler.similarity(one, other) >= SAME_WORD:
        return True
    return frame(one) == frame(other) and len(frame(one)) > 1


def frame(word: str) -> str:
    """Return the first letter and the consonants of a word, near sounds as one."""
    first = "a" if word[0] in "aeiou" else word[0]
    bare = (first + _NOT_SPOKEN.sub("", word[1:])).translate(_NEAR)
    return re.sub(r"(.)\1+", r"\1", bare)
