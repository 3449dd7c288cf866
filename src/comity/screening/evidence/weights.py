"""What each agreement weighs: log-likelihood ratios, read once from the data beside this file.

`tools/learn_evidence.py` writes the file, which says of every weight how it was come by and on
how many pairs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import log
from typing import Final, TypedDict, cast

from comity.screening.evidence.codes import OUTCOMES
from comity.screening.model import Outcome

SURPRISE: Final = 2.0
"""How far a rare or a common value may move a weight."""
_LETTER: Final = 1.6
"""The most that each character of a number can add: a short number is soon met by chance."""


class Entry(TypedDict):
    """One weight as it stands in the file."""

    weight: float
    """Log-likelihood ratio, natural units."""
    source: str
    """`counted`, `blended` (counts that are few, drawn to the prior) or `prior`."""
    same: list[int]
    """Among how many pairs of one person it was seen, and how many were compared."""
    other: list[int]
    """The same among pairs of different persons."""


class Head(TypedDict):
    """What the file says of itself."""

    version: str
    script: str
    sources: list[str]
    method: str


class _File(TypedDict):
    head: Head
    weights: dict[str, dict[str, Entry]]
    frequencies: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How two values stand to each other, and what that weighs."""

    outcome: Outcome
    how: str
    weight: float


@cache
def head() -> Head:
    """Return what the weights' file says of itself: version, script, sources, method."""
    return _file()["head"]


def entries(family: str) -> Mapping[str, Entry]:
    """Return the weights of a family: how to weight."""
    return _file()["weights"][family]


@lru_cache(maxsize=8192)
def judge(family: str, how: str, value: str = "") -> Verdict:
    """Weigh one agreement; a value rarer than most weighs more, a commoner one less."""
    outcome = OUTCOMES[how]
    if outcome is Outcome.NOT_COMPARABLE:
        return Verdict(outcome, how, 0.0)
    weight = _weight(family, how)
    if value and weight > 0:
        weight = max(0.0, weight + surprise(family, value))
    return Verdict(outcome, how, weight)


def bounded(verdict: Verdict, length: int) -> Verdict:
    """Return the verdict with no more weight than a number of this many characters can bear."""
    return Verdict(verdict.outcome, verdict.how, min(verdict.weight, _LETTER * length))


def spread(verdict: Verdict, pairs: int) -> Verdict:
    """Take from an agreement what many pairs of values would bring about by accident.

    At least half of the weight stays: values that agree stay evidence however many there are.
    """
    if verdict.weight <= 0 or pairs <= 1:
        return verdict
    weight = max(verdict.weight / 2, verdict.weight - log(pairs))
    return Verdict(verdict.outcome, verdict.how, weight)


@cache
def surprise(family: str, value: str) -> float:
    """Return how much rarer this value is than values in general, in natural units."""
    shares = _file()["frequencies"].get(_COUNTED_AS.get(family, ""), {})
    share = shares.get(value, shares.get("*"))
    if share is None:
        return 0.0
    return max(-SURPRISE, min(SURPRISE, log(shares["mean"] / share)))


_COUNTED_AS: Final = {
    "birthDate": "year",
    "nationality": "country",
    "country": "country",
    "birthCountry": "country",
    "flag": "country",
}


@cache
def _weight(family: str, how: str) -> float:
    return _file()["weights"][family][how]["weight"]


@cache
def _file() -> _File:
    text = files("comity.screening.evidence").joinpath("data/weights.json").read_text("utf-8")
    return cast("_File", json.loads(text))
