"""A bundle: what one node hands another on removable media, where there is no line.

    manifest = document `bundle` {0: 1, 1: from, 2: to, 3: number, 4: written at, 5: previous,
               6: [index], 7: checkpoint, 8: old size, 9: [hash], 10: prekey notice}
    index    = *( u32 length || SHA-256 )          one record for each item of one file
    ack      = document `bundle-ack` {0: 1, 1: from, 2: to, 3: number, 4: manifest digest,
               5: read at, 6: *( u32 position ), 7: [missing number], 8: SHA-256, 9: notice}

Both are signed by a node's key. Each file is a consignment without checkpoint, so the same
bytes go by every road; envelopes are sealed, so the medium needs no trust.

INVARIANT: each item is believed by its own digest under the manifest's signature: one flipped
bit costs that item alone, and nothing on a medium can be added, swapped or left out unseen.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, LimitError
from comity.core.ids import NodeId, node_id
from comity.core.keys import KeyId, PublicKey
from comity.exchange.consignment import (
    Consigned,
    Consignment,
    read_consignment,
    write_consignment,
)
from comity.seal import SigningPort, read_document, sign_document, verify_document

MANIFEST: Final = "bundle"
ACK: Final = "bundle-ack"
_VERSION = 1
_DIGEST = 32
_NUMBER = 4
_RECORD = _NUMBER + _DIGEST
_LAST = 1 << 32
_LAST_INSTANT = 253_402_300_799_999
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a bundle holds, as its node signed it. `number` counts from 1 for each recipient."""

    from_node: NodeId
    to_node: NodeId
    number: int
    written_at: Instant
    """By the sender's clock."""
    previous: bytes
    """Digest of the manifest before this one; empty for the first."""
    parts: tuple[bytes, ...]
    """The index of each file, in order."""
    checkpoint: bytes
    """The sender's newest checkpoint, a signed note; empty where there is none yet."""
    old_size: int
    consistency: tuple[bytes, ...]
    """Proof that the checkpoint extends the tree of `old_size`, that of the bundle before."""
    notice: bytes
    """The sender's signed prekey notice, for whoever has no line to ask for it."""

    @property
    def count(self) -> int:
        """How many messages it holds."""
        return sum(len(index) // _RECORD for index in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """What became of one bundle, as its reader's node signed it."""

    from_node: NodeId
    to_node: NodeId
    number: int
    digest: bytes
    """SHA-256 of the manifest."""
    read_at: Instant
    damaged: tuple[int, ...]
    """Positions of items that were missing or not the ones the manifest names."""
    gaps: tuple[int, ...]
    """Numbers of earlier bundles that never came."""
    answers: bytes
    """SHA-256 of the receipts and rejections that lie beside it."""
    notice: bytes


def write_manifest(manifest: Manifest, key: SigningPort, *, federation: str) -> bytes:
    """Sign a manifest; the same manifest gives the same bytes."""
    said: Sequence[Value] = (
        _VERSION,
        manifest.from_node,
        manifest.to_node,
        manifest.number,
        manifest.written_at,
        manifest.previous,
        list(manifest.parts),
        manifest.checkpoint,
        manifest.old_size,
        list(manifest.consistency),
        manifest.notice,
    )
    payload = cbor.encode(dict(enumerate(said)))
    return sign_document(payload, key, sort=MANIFEST, federation=federation)


def read_manifest(data: bytes) -> tuple[KeyId, Manifest]:
    """Parse a manifest and who claims to have signed it; raises `InvalidInputError`."""
    document = read_document(data, sort=MANIFEST)
    return document.kid, _manifest(document.payload)


def verify_manifest(data: bytes, key: PublicKey, *, federation: str) -> Manifest:
    """Read a manifest this key signed; raises `VerificationError` or as `read_manifest`."""
    return _manifest(verify_document(data, key, sort=MANIFEST, federation=federation))


def write_ack(ack: Ack, key: SigningPort, *, federation: str) -> bytes:
    """Sign an acknowledgement."""
    said: Sequence[Value] = (
        _VERSION,
        ack.from_node,
        ack.to_node,
        ack.number,
        ack.digest,
        ack.read_at,
        b"".join(each.to_bytes(_NUMBER, "big") for each in ack.damaged),
        list(ack.gaps),
        ack.answers,
        ack.notice,
    )
    payload = cbor.encode(dict(enumerate(said)))
    return sign_document(payload, key, sort=ACK, federation=federation)


def read_ack(data: bytes) -> tuple[KeyId, Ack]:
    """Parse an acknowledgement, unbelieved; raises `InvalidInputError`."""
    document = read_document(data, sort=ACK)
    return document.kid, _ack(document.payload)


def verify_ack(data: bytes, key: PublicKey, *, federation: str) -> Ack:
    """Read an acknowledgement this key signed; raises `VerificationError` or as `read_ack`."""
    return _ack(verify_document(data, key, sort=ACK, federation=federation))


def write_parts(consignments: Sequence[Consignment]) -> Iterator[tuple[bytes, bytes]]:
    """Yield index and bytes of each file of a bundle."""
    for consignment in consignments:
        items = [write_consignment(Consignment(items=(item,))) for item in consignment.items]
        index = b"".join(
            len(item).to_bytes(_NUMBER, "big") + hashlib.sha256(item).digest() for item in items
        )
        yield index, b"".join(items)


def read_part(index: bytes, data: bytes) -> Iterator[Consigned | None]:
    """Yield each item the index names; `None` for one that is missing or altered."""
    at = 0
    for place in range(0, len(index), _RECORD):
        length = int.from_bytes(index[place : place + _NUMBER], "big")
        item = data[at : at + length]
        at += length
        is_whole = hashlib.sha256(item).digest() == index[place + _NUMBER : place + _RECORD]
        yield _item(item) if is_whole else None


def _item(data: bytes) -> Consigned | None:
    try:
        found = read_consignment(data, limit=1)
    except InvalidInputError:
        return None
    return found.items[0] if found.items and not found.checkpoint else None


def _manifest(payload: bytes) -> Manifest:
    said = _members(payload, labels=11, place="a manifest")
    parts = tuple(_octets(each) for each in _array(said[6], limits.BUNDLE_PARTS))
    manifest = Manifest(
        from_node=node_id(_typed(said[1], str)),
        to_node=node_id(_typed(said[2], str)),
        number=_number(said[3], least=1, most=_LAST),
        written_at=Instant(_number(said[4], most=_LAST_INSTANT)),
        previous=_octets(said[5], (0, _DIGEST)),
        parts=parts,
        checkpoint=_octets(said[7]),
        old_size=_number(said[8], most=1 << 62),
        consistency=tuple(_octets(each, (_DIGEST,)) for each in _array(said[9], 64)),
        notice=_octets(said[10]),
    )
    if any(not index or len(index) % _RECORD for index in parts):
        raise InvalidInputError("expected whole records in the index of a manifest")
    if manifest.count > limits.BUNDLE_ITEMS:
        raise LimitError(f"{manifest.count} messages, at most {limits.BUNDLE_ITEMS} are read")
    return manifest


def _ack(payload: bytes) -> Ack:
    said = _members(payload, labels=10, place="an acknowledgement")
    damaged = _octets(said[6])
    if len(damaged) % _NUMBER or len(damaged) > _NUMBER * limits.BUNDLE_ITEMS:
        raise InvalidInputError("expected positions of four bytes in an acknowledgement")
    gaps = _array(said[7], limits.BUNDLE_GAPS)
    return Ack(
        from_node=node_id(_typed(said[1], str)),
        to_node=node_id(_typed(said[2], str)),
        number=_number(said[3], least=1, most=_LAST),
        digest=_octets(said[4], (_DIGEST,)),
        read_at=Instant(_number(said[5], most=_LAST_INSTANT)),
        damaged=tuple(
            int.from_bytes(damaged[at : at + _NUMBER], "big")
            for at in range(0, len(damaged), _NUMBER)
        ),
        gaps=tuple(_number(each, least=1, most=_LAST) for each in gaps),
        answers=_octets(said[8], (_DIGEST,)),
        notice=_octets(said[9]),
    )


def _members(payload: bytes, *, labels: int, place: str) -> Sequence[Value]:
    found = cbor.decode(payload)
    if not isinstance(found, dict) or set(found) != set(range(labels)):
        raise InvalidInputError(f"expected exactly the labels 0 to {labels - 1} in {place}")
    members = cast("Mapping[int, Value]", found)
    said = [members[label] for label in range(labels)]
    if said[0] != _VERSION:
        raise InvalidInputError(f"expected version {_VERSION} of {place}")
    return said


def _typed(value: Value, sort: type[V]) -> V:
    # Exactly this type: `true` is no number.
    if type(value) is not sort:
        raise InvalidInputError(f"expected {sort.__name__} in a document about a bundle")
    return value


def _number(value: Value, *, most: int, least: int = 0) -> int:
    found = _typed(value, int)
    if not least <= found <= most:
        raise InvalidInputError(f"expected a number from {least} to {most} about a bundle")
    return found


def _octets(value: Value, lengths: tuple[int, ...] = ()) -> bytes:
    found = _typed(value, bytes)
    if lengths and len(found) not in lengths:
        raise InvalidInputError(f"expected {lengths[-1]} bytes in a document about a bundle")
    return found


def _array(value: Value, most: int) -> list[Value]:
    if not isinstance(value, list):
        raise InvalidInputError("expected an array in a document about a bundle")
    found = value
    if len(found) > most:
        raise LimitError(f"{len(found)} entries about a bundle, at most {most} are read")
    return found
