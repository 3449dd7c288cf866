"""Duty: the rota and its people, and what a person says to a call."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, MINUTE, Instant
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError, StateError
from comity.core.ids import CaseId, PersonId, RecordId
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk.actor import READERS, Actor
from comity.desk.calls import (
    Rouse,
    Terms,
    begin_trial,
    log_call,
    reach_of,
    rouse_first,
    run_calls,
)
from comity.desk.rota import (
    DEPUTIES,
    AwayRow,
    ReachRow,
    RotaRow,
    WakeRow,
    chain,
    days_of,
    minutes_of,
    read_rota,
    wall,
)
from comity.desk.run_out import hand_over
from comity.exchange import CallRow, Station, cases
from comity.exchange.calling import HERE, OPEN, TEST, end_call
from comity.trust import is_active

KEEPERS = frozenset({"supervisor"})
"""Seats that write the rota."""
LISTED = 200
"""Most shifts of one rota."""
LONGEST_AWAY = 366 * DAY
_REACH = re.compile(r"[A-Za-z0-9+][A-Za-z0-9.@+_-]{2,99}")
_STEP = 30 * MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A weekly shift as a person writes it: `mon-fri`, `08:00`, `16:00`."""

    person: PersonId
    days: str
    start: str
    end: str
    rank: int = 0
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call and whom it has woken so far; of its message nothing but where it is."""

    row: CallRow
    woken: tuple[WakeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The duty post as it stands now."""

    on_duty: tuple[PersonId, ...]
    next: tuple[PersonId, ...]
    """Whom a call would wake now, one after another."""
    rota: tuple[RotaRow, ...]
    away: tuple[AwayRow, ...]
    calls: tuple[CallView, ...]
    """Calls to our people that nobody has answered."""
    trials: tuple[CallView, ...]
    gaps: tuple[tuple[Instant, Instant], ...]
    """Spans of the coming week in which nobody is on the rota; empty without any rota."""
    reached: frozenset[str]
    """Persons who have said where they are woken."""


