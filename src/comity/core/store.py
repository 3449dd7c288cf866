"""The store port: rows, units of work, and the ledger that grows with them.

What must stand or fall together is one unit. `commit(unit)` runs the unit in a savepoint on the
one writer; the future resolves only once all it wrote is durable; a unit that raises leaves
nothing behind, its ledger entries included, and harms no other.

A row is a frozen dataclass of `int | str | bytes | bool`, each possibly `None`; the class names
its table, key and indexes, and adapters derive storage from it. Rows hold codes, ids, times and
keyed hashes; anything a person wrote goes into an encrypted record.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum, unique
from typing import ClassVar, Protocol, TypeVar

Scalar = int | str | bytes | bool | None


class Row:
    """Base of every stored row; subclasses are frozen, slotted, keyword-only dataclasses."""

    __slots__ = ()
    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = ()


R = TypeVar("R", bound=Row)
T = TypeVar("T")


@unique
class Op(Enum):
    """How a field is compared."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    IN = "in"


@dataclass(frozen=True, slots=True)
class Where:
    """One condition on one field; several are joined by *and*.

    `EQ None` and `IN (…, None)` find what is absent; `NE` a value finds it too; less or greater
    never do. Text compares by code point.
    """

    field: str
    op: Op
    value: Scalar | tuple[Scalar, ...]


def eq(field: str, value: Scalar) -> Where:
    """Make the commonest condition."""
    return Where(field, Op.EQ, value)


class Reader(Protocol):
    """Reads one consistent state."""

    def get(self, kind: type[R], /, *key: Scalar) -> R | None:
        """Return the row of `kind` with this key, if any."""
        ...

    def find(
        self,
        kind: type[R],
        /,
        *where: Where,
        order: str = "",
        limit: int | None = None,
    ) -> Sequence[R]:
        """Return rows that meet every condition.

        `order` is fields, `-` for descending: `"due,-at"`; what is absent comes first, or last
        when descending, and ties go by key. Without it the order is anybody's.
        """
        ...

    def count(self, kind: type[R], /, *where: Where) -> int:
        """Count rows that meet every condition."""
        ...

    def size(self) -> int:
        """Return how many ledger entries this state holds."""
        ...

    def entries(self, first: int, count: int) -> Sequence[bytes]:
        """Return ledger entries from index `first`, in order."""
        ...


class Transaction(Reader, Protocol):
    """What a unit may write; it reads its own writes."""

    def insert(self, row: Row, /) -> None:
        """Add a row; raises `ConflictError` where its key is taken."""
        ...

    def insert_many(self, rows: Iterable[Row], /) -> None:
        """Add many rows of one kind; raises `ConflictError` where a key is taken."""
        ...

    def put(self, row: Row, /) -> None:
        """Add a row or replace the one with its key."""
        ...

    def delete(self, kind: type[R], /, *where: Where) -> int:
        """Delete rows that meet every condition; return how many."""
        ...

    def append(self, entry: bytes, /) -> int:
        """Append a ledger entry and return its index (from 0)."""
        ...


class Store(Protocol):
    """Writes units, each whole or not at all; many units share one commit."""

    def commit(self, unit: Callable[[Transaction], T], /) -> Future[T]:
        """Run `unit`; the future resolves once all it wrote is durable.

        Raises in the future: what the unit raised, or `StorageError`.
        """
        ...

    def read(self, query: Callable[[Reader], T], /) -> T:
        """Run `query` on one consistent, committed state and return its result."""
        ...
