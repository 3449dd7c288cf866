"""A sheet: the one file of a ceremony that goes from hand to hand, and what it says in words.

It holds what is to be signed, the files that this names, and the version before it, so that
each signer can read on a machine of its own, without network, what is new. A sheet changes only
by signatures: two copies that went different ways are joined again.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, cast

import msgspec
from msgspec import Meta

from comity.adapters.files import write_private
from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.trust import (
    STATUS_FILE,
    describe,
    describe_key_change,
    describe_member,
    describe_status,
    directory_signer,
    read_key_change,
    sign,
    sign_key_change,
    sign_objection,
)

Sort: TypeAlias = Literal["root", "targets", "member", "status", "keys", "loss", "objection"]
_LARGEST = 16 * limits.MIB
_CHANGES = {"keys", "loss", "objection"}
_MEMBER = "/member.json"


class Sheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one ceremony is about."""

    comity: Literal["ceremony/1"] = "ceremony/1"
    sort: Sort
    federation: Annotated[str, Meta(pattern=r"\A([0-9a-f]{32})?\Z")] = ""
    """Empty only for the first root, which makes the federation's name."""
    signed: str
    """The metadata or change of keys, with the signatures it has."""
    contents: dict[str, bytes] = {}
    """The files that the metadata names, by path."""
    previous: str = ""
    """The version before, to say what changes."""
    before: dict[str, bytes] = {}
    """The documents of the version before."""

    @property
    def data(self) -> bytes:
        """What is signed, as bytes."""
        return self.signed.encode()

    @property
    def digest(self) -> str:
        """SHA-256 in hex of what is signed, without its signatures: compare it aloud."""
        return hashlib.sha256(_bare(self)).hexdigest()


class _Signed(msgspec.Struct):
    signed: msgspec.Raw
    signatures: list[dict[str, str]] = []


def read_sheet(path: Path) -> Sheet:
    """Read a sheet; raises `InvalidInputError` where it is none or its files do not fit."""
    try:
        data = path.read_bytes()
    except OSError:
        raise InvalidInputError(f"cannot read a sheet from `{path}`") from None
    if len(data) > _LARGEST:
        raise LimitError(f"`{path}` has {len(data)} bytes, at most {_LARGEST} are read")
    try:
        sheet = msgspec.json.decode(data, type=Sheet)
    except msgspec.DecodeError as error:
        raise InvalidInputError(f"`{path}` is no sheet of a ceremony: {error}") from None
    _check_contents(sheet)
    return sheet


def write_sheet(path: Path, sheet: Sheet) -> None:
    """Write a sheet whole or not at all; raises `StorageError`."""
    _check_contents(sheet)
    write_private(path, msgspec.json.format(msgspec.json.encode(sheet), indent=1))


def words_of(sheet: Sheet) -> list[str]:
    """Say in words what a sheet states, what is new, and who has signed.

    Raises `InvalidInputError` on anything that is not what it says it is.
    """
    lines = list(_words(sheet))
    kind = "keys that have signed" if sheet.sort not in _CHANGES else "old keys that said so"
    lines.append(f"{kind[0].upper()}{kind[1:]}: {len(signatures_of(sheet))}")
    return [*lines, f"Compare aloud: {sheet.digest[:16]}"]


def signatures_of(sheet: Sheet) -> frozenset[str]:
    """Return the names of the keys that have signed; whether they hold is checked on use."""
    if sheet.sort in _CHANGES:
        return frozenset(read_key_change(sheet.data).consent)
    return frozenset(each.get("keyid", "") for each in _parts(sheet).signatures)


def sign_sheet(sheet: Sheet, seed: bytes) -> Sheet:
    """Add the signature of one key; raises `StateError` for a key that has no say in it."""
    signer = directory_signer(seed)
    if sheet.sort == "loss":
        raise InvalidInputError("a loss is announced, not signed: its old keys are gone")
    if sheet.sort == "keys":
        data = sign_key_change(sheet.data, signer, federation=sheet.federation)
    elif sheet.sort == "objection":
        data = sign_objection(sheet.data, signer, federation=sheet.federation)
    else:
        data = sign(sheet.data, signer)
    return msgspec.structs.replace(sheet, signed=data.decode())


