"""Matching for programs: one person or system, one case, one purpose; every call is one act.

INVARIANT: a score goes to a system alone, about which an agreement says that a person judges
each candidate there. An officer's own programs find and read, and never see a score before a
first view; what its reader may not see moves no result, no count and no answer.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant, iso
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError
from comity.core.ids import AgencyId, CaseId, EntityId, member_of
from comity.core.store import Reader, Transaction
from comity.desk.actor import LINE, Actor
from comity.desk.bulk import KIND, lifts
from comity.desk.letters import with_facts
from comity.desk.ranking import Answer, Ranked, Ranking
from comity.exchange import Station, cases
from comity.law import Verdict, screens
from comity.ledger import LeafType
from comity.message import Draft, Handling, Tlp
from comity.practice import CaseFieldRow
from comity.record import (
    Clearance,
    Entity,
    Safe,
    current_edition,
    editions_seen,
    entity_of,
    is_seen,
    may_see,
    rows_naming,
)
from comity.screening import Candidate, Query
from comity.screening.matching import (
    Answered,
    Batch,
    Catalog,
    Found,
    Held,
    Method,
    Near,
    Scope,
    Scored,
    Source,
    TextSearch,
    Tree,
    are_kin,
    facets,
    is_wanted,
    is_within,
    method,
    ordered,
    page,
    rank,
    reverses,
    sources_in,
    tree,
    words_of,
)

_LEAF = {Verdict.REFER: LeafType.REFERRED, Verdict.DENY: LeafType.DENIED}
WIDEST = 200
"""Most entities one search by words goes through."""
_LEAST = 12


class Matching:
    """The way in for programs."""

    def __init__(
        self, station: Station, safe: Safe, *, agency: AgencyId, ranking: Ranking
    ) -> None:
        """Answer from what `ranking` finds and `safe` opens."""
        self._station = station
        self._safe = safe
        self._agency = agency
        self._member = member_of(agency)
        self._ranking = ranking

    def within(self, actor: Actor, *, purpose: str, case: str) -> "CaseMatcher":
        """Bind a program to a case; raises `InvalidInputError` saying how to name one.

        Raises `AuthorisationError` where its token is bound otherwise, `NotFoundError`.
        """
        actor.seat(LINE)
        actor.bound(purpose=purpose, case=case)
        wanted = case or actor.case
        if not wanted:
            raise InvalidInputError(
                "every look-up names a case: send it as `Comity-Case`, or bind the token to one"
            )
        row = self._station.store.read(lambda r: cases.case_row(r, CaseId(wanted)))
        actor.bound(purpose=row.purpose, case=wanted)
        if purpose not in ("", row.purpose):
            raise InvalidInputError("`Comity-Purpose` names another purpose than the case has")
        clearance = Clearance(member=self._member, purpose=row.purpose, tlp=Tlp.RED)
        return CaseMatcher(
            station=self._station,
            safe=self._safe,
            ranking=self._ranking,
            actor=actor,
            case=CaseId(wanted),
            agency=self._agency,
            clearance=clearance,
        )

    def catalog(self, actor: Actor) -> Catalog:
        """List what a person's programs can search for the purpose their token has."""
        actor.seat(LINE)
        clearance = Clearance(member=self._member, purpose=actor.purpose, tlp=Tlp.RED)
        at = self._station.clock.now()
        return self._station.store.read(lambda r: catalog(r, clearance, at=at))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMatcher:
    """Answers one program within one case; a `Matcher`."""

    station: Station
    safe: Safe
    ranking: Ranking
    actor: Actor
    case: CaseId
    agency: AgencyId
    clearance: Clearance

    def match(self, batch: Batch, /) -> Mapping[str, Answered]:
        """Score every question of a batch for a system; raises `AuthorisationError`."""
        if not self.actor.system:
            raise AuthorisationError(
                "scores go to systems under an agreement that a person judges each candidate "
                "there; with a personal token use /search, and judge candidates in the case"
            )
        law = self._permitted()
        queries = [ask.query for ask in batch.asks]
        depth = min(max(2 * batch.limit, _LEAST), WIDEST)
        ranked = self.ranking.search_many(queries, self.clearance, limit=depth)
        answers = {
            ask.key: self._answered(ask.query, batch, found=answer, depth=depth)
            for ask, answer in zip(batch.asks, ranked, strict=True)
        }
        told = [each.held.entity_id for one in answers.values() for each in one.candidates]
        asked = cbor.encode([_asked(query) for query in queries])
        bound = hashlib.sha256(asked).digest()
        self._log({"queries": len(queries), "asked": bound, "law": law}, told)
        return answers

    def search(self, wanted: TextSearch, /) -> Found:
        """Find entities by words; nobody is listed without a question."""
        words = words_of(wanted.text)
        if not any(len(word.rstrip("*")) > 1 or not word.isascii() for word in words):
            raise InvalidInputError(
                "expected words in `q`: nobody is listed without a question"
            )
        held, is_complete = self._like(wanted.text, wanted.schema, wanted.scope)
        found = [each for each in held if is_wanted(each, wanted)]
        places = {each.entity_id: rank(each, words) for each in found}
        if not wanted.is_fuzzy:
            found = [each for each in found if places[each.entity_id] is not None]
        found = ordered(found, wanted.page.sort)
        if not wanted.page.sort:
            found.sort(key=lambda each: -(places[each.entity_id] or 0))
        shown = page(found, wanted.page)
        self._log({"words": wanted.text}, [each.entity_id for each in shown])
        return Found(
            results=shown,
            total=len(found),
            facets=facets(found, wanted.facets, {}),
            is_complete=is_complete,
        )

    def suggest(self, scope: Scope, prefix: str, /, *, limit: int) -> tuple[Held, ...]:
        """Return entities a name of which begins so."""
        words = words_of(prefix + "*")
        held = self._like(prefix, "Thing", scope)[0] if words else []
        found = [each for each in held if (rank(each, words) or 0) > 1][:limit]
        self._log({"words": prefix}, [each.entity_id for each in found])
        return tuple(found)

    def entity(self, entity_id: str, /) -> Tree:
        """Return one entity with those beside it; raises `NotFoundError`."""
        found = self.station.store.read(lambda r: self._tree(r, entity_id))
        if found is None:
            raise NotFoundError("no entity of this id that can be shown for this case")
        self._log({"entity": entity_id}, [entity_id])
        return found

    def extend(self, entities: tuple[str, ...], /) -> Mapping[str, Tree]:
        """Return those of the entities that can be shown, as one act."""
        found = self.station.store.read(
            lambda r: {name: self._tree(r, name) for name in entities}
        )
        shown = {name: each for name, each in found.items() if each is not None}
        self._log({"entities": list(entities)}, list(shown))
        return shown

    def catalog(self) -> Catalog:
        """List what can be searched for this purpose."""
        at = self.station.clock.now()
        return self.station.store.read(lambda r: catalog(r, self.clearance, at=at))

    def method(self) -> Method:
        """Return how scores are made."""
        return method()

    def is_ready(self) -> bool:
        """Whether searches are answered: the index opens on its first use."""
        return True

    def _permitted(self) -> bytes:
        """Ask our law whether a whole list may be compared; return its decision's digest.

        Raises `AuthorisationError` naming the rules: a system asks of many of whom nobody
        suspects anything, whether at once or one by one.
        """
        draft = Draft(
            kind=KIND,
            originator=self.agency,
            recipient=self.agency,
            purpose=self.clearance.purpose,
            at=self.station.clock.now(),
            body={},
            handling=Handling(tlp=Tlp.RED),
            case=self.case,
            categories=frozenset({"identity"}),
        )
        known, lifted = self.station.store.read(
            lambda r: (with_facts(r, draft, {}), lifts(r, self.case, at=draft.at))
        )
        if any(lift.partition("=")[2] == self.actor.person for lift in lifted):
            raise AuthorisationError("whoever lifted a rule for this case compares none in it")
        decision = screens(known, self.station.corpus(), lifted=lifted)
        if decision.verdict is not Verdict.PERMIT:
            self._log({"law": decision.digest}, (), sort=_LEAF[decision.verdict])
            rules = ", ".join(sorted({reason.rule for reason in decision.reasons}))
            raise AuthorisationError(
                f"our law does not permit that a list is compared for this case ({rules}): "
                "state `screening_law` and `screening_needed` of it, or ask a legal adviser"
            )
        return decision.digest

    def _like(self, text: str, schema: str, scope: Scope) -> tuple[list[Held], bool]:
        query = Query(schema=schema, properties={"name": (text.replace("*", " "),)})
        answer = self.ranking.search(query, self.clearance, limit=WIDEST)
        found = [held_of(each.entity) for each in answer.ranked]
        sources = self.station.store.read(lambda r: self._sources(r, scope, found))
        kept = [each for each in found if is_within(each, scope, sources)]
        return kept, len(answer.ranked) < WIDEST

    def _answered(self, query: Query, batch: Batch, *, found: Answer, depth: int) -> Answered:
        kept, is_all = self._kept(query, batch, found), _is_all(found, depth, batch.cutoff)
        if not is_all and depth < WIDEST:
            found = self.ranking.search(query, self.clearance, limit=WIDEST)
            kept = self._kept(query, batch, found)
            is_all = _is_all(found, WIDEST, batch.cutoff)
        return Answered(
            candidates=tuple(kept[: batch.limit]),
            total=len(kept),
            flags=found.flags,
            is_complete=is_all,
        )

    def _kept(self, query: Query, batch: Batch, found: Answer) -> list[Scored]:
        held = {each.entity.entity_id: held_of(each.entity) for each in found.ranked}

        def chosen(reader: Reader) -> list[Scored]:
            sources = self._sources(reader, batch.scope, held.values())
            return [
                Scored(held=one, candidate=_of_edition(reader, each))
                for each in found.ranked
                for one in (held[each.entity.entity_id],)
                if each.candidate.score > batch.cutoff
                and is_within(one, batch.scope, sources)
                and are_kin(query.schema, one.schema)
            ]

        return self.station.store.read(chosen)

    def _sources(self, reader: Reader, scope: Scope, found: Iterable[Held]) -> frozenset[str]:
        """Return what a scope means; a dataset of which nothing may be seen is not there."""
        at = self.station.clock.now()
        named = {scope.dataset, *scope.include, *scope.exclude}
        known = {name for name in named if is_seen(reader, name, self.clearance, at=at)}
        return sources_in(scope, known | {name for each in found for name in each.datasets})

    def _tree(self, reader: Reader, entity_id: str) -> Tree | None:
        def held(name: str) -> Held | None:
            found = entity_of(
                reader, EntityId(name), safe=self.safe, reader=self.clearance, at=at
            )
            return None if found is None else held_of(found)

        def pointing_at(name: str) -> list[Held]:
            rows = rows_naming(reader, name, props=reverses(), safe=self.safe)
            seen = (row for row in rows if may_see(row, reader=self.clearance, at=at))
            found = (held(each) for each in dict.fromkeys(row.entity_id for row in seen))
            return [each for each in found if each is not None]

        at = self.station.clock.now()
        root = held(entity_id)
        return None if root is None else tree(root, Near(held=held, pointing_at=pointing_at))

    def _log(
        self,
        said: Mapping[str, Value],
        shown: Sequence[str],
        *,
        sort: LeafType = LeafType.CONSULTED,
    ) -> None:
        at, actor = self.station.clock.now(), self.actor
        record: dict[str, Value] = {
            "case": self.case,
            "person": actor.person,
            "system": actor.system,
            **said,
            "count": len(shown),
        }
        line = cases.Line(case=self.case, act=actor.act(LINE, at=at))

        def unit(tx: Transaction) -> None:
            cases.enter(tx, self.station, sort, record, line=line, at=at)
            for name in dict.fromkeys(shown):
                tx.put(CaseFieldRow(case=self.case, name="candidate", value=name))

        self.station.store.commit(unit).result()


