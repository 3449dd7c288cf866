"""An entity is a view: the statements one reader may see at one instant, and no more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from comity.core.clock import Instant
from comity.core.ids import AgencyId, EntityId, MemberId, member_of
from comity.core.store import Reader, eq
from comity.message import Handling, Setting, Statement, Status, Tlp, handling
from comity.record.safe import Safe
from comity.record.statements import StatementRow, rows_about, rows_of_entities, statements_of

_FEW = 40
"""Statements looked at first: most datasets are seen as a whole, or not at all."""
SHOWN = frozenset({Status.ACTIVE, Status.CONTESTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """For whom, for what and up to where someone reads."""

    member: MemberId
    purpose: str
    tlp: Tlp = Tlp.AMBER_STRICT
    level: int = 0
    setting: Setting = Setting.REAL

    def may_read(self, marking: Handling, *, originator: AgencyId, at: Instant) -> bool:
        """Whether a value so marked may be shown to this reader now.

        A member reads its own values whatever the list of recipients; purpose, expiry, level
        and setting bind it all the same.
        """
        owner = member_of(originator)
        return (
            marking.setting is self.setting
            and marking.level <= self.level
            and marking.tlp <= self.tlp
            and (owner == self.member or marking.reaches(self.member, owner=owner))
            and (marking.purposes is None or self.purpose in marking.purposes)
            and (marking.until is None or at < marking.until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What one reader may see of one person, thing or organisation; never stored."""

    entity_id: EntityId
    statements: tuple[Statement, ...]

    @property
    def schema(self) -> str:
        """The schema its statements name; the latest collected decides between several."""
        return max(self.statements, key=lambda statement: statement.collected).schema

    @property
    def properties(self) -> Mapping[str, tuple[str, ...]]:
        """Property to its distinct values, in the order held."""
        found = dict[str, dict[str, None]]()
        for statement in self.statements:
            found.setdefault(statement.prop, {})[statement.value] = None
        return {prop: tuple(values) for prop, values in found.items()}

    @property
    def handling(self) -> Handling:
        """The marking of the whole: the join of what it shows."""
        return reduce(Handling.join, (statement.handling for statement in self.statements))

    @property
    def datasets(self) -> frozenset[str]:
        """Where its statements came from."""
        return frozenset(statement.dataset for statement in self.statements)

    @property
    def is_contested(self) -> bool:
        """Whether any value shown is under challenge."""
        return any(statement.status is Status.CONTESTED for statement in self.statements)


def entities(
    statements: Iterable[Statement], *, reader: Clearance, at: Instant
) -> tuple[Entity, ...]:
    """Return the entities `reader` may see; one with nothing to show does not appear."""
    seen = dict[EntityId, list[Statement]]()
    for statement in statements:
        is_shown = statement.status in SHOWN and at < statement.retain_until
        marking, originator = statement.handling, statement.originator
        if is_shown and reader.may_read(marking, originator=originator, at=at):
            seen.setdefault(statement.entity_id, []).append(statement)
    return tuple(Entity(entity_id=key, statements=tuple(held)) for key, held in seen.items())


def entity_of(
    store: Reader, entity_id: EntityId, *, safe: Safe, reader: Clearance, at: Instant
) -> Entity | None:
    """Return one entity as `reader` may see it now, or `None`.

    Only rows the reader may see are decrypted.
    """
    rows = [row for row in rows_about(store, entity_id) if may_see(row, reader=reader, at=at)]
    shown = entities(statements_of(store, rows, safe=safe), reader=reader, at=at)
    return shown[0] if shown else None


def entities_of(
    store: Reader,
    entity_ids: Iterable[EntityId],
    *,
    safe: Safe,
    reader: Clearance,
    at: Instant,
) -> tuple[Entity, ...]:
    """Return those of these entities that `reader` may see now; read together."""
    rows = [
        row for row in rows_of_entities(store, entity_ids) if may_see(row, reader=reader, at=at)
    ]
    return entities(statements_of(store, rows, safe=safe), reader=reader, at=at)


def may_see(row: StatementRow, *, reader: Clearance, at: Instant) -> bool:
    """Whether `reader` may be shown this statement now; restricted ones are shown to nobody."""
    is_shown = Status(row.status) in SHOWN and not row.procedure and at < row.retain_until
    originator = AgencyId(row.originator)
    return is_shown and reader.may_read(handling(row.handling), originator=originator, at=at)


def is_seen(store: Reader, dataset: str, reader: Clearance, *, at: Instant) -> bool:
    """Whether `reader` may be shown anything of a dataset."""
    for limit in (_FEW, None):
        rows = store.find(StatementRow, eq("dataset", dataset), limit=limit)
        if any(may_see(row, reader=reader, at=at) for row in rows):
            return True
        if limit is not None and len(rows) < limit:
            return False
    return False
