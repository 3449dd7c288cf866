"""Engines for bulk work: a pool of processes on this machine.

INVARIANT: workers are fresh interpreters (`spawn`): nothing of this process, no key and no open
store, is in their memory but the shards they are given. They import what their work needs, not
the program that started them.
"""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import TypeVar

from typing_extensions import override

from comity.core.errors import UnreachableError

S = TypeVar("S")
R = TypeVar("R")
AHEAD = 2
"""Shards taken ahead, for each worker."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


class ProcessPool:
    """Runs shards on worker processes of this machine; work of one shard stays here."""

    def __init__(self, workers: int = 0) -> None:
        """Use at most `workers` processes; 0 means one for each core."""
        self._workers = workers or cores()

    def map_shards(self, fn: Callable[[S], R], shards: Iterable[S], /) -> Iterator[R]:
        """Yield `fn(shard)` for every shard, in order.

        Raises `UnreachableError` where a worker died, and whatever `fn` raises.
        """
        rest = iter(shards)
        head = list(islice(rest, 2))
        if self._workers == 1 or len(head) < 2:  # noqa: PLR2004 - one alone
            return map(fn, chain(head, rest))
        return self._spread(fn, chain(head, rest))

    def _spread(self, fn: Callable[[S], R], shards: Iterable[S]) -> Generator[R]:
        pool = ProcessPoolExecutor(self._workers, mp_context=_Context(), initializer=_settle)
        waiting = deque[Future[R]]()
        try:
            for shard in shards:
                waiting.append(pool.submit(fn, shard))
                if len(waiting) >= AHEAD * self._workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise UnreachableError(
                "a worker process died (out of memory?): use fewer `--workers`"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class _Worker(SpawnProcess):
    """A fresh interpreter that does not import the program it was started from."""

    @override
    def start(self) -> None:
        program = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            super().start()
        finally:
            sys.modules["__main__"] = program


class _Context(SpawnContext):
    Process = _Worker


def _settle() -> None:
    """Make a worker leave Ctrl-C to its parent, and end when its parent has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent.sentinel,), daemon=True).start()


def _outlive(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
