"""The directory as a node holds it: files on disk, verified by our own clock, swapped whole.

directory/root.json       root version 1, as it was given out of band
directory/files/…         the newest directory that verified
directory/seen.json       versions trusted so far: nobody turns back time
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from comity.adapters.files import make_private_folder, read_private, write_private
from comity.core.clock import Clock
from comity.core.errors import ConfigurationError, VerificationError
from comity.trust import Directory, Seen, read_seen, verify_directory

_TIMESTAMP = "timestamp.json"
Fetch = Callable[[], Mapping[str, bytes]]


class Register:
    """Holds the newest directory that verified; replacing it is one assignment."""

    def __init__(self, folder: Path, *, root_digest: str, clock: Clock) -> None:
        """Look at a node's `directory/` folder; `root_digest` is SHA-256 in hex."""
        self._folder = folder / "directory"
        self._digest = root_digest
        self._clock = clock
        self._current: Directory | None = None

    def current(self) -> Directory:
        """Return the directory in force; raises `ConfigurationError` before the node joined."""
        if self._current is None:
            raise ConfigurationError(
                "this node has joined no network yet: admit it, then give it a mirror"
            )
        return self._current

    @property
    def has_joined(self) -> bool:
        """Whether any directory has verified."""
        return self._current is not None

    def join(self, root: bytes) -> None:
        """Pin root version 1; raises `VerificationError` where its digest is another."""
        if hashlib.sha256(root).hexdigest() != self._digest:
            raise VerificationError("this root is not the one whose digest the node was told")
        make_private_folder(self._folder)
        write_private(self._folder / "root.json", root)

    def load(self) -> None:
        """Take up what was verified before; nothing is there before the node joined."""
        if (self._folder / "files").is_dir():
            self._take(_read(self._folder / "files"), seen=self._seen())

    def refresh(self, fetch: Fetch) -> bool:
        """Fetch and verify; return whether it is newer. On failure the old one stays.

        Raises `UnreachableError` from the mirror, `VerificationError` where it lies.
        """
        files = fetch()
        before = None if self._current is None else self._current.version
        self._take(files, seen=self._seen())
        held = self.held()
        # The timestamp comes last: until it stands, the files before it are still whole.
        for name in sorted(files, key=lambda name: (name.endswith(_TIMESTAMP), name)):
            if held.get(name) != files[name]:
                path = self._folder / "files" / name
                make_private_folder(path.parent)
                write_private(path, files[name])
        write_private(self._folder / "seen.json", self.current().seen.as_bytes())
        return self.current().version != before

    def held(self) -> Mapping[str, bytes]:
        """Return the files that verified last; immutable ones need no second fetch."""
        folder = self._folder / "files"
        return _read(folder) if folder.is_dir() else {}

    def _take(self, files: Mapping[str, bytes], *, seen: Seen | None) -> None:
        root = read_private(self._folder / "root.json")
        self._current = verify_directory(files, root=root, at=self._clock.now(), seen=seen)

    def _seen(self) -> Seen | None:
        path = self._folder / "seen.json"
        return read_seen(path.read_bytes()) if path.exists() else None


def _read(folder: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def from_folder(folder: Path) -> Fetch:
    """Read a directory from a folder, a mounted medium or another node's publication."""

    def fetch() -> Mapping[str, bytes]:
        if not folder.is_dir():
            raise ConfigurationError(f"no directory is published in `{folder}`")
        return _read(folder)

    return fetch
