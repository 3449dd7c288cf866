"""Tax numbers: the Russian INN by its check digits, a European VAT number by its prefix."""

import re
from typing import Final

from comity.screening.evidence.numbers.checks import is_digits, weighted
from comity.screening.evidence.numbers.kind import Kind

_VAT: Final = re.compile(
    r"(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)"
    r"[0-9A-Z]{7,12}",
    re.ASCII,
)
_TENTH: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_ELEVENTH: Final = (7, *_TENTH)
_TWELFTH: Final = (3, *_ELEVENTH)


def is_inn(number: str) -> bool:
    """Whether this is a Russian INN of 10 or 12 digits (order ED-7-14/559)."""
    if is_digits(number, 10):
        return weighted(number, _TENTH) % 11 % 10 == int(number[9])
    if is_digits(number, 12):
        is_eleventh = weighted(number, _ELEVENTH) % 11 % 10 == int(number[10])
        return is_eleventh and weighted(number, _TWELFTH) % 11 % 10 == int(number[11])
    return False


def _country(number: str) -> str:
    found = _VAT.fullmatch(number)
    return {"EL": "gr", "XI": "gb"}.get(found[1], found[1].lower()) if found else ""


def _alike(one: str, other: str) -> str:
    shorter, longer = sorted((one, other), key=len)
    is_vat = _VAT.fullmatch(longer) is not None and longer[2:] == shorter
    return "country-prefix" if is_vat else ""


TAX: Final = Kind(name="tax", country=_country, alike=_alike)
INN: Final = Kind(name="tax", holds=is_inn)
