"""One direction of a slow line: when a packet has left, when it arrives, and in which order."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

PACKET = 1_400
"""Most bytes that travel in one packet."""
HEADERS = 40
"""Bytes of TCP and IP headers of one packet."""
_IN_FLIGHT = 16


class Shape(Protocol):
    """What makes a line slow; may change at any time."""

    rate_bits: int | None
    delay_ms: float
    loss: float

    def chance(self) -> float:
        """Draw a number from 0 to below 1."""
        ...


@dataclass(slots=True)
class Way:
    """One direction of the line, shared by every connection on it."""

    shape: Shape
    bytes: int = 0
    """Bytes that travelled, with headers and with what was sent again."""
    packets: int = 0
    lost: int = 0
    _free: float = 0.0

    def slot(self, size: int) -> tuple[float, float]:
        """Return when a packet has left, and when it arrives, in seconds of the loop."""
        now, total = asyncio.get_running_loop().time(), size + HEADERS
        takes = total * 8 / self.shape.rate_bits if self.shape.rate_bits else 0.0
        delay = self.shape.delay_ms / 1_000
        wait, again = 0.0, max(1.0, 2 * (delay + takes))
        self._count(total)
        self._free = max(now, self._free) + takes
        while self.shape.loss and self.shape.chance() < self.shape.loss:
            self.lost += 1
            self._count(total)
            self._free += takes
            wait, again = wait + again, again * 2
        return self._free, self._free + delay + wait

    def _count(self, size: int) -> None:
        self.bytes += size
        self.packets += 1


class Pipe:
    """Bytes of one connection on their way, in order."""

    def __init__(self, way: Way, to: asyncio.StreamWriter, *, slow: int = 0) -> None:
        """Begin; `slow` is bytes a second, 0 as fast as the way."""
        self._way, self._to, self._slow = way, to, slow
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_IN_FLIGHT)
        self._task = asyncio.create_task(self._arrive())
        self._due = 0.0

    async def send(self, data: bytes) -> None:
        """Send; return once the last packet has left, which is before it arrives."""
        step = self._slow or PACKET
        for first in range(0, len(data), step):
            piece = data[first : first + step]
            left, arrives = self._way.slot(len(piece))
            self._due = max(self._due, arrives)
            await self._queue.put((self._due, piece))
            await until(left)
            if self._slow:
                await asyncio.sleep(1.0)

    async def flush(self) -> None:
        """Wait until all that was sent has arrived."""
        if not self._task.done():
            await self._queue.put((0.0, b""))
        await self._task

    def stop(self) -> None:
        """Forget what is still on its way."""
        self._task.cancel()

    async def _arrive(self) -> None:
        while True:
            due, piece = await self._queue.get()
            if not piece:
                return
            await until(due)
            with suppress(ConnectionError):  # who left early is told so when it writes or reads
                self._to.write(piece)
                await self._to.drain()


async def until(moment: float) -> None:
    """Wait for a moment of the loop's clock."""
    wait = moment - asyncio.get_running_loop().time()
    if wait > 0:
        await asyncio.sleep(wait)
