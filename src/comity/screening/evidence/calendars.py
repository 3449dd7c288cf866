"""Dates written in one calendar and read as if in another.

Days are counted as `date.toordinal` counts them. The arithmetic is that of Reingold and
Dershowitz, *Calendrical Calculations*: the tabular Hijri calendar may lie two days beside an
observed one.
"""

from collections.abc import Callable
from typing import Final, NamedTuple


class Day(NamedTuple):
    """A date as far as it is given; month and day are 0 where they are not."""

    year: int
    month: int = 0
    day: int = 0


class Calendar(NamedTuple):
    """One calendar whose years can be mistaken for those of another."""

    name: str
    first: int
    last: int
    """The years of the calendar in which a person or a document of today may be dated."""
    ordinal: Callable[[Day], int]
    slack: int
    """By how many days its reckoning may be off."""
    tells_years: bool
    """Whether its years alone betray it: an Ethiopian year looks like any other."""


def _hijri(day: Day) -> int:
    year, month, number = day
    months = 29 * (month - 1) + month // 2
    return 227014 + 354 * (year - 1) + (3 + 11 * year) // 30 + months + number


def _solar_hijri(day: Day) -> int:
    year, month, number = day
    since = year + 1595
    leaps = since // 33 * 8 + (since % 33 + 3) // 4
    months = 31 * (month - 1) if month < 7 else 30 * (month - 7) + 186  # noqa: PLR2004 - 6 long months
    return 365 * since + leaps + months + number - 356033


def _ethiopian(day: Day) -> int:
    year, month, number = day
    return 2795 + 365 * (year - 1) + year // 4 + 30 * (month - 1) + number


def _buddhist(day: Day) -> int:
    return _gregorian(Day(day.year - 543, day.month, day.day))


def _gregorian(day: Day) -> int:
    year, month, number = day
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400
    correction = 0 if month <= 2 else -1 if _is_leap(year) else -2  # noqa: PLR2004 - February
    return 365 * before + leaps + (367 * month - 362) // 12 + correction + number


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


CALENDARS: Final = (
    Calendar("hijri", 1280, 1480, _hijri, 2, tells_years=True),
    Calendar("solar-hijri", 1240, 1440, _solar_hijri, 0, tells_years=True),
    Calendar("buddhist", 2400, 2620, _buddhist, 0, tells_years=True),
    Calendar("ethiopian", 1850, 2060, _ethiopian, 0, tells_years=False),
)


def slip(one: Day, other: Day) -> str:
    """Name the calendar under which two unequal dates are one, `hijri-day`; or nothing."""
    for calendar in CALENDARS:
        for written, meant in ((one, other), (other, one)):
            found = _read(calendar, written, meant)
            if found:
                return found
    return ""


def _read(calendar: Calendar, written: Day, meant: Day) -> str:
    if not calendar.first <= written.year <= calendar.last or meant.year == written.year:
        return ""
    if written.day and meant.day:
        apart = calendar.ordinal(written) - _gregorian(meant)
        if abs(apart) <= calendar.slack:
            return f"{calendar.name}-day"
    if calendar.tells_years and _holds(calendar, written.year, meant.year):
        return f"{calendar.name}-year"
    return ""


def _holds(calendar: Calendar, year: int, meant: int) -> bool:
    """Whether the Gregorian year shares a day with this year of the calendar."""
    first, last = calendar.ordinal(Day(year, 1, 1)), calendar.ordinal(Day(year + 1, 1, 1)) - 1
    return _gregorian(Day(meant, 1, 1)) <= last and first < _gregorian(Day(meant + 1, 1, 1))
