"""Look-ups: who may be held under this name, compared by a person before any score is shown.

Every look-up names a case and is one `consulted` leaf. A candidate's score stays off the page,
and out of every answer, until the officer's first view is recorded; a second officer does not
see the first one's view before their own is final.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import NotFoundError, StateError
from comity.core.ids import CaseId, EntityId, MemberId, PersonId
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import LINE, Actor
from comity.desk.ranking import Answer, Ranked, Ranking, profile_of
from comity.exchange import EventRow, Station, cases
from comity.exchange.cases import TOLD
from comity.exchange.leaves import Commitment, commit, pack
from comity.ledger import LeafType
from comity.message import Draft, Tlp
from comity.practice import CaseFieldRow, CaseRow, Kind, choice
from comity.record import (
    Candidacy,
    Clearance,
    Entity,
    JudgementRow,
    Opinion,
    Outcomes,
    Safe,
    Standing,
    Verdict,
    View,
    age_of,
    current_edition,
    entity_of,
    judgements_for,
    look_again,
    may_see_score,
    outcomes,
    record_final_view,
    record_first_view,
    verdict,
)
from comity.screening import Candidate, Evidence, Finder, Flag, Query, band, compare
from comity.screening.names import read_name
from comity.screening.scoring import calibration


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One candidate in a list: who, from which edition of what, never how likely."""

    entity_id: EntityId
    name: str
    schema: str
    dataset: str
    edition: str
    edition_age: int | None
    """Whole days since the list was published."""
    is_contested: bool
    view: str
    """This officer's own view so far: empty, `same`, `different` or `unsure`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a search found for its reader; it reads as its candidates, the likeliest first."""

    candidates: tuple[Listed, ...]
    flags: tuple[Flag, ...] = ()

    def __iter__(self) -> Iterator[Listed]:
        """Go through the candidates in their order."""
        return iter(self.candidates)

    def __len__(self) -> int:
        """Return how many candidates are listed."""
        return len(self.candidates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A candidate beside what was asked.

    `score`, `band` and `outcomes` are `None` or empty before the first view.
    """

    entity: Entity
    evidence: tuple[Evidence, ...]
    edition: str
    edition_age: int | None
    score: float | None
    band: str
    judgements: tuple[JudgementRow, ...]
    verdict: Verdict
    seen: bytes
    outcomes: Outcomes | None
    """What became of candidates judged here that stood as this one does."""
    flags: tuple[Flag, ...]
    """What must be said of the comparison, whatever its score."""
    standing: Standing = field(repr=False)
    """Kept with the first view; no surface shows it."""


class LookUp:
    """Screening and judging, for persons in a line seat."""

    def __init__(
        self, station: Station, safe: Safe, *, member: MemberId, finder: Callable[[], Finder]
    ) -> None:
        """Ask `finder` at each search; `safe` opens what is held."""
        self._station = station
        self._safe = safe
        self._member = member
        self._ranking = Ranking(station, safe, finder=finder)

    def search(self, actor: Actor, case: CaseId, query: Query, *, limit: int = 20) -> Listing:
        """Find candidates for a case, and log it; raises `NotFoundError` without one."""
        clearance = self._cleared(actor, case)
        answer = self._ranking.search(query, clearance, limit=limit + 1).first(limit)
        self._log(case, actor, _asked(query), found=(answer,))
        return self._station.store.read(lambda r: self._listing(r, actor, case, answer))

    def search_many(
        self, actor: Actor, case: CaseId, queries: Sequence[Query], *, limit: int = 5
    ) -> tuple[Listing, ...]:
        """Find candidates for each question, in order; a batch is one act in the log."""
        clearance = self._cleared(actor, case)
        answers = self._ranking.search_many(queries, clearance, limit=limit)
        self._log(case, actor, _asked_of(queries), found=answers)
        return self._station.store.read(
            lambda r: tuple(self._listing(r, actor, case, each) for each in answers)
        )

    def _cleared(self, actor: Actor, case: CaseId) -> Clearance:
        actor.seat(LINE)
        return self._clearance(self._bound(actor, case))

    def named(
        self, actor: Actor, case: CaseId, query: Query, names: Sequence[EntityId]
    ) -> Listing:
        """List candidates that a watch found; a look like every other, and logged as one."""
        answer = self._ranking.named(query, names, self._cleared(actor, case))
        self._log(case, actor, _asked(query), found=(answer,))
        return self._station.store.read(lambda r: self._listing(r, actor, case, answer))

    def compare(
        self, actor: Actor, case: CaseId, entity_id: EntityId, query: Query
    ) -> Comparison:
        """Lay a candidate beside the question; the score comes after this person's view."""
        actor.seat(LINE)
        self._bound(actor, case)
        return self._station.store.read(
            lambda r: self._comparison(r, actor, (case, entity_id), query)
        )

    def first_view(
        self, actor: Actor, case: CaseId, shown: Comparison, opinion: Opinion
    ) -> None:
        """Record what an officer makes of a candidate before seeing any score."""
        who = self._who(actor, case, shown)
        at = self._station.clock.now()
        self._station.store.commit(
            lambda tx: record_first_view(tx, who, opinion, safe=self._safe, at=at)
        ).result()

    def final_view(
        self, actor: Actor, case: CaseId, shown: Comparison, opinion: Opinion
    ) -> Verdict:
        """Record an officer's final view, first and final both, in the ledger.

        Raises `StateError` before the first view, `ConflictError` where the record changed.
        """
        who = self._who(actor, case, shown)
        at = self._station.clock.now()

        def unit(tx: Transaction) -> Verdict:
            row = record_final_view(tx, who, opinion, safe=self._safe, at=at)
            made = self._judged(row, at=at)
            index = tx.append(made.leaf.encode())
            self._safe.keep(tx, sort="judged", plaintext=pack({}, made), at=at)
            act = actor.act(LINE, at=at)
            cases.note(tx, case, made.leaf, index=index, act=act, reference=row.entity_id)
            return verdict(tx, case, shown.entity.entity_id)

        return self._station.store.commit(unit).result()

    def _judged(self, row: JudgementRow, *, at: Instant) -> Commitment:
        record: dict[str, Value] = {
            "case": row.case_id,
            "candidate": row.entity_id,
            "person": row.person,
            "first": row.first_view,
            "final": row.final_view,
            "edition": row.edition,
        }
        return commit(LeafType.JUDGED, record, at=at, entropy=self._station.entropy)

    def _log(
        self,
        case: CaseId,
        actor: Actor,
        asked: Mapping[str, Value],
        *,
        found: Sequence[Answer],
    ) -> None:
        at, shown = self._station.clock.now(), [one for each in found for one in each.ranked]
        record: dict[str, Value] = {
            "case": case,
            "person": actor.person,
            **asked,
            "count": len(shown),
        }
        made = commit(LeafType.CONSULTED, record, at=at, entropy=self._station.entropy)

        def unit(tx: Transaction) -> None:
            index = tx.append(made.leaf.encode())
            self._safe.keep(tx, sort="consulted", plaintext=pack({}, made), at=at)
            cases.note(tx, case, made.leaf, index=index, act=actor.act(LINE, at=at))
            for each in shown:
                name = each.entity.entity_id
                tx.put(CaseFieldRow(case=case, name="candidate", value=name))

        self._station.store.commit(unit).result()

    def _clearance(self, row: CaseRow) -> Clearance:
        return Clearance(member=self._member, purpose=row.purpose, tlp=Tlp.RED)

    def _listing(self, reader: Reader, actor: Actor, case: CaseId, answer: Answer) -> Listing:
        rows = tuple(self._listed(reader, actor, case, each) for each in answer.ranked)
        return Listing(candidates=rows, flags=answer.flags)

    def _listed(self, reader: Reader, actor: Actor, case: CaseId, found: Ranked) -> Listed:
        entity = found.entity
        edition, age = self._edition(reader, found.candidate.dataset)
        own = reader.get(JudgementRow, case, entity.entity_id, actor.person)
        return Listed(
            entity_id=entity.entity_id,
            name=next(iter(entity.properties.get("name", ("",)))),
            schema=entity.schema,
            dataset=found.candidate.dataset,
            edition=edition,
            edition_age=age,
            is_contested=entity.is_contested,
            view="" if own is None else own.final_view or own.first_view,
        )

    def _comparison(
        self, reader: Reader, actor: Actor, which: tuple[CaseId, EntityId], query: Query
    ) -> Comparison:
        case, entity_id = which
        row, at = cases.case_row(reader, case), self._station.clock.now()
        clearance = self._clearance(row)
        entity = entity_of(reader, entity_id, safe=self._safe, reader=clearance, at=at)
        if entity is None:
            raise NotFoundError("nothing by that name that can be shown for this case")
        found = compare(query, profile_of(entity))
        may_see = may_see_score(reader, case, entity_id, actor.person)
        edition, age = self._edition(reader, found.dataset)
        standing = _standing(found, query)
        return Comparison(
            entity=entity,
            evidence=found.evidence if may_see else _unweighed(found.evidence),
            edition=edition,
            edition_age=age,
            score=found.score if may_see else None,
            band=standing.band if may_see else "",
            judgements=judgements_for(reader, case, entity_id, actor.person),
            verdict=_verdict_for(reader, case, entity_id, actor.person),
            seen=_digest(entity, query),
            outcomes=outcomes(reader, standing) if may_see else None,
            flags=_flags(found, entity),
            standing=standing,
        )

    def _edition(self, reader: Reader, dataset: str) -> tuple[str, int | None]:
        row = current_edition(reader, dataset)
        if row is None:
            return "", None
        return row.edition, age_of(row, self._station.clock.now())

    def look_again(self, actor: Actor, case: CaseId, shown: Comparison) -> None:
        """Note that an officer saw how the record changed since their first view."""
        who = self._who(actor, case, shown)
        self._station.store.commit(lambda tx: look_again(tx, who)).result()

    def _bound(self, actor: Actor, case: CaseId) -> CaseRow:
        """Return the case, once the token's own purpose and case allow it."""
        row = self._station.store.read(lambda r: cases.case_row(r, case))
        actor.bound(purpose=row.purpose, case=case)
        return row

    def _who(self, actor: Actor, case: CaseId, shown: Comparison) -> Candidacy:
        actor.seat(LINE)
        self._bound(actor, case)
        return Candidacy(
            case=case,
            entity_id=shown.entity.entity_id,
            person=actor.person,
            seen=shown.seen,
            edition=shown.edition,
            standing=shown.standing,
        )


def _verdict_for(
    reader: Reader, case: CaseId, entity_id: EntityId, person: PersonId
) -> Verdict:
    # INVARIANT: what others judged stays hidden until one's own view is final.
    own = reader.get(JudgementRow, case, entity_id, person)
    is_done = own is not None and bool(own.final_view)
    return verdict(reader, case, entity_id) if is_done else Verdict.OPEN


def check_evidence(
    reader: Reader, draft: Draft, *, kind: Kind, person: PersonId, is_life: bool
) -> None:
    """Refuse to tell a partner of a candidate nobody, or too few, have judged.

    INVARIANT: a candidate is disclosed only once two persons' final views say *same*; under a
    stated threat to life its author's own is enough, and the partner is told *one person*.
    A *no-hit* wants a look-up, one person's judgement where that found candidates, and is
    refused while any is judged *same* or disputed. Raises `StateError`.
    """
    outcome = choice(kind, draft.body)
    if kind.decides != "outcome" or not outcome:
        return
    rows = reader.find(JudgementRow, eq("case_id", draft.case))
    verdicts = {verdict(reader, draft.case, EntityId(row.entity_id)) for row in rows}
    is_judged = any(row.final_view for row in rows)
    own = {row.final_view for row in rows if row.person == person}
    is_alone = is_life and View.SAME.value in own and Verdict.DISPUTED not in verdicts
    if outcome in TOLD and Verdict.SAME not in verdicts and not is_alone:
        raise StateError(
            "no candidate of this case is judged *same* by two persons: judge before you tell"
        )
    if outcome == "no-hit" and View.SAME.value in {row.final_view for row in rows}:
        raise StateError("a candidate of this case is judged *same* by somebody: not a no-hit")
    if outcome == "no-hit" and not is_judged:
        _check_looked(reader, draft.case)


def _check_looked(reader: Reader, case: CaseId) -> None:
    if not reader.count(EventRow, eq("case", case), eq("sort", "consulted")):
        raise StateError("nobody has looked for this person yet: search before you answer")
    if reader.count(CaseFieldRow, eq("case", case), eq("name", "candidate")):
        raise StateError(
            "candidates were found and nobody has judged one: judge before you tell"
        )


def _flags(found: Candidate, entity: Entity) -> tuple[Flag, ...]:
    contested = (Flag.CONTESTED,) if entity.is_contested else ()
    return tuple(dict.fromkeys((*found.flags, *contested)))


def _unweighed(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    # INVARIANT: no weight, of a value or of a word of a name, leaves before the first view.
    return tuple(
        replace(
            found,
            weight=0.0,
            tokens=tuple(replace(token, weight=0.0) for token in found.tokens),
        )
        for found in evidence
    )


def _standing(found: Candidate, query: Query) -> Standing:
    name = next((each for each in found.evidence if each.prop == "name"), None)
    asked, held = (
        query.names[0] if name is None else name.asked,
        "" if name is None else name.held,
    )
    scripts = "-".join(read_name(text).script or "none" for text in (asked, held))
    return Standing(band=band(found.score), script=scripts, calibration=calibration().version)


def _asked(query: Query) -> Mapping[str, Value]:
    values = {prop: list(values) for prop, values in query.properties.items()}
    return {"schema": query.schema, "asked": values}


def _asked_of(queries: Sequence[Query]) -> Mapping[str, Value]:
    """Say of a batch how many were asked for, and bind whom, without keeping their names."""
    bound = cbor.encode([dict(_asked(query)) for query in queries])
    return {"batch": len(queries), "asked": hashlib.sha256(bound).digest()}


def _digest(entity: Entity, query: Query) -> bytes:
    shown: dict[str, Value] = {
        "held": {prop: list(values) for prop, values in entity.properties.items()},
        "asked": {prop: list(values) for prop, values in query.properties.items()},
    }
    return hashlib.sha256(cbor.encode(shown)).digest()
