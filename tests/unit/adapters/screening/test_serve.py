"""The serving side, without a process: one pipe in, one pipe out."""

import os
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest
from tests.unit.adapters.screening.ground import PURPOSE, person, query
from typing_extensions import override

from comity.adapters.screening import MemoryCabinet
from comity.adapters.screening.frames import (
    FRAME,
    Answers,
    Asked,
    Behind,
    Done,
    Failed,
    Merge,
    Open,
    Reply,
    Request,
    Said,
    Search,
    Take,
    read_reply,
    read_request,
    write_frame,
)
from comity.adapters.screening.gate import Gate
from comity.adapters.screening.serve import WORKERS, Server
from comity.core.errors import LimitError, StorageError
from comity.record import Stand
from comity.screening import Found, Query, Shelf

LATE = 10.0


class Slow(MemoryCabinet):
    """Holds up batches until it is let go, fails on one name, and breaks on another."""

    def __init__(self) -> None:
        super().__init__(lambda _audience: Shelf())
        self.go, self.held_up = threading.Semaphore(0), threading.Semaphore(0)

    @override
    def search(
        self,
        queries: Sequence[Query],
        /,
        *,
        purpose: str,
        limit: int,
        least: int,
        is_batch: bool,
    ) -> tuple[Found, ...]:
        if is_batch:
            self.held_up.release()
            self.go.acquire(timeout=LATE)
        if queries[0].names == ("Zebulon Quartermain",):
            raise RuntimeError(queries[0].names[0])
        if queries[0].names == ("Disk Fault",):
            raise StorageError("the disk is full")
        return super().search(
            queries, purpose=purpose, limit=limit, least=least, is_batch=is_batch
        )


class Node:
    """The other side of the pipes."""

    def __init__(
        self, sink: BinaryIO, source: BinaryIO, server: Server, thread: threading.Thread
    ) -> None:
        self.sink, self.source, self.server, self.thread = sink, source, server, thread

    def send(self, number: int, asked: Asked) -> None:
        write_frame(self.sink, Request(number=number, asked=asked))

    def hear(self) -> Reply:
        reply = read_reply(self.source)
        assert reply is not None
        return reply

    def ask(self, asked: Asked) -> Said:
        self.send(1, asked)
        return self.hear().said


@contextmanager
def served(cabinet: MemoryCabinet) -> Generator[Node]:
    there, here = os.pipe(), os.pipe()
    with (
        os.fdopen(there[0], "rb", buffering=0) as asked,
        os.fdopen(here[1], "wb") as said,
        os.fdopen(here[0], "rb") as source,
    ):
        server = Server(asked, said, lambda _folder: cabinet)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            with os.fdopen(there[1], "wb") as sink:
                node = Node(sink, source, server, thread)
                node.ask(Open(folder=str(Path("none")), idle=LATE * 10))
                yield node
        finally:
            thread.join(LATE)
        assert not thread.is_alive()


def search(name: str, *, least: int = 0, is_batch: bool = False) -> Search:
    return Search(
        queries=(query(name),), purpose=PURPOSE, limit=5, least=least, is_batch=is_batch
    )


@pytest.fixture
def cabinet() -> Slow:
    return Slow()


def test_what_is_taken_in_is_found_and_stands_where_it_says(cabinet: Slow) -> None:
    with served(cabinet) as node:
        stand = Stand(number=1, size=4, entry="ab")
        said = node.ask(Take(held=(person("p-1", "Anna Example"),), stand=stand))
        assert said == Done(stand=stand)
        assert node.ask(Merge(at=7)) == Done(stand=stand)
        answer = node.ask(search("Anna Example"))
        assert isinstance(answer, Answers)
        (candidate,) = answer.found[0].candidates
        assert (candidate.entity_id, candidate.evidence) == ("p-1", ())
        assert node.ask(search("Anna Example", least=2)) == Behind()


def test_a_fault_says_its_sort_and_never_what_was_asked(cabinet: Slow) -> None:
    with served(cabinet) as node:
        broken = node.ask(search("Zebulon Quartermain"))
        assert broken == Failed(code="screening", words="screening failed (RuntimeError)")
        full = node.ask(search("Disk Fault"))
        assert full == Failed(code="storage.failed", words="the disk is full")


def test_one_question_overtakes_the_batches_that_wait(cabinet: Slow) -> None:
    with served(cabinet) as node:
        for number in range(2, 8):
            node.send(number, search("Anna Example", is_batch=True))
        for _ in range(WORKERS):
            assert cabinet.held_up.acquire(timeout=LATE)
        node.send(99, search("Anna Example"))
        # Every worker is at a slice; what was sent last has been read once all the rest waits.
        while node.server._waiting.qsize() < 7 - WORKERS:
            time.sleep(0.001)
        # Each worker ends its slice and takes the next; none of these ends before the question.
        cabinet.go.release(WORKERS)
        first = {node.hear().number for _ in range(WORKERS + 1)}
        cabinet.go.release(6 - WORKERS)
        rest = {node.hear().number for _ in range(6 - WORKERS)}
    assert 99 in first
    assert first | rest == {*range(2, 8), 99}


def test_a_silence_ends_it_once_there_is_nothing_left_to_do(cabinet: Slow) -> None:
    with served(cabinet) as node:
        assert isinstance(node.ask(Open(folder="none", idle=0.01)), Done)
        # It ends by itself, while the other side is still there.
        node.thread.join(LATE)
        assert not node.thread.is_alive()


def test_a_frame_that_is_too_large_or_broken_off_is_none(tmp_path: Path) -> None:
    place = tmp_path / "frames"
    many = (query("x" * 999),) * (FRAME // 900)
    asked = Search(queries=many, purpose="", limit=1, least=0, is_batch=True)
    with place.open("wb") as sink, pytest.raises(LimitError):
        write_frame(sink, Request(number=1, asked=asked))
    for data in (b"", b"\0\0", b"\0\0\0\5abc", b"\xff\xff\xff\xff" + b"a" * 64):
        place.write_bytes(data)
        with place.open("rb") as source:
            assert read_request(source) is None


def test_whoever_changes_is_alone_and_goes_before_later_lookers() -> None:
    gate, order = Gate(), list[str]()
    started, looked = threading.Event(), threading.Event()

    def change() -> None:
        started.set()
        with gate.changing():
            order.append("changed")

    def look() -> None:
        with gate.looking():
            order.append("looked")
        looked.set()

    with gate.looking():
        changer = threading.Thread(target=change)
        changer.start()
        assert started.wait(LATE)
        while not gate._waiting:
            time.sleep(0.001)
        threading.Thread(target=look).start()
        assert order == []
    changer.join(LATE)
    assert looked.wait(LATE)
    assert order == ["changed", "looked"]
