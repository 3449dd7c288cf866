"""Telephone numbers in the form of ITU-T E.164: country code, then the national number."""

import re
from typing import Final

from comity.screening.evidence.numbers.kind import Kind
from comity.screening.evidence.numbers.reading import digits, written

_EXTENSION: Final = re.compile(r"(?:ext\.?|x|#)\s*[0-9]+\s*$", re.IGNORECASE)
_SHORTEST: Final = 7
_CODE: Final = 3
"""Digits of the longest country code."""
_LONGEST: Final = 15
"""E.164, 6.1: at most fifteen digits."""


def _read(text: str) -> str:
    """Return `+` and digits where the country code is written, else digits without trunk 0."""
    bare = _EXTENSION.sub("", written(text).removeprefix("tel:")).strip()
    number = digits(bare.replace("(0)", ""))
    if not _SHORTEST - 1 <= len(number) <= _LONGEST + 2:
        return ""
    if bare.startswith("+") or number.startswith("00"):
        return "+" + number.removeprefix("00")
    return number.removeprefix("0")


def _alike(one: str, other: str) -> str:
    """Find the national number of one at the end of the other."""
    national, whole = sorted((one, other), key=lambda number: number.startswith("+"))
    if national.startswith("+") or len(national) < _SHORTEST:
        return ""
    codes = len(whole.removeprefix("+")) - len(national)
    is_whole = whole.endswith(national) and 0 <= codes <= _CODE
    return "national-prefix" if is_whole else ""


PHONE: Final = Kind(name="phone", read=_read, alike=_alike)
