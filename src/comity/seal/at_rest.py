"""Keys and encryption of what a node keeps: master key, record keys, keyed hashes.

Every record has its own key, wrapped by the key of the week: who destroys the wrapped key has
erased the record.
"""

import hmac
import unicodedata

from argon2.low_level import Type, hash_secret_raw

from comity.core.clock import Entropy
from comity.core.errors import InvalidInputError, VerificationError
from comity.seal import suite

_FORM = b"\x01"
_LEAST_SALT = 16
_MEMORY_KIB = 64 * 1024
_PASSES = 3
_LANES = 4


class RecordCipher:
    """AES-256-GCM under a key of one record: `01 ‖ nonce12 ‖ ciphertext ‖ tag16`."""

    __slots__ = ()

    def new_key(self, entropy: Entropy) -> bytes:
        """Make a fresh 32-byte key."""
        return entropy.take(suite.KEY)

    def encrypt(
        self, key: bytes, plaintext: bytes, *, context: bytes, entropy: Entropy
    ) -> bytes:
        """Encrypt; `context` names what the bytes belong to and is needed to decrypt."""
        nonce = entropy.take(suite.NONCE)
        bound = b"comity/record/" + context
        return _FORM + nonce + suite.encrypt(key, plaintext, nonce=nonce, bound=bound)

    def decrypt(self, key: bytes, data: bytes, *, context: bytes) -> bytes:
        """Decrypt; raises `VerificationError` on another key, context or any changed byte."""
        return _decrypted(key, data, bound=b"comity/record/" + context)

    def wrap(self, outer_key: bytes, key: bytes, *, entropy: Entropy) -> bytes:
        """Wrap a key by another."""
        nonce = entropy.take(suite.NONCE)
        return _FORM + nonce + suite.encrypt(outer_key, key, nonce=nonce, bound=b"comity/wrap")

    def unwrap(self, outer_key: bytes, wrapped: bytes) -> bytes:
        """Unwrap a key; raises `VerificationError`."""
        return _decrypted(outer_key, wrapped, bound=b"comity/wrap")


def master_from_passphrase(passphrase: str, salt: bytes) -> bytes:
    """Derive the 32-byte master key by Argon2id (RFC 9106, 4, second recommended option).

    Takes 64 MiB; raises `InvalidInputError` on a salt under 16 bytes.
    """
    if len(salt) < _LEAST_SALT:
        raise InvalidInputError(f"expected a salt of at least {_LEAST_SALT} bytes")
    secret = unicodedata.normalize("NFKC", passphrase).encode()
    return hash_secret_raw(secret, salt, _PASSES, _MEMORY_KIB, _LANES, suite.KEY, Type.ID)


def keyed_hash(key: bytes, text: str) -> bytes:
    """Return HMAC-SHA-256 of a text, by which a field can be searched and not read."""
    return hmac.digest(key, text.encode(), "sha256")


def _decrypted(key: bytes, data: bytes, *, bound: bytes) -> bytes:
    start = len(_FORM) + suite.NONCE
    if not data.startswith(_FORM) or len(data) < start:
        raise VerificationError("expected an encrypted record of form 1")
    nonce = data[len(_FORM) : start]
    return suite.decrypt(key, data[start:], nonce=nonce, bound=bound)
