"""The queue to a partner: order, back-off of a line, and messages set aside."""

from dataclasses import replace
from functools import partial

import pytest
from tests.scenarios.stage import A, N, a_world, outbox, question, send

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, HOUR, MINUTE, SECOND, Instant
from comity.exchange import OutboxRow, queue


@pytest.fixture
def world() -> World:
    return a_world()


def put(here: Resident, row: OutboxRow) -> None:
    here.store.commit(lambda tx: tx.put(row)).result()


def three(world: World) -> list[OutboxRow]:
    """Queue one urgent and two other messages, the urgent one last."""
    here = world.residents[N]
    asked = [
        question(link="one"),
        question(link="two"),
        question(urgency_ground="danger-to-life"),
    ]
    return [outbox(here, send(here, each).mid) for each in asked]


def order(
    here: Resident, *, at: Instant, limit: int = 9, rank: int | None = None
) -> list[bytes]:
    found = here.store.read(lambda r: queue.waiting(r, A, at=at, limit=limit, rank=rank))
    return [item.mid for item in found]


def fail(here: Resident, times: int, *, at: Instant, spread: float = 1.0) -> queue.LineRow:
    for _ in range(times):
        here.store.commit(lambda tx: queue.failed(tx, A, at=at, spread=spread)).result()
    return here.store.read(lambda r: queue.line_of(r, A))


def lanes(here: Resident, *, at: Instant) -> list[tuple[str, int]]:
    return [*here.store.read(lambda r: queue.due_lanes(r, [A], at=at))]


def test_urgent_goes_first_then_what_is_due_first(world: World) -> None:
    here, at = world.residents[N], world.clock.now()
    one, two, urgent = three(world)
    put(here, replace(two, due=at + HOUR))
    assert order(here, at=at) == [urgent.mid, two.mid, one.mid]
    assert order(here, at=at, limit=1) == [urgent.mid]
    assert order(here, at=at, rank=queue.NORMAL) == [two.mid, one.mid]


def test_an_answer_is_due_when_its_case_is(world: World) -> None:
    at = world.clock.now()
    assert queue.deadline_of(at + HOUR, Instant(at + DAY)) == at + HOUR
    assert queue.deadline_of(at + 30 * DAY, Instant(at + DAY)) == at + DAY
    assert queue.deadline_of(None, Instant(at + DAY)) == at + DAY


def test_what_is_set_aside_stands_before_nobody_and_comes_back(world: World) -> None:
    here, at = world.residents[N], world.clock.now()
    one, two, urgent = three(world)
    put(here, queue.set_aside(urgent, at=at, wait=30 * SECOND, spread=0.0))
    assert order(here, at=at) == [one.mid, two.mid]
    later = Instant(at + 30 * SECOND)
    assert order(here, at=later) == [one.mid, two.mid, urgent.mid]
    assert order(here, at=later, limit=2) == [one.mid, urgent.mid]


def test_set_aside_again_and_again_waits_longer_and_is_told(world: World) -> None:
    at, row = world.clock.now(), three(world)[0]
    waits: list[int] = []
    for count in range(1, 20):
        row = queue.set_aside(row, at=at, wait=0, spread=1.0)
        waits.append(row.next_at - at)
        assert queue.is_stuck(row) == (count >= queue.STUCK)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (SECOND, HOUR)


def test_a_line_backs_off_to_five_minutes_for_urgent_and_an_hour_for_others(
    world: World,
) -> None:
    here, at = world.residents[N], world.clock.now()
    three(world)
    before = 0
    for _ in range(20):
        row = fail(here, 1, at=at)
        assert row.normal_at >= before
        before = row.normal_at
    row = fail(here, 1, at=at)
    assert row.urgent_at - at == 5 * MINUTE + SECOND
    assert row.normal_at - at == HOUR + SECOND
    assert row.failed_at == at
    assert lanes(here, at=Instant(at + 4 * MINUTE)) == []
    assert lanes(here, at=Instant(at + 6 * MINUTE)) == [(A, queue.URGENT)]
    assert len(lanes(here, at=Instant(at + 2 * HOUR))) == 2


def test_a_new_urgent_message_is_tried_once_on_a_line_that_backs_off(world: World) -> None:
    here, at = world.residents[N], world.clock.now()
    send(here, question())
    fail(here, 12, at=at)
    send(here, question(link="other"))
    assert lanes(here, at=at) == []
    send(here, question(urgency_ground="danger-to-life"))
    assert lanes(here, at=at) == [(A, queue.URGENT)]
    fail(here, 1, at=at)
    assert lanes(here, at=at) == []


def test_a_partner_that_is_given_too_much_is_left_alone_even_by_urgent_messages(
    world: World,
) -> None:
    here, at = world.residents[N], world.clock.now()
    three(world)
    until = Instant(at + MINUTE)
    here.store.commit(lambda tx: queue.asked_to_wait(tx, A, until=until)).result()
    assert lanes(here, at=at) == []
    here.store.commit(lambda tx: queue.heard_from(tx, A, at=at)).result()
    assert lanes(here, at=Instant(until - 1)) == []
    assert len(lanes(here, at=until)) == 2


def test_contact_resets_a_line_with_one_row_however_many_wait(world: World) -> None:
    here, at = world.residents[N], world.clock.now()
    three(world)
    before = here.store.read(lambda r: r.find(OutboxRow, order="mid"))
    fail(here, 9, at=at)
    here.store.commit(lambda tx: queue.heard_from(tx, A, at=at)).result()
    line = here.store.read(lambda r: queue.line_of(r, A))
    assert (line.failures, line.urgent_at, line.normal_at, line.heard_at) == (0, 0, 0, at)
    assert here.store.read(lambda r: r.find(OutboxRow, order="mid")) == before
    soon, later = Instant(at + SECOND), Instant(at + 2 * MINUTE)
    for moment, heard in ((soon, at), (later, later)):
        here.store.commit(partial(queue.heard_from, node=A, at=moment)).result()
        assert here.store.read(lambda r: queue.line_of(r, A)).heard_at == heard


def test_the_overview_tells_how_long_the_oldest_waits_and_what_is_stuck(world: World) -> None:
    here, at = world.residents[N], world.clock.now()
    one, _, _ = three(world)
    put(here, replace(one, aside=True, attempts=queue.STUCK))
    (told,) = here.store.read(lambda r: queue.overview(r, [N, A]))
    assert (told.node, told.count, told.since, told.stuck) == (A, 3, at, 1)
