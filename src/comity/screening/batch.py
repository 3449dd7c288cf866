"""Work cut into shards: the same function runs in this process, on a pool, or on Ray."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

S = TypeVar("S")
R = TypeVar("R")


class Executor(Protocol):
    """Runs a function over shards, and gives the results in the order of the shards.

    The function is one that another process can import; it must not depend on which process
    runs it. Only a bounded number of shards is taken ahead of the results that were read.
    """

    def map_shards(self, fn: Callable[[S], R], shards: Iterable[S], /) -> Iterator[R]:
        """Yield `fn(shard)` for every shard, in order; what `fn` raises is raised here."""
        ...


class Here:
    """Runs shards one after the other in this process."""

    def map_shards(self, fn: Callable[[S], R], shards: Iterable[S], /) -> Iterator[R]:
        """Yield `fn(shard)` for every shard, in order."""
        return map(fn, shards)
