"""Which properties are compared with which, and by what."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from comity.screening.evidence.dates import date
from comity.screening.evidence.places import country, place
from comity.screening.evidence.sex import sex
from comity.screening.evidence.weights import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Properties that say the same thing, compared as one line of evidence."""

    props: tuple[str, ...]
    family: str
    """Their weights."""
    compare: Callable[[str, str, str], Verdict]
    """Takes family, asked and held value. Symmetric in the two."""
    borrows: tuple[str, ...] = ()
    """Properties that may stand in for a side that has none of its own; a weaker comparison."""
    most: int = 100
    """Values of a side that are compared each with each."""


LINES: Final = (
    Line(props=("birthDate",), family="birthDate", compare=date),
    Line(props=("deathDate",), family="otherDate", compare=date),
    Line(props=("incorporationDate",), family="otherDate", compare=date),
    Line(props=("dissolutionDate",), family="otherDate", compare=date),
    Line(props=("buildDate",), family="otherDate", compare=date),
    Line(props=("gender",), family="gender", compare=sex, most=5),
    Line(props=("nationality", "citizenship"), family="nationality", compare=country),
    Line(
        props=("country", "jurisdiction", "mainCountry"),
        family="country",
        compare=country,
        borrows=("nationality", "citizenship", "flag"),
    ),
    Line(props=("birthCountry",), family="birthCountry", compare=country),
    Line(props=("birthPlace",), family="birthPlace", compare=place, most=20),
    Line(props=("flag",), family="flag", compare=country),
)
ALIKE: Final = frozenset(
    [
        "nationality",
        "citizenship",
        "country",
        "jurisdiction",
        "mainCountry",
        "birthCountry",
        "birthPlace",
        "flag",
    ]
)
"""Properties that mostly repeat one another: the strongest counts in full, others by half."""
