"""Jaro-Winkler likeness over bytes, compiled: the figure rapidfuzz gives, without a string.

One word is laid out first, as the places of each letter in bits; then many are held to it.
"""

from comity.screening.index import rules
from comity.screening.index.compiled import Bytes, Ints, compiled, int64

LONGEST = 62
"""Letters of a word that are compared: a bit each."""
_PREFIX = 4
_BOOST_FROM = 0.7


@compiled
def lay_out(places: Ints, text: Bytes, first: int, length: int) -> None:
    """Write in which places of a word each letter stands; a length of 0 only clears."""
    for letter in range(256):
        places[letter] = 0
    for place in range(min(length, LONGEST)):
        places[text[first + place]] |= int64(1) << place


@compiled
def jaro_winkler(
    places: Ints, one: Bytes, first: int, other: Bytes, second: int, lengths: int
) -> float:
    """Compare the word laid out with another; `lengths`: its own times 256 plus the other's."""
    length, length_other = min(lengths >> 8, LONGEST), min(lengths & 255, LONGEST)
    reach = max(max(length, length_other) // 2 - 1, 0)
    mine, theirs, common = int64(0), int64(0), 0
    for near in range(length_other):
        window = (int64(1) << min(near + reach + 1, length)) - 1
        window &= ~((int64(1) << max(near - reach, 0)) - 1)
        free = int64(places[other[second + near]]) & window & ~mine
        if free:
            mine |= free & -free
            theirs |= int64(1) << near
            common += 1
    if common == 0:
        return 0.0
    crossed = _crossed(one, first, other, second, (mine, theirs))
    alike = (common / length + common / length_other + (common - crossed // 2) / common) / 3.0
    return _boosted(one, first, other, second, min(length, length_other), alike)


@compiled
def _crossed(one: Bytes, first: int, other: Bytes, second: int, agreed: tuple[int, int]) -> int:
    """Count letters that agree, but not in the same order."""
    mine, theirs = agreed
    crossed, place, near = 0, 0, 0
    while mine >> place:
        if (mine >> place) & 1:
            while not (theirs >> near) & 1:
                near += 1
            if one[first + place] != other[second + near]:
                crossed += 1
            near += 1
        place += 1
    return crossed


@compiled
def _boosted(
    one: Bytes, first: int, other: Bytes, second: int, length: int, alike: float
) -> float:
    if alike <= _BOOST_FROM:
        return alike
    prefix = 0
    while prefix < min(_PREFIX, length) and one[first + prefix] == other[second + prefix]:
        prefix += 1
    return alike + 0.1 * prefix * (1.0 - alike)


@compiled
def may_be_like(apart: int, is_kin: bool) -> bool:  # noqa: FBT001 - compiled
    """Say whether two words of lengths so far apart can be alike; kin have one skeleton."""
    return apart <= (rules.SKELETON_APART if is_kin else rules.LENGTH_APART)


@compiled
def likeness(alike: float, is_kin: bool) -> float:  # noqa: FBT001 - compiled
    """Return a likeness that counts, or 0."""
    if is_kin and alike >= rules.LEAST_SKELETON:
        return max(alike, rules.SKELETON_LIKENESS)
    return alike if alike >= rules.LEAST_LIKENESS else 0.0
