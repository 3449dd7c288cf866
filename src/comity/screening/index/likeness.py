"""Jaro-Winkler likeness over bytes, compiled: the figure rapidfuzz gives, without a string."""

from comity.screening.index import rules
from comity.screening.index.compiled import Bytes, compiled, int64

LONGEST = 62
"""Letters of a word that are compared: a bit each."""
_LEAST = rules.LEAST_LIKENESS
_PREFIX = 4
_BOOST_FROM = 0.7


@compiled
def jaro_winkler(one: Bytes, first: int, other: Bytes, second: int, lengths: int) -> float:
    """Compare two words at their places; `lengths` is the one's times 256 plus the other's."""
    size, size_other = min(lengths >> 8, LONGEST), min(lengths & 255, LONGEST)
    if size == 0 or size_other == 0:
        return 0.0
    reach = max(max(size, size_other) // 2 - 1, 0)
    mine, theirs, common = int64(0), int64(0), 0
    for place in range(size):
        letter = one[first + place]
        for near in range(max(place - reach, 0), min(place + reach + 1, size_other)):
            if not (theirs >> near) & 1 and other[second + near] == letter:
                mine |= int64(1) << place
                theirs |= int64(1) << near
                common += 1
                break
    if common == 0:
        return 0.0
    crossed = _crossed(one, first, other, second, mine, theirs)
    alike = (common / size + common / size_other + (common - crossed // 2) / common) / 3.0
    return _boosted(one, first, other, second, min(size, size_other), alike)


@compiled
def _crossed(one: Bytes, first: int, other: Bytes, second: int, mine: int, theirs: int) -> int:
    """Count letters that agree, but not in the same order."""
    crossed, near = 0, 0
    for place in range(LONGEST):
        if (mine >> place) & 1:
            while not (theirs >> near) & 1:
                near += 1
            if one[first + place] != other[second + near]:
                crossed += 1
            near += 1
    return crossed


@compiled
def _boosted(
    one: Bytes, first: int, other: Bytes, second: int, size: int, alike: float
) -> float:
    if alike <= _BOOST_FROM:
        return alike
    prefix = 0
    while prefix < min(_PREFIX, size) and one[first + prefix] == other[second + prefix]:
        prefix += 1
    return alike + 0.1 * prefix * (1.0 - alike)


@compiled
def likeness(alike: float, apart: int, is_kin: bool) -> float:  # noqa: FBT001 - a compiled kernel
    """Return a likeness that counts, or 0; `is_kin` says that both have one skeleton."""
    if is_kin and alike >= rules.LEAST_SKELETON:
        return max(alike, rules.SKELETON_LIKENESS) if apart <= rules.SKELETON_APART else 0.0
    return alike if alike >= _LEAST and apart <= rules.LENGTH_APART else 0.0
