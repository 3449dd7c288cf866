"""Large files: sealed as they come in, named by a letter afterwards, read as they are opened.

A file is its bringer's until a letter of theirs goes out with it. Its key lies encrypted in a
record of its own, which ends in the unit that binds the file to its message.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol, cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, NotFoundError, StateError
from comity.core.ids import RecordId, message_id
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import READERS, Actor
from comity.desk.reading import Reading
from comity.exchange import BlobRow, Station
from comity.exchange.blobs import LAID, end_record
from comity.practice import Field, Type, attachment, blob_of, fault, large_attachment
from comity.seal import BlobRef

LAID_AS: Final = "laid"
"""The member by which the value of an attachment names a file that lies here."""
_SORT = "file"
_ATTACHED = Field(name="attachments", type=Type.ATTACHMENTS)


class Keeps(Protocol):
    """Keeps large files of this node, in ciphertext."""

    def lay(self, pieces: Iterable[bytes], /) -> BlobRef:
        """Seal and keep what comes; raises `LimitError` beyond `limits.BLOB`, `OSError`."""
        ...

    def read(self, mid: bytes, ref: BlobRef, /) -> Iterator[bytes]:
        """Return a message's file, each chunk once it is authentic; raises `NotFoundError`."""
        ...


class Nothing:
    """Keeps nothing: for a desk without a folder."""

    __slots__ = ()

    def lay(self, _pieces: Iterable[bytes], /) -> BlobRef:
        """Raise `StateError`."""
        raise StateError("large files cannot be kept here")

    def read(self, _mid: bytes, _ref: BlobRef, /) -> Iterator[bytes]:
        """Raise `NotFoundError`."""
        raise NotFoundError("no large file is kept here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A file that waits for its letter; `size` is in bytes of plaintext."""

    file: str
    name: str
    media: str
    size: int
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """One file of a message: its name, its type, and what it holds."""

    name: str
    media: str
    content: bytes | Iterator[bytes]


class _Counted:
    """Passes pieces on, counting and hashing them."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.size = 0
        self.hashed = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            self.hashed.update(piece)
            yield piece


class Files:
    """What a person does with files too large to travel inside a message."""

    def __init__(self, station: Station, reading: Reading, keeps: Keeps) -> None:
        """Keep them at one node."""
        self._station, self._reading, self._keeps = station, reading, keeps

    def bring(self, actor: Actor, *, name: str, media: str, pieces: Iterable[bytes]) -> Laid:
        """Take a file in, a piece at a time, for a letter to name.

        Raises `InvalidInputError` for a name or media type that a message may not bear and for
        an empty file, `LimitError` beyond `limits.BLOB`.
        """
        actor.seat(READERS)
        if why := fault(_ATTACHED, [attachment(name, media=media, content=b"\0")]):
            raise InvalidInputError(f"no message bears a file of that name or type: {why}")
        station, counted = self._station, _Counted(pieces)
        ref = self._keeps.lay(counted)
        if not counted.size:
            raise InvalidInputError("the file is empty: there is nothing to send")
        value = large_attachment(name, media=media, digest=counted.hashed.digest(), blob=ref)
        at = station.clock.now()
        known: dict[str, Value] = {"size": counted.size, "value": dict(value)}

        def unit(tx: Transaction) -> BlobRow:
            row = tx.get(BlobRow, station.node, ref.digest)
            if row is None:
                raise NotFoundError("the file lies here no more")
            record = station.safe.keep(tx, sort=_SORT, plaintext=cbor.encode(known), at=at)
            kept = replace(row, person=actor.person, record_id=record)
            tx.put(kept)
            return kept

        row = station.store.commit(unit).result()
        return self._laid(row, known)

    def waiting(self, actor: Actor) -> tuple[Laid, ...]:
        """List what this person brought and no letter has taken along yet."""
        actor.seat(READERS)

        def query(reader: Reader) -> tuple[Laid, ...]:
            rows = reader.find(BlobRow, eq("person", actor.person), eq("state", LAID))
            return tuple(self._laid(row, self._known(reader, row)) for row in rows)

        return self._station.store.read(query)

    def drop(self, actor: Actor, file: str) -> None:
        """Let a file go that no letter took along; raises `NotFoundError`."""
        actor.seat(READERS)
        station, at = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> None:
            row = self._row(tx, actor, file)
            end_record(tx, row, station, at=at)
            # The sweep takes the row and then the file; without its key it is noise already.
            tx.put(replace(row, record_id="", person="", expires=at))

        station.store.commit(unit).result()

    def fill(self, actor: Actor, body: Mapping[str, Value]) -> Mapping[str, Value]:
        """Put into a body the values of the files it names; raises `NotFoundError`."""

        def filled(value: Value) -> Value:
            if not isinstance(value, list | tuple):
                return value
            return [
                self._value(actor, str(cast("Mapping[str, Value]", each)[LAID_AS]))
                if isinstance(each, Mapping) and LAID_AS in each
                else each
                for each in cast("list[Value]", value)
            ]

        return {name: filled(value) for name, value in body.items()}

    def open(self, actor: Actor, mid: str, place: int) -> Enclosed:
        """Open one file of a message; reading it is logged as opening the message is.

        A large one is taken apart whole before its first byte is given. Raises `NotFoundError`,
        `VerificationError`.
        """
        found = self._reading.message(actor, mid)
        kind = self._station.practices.kind(found.kind)
        fields = {each.name for each in kind.fields if each.type is Type.ATTACHMENTS}
        body: Mapping[str, Value] = found.content.body if found.content else {}
        files = [
            cast("Mapping[str, Value]", each)
            for name in body
            if name in fields
            for each in cast("list[Value]", body[name])
        ]
        if not 0 <= place < len(files):
            raise NotFoundError("this message has no such file")
        part = files[place]
        name, media = str(part["name"]), str(part["media"])
        ref = blob_of(part)
        if ref is None:
            return Enclosed(name=name, media=media, content=cast("bytes", part["content"]))
        for _ in self._keeps.read(message_id(mid), ref):
            pass
        content = self._keeps.read(message_id(mid), ref)
        return Enclosed(name=name, media=media, content=content)

    def _value(self, actor: Actor, file: str) -> Value:
        def query(reader: Reader) -> Value:
            return self._known(reader, self._row(reader, actor, file))["value"]

        return self._station.store.read(query)

    def _row(self, reader: Reader, actor: Actor, file: str) -> BlobRow:
        """Return a file of this person's own: another's is not there."""
        try:
            digest = bytes.fromhex(file)
        except ValueError:
            digest = b""
        row = reader.get(BlobRow, self._station.node, digest)
        if row is None or row.state != LAID or row.person != actor.person:
            raise NotFoundError(f"no file `{file[:64]}` of yours waits for a letter")
        return row

    def _known(self, reader: Reader, row: BlobRow) -> Mapping[str, Value]:
        kept = self._station.safe.open(reader, RecordId(row.record_id))
        if kept is None:
            raise NotFoundError("this file has gone")
        return cast("Mapping[str, Value]", cbor.decode(kept))

    def _laid(self, row: BlobRow, known: Mapping[str, Value]) -> Laid:
        value = cast("Mapping[str, str]", known["value"])
        return Laid(
            file=row.digest.hex(),
            name=value["name"],
            media=value["media"],
            size=cast("int", known["size"]),
            until=Instant(row.expires),
        )
