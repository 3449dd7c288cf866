"""How alike two words of names are, whatever script they came from."""

from functools import cache, lru_cache
from itertools import combinations
from math import exp

from rapidfuzz.distance import OSA, JaroWinkler

from comity.screening.model import How
from comity.screening.names.alike import features
from comity.screening.names.data import rows, words
from comity.screening.names.model import Sort, Token
from comity.screening.names.nicknames import nicknames
from comity.screening.names.skeleton import skeleton

_FAR = 1.05
"""Below this sum of Jaro-Winkler and edit likeness, two words are not compared further."""
_ONE_NAME, _TWO_NAMES = 0.85, 0.4
"""Least nearness of common names that are known to be one, and most of two.

Two names stay near enough to be found: a passport may confuse what an encyclopedia does not.
"""
_INITIAL = 0.5
_NICKNAME = 0.8
_SLIGHT = 0.35
_COMPARED = 8
"""Pairs of readings that are judged, the likest by Jaro-Winkler."""


@lru_cache(maxsize=1 << 16)
def near(one: str, other: str) -> float:
    """Return the chance that two Latin words are one name, from 0 to 1; equal words are 1.

    It holds under as many pairs of one name as of two; a name spelled in two ways, and a slip
    of one letter, count as one.
    """
    if one == other:
        return 1.0
    winkler = JaroWinkler.similarity(one, other)
    if not winkler or winkler + OSA.normalized_similarity(one, other) < _FAR:
        return 0.0
    weights = _weights()
    total = 0.0
    for name, value in features(one, other):
        total += weights.get(name, 0.0) * value
    judged = 1 / (1 + exp(-total))
    told = _told().get((one, other) if one < other else (other, one))
    if told is None:
        return judged
    return max(judged, _ONE_NAME) if told else min(judged, _TWO_NAMES)


@cache
def _told() -> dict[tuple[str, str], bool]:
    """Return the pairs of common names that the weights alone would judge wrongly."""
    told = {(one, other): label == "1" for one, other, label in rows("pairs.tsv.gz")}
    for spellings in words("known.tsv").values():
        told.update((pair, True) for pair in combinations(sorted(spellings.split(" ")), 2))
    return told


@cache
def _weights() -> dict[str, float]:
    return {name: float(weight) for name, weight in rows("alike.tsv")}


def sounds_alike(one: str, other: str) -> bool:
    """Say whether two Latin words have the same consonants by sound, more than one of them."""
    kept = skeleton(one)
    return len(kept) > 1 and kept == skeleton(other)


def matches(one: Token, other: Token) -> tuple[float, How]:
    """Return how alike two tokens are over all their readings, and by what."""
    if one.text == other.text:
        same = one.source.isascii() == other.source.isascii()
        return 1.0, How.EXACT if same else How.TRANSLITERATION
    if one.sort is Sort.INITIAL or other.sort is Sort.INITIAL:
        begin = {each[0] for each in one.readings} & {each[0] for each in other.readings}
        return (_INITIAL, How.INITIAL) if begin else (0.0, How.EDIT)
    best, pair = _best(one.readings, other.readings)
    if best < _NICKNAME and _is_short_for(one.readings, other.readings):
        return _NICKNAME, How.NICKNAME
    return best, _how(pair, is_latin=one.source.isascii() and other.source.isascii(), best=best)


def _is_short_for(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return any(not nicknames(each).isdisjoint(theirs) for each in mine)


@lru_cache(maxsize=1 << 15)
def _best(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[float, tuple[str, str]]:
    """Return the nearest pair of readings; those shared come first."""
    shared = next((each for each in mine if each in theirs), "")
    if shared:
        return 1.0, (shared, shared)
    pairs = sorted(
        ((JaroWinkler.similarity(one, other), one, other) for one in mine for other in theirs),
        reverse=True,
    )
    return max((near(one, other), (one, other)) for _, one, other in pairs[:_COMPARED])


def _how(pair: tuple[str, str], *, is_latin: bool, best: float) -> How:
    if best < _SLIGHT:
        return How.EDIT
    if pair[0] == pair[1] or not is_latin:
        return How.TRANSLITERATION
    return How.PHONETIC if sounds_alike(*pair) else How.EDIT
