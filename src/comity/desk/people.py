"""People: who may sit here, from when to when, and how each proves who they are.

An admin enrols others and grants seats, and may do nothing else; the first admin is made with
the node. Names are personal data and lie in the Safe.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from comity.core.clock import DAY, Instant
from comity.core.errors import AuthorisationError, InvalidInputError
from comity.core.ids import AgencyId, CaseId, PersonId, RecordId
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import Actor
from comity.exchange import Station
from comity.practice import TaskRow
from comity.trust import (
    LINK_LIFE,
    Access,
    Acting,
    Handover,
    PersonRow,
    Seat,
    SeatRow,
    Terms,
    disable_person,
    end_access,
    end_seat,
    enrol,
    first_admin,
    grant_seat,
    seats_of,
)

ANY_CASE = "*"
"""What a token without a case reaches; no case bears this name."""
ADMIN = frozenset({"admin"})
KEEPERS = frozenset({"supervisor"})
"""Seats that answer for a system which is given scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A person and the seats held now and to come."""

    person: PersonId
    name: str
    seats: tuple[SeatRow, ...]
    is_disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A proven person with the seats held now; `csrf` is empty for a token."""

    actor: Actor
    name: str
    csrf: str


class People:
    """Enrolment, seats, sign-in and tokens."""

    def __init__(self, station: Station, access: Access, *, agency: AgencyId) -> None:
        """Keep the door of one node."""
        self._station = station
        self._access = access
        self._agency = agency

    def begin(self, name: str) -> PersonId:
        """Make the first person of a new node, its admin; raises `ConflictError` afterwards."""

        def unit(tx: Transaction) -> PersonId:
            row = self._row(tx, name)
            first_admin(tx, row)
            return PersonId(row.person)

        return self._station.store.commit(unit).result()

    def enrol(self, actor: Actor, name: str) -> PersonId:
        """Add a person, who holds no seat yet; raises `AuthorisationError`."""
        actor.seat(ADMIN)

        def unit(tx: Transaction) -> PersonId:
            row = self._row(tx, name)
            enrol(tx, row, by=actor.person, at=Instant(row.created))
            return PersonId(row.person)

        return self._station.store.commit(unit).result()

    def grant(
        self,
        actor: Actor,
        person: PersonId,
        seat: str,
        *,
        until: Instant | None = None,
        deputy: str = "holder",
    ) -> None:
        """Give a seat from now; `deputy` is `holder` or `deputy`."""
        actor.seat(ADMIN)
        at = self._station.clock.now()
        row = SeatRow(
            person=person,
            seat=known_seat(seat).value,
            since=at,
            until=until,
            is_deputy=deputy == "deputy",
        )
        self._station.store.commit(
            lambda tx: grant_seat(tx, row, by=actor.person, at=at)
        ).result()

    def end(self, actor: Actor, person: PersonId, seat: str) -> None:
        """Take a seat away from now."""
        actor.seat(ADMIN)
        at, which = self._station.clock.now(), known_seat(seat)
        self._station.store.commit(
            lambda tx: end_seat(tx, person, seat=which, by=actor.person, at=at)
        ).result()

    def disable(self, actor: Actor, person: PersonId) -> tuple[Handover, ...]:
        """Close a person's account; open tasks go back to the seat."""
        actor.seat(ADMIN)
        at = self._station.clock.now()

        def unit(tx: Transaction) -> tuple[Handover, ...]:
            moved = disable_person(tx, person, by=actor.person, at=at)
            end_access(tx, person, at=at)
            for task in tx.find(TaskRow, eq("person", person), eq("done", None)):
                tx.put(replace(task, person=None))
            return moved

        return self._station.store.commit(unit).result()

    def link(self, actor: Actor, person: PersonId) -> str:
        """Make a one-time sign-in secret for another person."""
        actor.seat(ADMIN)
        return self.first_link(person)

    def first_link(self, person: PersonId, *, life: int = LINK_LIFE) -> str:
        """Make a sign-in secret at the machine itself, good for `life` ms."""
        at = self._station.clock.now()
        return self._station.store.commit(
            lambda tx: self._access.issue_sign_in(tx, person=person, at=at, life=life)
        ).result()

    def token(
        self,
        actor: Actor,
        *,
        purpose: str,
        case: CaseId | None = None,
        days: int = 30,
        system: str = "",
    ) -> str:
        """Make a token for one's own programs, or the key of a `system`, bound to a purpose.

        A token makes no token wider than itself; a supervisor makes the key of a system, and
        answers for it. Raises `AuthorisationError`, `StateError` without an agreement.
        """
        actor.bound(purpose=purpose, case=case or ANY_CASE)
        if system:
            actor.seat(KEEPERS)
        at = self._station.clock.now()
        terms = Terms(
            purpose=purpose, case=case, expires=Instant(at + days * DAY), system=system
        )
        return self._station.store.commit(
            lambda tx: self._access.issue_token(tx, person=actor.person, terms=terms, at=at)
        ).result()

    def sign_in(self, secret: str) -> str:
        """Use a sign-in link once; returns the session's secret."""
        at = self._station.clock.now()
        return self._station.store.commit(
            lambda tx: self._access.redeem_sign_in(tx, secret, at=at)
        ).result()

    def sign_out(self, session: str) -> None:
        """End a session."""
        at = self._station.clock.now()
        self._station.store.commit(
            lambda tx: self._access.end_session(tx, session, at=at)
        ).result()

    def session(self, secret: str) -> SignedIn | None:
        """Return who holds a session, or nothing."""
        at = self._station.clock.now()

        def query(reader: Reader) -> SignedIn | None:
            acting = self._access.authenticate_session(reader, secret, at=at)
            return None if acting is None else self._signed_in(reader, acting, at)

        return self._station.store.read(query)

    def bearer(self, secret: str) -> SignedIn:
        """Return whose personal token this is; raises `AuthorisationError`.

        The key of a system is none: it opens nothing but what is made for programs.
        """
        found = self.holder(secret)
        if found.actor.system:
            raise AuthorisationError("this is the key of a system, not a personal token")
        return found

    def holder(self, secret: str) -> SignedIn:
        """Return who answers for a token or a system's key; raises `AuthorisationError`."""
        at = self._station.clock.now()

        def query(reader: Reader) -> SignedIn | None:
            acting = self._access.authenticate_token(reader, secret, at=at)
            return None if acting is None else self._signed_in(reader, acting, at)

        found = self._station.store.read(query)
        if found is None:
            raise AuthorisationError("this token is unknown, withdrawn or expired")
        return found

    def everyone(self, actor: Actor) -> tuple[PersonView, ...]:
        """List persons with their seats."""
        actor.seat(frozenset(seat.value for seat in Seat))
        return self._station.store.read(self._everyone)

    def names(self, reader: Reader) -> Mapping[str, str]:
        """Return the name of each person, for pages that show who acted."""
        rows = reader.find(PersonRow)
        return {row.person: self._name(reader, row) for row in rows}

    def _everyone(self, reader: Reader) -> tuple[PersonView, ...]:
        return tuple(
            PersonView(
                person=PersonId(row.person),
                name=self._name(reader, row),
                seats=tuple(reader.find(SeatRow, eq("person", row.person), order="since")),
                is_disabled=row.disabled_at is not None,
            )
            for row in reader.find(PersonRow, order="created")
        )

    def _signed_in(self, reader: Reader, acting: Acting, at: Instant) -> SignedIn:
        seats = frozenset(seat.value for seat in seats_of(reader, acting.person, at=at))
        row = reader.get(PersonRow, acting.person)
        actor = Actor(
            person=acting.person,
            seats=seats,
            session=acting.session,
            purpose=acting.purpose,
            case=acting.case or "",
            system=acting.system,
        )
        name = "" if row is None else self._name(reader, row)
        return SignedIn(actor=actor, name=name, csrf=acting.csrf)

    def _name(self, reader: Reader, row: PersonRow) -> str:
        kept = self._station.safe.open(reader, RecordId(row.record_id))
        return "" if kept is None else kept.decode()

    def _row(self, tx: Transaction, name: str) -> PersonRow:
        plain = name.strip()
        if not plain or len(plain) > 200:  # noqa: PLR2004 - longer than any name badge
            raise InvalidInputError("a person needs a name of 1 to 200 characters")
        station, at = self._station, self._station.clock.now()
        return PersonRow(
            person=f"{self._agency}/{station.entropy.take(8).hex()}",
            record_id=station.safe.keep(tx, sort="person", plaintext=plain.encode(), at=at),
            created=at,
        )


def known_seat(seat: str) -> Seat:
    """Read a seat's name; raises `InvalidInputError`."""
    try:
        return Seat(seat)
    except ValueError:
        known = ", ".join(each.value for each in Seat)
        raise InvalidInputError(f"unknown seat `{seat[:40]}`, expected {known}") from None
