"""A failpoint ends the node at its place and count, and nowhere else."""

import asyncio
from collections.abc import MutableMapping

import pytest
from starlette.types import ASGIApp
from tests.scenarios.stage import A, N, a_world, outbox, question, send

from comity.adapters.memory import MemoryStore
from comity.core.errors import ConfigurationError
from comity.core.store import Transaction
from comity.exchange.consignment import Consignment
from comity.node.failpoints import Failpoints, armed, read_failpoints, unit_name


class EndError(Exception):
    """Stands for the end of the process."""


def end() -> None:
    raise EndError


def points(**places: int) -> Failpoints:
    return Failpoints(places, end=end)


def append(tx: Transaction) -> int:
    return tx.append(b"entry")


@pytest.mark.parametrize("text", ["here", "here:", ":3", "here:0", "here:x", "a:1,b"])
def test_what_is_no_place_and_count_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="COMITY_CRASH_AT"):
        read_failpoints(text)


def test_several_places_may_be_armed() -> None:
    found = read_failpoints("in_inbound.file:17,after_receipt:3")
    assert found.armed == {"in_inbound.file": 17, "after_receipt": 3}


def test_nothing_is_wrapped_where_nothing_is_armed() -> None:
    store, world = MemoryStore(), a_world()
    assert armed().store(store) is store
    assert armed().carrier(world) is world


def test_a_unit_is_named_by_the_function_that_hands_it_over() -> None:
    names: list[str] = []
    world = a_world()
    here = world.residents[N]
    commit = here.store.commit

    def unit(tx: Transaction) -> None:
        names.append(unit_name(unit))
        del tx

    commit(unit).result()
    assert names == ["test_failpoints.test_a_unit_is_named_by_the_function_that_hands_it_over"]


@pytest.mark.parametrize("moment", ["before", "in"])
def test_a_unit_fails_before_or_in_its_commit(moment: str) -> None:
    inner = MemoryStore()
    failing = points(**{f"{moment}_test_failpoints.append": 2}).store(inner)
    assert failing.commit(append).result() == 0
    with pytest.raises(EndError):
        failing.commit(append).result()
    assert failing.read(lambda r: r.size()) == 1


def test_a_unit_fails_once_it_is_durable_and_before_its_caller_is_told() -> None:
    inner, ends = MemoryStore(), list[int]()
    places = {"after_test_failpoints.append": 2}
    failing = Failpoints(places, end=lambda: ends.append(inner.read(lambda r: r.size())))
    commits = [failing.store(inner).commit(append) for _ in range(3)]
    assert [done.result() for done in commits] == [0, 1, 2]
    assert ends == [2]


def test_what_a_unit_raises_is_its_callers() -> None:
    def broken(tx: Transaction) -> None:
        raise ZeroDivisionError(tx.size())

    with pytest.raises(ZeroDivisionError):
        points(nowhere=1).store(MemoryStore()).commit(broken).result()


def test_a_batch_fails_before_or_after_it_is_carried() -> None:
    world = a_world()
    send(world.residents[N], question())
    (item,) = world.due(world.residents[N], A)
    entry = world.directory.node(A)
    failing = points(before_deliver=1).carrier(world)
    with pytest.raises(EndError):
        failing.carry(entry, Consignment(items=()))
    assert failing.prekey(entry)
    assert outbox(world.residents[N], item.mid.hex()).state == "queued"
    with pytest.raises(EndError):
        points(after_deliver=1).carrier(world).carry(entry, Consignment(items=()))


def test_an_answer_fails_before_or_after_it_left() -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        del scope, receive
        assert callable(send)
        await send({"type": "http.response.start"})
        await send({"type": "http.response.body"})

    sent: list[str] = []

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(str(message["type"]))

    async def receive() -> MutableMapping[str, object]:
        return {}

    inbox, other = ({"type": "http", "path": path} for path in ("/x/v1/inbox", "/readyz"))
    for place, left in (("before_receipt", 0), ("after_receipt", 2)):
        sent.clear()
        served = points(**{place: 1}).app(app)

        async def serve(scope: dict[str, str], served: ASGIApp = served) -> None:
            await served(scope, receive, send)

        with pytest.raises(EndError):
            asyncio.run(serve(inbox))
        assert len(sent) == left
        asyncio.run(serve(other))
