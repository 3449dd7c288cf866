"""Files of ciphertext in a node's folder: ours until brought, partners' with their messages.

A row says what should lie here, a file is what does. A partner's file grows under `….part`;
once it is as long as offered it is hashed as it lies on the disk, synced, renamed, its folder
synced, and only then called whole in the store.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from comity.core import cbor, limits
from comity.core.clock import DAY, Instant
from comity.core.errors import (
    GarbledError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnreachableError,
    VerificationError,
)
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.exchange import BlobRow, InboxRow, Logged, OutboxRow, Station, blobs, delivery
from comity.exchange.blobs import BOUND, COMING, KEPT, LAID, WHOLE, Offer
from comity.record import RecordRow
from comity.seal import BLOB_KEY, BlobRef, BlobSealer, open_blob, sealed_length
from comity.trust import NodeEntry

WAITS: Final = 3 * DAY
"""How long a partner's file waits for its message."""
DRAFT: Final = 45 * DAY
"""How long a file of ours waits for a person to send it."""
_SLICE: Final = 16 * limits.MIB
"""Most bytes brought before what waits behind has its turn."""
_READ: Final = 256 * limits.KIB
_LAYING: Final = ".laying"
_NS: Final = 1_000_000


class Brings(Protocol):
    """Brings pieces of blobs to a partner's node."""

    def put_blob(self, entry: NodeEntry, digest: bytes, body: bytes, /) -> int:
        """Return how many bytes the node holds; raises `UnreachableError`, `GarbledError`."""
        ...


class Nowhere:
    """Brings nothing: for a node without a line."""

    __slots__ = ()

    def put_blob(self, entry: NodeEntry, _digest: bytes, _body: bytes, /) -> int:
        """Raise `UnreachableError`."""
        raise UnreachableError(f"node `{entry.node}` cannot be reached from here")


