"""The member's own door: one named person closes it, at once; two open it again.

The other is told *closed* by what it sends next. What waits for it here stays and is shown;
what protects a person passes, and so do warnings of danger to life unless closed out as well.
"""

from dataclasses import dataclass, replace

from comity.core.cbor import Value
from comity.core.clock import HOUR, Instant
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError, StateError
from comity.core.ids import AgencyId, RecordId, member_of
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk.actor import DECIDERS, READERS, Actor
from comity.desk.rows import PendingRow
from comity.exchange import DecisionRow, DoorRow, OutboxRow, Station
from comity.exchange.doors import BARRED, CLOSED
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType
from comity.practice import CaseRow

OPEN_WITHIN = 72 * HOUR
"""How long, in ms, the first of two persons waits for the second before an opening lapses."""
_WORDS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """What is closed: to an agency or a whole member, for one purpose or, without, for all."""

    partner: str
    purpose: str = ""
    warnings: bool = False
    """Close warnings of danger to life out as well."""
    reasons: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorView:
    """A closed door, and what waits behind it."""

    row: DoorRow
    reasons: str
    held_back: int
    """Messages of ours that wait because of it and of no open road."""
    undecided: int
    """Acts and drafts to this partner that wait for a person here; none can be sent."""
    awaits_second: bool
    """Whether one person has opened it, and another must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A partner that told us its door is closed: for which purpose, when it last said so."""

    partner: AgencyId
    purpose: str
    since: Instant
    """When the oldest message waiting for it was made."""
    waiting: int


class Doors:
    """Closing, opening, and what stands."""

    def __init__(self, station: Station) -> None:
        """Keep the door of one node."""
        self._station = station

    def close(self, actor: Actor, shut: Shut) -> None:
        """Close the door at once; closing again only tightens, and undoes half an opening.

        Raises `AuthorisationError`, `NotFoundError` for a partner or purpose nobody knows.
        """
        actor.seat(DECIDERS)
        self._check(shut)
        at = self._station.clock.now()

        def unit(tx: Transaction) -> None:
            held = tx.get(DoorRow, shut.partner, shut.purpose)
            # INVARIANT: one person tightens a door; no single person loosens one.
            is_kept = held is not None and held.opened_at is None and held.warnings
            row = DoorRow(
                partner=shut.partner,
                purpose=shut.purpose,
                person=actor.person,
                at=at,
                warnings=shut.warnings or is_kept,
                record_id=self._reasons(tx, shut.reasons, at=at),
            )
            tx.put(row)
            self._log(tx, row, {"person": actor.person}, sort=LeafType.STOPPED, at=at)

        self._station.store.commit(unit).result()

    def open(self, actor: Actor, partner: str, *, purpose: str = "") -> DoorRow:
        """Open a closed door: the first of two persons asks, the second opens.

        Raises `AuthorisationError` for one person twice, `NotFoundError` where none is closed.
        """
        actor.seat(DECIDERS)
        at = self._station.clock.now()

        def unit(tx: Transaction) -> DoorRow:
            row = tx.get(DoorRow, partner, purpose)
            if row is None or row.opened_at is not None:
                raise NotFoundError("no such door is closed")
            if not _is_asked(row, at):
                asked = replace(row, reopen_by=actor.person, reopen_at=at)
                tx.put(asked)
                return asked
            if row.reopen_by == actor.person:
                raise AuthorisationError("two persons open a door: another than the first")
            opened = replace(row, opened_at=at)
            tx.put(opened)
            said: dict[str, Value] = {"person": row.reopen_by, "second": actor.person}
            self._log(tx, row, said, sort=LeafType.LIFTED, at=at)
            return opened

        return self._station.store.commit(unit).result()

    def closed(self, actor: Actor) -> tuple[DoorView, ...]:
        """List the doors that are closed, with what waits behind each."""
        actor.seat(READERS)
        return self._station.store.read(
            lambda r: tuple(
                self._view(r, row)
                for row in r.find(DoorRow, eq("opened_at", None), order="partner,purpose")
            )
        )

    def told(self, actor: Actor) -> tuple[Closed, ...]:
        """List the partners whose closed door turned back what we sent, purpose by purpose."""
        actor.seat(READERS)
        return self._station.store.read(_told)

    def _check(self, shut: Shut) -> None:
        station = self._station
        known = {str(each.agency) for each in station.directory().agencies()}
        known |= {str(member_of(AgencyId(each))) for each in known}
        if shut.partner not in known:
            raise NotFoundError(f"no agency or member `{shut.partner[:40]}` in the directory")
        own = station.directory().node(station.node).agencies
        if shut.partner in own or shut.partner in {member_of(each) for each in own}:
            raise StateError("a member closes its door to others, not to itself")
        if shut.purpose and shut.purpose not in station.corpus().lexicon.purposes:
            raise InvalidInputError(f"unknown purpose `{shut.purpose[:60]}`")
        if len(shut.reasons) > _WORDS:
            raise InvalidInputError(f"reasons have at most {_WORDS} characters")

    def _reasons(self, tx: Transaction, reasons: str, *, at: Instant) -> str:
        words = reasons.strip().encode()
        return self._station.safe.keep(tx, sort="door", plaintext=words, at=at) if words else ""

    def _log(
        self,
        tx: Transaction,
        row: DoorRow,
        said: dict[str, Value],
        *,
        sort: LeafType,
        at: Instant,
    ) -> None:
        record = {**said, "partner": row.partner, "purpose": row.purpose}
        record |= {"warnings": row.warnings}
        made = commit(sort, record, at=at, entropy=self._station.entropy)
        tx.append(made.leaf.encode())
        self._station.safe.keep(tx, sort="door", plaintext=pack({}, made), at=at)

    def _view(self, reader: Reader, row: DoorRow) -> DoorView:
        kept = self._station.safe.open(reader, RecordId(row.record_id))
        agencies = [
            each.agency
            for each in self._station.directory().agencies()
            if row.partner in {each.agency, member_of(each.agency)}
        ]
        to = Where("recipient", Op.IN, tuple(agencies))
        held = reader.count(OutboxRow, eq("state", BARRED), to)
        waiting = reader.find(PendingRow, eq("state", "waiting"))
        cases = (reader.get(CaseRow, each.case) for each in waiting)
        pending = sum(case is not None and case.partner in agencies for case in cases)
        return DoorView(
            row=row,
            reasons="" if kept is None else kept.decode(),
            held_back=held,
            undecided=pending + reader.count(DecisionRow, eq("state", "waiting"), to),
            awaits_second=_is_asked(row, self._station.clock.now()),
        )


def _is_asked(row: DoorRow, at: Instant) -> bool:
    """Whether one person has opened it, not too long ago for another to do so too."""
    return row.reopen_at is not None and at < row.reopen_at + OPEN_WITHIN


def _told(reader: Reader) -> tuple[Closed, ...]:
    waiting = reader.find(
        OutboxRow, eq("state", "queued"), eq("code", CLOSED), order="created", limit=1_000
    )
    found: dict[tuple[str, str], list[int]] = {}
    for row in waiting:
        case = reader.get(CaseRow, row.case)
        purpose = "" if case is None else case.purpose
        found.setdefault((row.recipient, purpose), []).append(row.created)
    return tuple(
        Closed(
            partner=AgencyId(partner),
            purpose=purpose,
            since=Instant(min(made)),
            waiting=len(made),
        )
        for (partner, purpose), made in sorted(found.items())
    )
