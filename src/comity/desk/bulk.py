"""Whole lists compared with what is held: the law is asked first, and the act is one entry.

Before the first row the law of this side is asked for this agency, purpose, case and sort of
list; its answer and one `consulted` leaf, with how many are asked for and a salted commitment
to whom, stand in the ledger before anything is compared. The rows come in slices, each bound to
those before it, so that what was compared is what was declared.

INVARIANT: no answer carries a score, and nothing that a reader may not see moves a candidate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import (
    AuthorisationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StateError,
)
from comity.core.ids import AgencyId, CaseId, MemberId
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import DECIDERS, LINE, Actor
from comity.desk.letters import with_facts
from comity.desk.ranking import Ranking
from comity.desk.rows import BatchRow
from comity.desk.slices import BANDS, Near, answered, followed
from comity.exchange import Act, DecisionRow, Station, cases
from comity.exchange.drafts import draft_record
from comity.exchange.leaves import Commitment, commit, pack
from comity.law import Decision, Explanation, Side, Verdict, count_unread, explain
from comity.ledger import LeafType
from comity.message import Draft, Handling, Tlp
from comity.practice import CaseFieldRow, CaseRow
from comity.record import Clearance
from comity.screening import Query

KIND: Final = "screening.batch/1"
SORTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "passengers": frozenset({"identity", "travel", "travel-document"}),
        "customers": frozenset({"identity", "financial"}),
        "persons": frozenset({"identity"}),
    }
)
"""What a list is of, and the data categories that the law is asked about."""
LIFE: Final = DAY
"""How long a permit to compare a list lasts."""
_LIFTED = "batch-lift"
_LEAF = {
    Verdict.PERMIT: LeafType.PERMITTED,
    Verdict.REFER: LeafType.REFERRED,
    Verdict.DENY: LeafType.DENIED,
}
_STATE = {Verdict.PERMIT: "used", Verdict.REFER: "again", Verdict.DENY: "denied"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What is said of a list before any of it is compared."""

    sort: str
    rows: int
    """How many are asked for."""
    salt: bytes
    """32 random bytes that the chain of rows begins with."""
    end: bytes
    """What the chain of all rows ends with (`screening.batch.chain`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What the law says of comparing a list; `batch` names it where it may be."""

    batch: str
    explanation: Explanation


