"""A collection to be compared with, for one run: a file that every worker maps, or memory.

A small collection is indexed by each process for itself. A large one is written once, as one
segment in a folder of its owner, mapped by the workers, and destroyed when the run ends.
"""

import mmap
import os
import tempfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from comity.adapters.files import destroy
from comity.adapters.lines import OWNER
from comity.core.errors import StorageError
from comity.core.ids import EntityId
from comity.screening import Found, Profile, Query, Shelf
from comity.screening.many import search_many

SMALL = 2_000
"""Entities that are indexed in memory: compiled code would take longer to load."""


class InMemory:
    """A small collection."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        """Index it."""
        self._held: Mapping[EntityId, Profile] = {each.entity_id: each for each in profiles}
        self._shelf = Shelf(self._held.values())

    def search_many(self, queries: Sequence[Query], *, limit: int) -> list[Found]:
        """Answer each question."""
        return [self._shelf.search(query, limit=limit) for query in queries]

    def profile(self, entity: EntityId) -> Profile:
        """Return one entity of an answer."""
        return self._held[entity]


class Mapped:
    """A large collection, written by `written`."""

    def __init__(self, path: Path) -> None:
        """Map it; raises `StorageError` where it cannot be read."""
        # numba comes with it, and only here.
        from comity.screening.index.segment import Segment  # noqa: PLC0415

        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise StorageError(f"cannot map `{path}`: {error.strerror}") from None
        self._segment = Segment.from_buffer(memoryview(data))

    def search_many(self, queries: Sequence[Query], *, limit: int) -> list[Found]:
        """Answer each question."""
        return search_many(self._segment, queries, limit=limit)

    def profile(self, entity: EntityId) -> Profile:
        """Return one entity of an answer."""
        row = self._segment.row_of(entity)
        if row is None:
            raise StorageError("the collection changed while it was compared with")
        return self._segment.profile(row)


@contextmanager
def written(profiles: Sequence[Profile]) -> Generator[Path]:
    """Write a collection for one run, and destroy it at its end."""
    from comity.screening.index.build import build_segment  # noqa: PLC0415 - brings numba

    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        path = Path(folder) / "collection.segment"
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER), "wb") as file:
                for chunk in build_segment(profiles).chunks():
                    file.write(chunk)
            yield path
        except OSError as error:
            raise StorageError(f"cannot write an index: {error.strerror}") from None
        finally:
            if path.exists():
                destroy(path)
