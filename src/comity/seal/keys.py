"""Private keys that sign or receive, made and used here and nowhere shown."""

import hashlib
from functools import lru_cache
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from comity.core.clock import Entropy
from comity.core.errors import InvalidInputError
from comity.core.keys import PublicKey

ED25519: Final = "ed25519"
ML_DSA_44: Final = "ml-dsa-44"
X_WING: Final = "x-wing"
_SEED = 32
_ML_KEM_SEED = 64
_ML_KEM_PUBLIC = 1_184


class SigningPort(Protocol):
    """A key that signs, wherever its private half lies: in this process or in a device."""

    @property
    def public(self) -> PublicKey:
        """Return the public half."""
        ...

    def sign(self, data: bytes, /) -> bytes:
        """Return the signature; a device that cannot be reached raises `UnreachableError`."""
        ...


class _SeedKey:
    """A private key made of a 32-byte seed, which is kept wrapped elsewhere."""

    __slots__ = ("public", "raw")

    public: PublicKey
    raw: bytes

    def __init__(self, raw: bytes) -> None:
        if len(raw) != _SEED:
            raise InvalidInputError(f"expected a private key of {_SEED} bytes, got {len(raw)}")
        self.raw = raw

    @classmethod
    def from_raw(cls, raw: bytes) -> Self:
        """Take up a 32-byte seed; raises `InvalidInputError` on another length."""
        return cls(raw)

    @classmethod
    def generate(cls, entropy: Entropy) -> Self:
        """Make a fresh key."""
        return cls(entropy.take(_SEED))


class SigningKey(_SeedKey):
    """An Ed25519 key of an agency, node, log or witness; one key, one use."""

    __slots__ = ("_private",)

    def __init__(self, raw: bytes) -> None:
        """Take up a 32-byte seed; raises `InvalidInputError` on another length."""
        super().__init__(raw)
        self._private = Ed25519PrivateKey.from_private_bytes(raw)
        public = self._private.public_key().public_bytes_raw()
        self.public = PublicKey(algorithm=ED25519, raw=public)

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte signature; the same bytes give the same signature."""
        return self._private.sign(data)


class CheckpointSigner(_SeedKey):
    """An ML-DSA-44 key (FIPS 204) of a log or witness; signs checkpoints only."""

    __slots__ = ("_private",)

    def __init__(self, raw: bytes) -> None:
        """Take up a 32-byte seed; raises `InvalidInputError` on another length."""
        super().__init__(raw)
        self._private = MLDSA44PrivateKey.from_seed_bytes(raw)
        public = self._private.public_key().public_bytes_raw()
        self.public = PublicKey(algorithm=ML_DSA_44, raw=public)

    def sign(self, data: bytes, *, context: bytes = b"") -> bytes:
        """Return the 2,420-byte signature under `context` (empty in the C2SP form)."""
        return self._private.sign(data, context)


class Prekey(_SeedKey):
    """An X-Wing key that receives for a day: ML-KEM-768 and X25519 from one seed."""

    __slots__ = ("private",)

    def __init__(self, raw: bytes) -> None:
        """Take up a 32-byte seed; raises `InvalidInputError` on another length."""
        super().__init__(raw)
        # draft-connolly-cfrg-xwing-kem, 5.2: SHAKE256(seed, 96) = d || z || X25519 key.
        expanded = hashlib.shake_256(raw).digest(_ML_KEM_SEED + _SEED)
        first = MLKEM768PrivateKey.from_seed_bytes(expanded[:_ML_KEM_SEED])
        second = X25519PrivateKey.from_private_bytes(expanded[_ML_KEM_SEED:])
        self.private = hpke.MLKEM768X25519PrivateKey(first, second)
        halves = (first.public_key().public_bytes_raw(), second.public_key().public_bytes_raw())
        self.public = PublicKey(algorithm=X_WING, raw=b"".join(halves))


@lru_cache(maxsize=256)
def receiving_key(key: PublicKey) -> hpke.MLKEM768X25519PublicKey:
    """Read a partner's X-Wing key; raises `InvalidInputError` on anything else."""
    wrong = InvalidInputError("expected an X-Wing public key of 1,216 bytes")
    if key.algorithm != X_WING:
        raise wrong
    try:
        first = MLKEM768PublicKey.from_public_bytes(key.raw[:_ML_KEM_PUBLIC])
        second = X25519PublicKey.from_public_bytes(key.raw[_ML_KEM_PUBLIC:])
    except ValueError:
        raise wrong from None
    return hpke.MLKEM768X25519PublicKey(first, second)


def verify(key: PublicKey, signature: bytes, data: bytes, *, context: bytes = b"") -> bool:
    """Say whether the signature holds; a malformed key or signature does not.

    `context` belongs to ML-DSA-44 alone: no Ed25519 signature holds under one.
    """
    try:
        if key.algorithm == ED25519 and not context:
            Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, data)
        elif key.algorithm == ML_DSA_44:
            MLDSA44PublicKey.from_public_bytes(key.raw).verify(signature, data, context)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
