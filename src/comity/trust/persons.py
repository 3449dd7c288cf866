"""The persons of a node and the seats they hold.

A name is personal data and stands in an encrypted record; rows hold its `record_id`. An admin
enrols others and grants seats, and can hold no other seat: who gives rights does not use them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import ClassVar

from comity.core.clock import Instant
from comity.core.errors import AuthorisationError, ConflictError, NotFoundError, StateError
from comity.core.ids import PersonId
from comity.core.store import Reader, Row, Transaction, eq


@unique
class Seat(Enum):
    """What a person may be here."""

    ADMIN = "admin"
    OFFICER = "officer"
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    LEGAL = "legal"
    RIGHTS = "rights"
    ENGINEER = "engineer"
    OVERSIGHT = "oversight"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow(Row):
    """A person of this node; the name is in the record."""

    table: ClassVar[str] = "persons"
    key: ClassVar[tuple[str, ...]] = ("person",)
    person: str
    record_id: str
    created: int
    disabled_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRow(Row):
    """One person's time in one seat, from `since` to before `until`."""

    table: ClassVar[str] = "seats"
    key: ClassVar[tuple[str, ...]] = ("person", "seat", "since")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("seat",),)
    person: str
    seat: str
    since: int
    until: int | None = None
    is_deputy: bool = False

    def is_held(self, at: Instant) -> bool:
        """Say whether the seat is held at `at`."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What must move when a person leaves: open tasks of `seat` go to `to`.

    An empty `to` means the seat is vacant; tasks wait there and the caller raises the alarm.
    """

    person: PersonId
    seat: Seat
    to: tuple[PersonId, ...]


def first_admin(tx: Transaction, person: PersonRow) -> None:
    """Make the first person of a node its admin; raises `ConflictError` if there is one."""
    if tx.count(PersonRow):
        raise ConflictError(
            "this node has its first person already; an admin enrols the others"
        )
    tx.insert(person)
    tx.insert(SeatRow(person=person.person, seat=Seat.ADMIN.value, since=person.created))


def enrol(tx: Transaction, person: PersonRow, *, by: PersonId, at: Instant) -> None:
    """Add a person; raises `AuthorisationError` unless `by` is an admin."""
    _check_admin(tx, by, at)
    tx.insert(replace(person, created=at, disabled_at=None))


def grant_seat(tx: Transaction, seat: SeatRow, *, by: PersonId, at: Instant) -> None:
    """Give a seat to another person.

    Raises `AuthorisationError` unless `by` is an admin and another person, `StateError` where
    an admin would hold a second seat or the time does not fit, `NotFoundError` for strangers.
    """
    _check_admin(tx, by, at)
    check_second(by, PersonId(seat.person))
    row = tx.get(PersonRow, seat.person)
    if row is None or row.disabled_at is not None:
        raise NotFoundError("no such person here")
    kind = Seat(seat.seat)
    if seat.since < at or (seat.until is not None and seat.until <= seat.since):
        raise StateError("a seat is held from now or later, and ends after it begins")
    held = [other for other in _rows(tx, seat.person) if _overlap(other, seat)]
    if any((Seat(other.seat) is Seat.ADMIN) != (kind is Seat.ADMIN) for other in held):
        raise StateError("an admin may hold no other seat")
    if any(other.seat == seat.seat for other in held):
        raise ConflictError(f"this person holds the seat `{seat.seat}` in that time")
    tx.insert(seat)


def end_seat(
    tx: Transaction, person: PersonId, *, seat: Seat, by: PersonId, at: Instant
) -> None:
    """Take a seat from another person now; raises `NotFoundError` where it is not held."""
    _check_admin(tx, by, at)
    check_second(by, person)
    held = [row for row in _rows(tx, person) if row.seat == seat.value and _ends_after(row, at)]
    if not held:
        raise NotFoundError(f"this person does not hold the seat `{seat.value}`")
    _end(tx, held, at)


def disable_person(
    tx: Transaction, person: PersonId, *, by: PersonId, at: Instant
) -> tuple[Handover, ...]:
    """Close a person's account and seats and return what must move to whom.

    The caller moves the tasks in the same unit. Raises as `end_seat`; an admin cannot disable
    itself, so there is always one left.
    """
    _check_admin(tx, by, at)
    check_second(by, person)
    row = tx.get(PersonRow, person)
    if row is None or row.disabled_at is not None:
        raise NotFoundError("no such person here")
    held = [seat for seat in _rows(tx, person) if _ends_after(seat, at)]
    _end(tx, held, at)
    tx.put(replace(row, disabled_at=at))
    seats = dict.fromkeys(Seat(seat.seat) for seat in held if seat.since <= at)
    return tuple(
        Handover(person=person, seat=seat, to=holders(tx, seat, at=at)) for seat in seats
    )


def holders(reader: Reader, seat: Seat, *, at: Instant) -> tuple[PersonId, ...]:
    """Return who holds a seat at `at`: holders first, then deputies."""
    rows = [row for row in reader.find(SeatRow, eq("seat", seat.value)) if row.is_held(at)]
    rows.sort(key=lambda row: (row.is_deputy, row.since, row.person))
    active = [row for row in rows if is_active(reader, PersonId(row.person))]
    return tuple(dict.fromkeys(PersonId(row.person) for row in active))


def seats_of(reader: Reader, person: PersonId, *, at: Instant) -> frozenset[Seat]:
    """Return the seats a person holds at `at`, as holder or deputy; none once disabled."""
    if not is_active(reader, person):
        return frozenset()
    return frozenset(Seat(row.seat) for row in _rows(reader, person) if row.is_held(at))


def may(reader: Reader, person: PersonId, *, seat: Seat, at: Instant) -> bool:
    """Say whether a person may act from a seat at `at`."""
    return seat in seats_of(reader, person, at=at)


def is_active(reader: Reader, person: PersonId) -> bool:
    """Say whether a person is enrolled here and not disabled."""
    row = reader.get(PersonRow, person)
    return row is not None and row.disabled_at is None


def check_second(first: PersonId, second: PersonId) -> None:
    """Demand that the second person is another one; raises `AuthorisationError`."""
    if first == second:
        raise AuthorisationError("this act needs another person than the first")


def _check_admin(reader: Reader, person: PersonId, at: Instant) -> None:
    if not may(reader, person, seat=Seat.ADMIN, at=at):
        raise AuthorisationError("only an admin enrols persons and grants seats")


def _rows(reader: Reader, person: str) -> Sequence[SeatRow]:
    return reader.find(SeatRow, eq("person", person))


def _ends_after(row: SeatRow, at: Instant) -> bool:
    return row.until is None or row.until > at


def _end(tx: Transaction, rows: Sequence[SeatRow], at: Instant) -> None:
    for row in rows:
        tx.put(replace(row, until=max(at, row.since)))


def _overlap(one: SeatRow, other: SeatRow) -> bool:
    starts_before = other.until is None or one.since < other.until
    return starts_before and (one.until is None or other.since < one.until)
