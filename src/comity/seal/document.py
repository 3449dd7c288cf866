"""Documents: what an agency says in a file, under its own key, to whoever may read it.

A document is a COSE_Sign1 whose content type names its sort; the payload is the caller's.
"""

from dataclasses import dataclass

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError
from comity.core.keys import KeyId, PublicKey
from comity.seal import cose
from comity.seal.keys import SigningPort


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What an agency is claimed to have signed; believe it only from `verify_document`."""

    kid: KeyId
    payload: bytes


def sign_document(payload: bytes, key: SigningPort, *, sort: str, federation: str) -> bytes:
    """Sign a document; the same payload gives the same bytes."""
    bound = cose.binding(federation, sort)
    return cose.sign1({cose.CONTENT_TYPE: sort}, payload, key=key, bound=bound)


def read_document(data: bytes, *, sort: str) -> Document:
    """Parse a document of one sort, unbelieved; raises `InvalidInputError` or `LimitError`."""
    return _read(data, sort)[0]


def verify_document(data: bytes, key: PublicKey, *, sort: str, federation: str) -> bytes:
    """Return what this key signed; raises `VerificationError` or as `read_document`."""
    document, signed = _read(data, sort)
    cose.check(signed, key, bound=cose.binding(federation, sort))
    return document.payload


def _read(data: bytes, sort: str) -> tuple[Document, cose.Sign1]:
    if len(data) > limits.BODY:
        raise LimitError(f"document of {len(data)} bytes, at most {limits.BODY} are read")
    signed = cose.read_sign1(data)
    kid = cose.key_id(signed, (cose.CONTENT_TYPE,))
    if signed.header[cose.CONTENT_TYPE] != sort:
        raise InvalidInputError(f"expected signed {sort}, got another document")
    return Document(kid=kid, payload=signed.payload), signed
