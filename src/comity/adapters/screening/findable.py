"""What may be found here, as each audience may find it: what screening follows.

The store is the truth. Screening reads from it what changed since it last did, in the order of
the changes, and holds nothing that is not read from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from comity.core.clock import Instant
from comity.core.ids import EntityId, MemberId
from comity.core.store import Reader, Transaction
from comity.desk import profile_of
from comity.exchange import Station
from comity.message import Handling, Statement, Tlp, handling
from comity.record import (
    Clearance,
    Entity,
    Safe,
    Stand,
    changed_after,
    entities,
    is_ours,
    mark_held,
    may_see,
    newest,
    rows_of_entities,
    stand_at,
    statements_of,
)
from comity.screening import OPEN, Held, Profile

PAGE = 500
"""Most entities read for screening at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Entities that changed, as they are held now, and how far they lead."""

    held: tuple[Held, ...]
    stand: Stand


class Findable:
    """Reads from the store what may be found, for whoever follows it."""

    def __init__(self, station: Station, safe: Safe, *, member: MemberId) -> None:
        """Read as the node's own member."""
        self._station = station
        self._safe = safe
        self._member = member

    def newest(self) -> int:
        """Return the number of the newest change."""
        return self._station.store.read(newest)

    def is_ours(self, stand: Stand) -> bool:
        """Whether a stand was reached in this store as it is."""
        return self._station.store.read(lambda r: is_ours(r, stand))

    def after(self, number: int) -> Fresh:
        """Return the next changes after `number`, at most a page."""

        def query(reader: Reader) -> Fresh:
            rows = changed_after(reader, number, limit=PAGE)
            reached = rows[-1].number if rows else newest(reader)
            held = self._held(reader, [EntityId(row.entity_id) for row in rows])
            return Fresh(held=tuple(held), stand=stand_at(reader, reached))

        return self._station.store.read(query)

    def enter_older(self) -> None:
        """Note what a store held before changes were noted, whole or not at all."""
        if self.newest() == 0:
            self._station.store.commit(_enter).result()

    def _held(self, reader: Reader, names: Sequence[EntityId]) -> Iterable[Held]:
        at = self._station.clock.now()
        rows = rows_of_entities(reader, names)
        purposes = {purpose for row in rows for purpose in _purposes(row.handling)}
        readers = {name: self._clearance(name) for name in (OPEN, *sorted(purposes))}
        seen = [
            row
            for row in rows
            if any(may_see(row, reader=each, at=at) for each in readers.values())
        ]
        opened = statements_of(reader, seen, safe=self._safe)
        views: dict[EntityId, dict[str, Profile]] = {name: {} for name in names}
        for audience, clearance in readers.items():
            for entity in self._seen(opened, clearance, at=at):
                views[entity.entity_id][audience] = profile_of(entity)
        return (Held(entity_id=name, views=views[name]) for name in names)

    def _seen(
        self, opened: Sequence[Statement], clearance: Clearance, *, at: Instant
    ) -> Iterable[Entity]:
        """Return what an audience sees; of a purpose only where that is more than all see."""
        for entity in entities(opened, reader=clearance, at=at):
            is_open = clearance.purpose == OPEN
            if is_open or any(each.handling.purposes for each in entity.statements):
                yield entity

    def _clearance(self, purpose: str) -> Clearance:
        return Clearance(member=self._member, purpose=purpose, tlp=Tlp.RED)


@lru_cache(maxsize=1024)
def _marking(text: str) -> Handling:
    return handling(text)


def _purposes(text: str) -> frozenset[str]:
    return _marking(text).purposes or frozenset()


def _enter(tx: Transaction) -> None:
    last = mark_held(tx, after="", limit=PAGE)
    while last:
        last = mark_held(tx, after=last, limit=PAGE)