def joined(one: Sheet, other: Sheet) -> Sheet:
    """Join the signatures of two copies; raises `VerificationError` on two sheets."""
    if (one.sort, one.federation, _bare(one)) != (other.sort, other.federation, _bare(other)):
        raise VerificationError("these are two sheets: nobody signs for both at once")
    if one.sort in _CHANGES:
        mine, theirs = (read_key_change(each.data) for each in (one, other))
        joined_change = _with_consent(one, {**theirs.consent, **mine.consent})
        return msgspec.structs.replace(one, signed=joined_change)
    parts, more = _parts(one), _parts(other)
    known = {each.get("keyid") for each in parts.signatures}
    fresh = [each for each in more.signatures if each.get("keyid") not in known]
    parts.signatures += fresh
    return msgspec.structs.replace(one, signed=msgspec.json.encode(parts).decode())


def _with_consent(sheet: Sheet, consent: dict[str, str]) -> str:
    said = cast("dict[str, object]", msgspec.json.decode(sheet.data))
    return msgspec.json.encode({**said, "consent": consent}).decode()


def _words(sheet: Sheet) -> Iterator[str]:
    previous = sheet.previous.encode() or None
    if sheet.sort in _CHANGES:
        if sheet.sort == "objection":
            yield "You are refusing this change: it is not you who asks for it."
        if sheet.sort == "loss":
            yield "This is announced for 7 days because the old keys are lost."
        yield from describe_key_change(sheet.data).split("\n")
        return
    yield from describe(sheet.data, previous=previous).split("\n")
    for path, data in sorted(sheet.contents.items()):
        if path.startswith("members/") and path.endswith(_MEMBER):
            yield from describe_member(data, previous=sheet.before.get(path)).split("\n")
        if path == STATUS_FILE:
            yield from describe_status(data, previous=sheet.before.get(path)).split("\n")


def _parts(sheet: Sheet) -> _Signed:
    try:
        return msgspec.json.decode(sheet.data, type=_Signed)
    except msgspec.DecodeError as error:
        raise InvalidInputError(f"the sheet holds no metadata: {error}") from None


def _bare(sheet: Sheet) -> bytes:
    if sheet.sort in _CHANGES:
        said = msgspec.json.decode(sheet.data, type=dict[str, msgspec.Raw])
        said.pop("consent", None)
        return msgspec.json.encode(said)
    value = cast("object", msgspec.json.decode(_parts(sheet).signed))
    return msgspec.json.encode(value, order="sorted")


def _check_contents(sheet: Sheet) -> None:
    """Demand that every file of a sheet is one that its metadata names by digest."""
    # INVARIANT: nobody signs a digest whose file says something else than was shown.
    if sheet.sort in _CHANGES:
        if sheet.contents:
            raise InvalidInputError("a change of keys names no files")
        read_key_change(sheet.data)
        return
    named = named_digests(sheet.data)
    for path, data in sheet.contents.items():
        if named.get(path) != hashlib.sha256(data).hexdigest():
            raise InvalidInputError(f"`{path[:200]}` is not the file that the sheet names")
    if named.keys() - sheet.contents.keys():
        raise InvalidInputError("the sheet lacks a file that it names")


class _File(msgspec.Struct):
    hashes: dict[str, str]


class _Named(msgspec.Struct):
    targets: dict[str, _File] = {}


class _Metadata(msgspec.Struct):
    signed: _Named


def named_digests(data: bytes) -> dict[str, str]:
    """Return the SHA-256 in hex of every file that metadata names, by path."""
    try:
        found = msgspec.json.decode(data, type=_Metadata).signed.targets
    except msgspec.DecodeError as error:
        raise InvalidInputError(f"the sheet holds no metadata: {error}") from None
    return {path: file.hashes.get("sha256", "") for path, file in found.items()}
