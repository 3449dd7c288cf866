"""The directory as a node holds it: files on disk, verified by our own clock, swapped whole.

directory/root.json       root version 1, as it was given out of band
directory/files/…         the newest directory that verified, and its registry log
directory/seen.json       versions trusted so far: nobody turns back time
directory/registry.json   when each entry of the registry log was first seen here
directory/fork-….txt      evidence that the registry log showed two histories
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from comity.adapters.files import make_private_folder, read_private, write_private
from comity.adapters.registry import CHECKPOINT, PREFIX
from comity.core.clock import Clock
from comity.core.errors import ComityError, ConfigurationError, VerificationError
from comity.node.registry_copy import Copy, ForkError, take_copy
from comity.trust import Directory, Seen, read_claim, read_seen, verify_directory

_LAST = ("timestamp.json", CHECKPOINT)
Fetch = Callable[[], Mapping[str, bytes]]


class Register:
    """Holds the newest directory that verified; replacing it is one assignment."""

    def __init__(self, folder: Path, *, root_digest: str, clock: Clock) -> None:
        """Look at a node's `directory/` folder; `root_digest` is SHA-256 in hex."""
        self._folder = folder / "directory"
        self._digest = root_digest
        self._clock = clock
        self._current: Directory | None = None
        self._followed = 0

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
            files = self.held()
            self._take(files, seen=self._seen(), held=files)

    def refresh(self, fetch: Fetch) -> bool:
        """Fetch and verify; return whether it is newer. On failure the old one stays.

        Raises `UnreachableError` from the mirror, `VerificationError` where it lies.
        """
        files = fetch()
        before = None if self._current is None else self._current.version
        held = self.held()
        copy = self._take(files, seen=self._seen(), held=held)
        # A registry log older than the one held, or none, leaves the one held in place.
        is_newer = copy is not None and copy.note == files.get(CHECKPOINT)
        names = copy.names() if copy is not None and is_newer else frozenset[str]()
        files = {n: data for n, data in files.items() if n in names or not _is_registry(n)}
        # What names others comes last: until it stands, the files before it are still whole.
        for name in sorted(files, key=lambda name: (name.endswith(_LAST), name)):
            if held.get(name) != files[name]:
                path = self._folder / "files" / name
                make_private_folder(path.parent)
                write_private(path, files[name])
        write_private(self._folder / "seen.json", self.current().seen.as_bytes())
        for name in filter(_is_registry, held.keys() - names if is_newer else ()):
            (self._folder / "files" / name).unlink(missing_ok=True)
        if copy is not None:
            write_private(self._folder / "registry.json", copy.times())
        return self.current().version != before

    def refresh_from(self, fetches: Sequence[Fetch]) -> bool:
        """Ask every mirror, so that the newest valid edition wins; return whether one did.

        Raises as the last mirror did where none gave a directory that holds.
        """
        before = None if self._current is None else self._current.version
        failed: list[ComityError] = []
        for fetch in fetches:
            try:
                self.refresh(fetch)
            except ComityError as error:
                # A mirror that lies, lags or is silent keeps no other from being asked.
                failed.append(error)
        if len(failed) == len(fetches) and failed:
            raise failed[-1]
        return self.current().version != before

    def follow(self) -> bool:
        """Take up what another process of this node fetched; return whether there was any.

        Raises `VerificationError` where the files do not verify: the old ones stay in force.
        """
        path = self._folder / "seen.json"
        stamp = path.stat().st_mtime_ns if path.exists() else 0
        if stamp == self._followed:
            return False
        self.load()
        self._followed = stamp
        return True

    def held(self) -> Mapping[str, bytes]:
        """Return the files that verified last; immutable ones need no second fetch."""
        folder = self._folder / "files"
        return _read(folder) if folder.is_dir() else {}

    def _take(
        self, files: Mapping[str, bytes], *, seen: Seen | None, held: Mapping[str, bytes]
    ) -> Copy | None:
        root, now = read_private(self._folder / "root.json"), self._clock.now()
        times = self._folder / "registry.json"
        try:
            copy = take_copy(
                files,
                read_claim(files),
                held=held,
                times=times.read_bytes() if times.exists() else b"",
                at=now,
            )
        except ForkError as error:
            name = f"fork-{hashlib.sha256(error.evidence).hexdigest()[:16]}.txt"
            write_private(self._folder / name, error.evidence)
            raise
        records = None if copy is None else copy.records()
        found = verify_directory(files, root=root, at=now, seen=seen, records=records)
        if copy is not None and not copy.is_witnessed:
            unseen = "no quorum of witnesses has cosigned the registry log"
            found = replace(found, alarms=(*found.alarms, unseen))
        self._current = found
        return copy

    def _seen(self) -> Seen | None:
        path = self._folder / "seen.json"
        return read_seen(path.read_bytes()) if path.exists() else None


def _is_registry(name: str) -> bool:
    return name.startswith(PREFIX)


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
