"""Dates as lists write them, read as the partial dates the vocabulary takes.

`circa 1951` becomes `1951`; `1984 to 1986` its two ends; the wording is kept beside them. What
names no year, or says more than dates and words of doubt, is rejected.
"""

import re

from comity.core.errors import InvalidInputError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = "|".join(_MONTHS)
_PART = re.compile(
    rf"(?:(?:(\d{{1,2}})[ .]+)?({_NAMES})[a-z]*[ .,]+)?\b((?:1[89]|20)\d{{2}})\b", re.IGNORECASE
)
_ISO = re.compile(r"\b((?:1[89]|20)\d{2})-(\d{2})(?:-(\d{2}))?\b")
_DOUBT = frozenset(("circa", "ca", "c", "about", "approximately", "between", "to", "and", "or"))


def dates(text: str) -> tuple[str, ...]:
    """Return the dates in a phrase, each once, as precise as written.

    Raises `InvalidInputError` where it names no year or holds more than dates.
    """
    whole = ["-".join(part for part in m.groups() if part) for m in _ISO.finditer(text)]
    rest = _ISO.sub(" ", text)
    whole += [_date(m) for m in _PART.finditer(rest)]
    left = re.findall(r"\w+", _PART.sub(" ", rest).lower())
    if not whole or any(word not in _DOUBT for word in left):
        raise InvalidInputError("expected a date such as `1951`, `Mar 1951` or `20 Mar 1951`")
    return tuple(dict.fromkeys(whole))


def _date(found: re.Match[str]) -> str:
    day, month, year = found.groups()
    if not month:
        return str(year)
    number = _MONTHS.index(month.lower()) + 1
    return f"{year}-{number:02}" + (f"-{int(day):02}" if day else "")
