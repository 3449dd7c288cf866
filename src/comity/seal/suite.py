"""Suite 1: one number selects every algorithm, and nothing is negotiated below it.

X-Wing (MLKEM768-X25519, 0x647a), SHAKE256 (0x0011) and AES-256-GCM (0x0002) in HPKE base mode
(RFC 9180); Ed25519 signs. The library's HPKE has no public AAD: `info` binds instead.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.core.errors import InvalidInputError, VerificationError
from comity.core.keys import PublicKey
from comity.seal.keys import Prekey, receiving_key

SUITE: Final = 1
SUITES: Final = frozenset({SUITE})
KEY: Final = 32
NONCE: Final = 12
ENCAPSULATED: Final = 1_120
WRAPPED: Final = 48

_HPKE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.SHAKE256, hpke.AEAD.AES_256_GCM)


class UnknownSuiteError(InvalidInputError):
    """The sender uses a suite this node does not have."""

    code = "seal.unknown-suite"


class UnknownPrekeyError(VerificationError):
    """The message is sealed to a prekey this node never had or has destroyed."""

    code = "seal.unknown-prekey"


def wrap(key: bytes, prekey: PublicKey, *, info: bytes) -> tuple[bytes, bytes]:
    """Wrap a content key to a partner; return encapsulation and wrapped key.

    Raises `InvalidInputError` where `prekey` is no usable X-Wing key.
    """
    try:
        both = _HPKE.encrypt(key, receiving_key(prekey), info)
    except ValueError:  # an X25519 half of low order gives no secret
        raise InvalidInputError("expected a prekey that agrees on a secret") from None
    return both[:ENCAPSULATED], both[ENCAPSULATED:]


def unwrap(encapsulated: bytes, wrapped: bytes, *, prekey: Prekey, info: bytes) -> bytes:
    """Unwrap a content key; raises `VerificationError`."""
    try:
        return _HPKE.decrypt(encapsulated + wrapped, prekey.private, info)
    except InvalidTag:
        raise VerificationError("the content key does not unwrap") from None


def encrypt(key: bytes, plaintext: bytes, *, nonce: bytes, bound: bytes) -> bytes:
    """Encrypt with AES-256-GCM; `bound` is authenticated beside the text."""
    return AESGCM(key).encrypt(nonce, plaintext, bound)


def decrypt(key: bytes, data: bytes, *, nonce: bytes, bound: bytes) -> bytes:
    """Decrypt with AES-256-GCM; raises `VerificationError`."""
    try:
        return AESGCM(key).decrypt(nonce, data, bound)
    except (InvalidTag, ValueError):
        raise VerificationError("the encrypted bytes do not open") from None
