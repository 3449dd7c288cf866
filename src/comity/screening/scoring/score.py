"""Add up what speaks for and against, and say it as a probability.

Evidence other than names is read with the name: a birth date shared with somebody of another
name is shared by chance. Identifiers stand by themselves.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from comity.screening.evidence.numbers import KINDS as IDENTIFIERS
from comity.screening.model import Evidence
from comity.screening.scoring.weights import calibration

_DATES: Final = frozenset({"birthDate", "incorporationDate", "deathDate", "buildDate"})
_SORTS: Final = {"gender": "sex", "schema": "schema"}
_STEEPNESS: Final = 1.5
_MOST: Final = 12.0
"""The most a sum of evidence other than names weighs, either way."""


def tempered(name: Evidence, others: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence with the weight that counts beside this name.

    What agrees is taken at the share of its sort, and, identifiers apart, only as far as the
    name itself lets the two be one; what speaks against always counts.
    """
    gate = _gate(name.weight)
    weights = [_counted(each, gate) for each in others]
    total = sum(weights)
    share = min(1.0, _MOST / abs(total)) if total else 1.0
    return tuple(
        replace(each, weight=round(share * weight, 4)) if each.weight else each
        for each, weight in zip(others, weights, strict=True)
    )


def sort_of(each: Evidence) -> str:
    """Return the sort of a piece of evidence, `date` or `date-against`, whose share counts."""
    return f"{_SORTS.get(each.prop, _other(each.prop))}{'-against' if each.weight < 0 else ''}"


def may_reach(least: float, name: float, *, by_identifier: bool) -> bool:
    """Return whether evidence beside a name of this weight could lift it to a score.

    Evidence sums to `_MOST` at the most, and counts as the name lets it; identifiers stand by
    themselves.
    """
    share = 1.0 if by_identifier else _gate(name)
    most = calibration().intercept + name + share * _MOST
    return most >= math.log(least / (1 - least))


def _gate(name: float) -> float:
    return 1 / (1 + math.exp(min(50.0, -_STEEPNESS * name)))


def _other(prop: str) -> str:
    if prop in IDENTIFIERS:
        return "identifier"
    return "date" if prop in _DATES else "place"


def probability(evidence: Sequence[Evidence]) -> float:
    """Return the probability, 0 to 1, under the share of true pairs it was fitted on."""
    logit = calibration().intercept + sum(each.weight for each in evidence)
    return 1 / (1 + math.exp(max(-50.0, min(50.0, -logit))))


def _counted(each: Evidence, gate: float) -> float:
    if not each.weight:
        return 0.0
    sort = sort_of(each)
    weight = each.weight * calibration().tempers.get(sort, 1.0)
    return weight * gate if weight > 0 and sort != "identifier" else weight
