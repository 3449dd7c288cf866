"""What was added to an index or forgotten since its segments were written, line by line.

A record is its length and CRC-32, four bytes each, and its body; `append` returns when the
records are on the disk. A last record that did not arrive whole was never acknowledged.
"""

import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.core.errors import StorageError, VerificationError
from comity.core.ids import EntityId
from comity.screening import Profile
from comity.screening.index.payload import read_profile, write_profile

_HEAD = 8
_ADD, _FORGET = b"+", b"-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entity taken in, or one forgotten."""

    add: Profile | None = None
    forget: EntityId | None = None


class SegmentLog:
    """A log open for writing at its end."""

    def __init__(self, path: Path) -> None:
        """Open the log, making it where there is none; cut what did not arrive whole."""
        self._path = path
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._file = os.open(path, flags, 0o600)
            self.size = sum(len(body) + _HEAD for body in _bodies(path.read_bytes())[0])
            os.ftruncate(self._file, self.size)
            sync_folder(path.parent)
        except OSError as error:
            raise _failed(path, error) from error

    def append(self, changes: Sequence[Change]) -> None:
        """Write changes and wait until they are on the disk."""
        data = b"".join(map(_record, changes))
        if not data:
            return
        try:
            os.pwrite(self._file, data, self.size)
            os.fsync(self._file)
        except OSError as error:
            raise _failed(self._path, error) from error
        self.size += len(data)

    def close(self) -> None:
        """Close the file; closing twice is no error."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def read_log(path: Path, start: int = 0) -> tuple[list[Change], int]:
    """Read the changes from a place on, and how many bytes of a last one are cut off.

    Raises `VerificationError` where a record before the last is broken: what was forgotten
    there would be found again.
    """
    try:
        data = path.read_bytes()[start:] if path.exists() else b""
    except OSError as error:
        raise _failed(path, error) from error
    bodies, whole = _bodies(data)
    if _is_broken(data, whole):
        raise VerificationError(
            f"`{path}` is broken at byte {start + whole}: destroy the folder and rebuild the"
            " index from the store"
        )
    return [_change(body) for body in bodies], len(data) - whole


def _record(change: Change) -> bytes:
    if change.add is not None:
        body = _ADD + write_profile(change.add)
    else:
        body = _FORGET + (change.forget or "").encode("utf-8", "surrogatepass")
    return len(body).to_bytes(4, "little") + zlib.crc32(body).to_bytes(4, "little") + body


def _change(body: bytes) -> Change:
    if body[:1] == _ADD:
        return Change(add=read_profile(body[1:]))
    return Change(forget=EntityId(body[1:].decode("utf-8", "surrogatepass")))


def _bodies(data: bytes) -> tuple[list[bytes], int]:
    """Return the whole records from the first on, and where the last of them ends."""
    bodies, at = list[bytes](), 0
    for body in _walk(data):
        bodies.append(body)
        at += len(body) + _HEAD
    return bodies, at


def _walk(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + _HEAD <= len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        body = data[at + _HEAD : at + _HEAD + length]
        crc = int.from_bytes(data[at + 4 : at + _HEAD], "little")
        if not length or len(body) < length or zlib.crc32(body) != crc:
            return
        yield body
        at += _HEAD + length


def _is_broken(data: bytes, whole: int) -> bool:
    """Say whether bytes follow a record that is there in full length but does not hold."""
    if whole + _HEAD > len(data):
        return False
    length = int.from_bytes(data[whole : whole + 4], "little")
    return 0 < length < len(data) - whole - _HEAD


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(path: Path, error: OSError) -> StorageError:
    reason = (error.strerror or "the disk failed").lower()
    return StorageError(f"`{path}` could not be written or read: {reason}")
