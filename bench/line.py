"""A line between two nodes that is slow, loses packets, and fails in seeded ways.

    python -m bench.line PORT [--rate-bits 9600] [--delay-ms 300] [--loss 0.02] [--seed TEXT]
                             [--fault lose-answer=0.1] …

Stands in front of one port of this machine and passes connections on. Shape: all connections
share `rate_bits` in each direction; a packet arrives `delay_ms` later; of 1, `loss` packets are
sent again, as TCP does (RFC 6298: after at least a second, twice that the next time), and what
follows on the connection waits. Opening a connection costs one round trip. A packet counts its
40 bytes of TCP and IP headers.

Faults are drawn for each HTTP request, or told in advance with `plan`. Through TLS a line sees
no request: there they are drawn for each connection, and what needs a request is a reset.
"""

import argparse
import asyncio
import socket
import struct
import sys
import threading
from collections import Counter, deque
from collections.abc import Coroutine, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Self

from bench.framing import CutError, answer_of, body_of, head_of
from bench.way import PACKET, Pipe, Way, until

from comity.adapters.memory import SeededEntropy

_LIMIT = 1 << 20
_TLS = 0x16


@unique
class Fault(Enum):
    """What may happen to one request."""

    NONE = "none"
    RESET = "reset"
    """The connection is reset before anything arrives."""
    LOSE_ANSWER = "lose-answer"
    """The request arrives whole and is answered; a reset comes in place of the answer."""
    DUPLICATE = "duplicate"
    """The request arrives twice; the second answer comes back."""
    TRUNCATE = "truncate"
    """Half of the request arrives, then the connection ends on both sides."""
    TRUNCATE_ANSWER = "truncate-answer"
    """Half of the answer comes back, then the connection ends."""
    HALF_OPEN = "half-open"
    """Nothing arrives and nobody says so: the sender waits until it gives up."""
    SLOW = "slow"
    """Bytes trickle both ways, `slow_bytes` a second."""


