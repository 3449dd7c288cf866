"""The screening process: `python -m comity.adapters.screening.serve`, started by a node.

It reads requests from its standard input and replies on its standard output, holds the indexes,
and ends when the node does or after a silence. Only here numpy and numba are imported. What it
is asked stays in its memory; it writes nothing anywhere but in the folder of the indexes, and
where it fails it says by which code, and no more.
"""

import itertools
import os
import queue
import resource
import select
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol

from comity.adapters.screening.cabinet import BehindError, Cabinet
from comity.adapters.screening.folder import FolderCabinet
from comity.adapters.screening.frames import (
    Answers,
    Asked,
    Behind,
    Clear,
    Done,
    Failed,
    Merge,
    Open,
    Reply,
    Request,
    Said,
    Search,
    Take,
    read_request,
    write_frame,
)
from comity.adapters.screening.gate import Gate
from comity.adapters.segments import SegmentFolder
from comity.core.errors import ComityError, StateError
from comity.core.ids import EntityId
from comity.record import Stand
from comity.screening import Found, Profile, Query, Shelf
from comity.screening.index.build import build_segment
from comity.screening.index.segment import Segment

WORKERS = 2
_QUIET = 0o077


class Served(Cabinet, Protocol):
    """A cabinet that makes use of silence."""

    def settle(self) -> bool:
        """Do what makes the next opening quick; return whether there was something to do."""
        ...


OpenCabinet = Callable[[Path], Served]


class Server:
    """Answers one node until it is gone, or silent for too long."""

    def __init__(self, source: BinaryIO, sink: BinaryIO, open_cabinet: OpenCabinet) -> None:
        """Read from `source`, unbuffered, and write to `sink`."""
        self._source, self._sink = source, sink
        self._open_cabinet = open_cabinet
        self._cabinet: Served | None = None
        self._idle: float | None = None
        self._gate = Gate()
        self._writing = threading.Lock()
        self._order = itertools.count()
        self._waiting: queue.PriorityQueue[tuple[int, int, Request]] = queue.PriorityQueue()

    def run(self) -> None:
        """Serve until the other side is gone or nothing was asked for too long."""
        for _ in range(WORKERS):
            threading.Thread(target=self._work, daemon=True).start()
        while self._hears() and (request := read_request(self._source)) is not None:
            if isinstance(request.asked, Open):
                self._idle = request.asked.idle
            self._waiting.put((_rank(request.asked), next(self._order), request))

    def _hears(self) -> bool:
        """Wait for the next request; say no once the silence is too long.

        Nothing is closed at the end: what was taken in is durable, and the node may be gone.
        """
        while True:
            ready, _, _ = select.select([self._source], [], [], self._idle)
            if ready:
                return True
            is_busy = self._waiting.unfinished_tasks > 0
            if not is_busy and (self._cabinet is None or not self._cabinet.settle()):
                return False

    def _work(self) -> None:
        while True:
            _, _, request = self._waiting.get()
            reply = Reply(number=request.number, said=self._said(request.asked))
            try:
                with self._writing:
                    write_frame(self._sink, reply)
            except (OSError, ValueError):
                return  # the node is gone: the reading side ends the process
            finally:
                self._waiting.task_done()

    def _said(self, asked: Asked) -> Said:
        try:
            return self._answered(asked)
        except BehindError:
            return Behind()
        except ComityError as error:
            return Failed(code=error.code, words=str(error))
        except Exception as error:  # noqa: BLE001 - a traceback could repeat what was asked
            return Failed(code="screening", words=f"screening failed ({type(error).__name__})")

    def _answered(self, asked: Asked) -> Said:
        if isinstance(asked, Search):
            with self._gate.looking():
                return Answers(found=_searched(self._ready(), asked))
        if isinstance(asked, Merge):
            # Searches and changes go on meanwhile; what is written anew takes its place last.
            self._ready().merge(asked.at)
            return Done(stand=self._ready().open().stand)
        with self._gate.changing():
            return Done(stand=self._changed(asked))

    def _changed(self, asked: Open | Take | Clear) -> Stand:
        match asked:
            case Open(folder=folder):
                self._cabinet = self._open_cabinet(Path(folder))
            case Take(held=held, stand=stand):
                self._ready().take(held, stand)
            case Clear():
                self._ready().clear()
        return self._ready().open().stand

    def _ready(self) -> Served:
        if self._cabinet is None:
            raise StateError("screening was asked before it was opened")
        return self._cabinet


def open_cabinet(folder: Path) -> Served:
    """Open the indexes of a folder, with what is compiled ready before the first question."""
    if next(folder.glob("*/*.segment"), None) is not None:
        warm()
    return FolderCabinet(folder, SegmentFolder, before_merge=warm)


@cache
def warm() -> None:
    """Let what is compiled be compiled, or read from its cache, on names of nobody."""
    held = [
        Profile(
            entity_id=EntityId(f"warm-{number}"),
            dataset="warm",
            schema="Person",
            properties={
                "name": (name,),
                "birthDate": ("1970-01-01",),
                "passportNumber": ("X1",),
            },
        )
        for number, name in enumerate(("Warm Beginning", "Cold Ending Far"))
    ]
    data = b"".join(bytes(chunk) for chunk in build_segment(held).chunks())
    shelf = Shelf(segments=(Segment.from_buffer(memoryview(data)),))
    for each in held:
        shelf.search(Query(schema=each.schema, properties=each.properties))


def main() -> None:
    """Serve the node that started this process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what is held in memory stays there
    os.umask(_QUIET)
    source = os.fdopen(os.dup(0), "rb", buffering=0)
    sink = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    Server(source, sink, open_cabinet).run()
    os._exit(0)  # workers may be at work for nobody


def _searched(cabinet: Cabinet, asked: Search) -> tuple[Found, ...]:
    found = cabinet.search(
        asked.queries,
        purpose=asked.purpose,
        limit=asked.limit,
        least=asked.least,
        is_batch=asked.is_batch,
    )
    return tuple(_bare(each) for each in found)


def _bare(found: Found) -> Found:
    """Leave the evidence out: each is compared again on what its reader may see."""
    bare = tuple(replace(each, evidence=()) for each in found.candidates)
    return replace(found, candidates=bare)


def _rank(asked: Asked) -> int:
    """Say how long a request may wait: a batch waits for every single question."""
    return int(isinstance(asked, Merge) or (isinstance(asked, Search) and asked.is_batch))


if __name__ == "__main__":
    main()
