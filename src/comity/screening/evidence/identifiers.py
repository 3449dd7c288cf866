"""Identifiers: equal, one slip apart, or another number, with what their check digits say."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from comity.screening.evidence.issued import read_issued
from comity.screening.evidence.numbers import Kind
from comity.screening.evidence.numbers.reading import is_placeholder
from comity.screening.evidence.weights import Verdict, bounded, judge, spread

MOST: Final = 100
"""Values of a side that are compared each with each; equal ones are found among all."""
_SHORTEST_NEAR: Final = 5
"""Characters from which one slip leaves enough of a number to be known by."""
_LOOK_ALIKE: Final = str.maketrans("OQDILBSZG", "000118526")


class Number(NamedTuple):
    """One identifier as written, who issued it where that is said, and its normal form."""

    text: str
    issuer: str
    normal: str


class Pair(NamedTuple):
    """The pair of values that agrees best, and how."""

    verdict: Verdict
    asked: str
    held: str


def compare_numbers(kind: Kind, asked: Sequence[str], held: Sequence[str]) -> Pair:
    """Return the best agreeing pair; another number only when none agrees. Symmetric."""
    one, other = readable(kind, asked), readable(kind, held)
    if not one or not other:
        unread = asked if not one else held
        how = (
            "placeholder-number" if any(kind.read(text) for text in unread) else "not-readable"
        )
        return Pair(judge(kind.name, how), ", ".join(asked), ", ".join(held))
    pairs = len(one) * len(other)
    found = _equal(kind, one, other) or _near(kind, one[:MOST], other[:MOST])
    if found is not None:
        return found._replace(verdict=spread(found.verdict, pairs))
    how = _other(kind, one, other)
    return Pair(judge(kind.name, how), one[0].text, other[0].text)


def readable(kind: Kind, texts: Iterable[str]) -> list[Number]:
    """Read each value that holds a number, each number once."""
    found: dict[str, Number] = {}
    for text in texts:
        bare, issuer = read_issued(text)
        normal = kind.read(bare)
        if normal and not is_placeholder(normal):
            found.setdefault(normal, Number(text, issuer or kind.country(normal), normal))
    return list(found.values())


def _equal(kind: Kind, asked: list[Number], held: list[Number]) -> Pair | None:
    by_normal = {number.normal: number for number in held}
    both = [(one, by_normal[one.normal]) for one in asked if one.normal in by_normal]
    verdicts = [Pair(_same(kind, *pair), pair[0].text, pair[1].text) for pair in both]
    return max(verdicts, key=_weight, default=None)


def _same(kind: Kind, one: Number, other: Number) -> Verdict:
    is_known = bool(one.issuer and other.issuer)
    how = "other-issuer" if is_known and one.issuer != other.issuer else "exact"
    return bounded(judge(kind.name, how), len(one.normal))


def _near(kind: Kind, asked: list[Number], held: list[Number]) -> Pair | None:
    verdicts = [
        Pair(bounded(judge(kind.name, how), len(one.normal)), one.text, other.text)
        for one, other, how in _hows(kind, asked, held)
    ]
    return max(verdicts, key=_weight, default=None)


def _hows(
    kind: Kind, asked: list[Number], held: list[Number]
) -> Iterator[tuple[Number, Number, str]]:
    for one, other in product(asked, held):
        how = kind.alike(one.normal, other.normal) or slip(kind, one.normal, other.normal)
        if how:
            yield one, other, how


def slip(kind: Kind, one: str, other: str) -> str:
    """Return the code of one slip of writing between two unequal normal forms, or nothing."""
    if min(len(one), len(other)) < _SHORTEST_NEAR or abs(len(one) - len(other)) > 1:
        return ""
    is_look_alike = one.translate(_LOOK_ALIKE) == other.translate(_LOOK_ALIKE)
    if not is_look_alike and OSA.distance(one, other, score_cutoff=1) > 1:
        return ""
    held = {kind.holds(one), kind.holds(other)}
    if held == {True}:
        return "near-miss-valid"
    if held == {True, False}:
        return "near-miss-checked"
    return "look-alike" if is_look_alike else "near-miss"


def _other(kind: Kind, asked: list[Number], held: list[Number]) -> str:
    if len(asked) > MOST or len(held) > MOST:
        return "too-many"
    for side in (asked, held):
        if all(kind.holds(number.normal) is False for number in side):
            return "fails-check"
    return "other-number"


def _weight(pair: Pair) -> float:
    return pair.verdict.weight
