"""The Safe: what can be erased alone is encrypted alone.

Every record has a key and a salt of its own. The key is wrapped by the node's key of the week,
which lives outside database and backup; the salt lies with the content under the record's key.
Erasing destroys the wrapped key and the sealed bytes: content and commitment are unreadable at
once in the product, and everywhere once the key of the week is destroyed (exchange.md 11).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from comity.core.clock import Entropy, Instant
from comity.core.errors import StorageError
from comity.core.ids import RecordId
from comity.core.store import Op, Reader, Row, Transaction, Where

KeyedHash = Callable[[str], str]
"""HMAC of a text under a key of this node, in hex: looked up, never read."""
SALT = 32
"""Bytes of salt in every record."""
_ID = 16
_CHUNK = 500
"""Records fetched by one question to the store."""


class Cipher(Protocol):
    """Encrypts under keys of 32 bytes; raises `VerificationError` on what was tampered with."""

    def new_key(self, entropy: Entropy, /) -> bytes:
        """Make a fresh key."""
        ...

    def encrypt(
        self, key: bytes, plaintext: bytes, /, *, context: bytes, entropy: Entropy
    ) -> bytes:
        """Encrypt, bound to `context`."""
        ...

    def decrypt(self, key: bytes, data: bytes, /, *, context: bytes) -> bytes:
        """Decrypt what was bound to the same `context`."""
        ...

    def wrap(self, outer_key: bytes, key: bytes, /, *, entropy: Entropy) -> bytes:
        """Encrypt a key under another."""
        ...

    def unwrap(self, outer_key: bytes, wrapped: bytes, /) -> bytes:
        """Return the key inside."""
        ...


class WeekKeys(Protocol):
    """The node's keys of the week, kept outside the store; weeks are counted from 1."""

    def current(self, at: Instant, /) -> tuple[int, bytes]:
        """Return the week of `at` and its key."""
        ...

    def key(self, week: int, /) -> bytes | None:
        """Return the key of a past week, or `None` once it is destroyed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow(Row):
    """One encrypted record; once erased, only that there was one."""

    table: ClassVar[str] = "records"
    key: ClassVar[tuple[str, ...]] = ("record_id",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("week",), ("created",))

    record_id: str
    sort: str
    week: int
    """Week whose key wraps this record's; 0 once erased."""
    wrapped: bytes | None
    sealed: bytes | None
    created: int
    erased_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe:
    """Keeps records and gives them back for as long as they may be read."""

    cipher: Cipher
    weeks: WeekKeys
    entropy: Entropy
    keyed_hash: KeyedHash

    def keep(self, tx: Transaction, /, *, sort: str, plaintext: bytes, at: Instant) -> RecordId:
        """Encrypt and store one record."""
        (record_id,) = self.keep_many(tx, sort=sort, plaintexts=(plaintext,), at=at)
        return record_id

    def keep_many(
        self, tx: Transaction, /, *, sort: str, plaintexts: Sequence[bytes], at: Instant
    ) -> tuple[RecordId, ...]:
        """Encrypt and store many records of one sort; return their ids in the same order."""
        week, outer = self.weeks.current(at)
        count = len(plaintexts)
        names, salts = self.entropy.take(_ID * count), self.entropy.take(SALT * count)
        rows = [
            self._row(
                names[_ID * i : _ID * i + _ID].hex(),
                sort=sort,
                content=salts[SALT * i : SALT * i + SALT] + plaintext,
                week=(week, outer),
                at=at,
            )
            for i, plaintext in enumerate(plaintexts)
        ]
        tx.insert_many(rows)
        return tuple(RecordId(row.record_id) for row in rows)

    def _row(
        self, name: str, *, sort: str, content: bytes, week: tuple[int, bytes], at: Instant
    ) -> RecordRow:
        key = self.cipher.new_key(self.entropy)
        return RecordRow(
            record_id=name,
            sort=sort,
            week=week[0],
            wrapped=self.cipher.wrap(week[1], key, entropy=self.entropy),
            sealed=self.cipher.encrypt(
                key, content, context=_context(name, sort), entropy=self.entropy
            ),
            created=at,
        )

    def open(self, reader: Reader, record_id: RecordId, /) -> bytes | None:
        """Return a record's plaintext, or `None` once it is erased.

        Raises `StorageError` where the key of its week is gone, `VerificationError` where the
        stored bytes are not the ones this node wrote.
        """
        return self.open_many(reader, (record_id,)).get(record_id)

    def open_many(
        self, reader: Reader, record_ids: Iterable[RecordId], /
    ) -> dict[RecordId, bytes]:
        """Return the plaintexts of those records that are not erased; raises as `open` does."""
        wanted = tuple(dict.fromkeys(record_ids))
        opened = dict[RecordId, bytes]()
        for start in range(0, len(wanted), _CHUNK):
            chunk = Where("record_id", Op.IN, wanted[start : start + _CHUNK])
            for row in reader.find(RecordRow, chunk):
                if (content := self._content(row)) is not None:
                    opened[RecordId(row.record_id)] = content[SALT:]
        return opened

    def salt_of(self, reader: Reader, record_id: RecordId, /) -> bytes | None:
        """Return a record's salt, with which a commitment is opened; `None` once erased."""
        row = reader.get(RecordRow, record_id)
        content = None if row is None else self._content(row)
        return None if content is None else content[:SALT]

    def erase(self, tx: Transaction, record_id: RecordId, /, *, at: Instant) -> bool:
        """Destroy a record's key and salt; return whether there was one to destroy."""
        row = tx.get(RecordRow, record_id)
        if row is None or row.erased_at is not None:
            return False
        tx.put(replace(row, week=0, wrapped=None, sealed=None, erased_at=at))
        return True

    def rewrap(self, tx: Transaction, at: Instant, /, *, limit: int | None = None) -> int:
        """Wrap living keys anew under the key of this week; return how many were.

        With `limit`, at most so many in this unit: repeat until 0 is returned, and destroy old
        keys of the week only then.
        """
        week, outer = self.weeks.current(at)
        living, older = Where("week", Op.GT, 0), Where("week", Op.LT, week)
        old = tx.find(RecordRow, living, older, limit=limit)
        for row in old:
            key = self.cipher.unwrap(self._outer(row.week), row.wrapped or b"")
            wrapped = self.cipher.wrap(outer, key, entropy=self.entropy)
            tx.put(replace(row, week=week, wrapped=wrapped))
        return len(old)

    def _content(self, row: RecordRow) -> bytes | None:
        if row.wrapped is None or row.sealed is None:
            return None
        key = self.cipher.unwrap(self._outer(row.week), row.wrapped)
        context = _context(row.record_id, row.sort)
        return self.cipher.decrypt(key, row.sealed, context=context)

    def _outer(self, week: int) -> bytes:
        key = self.weeks.key(week)
        if key is None:
            raise StorageError(f"the key of week {week} is gone, expected it for this record")
        return key


def _context(record_id: str, sort: str) -> bytes:
    # INVARIANT: sealed bytes moved to another row or another sort do not open.
    return f"comity/v1/record/{sort}/{record_id}".encode()