@dataclass(slots=True, kw_only=True)
class Shelf:
    """The blobs of one node."""

    station: Station
    folder: Path
    quota: int
    """Bytes each partner may bring before the messages that name them."""

    # --- ours -------------------------------------------------------------------------------

    def lay(self, pieces: Iterable[bytes]) -> BlobRef:
        """Seal a payload for one recipient and keep its ciphertext until it is sent.

        Holds one piece at a time. Raises `LimitError` beyond `limits.BLOB`, `OSError` where
        the disk fails; nothing is left then that the sweep does not take.
        """
        station = self.station
        key = station.entropy.take(BLOB_KEY)
        sealer = BlobSealer(key=key, federation=station.directory().federation)
        fresh = self._folder() / f"{station.entropy.take(16).hex()}{_LAYING}"
        try:
            with _opened(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY) as fd:
                for data in sealer.seal(pieces):
                    _write(fd, data)
                os.fsync(fd)
        except BaseException:
            # Whatever broke it off, and whoever: half a file is of use to nobody.
            fresh.unlink(missing_ok=True)
            raise
        ref = sealer.ref
        row = BlobRow(
            node=station.node,
            digest=ref.digest,
            length=ref.length,
            state=LAID,
            expires=Instant(station.clock.now() + DRAFT),
        )
        station.store.commit(lambda tx: tx.insert(row)).result()
        fresh.rename(self._path(station.node, ref.digest))
        self._sync()
        return ref

    def bring(self, entry: NodeEntry, logged: Logged, road: Brings) -> bool:
        """Bring what a message names, a slice at a time; say whether all of it is there.

        Raises `UnreachableError` where the node is silent, `GarbledError` where it will not
        have a file or lies about what it holds.
        """
        node = self.station.node
        for row in self.station.store.read(lambda r: blobs.bound_to(r, logged.mid, node)):
            if not self._bring(entry, row, road):
                return False
        return True

    def _bring(self, entry: NodeEntry, row: BlobRow, road: Brings) -> bool:
        at = self._put(entry, row, row.length, b"", road)
        end = min(row.length, at + _SLICE)
        try:
            with _opened(self._path(row.node, row.digest), os.O_RDONLY) as fd:
                while at < end:
                    piece = os.pread(fd, min(limits.BLOB_PIECE, row.length - at), at)
                    held = self._put(entry, row, at, piece, road)
                    if not piece or held != at + len(piece):
                        raise GarbledError(
                            f"node `{entry.node}` does not keep what it is given"
                        )
                    at = held
        except FileNotFoundError:
            raise GarbledError("the file of a message lies here no more") from None
        return at == row.length

    def _put(self, entry: NodeEntry, row: BlobRow, at: int, piece: bytes, road: Brings) -> int:
        station = self.station
        offer = Offer(
            node=station.node,
            asked=entry.node,
            at=station.clock.now(),
            digest=row.digest,
            length=row.length,
            offset=at,
            piece=hashlib.sha256(piece).digest(),
        )
        body = cbor.encode([blobs.write_offer(offer, station), piece])
        held = road.put_blob(entry, row.digest, body)
        if held > row.length:
            raise GarbledError(f"node `{entry.node}` says it holds more than there is")
        return held

    # --- a partner's ------------------------------------------------------------------------

    def take(self, digest: bytes, data: bytes) -> int:
        """Take a partner's piece; return how many bytes of its blob lie here now.

        A piece that does not begin where the file ends changes nothing. Raises
        `InvalidInputError`, `LimitError` beyond the quota, `VerificationError`.
        """
        offer, piece = self._offered(digest, data)
        station, node = self.station, offer.node
        row = station.store.read(lambda r: r.get(BlobRow, node, digest))
        if row is None:
            row = station.store.commit(lambda tx: self._begin(tx, offer)).result()
        if row.length != offer.length:
            raise InvalidInputError("the length offered is not the one offered before")
        if row.state != COMING:
            return row.length
        return self._grow(row, offer, piece)

    def _offered(self, digest: bytes, data: bytes) -> tuple[Offer, bytes]:
        match cbor.decode(data):
            case [bytes(signed), bytes(piece)] if len(piece) <= limits.BLOB_PIECE:
                offer = blobs.read_offer(signed, self.station)
            case _:
                raise InvalidInputError("expected a signed offer and a piece")
        if offer.digest != digest or offer.piece != hashlib.sha256(piece).digest():
            raise VerificationError("the offer is about another piece")
        if not sealed_length(0) <= offer.length <= sealed_length(limits.BLOB):
            raise LimitError(f"a file holds at most {limits.BLOB} bytes")
        if offer.offset + len(piece) > offer.length:
            raise InvalidInputError("the piece goes beyond the length offered")
        return offer, piece

    def _begin(self, tx: Transaction, offer: Offer) -> BlobRow:
        held = tx.get(BlobRow, offer.node, offer.digest)
        if held is not None:
            return held
        # INVARIANT: a partner's files take what its quota says and no other partner's.
        waiting = tx.find(
            BlobRow, eq("node", offer.node), Where("state", Op.IN, (COMING, WHOLE))
        )
        if sum(row.length for row in waiting) + offer.length > self.quota:
            raise LimitError("more files wait for their messages than one partner may bring")
        row = BlobRow(
            node=offer.node,
            digest=offer.digest,
            length=offer.length,
            state=COMING,
            expires=Instant(self.station.clock.now() + WAITS),
        )
        tx.insert(row)
        return row

    def _grow(self, row: BlobRow, offer: Offer, piece: bytes) -> int:
        whole, part = self._path(row.node, row.digest), self._part(row)
        self._folder()
        with _opened(part, os.O_CREAT | os.O_RDWR) as fd:
            fcntl.flock(fd, fcntl.LOCK_EX)
            if whole.exists():  # the process ended between file and row
                part.unlink(missing_ok=True)
                return self._finish(row, whole, whole)
            held = os.fstat(fd).st_size
            if offer.offset == held and piece:
                os.lseek(fd, held, os.SEEK_SET)
                _write(fd, piece)
                held += len(piece)
            if held < row.length:
                return held
            os.fsync(fd)
            return self._finish(row, part, whole)

    def _finish(self, row: BlobRow, found: Path, whole: Path) -> int:
        hashed = hashlib.sha256()
        for data in _pieces(found):
            hashed.update(data)
        if hashed.digest() != row.digest or found.stat().st_size != row.length:
            found.unlink()
            raise VerificationError("what came is not what its digest says: it begins anew")
        if found != whole:
            found.rename(whole)
        self._sync()

        def unit(tx: Transaction) -> None:
            held = tx.get(BlobRow, row.node, row.digest)
            if held is not None and held.state == COMING:
                tx.put(replace(held, state=WHOLE))

        self.station.store.commit(unit).result()
        return row.length

    # --- reading and forgetting -------------------------------------------------------------

    def read(self, mid: bytes, ref: BlobRef) -> Iterator[bytes]:
        """Return the plaintext of a message's blob, each chunk once it is authentic.

        Raises `NotFoundError` where its file is gone; the iterator `VerificationError` where
        it is another, or ends too soon.
        """
        rows = self.station.store.read(lambda r: r.find(BlobRow, eq("mid", mid)))
        path = next(
            (self._path(r.node, r.digest) for r in rows if r.digest == ref.digest), None
        )
        if path is None or not path.exists():
            raise NotFoundError("this file lies here no more")
        federation = self.station.directory().federation
        return open_blob(ref, _pieces(path), federation=federation)

    def sweep(self) -> bool:
        """Let go what nobody needs: the row first, then the file; for a worker."""
        station, at = self.station, self.station.clock.now()
        for row in station.store.read(lambda r: _over(r, at)):
            station.store.commit(_forget(row, station)).result()
        if not self.folder.exists():
            return False
        # A row is there before its file and goes before it, so a file without one is nobody's.
        paths = sorted(self.folder.iterdir())
        rows = station.store.read(lambda r: r.find(BlobRow))
        named = {self._path(row.node, row.digest).name for row in rows}
        for path in paths:
            if path.suffix == _LAYING and path.stat().st_mtime_ns // _NS > at - DAY:
                continue
            if path.stem not in named:
                path.unlink(missing_ok=True)
        return False

    def _folder(self) -> Path:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        return self.folder

    def _path(self, node: str, digest: bytes) -> Path:
        """Return where a blob lies: a partner's bytes choose no name, and share none."""
        return self.folder / hashlib.sha256(node.encode() + b"\0" + digest).hexdigest()

    def _part(self, row: BlobRow) -> Path:
        return self._path(row.node, row.digest).with_suffix(".part")

    def _sync(self) -> None:
        with _opened(self.folder, os.O_RDONLY) as fd:
            os.fsync(fd)


