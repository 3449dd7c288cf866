"""Clock, chance and store held in memory: for the simulator and for tests.

The store keeps the promises of the port without a disk: a unit that raises leaves nothing
behind, and its future is resolved when `commit` returns.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from operator import attrgetter
from typing import cast

from comity.adapters.shape import (
    Key,
    LedgerReader,
    Shape,
    check_values,
    listed,
    order_terms,
    shape_of,
    single,
)
from comity.core import limits
from comity.core.clock import Instant
from comity.core.errors import ConflictError, LimitError, NotFoundError, StateError
from comity.core.store import Op, R, Row, Scalar, T, Transaction, Where
from comity.ledger import Frontier, leaf_hash

_TESTS: dict[Op, Callable[[Scalar, Scalar], bool]] = {
    Op.EQ: lambda found, value: found == value,
    Op.NE: lambda found, value: found != value,
    Op.LT: lambda found, value: _compare(found, value) < 0,
    Op.LE: lambda found, value: _compare(found, value) <= 0,
    Op.GT: lambda found, value: _compare(found, value) > 0,
    Op.GE: lambda found, value: _compare(found, value) >= 0,
}


class FixedClock:
    """Stands still until told otherwise."""

    def __init__(self, at: Instant) -> None:
        """Begin at an instant."""
        self._at = at

    def now(self) -> Instant:
        """Return the instant it stands at."""
        return self._at

    def advance(self, milliseconds: int) -> None:
        """Move on, or back."""
        self._at = Instant(self._at + milliseconds)


class SeededEntropy:
    """Gives the same bytes for the same seed, so that a simulation can be replayed.

    RISK: predictable; never for a real key.
    """

    def __init__(self, seed: bytes) -> None:
        """Begin the sequence of a seed."""
        self._seed = hashlib.sha256(seed).digest()
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, count: int, /) -> bytes:
        """Return the next `count` bytes of the sequence."""
        with self._lock:
            self._taken += 1
            label = self._seed + self._taken.to_bytes(8, "big")
        return hashlib.shake_256(label).digest(count)


class MemoryStore:
    """Keeps rows and ledger in memory, one unit at a time."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.RLock()
        self._state = _State()
        self._is_busy = False

    def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]":
        """Run `unit` at once; the future holds its result, or what it raised."""
        future: Future[T] = Future()
        with self._lock:
            if self._is_busy:
                raise StateError("a unit may not wait for another unit")
            self._is_busy = True
            unfinished = _Unit(self._state)
            try:
                made = unit(unfinished)
            except Exception as error:  # noqa: BLE001 - whatever a unit raises is its caller's
                unfinished.undo()
                future.set_exception(error)
            else:
                self._state.grow()
                future.set_result(made)
            finally:
                self._is_busy = False
        return future

    def read(self, query: Callable[[LedgerReader], T], /) -> T:
        """Run `query` while no unit runs; raises `StateError` from inside a unit."""
        with self._lock:
            if self._is_busy:
                raise StateError("a unit reads through its own transaction")
            return query(self._state)

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


class _State:
    def __init__(self) -> None:
        self.tables: dict[str, dict[Key, Row]] = {}
        self.leaves: list[bytes] = []
        self.frontier = Frontier()
        self.nodes: dict[tuple[int, int], bytes] = {}

    def get(self, kind: type[R], /, *key: Scalar) -> R | None:
        if len(key) != len(kind.key):
            raise StateError(f"a key of `{kind.table}` is {', '.join(kind.key)}")
        return cast("R | None", self.rows(kind).get(key))

    def find(
        self, kind: type[R], /, *where: Where, order: str = "", limit: int | None = None
    ) -> Sequence[R]:
        found = list(self._matching(kind, where))
        for name, sign in reversed(order_terms(kind, order)):
            found.sort(key=_sort_key(name), reverse=sign < 0)
        return found if limit is None else found[:limit]

    def count(self, kind: type[R], /, *where: Where) -> int:
        return sum(1 for _ in self._matching(kind, where))

    def size(self) -> int:
        return len(self.leaves)

    def entries(self, first: int, count: int) -> Sequence[bytes]:
        return self.leaves[first : first + count]

    def ledger_node(self, level: int, index: int, /) -> bytes:
        try:
            return self.nodes[level, index]
        except KeyError:
            raise NotFoundError(f"the ledger has no complete node {level}/{index}") from None

    def rows(self, kind: type[Row]) -> dict[Key, Row]:
        return self.tables.setdefault(kind.table, {})

    def grow(self) -> None:
        """Hash the entries that a finished unit left behind."""
        for index in range(self.frontier.size, len(self.leaves)):
            leaf = leaf_hash(self.leaves[index])
            self.nodes[0, index] = leaf
            for level, place, node in self.frontier.append(leaf):
                self.nodes[level, place] = node

    def _matching(self, kind: type[R], where: tuple[Where, ...]) -> Iterable[R]:
        tests = [_test(shape_of(kind), each) for each in where]
        for row in self.rows(kind).values():
            if all(test(row) for test in tests):
                yield cast("R", row)


