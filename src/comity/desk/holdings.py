"""Holdings: lists and files brought in by a person, entities looked at, values taken back.

An edition of a list is previewed before a person commits it; what the new edition no longer has
is withdrawn at once, and whoever was told of it is told so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.core.clock import Instant
from comity.core.errors import NotFoundError
from comity.core.ids import CaseId, EntityId, MemberId, RecordId
from comity.core.store import Transaction
from comity.desk.actor import READERS, Actor
from comity.exchange import Station, cases
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType
from comity.message import Statement, Tlp
from comity.record import (
    Approval,
    Clearance,
    Committed,
    Edition,
    EditionDiff,
    EditionRow,
    Entity,
    Safe,
    commit_edition,
    entity_of,
    erase_record,
    keep_statements,
    preview,
)

IMPORTERS = frozenset({"officer", "analyst", "supervisor", "engineer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Statements a person wants to hold, and the edition of a list they make up, if any."""

    statements: Sequence[Statement]
    edition: Edition | None = None


class Holdings:
    """What this node holds, and how it comes and goes."""

    def __init__(
        self,
        station: Station,
        safe: Safe,
        *,
        member: MemberId,
        changed: Callable[[], None],
    ) -> None:
        """Keep the registry; `changed` lets screening take in what is noted as changed."""
        self._station = station
        self._safe = safe
        self._member = member
        self._changed = changed

    def preview(self, actor: Actor, incoming: Incoming) -> EditionDiff:
        """Show what committing an edition would change, and change nothing."""
        actor.seat(IMPORTERS)
        edition = _edition(incoming)
        return self._station.store.read(lambda r: preview(r, edition, incoming.statements))

    def commit(self, actor: Actor, incoming: Incoming, *, previewed: EditionDiff) -> Committed:
        """Make an edition current as previewed; raises `ConflictError` where that changed."""
        actor.seat(IMPORTERS)
        at = self._station.clock.now()
        approval = Approval(by=actor.person, at=at)

        def unit(tx: Transaction) -> Committed:
            done = commit_edition(
                tx, previewed, incoming.statements, safe=self._safe, approval=approval
            )
            self._log(tx, actor, done.row, at=at)
            return done

        done = self._station.store.commit(unit).result()
        self._changed()
        return done

    def keep(self, actor: Actor, incoming: Incoming) -> int:
        """Hold statements that belong to no list; returns how many were new."""
        actor.seat(IMPORTERS)
        at = self._station.clock.now()
        kept = self._station.store.commit(
            lambda tx: keep_statements(tx, incoming.statements, safe=self._safe, at=at)
        ).result()
        self._changed()
        return kept

    def entity(self, actor: Actor, entity_id: EntityId, *, case: CaseId) -> Entity:
        """Show one entity for a case, as this person may see it now; the look is logged."""
        actor.seat(READERS)
        row = self._station.store.read(lambda r: cases.case_row(r, case))
        actor.bound(purpose=row.purpose, case=case)
        at = self._station.clock.now()
        clearance = Clearance(member=self._member, purpose=row.purpose, tlp=Tlp.RED)
        found = self._station.store.read(
            lambda r: entity_of(r, entity_id, safe=self._safe, reader=clearance, at=at)
        )
        if found is None:
            raise NotFoundError("nothing by that name that can be shown for this case")
        made = commit(
            LeafType.CONSULTED,
            {"case": case, "person": actor.person, "entity": entity_id},
            at=at,
            entropy=self._station.entropy,
        )

        def unit(tx: Transaction) -> None:
            index = tx.append(made.leaf.encode())
            self._safe.keep(tx, sort="consulted", plaintext=pack({}, made), at=at)
            act = actor.act(READERS, at=at)
            cases.note(tx, case, made.leaf, index=index, act=act, reference=entity_id)

        self._station.store.commit(unit).result()
        return found

    def editions(self, actor: Actor) -> tuple[EditionRow, ...]:
        """List the editions held, the newest first."""
        actor.seat(READERS | IMPORTERS)
        return tuple(self._station.store.read(lambda r: r.find(EditionRow, order="-committed")))

    def _log(self, tx: Transaction, actor: Actor, row: EditionRow, *, at: Instant) -> None:
        made = commit(
            LeafType.RULES_CHANGED,
            {"dataset": row.dataset, "edition": row.edition, "person": actor.person},
            at=at,
            entropy=self._station.entropy,
        )
        tx.append(made.leaf.encode())
        self._safe.keep(tx, sort="edition", plaintext=pack({}, made), at=at)

    def erase(self, actor: Actor, record_id: RecordId) -> bool:
        """Destroy one record's key and salt at once; raises `AuthorisationError`."""
        actor.seat(frozenset({"supervisor", "rights"}))
        station, at = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> bool:
            gone = erase_record(tx, record_id, safe=self._safe, at=at)
            if gone:
                made = commit(
                    LeafType.ERASED,
                    {"record": record_id, "person": actor.person},
                    at=at,
                    entropy=station.entropy,
                )
                tx.append(made.leaf.encode())
            return gone

        gone = station.store.commit(unit).result()
        self._changed()
        return gone


def _edition(incoming: Incoming) -> Edition:
    if incoming.edition is None:
        raise NotFoundError("these statements belong to no list and have no edition")
    return incoming.edition