class Duty:
    """The rota, the calls, and the trials of them."""

    def __init__(self, station: Station, terms: Terms) -> None:
        """Keep the duty post of one node."""
        self._station = station
        self.terms = terms

    def run(self, rouse: Rouse) -> bool:
        """Wake whoever is due; for a worker."""
        is_busy = run_calls(self._station, self.terms, rouse=rouse)
        return hand_over(self._station, rouse=rouse) or is_busy

    def rouse(self, rouse: Rouse) -> int:
        """Wake whoever is on duty for work that is due; for a worker."""
        return rouse_first(self._station, self.terms, rouse=rouse)

    def watch(self, actor: Actor) -> Watch:
        """Show who is on duty, whom a call would wake, and what calls stand."""
        actor.seat(READERS | {"admin", "engineer"})
        now = self._station.clock.now()
        return self._station.store.read(lambda r: self._watch(r, now))

    def called(self, actor: Actor) -> tuple[CallRow, ...]:
        """List open calls to our people, the oldest first; nothing for who reads no cases."""
        if not actor.seats & READERS:
            return ()
        open_ = (eq("state", OPEN), Where("sort", Op.IN, (HERE, TEST)))
        return tuple(
            self._station.store.read(lambda r: r.find(CallRow, *open_, order="at", limit=50))
        )

    def add(self, actor: Actor, shift: Shift) -> str:
        """Put a person on the rota; returns the shift's id.

        Raises `AuthorisationError`, `InvalidInputError`, `NotFoundError`.
        """
        actor.seat(KEEPERS)
        at = self._station.clock.now()
        if not 0 <= shift.rank <= DEPUTIES:
            raise InvalidInputError(f"a rank is 0 (on duty) to {DEPUTIES}, got {shift.rank}")
        if shift.until is not None and shift.until <= at:
            raise InvalidInputError("a shift ends in the future, or has no end")
        row = RotaRow(
            shift=self._station.entropy.take(8).hex(),
            person=shift.person,
            days=days_of(shift.days),
            start=minutes_of(shift.start),
            end=minutes_of(shift.end),
            rank=shift.rank,
            since=at,
            until=shift.until,
        )

        def unit(tx: Transaction) -> None:
            _check_person(tx, shift.person)
            if tx.count(RotaRow) >= LISTED:
                raise StateError(f"a rota has at most {LISTED} shifts: end one first")
            tx.insert(row)

        self._station.store.commit(unit).result()
        return row.shift

    def end(self, actor: Actor, shift: str) -> None:
        """Take a shift off the rota; raises `NotFoundError`."""
        actor.seat(KEEPERS)
        self._delete(RotaRow, eq("shift", shift))

    def away(self, actor: Actor, person: PersonId, *, since: Instant, until: Instant) -> None:
        """Say when a person is away; one's own word or a supervisor's."""
        self._own(actor, person)
        if not since < until <= since + LONGEST_AWAY:
            raise InvalidInputError("an absence ends after it begins, within 366 days")
        row = AwayRow(person=person, since=since, until=until)

        def unit(tx: Transaction) -> None:
            _check_person(tx, person)
            tx.put(row)

        self._station.store.commit(unit).result()

    def back(self, actor: Actor, person: PersonId, *, since: Instant) -> None:
        """Take an absence back; raises `NotFoundError`."""
        self._own(actor, person)
        self._delete(AwayRow, eq("person", person), eq("since", since))

    def reach(self, actor: Actor, person: PersonId, address: str) -> None:
        """Say where a person is woken: a number or an address; empty forgets it.

        It goes to the ways the engineer set up, in place of `{reach}`, and nowhere else.
        """
        self._own(actor, person)
        station, at, text = self._station, self._station.clock.now(), address.strip()
        if text and not _REACH.fullmatch(text):
            raise InvalidInputError("expected a number like +3531234567 or a mail address")

        def unit(tx: Transaction) -> None:
            _check_person(tx, person)
            old = tx.get(ReachRow, person)
            if old is not None:
                station.safe.erase(tx, RecordId(old.record_id), at=at)
                tx.delete(ReachRow, eq("person", person))
            if text:
                kept = station.safe.keep(tx, sort="reach", plaintext=text.encode(), at=at)
                tx.put(ReachRow(person=person, record_id=kept))

        station.store.commit(unit).result()

    def address(self, actor: Actor) -> str:
        """Return where the person themselves is woken."""
        return self._station.store.read(lambda r: reach_of(r, actor.person, self._station))

    def answer(self, actor: Actor, call: str) -> None:
        """Say that one has heard a call and is looking: a trial ends, others wait once more.

        Only opening the message ends its call: whoever says so and does not look is followed by
        the next. Raises `StateError` where the call has ended.
        """
        actor.seat(READERS)
        station, now = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> None:
            held = tx.get(CallRow, call)
            if held is None or held.sort not in {HERE, TEST}:
                raise NotFoundError(f"no call `{call[:40]}`")
            if held.state != OPEN:
                raise StateError(f"this call is `{held.state}`")
            if held.sort == TEST:
                end_call(tx, call, state="answered", at=now, person=actor.person)
                said: dict[str, Value] = {"outcome": "answered", "step": held.step}
                said |= {"person": actor.person}
                log_call(tx, station, held, said, at=now)
                return
            actor.bound(purpose=cases.case_row(tx, CaseId(held.case)).purpose, case=held.case)
            wait = max(held.next_at, now + self.terms.seen_within)
            tx.put(replace(held, person=actor.person, next_at=wait))

        station.store.commit(unit).result()

    def trial(self, actor: Actor) -> str:
        """Make a trial call beside the monthly one; returns its name."""
        actor.seat(KEEPERS | {"engineer"})
        at = self._station.clock.now()
        name = f"test-{wall(at, self.terms.zone).month}-{at}"
        self._station.store.commit(lambda tx: begin_trial(tx, name, at)).result()
        return name

    def _own(self, actor: Actor, person: PersonId) -> None:
        if actor.person != person and not actor.seats & KEEPERS:
            raise AuthorisationError("one's own word, or a supervisor's")

    def _delete(self, kind: type[RotaRow] | type[AwayRow], *where: Where) -> None:
        def unit(tx: Transaction) -> None:
            if not tx.delete(kind, *where):
                raise NotFoundError("nothing such stands on the rota")

        self._station.store.commit(unit).result()

    def _watch(self, reader: Reader, now: Instant) -> Watch:
        zone = self.terms.zone
        rota = reader.find(RotaRow, order="rank,start,shift")
        lasts = [row for row in rota if row.until is None or row.until > now]
        away = reader.find(AwayRow, Where("until", Op.GT, now), order="since")
        open_ = reader.find(CallRow, eq("state", OPEN), eq("sort", HERE), order="at", limit=50)
        trials = reader.find(CallRow, eq("sort", TEST), order="-at", limit=13)
        return Watch(
            on_duty=read_rota(reader).on_duty(now, zone),
            next=chain(reader, now, zone),
            rota=tuple(lasts),
            away=tuple(away),
            calls=tuple(_viewed(reader, open_)),
            trials=tuple(_viewed(reader, trials)),
            gaps=tuple(self.gaps(reader, now)) if lasts else (),
            reached=frozenset(row.person for row in reader.find(ReachRow)),
        )

    def gaps(self, reader: Reader, now: Instant) -> Iterable[tuple[Instant, Instant]]:
        """Give the spans of the coming week in which nobody is on the rota, to half an hour."""
        begun: Instant | None = None
        rota, zone = read_rota(reader), self.terms.zone
        first = Instant(now + -now % _STEP)
        for at in range(first, first + 7 * DAY + HOUR, _STEP):
            is_end = at >= first + 7 * DAY
            is_empty = not is_end and not rota.on_duty(Instant(at), zone)
            if is_empty and begun is None:
                begun = Instant(at)
            elif not is_empty and begun is not None:
                yield begun, Instant(at)
                begun = None


def _check_person(reader: Reader, person: PersonId) -> None:
    if not is_active(reader, person):
        raise NotFoundError(f"no person `{person[:60]}` here")


def _viewed(reader: Reader, rows: Iterable[CallRow]) -> Iterable[CallView]:
    for row in rows:
        woken = reader.find(WakeRow, eq("call", row.call), order="at", limit=50)
        yield CallView(row=row, woken=tuple(woken))
