"""The folder of screening segments: an index that survives its process.

    segments/  manifest  NAME.segment …  NAME.log

A segment is written whole under another name, synced and renamed; the manifest names what
counts, and whatever it does not name is a leftover and destroyed at opening. What was added or
forgotten since stands in a log, synced before the call returns. Files are 0600, in a folder of
0700: they hold names in clear and belong in no backup.
"""

import mmap
import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from comity.adapters.files import destroy, make_private_folder, read_private, write_private
from comity.adapters.segment_log import Change, SegmentLog, read_log, sync_folder
from comity.core.errors import StorageError
from comity.core.ids import EntityId
from comity.screening import Found, Profile, Query, Shelf
from comity.screening.index.build import Draft, build_segment
from comity.screening.index.layout import SegmentError
from comity.screening.index.segment import Segment

PIECE = 500_000
"""Entities of one segment written here, at most; a bulk build brings larger ones."""
_KEPT_FROM = 4
"""A segment without graves is left as it is from this many times the rows that are new."""
_MANIFEST, _SEGMENT, _LOG = "manifest", ".segment", ".log"
_FIRST_LINE = "comity segments 1"


@dataclass(frozen=True, slots=True)
class Opening:
    """What was found at opening besides what counts."""

    leftovers: tuple[str, ...]
    """Files of a write that did not end; they were destroyed."""
    cut: int
    """Bytes of a last change that was never acknowledged; they were dropped."""


@dataclass(frozen=True, slots=True)
class _Written:
    segments: tuple[str, ...]
    log: str


