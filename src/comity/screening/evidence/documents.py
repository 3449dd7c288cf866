"""Numbers of documents, which lists put now in one box, now in another."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final, NamedTuple

from comity.screening.evidence.identifiers import Pair, readable
from comity.screening.evidence.numbers import KINDS
from comity.screening.evidence.weights import Verdict, bounded, judge
from comity.screening.model import Outcome, Properties

_DOCUMENTS: Final = (
    "passportNumber",
    "idNumber",
    "socialSecurityNumber",
    "taxNumber",
    "vatCode",
    "innCode",
    "registrationNumber",
    "ogrnCode",
    "licenseNumber",
)
_LONG: Final = 6
"""Characters from which an equal number in another box says anything."""
_Texts = Mapping[str, Mapping[str, str]]
"""A box to its numbers, normal form to text."""


class _Met(NamedTuple):
    """One number that stands in one box when asked and in another when held."""

    boxes: tuple[str, str]
    """In the order of all boxes: nothing depends on which side had which."""
    normal: str
    verdict: Verdict
    prop: str
    """The box that was asked."""
    asked: str
    held: str


def elsewhere(
    asked: Properties, held: Properties, own: Mapping[str, Pair | None]
) -> Mapping[str, Pair]:
    """Return what is said of boxes the number of which is held in another one.

    Each number and each box counts once, a box that agrees by itself (`own`) for itself alone,
    and what the two boxes say by themselves no more. The sum is symmetric in the two.
    """
    is_open = [
        box
        for box in _DOCUMENTS
        if box in own and not ((pair := own[box]) and pair.verdict.outcome is Outcome.SAME)
    ]
    if len(is_open) <= 1:
        return {}
    one, other = _texts(asked, is_open), _texts(held, is_open)
    met = sorted(
        _met(is_open, one, other),
        key=lambda each: (-each.verdict.weight, each.boxes, each.normal),
    )
    said: dict[str, Pair] = {}
    used: set[str] = set()
    numbers: set[str] = set()
    for each in met:
        if each.normal in numbers or used & set(each.boxes):
            continue
        numbers.add(each.normal)
        used |= set(each.boxes)
        for box in each.boxes:
            if pair := own[box]:
                verdict = Verdict(pair.verdict.outcome, pair.verdict.how, 0.0)
                said[box] = pair._replace(verdict=verdict)
        said[each.prop] = Pair(each.verdict, each.asked, each.held)
    return said


def _texts(properties: Properties, boxes: list[str]) -> _Texts:
    return {
        box: {
            number.normal: number.text
            for number in readable(KINDS[box], properties[box])
            if len(number.normal) >= _LONG
        }
        for box in boxes
        if box in properties
    }


def _met(boxes: list[str], one: _Texts, other: _Texts) -> Iterator[_Met]:
    for pair in combinations(boxes, 2):
        for here, there in (pair, pair[::-1]):
            asked, held = one.get(here, {}), other.get(there, {})
            for normal in asked.keys() & held.keys():
                verdict = _weaker(pair, len(normal))
                yield _Met(pair, normal, verdict, here, asked[normal], held[normal])


def _weaker(boxes: tuple[str, str], length: int) -> Verdict:
    """Return what a number says that stands in one box here and in the other there."""
    verdicts = (judge(KINDS[box].name, "other-property") for box in boxes)
    return bounded(min(verdicts, key=lambda each: each.weight), length)
