"""Keys and signatures as values; only `seal` and `trust` do the arithmetic."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NewType

KeyId = NewType("KeyId", bytes)
"""First 16 bytes of SHA-256 of the raw public key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A raw public key of one algorithm: `ed25519`, `ml-dsa-44` or `x-wing`."""

    algorithm: str
    raw: bytes

    @property
    def kid(self) -> KeyId:
        """The key's name in envelopes and in the directory."""
        return KeyId(hashlib.sha256(self.raw).digest()[:16])


Sign = Callable[[bytes], bytes]
"""Signs the exact bytes given, with one key."""
Verify = Callable[[PublicKey, bytes, bytes], bool]
"""Says whether (key, signature, signed bytes) hold; never raises on a bad signature."""