class SegmentFolder:
    """An index in a folder. One process writes it; its threads may share this object."""

    def __init__(self, path: Path) -> None:
        """Open the folder, making it where there is none.

        Raises `SegmentError` naming the broken file, `StorageError` where the disk fails. Then
        `SegmentFolder.discard` makes way for a rebuild from the store.
        """
        self.path = make_private_folder(path)
        self._lock, self._merging = threading.RLock(), threading.Lock()
        self._pending = set[str]()
        self._written = self._read_manifest()
        leftovers = tuple(self._sweep())
        changes, cut = read_log(self._path(self._written.log))
        self._segments = {name: self._map(name) for name in self._written.segments}
        self._shelf = Shelf(segments=tuple(self._segments.values()))
        self._log = SegmentLog(self._path(self._written.log))
        self._replay(self._shelf, changes)
        self.opening = Opening(leftovers, cut)

    @staticmethod
    def discard(path: Path) -> None:
        """Destroy every file of a folder, so that it opens empty."""
        for each in sorted(path.iterdir()) if path.exists() else ():
            destroy(each)

    def __len__(self) -> int:
        """Return how many entities can be found."""
        with self._lock:
            return len(self._shelf)

    def search(self, query: Query, /, *, limit: int = 10) -> Found:
        """Return the likeliest candidates, at most `limit`, with what must be said of them."""
        with self._lock:
            return self._shelf.search(query, limit=limit)

    def add(self, profiles: Iterable[Profile], /) -> None:
        """Take in entities, replacing those with the same id; durable when it returns."""
        new = list(profiles)
        with self._lock:
            self._log.append([Change(add=profile) for profile in new])
            self._shelf.add(new)

    def forget(self, entities: Iterable[EntityId], /) -> None:
        """Drop entities at once, and for good when it returns; their names go with a merge."""
        gone = list(entities)
        with self._lock:
            self._shelf.forget(gone)
            self._log.append([Change(forget=entity) for entity in gone])

    def profiles(self) -> Iterator[Profile]:
        """Yield every entity that can be found."""
        with self._lock:
            return iter(tuple(self._shelf.profiles()))

    def verify(self) -> None:
        """Hold every segment to its digests; raises `SegmentError` naming the file."""
        for name, segment in self._segments.items():
            try:
                segment.verify()
            except SegmentError as error:
                raise SegmentError(f"`{self._path(name)}`: {error}") from error

    def merge(self, *, whole: bool = False) -> bool:
        """Rewrite what changed, so that what was erased is in no file; return whether it did.

        Searches go on meanwhile, and what is added or forgotten meanwhile holds. Segments in
        which nothing was erased stay, unless they are small or `whole` is asked for.
        """
        with self._merging:
            with self._lock:
                stay = self._shelf.staying(_KEPT_FROM) if not whole else ()
                gone = [each for each in self._segments.values() if each not in stay]
                changed = self._shelf.copy(gone)
                mark = self._log.size
            if not mark and (len(gone) <= 1 or not whole):
                return False
            names = [name for name, each in self._segments.items() if each in stay]
            names += self._write(changed)
            self._swap(names, mark)
        return True

    def rebuild(self, profiles: Iterable[Profile]) -> None:
        """Put other entities in place of all there were; a crash leaves the old or the new."""
        with self._merging:
            mark = self._log.size
            self._swap(self._write(profiles), mark)

    def close(self) -> None:
        """Close the log; the maps go with the last search."""
        with self._lock:
            self._log.close()

    def _write(self, profiles: Iterable[Profile]) -> list[str]:
        left, names = iter(profiles), list[str]()
        while piece := list(islice(left, PIECE)):
            names.append(self.store(build_segment(piece)))
        return names

    def store(self, draft: Draft) -> str:
        """Write a segment whole and durably under a new name; it counts once it is adopted."""
        name = f"{secrets.token_hex(8)}{_SEGMENT}"
        self._pending.add(name)
        _write_whole(self._path(name), draft.chunks())
        return name

    def adopt(self, names: Iterable[str]) -> None:
        """Let stored segments count beside what there is; their ids must be new here."""
        with self._merging:
            self._swap([*self._written.segments, *names], self._log.size, is_whole=False)

    def _swap(self, names: list[str], mark: int, *, is_whole: bool = True) -> None:
        opened = {name: self._segments.get(name) or self._map(name) for name in names}
        with self._lock:
            start = mark if is_whole else 0
            changes, _cut = read_log(self._path(self._written.log), start)
            log = f"{secrets.token_hex(8)}{_LOG}"
            fresh = SegmentLog(self._path(log))
            fresh.append(changes)
            shelf = Shelf(segments=tuple(opened.values()))
            self._replay(shelf, changes)
            self._write_manifest(_Written(tuple(names), log))
            self._log.close()
            self._log, self._shelf, self._segments = fresh, shelf, opened
            self._written = _Written(tuple(names), log)
            self._pending.difference_update(names)
        tuple(self._sweep())

    @staticmethod
    def _replay(shelf: Shelf, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.add is not None:
                shelf.add((change.add,))
            if change.forget is not None:
                shelf.forget((change.forget,))

    def _map(self, name: str) -> Segment:
        path = self._path(name)
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            return Segment.from_buffer(memoryview(mapped))
        except FileNotFoundError:
            raise SegmentError(
                f"`{path}` is missing: rebuild the index from the store"
            ) from None
        except ValueError:
            raise SegmentError(f"`{path}` is empty: rebuild the index from the store") from None
        except SegmentError as error:
            raise SegmentError(f"`{path}`: {error}") from error
        except OSError as error:
            raise StorageError(f"`{path}` could not be mapped: the disk failed") from error

    def _read_manifest(self) -> _Written:
        path = self.path / _MANIFEST
        if not path.exists():
            written = _Written((), f"{secrets.token_hex(8)}{_LOG}")
            SegmentLog(self._path(written.log)).close()
            self._write_manifest(written)
            return written
        first, *names = read_private(path).decode("ascii", "replace").split("\n")
        logs = [name for name in names if name.endswith(_LOG)]
        if first != _FIRST_LINE or len(logs) != 1 or any("/" in name for name in names):
            raise SegmentError(
                f"`{path}` is no manifest of segments: destroy the folder and rebuild the index"
                " from the store"
            )
        return _Written(tuple(name for name in names if name.endswith(_SEGMENT)), logs[0])

    def _write_manifest(self, written: _Written) -> None:
        lines = "\n".join((_FIRST_LINE, *written.segments, written.log))
        write_private(self.path / _MANIFEST, lines.encode("ascii"))

    def _sweep(self) -> Iterator[str]:
        counted = {_MANIFEST, *self._written.segments, self._written.log, *self._pending}
        for path in sorted(self.path.iterdir()):
            if path.name not in counted and path.is_file():
                destroy(path)
                yield path.name

    def _path(self, name: str) -> Path:
        return self.path / name


def _write_whole(path: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Write a file that is there whole, or not under this name."""
    draft = path.with_name(f".{path.name}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        destroy(draft)
        reason = (error.strerror or "the disk failed").lower()
        raise StorageError(f"`{path}` could not be written: {reason}") from error
