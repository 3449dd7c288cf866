"""Numbers that identify: each kind with its normal form, its check digit, and whose it is."""

from comity.screening.evidence.numbers.kind import Kind
from comity.screening.evidence.numbers.table import KINDS

__all__ = ["KINDS", "Kind"]
