"""Engines for bulk work: a pool of processes on this machine, or Ray on several.

Both run the same function over the same shards and give the same results in the same order.

INVARIANT: workers are fresh interpreters (`spawn`): nothing of this process, no key and no open
store, is in their memory but the shards they are given. They import what their work needs, not
the program that started them.
"""

import logging
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from itertools import chain, islice
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Protocol, TypeVar, cast

from typing_extensions import override

from comity.core.errors import InvalidInputError, UnreachableError
from comity.screening.batch import Executor

S = TypeVar("S")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
_RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
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


class _Awaited(Protocol[R_co]):
    """What Ray gives in place of a result."""


class _Remote(Protocol):
    def remote(self, fn: "Callable[[S], R]", shard: S, /) -> "_Awaited[R]": ...


class _Task(Protocol):
    def __call__(self, fn: Callable[[S], R], shard: S) -> R: ...


class _Ray(Protocol):
    def init(self, **options: object) -> object: ...

    def is_initialized(self) -> bool: ...

    def shutdown(self) -> None: ...

    def remote(self, *, num_cpus: int) -> "Callable[[_Task], _Remote]": ...

    def get(self, awaited: "_Awaited[R]", /) -> R: ...


class _RayError(Protocol):
    @property
    def cause(self) -> Exception: ...


class RayEngine:
    """Runs shards on Ray: on the cluster that `RAY_ADDRESS` names, or on this machine alone."""

    def __init__(self, workers: int = 0) -> None:
        """Use at most `workers` at once; 0 means one for each core of this machine.

        Raises `UnreachableError` where Ray is not installed.
        """
        self._workers = workers or cores()
        # INVARIANT: Ray tells nobody that it is used; its workers are this very environment.
        os.environ.update(_RAY)  # noqa: TID251 - Ray reads them as it is imported, and only so
        try:
            self._ray = cast("_Ray", import_module("ray"))
        except ImportError:
            raise UnreachableError(
                "Ray is not installed: install `comity[ray]`, or use `--engine pool`"
            ) from None

    def map_shards(self, fn: Callable[[S], R], shards: Iterable[S], /) -> Iterator[R]:
        """Yield `fn(shard)` for every shard, in order.

        Raises `UnreachableError` where a worker died, and whatever `fn` raises.
        """
        ray = self._ray
        is_ours = not ray.is_initialized()
        if is_ours:
            self._start()
        waiting = deque["_Awaited[R]"]()
        task = ray.remote(num_cpus=1)(_done)
        try:
            for shard in shards:
                waiting.append(task.remote(fn, shard))
                if len(waiting) >= AHEAD * self._workers:
                    yield self._got(waiting.popleft())
            while waiting:
                yield self._got(waiting.popleft())
        finally:
            if is_ours:
                ray.shutdown()

    def _got(self, awaited: "_Awaited[R]") -> R:
        errors = import_module("ray.exceptions")
        failed = cast("type[Exception]", errors.RayTaskError)
        try:
            return self._ray.get(awaited)
        except failed as error:
            # Ray's own error tells the whole trace of the worker; what was meant is its cause.
            raise cast("_RayError", error).cause from None
        except cast("type[Exception]", errors.RayError) as error:
            raise UnreachableError(
                f"a Ray worker cannot go on ({type(error).__name__})"
            ) from None

    def _start(self) -> None:
        is_cluster = bool(os.environ.get("RAY_ADDRESS"))  # noqa: TID251 - Ray's own variable
        here: dict[str, object] = {"num_cpus": self._workers, "num_gpus": 0}
        self._ray.init(
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({} if is_cluster else {**here, "_node_ip_address": "127.0.0.1"}),
        )


def _done(fn: Callable[[S], R], shard: S) -> R:
    """Do one shard, on a worker."""
    return fn(shard)


def engine(name: str, *, workers: int = 0) -> Executor:
    """Return an engine by its name: `pool` or `ray`; raises `InvalidInputError`."""
    match name:
        case "pool":
            return ProcessPool(workers)
        case "ray":
            return RayEngine(workers)
        case _:
            raise InvalidInputError(f"unknown engine `{name[:20]}`, expected pool or ray")


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