def held_of(entity: Entity) -> Held:
    """Return an entity as a program is told of it."""
    times = [statement.collected for statement in entity.statements]
    newest = iso(max(times)).removesuffix("Z")
    return Held(
        entity_id=entity.entity_id,
        schema=entity.schema,
        properties=entity.properties,
        datasets=tuple(sorted(entity.datasets)),
        first_seen=iso(min(times)).removesuffix("Z"),
        last_seen=newest,
        last_change=newest,
        is_contested=entity.is_contested,
        handling=str(entity.handling),
    )


def catalog(reader: Reader, clearance: Clearance, *, at: Instant) -> Catalog:
    """Return the lists of which a reader may see anything, as their current editions."""
    seen = editions_seen(reader, clearance, at=at)
    sources = tuple(
        Source(
            name=row.dataset,
            title=row.dataset,
            version=row.edition,
            published=iso(Instant(row.published)).removesuffix("Z"),
            is_demonstration=row.is_demonstration,
        )
        for row in seen
    )
    version = hashlib.sha256("\n".join(f"{row.dataset} {row.edition}" for row in seen).encode())
    return Catalog(sources=sources, version=version.hexdigest()[:16])


def _is_all(found: Answer, depth: int, cutoff: float) -> bool:
    """Whether nothing above `cutoff` can lie deeper than what was found."""
    return len(found.ranked) < depth or found.ranked[-1].candidate.score <= cutoff


def _of_edition(reader: Reader, found: Ranked) -> Candidate:
    row = current_edition(reader, found.candidate.dataset)
    return replace(found.candidate, edition="" if row is None else row.edition)


def _asked(query: Query) -> Value:
    values: dict[str, Value] = {prop: list(each) for prop, each in query.properties.items()}
    told: dict[str, Value] = {"schema": query.schema, "asked": values}
    return told
