"""Who is this? Finds candidates among held names and says, value by value, why.

A match is a *candidate* until an officer judges it; the score decides nothing.
"""

from comity.screening.compare import compare
from comity.screening.index import Index, NameIndex
from comity.screening.model import Candidate, Evidence, Outcome, Profile, Query, band

__all__ = [
    "Candidate",
    "Evidence",
    "Index",
    "NameIndex",
    "Outcome",
    "Profile",
    "Query",
    "band",
    "compare",
]
