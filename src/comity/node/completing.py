"""Which acts nobody can complete at which hours: from the seats people hold and their rota.

An act is complete once the person who begins it and, where it needs one, a second are both on
duty and sit where the act asks. Judged hour by hour on the wall, for the seven days to come.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from comity.core.clock import DAY, HOUR, Instant
from comity.core.ids import PersonId
from comity.core.store import Reader
from comity.desk import DECIDERS, read_rota, wall
from comity.node.office import Office
from comity.practice import Kind, Second, kinds
from comity.trust import seats_of

_NOBODY: frozenset[str] = frozenset()
_ALWAYS = {
    "close the door to a partner": (DECIDERS, _NOBODY),
    "open a closed door again": (DECIDERS, DECIDERS),
    "let in what the law held": (DECIDERS, _NOBODY),
    "validate what went on the emergency path": (frozenset({"legal", "supervisor"}), _NOBODY),
}
"""Acts of the desk itself: the seats of the first person, and of the second, if any."""
Needs = tuple[frozenset[str], frozenset[str]]
Seated = Mapping[PersonId, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmanned:
    """Hours of the week at which some acts cannot be completed."""

    acts: tuple[str, ...]
    hours: tuple[int, ...]
    """Hours of the day on the wall, 0 to 23, on one of the seven days at least."""
    days: int
    """On how many of the seven days."""

    @property
    def spans(self) -> str:
        """Write the hours as spans, joined over midnight: `between 22:00 and 06:00`."""
        if len(self.hours) == DAY // HOUR:
            return "at any hour"
        begins = [hour for hour in self.hours if (hour - 1) % 24 not in self.hours]
        return " and ".join(
            f"between {begin:02d}:00 and {_end(begin, self.hours):02d}:00" for begin in begins
        )


def _end(begin: int, hours: Sequence[int]) -> int:
    return next(hour % 24 for hour in range(begin + 1, begin + 25) if hour % 24 not in hours)


def unmanned(reader: Reader, office: Office) -> tuple[Unmanned, ...]:
    """Return what nobody can complete when, the most days first; nothing without a rota."""
    rota, now = read_rota(reader), office.clock.now()
    zone = office.desk.duty.terms.zone
    first = now - now % HOUR + HOUR  # a shift put down just now counts from the next hour on
    hours = [Instant(first + step) for step in range(0, 7 * DAY, HOUR)]
    manned: list[tuple[tuple[int, int], Seated]] = [
        (
            (shown.day, shown.minute // 60),
            {
                each: frozenset(seat.value for seat in seats_of(reader, each, at=at))
                for each in rota.on_duty(at, zone)
            },
        )
        for at in hours
        for shown in (wall(at, zone),)
    ]
    found: dict[frozenset[tuple[int, int]], list[str]] = {}
    for name, needs in _acts(office) if rota.rows else ():
        gone = frozenset(place for place, people in manned if not is_complete(needs, people))
        if gone:
            found.setdefault(gone, []).append(name)
    told = [_told(gone, names) for gone, names in found.items()]
    return tuple(sorted(told, key=lambda each: (-each.days, each.spans, each.acts)))


def is_complete(needs: Needs, people: Seated) -> bool:
    """Whether the people on duty can do an act that needs these seats."""
    first, second = needs
    begin = {each for each, seats in people.items() if seats & first}
    if not second:
        return bool(begin)
    confirm = {each for each, seats in people.items() if seats & second}
    return bool(begin) and bool(confirm) and len(begin | confirm) > 1


def _acts(office: Office) -> Iterable[tuple[str, Needs]]:
    yield from _ALWAYS.items()
    for practice in office.station.practices.practices:
        for kind in kinds(practice):
            yield f"{practice.command} {kind.word}", _needs(kind)


def _needs(kind: Kind) -> Needs:
    seconds = {kind.second, *(branch.second for branch in kind.branches)}
    has_second = bool(seconds & {Second.BEFORE, Second.AFTER})
    return kind.seats, kind.seats | {"supervisor"} if has_second else _NOBODY


def _told(gone: Collection[tuple[int, int]], names: Sequence[str]) -> Unmanned:
    return Unmanned(
        acts=tuple(names),
        hours=tuple(sorted({hour for _, hour in gone})),
        days=len({day for day, _ in gone}),
    )
