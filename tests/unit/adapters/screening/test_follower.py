"""The follower: nothing is answered by indexes that stand behind the store."""

import threading
from collections.abc import Sequence

import pytest
from tests.unit.adapters.screening.ground import PURPOSE, ListSource, Page, person, query
from typing_extensions import override

from comity.adapters.screening import BehindError, Follower, MemoryCabinet
from comity.adapters.screening.follower import MANY, SLICE
from comity.core.errors import StorageError, UnreachableError
from comity.screening import Found, Held, Query, Shelf


class Kept(MemoryCabinet):
    """A cabinet that can be closed, fail, and say how it was asked."""

    def __init__(self) -> None:
        super().__init__(lambda _audience: Shelf())
        self.is_shut = False
        self.behind = 0
        self.slices: list[int] = []

    @property
    @override
    def is_open(self) -> bool:
        return not self.is_shut

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
        if self.behind:
            self.behind -= 1
            raise BehindError("ended")
        self.slices.append(len(queries))
        return super().search(
            queries, purpose=purpose, limit=limit, least=least, is_batch=is_batch
        )


def found(follower: Follower, name: str) -> list[str]:
    answer = follower.search(query(name), purpose=PURPOSE, limit=5)
    return [each.entity_id for each in answer.candidates]


@pytest.fixture
def source() -> ListSource:
    made = ListSource()
    made.hold(person("p-1", "Anna Example"), person("p-2", "Boris Muster"))
    return made


def test_what_changed_is_taken_in_before_the_next_answer(source: ListSource) -> None:
    follower = Follower(Kept(), source)
    assert found(follower, "Anna Example") == ["p-1"]
    source.hold(person("p-1"), person("p-3", "Carla Beispiel"))
    assert found(follower, "Anna Example") == []
    assert found(follower, "Carla Beispiel") == ["p-3"]
    read = source.read
    found(follower, "Carla Beispiel")
    assert source.read == read


def test_indexes_of_another_store_are_emptied_and_read_anew(source: ListSource) -> None:
    cabinet = Kept()
    found(Follower(cabinet, source), "Anna Example")
    other = ListSource(name="other", changes=[person("p-7", "Dora Sample"), person("p-8")])
    follower = Follower(cabinet, other)
    assert found(follower, "Anna Example") == []
    assert found(follower, "Dora Sample") == ["p-7"]


def test_a_store_put_back_to_an_earlier_day_is_read_anew(source: ListSource) -> None:
    cabinet = Kept()
    found(Follower(cabinet, source), "Anna Example")
    source.changes.pop()
    assert found(Follower(cabinet, source), "Boris Muster") == []


def test_what_ends_while_it_is_asked_is_asked_again_and_not_for_ever(
    source: ListSource,
) -> None:
    cabinet = Kept()
    follower = Follower(cabinet, source)
    cabinet.behind = 2
    assert found(follower, "Anna Example") == ["p-1"]
    cabinet.behind = 3
    with pytest.raises(UnreachableError, match="again and again"):
        found(follower, "Anna Example")


def test_an_act_neither_opens_screening_nor_fails_with_it(source: ListSource) -> None:
    cabinet = Kept()
    follower = Follower(cabinet, source)
    cabinet.is_shut = True
    follower.renew()
    assert source.read == 0
    cabinet.is_shut = False
    source.fails = True
    follower.renew()
    with pytest.raises(StorageError):
        found(follower, "Anna Example")


def test_a_batch_is_asked_in_slices(source: ListSource) -> None:
    cabinet = Kept()
    asked = [query("Anna Example")] * (2 * SLICE + 1)
    answers = Follower(cabinet, source).search_many(asked, purpose=PURPOSE, limit=5)
    assert [len(each.candidates) for each in answers] == [1] * len(asked)
    assert cabinet.slices == [SLICE, SLICE, 1]


def test_a_search_says_how_far_reading_is_where_it_takes_long() -> None:
    source = SlowSource([person(f"p-{n}") for n in range(MANY)], page=MANY)
    source.hold(person("p-1", "Anna Example"))
    follower = Follower(Kept(), source, wait=0.05)
    with pytest.raises(UnreachableError, match="0 % so far"):
        found(follower, "Anna Example")
    assert follower.progress == 0
    follower.renew()
    source.go.set()
    assert follower._reading is not None
    follower._reading.join()
    assert found(follower, "Anna Example") == ["p-1"]
    assert follower.progress is None


def test_nothing_is_read_on_once_it_is_closed() -> None:
    source = SlowSource([person("p-1", "Anna Example")])
    cabinet = Kept()
    cabinet.is_shut = True
    follower = Follower(cabinet, source, wait=0.05)
    with pytest.raises(UnreachableError, match="so far"):
        found(follower, "Anna Example")
    follower.close()
    source.go.set()
    assert follower._reading is not None
    follower._reading.join()
    assert len(cabinet) == 0
    with pytest.raises(UnreachableError, match="closed with its node"):
        found(follower, "Anna Example")


class SlowSource(ListSource):
    """A store of which nothing is read before it is let go."""

    def __init__(self, changes: list[Held], *, page: int = 2) -> None:
        super().__init__(changes=changes, page=page)
        self.go = threading.Event()

    @override
    def after(self, number: int, /) -> Page:
        self.go.wait(10)
        return super().after(number)
