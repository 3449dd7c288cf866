"""How likely two descriptions are of one and the same, and why: weights that add up."""

from comity.screening.scoring.names import weigh_names, weigh_pair
from comity.screening.scoring.score import probability, sort_of, tempered
from comity.screening.scoring.weights import Calibration, calibration, read_calibration

__all__ = [
    "Calibration",
    "calibration",
    "probability",
    "read_calibration",
    "sort_of",
    "tempered",
    "weigh_names",
    "weigh_pair",
]
