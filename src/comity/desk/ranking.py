"""Rights before rank: what a reader may not see moves no candidate, no count and no flag.

Screening gives ids alone. Each is read again as this reader may see it, compared again on that
view, dropped below the floor, and only then ranked and counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.core.ids import EntityId
from comity.exchange import Station
from comity.record import Clearance, Entity, Safe, entities_of
from comity.screening import FLOOR, Candidate, Finder, Flag, Found, Profile, Query, compare

MOST = 320
"""Most candidates fetched for one question before the answer says *too common*."""
_WIDER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A candidate compared on what this reader may see, and that view."""

    candidate: Candidate
    entity: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one question comes to for one reader."""

    ranked: tuple[Ranked, ...]
    flags: tuple[Flag, ...]

    def first(self, limit: int) -> "Answer":
        """Keep the likeliest; where more are visible, the answer says *too common*."""
        if len(self.ranked) <= limit:
            return self
        flags = dict.fromkeys((*self.flags, Flag.TOO_COMMON))
        return Answer(ranked=self.ranked[:limit], flags=tuple(flags))


class Ranking:
    """Searches, and answers with what one clearance may see."""

    def __init__(self, station: Station, safe: Safe, *, finder: Callable[[], Finder]) -> None:
        """Ask `finder` at each search; `safe` opens what is held."""
        self._station = station
        self._safe = safe
        self._finder = finder

    def search(self, query: Query, clearance: Clearance, *, limit: int) -> Answer:
        """Return at most `limit` visible candidates, the likeliest first."""
        depth = min(limit, MOST)
        found = self._finder().search(query, purpose=clearance.purpose, limit=depth)
        return self._answer(query, clearance, limit=limit, found=(found, depth))

    def search_many(
        self, queries: Sequence[Query], clearance: Clearance, *, limit: int
    ) -> tuple[Answer, ...]:
        """Answer many questions in order; single ones do not wait for them."""
        depth = min(limit, MOST)
        purpose = clearance.purpose
        answers = self._finder().search_many(queries, purpose=purpose, limit=depth)
        return tuple(
            self._answer(query, clearance, limit=limit, found=(found, depth))
            for query, found in zip(queries, answers, strict=True)
        )

    def named(self, query: Query, names: Sequence[EntityId], clearance: Clearance) -> Answer:
        """Answer with those of these entities that are visible, in the order of their ids."""
        seen = self._compared(query, sorted(names), clearance)
        return Answer(
            ranked=tuple(sorted(seen, key=lambda each: each.entity.entity_id)), flags=()
        )

    def _answer(
        self, query: Query, clearance: Clearance, *, limit: int, found: tuple[Found, int]
    ) -> Answer:
        answer, depth = found
        shown = self._visible(answer, query, clearance)
        while len(shown) < limit and len(answer.candidates) >= depth and depth < MOST:
            depth = min(_WIDER * depth, MOST)
            answer = self._finder().search(query, purpose=clearance.purpose, limit=depth)
            shown = self._visible(answer, query, clearance)
        flags = dict.fromkeys(answer.flags)
        if len(shown) < limit and len(answer.candidates) >= MOST:
            flags[Flag.TOO_COMMON] = None
        return Answer(ranked=tuple(shown[:limit]), flags=tuple(flags))

    def _visible(self, found: Found, query: Query, clearance: Clearance) -> list[Ranked]:
        names = [each.entity_id for each in found.candidates]
        seen = self._compared(query, names, clearance)
        shown = [each for each in seen if each.candidate.score >= FLOOR]
        shown.sort(key=lambda each: (-each.candidate.score, each.entity.entity_id))
        return shown

    def _compared(
        self, query: Query, names: Sequence[EntityId], clearance: Clearance
    ) -> list[Ranked]:
        at = self._station.clock.now()
        seen = self._station.store.read(
            lambda r: entities_of(r, names, safe=self._safe, reader=clearance, at=at)
        )
        return [
            Ranked(candidate=compare(query, profile_of(each)), entity=each) for each in seen
        ]


def profile_of(entity: Entity) -> Profile:
    """Return an entity as screening sees it."""
    return Profile(
        entity_id=entity.entity_id,
        dataset=min(entity.datasets),
        schema=entity.schema,
        properties=entity.properties,
        is_contested=entity.is_contested,
    )
