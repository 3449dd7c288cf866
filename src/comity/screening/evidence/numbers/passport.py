"""Passport numbers, also as the machine-readable zone has them, a check digit behind."""

from typing import Final

from comity.screening.evidence.numbers.kind import Kind

_NUMBER: Final = 9
"""ICAO Doc 9303-4, 4.2.2: the field of the number, filled up with `<`."""


def check_digit(number: str) -> str:
    """ICAO Doc 9303-3, 4.9: weights 7, 3, 1; letters from 10; the filler counts nothing."""
    values = (int(char, 36) for char in number)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def _alike(one: str, other: str) -> str:
    shorter, longer = sorted((one, other), key=len)
    if not longer.isascii() or len(longer) != len(shorter) + 1 or len(shorter) > _NUMBER:
        return ""
    is_zone = longer == shorter + check_digit(shorter)
    return "with-check-digit" if is_zone else ""


PASSPORT: Final = Kind(name="passport", alike=_alike)
