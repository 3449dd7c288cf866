"""What sets two Latin spellings apart, as features that weights were learned for.

Used by `likeness` to judge and by the tool that learned the weights, so that both see the same.
"""

import re
from collections.abc import Iterator

from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein

from comity.screening.names.skeleton import skeleton

_VOWELS = frozenset("aeiouy")


def features(one: str, other: str) -> Iterator[tuple[str, float]]:
    """Yield each feature of a pair of different words with its value; order does not matter."""
    if one > other:
        one, other = other, one
    winkler = JaroWinkler.similarity(one, other)
    edits = OSA.distance(one, other)
    shorter = min(len(one), len(other))
    yield "bias", 1.0
    yield "winkler", 4 * (winkler - 0.85)
    yield "edits", edits / (shorter + 1) * 4
    yield "length", min(shorter, 10) / 5 - 1
    if edits == 1:
        yield "one edit", 1.0
    if one[0] != other[0]:
        yield "first letter", 1.0
    if one[-1] != other[-1]:
        yield "last letter", 1.0
    kept = skeleton(one)
    if kept == skeleton(other):
        yield "skeleton", min(len(kept), 4) / 2
    plain = min(OSA.distance(folded(one), folded(other)), 3)
    yield f"folded {plain}", 1.0
    yield from _blocks(one, other)


_FOLDED = re.compile(r"([a-z])\1+|([dgt])h|ou|oo|ee|y|ck|tch|q")
_SPELLED = {"ou": "u", "oo": "u", "ee": "i", "y": "i", "ck": "k", "tch": "ch", "q": "k"}


def folded(text: str) -> str:
    """Return a word without what romanisations write or leave out at will."""
    return _FOLDED.sub(_plainer, text)


def _plainer(found: re.Match[str]) -> str:
    return _SPELLED.get(found[0]) or found[1] or found[2]


def _blocks(one: str, other: str) -> Iterator[tuple[str, float]]:
    """Yield the letters that differ, bare, with the letter before, and by their sort."""
    for step in Levenshtein.opcodes(one, other):
        if step.tag == "equal":
            continue
        start, end = step.src_start, step.src_end
        mine, theirs = one[start:end], other[step.dest_start : step.dest_end]
        before = one[start - 1] if start else "^"
        after = one[end] if end < len(one) else "$"
        low, high = (mine, theirs) if mine < theirs else (theirs, mine)
        yield f"{low}|{high}", 1.0
        yield f"{before}{low}|{before}{high}", 1.0
        if after == "$":
            yield f"{low}$|{high}$", 1.0
        yield _sort(low, high, before, after), 1.0


def _sort(low: str, high: str, before: str, after: str) -> str:
    if not low:
        if len(high) == 1 and high in {before, after}:
            return "doubled"
        return "vowels in" if _VOWELS.issuperset(high) else "consonants in"
    if _VOWELS.issuperset(low) and _VOWELS.issuperset(high):
        return "vowels"
    if skeleton(f"b{low}") == skeleton(f"b{high}"):
        return "same sound"
    return "other sound"
