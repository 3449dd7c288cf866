"""Counsel: what the law says and why, and the standing facts a legal adviser answers for."""

from dataclasses import dataclass

from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import AgencyId, CaseId, RecordId
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import READERS, Actor
from comity.desk.matrix import Asked, MatrixRow, known_of, row_of
from comity.desk.rows import CaseFactRow
from comity.exchange import Station, cases
from comity.exchange.leaves import commit, pack
from comity.law import (
    AssessmentRow,
    Explanation,
    assess,
    compose_facts,
    confirm,
    explain,
    parse_inquiry,
)
from comity.ledger import LeafType
from comity.message import Facts

LEGAL = frozenset({"legal"})
RIGHTS = frozenset({"rights"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A standing answer about a partner, for a purpose, with its reasons and sources."""

    partner: AgencyId
    purpose: str
    fact: str
    value: bool | None
    until: Instant
    reasons: str


class Counsel:
    """Explanations, assessments, and facts stated once of a case."""

    def __init__(self, station: Station) -> None:
        """Sit beside the desk."""
        self._station = station

    def explain(self, inquiry: bytes) -> Explanation:
        """Answer an inquiry written as JSON; nothing is disclosed, so nothing is logged."""
        corpus = self._station.corpus()
        return explain(parse_inquiry(inquiry, corpus), corpus)

    def matrix(self, actor: Actor, asked: Asked) -> tuple[MatrixRow, ...]:
        """Judge every data category for every partner, before anybody has answered anything."""
        actor.seat(READERS)
        station = self._station
        if asked.purpose not in station.corpus().lexicon.purposes:
            raise InvalidInputError(f"unknown purpose `{asked.purpose[:60]}`")
        station.practices.kind(asked.kind)
        entries = station.directory().agencies()
        partners = [entry.agency for entry in entries if entry.agency != asked.agency]
        return station.store.read(
            lambda r: tuple(row_of(r, each, asked, station=station) for each in partners)
        )

    def known(self, actor: Actor, partner: AgencyId, asked: Asked) -> Facts:
        """Return what is known of a message to a partner before it is written."""
        actor.seat(READERS)
        at = self._station.clock.now()
        return self._station.store.read(lambda r: known_of(r, partner, asked, at=at))

    def assess(self, actor: Actor, said: Assessment) -> AssessmentRow:
        """State a standing fact; it counts once the rights officer has confirmed it."""
        actor.seat(LEGAL)
        station, at = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> AssessmentRow:
            plaintext = said.reasons.encode()
            row = assess(
                AssessmentRow(
                    partner=said.partner,
                    purpose=said.purpose,
                    fact=said.fact,
                    value=said.value,
                    at=at,
                    until=said.until,
                    by=actor.person,
                    confirmed_by=None,
                    record_id=station.safe.keep(
                        tx, sort="assessment", plaintext=plaintext, at=at
                    ),
                )
            )
            tx.insert(row)
            return row

        return station.store.commit(unit).result()

    def confirm(self, actor: Actor, *, partner: str, purpose: str, fact: str, at: int) -> None:
        """Confirm another person's assessment: it counts, and the ledger says so."""
        actor.seat(RIGHTS)
        station, now = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> None:
            row = tx.get(AssessmentRow, partner, purpose, fact, at)
            if row is None:
                raise NotFoundError("no such assessment waits")
            tx.put(confirm(row, by=actor.person))
            made = commit(
                LeafType.ASSESSED,
                {
                    "partner": partner,
                    "purpose": purpose,
                    "fact": fact,
                    "by": row.by,
                    "confirmed": actor.person,
                    "until": row.until,
                },
                at=now,
                entropy=station.entropy,
            )
            tx.append(made.leaf.encode())
            station.safe.keep(tx, sort="assessed", plaintext=pack({}, made), at=now)

        station.store.commit(unit).result()

    def assessments(self, actor: Actor) -> tuple[AssessmentRow, ...]:
        """List assessments, the newest first."""
        actor.seat(READERS)
        return tuple(
            self._station.store.read(lambda r: r.find(AssessmentRow, order="-at", limit=500))
        )

    def reasons(self, actor: Actor, row: AssessmentRow) -> str:
        """Return the reasons and sources of an assessment."""
        actor.seat(READERS)
        kept = self._station.store.read(
            lambda r: self._station.safe.open(r, RecordId(row.record_id))
        )
        return "" if kept is None else kept.decode()

    def state(self, actor: Actor, case: CaseId, fact: str, *, value: bool | None) -> None:
        """State a fact of a case once; it is inherited by every message of it.

        Anybody may state a contrary sign; only the rights officer takes one back.
        """
        is_sign = fact in self._station.corpus().lexicon.signs
        seat = actor.seat(RIGHTS if is_sign and value is False else READERS)
        if not is_sign:
            compose_facts(derived={}, standing={}, case={fact: value}, message={})
        at = self._station.clock.now()

        def unit(tx: Transaction) -> None:
            actor.bound(purpose=cases.case_row(tx, case).purpose, case=case)
            tx.put(
                CaseFactRow(
                    case=case, fact=fact, value=value, person=actor.person, seat=seat, at=at
                )
            )

        self._station.store.commit(unit).result()

    def stated(self, actor: Actor, case: CaseId) -> tuple[CaseFactRow, ...]:
        """List the facts stated of a case."""
        actor.seat(READERS)

        def query(reader: Reader) -> tuple[CaseFactRow, ...]:
            actor.bound(purpose=cases.case_row(reader, case).purpose, case=case)
            return tuple(reader.find(CaseFactRow, eq("case", case), order="fact"))

        return self._station.store.read(query)
