"""Accounts and banks: IBAN (ISO 13616) and BIC (ISO 9362)."""

import re
from typing import Final

from comity.screening.evidence.numbers.checks import mod_97
from comity.screening.evidence.numbers.kind import Kind
from comity.screening.evidence.numbers.reading import plain

_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", re.ASCII)
_BIC: Final = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_BANK: Final = 8


def _read_iban(text: str) -> str:
    return plain(text).removeprefix("IBAN")


def _holds_iban(number: str) -> bool:
    return _IBAN.fullmatch(number) is not None and mod_97(number[4:] + number[:4])


def _read_bic(text: str) -> str:
    """Drop the branch code `XXX`: it is the head office, as is none."""
    code = plain(text)
    return code.removesuffix("XXX") if len(code) == _BANK + 3 else code


def _same_bank(one: str, other: str) -> str:
    return "same-bank" if _BIC.fullmatch(one) and one[:_BANK] == other[:_BANK] else ""


def _country_of_iban(number: str) -> str:
    return number[:2].lower() if _IBAN.fullmatch(number) else ""


def _country_of_bic(code: str) -> str:
    return code[4:6].lower() if _BIC.fullmatch(code) else ""


IBAN: Final = Kind(name="iban", read=_read_iban, holds=_holds_iban, country=_country_of_iban)
BIC: Final = Kind(name="bic", read=_read_bic, country=_country_of_bic, alike=_same_bank)
ACCOUNT: Final = Kind(name="account")
