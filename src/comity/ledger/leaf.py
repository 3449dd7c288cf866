"""The entry of the ledger: what happened, when, and a salted commitment to the rest.

An entry is deterministic CBOR: `{0: version, 1: type, 2: unix seconds, 3: local reference,
4: commitment, 5: envelope digest?, 6: index of the entry it follows?}`. The layout is fixed,
so it is written and read here directly, many times faster than through the general codec; the
tests hold the two equal.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum, unique

from comity.core.errors import InvalidInputError

_VERSION = 1
_SMALL = 24
_HEADS = ((1, 24), (2, 25), (4, 26), (8, 27))
_NUMBER = rb"[\x00-\x17]|\x18.|\x19..|\x1a.{4}|\x1b.{8}"
_SHAPE = re.compile(
    rb"[\xa5-\xa7]\x00\x01\x01(%b)\x02(%b)\x03\x50(.{16})\x04\x58\x20(.{32})"
    rb"(?:\x05\x58\x20(.{32}))?(?:\x06(%b))?" % (_NUMBER, _NUMBER, _NUMBER),
    re.DOTALL,
)


@unique
class LeafType(IntEnum):
    """What an entry records; a number is never reused."""

    PERMITTED = 1
    REFERRED = 2
    DENIED = 3
    ADMITTED = 4
    HELD = 5
    NOT_ADMITTED = 6
    SENT = 7
    RECEIPTED = 8
    RECEIVED = 9
    REJECTED = 10
    REJECTED_SUMMARY = 11
    OPENED = 12
    ANSWERED = 13
    EXPIRED = 14
    CORRECTION = 15
    RECALL = 16
    COMPLIED = 17
    CHALLENGE = 18
    CHALLENGE_ANSWERED = 19
    ERASED = 20
    CONSULTED = 21
    JUDGED = 22
    CONSENT = 23
    DISSENT = 24
    STOPPED = 25
    LIFTED = 26
    ASSESSED = 27
    INCIDENT = 28
    KEY_CHANGED = 29
    DIRECTORY_SEEN = 30
    RULES_CHANGED = 31
    EXPORT = 32
    INSPECTION = 33
    WATCH_STARTED = 34
    WATCH_RENEWED = 35
    WATCH_FOUND = 36
    WATCH_ENDED = 37
    CALLED = 38
    PARTED = 39
    NUMBERED = 40


_TYPES = {int(kind): kind for kind in LeafType}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One entry: `at` in unix seconds, `ref` 16 random bytes, both hashes 32 bytes."""

    type: LeafType
    at: int
    ref: bytes
    commitment: bytes
    digest: bytes | None = None
    """SHA-256 of the exact envelope, equal in both partners' ledgers."""
    follows: int | None = None
    """Index of the entry this one follows; of `sent`, its `permitted`."""

    def encode(self) -> bytes:
        """Write the entry; raises `InvalidInputError` where a field has no place in it."""
        digest, follows = self.digest, self.follows
        sizes = len(self.ref), len(self.commitment), 32 if digest is None else len(digest)
        if sizes != (16, 32, 32):
            raise InvalidInputError("expected a reference of 16 bytes, hashes of 32")
        return b"%c\x00\x01\x01%b\x02%b\x03\x50%b\x04\x58\x20%b%b%b" % (
            0xA5 + (digest is not None) + (follows is not None),
            _number(self.type),
            _number(self.at),
            self.ref,
            self.commitment,
            b"" if digest is None else b"\x05\x58\x20" + digest,
            b"" if follows is None else b"\x06" + _number(follows),
        )


def decode_leaf(entry: bytes) -> Leaf:
    """Read an entry in its one encoding; raises `InvalidInputError`."""
    found = _SHAPE.fullmatch(entry)
    if found is None:
        raise InvalidInputError(f"expected a leaf of version {_VERSION}, got another shape")
    kind, at, ref, commitment, digest, follows = found.groups()
    if (known := _TYPES.get(_value(kind))) is None:
        raise InvalidInputError(f"unknown leaf type `{_value(kind)}`")
    leaf = Leaf(
        type=known,
        at=_value(at),
        ref=ref,
        commitment=commitment,
        digest=digest,
        follows=None if follows is None else _value(follows),
    )
    if leaf.encode() != entry:
        raise InvalidInputError("expected the shortest numbers and the true count in a leaf")
    return leaf


def commit_to(salt: bytes, record: bytes) -> bytes:
    """Commit to a record under its own 32 random bytes; raises `InvalidInputError`."""
    # INVARIANT: without the salt the commitment says nothing about what the record might be.
    if len(salt) != 32:  # noqa: PLR2004 - the salt's length is the format
        raise InvalidInputError(f"expected a salt of 32 bytes, got {len(salt)}")
    return hashlib.sha256(salt + record).digest()


def _number(value: int) -> bytes:
    if 0 <= value < _SMALL:
        return bytes((value,))
    for size, head in _HEADS:
        if 0 <= value < 1 << 8 * size:
            return bytes((head,)) + value.to_bytes(size, "big")
    raise InvalidInputError(f"expected a number from 0 below 2^64, got {value}")


def _value(number: bytes) -> int:
    return int.from_bytes(number[1:] or number, "big")
