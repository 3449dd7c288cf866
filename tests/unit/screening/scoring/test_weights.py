import json

import pytest

from comity.core.errors import InvalidInputError
from comity.screening.scoring import calibration, read_calibration
from comity.screening.scoring.features import NAMES
from comity.screening.scoring.weights import Curve, Model

CURVE = Curve((0.0, 1.0, 3.0), (-2.0, 0.0, 1.0))


@pytest.mark.parametrize(
    ("value", "weight"),
    [(-5, -2.0), (0, -2.0), (0.5, -1.0), (1, 0.0), (2, 0.5), (3, 1.0), (99, 1.0)],
)
def test_a_curve_is_straight_between_its_points_and_flat_outside(
    value: float, weight: float
) -> None:
    assert CURVE(value) == weight


def test_a_model_adds_its_curves_to_where_it_starts() -> None:
    model = Model(0.25, {"one": CURVE, "other": CURVE})

    assert model.weigh({"one": 1.0, "other": 3.0, "unread": 9.0}) == 1.25


def test_the_shipped_calibration_weighs_every_feature_once() -> None:
    for model in calibration().models.values():
        assert set(model.curves) == set(NAMES)


@pytest.mark.parametrize("rising", ["less-answered", "closeness", "whole", "evidence"])
def test_a_closer_name_never_weighs_less(rising: str) -> None:
    for model in calibration().models.values():
        weights = model.curves[rising].weights
        assert list(weights) == sorted(weights)


@pytest.mark.parametrize("falling", ["contradiction", "asked-left", "words-missing"])
def test_more_left_over_never_weighs_more(falling: str) -> None:
    for model in calibration().models.values():
        weights = model.curves[falling].weights
        assert list(weights) == sorted(weights, reverse=True)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"version": "1"}', json.dumps({"models": 3}).encode()]
)
def test_a_broken_calibration_is_refused_with_what_was_expected(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match="expected `version`"):
        read_calibration(data)
