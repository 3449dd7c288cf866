"""The guards of the inbound road that a story does not reach."""

from collections.abc import Callable
from concurrent.futures import Future

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    NORLAND,
    A,
    Forged,
    N,
    a_world,
    code,
    inbox,
    leaves,
    take,
)
from typing_extensions import override

from comity.adapters.memory import MemoryStore
from comity.adapters.world import World, make_world
from comity.core.clock import new_message_id
from comity.core.errors import ConflictError, StateError
from comity.core.store import T, Transaction
from comity.exchange import Admitted, Consigned, Opened, Received, Verified, inbound
from comity.law import shipped_corpus
from comity.node.bootstrap import shipped_practices
from comity.seal import Message, cose, read_envelope, seal


@pytest.fixture
def world() -> World:
    return a_world()


def admitted(world: World, forged: Forged) -> Admitted:
    station = world.residents[A].station
    received = inbound.receive(Consigned(envelope=forged.seal(world)), station)
    assert isinstance(received, Received)
    verified = inbound.verify(received, station)
    assert isinstance(verified, Verified)
    opened = inbound.open_(verified, station)
    assert isinstance(opened, Opened)
    found = inbound.admit(opened, station)
    assert isinstance(found, Admitted)
    return found


def test_filing_twice_gives_the_stored_receipt_and_one_row(world: World) -> None:
    station, found = world.residents[A].station, admitted(world, Forged())
    first = inbound.file(found, station).result()
    second = inbound.file(found, station).result()
    assert inbound.acknowledge(first) == inbound.acknowledge(second)
    assert leaves(world.residents[A]) == ["admitted", "received"]


def test_another_content_under_a_filed_id_raises(world: World) -> None:
    mid = new_message_id(world.clock.now(), world.entropy)
    one = admitted(world, Forged(mid=mid))
    other = admitted(world, Forged(mid=mid, body={"question": "Another"}))
    station = world.residents[A].station
    inbound.file(one, station).result()
    with pytest.raises(ConflictError):
        inbound.file(other, station).result()
    assert len(inbox(world.residents[A])) == 1


def test_a_case_that_moved_between_admit_and_file_rolls_back(world: World) -> None:
    station = world.residents[A].station
    one, other = (admitted(world, Forged(body={"question": text})) for text in "ab")
    inbound.file(one, station).result()
    size = len(leaves(world.residents[A]))
    with pytest.raises(StateError):
        inbound.file(other, station).result()
    assert len(leaves(world.residents[A])) == size


def test_signed_bytes_that_are_no_content_are_unparsable(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    at = world.clock.now()
    message = Message(
        mid=new_message_id(at, world.entropy),
        author=NORLAND,
        from_node=N,
        recipient=there.agency,
        conv=bytes(16),
        created=at,
        exp=type(at)(at + 1_000_000),
        kind="requests.ask/1",
        decision=bytes(32),
        marking=bytes(32),
        items=0,
        body=b"\xa0",
    )
    data = seal(
        message,
        to_node=A,
        prekey=there.prekey.public,
        author_key=here.keys.agency,
        node_key=here.keys.node,
        federation=world.directory.federation,
        entropy=world.entropy,
    )
    assert code(take(there, data)) == "unparsable"
    assert leaves(there) == ["rejected"]


def test_an_unknown_prekey_is_told_apart_from_a_wrong_signature(world: World) -> None:
    data = Forged().seal(world)
    world.rotate(A)
    assert code(take(world.residents[A], data)) == "unknown-prekey"


def test_a_rejection_keeps_no_content(world: World) -> None:
    there = world.residents[A]
    assert code(take(there, Forged(purpose="gossip").seal(world))) == "not-admitted"
    assert inbox(there) == []


class WornStore(MemoryStore):
    """A store at which somebody may be first, and whose disk fails after so many units."""

    def __init__(self) -> None:
        super().__init__()
        self.left: int | None = None
        self.first: list[Callable[[], object]] = []

    @override
    def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]":
        if self.first:
            self.first.pop()()
        if self.left == 0:
            failed: Future[T] = Future()
            failed.set_exception(OSError("no space left on device"))
            return failed
        self.left = None if self.left is None else self.left - 1
        return super().commit(unit)


def test_a_sealed_part_changed_by_the_sending_node_itself_is_a_wrong_signature(
    world: World,
) -> None:
    there, signed = world.residents[A], read_envelope(Forged().seal(world)).signed
    header = {label: signed.header[label] for label in (cose.CRIT, cose.ROUTE)}
    payload = signed.payload[:-1] + bytes([signed.payload[-1] ^ 1])
    bound = cose.binding(world.directory.federation, "outer")
    data = cose.sign1(header, payload, key=world.residents[N].keys.node, bound=bound)
    assert code(take(there, data)) == "bad-signature"
    assert inbox(there) == []


@pytest.mark.parametrize("is_overtaken", [False, True])
def test_a_disk_that_fails_gives_no_answer_at_all(*, is_overtaken: bool) -> None:
    """Neither a receipt nor a rejection: the sender tries again."""
    world = make_world(
        (NORLAND, ARCADIA),
        practices=shipped_practices(),
        corpus=shipped_corpus(),
        stores=lambda _node: WornStore(),
    )
    there = world.residents[A]
    store, station = there.store, there.station
    assert isinstance(store, WornStore)
    mid = new_message_id(world.clock.now(), world.entropy)
    one = admitted(world, Forged(mid=mid))
    other = Forged(mid=mid, body={"question": "Another"}).seal(world)
    store.left = 0
    if is_overtaken:
        # The other is filed between *admit* and *file*; then the rejection finds no disk.
        store.first, store.left = [lambda: inbound.file(one, station).result()], 2
    with pytest.raises(OSError, match="no space"):
        take(there, other)
    assert len(inbox(there)) == int(is_overtaken)
    assert "rejected" not in leaves(there)
