"""The indexes of a node in a folder: one folder of segments for each audience, and their stand.

    segments/  stand  open/  PURPOSE/ …

What was taken in is durable before the stand says so; after a crash the same changes are taken
in once more, which changes nothing. What does not fit together is thrown away and read anew
from the store.
"""

import contextlib
import hashlib
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from comity.adapters.files import destroy, make_private_folder, read_private, write_private
from comity.adapters.screening.cabinet import BehindError, Opened
from comity.core.errors import ComityError
from comity.record import Stand
from comity.screening import OPEN, Audiences, Found, Held, Index, Query

STAND = "stand"
MERGE_FROM = 25_000
"""Entities taken in one by one, from which they are brought into segments."""
SETTLE_FROM = 1_000
"""Entities taken in one by one, from which a silence is used to bring them into segments."""
_PRESSED = 4
_OWN = re.compile(r"open|[0-9a-f]{16}")


class Stored(Index, Protocol):
    """An index that survives its process."""

    def merge(self) -> bool:
        """Rewrite what changed, so that what was forgotten is in no file."""
        ...

    def close(self) -> None:
        """Give the files free."""
        ...


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says: how far the indexes stand, which there are, when they were merged."""

    stand: Stand = Stand()
    audiences: tuple[str, ...] = ()
    merged: int = 0
    """Number of the newest change that was in when all was last written anew."""
    merged_at: int = 0


class FolderCabinet:
    """The indexes in one folder; one process opens it at a time."""

    def __init__(
        self,
        folder: Path,
        make: Callable[[Path], Stored],
        *,
        before_merge: Callable[[], None] = lambda: None,
        merge_from: int = MERGE_FROM,
    ) -> None:
        """Open what is there; `make` opens the index of a folder, whatever its audience."""
        self._before_merge = before_merge
        self._merge_from = merge_from
        self._fresh = 0
        self._merging: threading.Thread | None = None
        self._folder = make_private_folder(folder)
        self._make = make
        self._writing = threading.Lock()
        self._stored: dict[str, Stored] = {}
        self._audiences = Audiences(self._opened)
        self._standing = read_standing(folder)
        try:
            self._sweep()
            for audience in self._standing.audiences:
                self._audiences.open(audience)
        except ComityError:
            # What is broken, or of another release, is derived: it is read anew from the store.
            self.clear()
        self._fresh = self._standing.stand.number - self._standing.merged

    @property
    def is_open(self) -> bool:
        """Whether something would have to be opened first: never."""
        return True

    def open(self) -> Opened:
        """Say how far the indexes stand."""
        return Opened(life=1, stand=self._standing.stand)

    def take(self, held: Sequence[Held], stand: Stand, /) -> None:
        """Let entities be found as they are held now; durable when it returns."""
        self._audiences.take(held)
        self._write(stand=stand)
        self._fresh += len(held)
        if self._fresh >= self._merge_from:
            self._merge_beside()

    def clear(self) -> None:
        """Forget everything, in every file."""
        self._close()
        self._audiences = Audiences(self._opened)
        self._standing = Standing()
        self._sweep()
        self._write(stand=Stand())

    def search(
        self,
        queries: Sequence[Query],
        /,
        *,
        purpose: str,
        limit: int,
        least: int,
        is_batch: bool,
    ) -> tuple[Found, ...]:
        """Answer questions."""
        del is_batch
        if self._standing.stand.number < least:
            raise BehindError("screening stands behind what is held")
        return tuple(
            self._audiences.search(query, purpose=purpose, limit=limit) for query in queries
        )

    def merge(self, at: int) -> None:
        """Write anew whatever still holds what was forgotten; `at` is noted as the time."""
        self._write(merged=self._merged(), merged_at=at)

    def settle(self) -> bool:
        """Use a silence to bring what came into segments, so that the next opening is quick.

        Returns whether there was something to bring, or still is.
        """
        if self._merging is not None and self._merging.is_alive():
            return True
        if self._fresh < SETTLE_FROM:
            return False
        self._merge_beside()
        return True

    def close(self) -> None:
        """Give the files free."""
        self._close()

    def _merged(self) -> int:
        """Write all anew; return the number of the newest change that was in by then."""
        self._before_merge()
        number = self._standing.stand.number
        for stored in tuple(self._stored.values()):
            stored.merge()
        return number

    def _merge_beside(self) -> None:
        """Bring what came into segments while searches go on; whoever is too fast waits."""
        if self._merging is not None and self._merging.is_alive():
            if self._fresh < _PRESSED * self._merge_from:
                return
            self._merging.join()
        self._fresh = 0
        self._merging = threading.Thread(target=self._merge_now, daemon=True)
        self._merging.start()

    def _merge_now(self) -> None:
        # Where the disk fails, all stays in the log, and the next merge tries again.
        with contextlib.suppress(ComityError):
            self._write(merged=self._merged())

    def _opened(self, audience: str) -> Index:
        stored = self._make(make_private_folder(self._folder / name_of(audience)))
        self._stored[audience] = stored
        return stored

    def _write(self, **changed: Stand | int) -> None:
        # A change and the end of a merge may come at once: each writes what it alone knows.
        with self._writing:
            self._standing = msgspec.structs.replace(
                self._standing, audiences=tuple(sorted(self._stored)), **changed
            )
            write_private(self._folder / STAND, msgspec.json.encode(self._standing))

    def _sweep(self) -> None:
        """Destroy what the stand does not name: it was written by an act that did not end."""
        named = {name_of(audience) for audience in self._standing.audiences}
        for folder in sorted(self._folder.iterdir()):
            if _OWN.fullmatch(folder.name) and folder.name not in named:
                for path in sorted(folder.iterdir()):
                    destroy(path)
                folder.rmdir()

    def _close(self) -> None:
        if self._merging is not None:
            self._merging.join()
        for stored in self._stored.values():
            stored.close()
        self._stored.clear()


def read_standing(folder: Path) -> Standing:
    """Return what the file of a folder says; the beginning, where it says nothing readable."""
    try:
        return msgspec.json.decode(read_private(folder / STAND), type=Standing)
    except (ComityError, msgspec.MsgspecError):
        return Standing()


def name_of(audience: str) -> str:
    """Return the folder of an audience; a purpose's own letters never become a path."""
    if audience == OPEN:
        return "open"
    return hashlib.sha256(audience.encode()).hexdigest()[:16]
