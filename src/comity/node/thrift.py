"""Thrift: few calls at a fixed cadence, for a line that is paid by the byte or is slow.

What is carried for people goes at once either way; what only keeps the node informed waits for
its beat. A fixed cadence also tells whoever watches the line nothing of what the node does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.core.clock import HOUR, MINUTE, Clock
from comity.node.settings import THRIFT, Line

CADENCE: Final[Mapping[str, int]] = {
    "directory": 6 * HOUR,
    "gossip": 24 * HOUR,
    "ledger": 1 * HOUR,
    "prekeys": 1 * HOUR,
}
"""How often, in ms, each worker that calls others runs in thrift mode."""
AGAIN: Final = 5 * MINUTE
"""After how long what failed is tried again: a line that was down costs no whole beat."""


POLL: Final = 900
"""Seconds for which an asking for mail stays open at least: each one costs bytes."""


def poll_wait(line: Line, asked: int) -> int:
    """Return how many seconds an asking for mail stays open, as the line allows it."""
    return max(asked, POLL) if line.mode == THRIFT else asked


@dataclass(slots=True)
class Paced:
    """A worker's step that runs no more often than its beat, whoever wakes the worker."""

    step: Callable[[], bool]
    every: int
    """Milliseconds from one run to the next."""
    clock: Clock
    _next: int = 0

    def __call__(self) -> bool:
        """Run the step if its beat has come; raises as the step does."""
        now = self.clock.now()
        # A clock that was set back must not stop the beat for as long as it went back.
        if now < self._next <= now + self.every:
            return False
        self._next = now + min(AGAIN, self.every)
        self.step()
        self._next = now + self.every
        return False


def paced(
    name: str, step: Callable[[], bool], *, line: Line, clock: Clock
) -> Callable[[], bool]:
    """Return a worker's step as the line allows it to run."""
    every = CADENCE.get(name) if line.mode == THRIFT else None
    return step if every is None else Paced(step, every, clock)