@contextmanager
def _opened(path: Path, flags: int) -> Generator[int, None, None]:
    fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield fd
    finally:
        os.close(fd)


def _write(fd: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while data := file.read(_READ):
            yield data


def _over(reader: Reader, at: Instant) -> list[BlobRow]:
    """Return the rows of blobs that nobody needs any more."""
    late = reader.find(
        BlobRow, Where("state", Op.IN, (LAID, COMING, WHOLE)), Where("expires", Op.LE, at)
    )
    sent = [row for row in reader.find(BlobRow, eq("state", BOUND)) if _is_settled(reader, row)]
    kept = [row for row in reader.find(BlobRow, eq("state", KEPT)) if _is_erased(reader, row)]
    return [*late, *sent, *kept]


def _is_settled(reader: Reader, row: BlobRow) -> bool:
    sent = reader.get(OutboxRow, row.mid)
    if sent is None:
        return True
    # What is sealed anew takes the same file along.
    is_again = sent.code in delivery.AGAIN and sent.replaced_by is None
    return sent.state not in delivery.UNSETTLED and not is_again


def _is_erased(reader: Reader, row: BlobRow) -> bool:
    filed = reader.get(InboxRow, row.node, row.mid)
    if filed is None or filed.state in {"recalled", "erased"}:
        return True
    record = reader.get(RecordRow, filed.record_id)
    return record is None or record.erased_at is not None


def _forget(row: BlobRow, station: Station) -> Callable[[Transaction], None]:
    def unit(tx: Transaction) -> None:
        blobs.end_record(tx, row, station, at=station.clock.now())
        tx.delete(BlobRow, eq("node", row.node), eq("digest", row.digest))

    return unit
