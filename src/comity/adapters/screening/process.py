"""Screening in a process of its own: opened on first use, ended after a silence, begun anew.

The node stays small and imports neither numpy nor numba; a fault in screening ends screening
and not the node. Nothing personal stands in the arguments or the environment of the process.
"""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedError
from pathlib import Path
from typing import BinaryIO, cast

import comity.screening
from comity.adapters.screening.cabinet import BehindError, Opened
from comity.adapters.screening.frames import (
    Answers,
    Asked,
    Behind,
    Clear,
    Done,
    Failed,
    Merge,
    Open,
    Request,
    Said,
    Search,
    Take,
    read_reply,
    write_frame,
)
from comity.core.errors import ComityError, UnreachableError
from comity.record import Stand
from comity.screening import Found, Held, Query

IDLE = 15 * 60.0
"""Seconds of silence after which the process ends and gives its memory back."""
_OPENING, _CHANGING, _ASKING, _MERGING = 600.0, 120.0, 60.0, 3600.0
COMPILED = "compiled"
"""Folder of compiled code, where it cannot lie beside the program."""
_MODULE = "comity.adapters.screening.serve"


class ScreeningProcess:
    """The indexes of a node's folder, held by a process of their own."""

    def __init__(
        self,
        folder: Path,
        *,
        idle: float = IDLE,
        ended: Callable[[str], None] = lambda _code: None,
    ) -> None:
        """Plan it; nothing starts before `open`. `ended` hears by what code a process ended."""
        self.folder = folder
        self.ended: Callable[[str], None] = ended
        self._idle = idle
        self._link: _Link | None = None
        self._lives = itertools.count(1)
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether a process runs now."""
        return self._link is not None and self._link.is_alive

    @property
    def pid(self) -> int | None:
        """The process, while one runs."""
        link = self._link
        return link.pid if link is not None and link.is_alive else None

    def open(self) -> Opened:
        """Start the process where none runs; raises `UnreachableError`."""
        link = self._started()
        return Opened(life=link.life, stand=link.stand)

    def take(self, held: Sequence[Held], stand: Stand, /) -> None:
        """Let entities be found as they are held now."""
        self._changed(Take(held=tuple(held), stand=stand), wait=_CHANGING)

    def clear(self) -> None:
        """Forget everything."""
        self._changed(Clear(), wait=_CHANGING)

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
        """Answer questions with candidates that carry no evidence.

        Raises `BehindError` where a new process has not followed yet.
        """
        asked = Search(
            queries=tuple(queries),
            purpose=purpose,
            limit=limit,
            least=least,
            is_batch=is_batch,
        )
        said = self._started().ask(asked, wait=_ASKING)
        if isinstance(said, Answers) and len(said.found) == len(queries):
            return said.found
        raise UnreachableError("screening answered something else than it was asked")

    def merge(self, at: int, /) -> None:
        """Write anew whatever still holds what was forgotten."""
        self._changed(Merge(at=at), wait=_MERGING)

    def close(self) -> None:
        """End the process, if one runs."""
        with self._lock:
            if self._link is not None:
                self._link.end()
                self._link = None

    def _started(self) -> "_Link":
        with self._lock:
            if self._link is None or not self._link.is_alive:
                self._link = self._begun()
            return self._link

    def _begun(self) -> "_Link":
        link = _Link(next(self._lives), self.folder, ended=self.ended)
        try:
            link.change(Open(folder=str(self.folder), idle=self._idle), wait=_OPENING)
        except BehindError:
            raise UnreachableError("screening could not be opened: its process ended") from None
        except ComityError:
            link.end()
            raise
        return link

    def _changed(self, asked: Asked, *, wait: float) -> None:
        self._started().change(asked, wait=wait)


class _Link:
    """One life of the process: its pipes, and who waits for which reply."""

    def __init__(self, life: int, folder: Path, *, ended: Callable[[str], None]) -> None:
        self.life = life
        self.stand = Stand()
        self.is_alive = True
        self._ended = ended
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[Said]] = {}
        self._lock = threading.Lock()
        self._is_wanted = True
        self._process = _start(folder)
        self.pid = self._process.pid
        threading.Thread(target=self._read, name="screening", daemon=True).start()

    def change(self, asked: Asked, *, wait: float) -> None:
        """Ask for a change, and note where the indexes stand after it."""
        said = self.ask(asked, wait=wait)
        if not isinstance(said, Done):
            raise UnreachableError("screening answered something else than it was asked")
        self.stand = said.stand

    def ask(self, asked: Asked, *, wait: float) -> Said:
        """Ask and wait; raises `BehindError` where the process ended, else its own error."""
        reply: Future[Said] = Future()
        number = next(self._numbers)
        self._send(Request(number=number, asked=asked), reply)
        try:
            said = reply.result(timeout=wait)
        except WaitedError:
            self.end()
            raise UnreachableError(f"screening gave no answer in {wait:.0f} s") from None
        finally:
            self._waiting.pop(number, None)
        match said:
            case Behind():
                raise BehindError("screening stands behind what is held")
            case Failed():
                raise _error(said)
            case _:
                return said

    def end(self) -> None:
        """End the process now; what it holds is on disk already, or in the store."""
        self._is_wanted = False
        self._process.kill()
        self._process.wait()

    def _send(self, request: Request, reply: "Future[Said]") -> None:
        with self._lock:
            if not self.is_alive:
                raise BehindError("screening ended")
            self._waiting[request.number] = reply
            try:
                write_frame(cast("BinaryIO", self._process.stdin), request)
            except OSError as error:
                raise BehindError("screening ended") from error

    def _read(self) -> None:
        """Hand replies to who waits for them, until the process is gone."""
        stream = cast("BinaryIO", self._process.stdout)
        try:
            while (reply := read_reply(stream)) is not None:
                waiting = self._waiting.get(reply.number)
                if waiting is not None:
                    waiting.set_result(reply.said)
        except (ComityError, OSError, ValueError):
            self._process.kill()
        self._bury()

    def _bury(self) -> None:
        with self._lock:
            self.is_alive = False
            left = list(self._waiting.values())
        code = self._process.wait()
        for waiting in left:
            if not waiting.done():
                waiting.set_exception(BehindError("screening ended"))
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        if self._is_wanted and code:
            self._ended(f"ended.{abs(code)}")


def _start(folder: Path) -> "subprocess.Popen[bytes]":
    paths = [str(Path(each).resolve()) for each in sys.path if each]
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-P", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a crash tells nobody what was asked
            env={
                "PYTHONPATH": os.pathsep.join(paths),
                "LC_ALL": "C.UTF-8",
                "MALLOC_ARENA_MAX": "2",
                **_compiled_in(folder),
            },
            start_new_session=True,  # Ctrl-C is for the node, which ends this one itself
        )
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise UnreachableError(f"screening could not be started: {reason}") from error


def _compiled_in(folder: Path) -> dict[str, str]:
    """Say where compiled code is kept: beside the program, or with the node.

    Nodes that share a program share what is compiled of it; nothing personal is in it.
    """
    beside = Path(comity.screening.__file__).parent / "index"
    if os.access(beside, os.W_OK):
        return {}
    return {"NUMBA_CACHE_DIR": str(folder / COMPILED)}


def _error(said: Failed) -> ComityError:
    """Raise what the process said, as it said it."""
    kinds = {kind.code: kind for kind in ComityError.__subclasses__()}
    return kinds.get(said.code, UnreachableError)(said.words)
