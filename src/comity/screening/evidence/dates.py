"""Dates: as far as they are given, slips of writing, and the calendars they were written in."""

import re
from functools import lru_cache
from typing import Final

from comity.screening.evidence.calendars import Day, slip
from comity.screening.evidence.weights import Verdict, judge

_WRITTEN: Final = re.compile(
    r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?\s*", re.DOTALL
)
_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_YEARS: Final = (1500, 2400)
"""Years outside were written in another calendar; what months have is not known there."""
_LONGEST: Final = 64
_NEAR: Final = 5
_WEIGHED_BY_YEAR: Final = frozenset(
    ["exact", "exact-month", "exact-year", "partial-date", "placeholder-day"]
)


def date(family: str, asked: str, held: str) -> Verdict:
    """Say how two dates agree. Symmetric."""
    one, other = read(asked[:_LONGEST]), read(held[:_LONGEST])
    if one is None or other is None:
        return judge(family, "not-readable")
    how = compare_days(one, other)
    return judge(family, how, str(one.year) if how in _WEIGHED_BY_YEAR else "")


@lru_cache(maxsize=8192)
def read(text: str) -> Day | None:
    """Read a date such as `1951`, `1951-03` or `1951-03-20`; nothing when it is none."""
    found = _WRITTEN.fullmatch(text)
    return Day(*(int(part or 0) for part in found.groups())) if found else None


@lru_cache(maxsize=8192)
def compare_days(one: Day, other: Day) -> str:
    """Return the code of how two dates agree."""
    if one == other:
        return _equal(one)
    if not (_is_possible(one) and _is_possible(other)):
        is_slip = _is_swapped(one, other) or _is_one_digit(one, other)
        return _slip(one, other) if is_slip else slip(one, other) or "impossible-date"
    if _agree_so_far(one, other):
        return "partial-date"
    return slip(one, other) or _slip(one, other) or _apart(one, other)


def _equal(day: Day) -> str:
    if not _is_possible(day):
        return "impossible-date"
    if not day.day:
        return "exact-month" if day.month else "exact-year"
    return "placeholder-day" if day.month == day.day == 1 else "exact"


def _is_possible(day: Day) -> bool:
    if not (day.month or day.day):
        return day.year > 0
    if not 1 <= day.month <= len(_MONTHS):
        return False
    is_ours = _YEARS[0] <= day.year < _YEARS[1]
    longest = _MONTHS[day.month - 1] if is_ours else 31
    is_leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    return day.day <= longest and (not is_ours or day[1:] != (2, 29) or is_leap)


def _agree_so_far(one: Day, other: Day) -> bool:
    """Whether one says less than the other and nothing else; 1 January may stand for a year."""
    if one.year != other.year:
        return False
    if one[1:] in {(0, 0), (1, 1)} or other[1:] in {(0, 0), (1, 1)}:
        return True
    return one.month == other.month and not (one.day and other.day)


def _slip(one: Day, other: Day) -> str:
    if not (one.day and other.day):
        return ""
    if _is_swapped(one, other):
        return "day-month-swapped"
    if one[1:] == other[1:] and abs(one.year - other.year) == 1:
        return "" if one[1:] == (1, 1) else "year-off-by-one"
    if _is_one_digit(one, other):
        return "digit-slip"
    return "digits-swapped" if _are_digits_swapped(one, other) else ""


def _is_swapped(one: Day, other: Day) -> bool:
    return one.year == other.year and one[1:] == (other.day, other.month) and bool(one.day)


def _is_one_digit(one: Day, other: Day) -> bool:
    if not (one.day and other.day) or one[1:] == other[1:] == (1, 1):
        return False
    return len(_differing(one, other)) == 1


def _are_digits_swapped(one: Day, other: Day) -> bool:
    places = _differing(one, other)
    if len(places) != 2 or places[1] != places[0] + 1:  # noqa: PLR2004 - two digits change places
        return False
    first, second = _digits(one), _digits(other)
    return first[places[0]] == second[places[1]] and first[places[1]] == second[places[0]]


def _differing(one: Day, other: Day) -> list[int]:
    pairs = zip(_digits(one), _digits(other), strict=True)
    return [place for place, (left, right) in enumerate(pairs) if left != right]


def _digits(day: Day) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _apart(one: Day, other: Day) -> str:
    years = abs(one.year - other.year)
    if years == 0:
        return "same-month" if one.month == other.month else "same-year"
    if years == 1:
        return "near-year"
    return "near-years" if years <= _NEAR else "other-date"
