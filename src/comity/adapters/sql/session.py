"""What a query and a unit see: rows and ledger through one cursor inside one transaction."""

from collections.abc import Iterable, Sequence
from typing import Self, cast

from comity.adapters.shape import Shape, check_values, shape_of
from comity.adapters.sql.driver import Cursor, Database, storage_error
from comity.adapters.sql.schema import EntryRow, NodeRow
from comity.adapters.sql.statements import Statements, condition, ordering, statements
from comity.core import limits
from comity.core.errors import ConflictError, LimitError, NotFoundError, StateError
from comity.core.store import R, Row, Scalar, Where
from comity.ledger import leaf_hash, node_hash

HEIGHT = 8
"""Levels in a tile: only hashes over full tiles are stored, those between are computed."""
_HIGHEST = 62


class Book:
    """The statements of one database, written once."""

    def __init__(self, database: Database) -> None:
        """Begin empty."""
        self.mark = database.mark
        self._known: dict[type[Row], Statements] = {}
        mark = database.mark
        self.entries = f'SELECT "entry" FROM "{EntryRow.table}" WHERE "index" >= {mark} AND "index" < {mark} ORDER BY "index"'  # noqa: E501, S608 - our own names
        self.hashes = f'SELECT "hash" FROM "{NodeRow.table}" WHERE "level" = {mark} AND "index" >= {mark} AND "index" < {mark} ORDER BY "index"'  # noqa: E501, S608 - our own names
        self.size = f'SELECT max("index") FROM "{EntryRow.table}"'  # noqa: S608 - our own names

    def of(self, kind: type[Row]) -> Statements:
        """Return the statements of a row class."""
        found = self._known.get(kind)
        if found is None:
            found = self._known[kind] = statements(kind, self.mark)
        return found


class _Rows:
    """Reads rows through a cursor whose transaction has begun."""

    def __init__(self, cursor: Cursor, book: Book) -> None:
        self._cursor = cursor
        self._book = book

    def get(self, kind: type[R], /, *key: Scalar) -> R | None:
        """Return the row of `kind` with this key, if any."""
        if len(key) != len(kind.key):
            raise StateError(f"a key of `{kind.table}` is {', '.join(kind.key)}")
        found = self._cursor.execute(self._book.of(kind).get, key).fetchone()
        return None if found is None else _row(kind, shape_of(kind), found)

    def find(
        self, kind: type[R], /, *where: Where, order: str = "", limit: int | None = None
    ) -> Sequence[R]:
        """Return rows that meet every condition."""
        terms, values = condition(kind, where, mark=self._book.mark)
        tail = "" if limit is None else f" LIMIT {limit:d}"
        query = self._book.of(kind).select + terms + ordering(kind, order) + tail
        shape = shape_of(kind)
        return [
            _row(kind, shape, found) for found in self._cursor.execute(query, values).fetchall()
        ]

    def count(self, kind: type[R], /, *where: Where) -> int:
        """Count rows that meet every condition."""
        terms, values = condition(kind, where, mark=self._book.mark)
        query = f'SELECT count(*) FROM "{kind.table}"{terms}'  # noqa: S608 - our own name
        found = self._cursor.execute(query, values).fetchone()
        return cast("int", found[0]) if found else 0


class SqlReader(_Rows):
    """Reads one consistent state."""

    def size(self) -> int:
        """Return how many ledger entries this state holds."""
        found = self._cursor.execute(self._book.size).fetchone()
        return 0 if found is None or found[0] is None else cast("int", found[0]) + 1

    def entries(self, first: int, count: int) -> Sequence[bytes]:
        """Return ledger entries from index `first`, in order."""
        return _entries(self._cursor, self._book, first, count)

    def ledger_node(self, level: int, index: int, /) -> bytes:
        """Return the hash of a complete node, computed from the tile below it.

        Raises `NotFoundError` where the tree has no such complete node.
        """
        base = level - level % HEIGHT
        width = 1 << level - base
        first = index << level - base
        if not 0 <= level <= _HIGHEST or not 0 <= index <= 1 << _HIGHEST - level:
            hashes = []
        elif base:
            span = (base, first, first + width)
            hashes = [
                cast("bytes", row[0])
                for row in self._cursor.execute(self._book.hashes, span).fetchall()
            ]
        else:
            hashes = [leaf_hash(entry) for entry in self.entries(first, width)]
        if len(hashes) != width:
            raise NotFoundError(f"the ledger has no complete node {level}/{index}")
        while len(hashes) > 1:
            pairs = zip(hashes[::2], hashes[1::2], strict=True)
            hashes = [node_hash(left, right) for left, right in pairs]
        return hashes[0]


