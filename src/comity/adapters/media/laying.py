"""Lays files on a medium so that a reader finds them whole or not at all."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from comity.adapters.media.names import FOLDER
from comity.core.errors import ConfigurationError, ConflictError, StorageError

_SPARE = 1 << 20
"""Bytes of a medium that are left free, for its own tables."""
_CHUNK = 1 << 20


def room_on(medium: Path) -> int:
    """Return how many bytes may be laid on a medium; raises `ConfigurationError`."""
    if not medium.is_dir():
        raise ConfigurationError(f"`{medium}` is no folder: is the medium mounted?")
    found = os.statvfs(medium)
    return max(0, found.f_bavail * found.f_frsize - _SPARE)


def lay(medium: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Write a folder of files and read it back; what a pulled medium holds never looks whole.

    Raises `StorageError` where the medium is full, gone or gives back other bytes, and
    `ConflictError` where the folder stands already with others.
    """
    home = medium / FOLDER
    draft = home / f".{secrets.token_hex(6)}"
    try:
        home.mkdir(exist_ok=True)
        if (home / name).is_dir():
            _check(home / name, files)
            return home / name
        draft.mkdir()
        for each, data in files.items():
            _write(draft / each, data)
        _sync(draft)
        draft.rename(home / name)
        _sync(home)
        _check(home / name, files)
    except OSError as error:
        with contextlib.suppress(OSError):
            shutil.rmtree(draft)
        reason = (error.strerror or "it failed").lower()
        raise StorageError(f"`{medium}` could not be written: {reason}") from error
    return home / name


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        # What is read back must come from the medium, not from memory.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        with (folder / name).open("rb") as file:
            place = 0
            while chunk := file.read(_CHUNK):
                if data[place : place + len(chunk)] != chunk:
                    raise ConflictError(f"`{folder}` gives back other bytes than were written")
                place += len(chunk)
        if place != len(data):
            raise ConflictError(f"`{folder}` gives back other bytes than were written")
