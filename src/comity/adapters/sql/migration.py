"""From one release's tables to another's and back, whole or not at all, and rehearsed first.

A newer release adds tables, columns and indexes; going back takes away what the older one does
not know. Both run in one transaction that also recomputes the ledger's root and reads every
row; a rehearsal does the same and rolls it back.

INVARIANT: going back never restores an older copy. That would forget what was stored since and
fork the ledger; here every entry stays, and the root is the same before and after.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

from sqlalchemy import Connection, inspect
from sqlalchemy.engine.interfaces import ReflectedColumn

from comity.adapters.shape import shape_of
from comity.adapters.sql.driver import Cursor, Database, storage_error
from comity.adapters.sql.schema import OWN, SCHEMA, SchemaRow, extend, tables
from comity.adapters.sql.session import Book, SqlReader
from comity.core.errors import ConfigurationError, ConflictError, StorageError
from comity.core.store import Row, Scalar
from comity.ledger import root

Layout = Mapping[str, frozenset[str]]
"""Columns by table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What was done, or would be: each step in words, and what was read afterwards."""

    layout: int
    steps: tuple[str, ...]
    rows: int
    """Rows that were read after the last step, each whole."""
    size: int
    root: bytes
    """The ledger's, the same before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: a layout, what may be lost going back, whether only to rehearse."""

    layout: int = SCHEMA
    lose: frozenset[str] = frozenset()
    """Tables, or `table.column`, whose content may go."""
    is_rehearsal: bool = False


def layout(number: int) -> Layout:
    """Return the tables of an earlier release; raises `ConfigurationError` on none."""
    known = files("comity.adapters.sql") / "layouts" / f"{number}.json"
    if not known.is_file():
        raise ConfigurationError(
            f"no release had layout {number}; this one has {SCHEMA}, earlier ones 1 to"
            f" {SCHEMA - 1}"
        )
    found = cast("Mapping[str, Sequence[str]]", json.loads(known.read_bytes()))
    return {table: frozenset(columns) for table, columns in found.items()}


def migrate(database: Database, rows: Sequence[type[Row]], wish: Wish) -> Migration:
    """Bring a store to a layout, or rehearse it; the store is used by nobody else meanwhile.

    Raises `ConflictError` naming what would be lost and may not be, `StorageError` where a row
    cannot be read afterwards or the ledger's root is another, `ConfigurationError`.
    """
    kinds = (*OWN, *rows)
    try:
        with database.engine.connect() as connection:
            for statement in database.begin_unit:
                connection.exec_driver_sql(statement)
            try:
                done = _migrated(connection, database, kinds, wish)
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("ROLLBACK" if wish.is_rehearsal else "COMMIT")
            return done
    except database.errors as error:
        raise storage_error(error) from error


def _migrated(
    connection: Connection, database: Database, kinds: Sequence[type[Row]], wish: Wish
) -> Migration:
    cursor = cast("Cursor", connection.connection.cursor())
    reader = SqlReader(cursor, Book(database))
    before = _ledger(reader) if _has(connection, "ledger_entry") else (0, root(0, _nothing))
    if wish.layout == SCHEMA:
        steps = list(_forward(connection, database, kinds))
        kept: Layout = {kind.table: frozenset(shape_of(kind).names) for kind in kinds}
    else:
        kept = layout(wish.layout)
        steps = list(_backward(connection, database, kinds, kept=kept, lose=wish.lose))
    after = _ledger(reader)
    if before != after:
        raise StorageError("the ledger's root changed: nothing was migrated")
    return Migration(
        layout=wish.layout,
        steps=tuple(steps),
        rows=_read_all(cursor, kinds, kept),
        size=after[0],
        root=after[1],
    )


def _forward(
    connection: Connection, database: Database, kinds: Sequence[type[Row]]
) -> Iterator[str]:
    before = _present(connection)
    extend(connection, tables(kinds, database))
    for table, columns in sorted(_present(connection).items()):
        if table not in before:
            yield f"added table `{table}`"
            continue
        for column in sorted(columns - before[table]):
            yield f"added column `{table}.{column}`"


