"""The line fails as it says: each fault, seen from the target and from the client."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from bench.line import Fault, Line, running

from comity.adapters.http import Client
from comity.core.errors import UnreachableError

pytestmark = pytest.mark.enable_socket

BODY = b"x" * 5_000
REQUEST = b"POST /inbox HTTP/1.1\r\ncontent-length: 5000\r\n\r\n" + BODY


class Target:
    """Answers each whole request with its number, and remembers what arrived."""

    def __init__(self) -> None:
        self.whole: list[bytes] = []
        self.partial: list[int] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.whole.append(head + await reader.readexactly(len(BODY)))
                answer = b"%d" % len(self.whole)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + answer)
                await writer.drain()
        except asyncio.IncompleteReadError as error:
            self.partial.append(len(error.partial))
        except ConnectionError:
            pass
        finally:
            writer.close()


def through(
    line: Callable[[int], Line], act: Callable[[Line, Target], Awaitable[None]]
) -> Target:
    """Serve a target behind a line, and act on it."""
    target = Target()

    async def play() -> None:
        server = await asyncio.start_server(target.serve, "127.0.0.1", 0)
        async with server, line(server.sockets[0].getsockname()[1]) as between:
            await asyncio.wait_for(act(between, target), 60)

    asyncio.run(play())
    return target


async def asked(line: Line, data: bytes = REQUEST) -> bytes:
    """Send one request on a connection of its own; return all that came back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    try:
        writer.write(data)
        return await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(1)
    except asyncio.IncompleteReadError as error:
        return error.partial
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


def test_a_line_passes_requests_and_answers_whole() -> None:
    async def act(line: Line, _: Target) -> None:
        assert (await asked(line)).endswith(b"1")
        assert (await asked(line)).endswith(b"2")
        assert line.there.bytes > 2 * len(REQUEST)

    assert through(Line, act).whole == [REQUEST, REQUEST]


@pytest.mark.parametrize(
    ("fault", "answer", "arrived"),
    [
        (Fault.RESET, b"reset", 0),
        (Fault.LOSE_ANSWER, b"reset", 1),
        (Fault.TRUNCATE, b"reset", 0),
        (Fault.DUPLICATE, b"2", 2),
    ],
)
def test_a_planned_fault_meets_the_next_request(
    fault: Fault, answer: bytes, arrived: int
) -> None:
    async def act(line: Line, target: Target) -> None:
        line.plan(fault)
        assert (await asked(line)).endswith(answer)
        assert len(target.whole) == arrived
        assert (await asked(line)).endswith(b"%d" % (arrived + 1))
        assert line.seen == {fault: 1, Fault.NONE: 1}

    through(Line, act)


def test_half_a_request_arrives_and_half_an_answer_comes_back() -> None:
    async def act(line: Line, target: Target) -> None:
        line.plan(Fault.TRUNCATE, Fault.TRUNCATE_ANSWER)
        await asked(line)
        assert b"200" not in await asked(line) or len(target.whole) == 1

    target = through(Line, act)
    assert len(target.whole) == 1
    assert any(0 < size < len(REQUEST) for size in target.partial)


def test_a_half_open_connection_answers_nothing_until_it_is_cut() -> None:
    async def act(line: Line, target: Target) -> None:
        line.plan(Fault.HALF_OPEN)
        waiting = asyncio.create_task(asked(line))
        while not line.seen:  # noqa: ASYNC110 - a line tells nobody what it swallows
            await asyncio.sleep(0)
        assert not target.whole
        line.cut()
        assert await waiting == b"reset"
        assert await asked(line) == b"reset"
        line.mend()
        assert (await asked(line)).endswith(b"1")

    through(Line, act)


def test_what_is_lost_is_sent_again_and_counted() -> None:
    def weak(port: int) -> Line:
        return Line(port, rate_bits=10_000_000, delay_ms=1, loss=0.2, seed=b"weak")

    async def act(line: Line, _: Target) -> None:
        began = asyncio.get_running_loop().time()
        assert (await asked(line)).endswith(b"1")
        lost = line.there.lost + line.back.lost
        assert lost >= 1
        assert asyncio.get_running_loop().time() - began >= 1.0  # a retransmission waits

    through(weak, act)


def test_a_slow_line_takes_as_long_as_its_bits() -> None:
    async def act(line: Line, _: Target) -> None:
        began = asyncio.get_running_loop().time()
        assert (await asked(line)).endswith(b"1")
        least = len(REQUEST) * 8 / 200_000
        assert asyncio.get_running_loop().time() - began >= least

    through(lambda port: Line(port, rate_bits=200_000), act)


def test_a_share_of_requests_meets_a_fault_by_its_seed() -> None:
    def drawn(seed: bytes) -> list[Fault]:
        line = Line(1, seed=seed, faults={Fault.RESET: 0.1, Fault.DUPLICATE: 0.2})
        return [line.draw() for _ in range(1_000)]

    assert drawn(b"a") == drawn(b"a") != drawn(b"b")
    assert 60 <= drawn(b"a").count(Fault.RESET) <= 140
    assert 150 <= drawn(b"a").count(Fault.DUPLICATE) <= 250


def test_a_line_in_a_thread_fails_a_client_that_waits() -> None:
    with running(Line(1, faults={Fault.RESET: 1.0})) as line:
        url = f"http://127.0.0.1:{line.port}/x"
        with pytest.raises(UnreachableError, match="does not answer"):
            Client().get(url, limit=10)


def test_nonsense_is_not_a_line() -> None:
    with pytest.raises(ValueError, match="loss"):
        Line(1, loss=1.0)
