"""The store port on a SQL database: units go to the one writer, each query to a reader."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from comity.adapters.shape import LedgerReader
from comity.adapters.sql import driver
from comity.adapters.sql.driver import Database, storage_error
from comity.adapters.sql.migration import Migration, Wish, migrate
from comity.adapters.sql.schema import prepare
from comity.adapters.sql.session import Book, SqlReader
from comity.adapters.sql.writer import Writer
from comity.core.errors import ConfigurationError, StateError
from comity.core.store import Row, T, Transaction


class Guard(Protocol):
    """Wraps a unit; what it raises rolls the unit back."""

    def __call__(self, unit: Callable[[Transaction], T], /) -> Callable[[Transaction], T]:
        """Return the unit to run instead."""
        ...


class SqlStore:
    """The store port on a SQL database. `close` it: queued units are still written then.

    A future that ends in `StorageError` tells that the unit is not known to be durable; where
    the connection broke during the commit itself it may be, so a step must be repeatable.
    """

    def __init__(self, database: Database, rows: Sequence[type[Row]]) -> None:
        """Prepare the tables and start the writer; raises as `prepare` does."""
        try:
            prepare(database, rows)
        except BaseException:
            database.engine.dispose()
            raise
        self._database = database
        self._book = Book(database)
        self._writer = Writer(database, self._book)
        self._local = _Local()
        self._guard: Guard | None = None

    def keep_apart(self, guard: "Guard") -> None:
        """Let every unit pass a guard from now on, which may add to what it does."""
        self._guard = guard

    def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]":
        """Queue `unit`; the future resolves once all it wrote is durable.

        Raises `StateError` where the store is closed or another unit calls.
        """
        return self._writer.take(unit if self._guard is None else self._guard(unit))

    def read(self, query: Callable[[LedgerReader], T], /) -> T:
        """Run `query` on one committed state; a query inside a query sees the same state.

        Raises `StorageError`, and `StateError` from inside a unit.
        """
        if self._writer.is_inside_unit():
            raise StateError("a unit reads through its own transaction")
        if self._local.reader is not None:
            return query(self._local.reader)
        with self._database.reading() as cursor:
            self._local.reader = SqlReader(cursor, self._book)
            try:
                return query(self._local.reader)
            finally:
                self._local.reader = None

    def truncate_log(self) -> bool:
        """Empty SQLite's write-ahead log, so that no deleted row is left in it.

        Returns whether that was possible now; PostgreSQL keeps its own log and answers `False`.
        """
        if not self._database.is_sqlite:
            return False
        held, cursor = self._database.connect()
        try:
            found = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except self._database.errors as error:
            raise storage_error(error) from error
        finally:
            held.close()
        return found is not None and found[0] == 0

    def close(self) -> None:
        """Write what is queued, then release every connection; closing twice is no error."""
        self._writer.close()
        self._database.engine.dispose()


def open_sqlite(path: Path, rows: Sequence[type[Row]], *, readers: int = 4) -> SqlStore:
    """Open or make a SQLite store; the caller holds the folder's lock.

    Raises `StorageError`, and `ConfigurationError` where the file is of a newer release.
    """
    return SqlStore(driver.sqlite(path, readers=readers), rows)


def open_postgres(url: str, rows: Sequence[type[Row]], *, readers: int = 4) -> SqlStore:
    """Open a store in a PostgreSQL database; several processes may share it.

    Raises `StorageError` and `ConfigurationError`.
    """
    return SqlStore(driver.postgres(url, readers=readers), rows)


def migrate_store(where: Path | str, rows: Sequence[type[Row]], wish: Wish) -> Migration:
    """Bring a closed store to another layout: a SQLite file, or a PostgreSQL address.

    Raises as `migrate` does, and `ConfigurationError` where there is no store.
    """
    if isinstance(where, Path):
        if not where.exists():
            raise ConfigurationError(f"there is no store `{where}`")
        database = driver.sqlite(where, readers=1)
    else:
        database = driver.postgres(where, readers=1)
    try:
        return migrate(database, rows, wish)
    finally:
        database.engine.dispose()


class _Local(threading.local):
    reader: SqlReader | None = None
