"""What is said of the scores wherever a program reads them."""

from functools import cache

from comity.screening.matching.model import Method
from comity.screening.scoring import calibration, probability

FEATURES = {
    "name": "Names, word by word, in every script that can be read.",
    "birthDate": "Dates of birth or founding; days and months swapped, years near.",
    "country": "Nationality, country, jurisdiction, flag.",
    "gender": "Sex, where both state it.",
    "birthPlace": "Places of birth.",
    "identifier": "Numbers of documents and registers, each by its own rules.",
    "schema": "Kinds of things that cannot be one and the same.",
}


@cache
def method() -> Method:
    """Return how scores are made, with the calibration that comes with the package."""
    found = calibration()
    return Method(
        version=found.version,
        base_rate=probability(()),
        intercept=found.intercept,
        features=FEATURES,
    )
