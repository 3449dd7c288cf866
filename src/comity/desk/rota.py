"""The rota: who is on duty when, who stands in, and who is away; read on the wall clock.

INVARIANT: a shift is hours on the wall clock of one time zone. A change of the clocks neither
opens a gap between two shifts nor lets one begin twice: every instant has one wall-clock hour.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar

from comity.core.clock import Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import PersonId
from comity.core.store import Reader, Row
from comity.trust import Seat, holders, is_active

DAY_MINUTES = 24 * 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEPUTIES = 9
"""Highest rank of a deputy: who is woken after how many others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaRow(Row):
    """One person's weekly shift, from `since` to before `until`."""

    table: ClassVar[str] = "rota"
    key: ClassVar[tuple[str, ...]] = ("shift",)

    shift: str
    person: str
    days: str
    """Digits of the days it begins on: 0 is Monday."""
    start: int
    end: int
    """Minutes of the day on the wall; an end at or before the start is on the next day."""
    rank: int
    """0 on duty; 1 the first deputy, and so on."""
    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayRow(Row):
    """When a person is away: whoever is next on the rota is woken instead."""

    table: ClassVar[str] = "away"
    key: ClassVar[tuple[str, ...]] = ("person", "since")

    person: str
    since: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachRow(Row):
    """Where a person is woken; the address is in the record."""

    table: ClassVar[str] = "reach"
    key: ClassVar[tuple[str, ...]] = ("person",)

    person: str
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeRow(Row):
    """That a person was woken, when, and how many of the node's ways worked."""

    table: ClassVar[str] = "wakes"
    key: ClassVar[tuple[str, ...]] = ("call", "at", "person")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("person", "at"), ("at",))

    call: str
    at: int
    person: str
    ways: int
    """How many ways worked; `SPARED` where the person had been woken a moment ago."""


SPARED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What a clock on the wall shows."""

    day: int
    """0 is Monday."""
    minute: int
    month: str
    """`2026-11`."""
    date: int
    """Day of the month."""


def wall(at: Instant, zone: tzinfo) -> Wall:
    """Return what the wall clock of a zone shows at an instant."""
    moment = datetime.fromtimestamp(at / 1000, zone)
    return Wall(
        day=moment.weekday(),
        minute=moment.hour * 60 + moment.minute,
        month=f"{moment.year:04d}-{moment.month:02d}",
        date=moment.day,
    )


def covers(row: RotaRow, at: Instant, zone: tzinfo) -> bool:
    """Whether a shift runs at an instant."""
    if at < row.since or (row.until is not None and at >= row.until):
        return False
    now = wall(at, zone)
    is_today, is_yesterday = str(now.day) in row.days, str((now.day - 1) % 7) in row.days
    if row.start < row.end:
        return is_today and row.start <= now.minute < row.end
    return (is_today and now.minute >= row.start) or (is_yesterday and now.minute < row.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """The shifts and absences of those who may still sign in."""

    rows: tuple[RotaRow, ...]
    away: tuple[AwayRow, ...]

    def on_duty(self, at: Instant, zone: tzinfo) -> tuple[PersonId, ...]:
        """Return who is on duty: the first is woken first, deputies follow."""
        found = (row.person for row in self.rows if covers(row, at, zone))
        return tuple(PersonId(each) for each in dict.fromkeys(found) if self.is_here(each, at))

    def is_here(self, person: str, at: Instant) -> bool:
        """Whether nobody has said that a person is away."""
        return not any(
            row.person == person and row.since <= at < row.until for row in self.away
        )


def read_rota(reader: Reader) -> Rota:
    """Read the rota, the first rank first."""
    rows = reader.find(RotaRow, order="rank,since,shift")
    active = {row.person for row in rows if is_active(reader, PersonId(row.person))}
    return Rota(
        rows=tuple(row for row in rows if row.person in active),
        away=tuple(reader.find(AwayRow)),
    )


def chain(reader: Reader, at: Instant, zone: tzinfo) -> tuple[PersonId, ...]:
    """Return who is woken one after another: the rota, then supervisors, then officers.

    An empty rota, or one whose people are away, leaves nobody without a call.
    """
    rota, seats = read_rota(reader), (Seat.SUPERVISOR, Seat.OFFICER)
    behind = [each for seat in seats for each in holders(reader, seat, at=at)]
    here = [each for each in behind if rota.is_here(each, at)]
    return tuple(dict.fromkeys((*rota.on_duty(at, zone), *here)))


def days_of(text: str) -> str:
    """Read `mon-fri`, `sat,sun`, `mon-sun` into digits; raises `InvalidInputError`."""
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise InvalidInputError(f"days are like `mon-fri` or `sat,sun`, got `{text[:40]}`")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        span = range(begin, end + 1 if end >= begin else end + 8)
        found |= {day % 7 for day in span}
    return "".join(str(day) for day in sorted(found))


def minutes_of(text: str) -> int:
    """Read `22:00` into minutes of the day, 0 to 1439; raises `InvalidInputError`."""
    hour, mark, minute = text.strip().partition(":")
    is_whole = mark and all(p.isascii() and p.isdigit() and len(p) <= 2 for p in (hour, minute))  # noqa: PLR2004 - two digits each
    if not is_whole or int(hour) > 23 or int(minute) > 59:  # noqa: PLR2004 - a day's hours
        raise InvalidInputError(f"a time of day is like `22:00`, got `{text[:40]}`")
    return int(hour) * 60 + int(minute)


def clock_text(minute: int) -> str:
    """Write minutes of a day as `22:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


ROWS: tuple[type[Row], ...] = (RotaRow, AwayRow, ReachRow, WakeRow)
