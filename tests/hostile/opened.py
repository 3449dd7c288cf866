"""Envelopes taken apart by somebody who holds every prekey: no node could do this."""

from functools import lru_cache
from typing import cast

from comity.core import cbor
from comity.core.keys import KeyId
from comity.seal import Prekey, cose, read_envelope, suite


@lru_cache(maxsize=8_192)
def kid_of(envelope: bytes) -> KeyId:
    """Return the prekey an envelope is sealed to."""
    return KeyId(cose._prekey_id(_parts(envelope)[3]))


@lru_cache(maxsize=8_192)
def content_of(envelope: bytes, raw: bytes, federation: str) -> tuple[bytes, bytes]:
    """Return the key a copy is encrypted under, and all that it encrypts."""
    protected, nonce, data, recipient, encapsulated, wrapped = _parts(envelope)
    info = cose._info(recipient, protected)
    key = suite.unwrap(encapsulated, wrapped, prekey=Prekey.from_raw(raw), info=info)
    bound = cose._authenticated(protected, cose.binding(federation, "sealed"))
    return key, suite.decrypt(key, data, nonce=nonce, bound=bound)


def _parts(envelope: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes]:
    found = cbor.decode(read_envelope(envelope).signed.payload, tag=96, items=64)
    protected, unprotected, data, recipients = cast("list[object]", found)
    ((recipient, keyed, wrapped),) = cast("list[list[object]]", recipients)
    nonce = cast("dict[int, bytes]", unprotected)[cose.IV]
    encapsulated = cast("dict[int, bytes]", keyed)[cose.EK]
    parts = (protected, nonce, data, recipient, encapsulated, wrapped)
    return cast("tuple[bytes, bytes, bytes, bytes, bytes, bytes]", parts)
