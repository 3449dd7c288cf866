"""Ships: IMO number, MMSI and call sign."""

from typing import Final

from comity.screening.evidence.numbers.checks import is_digits, weighted
from comity.screening.evidence.numbers.kind import Kind
from comity.screening.evidence.numbers.reading import digits, plain


def _read_imo(text: str) -> str:
    return plain(text).removeprefix("IMO")


def _holds_imo(number: str) -> bool:
    """IMO Resolution A.1117(30): weights 7 to 2; the last digit of the sum is the check digit.

    A company's or owner's IMO number (MSC-MEPC.7/Circ.5) is checked otherwise, modulo 11.
    """
    if not is_digits(number, 7):
        return False
    is_ship = weighted(number, (7, 6, 5, 4, 3, 2)) % 10 == int(number[6])
    rest = weighted(number, (8, 6, 4, 2, 9, 7)) % 11
    return is_ship or (11 - rest) % 11 % 10 == int(number[6])


def _read_mmsi(text: str) -> str:
    return digits(text) if is_digits(digits(text), 9) else plain(text).removeprefix("MMSI")


IMO: Final = Kind(name="imo", read=_read_imo, holds=_holds_imo)
MMSI: Final = Kind(name="mmsi", read=_read_mmsi)
CALL_SIGN: Final = Kind(name="callSign")
