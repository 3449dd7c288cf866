"""How likely two descriptions are of one and the same, and why: weights that add up."""

from comity.screening.scoring.names import Best, explain, weigh_names, weigh_pair
from comity.screening.scoring.score import may_reach, probability, sort_of, tempered
from comity.screening.scoring.weights import Calibration, calibration, read_calibration

__all__ = [
    "Best",
    "Calibration",
    "calibration",
    "explain",
    "may_reach",
    "probability",
    "read_calibration",
    "sort_of",
    "tempered",
    "weigh_names",
    "weigh_pair",
]
