"""What evidence may do beside a name: lift a candidate alone, or speak strongly against it."""

from typing import Final

from comity.screening.evidence.numbers import KINDS
from comity.screening.model import Evidence, Outcome

_ALONE: Final = 6.0
"""Weight from which an identifier makes a candidate though the names do not agree."""
_AGAINST: Final = -4.0


def stands_alone(evidence: Evidence) -> bool:
    """Whether this lifts a candidate whose name does not agree: an identifier that is equal.

    Nothing else does. Equal birth dates without a name in common are those of strangers.
    """
    is_same = evidence.outcome in (Outcome.SAME, Outcome.SIMILAR)
    return evidence.prop in KINDS and is_same and evidence.weight >= _ALONE


def speaks_strongly_against(evidence: Evidence) -> bool:
    """Whether this alone makes it hardly possible that the two are one."""
    return evidence.weight <= _AGAINST
