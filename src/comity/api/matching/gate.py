"""Who may ask a node: a person's own programs, and systems under an agreement.

Purpose and case are bound to the key, or named by `Comity-Purpose` and `Comity-Case`; the desk
holds every call to them.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from comity.api.matching.door import Caller, TooManyError
from comity.api.problems import UnprovenError
from comity.core.clock import SECOND, Instant
from comity.core.errors import AuthorisationError
from comity.desk import Actor, Desk
from comity.screening.matching import Catalog, Matcher, Method, method

BURST = 100
"""Calls of one key at once."""
RATE = 20
"""Calls of one key each second, over time."""
_KEYS = 1_000
_LONGEST_TOKEN = 200
_HOW = "expected `Authorization: ApiKey` or `Bearer` with a personal token or a system's key"


@dataclass(slots=True)
class Pace:
    """How often each key asked: a bucket of calls that fills again with time."""

    now: Callable[[], Instant]
    _left: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str) -> None:
        """Count one call; raises `TooManyError`."""
        with self._lock:
            at = self.now()
            left, before = self._left.pop(key, (float(BURST), at))
            left = min(float(BURST), left + max(0, at - before) * RATE / SECOND)
            while len(self._left) >= _KEYS:
                del self._left[next(iter(self._left))]
            self._left[key] = (left - 1 if left >= 1 else left, at)
        if left < 1:
            raise TooManyError(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskGate:
    """Lets in who can prove who they are, for a purpose and a case."""

    desk: Desk
    pace: Pace

    def admit(self, caller: Caller, /) -> Matcher:
        """Return what this caller may ask; raises `AuthorisationError` and `TooManyError`."""
        actor = self._proven(caller.authorization)
        return self.desk.matching.within(actor, purpose=caller.purpose, case=caller.case)

    def catalog(self, caller: Caller, /) -> Catalog:
        """Return what can be searched for the purpose of the key; no case is needed."""
        actor = self._proven(caller.authorization)
        actor.bound(purpose=caller.purpose, case="")
        return self.desk.matching.catalog(actor)

    def public(self) -> Catalog:
        """Name no dataset to somebody without a key."""
        return Catalog(sources=(), version="")

    def method(self) -> Method:
        """Return how scores are made."""
        return method()

    def is_ready(self) -> bool:
        """Whether searches are answered: the index opens on its first use."""
        return True

    def lets_read(self, origin: str, /) -> bool:
        """Whether a page of this origin may read an answer: any, for it needs the key."""
        return bool(origin)

    @property
    def wants_key(self) -> bool:
        """Whether a caller must prove who it is."""
        return True

    def _proven(self, header: str) -> Actor:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() not in ("apikey", "bearer") or not 0 < len(token) <= _LONGEST_TOKEN:
            raise UnprovenError(_HOW)
        try:
            actor = self.desk.people.holder(token).actor
        except AuthorisationError as error:
            raise UnprovenError(str(error)) from None
        self.pace.take(actor.session)
        return actor
