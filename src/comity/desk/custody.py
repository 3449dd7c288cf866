"""Custody: what this node keeps on terms, and the acts that terms ask of a person."""

from collections.abc import Mapping

from comity.core.cbor import Value
from comity.core.clock import Instant, utc_date
from comity.core.errors import NotFoundError
from comity.core.ids import AgencyId, CaseId, message_id
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import DECIDERS, READERS, Actor
from comity.exchange import InboxRow, Station, cases
from comity.exchange.keeping import close_review, erase_over, owe_review
from comity.ledger import LeafType
from comity.practice import CaseRow
from comity.record import (
    Assurance,
    AssuranceRow,
    Kept,
    TimerRow,
    Use,
    assurances,
    consent_for,
    end_assurance,
    hold_assurance,
    keep_longer,
    reviews,
    timer_of,
)

_LEGAL = frozenset({"legal"})


class Custody:
    """Agreements held in writing, and what is looked at again before it is erased."""

    def __init__(self, station: Station) -> None:
        """Sit beside the desk."""
        self._station = station

    def assure(self, actor: Actor, said: Assurance) -> AssuranceRow:
        """State that a written assurance against the death penalty is held for a case.

        Raises `InvalidInputError` where author, text or monitoring is missing.
        """
        actor.seat(_LEGAL)
        station, at = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> AssuranceRow:
            cases.case_row(tx, said.case)
            row = hold_assurance(tx, said, safe=station.safe, by=actor.person, at=at)
            self._enter(tx, actor, said.case, LeafType.ASSESSED, {"assurance": row.record_id})
            return row

        return station.store.commit(unit).result()

    def end_assurance(self, actor: Actor, record_id: str) -> None:
        """Rely on an assurance no longer; raises `NotFoundError`."""
        actor.seat(_LEGAL)
        at = self._station.clock.now()

        def unit(tx: Transaction) -> None:
            row = end_assurance(tx, record_id, at=at)
            ended: Mapping[str, Value] = {"assurance": record_id, "ended": at}
            self._enter(tx, actor, CaseId(row.case), LeafType.ASSESSED, ended)

        self._station.store.commit(unit).result()

    def assurances(self, actor: Actor, case: CaseId) -> tuple[AssuranceRow, ...]:
        """List the assurances of a case, ended ones included."""
        actor.seat(READERS)
        row = self._station.store.read(lambda r: cases.case_row(r, case))
        actor.bound(purpose=row.purpose, case=case)
        return self._station.store.read(lambda r: assurances(r, case))

    def reviews(self, actor: Actor) -> tuple[TimerRow, ...]:
        """List what is to be looked at again before it is erased, the first to go first."""
        actor.seat(READERS)
        at = self._station.clock.now()
        found = self._station.store.read(lambda r: reviews(r, at=at))
        return tuple(row for row in found if actor.case in {"", row.case})

    def keep(self, actor: Actor, subject: str, *, until: Instant, reasons: str) -> TimerRow:
        """Keep one message or statement until a later day, for one more period at most.

        Beyond the end its originator set, only with the originator's consent to keep it longer.
        Raises `NotFoundError`, `InvalidInputError` without reasons, `StateError` too late.
        """
        actor.seat(DECIDERS)
        station, at = self._station, self._station.clock.now()
        longest = station.corpus().clock("retention-review", on=utc_date(at)).span.after(at)
        kept = Kept(until=until, reasons=reasons, by=actor.person)

        def unit(tx: Transaction) -> TimerRow:
            row = timer_of(tx, subject)
            if row is None:
                raise NotFoundError(f"nothing `{subject[:64]}` is held under a timer")
            said: Mapping[str, Value] = {"kept": subject, "until": until, "was": row.erase_by}
            self._enter(tx, actor, CaseId(row.case), LeafType.ASSESSED, said)
            if row.case:
                close_review(tx, row, at=at)
            end = _end_of(tx, row, at=at)
            bound = longest if end is None else min(longest, end)
            return keep_longer(tx, row, kept, longest=bound, safe=station.safe, at=at)

        return station.store.commit(unit).result()

    def erase_due(self) -> int:
        """Erase messages whose time is over, and give near ends to a person; for a worker.

        Returns how many were erased.
        """
        station, at = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> int:
            gone = erase_over(tx, station=station, at=at)
            for row in reviews(tx, at=at, limit=1_000):
                if row.erase_by > at:
                    owe_review(tx, row, at=at)
            return gone

        return station.store.commit(unit).result()

    def _enter(
        self,
        tx: Transaction,
        actor: Actor,
        case: CaseId,
        sort: LeafType,
        said: Mapping[str, Value],
    ) -> None:
        """Write an act into the ledger, with its person, and its case where it has one."""
        at = self._station.clock.now()
        held = tx.get(CaseRow, case)
        actor.bound(purpose="" if held is None else held.purpose, case=case)
        act = actor.act(READERS, at=at)
        record = {**said, "case": case, "person": actor.person, "seat": act.seat}
        line = cases.Line(case=case, partner="" if held is None else held.partner, act=act)
        cases.enter(tx, self._station, sort, record, line=line, at=at)


def _end_of(reader: Reader, row: TimerRow, *, at: Instant) -> Instant | None:
    """Return the end an originator set, unless it agreed that a message is kept longer."""
    if row.latest is None:
        return None
    held = reader.find(InboxRow, eq("mid", message_id(row.subject)), limit=1)
    agreed = held and consent_for(
        reader,
        row.subject,
        Use.LONGER_RETENTION,
        originator=AgencyId(held[0].author),
        at=at,
    )
    return None if agreed else Instant(row.latest)
