"""Statements at rest: codes, ids and times in rows, everything written in the Safe.

INVARIANT: no value, name or text stands in a row. What can be searched for exactly is a keyed
hash of the normalised value; the key never leaves the node.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from comity.core import cbor
from comity.core.clock import Instant
from comity.core.errors import NotFoundError
from comity.core.ids import AgencyId, EntityId, RecordId
from comity.core.store import Op, Reader, Row, Transaction, Where, eq
from comity.message import Grade, Statement, Status, handling
from comity.record.changed import mark_changed
from comity.record.safe import KeyedHash, Safe

SORT = "statement"
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow(Row):
    """One statement without its words; `record_id` names them in the Safe."""

    table: ClassVar[str] = "statements"
    key: ClassVar[tuple[str, ...]] = ("statement_id",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("entity_id",),
        ("dataset", "status"),
        ("exact",),
        ("retain_until",),
        ("record_id",),
    )

    statement_id: str
    entity_id: str
    schema: str
    prop: str
    exact: str
    """Keyed hash of property and normalised value."""
    dataset: str
    edition: str
    """The edition of a list that brought it; empty where it came otherwise."""
    originator: str
    status: str
    handling: str
    purpose: str
    scale: str
    source: str
    information: str
    collected: int
    retain_until: int
    valid_from: str
    valid_until: str
    record_id: str
    challenge: str = ""
    """The case in which it is contested."""
    procedure: str = ""
    """The only procedure it may still serve (LED 16(3)): restricted, unfindable otherwise."""
    superseded_by: str = ""
    withdrawn_in: str = ""
    """The edition that no longer had it."""


def keep_statements(
    tx: Transaction,
    statements: Sequence[Statement],
    /,
    *,
    safe: Safe,
    at: Instant,
    edition: str = "",
) -> int:
    """Store statements not yet held; return how many were new.

    Holding one already is no error, so that an import or a message can be repeated.
    """
    held = {row.statement_id for row in rows_of(tx, (s.statement_id for s in statements))}
    fresh = {s.statement_id: s for s in statements if s.statement_id not in held}
    plaintexts = [_words(statement) for statement in fresh.values()]
    records = safe.keep_many(tx, sort=SORT, plaintexts=plaintexts, at=at)
    tx.insert_many(
        _row(statement, record_id=record_id, keyed_hash=safe.keyed_hash, edition=edition)
        for statement, record_id in zip(fresh.values(), records, strict=True)
    )
    mark_changed(tx, (statement.entity_id for statement in fresh.values()))
    return len(fresh)


def put_changed(tx: Transaction, *rows: StatementRow) -> None:
    """Write statements that changed, and note it for screening in the same unit."""
    for row in rows:
        tx.put(row)
    mark_changed(tx, (row.entity_id for row in rows))


def mark_held(tx: Transaction, /, *, after: str, limit: int) -> str:
    """Note the next entities of a store older than these notes; return the last, or nothing."""
    later = Where("entity_id", Op.GT, after)
    rows = tx.find(StatementRow, later, order="entity_id", limit=limit)
    mark_changed(tx, (row.entity_id for row in rows))
    return rows[-1].entity_id if rows else ""


def rows_of(reader: Reader, statement_ids: Iterable[str], /) -> list[StatementRow]:
    """Return the rows of those statements that are held."""
    wanted = tuple(dict.fromkeys(statement_ids))
    found = list[StatementRow]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = Where("statement_id", Op.IN, wanted[start : start + _CHUNK])
        found += reader.find(StatementRow, chunk)
    return found


def row_of(reader: Reader, statement_id: str, /) -> StatementRow:
    """Return one statement's row; raises `NotFoundError`."""
    row = reader.get(StatementRow, statement_id)
    if row is None:
        raise NotFoundError(f"no statement `{statement_id[:64]}`")
    return row


def rows_about(reader: Reader, entity_id: EntityId, /) -> Sequence[StatementRow]:
    """Return every row about one entity that serves no procedure alone."""
    return reader.find(StatementRow, eq("entity_id", entity_id), eq("procedure", ""))


def rows_of_entities(
    reader: Reader, entity_ids: Iterable[EntityId], /
) -> Sequence[StatementRow]:
    """Return every row about these entities that serves no procedure alone."""
    wanted = tuple(dict.fromkeys(entity_ids))
    found = list[StatementRow]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = Where("entity_id", Op.IN, wanted[start : start + _CHUNK])
        found += reader.find(StatementRow, chunk, eq("procedure", ""))
    return found


def rows_saying(
    reader: Reader, /, *, prop: str, value: str, safe: Safe
) -> Sequence[StatementRow]:
    """Return the rows whose property has exactly this value, after normalising."""
    exact = safe.keyed_hash(_exact(prop, value))
    return reader.find(StatementRow, eq("exact", exact), eq("procedure", ""))


def rows_naming(
    reader: Reader, entity_id: str, /, *, props: Iterable[str], safe: Safe
) -> Sequence[StatementRow]:
    """Return the rows that name an entity in one of these properties."""
    exact = tuple(safe.keyed_hash(_exact(prop, entity_id)) for prop in sorted(props))
    return reader.find(StatementRow, Where("exact", Op.IN, exact), eq("procedure", ""))


def statements_of(
    reader: Reader, rows: Iterable[StatementRow], /, *, safe: Safe
) -> tuple[Statement, ...]:
    """Open the words of these rows; what has been erased is left out."""
    wanted = tuple(rows)
    words = safe.open_many(reader, (RecordId(row.record_id) for row in wanted))
    return tuple(
        _statement(row, words[RecordId(row.record_id)])
        for row in wanted
        if RecordId(row.record_id) in words
    )


def normal(value: str) -> str:
    """Return the form in which values are compared exactly: folded case, single spaces."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    return " ".join(folded.split())


def _exact(prop: str, value: str) -> str:
    return f"{prop}\x00{normal(value)}"


def _words(statement: Statement) -> bytes:
    written = (statement.value, statement.basis, statement.original_value)
    return cbor.encode(written)


def _row(
    statement: Statement, *, record_id: RecordId, keyed_hash: KeyedHash, edition: str
) -> StatementRow:
    return StatementRow(
        statement_id=statement.statement_id,
        entity_id=statement.entity_id,
        schema=statement.schema,
        prop=statement.prop,
        exact=keyed_hash(_exact(statement.prop, statement.value)),
        dataset=statement.dataset,
        edition=edition,
        originator=statement.originator,
        status=statement.status.value,
        handling=str(statement.handling),
        purpose=statement.purpose,
        scale=statement.grade.scale,
        source=statement.grade.source,
        information=statement.grade.information,
        collected=statement.collected,
        retain_until=statement.retain_until,
        valid_from=statement.valid_from,
        valid_until=statement.valid_until,
        record_id=record_id,
    )


def _statement(row: StatementRow, words: bytes) -> Statement:
    value, basis, original = cast("list[str]", cbor.decode(words))
    return Statement(
        statement_id=row.statement_id,
        entity_id=EntityId(row.entity_id),
        schema=row.schema,
        prop=row.prop,
        value=value,
        dataset=row.dataset,
        originator=AgencyId(row.originator),
        grade=Grade(scale=row.scale, source=row.source, information=row.information),
        handling=handling(row.handling),
        basis=basis,
        purpose=row.purpose,
        collected=Instant(row.collected),
        retain_until=Instant(row.retain_until),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        status=Status(row.status),
        original_value=original,
    )
