"""The erasure list: what took something away or blocked it, kept apart from store and backup.

    <apart>/list/id              names the list; a backup says which one it needs
    <apart>/list/<week>.list     one sealed entry after another, each durable before its unit is

INVARIANT: nothing is erased, recalled, blocked or ended before the list holds it; a medium that
takes no more writes stops such acts, not the rest of the node.
RISK: an act that failed after it was listed is done by a restore: it was meant to protect.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Final, TypeVar, cast

from comity.adapters.files import make_private_folder, read_private, write_private
from comity.adapters.shape import shape_of
from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import DAY, Clock, Entropy, Instant
from comity.core.errors import ConfigurationError, StorageError, VerificationError
from comity.core.store import Op, R, Row, Scalar, Transaction, Where
from comity.seal import RecordCipher

T = TypeVar("T")
KEPT_FOR: Final = 70 * DAY
"""How far the list reaches back: a backup older than that cannot be made whole."""
_WEEK = 7 * DAY
_CONTEXT = b"comity/v1/apart"
_ENDS = (
    "erased_at",
    "ended_at",
    "disabled_at",
    "recalled_at",
    "complied_at",
    "closed_at",
    "withdrawn_in",
    "superseded_by",
    "procedure",
    "challenge",
)
"""Fields that, once set, say that a row may be used less than before."""
_ALWAYS = frozenset({"doors", "erasures"})
_DELETED = frozenset({"doors", "questions", "watches", "statements", "consents"})
"""Tables whose deleted rows protect somebody; others are emptied as work is done."""
_CONTESTED = "contested"
_BLOCKED = frozenset({"recalled", "erased", "restricted"})
"""States in which nobody uses a message: no restore may bring it back into use."""
_LENGTH = 4
_AT_ONCE = 500
"""Most writes in one entry, so that each stays small enough to read."""
_MOST = 64 * 1024 * 1024


def is_protective(row: Row) -> bool:
    """Whether what this row says takes something away, blocks it or ends it."""
    kind = type(row)
    if row.table in _ALWAYS or any(_ends_of(kind)(row)):
        return True
    if row.table == "seats":
        return getattr(row, "until", None) is not None
    if row.table == "case_fields":
        return getattr(row, "name", "") == _CONTESTED
    return row.table == "inbox" and getattr(row, "state", "") in _BLOCKED


def _ends_of(kind: type[Row]) -> Callable[[Row], tuple[object, ...]]:
    """Return what reads a row's ends; a list that is imported asks a million times."""
    known = _KNOWN.get(kind)
    if known is None:
        names = [name for name in shape_of(kind).names if name in _ENDS]
        # A getter of one name gives no tuple: the first is asked twice.
        known = attrgetter(*names, names[0]) if names else _none
        _KNOWN[kind] = known
    return known


def _none(_row: Row) -> tuple[object, ...]:
    return ()