class SqlUnit(_Rows):
    """What one unit writes, inside its own savepoint.

    Once the database has failed it refuses every further step, so that a unit which swallows
    the error cannot go on outside its transaction.
    """

    def __init__(self, cursor: Cursor, book: Book, *, database: Database, size: int) -> None:
        """Write through a cursor; the ledger has `size` entries before this unit."""
        guarded = _Guarded(cursor, database.errors)
        super().__init__(guarded, book)
        self._guarded = guarded
        self._first = size
        self._leaves: list[bytes] = []
        self._flushed = 0

    def insert(self, row: Row, /) -> None:
        """Add a row; raises `ConflictError` where its key is taken."""
        shape = shape_of(type(row))
        values = shape.values(row)
        check_values(shape, values)
        if self._cursor.execute(self._book.of(type(row)).insert, values).rowcount != 1:
            raise ConflictError(f"a row of `{shape.table}` has this key already")

    def insert_many(self, rows: Iterable[Row], /) -> None:
        """Add many rows of one kind, all or none; raises `ConflictError`."""
        listed = list(rows)
        if len(listed) <= 1:
            for row in listed:
                self.insert(row)
            return
        kind = type(listed[0])
        shape, values = shape_of(kind), list[tuple[Scalar, ...]]()
        for row in listed:
            if type(row) is not kind:
                raise StateError("rows inserted together are of one kind")
            values.append(shape.values(row))
            check_values(shape, values[-1])
        self._cursor.execute("SAVEPOINT many")
        self._cursor.executemany(self._book.of(kind).insert, values)
        added = self._cursor.rowcount
        if added != len(listed):
            self._cursor.execute("ROLLBACK TO SAVEPOINT many")
        self._cursor.execute("RELEASE SAVEPOINT many")
        if added != len(listed):
            raise ConflictError(f"a row of `{shape.table}` has one of these keys already")

    def put(self, row: Row, /) -> None:
        """Add a row or replace the one with its key."""
        shape = shape_of(type(row))
        values = shape.values(row)
        check_values(shape, values)
        self._cursor.execute(self._book.of(type(row)).put, values)

    def delete(self, kind: type[R], /, *where: Where) -> int:
        """Delete rows that meet every condition; return how many."""
        terms, values = condition(kind, where, mark=self._book.mark)
        return self._cursor.execute(f'DELETE FROM "{kind.table}"{terms}', values).rowcount  # noqa: S608 - our own name

    def append(self, entry: bytes, /) -> int:
        """Append a ledger entry and return its index; `finish` writes it."""
        if len(entry) > limits.LEDGER_ENTRY:
            raise LimitError(f"expected a ledger entry of at most {limits.LEDGER_ENTRY} bytes")
        self._leaves.append(entry)
        return self.size() - 1

    def size(self) -> int:
        """Return how many ledger entries there are, with this unit's own."""
        return self._first + len(self._leaves)

    def entries(self, first: int, count: int) -> Sequence[bytes]:
        """Return ledger entries from index `first`, this unit's own among them."""
        self._flush()
        return _entries(self._cursor, self._book, first, count)

    def finish(self) -> Sequence[bytes]:
        """Write what is still to be written and return this unit's entries."""
        self._guarded.check()
        self._flush()
        return self._leaves

    def _flush(self) -> None:
        start = self._flushed
        if start == len(self._leaves):
            return
        rows = [(self._first + n, leaf) for n, leaf in enumerate(self._leaves[start:], start)]
        self._cursor.executemany(self._book.of(EntryRow).insert, rows)
        self._flushed = len(self._leaves)


class _Guarded:
    """A cursor that refuses every step once the database has failed."""

    def __init__(self, cursor: Cursor, errors: tuple[type[Exception], ...]) -> None:
        self._cursor = cursor
        self._errors = errors
        self._failure: Exception | None = None

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    def execute(self, statement: str, parameters: Sequence[Scalar] = (), /) -> Self:
        self.check()
        try:
            self._cursor.execute(statement, parameters)
        except self._errors as error:
            self._failure = error
            raise storage_error(error) from error
        return self

    def executemany(self, statement: str, parameters: Sequence[Sequence[Scalar]], /) -> None:
        self.check()
        try:
            self._cursor.executemany(statement, parameters)
        except self._errors as error:
            self._failure = error
            raise storage_error(error) from error

    def fetchone(self) -> tuple[Scalar, ...] | None:
        return self._cursor.fetchone()

    def fetchall(self) -> Sequence[tuple[Scalar, ...]]:
        return self._cursor.fetchall()

    def check(self) -> None:
        """Raise again what happened before."""
        if self._failure is not None:
            raise storage_error(self._failure) from self._failure


def _entries(cursor: Cursor, book: Book, first: int, count: int) -> Sequence[bytes]:
    found = cursor.execute(book.entries, (first, first + count)).fetchall()
    return [cast("bytes", row[0]) for row in found]


def _row(kind: type[R], shape: Shape, found: Sequence[Scalar]) -> R:
    values: dict[str, Scalar] = dict(zip(shape.names, found, strict=True))
    for name in shape.flags:
        if values[name] is not None:
            values[name] = bool(values[name])
    return kind(**values)
