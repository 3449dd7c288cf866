"""Workers: threads that repeat one durable step each, and hold no state of their own.

A worker that fails says so in the journal, by error code and never by content, waits and tries
again; restarting it loses nothing, because everything starts from committed rows.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from comity.core.errors import ComityError

WITHIN: Final = 10.0
"""Seconds that all workers together have to finish their rounds."""


@dataclass(slots=True)
class Worker:
    """One repeated step in a thread of its own; `kick` makes it run at once."""

    name: str
    step: Callable[[], bool]
    """Does one round; returns whether it made progress and should run again at once."""
    every: float
    """Seconds between rounds when there is nothing to do."""
    journal: Callable[[str, str], None]
    """Takes worker name and error code."""
    eager: int = 0
    """How many first rounds come a second apart: a network starts all at once."""
    _wake: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin in the background."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def kick(self) -> None:
        """Run a round now instead of at the next beat."""
        self._wake.set()

    def end(self) -> None:
        """Ask it to finish the round under way and begin no other."""
        self._stop.set()
        self._wake.set()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, at most so long."""
        if self._thread is not None:
            self._thread.join(timeout=seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                is_busy = self.step()
            except ComityError as error:
                self.journal(self.name, error.code)
                is_busy = False
            except Exception as error:  # noqa: BLE001 - a worker's loop must outlive one bad round
                self.journal(self.name, type(error).__name__)
                is_busy = False
            if not is_busy and not self._stop.is_set():
                is_early, self.eager = self.eager > 0, self.eager - 1
                self._wake.wait(min(1.0, self.every) if is_early else self.every)


def stop_all(workers: Iterable[Worker]) -> None:
    """End workers; each finishes its round, or is left behind when the time for all is over.

    What is left behind ends with the process: it begins again from committed rows.
    """
    ended = tuple(workers)
    for worker in ended:
        worker.end()
    last = time.monotonic() + WITHIN
    for worker in ended:
        worker.wait(max(0.0, last - time.monotonic()))
