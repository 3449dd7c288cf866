"""Private files and folders, written whole or not at all, and the lock of a node's folder."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import Self

from comity.core.errors import ConfigurationError, ConflictError, StorageError

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_OTHERS = 0o077
_LOCK = "lock"


def make_private_folder(path: Path) -> Path:
    """Make a folder only its owner may enter, with its parents; return it.

    Raises `StorageError` where it cannot be made.
    """
    try:
        path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise _failed("made", path, error) from error
    return path


def write_private(path: Path, data: bytes) -> None:
    """Write a file only its owner may read; after a crash the old or the new one is there.

    Raises `StorageError` where the disk is full, read-only or broken; the old file stays then.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write_durably(draft, data)
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise _failed("written", path, error) from error


def read_private(path: Path) -> bytes:
    """Read a private file.

    Raises `ConfigurationError` where it is missing or others may read it, `StorageError` where
    the disk fails.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise ConfigurationError(f"`{path}` may be read by others: expected mode 0600")
            return file.read()
    except FileNotFoundError:
        raise ConfigurationError(f"`{path}` is missing") from None
    except OSError as error:
        raise _failed("read", path, error) from error


def destroy(path: Path) -> None:
    """Overwrite a file with zeros, then remove it, both durably; a missing file is no error.

    RISK: a disk that remaps blocks may keep the old ones; erasure rests on wrapped keys too.
    """
    try:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        _sync_folder(path.parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _failed("destroyed", path, error) from error


class FolderLock:
    """Holds a node's folder for this process; the system frees it when the process ends."""

    def __init__(self, folder: Path, *, is_shared: bool = False) -> None:
        """Take the lock, alone or with others that share it.

        Raises `ConflictError` naming a process that holds it.
        """
        self._descriptor = _open_lock(folder / _LOCK)
        sort = fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._descriptor, sort | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise ConflictError(
                f"another process (pid {holder or 'unknown'}) holds `{folder}`: stop it first"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the folder free; releasing twice is no error."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        """Return the lock, already held."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the lock."""
        self.release()


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Generator[None]:
    """Let one process after another change what `path` guards; waits for its turn."""
    descriptor = _open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_durably(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_tree(path: Path, *, deep: bool = True) -> None:
    """Make a file, or a folder with everything in it, durable; raises `OSError`."""
    if path.is_file():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return
    for each in path.iterdir() if deep else ():
        sync_tree(each)
    _sync_folder(path)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
    except OSError as error:
        raise _failed("locked", path, error) from error


def _failed(act: str, path: Path, error: OSError) -> StorageError:
    reason = (error.strerror or "the disk failed").lower()
    return StorageError(f"`{path}` could not be {act}: {reason}")