@dataclass(slots=True, eq=False)
class Line:
    """A line to one port of this machine: `async with Line(port) as line`, then `line.port`."""

    target_port: int
    rate_bits: int | None = field(default=None, kw_only=True)
    """Bits a second in each direction; `None` is as fast as the machine."""
    delay_ms: float = field(default=0.0, kw_only=True)
    """Milliseconds one way."""
    loss: float = field(default=0.0, kw_only=True)
    """Share of packets, 0 to below 1, that must be sent again."""
    seed: bytes = field(default=b"line", kw_only=True)
    faults: dict[Fault, float] = field(default_factory=dict[Fault, float], kw_only=True)
    """Share of requests, 0 to 1, that meet each fault; may be changed at any time."""
    slow_bytes: int = field(default=200, kw_only=True)
    """Bytes a second of a `SLOW` request and its answer."""
    port: int = field(default=0, kw_only=True)
    """The port it listens on; 0 takes a free one."""
    seen: Counter[Fault] = field(default_factory=Counter[Fault], init=False)
    """How often each fault happened; `NONE` counts what passed whole."""
    there: Way = field(init=False)
    """What travelled to the target."""
    back: Way = field(init=False)
    """What travelled from the target."""
    _planned: deque[Fault] = field(default_factory=deque[Fault], init=False)
    _open: set[asyncio.StreamWriter] = field(
        default_factory=set[asyncio.StreamWriter], init=False
    )
    _tasks: set["asyncio.Task[None]"] = field(
        default_factory=set["asyncio.Task[None]"], init=False
    )
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _chance: SeededEntropy = field(init=False)
    _is_cut: bool = field(default=False, init=False)
    opened: int = field(default=0, init=False)
    """Connections that carried something."""

    def __post_init__(self) -> None:
        """Begin with nothing sent."""
        if not 0 <= self.loss < 1:
            raise ValueError(f"expected a loss from 0 to below 1, got {self.loss}")
        self.there, self.back = Way(self), Way(self)
        self._chance = SeededEntropy(self.seed)

    async def __aenter__(self) -> Self:
        """Listen."""
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, limit=_LIMIT
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, and reset what is still open."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def plan(self, *faults: Fault) -> None:
        """Let the next requests meet these faults, one each, before chance goes on."""
        self._planned.extend(faults)

    def cut(self) -> None:
        """Reset every connection and every new one, until `mend`."""
        self._is_cut = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._reset_all)

    def mend(self) -> None:
        """Pass connections on again."""
        self._is_cut = False

    def chance(self) -> float:
        """Draw a number from 0 to below 1."""
        return int.from_bytes(self._chance.take(6), "big") / (1 << 48)

    def draw(self) -> Fault:
        """Choose the fault of the next request."""
        if self._planned:
            return self._planned.popleft()
        at = self.chance()
        for fault, share in self.faults.items():
            at -= share
            if at < 0:
                return fault
        return Fault.NONE

    def _reset_all(self) -> None:
        for writer in tuple(self._open):
            reset(writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is None or self._is_cut:
            reset(writer)
            return
        self._tasks.add(task)
        self._open.add(writer)
        try:
            await _Connection(self, reader, writer).run()
        except (CutError, ConnectionError, OSError, asyncio.IncompleteReadError):
            reset(writer)
        except asyncio.CancelledError:
            reset(writer)
        finally:
            self._tasks.discard(task)
            self._open.discard(writer)
            with suppress(ConnectionError):
                writer.close()


class _Connection:
    def __init__(
        self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._line, self._reader, self._writer = line, reader, writer

    async def run(self) -> None:
        first = await self._reader.read(1)
        if not first:
            return
        self._line.opened += 1
        await self._greet()
        if first[0] == _TLS:
            await self._opaque(first)
            return
        behind = first
        while await self._request(behind):
            behind = b""

    async def _greet(self) -> None:
        """Pay for the handshake: one packet there, one back."""
        _, there = self._line.there.slot(0)
        await until(there)
        _, back = self._line.back.slot(0)
        await until(back)

    async def _request(self, first: bytes) -> bool:
        """Carry one request and its answer; return whether another may follow."""
        head = await head_of(self._reader, first)
        if head is None:
            return False
        line = self._line
        fault = line.draw()
        line.seen[fault] += 1
        if fault is Fault.RESET:
            raise CutError
        if fault is Fault.HALF_OPEN:
            await _swallow(self._reader)
            return False
        body = b"".join([piece async for piece in body_of(self._reader, head)])
        if fault is Fault.TRUNCATE:
            whole = head + body
            await self._cut_short(whole[: len(whole) // 2])
        if fault is Fault.DUPLICATE:
            await self._forget(head + body)
        await self._exchange(head, body, fault)
        return b"connection: close" not in head.lower()

    async def _exchange(self, head: bytes, body: bytes, fault: Fault) -> None:
        slow = self._line.slow_bytes if fault is Fault.SLOW else 0
        async with self._target(slow=slow) as (there, reader):
            await there.send(head + body)
            back = Pipe(self._line.back, self._writer, slow=slow)
            try:
                await self._answer(reader, back, head, fault)
                await back.flush()
            finally:
                back.stop()

    async def _answer(
        self, reader: asyncio.StreamReader, back: Pipe, head: bytes, fault: Fault
    ) -> None:
        pieces = answer_of(reader, head)
        if fault in {Fault.LOSE_ANSWER, Fault.TRUNCATE_ANSWER}:
            whole = b"".join([piece async for piece in pieces])
            if fault is Fault.TRUNCATE_ANSWER:
                await back.send(whole[: len(whole) // 2])
                await back.flush()
            raise CutError
        async for piece in pieces:
            await back.send(piece)

    async def _forget(self, whole: bytes) -> None:
        """Carry a request whose answer nobody hears."""
        async with self._target() as (there, reader):
            await there.send(whole)
            async for _ in answer_of(reader, whole):
                pass

    async def _cut_short(self, part: bytes) -> None:
        async with self._target() as (there, _):
            await there.send(part)
            await there.flush()
        raise CutError

    async def _opaque(self, first: bytes) -> None:
        fault = self._line.draw()
        self._line.seen[fault] += 1
        if fault is Fault.HALF_OPEN:
            await _swallow(self._reader)
            return
        if fault not in {Fault.NONE, Fault.SLOW}:
            raise CutError
        slow = self._line.slow_bytes if fault is Fault.SLOW else 0
        async with self._target(slow=slow) as (there, reader):
            back = Pipe(self._line.back, self._writer, slow=slow)
            await there.send(first)
            try:
                await _first_of(_pump(self._reader, there), _pump(reader, back))
            finally:
                back.stop()

    def _target(self, *, slow: int = 0) -> "_Target":
        return _Target(self._line, slow=slow)


class _Target:
    """A connection to the port behind the line, open for one exchange."""

    def __init__(self, line: Line, *, slow: int) -> None:
        self._line, self._slow = line, slow

    async def __aenter__(self) -> tuple[Pipe, asyncio.StreamReader]:
        reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._line.target_port, limit=_LIMIT
        )
        self._pipe = Pipe(self._line.there, self._writer, slow=self._slow)
        return self._pipe, reader

    async def __aexit__(self, *_: object) -> None:
        self._pipe.stop()
        with suppress(ConnectionError):
            self._writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a reset, as a line does that breaks."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def running(line: Line) -> Generator[Line, None, None]:
    """Keep a line open in a thread of its own, for callers that wait.

    Its `cut`, `mend`, `plan` and `faults` may be used from the caller's thread.
    """
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with line:
            ready.set()
            await over.wait()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=run, name="line", daemon=True)
    thread.start()
    ready.wait()
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(1 << 16):
        pass


async def _pump(reader: asyncio.StreamReader, pipe: Pipe) -> None:
    while piece := await reader.read(PACKET):
        await pipe.send(piece)
    await pipe.flush()


async def _first_of(*ways: Coroutine[None, None, None]) -> None:
    """Run both ways until one ends, as a connection does."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    _, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main() -> int:
    """Keep a line open until interrupted, then return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int, help="the port behind the line")
    parser.add_argument("--rate-bits", type=int)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--seed", default="line")
    parser.add_argument("--fault", action="append", default=[], help="`lose-answer=0.1`")
    told = parser.parse_args()
    named = dict(each.split("=") for each in told.fault)
    line = Line(
        told.port,
        rate_bits=told.rate_bits,
        delay_ms=told.delay_ms,
        loss=told.loss,
        seed=told.seed.encode(),
        faults={Fault(name): float(share) for name, share in named.items()},
    )

    async def serve() -> None:
        async with line:
            print(line.port, flush=True)
            await asyncio.Event().wait()

    with suppress(KeyboardInterrupt):
        asyncio.run(serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
