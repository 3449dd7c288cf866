"""Tables derived from row classes, and what happens when a newer release opens an older store.

A release may add tables, indexes and columns that are optional or have a default; that is done
at open. Anything else needs a migration of its own, and a store of a newer release is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, TypedDict, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TextClause,
    inspect,
    text,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeEngine

from comity.adapters.shape import Column, shape_of
from comity.adapters.sql.driver import Database, storage_error
from comity.core.errors import ConfigurationError
from comity.core.store import Row, Scalar

SCHEMA = 2
"""Version of the layout this release writes; each earlier one stands in `layouts/`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaRow(Row):
    """Which layout the store has."""

    table: ClassVar[str] = "store_schema"
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow(Row):
    """One ledger entry; its leaf hash is computed from it, so a changed byte shows."""

    table: ClassVar[str] = "ledger_entry"
    key: ClassVar[tuple[str, ...]] = ("index",)

    index: int
    entry: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRow(Row):
    """The hash over one full tile; `level` is a multiple of the tile height, above 0."""

    table: ClassVar[str] = "ledger_node"
    key: ClassVar[tuple[str, ...]] = ("level", "index")

    level: int
    index: int
    hash: bytes


class _Reflected(TypedDict):
    name: str
    nullable: bool


OWN: tuple[type[Row], ...] = (SchemaRow, EntryRow, NodeRow)


def prepare(database: Database, rows: Sequence[type[Row]]) -> None:
    """Make missing tables, columns and indexes, all or nothing.

    Raises `ConfigurationError` where the store is of a newer release or cannot be extended, and
    `StorageError`.
    """
    wanted = tables((*OWN, *rows), database)
    try:
        with database.engine.connect() as connection:
            for statement in database.begin_unit:
                connection.exec_driver_sql(statement)
            try:
                extend(connection, wanted)
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
    except database.errors as error:
        raise storage_error(error) from error


def extend(connection: Connection, wanted: MetaData) -> None:
    """Make what is missing, inside the transaction that has begun; raises as `prepare` does."""
    inspector = inspect(connection)
    present = set(inspector.get_table_names())
    if SchemaRow.table in present:
        _check_version(connection)
    for table in wanted.tables.values():
        if table.name not in present:
            table.create(connection)
            continue
        _extend_table(connection, wanted, table.name)
    connection.execute(text(f"DELETE FROM {SchemaRow.table}"))  # noqa: S608 - our own name
    row = {"name": "comity", "version": SCHEMA}
    connection.execute(wanted.tables[SchemaRow.table].insert(), row)


def _check_version(connection: Connection) -> None:
    found = connection.execute(text(f"SELECT max(version) FROM {SchemaRow.table}")).scalar()  # noqa: S608 - our own name
    if isinstance(found, int) and found > SCHEMA:
        raise ConfigurationError(
            f"the store was written by a newer release (layout {found}, expected {SCHEMA})"
        )


def _extend_table(connection: Connection, wanted: MetaData, name: str) -> None:
    table = wanted.tables[name]
    inspector = inspect(connection)
    reflected = cast("list[_Reflected]", inspector.get_columns(table.name))
    present = {column["name"]: column["nullable"] for column in reflected}
    known = set(table.columns.keys())
    if any(field not in known and not optional for field, optional in present.items()):
        raise ConfigurationError(f"the store's `{table.name}` has columns this release lacks")
    for column in table.columns:
        if column.name in present:
            continue
        if column.server_default is None and not column.nullable:
            raise ConfigurationError(
                f"the store's `{table.name}` lacks `{column.name}`, which has no default"
            )
        made = CreateColumn(column).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ADD COLUMN {made}')
    indexed = {index["name"] for index in inspector.get_indexes(table.name)}
    for index in table.indexes:
        if index.name not in indexed:
            index.create(connection)


def tables(rows: Sequence[type[Row]], database: Database) -> MetaData:
    """Return the tables of row classes, as this database writes them; shared, never changed."""
    return _tables(tuple(rows), is_sqlite=database.is_sqlite)


@lru_cache(maxsize=16)
def _tables(rows: tuple[type[Row], ...], *, is_sqlite: bool) -> MetaData:
    made = MetaData()
    for kind in rows:
        shape = shape_of(kind)
        columns = [_column(column, is_sqlite=is_sqlite) for column in shape.columns]
        key = PrimaryKeyConstraint(*shape.key)
        table = Table(kind.table, made, *columns, key, sqlite_strict=True)
        for fields in kind.indexes:
            Index(
                f"{kind.table}_by_{'_'.join(fields)}"[:63], *(table.c[name] for name in fields)
            )
    return made


_TYPES = {
    int: BigInteger().with_variant(Integer(), "sqlite"),  # what a strict table calls it
    str: Text(collation="C").with_variant(Text(), "sqlite"),  # order by code point
    bytes: LargeBinary(),
    bool: Boolean().with_variant(Integer(), "sqlite"),
}


def _column(column: Column, *, is_sqlite: bool) -> "SqlColumn[Scalar]":
    return SqlColumn(
        column.name,
        cast("TypeEngine[Scalar]", _TYPES[column.sort]),
        nullable=column.is_optional,
        autoincrement=False,
        server_default=_default(column, is_sqlite=is_sqlite),
    )


def _default(column: Column, *, is_sqlite: bool) -> TextClause | None:
    """Write a field's default as SQL, for rows that were there before the column."""
    value = column.default
    if value is None:
        return None
    match value:
        case bool():
            return text(str(int(value)) if is_sqlite else str(value).upper())
        case int():
            return text(str(value))
        case str():
            return text("'" + value.replace("'", "''").replace(":", "\\:") + "'")
        case bytes():
            return text(f"x'{value.hex()}'" if is_sqlite else f"'\\x{value.hex()}'")
