"""Who may enrol, hold a seat, act, and what happens when they leave."""

from dataclasses import replace

import pytest
from tests.unit.trust.builders import NOW, Rows

from comity.core.clock import DAY, Instant
from comity.core.errors import AuthorisationError, ConflictError, NotFoundError, StateError
from comity.core.ids import PersonId
from comity.trust import (
    PersonRow,
    Seat,
    SeatRow,
    disable_person,
    end_seat,
    enrol,
    first_admin,
    grant_seat,
    holders,
    may,
    seats_of,
)

ADMIN = PersonId("xn.police/0001")
ANNA = PersonId("xn.police/0002")
BOB = PersonId("xn.police/0003")
LATER = Instant(NOW + DAY)


def person(who: PersonId) -> PersonRow:
    return PersonRow(person=who, record_id=f"record-{who[-1]}", created=NOW)


def seat(who: PersonId, kind: Seat = Seat.OFFICER, *, since: int = NOW) -> SeatRow:
    return SeatRow(person=who, seat=kind.value, since=since)


def staffed() -> Rows:
    rows = Rows()
    first_admin(rows, person(ADMIN))
    for who in (ANNA, BOB):
        enrol(rows, person(who), by=ADMIN, at=NOW)
    grant_seat(rows, seat(ANNA), by=ADMIN, at=NOW)
    return rows


def test_there_is_only_one_first_person() -> None:
    with pytest.raises(ConflictError):
        first_admin(staffed(), person(ANNA))


def test_an_admin_may_never_act_as_officer() -> None:
    rows = staffed()
    assert not may(rows, ADMIN, seat=Seat.OFFICER, at=NOW)
    grant_seat(rows, seat(BOB, Seat.ADMIN), by=ADMIN, at=NOW)
    with pytest.raises(StateError, match="no other seat"):
        grant_seat(rows, seat(ADMIN), by=BOB, at=NOW)
    with pytest.raises(StateError, match="no other seat"):
        grant_seat(rows, seat(ANNA, Seat.ADMIN), by=ADMIN, at=NOW)


def test_an_admin_grants_nothing_to_itself() -> None:
    with pytest.raises(AuthorisationError, match="another person"):
        grant_seat(staffed(), seat(ADMIN), by=ADMIN, at=NOW)


def test_an_officer_may_not_enrol_or_grant() -> None:
    rows = staffed()
    with pytest.raises(AuthorisationError, match="only an admin"):
        enrol(rows, person(PersonId("xn.police/0009")), by=ANNA, at=NOW)
    with pytest.raises(AuthorisationError, match="only an admin"):
        grant_seat(rows, seat(BOB), by=ANNA, at=NOW)
    with pytest.raises(AuthorisationError, match="only an admin"):
        disable_person(rows, BOB, by=ANNA, at=NOW)


def test_a_seat_is_held_from_and_until() -> None:
    rows = staffed()
    week = replace(seat(BOB, Seat.LEGAL, since=LATER), until=LATER + DAY)
    grant_seat(rows, week, by=ADMIN, at=NOW)
    assert not may(rows, BOB, seat=Seat.LEGAL, at=NOW)
    assert may(rows, BOB, seat=Seat.LEGAL, at=LATER)
    assert not may(rows, BOB, seat=Seat.LEGAL, at=Instant(LATER + DAY))
    grant_seat(rows, seat(BOB, Seat.LEGAL, since=LATER + DAY), by=ADMIN, at=NOW)


def test_a_seat_cannot_be_back_dated_or_held_twice() -> None:
    rows = staffed()
    with pytest.raises(StateError, match="from now"):
        grant_seat(rows, seat(BOB, since=NOW - 1), by=ADMIN, at=NOW)
    with pytest.raises(StateError, match="from now"):
        grant_seat(rows, replace(seat(BOB), until=NOW), by=ADMIN, at=NOW)
    with pytest.raises(ConflictError):
        grant_seat(rows, seat(ANNA, since=LATER), by=ADMIN, at=NOW)
    with pytest.raises(NotFoundError):
        grant_seat(rows, seat(PersonId("xn.police/0009")), by=ADMIN, at=NOW)


def test_a_person_may_hold_two_working_seats() -> None:
    rows = staffed()
    grant_seat(rows, seat(ANNA, Seat.ANALYST), by=ADMIN, at=NOW)
    assert seats_of(rows, ANNA, at=NOW) == {Seat.OFFICER, Seat.ANALYST}


def test_a_seat_ends_when_an_admin_ends_it() -> None:
    rows = staffed()
    end_seat(rows, ANNA, seat=Seat.OFFICER, by=ADMIN, at=LATER)
    assert may(rows, ANNA, seat=Seat.OFFICER, at=NOW)
    assert not may(rows, ANNA, seat=Seat.OFFICER, at=LATER)
    with pytest.raises(NotFoundError):
        end_seat(rows, ANNA, seat=Seat.OFFICER, by=ADMIN, at=LATER)


def test_holders_come_before_deputies() -> None:
    rows = staffed()
    grant_seat(rows, replace(seat(BOB), is_deputy=True), by=ADMIN, at=NOW)
    assert holders(rows, Seat.OFFICER, at=NOW) == (ANNA, BOB)


def test_a_person_who_leaves_hands_open_tasks_to_the_seat() -> None:
    rows = staffed()
    grant_seat(rows, replace(seat(BOB), is_deputy=True), by=ADMIN, at=NOW)
    grant_seat(rows, seat(ANNA, Seat.LEGAL, since=LATER + DAY), by=ADMIN, at=NOW)
    moved = disable_person(rows, ANNA, by=ADMIN, at=LATER)
    assert [(one.person, one.seat, one.to) for one in moved] == [(ANNA, Seat.OFFICER, (BOB,))]
    assert seats_of(rows, ANNA, at=LATER) == frozenset()
    assert seats_of(rows, ANNA, at=Instant(LATER + 2 * DAY)) == frozenset()


def test_a_vacant_seat_is_reported_not_hidden() -> None:
    moved = disable_person(staffed(), ANNA, by=ADMIN, at=LATER)
    assert [(one.seat, one.to) for one in moved] == [(Seat.OFFICER, ())]


def test_an_admin_cannot_disable_itself_nor_anyone_twice() -> None:
    rows = staffed()
    with pytest.raises(AuthorisationError, match="another person"):
        disable_person(rows, ADMIN, by=ADMIN, at=NOW)
    disable_person(rows, BOB, by=ADMIN, at=NOW)
    with pytest.raises(NotFoundError):
        disable_person(rows, BOB, by=ADMIN, at=NOW)
    with pytest.raises(NotFoundError):
        grant_seat(rows, seat(BOB), by=ADMIN, at=NOW)