_KNOWN: dict[type[Row], Callable[[Row], tuple[object, ...]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One unit's protective writes, in order: rows put, and rows deleted by what they met."""

    at: Instant
    steps: tuple[tuple[str, Mapping[str, Scalar] | tuple[Where, ...]], ...]

    def replay(self, tx: Transaction, kinds: Mapping[str, type[Row]]) -> int:
        """Do it again in a restored store; return how many rows it touched."""
        touched = 0
        for table, step in self.steps:
            kind = kinds.get(table)
            if kind is None:
                continue  # a table that a later release has given up
            if isinstance(step, tuple):
                touched += tx.delete(kind, *step)
            else:
                tx.put(kind(**step))
                touched += 1
        return touched


@dataclass(slots=True)
class Noting:
    """A transaction that remembers what protects somebody."""

    _tx: Transaction
    steps: list[tuple[str, Mapping[str, Scalar] | tuple[Where, ...]]] = field(
        default_factory=list[tuple[str, Mapping[str, Scalar] | tuple[Where, ...]]]
    )

    def __getattr__(self, name: str) -> object:
        """Read as the transaction itself does."""
        return cast("object", getattr(self._tx, name))

    def put(self, row: Row, /) -> None:
        """Put a row and remember it."""
        self._tx.put(row)
        self._note(row)

    def insert(self, row: Row, /) -> None:
        """Insert a row and remember it."""
        self._tx.insert(row)
        self._note(row)

    def insert_many(self, rows: Iterable[Row], /) -> None:
        """Insert rows and remember those that protect."""
        held = list(rows)
        self._tx.insert_many(held)
        for row in held:
            self._note(row)

    def delete(self, kind: type[R], /, *where: Where) -> int:
        """Delete rows and remember by what."""
        gone = self._tx.delete(kind, *where)
        is_block = kind.table == "case_fields" and Where("name", Op.EQ, _CONTESTED) in where
        if gone and (kind.table in _DELETED or is_block):
            self.steps.append((kind.table, where))
        return gone

    def _note(self, row: Row) -> None:
        if is_protective(row):
            shape = shape_of(type(row))
            values = dict(zip(shape.names, shape.values(row), strict=True))
            self.steps.append((row.table, values))


@dataclass(slots=True, kw_only=True)
class ErasureList:
    """The list of one node, on the medium kept apart; entries are sealed by the master key."""

    folder: Path
    master: bytes = field(repr=False)
    clock: Clock
    entropy: Entropy
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> bytes:
        """Return the list's id, making the list where there is none; raises `StorageError`."""
        path = make_private_folder(self.folder) / "id"
        if not path.exists():
            write_private(path, self.entropy.take(16))
        return read_private(path)

    def guard(self, unit: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
        """Return the unit that also lists what it takes away, before it is committed."""

        def guarded(tx: Transaction) -> T:
            noting = Noting(tx)
            result = unit(cast("Transaction", noting))
            for first in range(0, len(noting.steps), _AT_ONCE):
                steps = tuple(noting.steps[first : first + _AT_ONCE])
                self.write(Entry(at=self.clock.now(), steps=steps))
            return result

        return guarded

    def write(self, entry: Entry) -> None:
        """Add one entry, durably; raises `StorageError` where the medium takes no more."""
        steps: list[Value] = [[table, _written(step)] for table, step in entry.steps]
        said: dict[str, Value] = {"at": entry.at, "steps": steps}
        sealed = RecordCipher().encrypt(
            self.master, cbor.encode(said), context=_CONTEXT, entropy=self.entropy
        )
        path = self.folder / f"{entry.at // _WEEK}.list"
        try:
            with self._lock:
                _append(path, len(sealed).to_bytes(_LENGTH, "big") + sealed)
        except OSError as error:
            reason = (error.strerror or "the medium failed").lower()
            raise StorageError(f"the erasure list could not be written: {reason}") from error

    def since(self, at: Instant) -> Iterator[Entry]:
        """Give every entry from `at` on, in order; what a crash cut off is passed over.

        Raises `ConfigurationError` where an entry was changed, or is sealed by another node.
        """
        for path in sorted(self.folder.glob("*.list"), key=lambda p: int(p.stem)):
            if (int(path.stem) + 1) * _WEEK <= at:
                continue
            for sealed in _read(path):
                entry = self._opened(sealed)
                if entry.at >= at:
                    yield entry

    def prune(self, at: Instant) -> int:
        """Remove weeks that no backup can need any more; return how many."""
        old = [
            p for p in self.folder.glob("*.list") if (int(p.stem) + 1) * _WEEK + KEPT_FOR <= at
        ]
        for path in old:
            path.unlink()
        return len(old)

    def _opened(self, sealed: bytes) -> Entry:
        try:
            plain = RecordCipher().decrypt(self.master, sealed, context=_CONTEXT)
        except VerificationError:
            raise ConfigurationError(
                "the erasure list was changed, or belongs to another node"
            ) from None
        said = cast("Mapping[str, Value]", cbor.decode(plain))
        steps = cast("Sequence[tuple[str, Value]]", said["steps"])
        return Entry(
            at=Instant(cast("int", said["at"])),
            steps=tuple((table, _step(step)) for table, step in steps),
        )


def _written(step: Mapping[str, Scalar] | tuple[Where, ...]) -> Value:
    if isinstance(step, Mapping):
        return dict(step)
    return [[w.field, w.op.value, _plain(w.value)] for w in step]


def _plain(value: Scalar | tuple[Scalar, ...]) -> Value:
    return list(value) if isinstance(value, tuple) else value


def _step(value: Value) -> Mapping[str, Scalar] | tuple[Where, ...]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Scalar]", value)
    parts = cast("Sequence[tuple[str, str, Value]]", value)
    return tuple(Where(name, Op(op), _scalar(held)) for name, op, held in parts)


def _scalar(value: Value) -> Scalar | tuple[Scalar, ...]:
    if isinstance(value, list | tuple):
        return tuple(cast("Sequence[Scalar]", value))
    return cast("Scalar", value)


def _append(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        try:
            with os.fdopen(os.dup(descriptor), "wb") as file:
                file.write(data)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)


def _read(path: Path) -> Iterator[bytes]:
    data = read_private(path)
    place = 0
    while place + _LENGTH <= len(data):
        size = int.from_bytes(data[place : place + _LENGTH], "big")
        end = place + _LENGTH + size
        if size > _MOST or end > len(data):
            return
        yield data[place + _LENGTH : end]
        place = end
