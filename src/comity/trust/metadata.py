"""TUF metadata, read with suspicion: bounded, strict, one key under one name.

Formats are those of the TUF specification 1.0; `tuf.api.metadata` reads and writes them. What
it leaves open is closed here: duplicate JSON names, numbers that are not whole, one public key
listed under two names (which would count twice towards a threshold).
"""
# tuf and securesystemslib name their public face without `__all__`; both checkers object:
# pyright: reportPrivateImportUsage=false, reportUnnecessaryTypeIgnoreComment=false

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar, cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import (  # type: ignore[attr-defined]  # no __all__ there
    CryptoSigner,
    Key,
    Signature,
    Signer,
    SSlibKey,
)
from tuf.api.metadata import (  # type: ignore[attr-defined]  # no __all__ there
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization import DeserializationError, SerializationError

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.core.keys import PublicKey

__all__ = [
    "DelegatedRole",
    "Delegations",
    "Json",
    "Loaded",
    "MetaFile",
    "Metadata",
    "Role",
    "Root",
    "SSlibKey",
    "Signer",
    "Snapshot",
    "TargetFile",
    "Targets",
    "Timestamp",
    "add_signature",
    "convert",
    "digest_of",
    "directory_key",
    "directory_signer",
    "load",
    "metadata_path",
    "parse",
    "payload_digest",
    "public_key",
    "signed_by",
    "strict_json",
    "target_path",
    "tuf_key",
]

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
T = TypeVar("T")
S = TypeVar("S", Root, Timestamp, Snapshot, Targets)
_SEED = 32
_PUBLIC = re.compile(r"[0-9a-f]{64}")
_LONGEST_INTEGER = 16
_SIZES: Mapping[str, int] = {
    "root": limits.DIRECTORY_ROOT,
    "timestamp": limits.DIRECTORY_TIMESTAMP,
    "snapshot": limits.DIRECTORY_SNAPSHOT,
    "targets": limits.DIRECTORY_TARGETS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Generic[S]):
    """One parsed metadata file; nothing in it is trusted until its signatures are counted."""

    signed: S
    payload: bytes
    """The canonical bytes the signatures are over."""
    signatures: dict[str, Signature]


def strict_json(data: bytes, *, limit: int, where: str) -> Json:
    """Parse JSON: no name twice, no floats, no huge numbers; raises `InvalidInputError`."""
    if len(data) > limit:
        raise LimitError(f"{where} has {len(data)} bytes, at most {limit} are read")

    def pairs(found: list[tuple[str, Json]]) -> dict[str, Json]:
        if len(unique := dict(found)) != len(found):
            raise InvalidInputError(f"{where} names one field twice")
        return unique

    def whole(text: str) -> int:
        if len(text) > _LONGEST_INTEGER:
            raise InvalidInputError(f"{where} holds a number of {len(text)} digits")
        return int(text)

    def fraction(_: str) -> Json:
        raise InvalidInputError(f"{where} holds a number that is not whole")

    try:
        value = cast(
            "Json",
            json.loads(
                data.decode(),
                object_pairs_hook=pairs,
                parse_int=whole,
                parse_float=fraction,
                parse_constant=fraction,
            ),
        )
        json.dumps(value, ensure_ascii=False).encode()  # raises on half a surrogate pair
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"{where} is not JSON in UTF-8") from error
    return value


def parse(data: bytes, kind: type[T], *, limit: int, where: str) -> T:
    """Parse strict JSON into a declared type; raises `InvalidInputError` naming the field."""
    return convert(strict_json(data, limit=limit, where=where), kind, where=where)


