"""Keeps screening in step with the store, which is the truth.

Before every search the newest change of the store is looked up, and what the indexes have not
taken in yet is read and taken in first. So nothing depends on anybody having been told: not on
a process that was down, nor on an act that knew nothing of screening.

INVARIANT: a search is answered only by indexes that have taken in every change committed before
it began.
"""

import threading
from collections.abc import Sequence
from typing import Protocol, TypeVar

from comity.adapters.screening.cabinet import BehindError, Cabinet
from comity.core.errors import ComityError, UnreachableError
from comity.record import Stand
from comity.screening import Found, Held, Query

SLICE = 8
"""Questions of a batch that are asked at once; a single one waits for no more than these."""
WAIT = 20.0
"""Seconds a search waits for what must be read first."""
MANY = 2_000
"""Changes from which reading goes on in the background."""
_TRIES = 3

T = TypeVar("T")


class Fresh(Protocol):
    """Entities that changed, as they are held now, and how far they lead."""

    @property
    def held(self) -> Sequence[Held]:
        """The entities, each as its audiences may find it."""
        ...

    @property
    def stand(self) -> Stand:
        """How far whoever takes them in stands then."""
        ...


class Source(Protocol):
    """What is followed: the changes of one store, in their order."""

    def newest(self) -> int:
        """Return the number of the newest change."""
        ...

    def is_ours(self, stand: Stand, /) -> bool:
        """Whether a stand was reached in this store as it is."""
        ...

    def after(self, number: int, /) -> Fresh:
        """Return the next changes after `number`."""
        ...

    def enter_older(self) -> None:
        """Note what the store held before changes were noted."""
        ...


class Follower:
    """Finds what is held, with indexes that follow the store."""

    def __init__(self, cabinet: Cabinet, source: Source, *, wait: float = WAIT) -> None:
        """Follow `source`; a search waits so many seconds for what must be read first."""
        self._wait = wait
        self.cabinet = cabinet
        self._source = source
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._life: int = 0
        self._stand: Stand = Stand()
        self._aim: int = 0
        self._is_closed: bool = False
        self._reading: threading.Thread | None = None
        self._failed: ComityError | None = None

    def search(self, query: Query, /, *, purpose: str, limit: int) -> Found:
        """Return the likeliest candidates; raises `UnreachableError` with the reason."""
        (found,) = self._asked((query,), purpose=purpose, limit=limit, is_batch=False)
        return found

    def search_many(
        self, queries: Sequence[Query], /, *, purpose: str, limit: int
    ) -> tuple[Found, ...]:
        """Answer many questions slice by slice, so that single ones do not wait for all."""
        found: list[Found] = []
        for first in range(0, len(queries), SLICE):
            part = queries[first : first + SLICE]
            found += self._asked(part, purpose=purpose, limit=limit, is_batch=True)
        return tuple(found)

    def renew(self) -> None:
        """Take in what changed, where the indexes are open.

        What cannot be taken in now is taken in before the next search: an act that is committed
        does not fail because screening did.
        """
        if not self.cabinet.is_open or self.progress is not None:
            return
        try:
            self._follow()
        except ComityError:
            return

    def merge(self, at: int) -> None:
        """Take in what changed, then write anew what still holds what was forgotten."""
        self._follow()
        self.cabinet.merge(at)

    def close(self) -> None:
        """Give the indexes free, and let nothing open them again."""
        self._is_closed = True
        self.cabinet.close()
        if self._reading is not None:
            self._reading.join(timeout=self._wait)
            self.cabinet.close()

    @property
    def progress(self) -> int | None:
        """How much of what is held has been read, in hundredths; `None` where all is."""
        reading = self._reading
        if reading is None or not reading.is_alive():
            return None
        return min(99, 100 * self._stand.number // max(1, self._aim))

    def _asked(
        self, queries: Sequence[Query], *, purpose: str, limit: int, is_batch: bool
    ) -> tuple[Found, ...]:
        for _ in range(_TRIES):
            try:
                least = self._follow()
                return self.cabinet.search(
                    queries, purpose=purpose, limit=limit, least=least, is_batch=is_batch
                )
            except BehindError:
                # It ended, or was begun anew, since it was last followed.
                self._life = 0
        raise UnreachableError("screening ended while it was asked, again and again")

    def _follow(self) -> int:
        """Bring the indexes to the newest change; return its number."""
        newest = self._source.newest()
        if newest and self._is_in_step(newest):
            return newest
        if not self.cabinet.is_open or newest - self._stand.number > MANY:
            self._read_on()
            return newest
        if not self._lock.acquire(timeout=self._wait):
            raise self._busy()
        try:
            self._open()
            self._catch_up()
        finally:
            self._lock.release()
        return newest

    def _is_in_step(self, newest: int) -> bool:
        return self.cabinet.is_open and self._life != 0 and self._stand.number >= newest

    def _open(self) -> None:
        """Open the indexes and note where they stand; another store's are emptied."""
        self._check_open()
        opened = self.cabinet.open()
        if opened.life == self._life:
            return
        self._source.enter_older()
        if not self._source.is_ours(opened.stand):
            self.cabinet.clear()
            opened = self.cabinet.open()
        self._life, self._stand = opened.life, opened.stand

    def _catch_up(self) -> None:
        while self._stand.number < self._source.newest():
            fresh = self._source.after(self._stand.number)
            self._check_open()
            self.cabinet.take(fresh.held, fresh.stand)
            self._stand = fresh.stand

    def _check_open(self) -> None:
        if self._is_closed:
            raise UnreachableError("screening is closed with its node")

    def _read_on(self) -> None:
        """Open, or read what is far behind, in the background, and wait for it a while."""
        with self._starting:
            if self._reading is None or not self._reading.is_alive():
                self._failed, self._aim = None, self._source.newest()
                self._reading = threading.Thread(target=self._read, daemon=True)
                self._reading.start()
            reading = self._reading
        reading.join(timeout=self._wait)
        if reading.is_alive():
            raise self._busy()
        if self._failed is not None:
            raise self._failed

    def _read(self) -> None:
        try:
            with self._lock:
                self._open()
                self._catch_up()
        except ComityError as error:
            self._failed = error

    def _busy(self) -> UnreachableError:
        part = self.progress or 0
        return UnreachableError(
            f"screening is reading what is held ({part} % so far): search again in a while"
        )
