"""The two databases behind one face: how each connects, begins, and says what went wrong.

Statements run on the driver's own cursor: SQLAlchemy makes the tables, keeps the connections
and inspects, but its work per row would cost more than the rest of a unit.
"""

import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, Self, cast

from sqlalchemy import Engine, QueuePool, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import PoolProxiedConnection

from comity.core.errors import ConfigurationError, StorageError
from comity.core.store import Scalar

_SQLITE = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a ledger entry is durable before a disclosure leaves
    "PRAGMA secure_delete = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA temp_store = MEMORY",  # no half-sorted rows in temporary files
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA cache_size = -16000",
)
_POSTGRES = ("SET synchronous_commit TO on", "SET TIME ZONE 'UTC'")
_LOCK = "SELECT pg_advisory_xact_lock(7163401827)"  # any number, the same in every process
_WAIT = 30.0
"""Seconds a reader waits for a free connection."""


class Cursor(Protocol):
    """What we use of a driver's cursor."""

    @property
    def rowcount(self) -> int:
        """Return how many rows the last statement changed."""
        ...

    def execute(self, statement: str, parameters: Sequence[Scalar] = ..., /) -> Self:
        """Run a statement."""
        ...

    def executemany(self, statement: str, parameters: Sequence[Sequence[Scalar]], /) -> object:
        """Run a statement once for each set of parameters."""
        ...

    def fetchone(self) -> tuple[Scalar, ...] | None:
        """Return the next row found."""
        ...

    def fetchall(self) -> Sequence[tuple[Scalar, ...]]:
        """Return all rows found."""
        ...


class _Connection(Protocol):
    def cursor(self) -> Cursor: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One opened database: its connections, its dialect and the errors its driver raises."""

    engine: Engine
    mark: str
    """How a parameter is written: `?` or `%s`."""
    is_sqlite: bool
    begin_unit: tuple[str, ...]
    begin_read: str
    errors: tuple[type[Exception], ...]

    def connect(self) -> tuple[PoolProxiedConnection, Cursor]:
        """Take a connection and a cursor; raises `StorageError` where there is none."""
        try:
            held = self.engine.raw_connection()
        except self.errors as error:
            raise storage_error(error) from error
        return held, cast("_Connection", held.driver_connection).cursor()

    @contextmanager
    def reading(self) -> Generator[Cursor, None, None]:
        """Lend a cursor on one consistent, committed state; raises `StorageError`."""
        held, cursor = self.connect()
        try:
            cursor.execute(self.begin_read)
            try:
                yield cursor
            finally:
                cursor.execute("ROLLBACK")
        except self.errors as error:
            held.invalidate()  # whatever state it is in, it does not go back among the others
            raise storage_error(error) from error
        finally:
            held.close()


def sqlite(path: Path, *, readers: int) -> Database:
    """Open a SQLite file, private to its owner; raises `StorageError` where it cannot be."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        reason = (error.strerror or "the disk failed").lower()
        raise StorageError(f"the store `{path}` could not be opened: {reason}") from error
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=readers + 1,
        max_overflow=0,
        pool_timeout=_WAIT,
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",  # or a released savepoint would outlive its rollback
        connect_args={"check_same_thread": False, "cached_statements": 512},
    )
    _on_connect(engine, _SQLITE)
    return Database(
        engine=engine,
        mark="?",
        is_sqlite=True,
        begin_unit=("BEGIN IMMEDIATE",),
        begin_read="BEGIN",
        errors=(sqlite3.Error, SQLAlchemyError),
    )


def postgres(url: str, *, readers: int) -> Database:
    """Open a PostgreSQL database, `postgresql://…`.

    Raises `ConfigurationError` where the extra `postgres` is not installed or the address is
    none.
    """
    if find_spec("psycopg") is None:
        raise ConfigurationError("a PostgreSQL store needs the extra `comity[postgres]`")
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgresql", "postgres"}:
        raise ConfigurationError("expected a store address like `postgresql://…`")
    try:
        engine = create_engine(
            f"postgresql+psycopg://{rest}",
            pool_size=readers + 1,
            max_overflow=0,
            pool_timeout=_WAIT,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",  # units begin and end in our own words
        )
    except (ArgumentError, ValueError):
        raise ConfigurationError("expected a store address like `postgresql://…`") from None
    _on_connect(engine, _POSTGRES)
    driver = cast("_Psycopg", import_module("psycopg"))
    return Database(
        engine=engine,
        mark="%s",
        is_sqlite=False,
        begin_unit=("BEGIN", _LOCK),
        begin_read="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        errors=(driver.Error, SQLAlchemyError),
    )


def storage_error(error: BaseException) -> StorageError:
    """Say in words, without any value, what a database reported."""
    found = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(found, PoolTimeoutError):
        return StorageError("every connection to the store is busy")
    code = getattr(found, "sqlite_errorname", None) or getattr(found, "sqlstate", None) or ""
    for start, words in _WORDS.items():
        if code.startswith(start):
            return StorageError(f"the store {words}")
    return StorageError(f"the store failed ({code or type(found).__name__})")


_WORDS = {
    "SQLITE_FULL": "is full: the disk has no room left",
    "SQLITE_READONLY": "is read-only",
    "SQLITE_CORRUPT": "is damaged: restore a backup",
    "SQLITE_NOTADB": "is damaged or no store at all",
    "SQLITE_BUSY": "is locked by another process",
    "SQLITE_LOCKED": "is locked by another process",
    "SQLITE_CANTOPEN": "could not be opened",
    "SQLITE_PERM": "could not be opened: no permission",
    "SQLITE_IOERR": "could not be read or written: the disk failed",
    "SQLITE_TOOBIG": "takes no value so large",
    "53100": "is full: the disk has no room left",
    "25006": "is read-only",
    "53": "has too few resources at its server",
    "08": "does not answer",
    "57": "was shut down at its server",
    "40": "was locked by another process",
    "28": "was refused at its server",
    "3D": "does not exist at its server",
}


class _Psycopg(Protocol):
    Error: type[Exception]


class _Raw(Protocol):
    def execute(self, statement: str, /) -> object: ...


def _on_connect(engine: Engine, statements: tuple[str, ...]) -> None:
    def set_up(connection: _Raw, _record: object) -> None:
        for statement in statements:
            connection.execute(statement)

    event.listen(engine, "connect", set_up)
