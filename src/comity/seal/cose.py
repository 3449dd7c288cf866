"""COSE_Sign1 and COSE_Encrypt (RFC 9052) with the labels of our objects, read strictly.

INVARIANT: every signature and encryption binds the federation and the sort of object, so that
a receipt never verifies as an envelope and nothing of an exercise federation in the real one.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Entropy
from comity.core.errors import InvalidInputError, VerificationError
from comity.core.keys import KeyId, PublicKey
from comity.seal import suite
from comity.seal.fields import Fields
from comity.seal.keys import Prekey, SigningPort, verify

ALG: Final = 1
CRIT: Final = 2
CONTENT_TYPE: Final = 3
KID: Final = 4
IV: Final = 5
EK: Final = -4  # draft-ietf-cose-hpke
ED25519: Final = -19  # RFC 9864, which deprecates -8: refused here
A256GCM: Final = 3
ROUTE: Final = -65_537
CLAIMS: Final = -65_538
HPKE_KE_X_WING: Final = -65_539

_SIGN1, _SIGN1_HEAD = 18, b"\xd2"
_ENCRYPT, _ENCRYPT_HEAD = 96, b"\xd8\x60"
_SIGNATURE = 64
_KID = 16
_ITEMS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign1:
    """A COSE_Sign1 as it was read: whole and strict, its signature unchecked."""

    protected: bytes
    header: Mapping[int, Value]
    payload: bytes
    signature: bytes


def binding(federation: str, sort: str) -> bytes:
    """Return the `external_aad` of one sort of object in one federation."""
    return f"comity/v1/{federation}/{sort}".encode()


def sign1(
    header: Mapping[int, Value], payload: bytes, *, key: SigningPort, bound: bytes
) -> bytes:
    """Sign `payload` under `header`, which gains the algorithm and the key's id."""
    protected = cbor.encode({**header, ALG: ED25519, KID: key.public.kid})
    signature = key.sign(_to_be_signed(protected, payload, bound))
    return _SIGN1_HEAD + cbor.encode([protected, {}, payload, signature])


def read_sign1(data: bytes) -> Sign1:
    """Take a COSE_Sign1 apart; raises `InvalidInputError` or `LimitError`."""
    match cbor.decode(data, tag=_SIGN1, items=_ITEMS):
        case [bytes(protected), Mapping() as unprotected, bytes(payload), bytes(signature)]:
            header = cbor.decode(protected, items=_ITEMS)
        case _:
            raise InvalidInputError("expected the four parts of COSE_Sign1")
    if unprotected or not isinstance(header, Mapping):
        raise InvalidInputError("expected all headers of COSE_Sign1 in its protected map")
    return Sign1(
        protected=protected,
        header=cast("Mapping[int, Value]", header),
        payload=payload,
        signature=signature,
    )


def key_id(signed: Sign1, labels: Collection[int], *, crit: int | None = None) -> KeyId:
    """Return who claims to have signed, once the header holds what suite 1 says and no more.

    Raises `InvalidInputError` on another algorithm, other labels or another `crit`.
    """
    expected = {ALG, KID, *labels} if crit is None else {ALG, CRIT, KID, crit, *labels}
    header = Fields(signed.header, expected, place="a signed header")
    if header.value(ALG) != ED25519 or (crit is not None and header.value(CRIT) != [crit]):
        raise InvalidInputError(f"expected alg {ED25519} and crit {crit} in a signed header")
    if len(signed.signature) != _SIGNATURE:
        raise InvalidInputError(f"expected a signature of {_SIGNATURE} bytes")
    return KeyId(header.octets(KID, _KID))


def check(signed: Sign1, key: PublicKey, *, bound: bytes) -> None:
    """Check the signature by the key that the header names; raises `VerificationError`."""
    data = _to_be_signed(signed.protected, signed.payload, bound)
    if signed.header[KID] != key.kid or not verify(key, signed.signature, data):
        raise VerificationError("the signature does not hold")


def sealed_header(route: Mapping[int, Value]) -> bytes:
    """Return the protected bytes of the one sealed layer that belongs to this route."""
    return cbor.encode({ALG: A256GCM, CRIT: [ROUTE], ROUTE: route})


def encrypt(
    plaintext: bytes, *, protected: bytes, prekey: PublicKey, bound: bytes, entropy: Entropy
) -> bytes:
    """Encrypt to one prekey under a fresh key; raises `InvalidInputError` on a bad prekey."""
    recipient = cbor.encode({ALG: HPKE_KE_X_WING, KID: prekey.kid})
    key, nonce = entropy.take(suite.KEY), entropy.take(suite.NONCE)
    data = suite.encrypt(key, plaintext, nonce=nonce, bound=_authenticated(protected, bound))
    encapsulated, wrapped = suite.wrap(key, prekey, info=_info(recipient, protected))
    recipients: Value = [[recipient, {EK: encapsulated}, wrapped]]
    return _ENCRYPT_HEAD + cbor.encode([protected, {IV: nonce}, data, recipients])


def decrypt(
    sealed: bytes, *, protected: bytes, prekey: Callable[[KeyId], Prekey | None], bound: bytes
) -> bytes:
    """Decrypt what was sealed under just these `protected` bytes.

    Raises `InvalidInputError`, `VerificationError` or `UnknownPrekeyError`.
    """
    match cbor.decode(sealed, tag=_ENCRYPT, items=_ITEMS):
        case [bytes(found), unprotected, bytes(data), [[bytes(recipient), keyed, wrapped]]]:
            nonce = Fields(unprotected, {IV}, place="the sealed layer").octets(IV, suite.NONCE)
            enc = Fields(keyed, {EK}, place="the recipient").octets(EK, suite.ENCAPSULATED)
            wrapped_key = Fields({0: wrapped}, {0}, place="the recipient").octets(
                0, suite.WRAPPED
            )
        case _:
            raise InvalidInputError("expected COSE_Encrypt for exactly one recipient")
    # INVARIANT: one meaning has one encoding, so equal headers are equal bytes.
    if found != protected:
        raise InvalidInputError("the sealed layer names another route than the outer one")
    own = prekey(_prekey_id(recipient))
    if own is None:
        raise suite.UnknownPrekeyError("the message is sealed to a prekey this node lacks")
    key = suite.unwrap(enc, wrapped_key, prekey=own, info=_info(recipient, protected))
    return suite.decrypt(key, data, nonce=nonce, bound=_authenticated(protected, bound))


def _prekey_id(recipient: bytes) -> KeyId:
    header = Fields(cbor.decode(recipient, items=_ITEMS), {ALG, KID}, place="the recipient")
    if header.value(ALG) != HPKE_KE_X_WING:
        raise InvalidInputError(f"expected alg {HPKE_KE_X_WING} in the recipient")
    return KeyId(header.octets(KID, _KID))


def _to_be_signed(protected: bytes, payload: bytes, bound: bytes) -> bytes:
    # RFC 9052, 4.4: Sig_structure.
    return cbor.encode(["Signature1", protected, bound, payload])


def _authenticated(protected: bytes, bound: bytes) -> bytes:
    # RFC 9052, 5.3: Enc_structure.
    return cbor.encode(["Encrypt", protected, bound])


def _info(recipient: bytes, protected: bytes) -> bytes:
    # draft-ietf-cose-hpke, Recipient_structure; the digest binds the key to the sealed header.
    digest = hashlib.sha256(protected).digest()
    return cbor.encode(["HPKE Recipient", A256GCM, recipient, digest])
