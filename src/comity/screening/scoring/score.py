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
    gate = 1 / (1 + math.exp(min(50.0, -_STEEPNESS * name.weight)))
    found = [_counted(each, gate) for each in others]
    total = sum(each.weight for each in found)
    if abs(total) > _MOST:
        found = [replace(each, weight=each.weight * _MOST / abs(total)) for each in found]
    return tuple(replace(each, weight=round(each.weight, 4)) for each in found)


def sort_of(each: Evidence) -> str:
    """Return the sort of a piece of evidence, `date` or `date-against`, whose share counts."""
    return f"{_SORTS.get(each.prop, _other(each.prop))}{'-against' if each.weight < 0 else ''}"


def _other(prop: str) -> str:
    if prop in IDENTIFIERS:
        return "identifier"
    return "date" if prop in _DATES else "place"


def probability(evidence: Sequence[Evidence]) -> float:
    """Return the probability, 0 to 1, under the share of true pairs it was fitted on."""
    logit = calibration().intercept + sum(each.weight for each in evidence)
    return 1 / (1 + math.exp(max(-50.0, min(50.0, -logit))))


def _counted(each: Evidence, gate: float) -> Evidence:
    sort = sort_of(each)
    weight = each.weight * calibration().tempers.get(sort, 1.0)
    if weight > 0 and sort != "identifier":
        weight *= gate
    return replace(each, weight=weight)
