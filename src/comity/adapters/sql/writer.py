"""The one writer of a process: gathers units and commits them together.

    take(unit) -> queue -> BEGIN, a savepoint for each unit, COMMIT -> futures resolve

An idle writer commits at once. While it waits for the disk other units queue, and the next
commit carries up to 64 of them or as many as run in 5 ms. Where the last commit carried several
units more are on their way, and it waits up to 2 ms for the next; a lone unit never waits.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, Protocol

from sqlalchemy.pool import PoolProxiedConnection

from comity.adapters.sql.driver import Cursor, Database, storage_error
from comity.adapters.sql.schema import NodeRow
from comity.adapters.sql.session import HEIGHT, Book, SqlReader, SqlUnit
from comity.core.errors import StateError, StorageError
from comity.core.store import Scalar, T, Transaction
from comity.ledger import Frontier, leaf_hash

UNITS = 64
"""Most units in one commit."""
GATHER = 0.005
"""Seconds after which no further unit joins a commit."""
PAUSE = 0.002
"""Seconds that a busy writer waits for one more unit."""


class Writer:
    """Runs units one after the other in a thread of its own."""

    def __init__(self, database: Database, book: Book) -> None:
        """Start the thread; the connection is taken with the first unit."""
        self._database = database
        self._book = book
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._line: _Line | None = None
        self._is_in_unit = False
        self._is_closed = False
        self._is_busy = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def is_inside_unit(self) -> bool:
        """Whether the caller is itself a unit now running."""
        return self._is_in_unit and threading.get_ident() == self._thread.ident

    def take(self, unit: Callable[[Transaction], T]) -> "Future[T]":
        """Queue a unit; raises `StateError` where the writer is closed or a unit calls."""
        if self.is_inside_unit():
            raise StateError("a unit may not wait for another unit")
        task = _Task(unit)
        with self._closing:
            if self._is_closed:
                raise StateError("the store is closed")
            self._queue.put(task)
        return task.future

    def close(self) -> None:
        """Write what is queued and end; closing twice is no error."""
        with self._closing:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            self._serve(job)
        self._drop()

    def _serve(self, first: "_Job") -> None:
        done: list[_Job] = []
        failure: StorageError | None = None
        try:
            line = self._begin()
            leaves: list[bytes] = []
            for job in self._gather(first):
                done.append(job)
                leaves += self._run_unit(job, line, size=line.frontier.size + len(leaves))
            _grow(line, leaves, self._book)
            line.cursor.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - the writer outlives any one commit
            self._drop()
            failure = error if isinstance(error, StorageError) else storage_error(error)
        self._is_busy = len(done) > 1
        for job in done or [first]:
            job.resolve(failure)

    def _gather(self, first: "_Job") -> "Iterator[_Job]":
        until = time.monotonic() + GATHER
        yield first
        for _ in range(UNITS - 1):
            left = until - time.monotonic()
            if left <= 0:
                return
            try:
                job = self._queue.get(self._is_busy, min(left, PAUSE))
            except queue.Empty:
                return
            if job is None:
                self._queue.put(None)  # the end comes after this commit
                return
            yield job

    def _run_unit(self, job: "_Job", line: "_Line", *, size: int) -> Sequence[bytes]:
        unit = SqlUnit(line.cursor, self._book, database=self._database, size=size)
        line.cursor.execute("SAVEPOINT unit")
        self._is_in_unit = True
        try:
            job.run(unit)
            made = unit.finish()
        except BaseException as error:  # noqa: BLE001 - whatever a unit raises is its caller's
            job.fail(error)
            made = ()
            self._roll_back(line, error)
        finally:
            self._is_in_unit = False
        line.cursor.execute("RELEASE SAVEPOINT unit")
        return made

    def _roll_back(self, line: "_Line", error: BaseException) -> None:
        try:
            line.cursor.execute("ROLLBACK TO SAVEPOINT unit")
        except self._database.errors:
            if isinstance(error, StorageError):  # a full disk ends the whole transaction
                raise error from None
            raise

    def _begin(self) -> "_Line":
        line = self._line
        if line is None:
            held, cursor = self._database.connect()
            line = self._line = _Line(held, cursor, Frontier())
        for statement in self._database.begin_unit:
            line.cursor.execute(statement)
        reader = SqlReader(line.cursor, self._book)
        size = reader.size()
        if size != line.frontier.size:
            line.frontier = Frontier.load(size, reader.ledger_node)
        return line

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(Exception):  # it may be broken; closing rolls back in any case
                line.cursor.execute("ROLLBACK")
            line.held.invalidate()


class _Job(Protocol):
    def run(self, unit: SqlUnit) -> None: ...

    def fail(self, error: BaseException) -> None: ...

    def resolve(self, failure: StorageError | None) -> None: ...


class _Task(Generic[T]):
    """A unit and the future of its caller."""

    def __init__(self, unit: Callable[[Transaction], T]) -> None:
        self.future: Future[T] = Future()
        self._unit = unit
        self._results: list[T] = []
        self._error: BaseException | None = None

    def run(self, unit: SqlUnit) -> None:
        self._results.append(self._unit(unit))

    def fail(self, error: BaseException) -> None:
        self._error = error

    def resolve(self, failure: StorageError | None) -> None:
        error = self._error or failure
        if not self.future.set_running_or_notify_cancel():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(self._results[0])


@dataclass(slots=True)
class _Line:
    """The writer's connection and where the tree stands on it."""

    held: PoolProxiedConnection
    cursor: Cursor
    frontier: Frontier


def _grow(line: _Line, leaves: Sequence[bytes], book: Book) -> None:
    """Hash the entries of a commit into the tree and store the hashes over full tiles."""
    rows: list[tuple[Scalar, ...]] = []
    for leaf in leaves:
        nodes = line.frontier.append(leaf_hash(leaf))
        rows += [node for node in nodes if node[0] % HEIGHT == 0]
    if rows:
        line.cursor.executemany(book.of(NodeRow).insert, rows)
