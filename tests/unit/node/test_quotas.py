"""A flooding partner uses up its own share and the common pot, never another's share."""

from dataclasses import replace

from tests.scenarios.stage import A, Forged, N, a_world, code, inbox, leaves, said, take

from comity.adapters.memory import FixedClock
from comity.adapters.world import START
from comity.core.clock import SECOND, Instant
from comity.core.ids import NodeId
from comity.exchange import Consigned, inbound
from comity.node.quotas import EVERY, Quotas, TurnedAway
from comity.seal import Rejection

FLOOD, QUIET = NodeId("xc.police.n1"), NodeId("xn.police.n1")
SMALL = 1_000


def quotas(clock: FixedClock) -> Quotas:
    return Quotas(clock=clock, share=2, common=10)


def test_a_flood_leaves_every_other_partner_its_share() -> None:
    shares = quotas(FixedClock(START))
    taken = sum(shares.allow(FLOOD, SMALL) == 0 for _ in range(1_000))
    assert taken == 2 * 20 + 10 * 10
    assert sum(shares.allow(QUIET, SMALL) == 0 for _ in range(1_000)) == 2 * 20


def test_what_was_used_comes_back_with_time_and_no_more_than_was_there() -> None:
    clock = FixedClock(START)
    shares = quotas(clock)
    while not shares.allow(FLOOD, SMALL):
        pass
    clock.advance(SECOND)
    assert sum(shares.allow(FLOOD, SMALL) == 0 for _ in range(100)) == 2 + 10
    clock.advance(3_600 * SECOND)
    assert sum(shares.allow(FLOOD, SMALL) == 0 for _ in range(1_000)) == 2 * 20 + 10 * 10


def test_large_messages_count_for_more_and_the_largest_still_passes() -> None:
    shares = quotas(FixedClock(START))
    assert shares.allow(FLOOD, 2 * 1024 * 1024) == 0
    assert sum(shares.allow(FLOOD, SMALL) == 0 for _ in range(1_000)) == 2 * 20 + 10 * 10 - 33


def test_the_wait_told_is_when_its_own_share_is_back() -> None:
    clock = FixedClock(START)
    shares = quotas(clock)
    while not (wait := shares.allow(FLOOD, SMALL)):
        pass
    assert wait == 1
    assert 1 < shares.allow(FLOOD, 64 * 1024 * 10) <= 60
    clock.advance(wait * SECOND)
    assert shares.allow(FLOOD, SMALL) == 0


def test_a_clock_set_back_gives_nothing() -> None:
    clock = FixedClock(START)
    shares = quotas(clock)
    while not shares.allow(FLOOD, SMALL):
        pass
    clock.advance(-3_600 * SECOND)
    assert shares.allow(FLOOD, SMALL) > 0


def test_who_brings_too_much_is_told_to_wait_and_nothing_is_written() -> None:
    world = a_world()
    there, asked = world.residents[A], list[tuple[NodeId, int]]()

    def allow(node: NodeId, size: int) -> int:
        asked.append((node, size))
        return 7

    away = TurnedAway(there.station)
    station = replace(there.station, allow=allow, turned_away=away.count)
    data = Forged().seal(world)
    answer = said(inbound.take(Consigned(envelope=data), station).result())
    assert isinstance(answer, Rejection)
    assert (answer.code, answer.retry_after) == ("quota", 7)
    assert asked == [(N, len(data))]
    assert (inbox(there), leaves(there)) == ([], [])
    assert code(take(there, data)) == "filed"


def test_a_strangers_bytes_use_up_nobodys_share() -> None:
    world = a_world()
    asked: list[NodeId] = []

    def allow(node: NodeId, _size: int) -> int:
        asked.append(node)
        return 0

    station = replace(world.residents[A].station, allow=allow)
    broken = bytearray(Forged().seal(world))
    broken[-1] ^= 1
    answer = inbound.take(Consigned(envelope=bytes(broken)), station).result()
    assert code(answer) == "bad-signature"
    assert asked == []


def test_what_was_turned_away_is_one_leaf_for_all_of_an_interval() -> None:
    world = a_world()
    there = world.residents[A]
    away = TurnedAway(there.station)
    station = replace(there.station, turned_away=away.count)
    for n in range(50):
        inbound.take(Consigned(envelope=b"\xd2%c" % n), station).result()
    away.work()
    assert leaves(there) == []
    world.clock.advance(EVERY)
    away.work()
    assert leaves(there) == ["rejected_summary"]
    world.clock.advance(EVERY)
    away.work()
    assert leaves(there) == ["rejected_summary"]
    assert there.clock.now() == Instant(START + 2 * EVERY)