def _backward(
    connection: Connection,
    database: Database,
    kinds: Sequence[type[Row]],
    *,
    kept: Layout,
    lose: frozenset[str],
) -> Iterator[str]:
    present = _present(connection)
    ours = [kind for kind in kinds if kind.table in present]
    lost = {
        name: count
        for kind in ours
        for name, count in _lost(connection, database, kind, kept=kept)
        if count and name not in lose
    }
    if lost:
        told = ", ".join(f"{name} ({count})" for name, count in sorted(lost.items()))
        raise ConflictError(f"the older release has no place for: {told}; name each to lose it")
    for kind in ours:
        if kind.table not in kept:
            connection.exec_driver_sql(f'DROP TABLE "{kind.table}"')
            yield f"dropped table `{kind.table}`"
            continue
        for column in sorted(present[kind.table] - kept[kind.table]):
            _drop_column(connection, kind.table, column)
            yield f"dropped column `{kind.table}.{column}`"
    version = min(_known_layouts(kept))
    connection.exec_driver_sql(f'UPDATE "{SchemaRow.table}" SET "version" = {version:d}')  # noqa: S608 - our own name


def _known_layouts(kept: Layout) -> Iterator[int]:
    return (number for number in range(1, SCHEMA) if layout(number) == kept)


def _lost(
    connection: Connection, database: Database, kind: type[Row], *, kept: Layout
) -> Iterator[tuple[str, int]]:
    """Count what an older layout has no place for: rows of a table, values beside a default."""
    table = kind.table
    if table not in kept:
        yield table, _count(connection, f'SELECT count(*) FROM "{table}"')  # noqa: S608 - our own name
        return
    there = _present(connection)[table]
    for column in shape_of(kind).columns:
        if column.name in kept[table] or column.name not in there:
            continue
        test = f'"{column.name}" IS NOT NULL'
        values: tuple[Scalar, ...] = ()
        if column.default is not None:
            test += f' AND "{column.name}" <> {database.mark}'
            values = (column.default,)
        query = f'SELECT count(*) FROM "{table}" WHERE {test}'  # noqa: S608 - our own names
        yield f"{table}.{column.name}", _count(connection, query, values)


def _drop_column(connection: Connection, table: str, column: str) -> None:
    for index in inspect(connection).get_indexes(table):
        if column in index["column_names"]:
            connection.exec_driver_sql(f'DROP INDEX "{index["name"]}"')
    connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')


def _count(connection: Connection, query: str, values: tuple[Scalar, ...] = ()) -> int:
    found = connection.exec_driver_sql(query, values).scalar()
    return int(cast("int", found))


def _present(connection: Connection) -> Layout:
    inspector = inspect(connection)
    return {
        name: frozenset(_names(inspector.get_columns(name)))
        for name in inspector.get_table_names()
    }


def _names(columns: Sequence[ReflectedColumn]) -> Iterator[str]:
    return (str(column["name"]) for column in columns)


def _has(connection: Connection, table: str) -> bool:
    return table in inspect(connection).get_table_names()


def _ledger(reader: SqlReader) -> tuple[int, bytes]:
    size = reader.size()
    return size, root(size, reader.ledger_node)


def _nothing(level: int, index: int, /) -> bytes:
    raise StorageError(f"an empty ledger has no node {level}/{index}")


def _read_all(cursor: Cursor, kinds: Sequence[type[Row]], kept: Layout) -> int:
    """Read every row that is kept, as the release that will read it does."""
    count = 0
    for kind in kinds:
        if kind.table not in kept:
            continue
        names = [name for name in shape_of(kind).names if name in kept[kind.table]]
        listed = ", ".join(f'"{name}"' for name in names)
        found = cursor.execute(f'SELECT {listed} FROM "{kind.table}"')  # noqa: S608 - our own names
        while found.fetchone() is not None:
            count += 1
    return count
