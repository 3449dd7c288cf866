"""Companies: the LEI with its check digits, and numbers of registers."""

from typing import Final

from comity.screening.evidence.numbers.checks import is_digits, mod_97
from comity.screening.evidence.numbers.kind import Kind
from comity.screening.evidence.numbers.reading import plain

_LEI: Final = 20


def _holds_lei(code: str) -> bool:
    """ISO 17442-1: twenty characters, the last two check digits of ISO 7064."""
    return len(code) == _LEI and mod_97(code)


def _holds_ogrn(number: str) -> bool:
    """Check a number of the Russian register: modulo 11, or 13 for a person in trade."""
    for length, divisor in ((13, 11), (15, 13)):
        if is_digits(number, length):
            return int(number[:-1]) % divisor % 10 == int(number[-1])
    return False


def _leading_zeros(one: str, other: str) -> str:
    return "exact" if one.lstrip("0") == other.lstrip("0") != "" else ""


LEI: Final = Kind(name="lei", read=plain, holds=_holds_lei)
OGRN: Final = Kind(name="registration", holds=_holds_ogrn)
REGISTRATION: Final = Kind(name="registration", alike=_leading_zeros)
