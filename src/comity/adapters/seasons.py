"""Time in a world of memory: a node's own clock, and a key of the week that never ends."""

from dataclasses import dataclass

from comity.adapters.memory import FixedClock
from comity.core.clock import Instant


@dataclass(slots=True)
class Weeks:
    """One key of the week that never ends; only for worlds in memory."""

    secret: bytes

    def current(self, at: Instant, /) -> tuple[int, bytes]:
        """Return the first week and its key."""
        del at
        return 1, self.secret

    def key(self, week: int, /) -> bytes | None:
        """Return the key, unless it was destroyed."""
        return self.secret if week == 1 else None


@dataclass(slots=True)
class SkewedClock:
    """A node's own clock: the world's, ahead or behind by `skew` ms."""

    world: FixedClock
    skew: int = 0

    def now(self) -> Instant:
        """Return the instant this node believes in."""
        return Instant(self.world.now() + self.skew)
