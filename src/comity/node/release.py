"""What a stick brings, by name and digest: software, lists, and which release they are."""

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from comity.core import limits
from comity.core.errors import InvalidInputError, VerificationError

Name = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}\Z")]
Digest = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Version = Annotated[str, Meta(pattern=r"\A[0-9]+(\.[0-9]+)*\Z", max_length=40)]


class File(Struct, frozen=True, kw_only=True):
    """One file of a release."""

    sha256: Digest
    length: Annotated[int, Meta(ge=0, le=limits.UPLOAD)]


class List(File, frozen=True, kw_only=True):
    """One edition of a list."""

    format: Name
    edition: Name


class Release(Struct, frozen=True, kw_only=True):
    """What a stick may bring, as the federation signs it; `number` grows with each release."""

    number: Annotated[int, Meta(ge=1, lt=2**31)]
    version: Version
    software: dict[Name, File] = {}
    lists: dict[Name, List] = {}


def check_file(name: str, data: bytes, known: File) -> None:
    """Demand the very bytes a release names; raises `VerificationError`."""
    if len(data) != known.length or hashlib.sha256(data).hexdigest() != known.sha256:
        raise VerificationError(f"`{name}` is not the file that the release names")


def file_of(path: Path) -> File:
    """Name a file by digest and length; raises `InvalidInputError` where it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"`{path}` could not be read: {error.strerror}") from None
    return File(sha256=hashlib.sha256(data).hexdigest(), length=len(data))


def read_release(data: bytes) -> Release:
    """Read a release; raises `InvalidInputError`."""
    try:
        return msgspec.json.decode(data, type=Release)
    except msgspec.DecodeError as error:
        raise InvalidInputError(f"release.json: {error}") from None
