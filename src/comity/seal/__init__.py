"""Sealed how? Signatures, envelopes to one node, signed answers, and encryption at rest.

Only this room and `trust` touch the crypto library, and neither writes a primitive.
"""

from comity.seal.answer import (
    REJECTION_CODES,
    Answer,
    PrekeyNotice,
    Receipt,
    Rejection,
    read_answer,
    sign_prekey,
    sign_receipt,
    sign_rejection,
    verify_prekey,
    verify_receipt,
    verify_rejection,
)
from comity.seal.at_rest import RecordCipher, keyed_hash, master_from_passphrase
from comity.seal.blob import KEY as BLOB_KEY
from comity.seal.blob import (
    BlobRef,
    BlobSealer,
    chunks_of,
    is_whole,
    open_blob,
    sealed_length,
)
from comity.seal.certificate import TlsPair, make_tls_pair
from comity.seal.document import Document, read_document, sign_document, verify_document
from comity.seal.envelope import (
    Envelope,
    Header,
    Message,
    Opened,
    Verified,
    open_envelope,
    read_envelope,
    seal,
    verify_author,
    verify_envelope,
)
from comity.seal.keys import CheckpointSigner, Prekey, SigningKey, SigningPort, verify
from comity.seal.padding import pad, unpad
from comity.seal.suite import SUITE, SUITES, UnknownPrekeyError, UnknownSuiteError

__all__ = [
    "BLOB_KEY",
    "REJECTION_CODES",
    "SUITE",
    "SUITES",
    "Answer",
    "BlobRef",
    "BlobSealer",
    "CheckpointSigner",
    "Document",
    "Envelope",
    "Header",
    "Message",
    "Opened",
    "Prekey",
    "PrekeyNotice",
    "Receipt",
    "RecordCipher",
    "Rejection",
    "SigningKey",
    "SigningPort",
    "TlsPair",
    "UnknownPrekeyError",
    "UnknownSuiteError",
    "Verified",
    "chunks_of",
    "is_whole",
    "keyed_hash",
    "make_tls_pair",
    "master_from_passphrase",
    "open_blob",
    "open_envelope",
    "pad",
    "read_answer",
    "read_document",
    "read_envelope",
    "seal",
    "sealed_length",
    "sign_document",
    "sign_prekey",
    "sign_receipt",
    "sign_rejection",
    "unpad",
    "verify",
    "verify_author",
    "verify_document",
    "verify_envelope",
    "verify_prekey",
    "verify_receipt",
    "verify_rejection",
]
