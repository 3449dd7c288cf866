"""Erasure: when time is up or a person asks, key and salt go and a certificate stays."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import ClassVar

from comity.core.clock import Instant
from comity.core.ids import RecordId
from comity.core.store import Op, Reader, Row, Transaction, Where, eq
from comity.record.changed import mark_changed
from comity.record.safe import Safe
from comity.record.statements import StatementRow, put_changed, rows_of


@unique
class Why(Enum):
    """Why something was erased."""

    EXPIRED = "expired"
    REQUESTED = "requested"
    NO_HIT = "no-hit"
    """A question whose case closed without a hit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRow(Row):
    """The certificate that something was erased: when and why, never what it said."""

    table: ClassVar[str] = "erasures"
    key: ClassVar[tuple[str, ...]] = ("record_id",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("at",), ("entity_id",))

    record_id: str
    subject: str
    """The statement's or question's id."""
    entity_id: str
    dataset: str
    why: str
    due: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did: certificates to log, entities screening must forget or re-read."""

    certificates: tuple[ErasureRow, ...]
    restricted: tuple[str, ...]
    """Ids of statements past their time, kept for an open challenge alone."""
    entities: frozenset[str]


def sweep(tx: Transaction, *, safe: Safe, at: Instant, limit: int = 10_000) -> Swept:
    """Erase what is past its time, at most `limit` statements in this unit.

    A contested statement is restricted to its challenge instead, and one that serves a
    procedure waits for its end. Run it again until nothing is returned.
    """
    due = tx.find(
        StatementRow,
        Where("retain_until", Op.LE, at),
        eq("procedure", ""),
        order="retain_until",
        limit=limit,
    )
    kept = [row for row in due if row.challenge]
    put_changed(tx, *map(_restricted, kept))
    gone = [row for row in due if not row.challenge]
    return Swept(
        certificates=_erase(tx, gone, safe=safe, why=Why.EXPIRED, at=at),
        restricted=tuple(row.statement_id for row in kept),
        entities=frozenset(row.entity_id for row in due),
    )


def erase_statements(
    tx: Transaction, statement_ids: Iterable[str], *, safe: Safe, at: Instant
) -> Swept:
    """Erase these statements now; contested or restricted ones are kept for their procedure."""
    rows = rows_of(tx, statement_ids)
    kept = [row for row in rows if row.challenge or row.procedure]
    put_changed(tx, *map(_restricted, kept))
    gone = [row for row in rows if not (row.challenge or row.procedure)]
    return Swept(
        certificates=_erase(tx, gone, safe=safe, why=Why.REQUESTED, at=at),
        restricted=tuple(row.statement_id for row in kept),
        entities=frozenset(row.entity_id for row in rows),
    )


def erase_record(tx: Transaction, record_id: RecordId, *, safe: Safe, at: Instant) -> bool:
    """Destroy one record's key and salt; where it was a statement's, it is findable no more."""
    said = tx.find(StatementRow, eq("record_id", record_id))
    mark_changed(tx, (row.entity_id for row in said))
    return safe.erase(tx, record_id, at=at)


def due_before(reader: Reader, at: Instant) -> int:
    """Count the statements whose time ends before `at`, for the warning before erasure."""
    return reader.count(StatementRow, Where("retain_until", Op.LT, at), eq("procedure", ""))


def _restricted(row: StatementRow) -> StatementRow:
    return replace(row, procedure=row.procedure or row.challenge)


def _erase(
    tx: Transaction, rows: Iterable[StatementRow], *, safe: Safe, why: Why, at: Instant
) -> tuple[ErasureRow, ...]:
    certificates = list[ErasureRow]()
    for row in rows:
        safe.erase(tx, RecordId(row.record_id), at=at)
        tx.delete(StatementRow, eq("statement_id", row.statement_id))
        certificate = ErasureRow(
            record_id=row.record_id,
            subject=row.statement_id,
            entity_id=row.entity_id,
            dataset=row.dataset,
            why=why.value,
            due=row.retain_until,
            at=at,
        )
        tx.put(certificate)
        certificates.append(certificate)
    mark_changed(tx, (each.entity_id for each in certificates))
    return tuple(certificates)
