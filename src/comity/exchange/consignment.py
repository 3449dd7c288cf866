"""A consignment: what one node hands another in one go, by HTTP, long-poll or removable media.

    consignment = [bstr checkpoint] *( #6.18 envelope [bstr proof] )

A CBOR sequence (RFC 8742); the same bytes go by every road. `checkpoint` is the sender's newest
cosigned checkpoint, a signed note; `proof` the `.tlog-proof` of the envelope's `sent` leaf, for
an envelope that is older than a day or was signed by a key since revoked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from comity.core import cbor, limits
from comity.core.errors import InvalidInputError, LimitError

_SIGN1 = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Consigned:
    """One envelope, with the proof that it was sent when it says, where it needs one."""

    envelope: bytes
    proof: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """Envelopes in order, and what their sender's ledger looked like when they left."""

    items: tuple[Consigned, ...]
    checkpoint: bytes = b""


def write_consignment(consignment: Consignment) -> bytes:
    """Write a consignment; envelopes go as they are, to the byte."""
    parts = [cbor.encode(consignment.checkpoint)] if consignment.checkpoint else []
    for item in consignment.items:
        parts.append(item.envelope)
        if item.proof:
            parts.append(cbor.encode(item.proof))
    return b"".join(parts)


def read_consignment(data: bytes, *, limit: int = limits.CONSIGNED) -> Consignment:
    """Take a consignment apart, unbelieved; at most `limit` envelopes, each still unread.

    Raises `InvalidInputError` where it is no such sequence, and `LimitError` beyond `limit`
    or where a checkpoint or proof is over `limits.NOTE` bytes.
    """
    parts = cbor.parts(data, tag=_SIGN1, most=2 * limit + 1)
    checkpoint = _string(parts.pop(0)) if parts and _is_string(parts[0]) else b""
    items: list[Consigned] = []
    for part in parts:
        if not _is_string(part):
            items.append(Consigned(envelope=part))
        elif not items or items[-1].proof:
            raise InvalidInputError("expected an envelope before each proof")
        else:
            items[-1] = Consigned(envelope=items[-1].envelope, proof=_string(part))
    if len(items) > limit:
        raise LimitError(f"{len(items)} envelopes in one consignment, at most {limit} are read")
    return Consignment(items=tuple(items), checkpoint=checkpoint)


def split(consignment: Consignment, *, size: int, count: int) -> Sequence[Consignment]:
    """Split so that each part has at most `size` bytes and `count` envelopes.

    The checkpoint goes with the first. An item larger than `size` goes alone.
    """
    parts: list[list[Consigned]] = []
    room = size - len(consignment.checkpoint)
    for item in consignment.items:
        need = len(item.envelope) + len(item.proof) + _HEAD
        if not parts or need > room or len(parts[-1]) >= count:
            room = size if parts else room
            parts.append([])
        parts[-1].append(item)
        room -= need
    first, *others = parts or [[]]
    return (
        Consignment(items=tuple(first), checkpoint=consignment.checkpoint),
        *(Consignment(items=tuple(part)) for part in others),
    )


_HEAD = 9
"""Most bytes a CBOR head takes."""


def _is_string(part: bytes) -> bool:
    return part[0] >> 5 == 2  # noqa: PLR2004 - RFC 8949, 3.1: major type 2


def _string(part: bytes) -> bytes:
    if not 1 < len(part) <= limits.NOTE + _HEAD:
        raise LimitError(f"a note of {len(part)} bytes, 1 to {limits.NOTE} are read")
    return cast("bytes", cbor.decode(part))