class _Unit(_State):
    """A view on the state that remembers how to undo what it did."""

    def __init__(self, state: _State) -> None:
        self.tables = state.tables
        self.leaves = state.leaves
        self._before = len(state.leaves)
        self._undo: list[tuple[dict[Key, Row], Key, Row | None]] = []

    def insert(self, row: Row, /) -> None:
        self.insert_many((row,))

    def insert_many(self, rows: Iterable[Row], /) -> None:
        new: dict[tuple[str, Key], Row] = {}
        for row in rows:
            shape = shape_of(type(row))
            check_values(shape, shape.values(row))
            key = shape.key_of(row)
            if (shape.table, key) in new or key in self.rows(type(row)):
                raise ConflictError(f"a row of `{shape.table}` has this key already")
            new[shape.table, key] = row
        for (_, key), row in new.items():
            self._set(key, row)

    def put(self, row: Row, /) -> None:
        shape = shape_of(type(row))
        check_values(shape, shape.values(row))
        self._set(shape.key_of(row), row)

    def delete(self, kind: type[R], /, *where: Where) -> int:
        found = list(self._matching(kind, where))
        key_of, rows = shape_of(kind).key_of, self.rows(kind)
        for row in found:
            key = key_of(row)
            self._undo.append((rows, key, rows.pop(key)))
        return len(found)

    def append(self, entry: bytes, /) -> int:
        if len(entry) > limits.LEDGER_ENTRY:
            raise LimitError(f"expected a ledger entry of at most {limits.LEDGER_ENTRY} bytes")
        self.leaves.append(entry)
        return len(self.leaves) - 1

    def undo(self) -> None:
        del self.leaves[self._before :]
        for rows, key, row in reversed(self._undo):
            if row is None:
                del rows[key]
            else:
                rows[key] = row

    def _set(self, key: Key, row: Row) -> None:
        rows = self.rows(type(row))
        self._undo.append((rows, key, rows.get(key)))
        rows[key] = row


def _test(shape: Shape, where: Where) -> Callable[[Row], bool]:
    shape.column(where.field)
    value_of = cast("Callable[[Row], Scalar]", attrgetter(where.field))
    if where.op is Op.IN:
        values = frozenset(listed(where))
        return lambda row: value_of(row) in values
    value, compare = single(where), _TESTS[where.op]
    if where.op in {Op.EQ, Op.NE}:
        return lambda row: compare(value_of(row), value)
    if value is None:
        return lambda _: False

    def test(row: Row) -> bool:
        found = value_of(row)
        return found is not None and compare(found, value)

    return test


def _compare(found: Scalar, value: Scalar) -> int:
    """Order two present values of one column: below, equal or above zero."""
    sorts = (int, str, bytes)
    if not any(isinstance(found, sort) and isinstance(value, sort) for sort in sorts):
        raise StateError("only values of one type have an order")
    left, right = cast("int", found), cast("int", value)
    return (left > right) - (left < right)


def _sort_key(name: str) -> Callable[[Row], tuple[bool, int]]:
    """Sort absent values first, as SQLite does."""
    value_of = cast("Callable[[Row], int | None]", attrgetter(name))

    def key(row: Row) -> tuple[bool, int]:
        value = value_of(row)
        return (value is not None, 0 if value is None else value)

    return key
