"""The model of names: one curve per feature, added up.

The sum is a log-likelihood ratio in natural units. A curve is a list of points, straight
between them and flat outside, so that anybody can read what a feature weighs and where. The
curves are data, fitted by `tools/fit_scoring.py`; where the meaning of a feature leaves no
doubt, they may only rise or only fall.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypedDict, cast

from comity.core.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of a curve: `at` rises, `weights` are natural units."""

    at: tuple[float, ...]
    weights: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """Return the weight at a value."""
        at, weights = self.at, self.weights
        place = bisect_right(at, value)
        if place == 0:
            return weights[0]
        if place == len(at):
            return weights[-1]
        low, high = at[place - 1], at[place]
        share = (value - low) / (high - low)
        return weights[place - 1] + share * (weights[place] - weights[place - 1])


@dataclass(frozen=True, slots=True)
class Model:
    """The curves of one sort of name, and where they start."""

    base: float
    curves: Mapping[str, Curve]

    def weigh(self, found: Mapping[str, float]) -> float:
        """Return the weight of a name's features."""
        return self.base + sum(curve(found[name]) for name, curve in self.curves.items())


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything that turns comparisons into a probability."""

    version: str
    intercept: float
    """Logit of the share of true pairs that the probability is stated under."""
    models: Mapping[str, Model]
    """By sort of comparison: `person`, or `other`."""
    tempers: Mapping[str, float]
    """By sort of evidence: what share of its weight counts, as pieces of evidence overlap."""


class _Points(TypedDict):
    at: list[float]
    weights: list[float]


class _Model(TypedDict):
    base: float
    curves: dict[str, _Points]


class _File(TypedDict):
    version: str
    intercept: float
    models: dict[str, _Model]
    tempers: dict[str, float]


def read_calibration(data: bytes) -> Calibration:
    """Read a calibration; raises `InvalidInputError` where it is not whole."""
    try:
        found = cast("_File", json.loads(data))
        return Calibration(
            version=found["version"],
            intercept=found["intercept"],
            models={name: _model(each) for name, each in found["models"].items()},
            tempers=found["tempers"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError(
            "the calibration is not whole: expected `version`, `intercept`, `models`, `tempers`"
        ) from error


@cache
def calibration() -> Calibration:
    """Return the calibration that comes with the package."""
    return read_calibration(
        files("comity.screening.scoring").joinpath("data", "calibration.json").read_bytes()
    )


def _model(found: _Model) -> Model:
    curves = {
        name: Curve(tuple(each["at"]), tuple(each["weights"]))
        for name, each in found["curves"].items()
    }
    return Model(found["base"], curves)
