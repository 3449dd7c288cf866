"""Whether a node lives and can take messages, found out and not assumed.

Alive: the process answers and no worker hangs. Ready: it has joined, its store takes a durable
write now, its disk has room, its ledger may be signed. A clock that is off, silent witnesses
and an expired directory do not end readiness: none of them stops receiving.
"""

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from comity.core.clock import SECOND, Instant
from comity.core.errors import ComityError
from comity.core.store import Transaction
from comity.node.office import Office
from comity.node.rows import HaltRow, PulseRow

ROOM: Final = 64 * 1024 * 1024
"""Bytes that must be free beside the store: below it nothing more is taken."""
HANGS: Final = 900.0
"""Seconds after which a worker that has not ended its round is said to hang."""
LONG: Final = 4 * 3600.0
"""The same for workers whose round may rightly be long: erasing, asking the law again."""
_PATIENT: Final = frozenset({"retention", "law", "watches"})
_AGAIN = 5 * SECOND
"""For how long an answer stands: whoever asks oftener costs no write."""
_WAIT = 10.0


@dataclass(slots=True)
class Pulse:
    """When each worker began its round and when it last ended one, by a clock nobody sets."""

    steady: Callable[[], float]
    began: dict[str, float] = field(default_factory=dict[str, float])
    ended: dict[str, float] = field(default_factory=dict[str, float])
    rounds: dict[str, int] = field(default_factory=dict[str, int])

    def beating(self, name: str, step: Callable[[], bool]) -> Callable[[], bool]:
        """Return the step of a worker, watched."""

        def watched() -> bool:
            self.began[name] = self.steady()
            try:
                return step()
            finally:
                self.ended[name] = self.steady()
                self.rounds[name] = self.rounds.get(name, 0) + 1
                self.began.pop(name, None)

        return watched

    def hanging(self) -> tuple[str, ...]:
        """Return the workers whose round has lasted too long."""
        now = self.steady()
        return tuple(
            name
            for name, since in sorted(self.began.copy().items())
            if now - since > (LONG if name in _PATIENT else HANGS)
        )


@dataclass(slots=True)
class Health:
    """What is wrong with one open office, as short codes; no code names anybody."""

    office: Office
    pulse: Pulse
    free: Callable[[], int] | None = None
    """How many bytes are free; of the disk the folder is on, where none is given."""
    _found: tuple[Instant, tuple[str, ...]] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ails(self) -> tuple[str, ...]:
        """Return why the process should be started anew; nothing where it lives."""
        return tuple(f"{name}-hangs" for name in self.pulse.hanging())

    def lacks(self) -> tuple[str, ...]:
        """Return why messages cannot be taken now; nothing where they can."""
        now = self.office.clock.now()
        with self._lock:
            if self._found is None or abs(now - self._found[0]) > _AGAIN:
                self._found = (now, self._look(now))
            return self._found[1]

    def room(self) -> int:
        """Return how many bytes are free beside the store."""
        if self.free is not None:
            return self.free()
        return shutil.disk_usage(self.office.folder).free

    def _look(self, now: Instant) -> tuple[str, ...]:
        if not self.office.register.has_joined:
            return ("not-joined",)
        lacks = ["disk-full"] if self.room() < ROOM else []
        try:
            origin = self.office.chronicle.origin()
            if self.office.store.read(lambda r: r.get(HaltRow, origin)) is not None:
                lacks.append("ledger-halted")
            self.office.store.commit(lambda tx: _beat(tx, now)).result(timeout=_WAIT)
        except TimeoutError:
            lacks.append("store-slow")
        except ComityError as error:
            lacks.append(error.code)
        return tuple(lacks)


def _beat(tx: Transaction, now: Instant) -> None:
    tx.put(PulseRow(name="ready", at=now))
