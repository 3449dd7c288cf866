"""Numbers brought to one form: letters and digits, whatever script and marks they came with."""

import re
import unicodedata
from typing import Final

_LONGEST: Final = 200
_LEAD: Final = re.compile(
    r"^(?:(?:passport|document|number|num|no|nr|id|card|registration|reg)\b[\s.:#№-]*)+",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(r"[^A-Z0-9]+")
_LOOK_ALIKE: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # noqa: RUF001 - the look-alikes are meant
    "ABESIJKMHOPCTYXABEZHIKMNOPTYX",
)
_WORDS: Final = frozenset(
    ["NA", "NONE", "NULL", "UNKNOWN", "NOTKNOWN", "NOTAVAILABLE", "NIL", "TBD", "TEST", "XXX"]
)
_RISING: Final = "01234567890123456789"


def plain(text: str) -> str:
    """Return capital letters and digits only; Cyrillic and Greek look-alikes become Latin."""
    bare = _LEAD.sub("", written(text)).upper()
    if bare.isascii():
        return _BETWEEN.sub("", bare)
    return "".join(char for char in bare.translate(_LOOK_ALIKE) if char.isalnum())


def written(text: str) -> str:
    """Return the text folded to compatible characters, its digits those of ASCII."""
    if text.isascii():
        return text[:_LONGEST].strip()
    folded = unicodedata.normalize("NFKC", text[:_LONGEST]).strip()
    return "".join(_digit(char) for char in folded)


def digits(text: str) -> str:
    """Return the digits alone."""
    return "".join(char for char in written(text) if "0" <= char <= "9")


def is_placeholder(number: str) -> bool:
    """Whether a form was filled in with no number: `000000`, `123456`, `UNKNOWN`."""
    if number in _WORDS or len(set(number)) == 1:
        return True
    return len(number) > 5 and number in _RISING  # noqa: PLR2004 - `1234` may be a number


def _digit(char: str) -> str:
    if char.isascii():
        return char
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)
