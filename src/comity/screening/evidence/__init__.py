"""All evidence but the names: how dates, places, sex, numbers and kinds agree."""

from comity.screening.evidence.codes import HOW, OUTCOMES
from comity.screening.evidence.reach import speaks_strongly_against, stands_alone
from comity.screening.evidence.weighing import weigh
from comity.screening.evidence.weights import Entry, Head, entries, head

__all__ = [
    "HOW",
    "OUTCOMES",
    "Entry",
    "Head",
    "entries",
    "head",
    "speaks_strongly_against",
    "stands_alone",
    "weigh",
]
