"""Who is this? Finds candidates among held names and says, value by value, why.

A match is a *candidate* until an officer judges it; the score decides nothing.
"""

from comity.screening.audience import OPEN, Audiences, Finder, Held
from comity.screening.compare import compare
from comity.screening.index import Index, Shelf
from comity.screening.index.shelf import FLOOR
from comity.screening.model import (
    Candidate,
    Evidence,
    Flag,
    Found,
    How,
    Outcome,
    Profile,
    Query,
    TokenMatch,
    band,
)
from comity.screening.watch import asked_for, to_look_at

__all__ = [
    "FLOOR",
    "OPEN",
    "Audiences",
    "Candidate",
    "Evidence",
    "Finder",
    "Flag",
    "Found",
    "Held",
    "How",
    "Index",
    "Outcome",
    "Profile",
    "Query",
    "Shelf",
    "TokenMatch",
    "asked_for",
    "band",
    "compare",
    "to_look_at",
]
