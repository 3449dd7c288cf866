"""National identity numbers, and the check digits of those whose shape says whose they are."""

from collections.abc import Callable, Mapping
from typing import Final

from comity.screening.evidence.numbers.checks import is_digits, luhn, weighted
from comity.screening.evidence.numbers.kind import Kind


def _china(number: str) -> bool:
    """GB 11643-1999: ISO 7064, MOD 11-2."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[weighted(number[:17], weights) % 11] == number[17]


def _turkiye(number: str) -> bool:
    odd = sum(int(digit) for digit in number[0:9:2])
    even = sum(int(digit) for digit in number[1:8:2])
    tenth, last = (7 * odd - even) % 10, (sum(int(d) for d in number[:10])) % 10
    return number[0] != "0" and int(number[9]) == tenth and int(number[10]) == last


def _iran(number: str) -> bool:
    rest = weighted(number[:9], tuple(range(10, 1, -1))) % 11
    return int(number[9]) == (rest if rest < 2 else 11 - rest)  # noqa: PLR2004 - 10 is no digit


def _spain(number: str) -> bool:
    head = {"X": "0", "Y": "1", "Z": "2"}.get(number[0], number[0]) + number[1:8]
    return number[8] == "TRWAGMYFPDXBNJZSQVHLCKE"[int(head) % 23]


def _thailand(number: str) -> bool:
    rest = weighted(number[:12], tuple(range(13, 1, -1))) % 11
    return int(number[12]) == (11 - rest) % 10


def _is_spanish(number: str) -> bool:
    body = number[1:8] if number[:1] in "XYZ" else number[:8]
    is_shaped = is_digits(body, len(body)) and number[8:].isalpha()
    return is_shaped and len(number) == 9  # noqa: PLR2004 - eight digits and a letter


def _holds(number: str) -> bool | None:
    if len(number) == 18 and is_digits(number[:17], 17):  # noqa: PLR2004 - see `_china`
        return _china(number)
    if _is_spanish(number):
        return _spain(number)
    checks = _BY_LENGTH.get(len(number), ())
    if not checks or not is_digits(number, len(number)):
        return None
    # Other states' numbers have the same length, so a check that fails proves nothing.
    return any(check(number) for check in checks) or None


_BY_LENGTH: Final[Mapping[int, tuple[Callable[[str], bool], ...]]] = {
    10: (_iran,),
    11: (_turkiye,),
    13: (_thailand, luhn),
}

NATIONAL_ID: Final = Kind(name="nationalId", holds=_holds)
