"""Checkpoints and cosignatures (C2SP tlog-checkpoint, tlog-cosignature).

A checkpoint states origin, size and root, without extension lines, which the ML-DSA form would
not cover. A log signs it with Ed25519 (type 01) and ML-DSA-44 (type 06), a witness with type 04
or 06; 04 and 06 carry the time of signing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comity.core.errors import InvalidInputError, VerificationError
from comity.core.keys import Sign, Verify
from comity.ledger.note import (
    KeyType,
    Note,
    Signature,
    Verifier,
    base64,
    parse_decimal,
    parse_hash,
    parse_name,
    parse_note,
)

_LABEL = b"subtree/v1\n\0"
_SHORT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The root of one log at one size."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """Write the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64(self.root)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key that signs checkpoints: its public face, and the function that signs."""

    verifier: Verifier
    sign: Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One verified signature; `at` is its time in unix seconds where its type carries one."""

    verifier: Verifier
    at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedNote:
    """A checkpoint and who verifiably signed it; unknown keys count for nothing."""

    checkpoint: Checkpoint
    note: Note
    seen: tuple[Seen, ...]


def parse_checkpoint(text: str) -> Checkpoint:
    """Read origin, size and root; raises `InvalidInputError`."""
    match text.split("\n"):
        case [origin, size, root, ""]:
            return Checkpoint(
                origin=parse_name(origin), size=parse_decimal(size), root=parse_hash(root)
            )
        case _:
            raise InvalidInputError("expected origin, size and root in a checkpoint")


def cosign(checkpoint: Checkpoint, signer: Signer, *, at: int) -> Signature:
    """Sign a checkpoint in the form of the signer's key type.

    `at` is the time in unix seconds; raises `InvalidInputError` where it is not above 0.
    """
    key = signer.verifier
    if not 0 < at < 1 << 63:
        raise InvalidInputError(f"expected a time above 0, got {at}")
    time = b"" if key.type is KeyType.ED25519 else at.to_bytes(8, "big")
    value = time + signer.sign(_signed(checkpoint, key, at))
    return Signature(name=key.name, id=key.id, value=value)


def sign_note(checkpoint: Checkpoint, signers: Iterable[Signer], *, at: int) -> bytes:
    """Write a checkpoint with a signature of each signer, in order."""
    signatures = tuple(cosign(checkpoint, signer, at=at) for signer in signers)
    return Note(text=checkpoint.body(), signatures=signatures).encode()


def open_note(data: bytes, verifiers: Iterable[Verifier], *, verify: Verify) -> OpenedNote:
    """Read a signed checkpoint and verify every signature of a known key.

    Raises `InvalidInputError` on a malformed note and `VerificationError` where a signature
    of a known key does not hold. An empty `seen` is no error: ask who must have signed.
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    known = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    seen = tuple(
        _verified(
            checkpoint, known[signature.name, signature.id], signature.value, verify=verify
        )
        for signature in note.signatures
        if (signature.name, signature.id) in known
    )
    return OpenedNote(checkpoint=checkpoint, note=note, seen=seen)


def _verified(checkpoint: Checkpoint, key: Verifier, value: bytes, *, verify: Verify) -> Seen:
    at = None
    if key.type is not KeyType.ED25519:
        at, value = int.from_bytes(value[:8], "big"), value[8:]
    is_timed = at is None or 0 < at < 1 << 63
    if not is_timed or not verify(key.key, value, _signed(checkpoint, key, at or 0)):
        raise VerificationError(f"signature of `{key.name}` on its checkpoint does not hold")
    return Seen(verifier=key, at=at)


def _signed(checkpoint: Checkpoint, key: Verifier, at: int) -> bytes:
    """Return the bytes that a key of this type signs (C2SP tlog-cosignature)."""
    if key.type is KeyType.ED25519:
        return checkpoint.body().encode()
    if key.type is KeyType.COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n{checkpoint.body()}".encode()
    time, span = at.to_bytes(8, "big"), bytes(8) + checkpoint.size.to_bytes(8, "big")
    return _LABEL + _short(key.name) + time + _short(checkpoint.origin) + span + checkpoint.root


def _short(name: str) -> bytes:
    data = name.encode()
    if len(data) > _SHORT:
        raise InvalidInputError(f"expected a name of at most {_SHORT} bytes")
    return bytes((len(data),)) + data
