"""How alike two words of names are, whatever script they came from."""

from functools import cache, lru_cache
from math import exp

from rapidfuzz.distance import OSA, JaroWinkler

from comity.screening.model import How
from comity.screening.names.alike import features
from comity.screening.names.data import rows
from comity.screening.names.model import Sort, Token
from comity.screening.names.nicknames import nicknames
from comity.screening.names.skeleton import skeleton

_FAR = 1.05
"""Below this sum of Jaro-Winkler and edit likeness, two words are not compared further."""
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
    return 1 / (1 + exp(-total))


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
    if Sort.INITIAL in {one.sort, other.sort}:
        return (_INITIAL, How.INITIAL) if one.text[0] == other.text[0] else (0.0, How.EDIT)
    best, pair = _best(one.readings, other.readings)
    if best < _NICKNAME and other.text in nicknames(one.text):
        return _NICKNAME, How.NICKNAME
    return best, _how(pair, is_latin=one.source.isascii() and other.source.isascii(), best=best)


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
