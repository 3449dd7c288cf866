"""The real clock and the real dice."""

import secrets
import time

from comity.core.clock import Instant


class SystemClock:
    """Tells the time of the machine."""

    def now(self) -> Instant:
        """Return the present instant."""
        return Instant(time.time_ns() // 1_000_000)


class SystemEntropy:
    """Takes bytes from the operating system's generator."""

    def take(self, count: int, /) -> bytes:
        """Return `count` fresh random bytes."""
        return secrets.token_bytes(count)
