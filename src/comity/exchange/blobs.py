"""Blobs on the road: what a message names beside itself comes first, or it is not receipted.

    sender     lay -> (TX-L: bound) -> carry pieces -> carry the envelope -> gone once settled
    receiver   take pieces -> whole and verified -> (TX-F: kept) -> gone with its record

INVARIANT: no `sent` leaf before the ciphertext lies here, and no receipt before the partner's
lies here whole. Ciphertext lies in files; its key only in the message's encrypted record, so
whoever erases the record has erased the blob.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import MINUTE, Instant
from comity.core.errors import InvalidInputError, NotFoundError, StateError, VerificationError
from comity.core.ids import NodeId, RecordId, node_id
from comity.core.store import Reader, Row, Transaction, eq
from comity.exchange.station import Station
from comity.practice import blobs_of
from comity.seal import BlobRef, read_document, sign_document, verify_document
from comity.trust import NodeEntry

SORT: Final = "blob"
WINDOW: Final = 5 * MINUTE
"""How far an offer's time may lie from our clock."""
LAID, BOUND, COMING, WHOLE, KEPT = "laid", "bound", "coming", "whole", "kept"
PULL: Final = "pull"
_DIGEST = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRow(Row):
    """One file of ciphertext, ours for a partner or a partner's for us."""

    table: ClassVar[str] = "blob"
    key: ClassVar[tuple[str, ...]] = ("node", "digest")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("mid",), ("state", "expires"))

    node: str
    """Whose it is: this node, or the partner's that brings it."""
    digest: bytes
    """SHA-256 of the ciphertext."""
    length: int
    state: str
    """`laid`, `bound` (to a message sent); `coming`, `whole`, `kept` (with a message)."""
    expires: int
    """When it goes if no message has come to name it."""
    partner: str = ""
    """The node it is for."""
    mid: bytes = b""
    """The message that names it."""
    person: str = ""
    """Who brought it, while it waits for a letter of theirs."""
    record_id: str = ""
    """The record of its name and key until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One node brings another a piece of a blob."""

    node: NodeId
    asked: NodeId
    at: Instant
    digest: bytes
    length: int
    offset: int
    piece: bytes
    """SHA-256 of the piece."""


def write_offer(offer: Offer, station: Station) -> bytes:
    """Sign an offer with this node's key."""
    payload: Mapping[int, Value] = {
        0: offer.node,
        1: offer.asked,
        2: offer.at,
        3: offer.digest,
        4: offer.length,
        5: offer.offset,
        6: offer.piece,
    }
    federation = station.directory().federation
    return sign_document(
        cbor.encode(payload), station.node_key, sort=SORT, federation=federation
    )


def read_offer(data: bytes, station: Station) -> Offer:
    """Read an offer that a listed node signed just now, to us.

    Raises `InvalidInputError`, or `VerificationError` where it is anybody else's, another
    time's or to another node.
    """
    document, directory = read_document(data, sort=SORT), station.directory()
    offer = _parse(document.payload)
    key = directory.node_key(offer.node, document.kid, at=offer.at)
    if key is None:
        raise VerificationError("the directory lists no such key of the node that offers")
    verify_document(data, key, sort=SORT, federation=directory.federation)
    if offer.asked != station.node or abs(offer.at - station.clock.now()) > WINDOW:
        raise VerificationError("the offer is of another time, or to another node")
    return offer


def _parse(payload: bytes) -> Offer:
    match cbor.decode(payload):
        case {
            0: str(node),
            1: str(asked),
            2: int(at),
            3: bytes(digest),
            4: int(length),
            5: int(offset),
            6: bytes(piece),
            **rest,
        } if not rest and len(digest) == len(piece) == _DIGEST and 0 <= offset <= length:
            return Offer(
                node=node_id(node),
                asked=node_id(asked),
                at=Instant(at),
                digest=digest,
                length=length,
                offset=offset,
                piece=piece,
            )
        case _:
            raise InvalidInputError("expected node, asked, time, digest, length, offset, piece")


def bind(
    tx: Transaction, body: Mapping[str, Value], mid: bytes, entry: NodeEntry, station: Station
) -> None:
    """Tie what a message names to it (TX-L).

    Raises `StateError` where a blob does not lie here, is another recipient's, or cannot reach
    a node that takes no call.
    """
    for ref in blobs_of(body):
        if entry.limits.get(PULL, 0) > 0 or not station.is_called(entry):
            raise StateError(f"node `{entry.node}` takes no call: no large file reaches it")
        row = tx.get(BlobRow, station.node, ref.digest)
        if row is None or row.length != ref.length:
            raise StateError("a file named in this message does not lie here any more")
        # INVARIANT: a blob is one recipient's: equal ciphertexts would link two of them.
        if row.partner not in {"", entry.node}:
            raise StateError("a file sealed for one recipient goes to no other")
        # From here on its key lies in the message alone.
        end_record(tx, row, station, at=station.clock.now())
        bound = replace(row, person="", record_id="", state=BOUND, partner=entry.node, mid=mid)
        tx.put(bound)


def end_record(tx: Transaction, row: BlobRow, station: Station, *, at: Instant) -> None:
    """Erase the record of a file's name and key, if it has one."""
    if row.record_id:
        station.safe.erase(tx, RecordId(row.record_id), at=at)


def is_missing(
    reader: Reader, body: Mapping[str, Value], node: NodeId, mid: bytes, *, at: Instant
) -> bool:
    """Whether a blob a partner's message names does not lie here whole."""
    found = ((reader.get(BlobRow, node, ref.digest), ref) for ref in blobs_of(body))
    return not all(_lies(row, ref, mid, at) for row, ref in found)


def _lies(row: BlobRow | None, ref: BlobRef, mid: bytes, at: Instant) -> bool:
    if row is None or row.length != ref.length or row.mid not in {b"", mid}:
        return False
    # One that is about to go is not there: what is checked here is still there in TX-F.
    return row.state == KEPT or (row.state == WHOLE and row.expires > at + MINUTE)


def keep(tx: Transaction, body: Mapping[str, Value], node: NodeId, mid: bytes) -> None:
    """Tie a partner's blobs to the message that names them (TX-F); raises `NotFoundError`."""
    for ref in blobs_of(body):
        row = tx.get(BlobRow, node, ref.digest)
        if row is None or row.state == COMING or row.mid not in {b"", mid}:
            raise NotFoundError("a file named in this message is not here")
        tx.put(replace(row, state=KEPT, mid=mid))


def bound_to(reader: Reader, mid: bytes, node: NodeId) -> list[BlobRow]:
    """Return our own blobs that a message names."""
    rows: Iterable[BlobRow] = reader.find(BlobRow, eq("mid", mid))
    return [row for row in rows if row.node == node]
