"""A shelf: immutable segments, what came since, and what was forgotten since.

What is forgotten or replaced is unfindable from that call on, before anything is rebuilt: its
row in a segment is buried in the same act.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

from comity.core.ids import EntityId
from comity.screening.compare import compare_above
from comity.screening.index import rules
from comity.screening.index.asked import Asked, asked
from comity.screening.index.delta import Delta
from comity.screening.index.port import Segment
from comity.screening.model import Candidate, Flag, Found, Profile, Query

FLOOR = 0.1
"""Least score of a candidate that is shown: nine in ten below it are others."""
COMPARED = 24
"""Held entities compared in full for one search, at least; more where more are wanted."""
_MOST_COMPARED = 750


class Shelf:
    """An index over segments and a delta; with no segment it needs neither numpy nor numba."""

    def __init__(
        self, profiles: Iterable[Profile] = (), *, segments: Sequence[Segment] = ()
    ) -> None:
        """Open segments as they are, and take in `profiles` beside them."""
        self._segments = tuple(Placed(segment) for segment in segments)
        self._delta = Delta()
        self.add(profiles)

    def __len__(self) -> int:
        """Return how many entities can be found."""
        return len(self._delta) + sum(placed.alive for placed in self._segments)

    def add(self, profiles: Iterable[Profile], /) -> None:
        """Take in entities, replacing those with the same id."""
        for profile in profiles:
            self._bury(profile.entity_id)
            self._delta.add(profile)

    def forget(self, entities: Iterable[EntityId], /) -> None:
        """Drop entities at once; they cannot be found from here on."""
        for entity in entities:
            self._bury(entity)
            self._delta.forget(entity)

    def profiles(self) -> Iterator[Profile]:
        """Yield every entity that can be found, in no order."""
        for placed in self._segments:
            yield from placed.profiles()
        yield from self._delta

    def staying(self, times: int) -> tuple[Segment, ...]:
        """Return the segments in which nothing was buried and that are this much the larger."""
        fresh = max(len(self._delta), 1)
        return tuple(
            placed.segment
            for placed in self._segments
            if placed.alive == placed.segment.rows >= times * fresh
        )

    def copy(self, segments: Sequence[Segment]) -> Iterator[Profile]:
        """Yield what can be found now in some segments and the delta, whatever comes later."""
        parts = [placed.copy() for placed in self._segments if placed.segment in segments]
        fresh = iter(self._delta)
        return chain(chain.from_iterable(part.profiles() for part in parts), fresh)

    def search(self, query: Query, /, *, limit: int = 10) -> Found:
        """Return the likeliest candidates, at most `limit`, with what must be said of them."""
        question = asked(query)
        if not question.names and not question.numbers:
            return Found(candidates=(), flags=(Flag.NOT_COMPARABLE,))
        keep = min(max(COMPARED, 2 * limit), _MOST_COMPARED)
        likely, too_common = self._retrieve(question, keep)
        shown = [
            candidate
            for candidate in (compare_above(FLOOR, query, profile) for profile in likely)
            if candidate is not None
        ]
        shown.sort(key=_order)
        flags = (Flag.TOO_COMMON,) if too_common or question.is_generic else ()
        return Found(candidates=tuple(shown[:limit]), flags=flags)

    def _retrieve(self, question: Asked, keep: int) -> tuple[list[Profile], bool]:
        fresh, ids = self._delta.retrieve(question, keep=keep)
        found = [(score, -1, row) for score, row in fresh.rows]
        too_common = fresh.too_common
        for place, placed in enumerate(self._segments):
            held = placed.segment.retrieve(question, placed.graves, keep=keep)
            found += [(score, place, row) for score, row in held.rows]
            too_common = too_common or held.too_common
        found.sort(key=lambda row: (-row[0], row[1], row[2]))
        likely = [
            self._delta.profile(ids[row])
            if place < 0
            else self._segments[place].segment.profile(row)
            for _score, place, row in worth_comparing(found[:keep])
        ]
        return likely, too_common

    def _bury(self, entity: EntityId) -> None:
        for placed in self._segments:
            placed.bury(entity)


_Row = TypeVar("_Row", bound=tuple[float, *tuple[int, ...]])


def worth_comparing(found: Sequence[_Row]) -> list[_Row]:
    """Keep of the rows where hardly one word agrees the first few; rows come best first."""
    sure = sum(row[0] >= rules.FLOOR for row in found)
    return list(found[: sure + rules.LONE_COMPARED])


class Placed:
    """A segment on a shelf, with a bit for each of its rows that is no longer there."""

    __slots__ = ("alive", "graves", "segment")

    def __init__(self, segment: Segment) -> None:
        """Place a segment with every row alive."""
        self.segment = segment
        self.graves = bytearray((segment.rows + 7) // 8)
        self.alive = segment.rows

    def bury(self, entity: EntityId) -> None:
        """Take an entity out of sight, if it is here."""
        row = self.segment.row_of(entity)
        if row is not None and not self._is_buried(row):
            self.graves[row >> 3] |= 1 << (row & 7)
            self.alive -= 1

    def copy(self) -> "Placed":
        """Return the same segment with the same rows buried, whatever is buried later."""
        other = Placed(self.segment)
        other.graves[:], other.alive = self.graves, self.alive
        return other

    def profiles(self) -> Iterator[Profile]:
        """Yield what is not buried."""
        rows = (row for row in range(self.segment.rows) if not self._is_buried(row))
        return (self.segment.profile(row) for row in rows)

    def _is_buried(self, row: int) -> bool:
        return bool(self.graves[row >> 3] >> (row & 7) & 1)


def _order(candidate: Candidate) -> tuple[float, EntityId]:
    return -candidate.score, candidate.entity_id
