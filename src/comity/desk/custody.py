"""Custody: what this node keeps on terms, and the acts that terms ask of a person."""

from collections.abc import Mapping

from comity.core.cbor import Value
from comity.core.ids import CaseId
from comity.core.store import Transaction
from comity.desk.actor import READERS, Actor
from comity.exchange import Station, cases
from comity.ledger import LeafType
from comity.record import (
    Assurance,
    AssuranceRow,
    assurances,
    end_assurance,
    hold_assurance,
)

_LEGAL = frozenset({"legal"})


class Custody:
    """Agreements held in writing."""

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

    def _enter(
        self,
        tx: Transaction,
        actor: Actor,
        case: CaseId,
        sort: LeafType,
        said: Mapping[str, Value],
    ) -> None:
        """Write an act of a case into the ledger, with its person."""
        at = self._station.clock.now()
        held = cases.case_row(tx, case)
        actor.bound(purpose=held.purpose, case=case)
        act = actor.act(READERS, at=at)
        record = {**said, "case": case, "person": actor.person, "seat": act.seat}
        line = cases.Line(case=case, partner=held.partner, act=act)
        cases.enter(tx, self._station, sort, record, line=line, at=at)
