import os
from collections.abc import Iterator

import pytest

from comity.adapters.engines import AHEAD, ProcessPool
from comity.core.errors import UnreachableError
from comity.screening.pairs import Slice, compare_slice

LINE = b'{"id":%d,"query":{"schema":"Person","properties":{"name":"A"}},"candidate":{}}'


def shards(count: int) -> Iterator[Slice]:
    return (Slice(first=n, lines=(LINE % n,)) for n in range(count))


def die(shard: int) -> int:
    if shard == 3:
        os._exit(9)
    return shard


def test_a_pool_takes_only_a_bounded_number_of_shards_ahead() -> None:
    taken = list[int]()

    def counted() -> Iterator[Slice]:
        for shard in shards(100):
            taken.append(shard.first)
            yield shard

    found = ProcessPool(2).map_shards(compare_slice, counted())
    next(found)
    assert len(taken) <= AHEAD * 2 + 1


def test_one_shard_needs_no_other_process() -> None:
    assert list(ProcessPool(2).map_shards(lambda n: n + os.getpid(), [1])) == [1 + os.getpid()]
    assert list(ProcessPool(1).map_shards(lambda n: n + 1, [1, 2, 3])) == [2, 3, 4]
    assert list(ProcessPool(2).map_shards(lambda n: n + 1, list[int]())) == []


def test_a_worker_that_dies_is_said() -> None:
    with pytest.raises(UnreachableError, match="worker process died"):
        list(ProcessPool(2).map_shards(die, range(8)))