class Bulk:
    """Lists of people, compared for a case."""

    def __init__(
        self, station: Station, agency: AgencyId, *, member: MemberId, ranking: Ranking
    ) -> None:
        """Compare for one agency, on what `ranking` lets its member see."""
        self._station, self._agency = station, agency
        self._member, self._ranking = member, ranking

    def begin(self, actor: Actor, case: CaseId, declared: Declared) -> Begun:
        """Ask the law whether a list may be compared for a case, and write its answer down.

        Raises `InvalidInputError` on a sort nobody knows or an empty list.
        """
        at = self._station.clock.now()
        act = actor.act(LINE, at=at)
        _check(declared)

        def asked(reader: Reader) -> tuple[Draft, tuple[str, ...]]:
            row = cases.case_row(reader, case)
            actor.bound(purpose=row.purpose, case=case)
            draft = with_facts(reader, self._draft(row, declared, at=at), {})
            return draft, lifts(reader, case, at=at)

        draft, lifted = self._station.store.read(asked)
        act = replace(act, lifted=lifted)
        corpus = self._station.corpus()
        told = explain(draft, corpus, side=Side.SCREEN, lifted=lifted)
        return self._written(draft, act, told, declared)

    def lift(self, actor: Actor, case: CaseId, rule: str, *, reasons: str = "") -> None:
        """Lift what a rule refers, for lists of this case and a day; by a seat the law names.

        Whoever lifts it begins no list in this case. Raises `NotFoundError` on an unknown rule.
        """
        station, at = self._station, self._station.clock.now()
        known = next((each for each in station.corpus().rules if each.name == rule), None)
        if known is None:
            raise NotFoundError(f"no rule `{rule[:60]}` in the packs")
        act = actor.act(known.lifted_by & DECIDERS, at=at)

        def unit(tx: Transaction) -> None:
            row = cases.case_row(tx, case)
            actor.bound(purpose=row.purpose, case=case)
            value = f"{rule}={actor.person}@{at + LIFE}"
            tx.put(CaseFieldRow(case=case, name=_LIFTED, value=value))
            record: dict[str, Value] = {
                "rule": rule,
                "kind": KIND,
                "act": act.record(),
                "until": at + LIFE,
                "reasons": reasons,
            }
            line = cases.Line(case=case, kind=KIND, act=act)
            cases.enter(tx, station, LeafType.LIFTED, record, line=line, at=at)

        station.store.commit(unit).result()

    def search(
        self,
        actor: Actor,
        batch: str,
        queries: Sequence[Query],
        *,
        before: bytes,
        least: str = "possible",
    ) -> tuple[tuple[Near, ...], ...]:
        """Compare the next rows, or once more the last ones; `before` is the chain until here.

        Raises `ConflictError` where they do not follow, or the law has changed since;
        `LimitError` on more rows than declared, or than `SLICE` at once.
        """
        if least not in BANDS:
            raise InvalidInputError(f"unknown band `{least[:20]}`")
        row, held = self._open(actor, batch)
        after = followed(row, queries, before, keyed=self._keyed)
        clearance = Clearance(member=self._member, purpose=held.purpose, tlp=Tlp.RED)
        answers = self._ranking.search_many(queries, clearance, limit=_MOST)

        def unit(tx: Transaction) -> tuple[tuple[Near, ...], ...]:
            return answered(tx, (row, after), answers, least=least)

        return self._station.store.commit(unit).result()

    def finish(self, actor: Actor, batch: str) -> BatchRow:
        """End a batch; raises `ConflictError` where its rows were not those declared.

        That is an incident, and stands in the ledger as one.
        """
        row, _ = self._open(actor, batch)
        at = self._station.clock.now()
        is_whole = row.chain == row.ends and row.done == row.rows
        ended = replace(row, state="done" if is_whole else "other")

        def unit(tx: Transaction) -> BatchRow:
            tx.put(ended)
            if not is_whole:
                record: dict[str, Value] = {"batch": batch, "rows": row.rows, "done": row.done}
                line = cases.Line(case=CaseId(row.case), kind=KIND, act=actor.act(LINE, at=at))
                cases.enter(tx, self._station, LeafType.INCIDENT, record, line=line, at=at)
            return ended

        self._station.store.commit(unit).result()
        if not is_whole:
            raise ConflictError("the rows compared are not those that were declared")
        return ended

    def batches(self, actor: Actor, case: CaseId) -> tuple[BatchRow, ...]:
        """List the batches of a case, the newest first; content-free."""
        actor.seat(LINE | DECIDERS)

        def query(reader: Reader) -> tuple[BatchRow, ...]:
            actor.bound(purpose=cases.case_row(reader, case).purpose, case=case)
            rows = reader.find(BatchRow, eq("case", case), order="-at", limit=200)
            return tuple(replace(row, state=self._state(row)) for row in rows)

        return self._station.store.read(query)

    def _draft(self, row: CaseRow, declared: Declared, *, at: Instant) -> Draft:
        return Draft(
            kind=KIND,
            originator=self._agency,
            recipient=self._agency,
            purpose=row.purpose,
            at=at,
            body={},
            handling=Handling(tlp=Tlp.RED),
            case=CaseId(row.case),
            categories=SORTS[declared.sort],
        )

    def _written(self, draft: Draft, act: Act, told: Explanation, declared: Declared) -> Begun:
        station, decision = self._station, told.decision
        if any(lift.partition("=")[2] == act.person for lift in act.lifted):
            raise AuthorisationError("whoever lifted a rule for this case begins no list in it")
        made = commit(
            _LEAF[decision.verdict],
            {
                "act": act.record(),
                "draft": draft_record(draft),
                "decision": decision.digest,
                "verdict": int(decision.verdict),
                "packs": station.corpus().digest,
            },
            at=draft.at,
            entropy=station.entropy,
        )

        def unit(tx: Transaction) -> Begun:
            index = self._decided(tx, (draft, act, decision), made)
            if decision.verdict is not Verdict.PERMIT:
                return Begun(batch="", explanation=told)
            batch = made.leaf.ref.hex()
            self._consulted(tx, (draft, act, declared), batch=batch, follows=index)
            return Begun(batch=batch, explanation=told)

        return station.store.commit(unit).result()

    def _decided(
        self, tx: Transaction, asked: tuple[Draft, Act, Decision], made: Commitment
    ) -> int:
        station, (draft, act, decision) = self._station, asked
        index = tx.append(made.leaf.encode())
        agencies = (self._agency, self._agency)
        count_unread(tx, decision, station.corpus(), agencies=agencies)
        kept = pack({"draft": draft_record(draft), "act": act.record()}, made)
        tx.insert(
            DecisionRow(
                decision=made.leaf.ref.hex(),
                case=draft.case,
                kind=KIND,
                recipient=self._agency,
                person=act.person,
                at=draft.at,
                verdict=int(decision.verdict),
                digest=decision.digest,
                packs=station.corpus().digest,
                directory=0,
                leaf=index,
                commitment=made.leaf.commitment,
                record_id=station.safe.keep(tx, sort="decision", plaintext=kept, at=draft.at),
                state=_STATE[decision.verdict],
                rules=decision.weighed,
            )
        )
        cases.note(tx, draft.case, made.leaf, index=index, act=act, kind=KIND)
        return index

    def _consulted(
        self,
        tx: Transaction,
        begun: tuple[Draft, Act, Declared],
        *,
        batch: str,
        follows: int,
    ) -> None:
        station, (draft, act, declared) = self._station, begun
        record: dict[str, Value] = {
            "case": draft.case,
            "person": act.person,
            "batch": declared.rows,
            "sort": declared.sort,
            "asked": declared.end,
        }
        line = cases.Line(case=draft.case, kind=KIND, reference=batch, act=act)
        cases.enter(
            tx, station, LeafType.CONSULTED, record, line=line, at=draft.at, follows=follows
        )
        tx.insert(
            BatchRow(
                batch=batch,
                case=draft.case,
                person=act.person,
                sort=declared.sort,
                at=draft.at,
                rows=declared.rows,
                done=0,
                found=0,
                chain=self._keyed(declared.salt),
                was=b"",
                ends=self._keyed(declared.end),
                packs=station.corpus().digest,
                state="open",
            )
        )

    def _keyed(self, link: bytes) -> bytes:
        return self._station.keyed_hash(link.hex())

    def _open(self, actor: Actor, batch: str) -> tuple[BatchRow, CaseRow]:
        actor.seat(LINE)

        def query(reader: Reader) -> tuple[BatchRow, CaseRow]:
            row = reader.get(BatchRow, batch)
            if row is None or row.person != actor.person:
                raise NotFoundError(f"no batch `{batch[:40]}` of yours")
            held = cases.case_row(reader, CaseId(row.case))
            actor.bound(purpose=held.purpose, case=row.case)
            return row, held

        row, held = self._station.store.read(query)
        if row.state != "open":
            raise StateError(f"this batch is `{row.state}`: begin another one")
        if self._state(row) != "open":
            raise ConflictError("the law changed, or a day has passed, since: begin again")
        return row, held

    def _state(self, row: BatchRow) -> str:
        """Return how a batch stands; one may go on for a day, under the law that let it."""
        is_old = self._station.clock.now() >= row.at + LIFE
        is_other_law = row.packs != self._station.corpus().digest
        return "stale" if row.state == "open" and (is_old or is_other_law) else row.state


def _check(declared: Declared) -> None:
    if declared.sort not in SORTS:
        expected = ", ".join(SORTS)
        raise InvalidInputError(f"unknown sort of list `{declared.sort[:20]}`: {expected}")
    if declared.rows < 1:
        raise InvalidInputError("a list names at least one person")
    if len(declared.salt) != _DIGEST or len(declared.end) != _DIGEST:
        raise InvalidInputError(f"salt and end are {_DIGEST} bytes each")


_MOST = 5
"""Most candidates of one row."""
_DIGEST = 32


def lifts(reader: Reader, case: CaseId, *, at: Instant) -> tuple[str, ...]:
    """Return what was lifted of a case for lists, `rule=person`, and still is."""
    rows = reader.find(CaseFieldRow, eq("case", case), eq("name", _LIFTED))
    found = (row.value.rpartition("@") for row in rows)
    return tuple(sorted({lift for lift, _, until in found if int(until) > at}))
