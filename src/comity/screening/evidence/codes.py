"""Every way in which two values may stand to each other, and what each comes to."""

from types import MappingProxyType
from typing import Final

from comity.screening.model import Outcome

_WAYS: Final = {
    Outcome.SAME: (
        "exact",
        "exact-month",
        "exact-year",
        "national-prefix",
        "country-prefix",
        "same-mailbox",
        "with-check-digit",
        "other-property",
    ),
    Outcome.SIMILAR: (
        "partial-date",
        "placeholder-day",
        "day-month-swapped",
        "digit-slip",
        "digits-swapped",
        "year-off-by-one",
        "hijri-day",
        "hijri-year",
        "solar-hijri-day",
        "solar-hijri-year",
        "buddhist-day",
        "buddhist-year",
        "ethiopian-day",
        "former-state",
        "part-of",
        "past-flag",
        "part-of-place",
        "spelling",
        "same-region",
        "same-country",
        "same-month",
        "same-bank",
        "look-alike",
        "near-miss",
        "near-miss-checked",
        "other-issuer",
    ),
    Outcome.DIFFERS: (
        "same-year",
        "near-year",
        "near-years",
        "other-date",
        "other-value",
        "near-miss-valid",
        "other-number",
        "other-schema",
    ),
    Outcome.NOT_COMPARABLE: (
        "not-asked",
        "not-held",
        "not-readable",
        "not-stated",
        "impossible-date",
        "placeholder-number",
        "fails-check",
        "too-many",
    ),
}
OUTCOMES: Final = MappingProxyType({how: out for out, hows in _WAYS.items() for how in hows})
"""What each code comes to."""
HOW: Final = tuple(OUTCOMES)
"""Every code of `Evidence.how` that this room says; each has its words on every page."""