def convert(value: Json, kind: type[T], *, where: str) -> T:
    """Turn parsed JSON into a declared type; raises `InvalidInputError` naming the field."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"{where}: {error}") from error


def load(data: bytes, kind: type[S], *, where: str) -> Loaded[S]:
    """Read one metadata file of `kind`; raises `InvalidInputError`."""
    strict_json(data, limit=_SIZES[kind.type], where=where)
    try:
        metadata = Metadata[S].from_bytes(data)
        payload = metadata.signed_bytes
    except (DeserializationError, SerializationError) as error:
        raise InvalidInputError(f"{where} is not TUF metadata") from error
    if metadata.signed.type != kind.type:
        raise InvalidInputError(f"{where} is not {kind.type} metadata")
    _check_keys(metadata.signed, where)
    return Loaded(signed=metadata.signed, payload=payload, signatures=metadata.signatures)


def add_signature(data: bytes, signer: Signer) -> bytes:
    """Add a signature to a metadata file of any kind; raises `InvalidInputError`."""
    strict_json(data, limit=limits.DIRECTORY_TARGETS, where="the file to sign")
    try:
        # The kind does not matter here: the signature is over the canonical bytes of any.
        metadata = Metadata[Root].from_bytes(data)
        metadata.sign(signer, append=True)
        return metadata.to_bytes()
    except (DeserializationError, SerializationError) as error:
        raise InvalidInputError("the file to sign is not TUF metadata") from error


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of a file in hex."""
    return hashlib.sha256(data).hexdigest()


def payload_digest(data: bytes) -> str:
    """Return the SHA-256 in hex of what a root's or targets' signatures are over."""
    strict_json(data, limit=limits.DIRECTORY_TARGETS, where="the file to sign")
    try:
        # The kind does not matter here: the signed bytes are the canonical ones of any.
        return digest_of(Metadata[Root].from_bytes(data).signed_bytes)
    except (DeserializationError, SerializationError) as error:
        raise InvalidInputError("the file to sign is not TUF metadata") from error


def metadata_path(role: str, version: int | None) -> str:
    """Return where a role's file stands; as python-tuf asks for it, with `/` written `%2F`."""
    name = role.replace("/", "%2F")
    return f"metadata/{name}.json" if version is None else f"metadata/{version}.{name}.json"


def target_path(path: str, digest: str) -> str:
    """Return where a target's bytes stand (TUF 6.2, consistent snapshots)."""
    folder, slash, name = path.rpartition("/")
    return f"targets/{folder}{slash}{digest}.{name}"


def tuf_key(key: PublicKey) -> SSlibKey:
    """Turn a public key into TUF's form; raises `InvalidInputError` on anything but Ed25519."""
    if key.algorithm != "ed25519":
        raise InvalidInputError("a directory key is an Ed25519 key of 32 bytes")
    try:
        return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(key.raw))
    except ValueError as error:
        raise InvalidInputError("a directory key is an Ed25519 key of 32 bytes") from error


def public_key(text: str) -> PublicKey:
    """Read an Ed25519 public key of 64 lower-case hex digits; raises `InvalidInputError`."""
    if not _PUBLIC.fullmatch(text):
        raise InvalidInputError("expected an Ed25519 public key of 64 lower-case hex digits")
    return PublicKey(algorithm="ed25519", raw=bytes.fromhex(text))


def directory_signer(seed: bytes) -> Signer:
    """Make a signer of the directory from a 32-byte Ed25519 seed; an HSM's serves too."""
    if len(seed) != _SEED:
        raise InvalidInputError(f"expected a seed of {_SEED} bytes, got {len(seed)}")
    return CryptoSigner(Ed25519PrivateKey.from_private_bytes(seed))


def directory_key(seed: bytes) -> PublicKey:
    """Return the public half of a directory seed."""
    return public_key(directory_signer(seed).public_key.to_dict()["keyval"]["public"])


def signed_by(key: PublicKey, signature: str, data: bytes) -> bool:
    """Say whether `signature` (hex) over `data` is by `key`; never raises on a bad one."""
    known = tuf_key(key)
    try:
        known.verify_signature(Signature(known.keyid, signature), data)
    except UnverifiedSignatureError:
        return False
    return True


def _check_keys(signed: Root | Timestamp | Snapshot | Targets, where: str) -> None:
    # INVARIANT: one public key has one name in the directory, so nobody counts twice.
    keys: Mapping[str, Key] = {}
    if isinstance(signed, Root):
        keys = signed.keys
    elif isinstance(signed, Targets) and signed.delegations is not None:
        keys = signed.delegations.keys
    for key in keys.values():
        if key != tuf_key(public_key(str(key.keyval.get("public")))):
            raise VerificationError(f"{where} lists a key that is not under its own name")
