"""The delivery worker: one bad partner or message never stands before the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from tests.scenarios.stage import A, N, a_world, inbox, leaves, outbox, question, send, tasks

from comity.adapters.world import World
from comity.core.clock import DAY, HOUR, MINUTE, SECOND
from comity.core.errors import GarbledError, UnreachableError
from comity.exchange import Consignment, Logged, OutboxRow, queue
from comity.node.deliverer import BATCH, Deliverer
from comity.seal import Rejection, sign_rejection
from comity.trust import NodeEntry

Behave = Callable[[NodeEntry, Consignment], Sequence[bytes]]
LANE, FAST = (A, queue.NORMAL), (A, queue.URGENT)


@dataclass(slots=True)
class Road:
    """Carries to the world's nodes as `behave` says, and counts the envelopes of each call."""

    world: World
    behave: Behave
    sizes: list[int] = field(default_factory=list[int])

    def carry(self, entry: NodeEntry, consignment: Consignment, /) -> Sequence[bytes]:
        self.sizes.append(len(consignment.items))
        return self.behave(entry, consignment)

    def prekey(self, entry: NodeEntry, /) -> bytes:
        return self.world.prekey(entry)


@dataclass(slots=True)
class Post:
    """A deliverer at one node of a world, and what it wrote in its journal."""

    world: World
    road: Road
    worker: Deliverer
    journal: list[str]

    def mids(self, *, urgent: bool = False, count: int = 1) -> list[str]:
        here = self.world.residents[N]
        asked = [
            question(link=f"{n}", urgency_ground="danger-to-life")
            if urgent
            else question(link=f"{n}")
            for n in range(count)
        ]
        return [send(here, each).mid for each in asked]

    def states(self) -> list[str]:
        return [row.state for row in self.world.outbox(N)]

    def line(self) -> queue.LineRow:
        return self.world.residents[N].store.read(lambda r: queue.line_of(r, A))


@pytest.fixture
def post() -> Post:
    world = a_world()
    here, journal = world.residents[N], list[str]()
    road = Road(world, world.carry)

    def resend(logged: Logged) -> None:
        world.meet()
        here.desk.correspondence.resend(logged.mid.hex())

    worker = Deliverer(
        station=here.station,
        carrier=road,
        entropy=world.entropy,
        resend=resend,
        journal=lambda _name, code: journal.append(code),
    )
    return Post(world, road, worker, journal)


def test_what_waits_is_carried_and_settled(post: Post) -> None:
    post.mids(count=3)
    assert post.worker.serve(LANE)
    assert not post.worker.serve(LANE)
    assert post.states() == ["receipted"] * 3
    assert post.road.sizes == [3]


def test_urgent_messages_have_a_lane_of_their_own(post: Post) -> None:
    (normal,) = post.mids()
    (urgent,) = post.mids(urgent=True)
    post.worker.serve(FAST)
    here = post.world.residents[N]
    assert (outbox(here, urgent).state, outbox(here, normal).state) == ("receipted", "queued")


def test_a_silent_partner_costs_one_row_however_many_wait(post: Post) -> None:
    post.mids(count=5)
    post.world.unreachable.add(A)
    before = post.world.outbox(N)
    assert not post.worker.serve(LANE)
    assert post.world.outbox(N) == before
    assert post.line().failures == 1


def test_a_slow_line_is_given_less_at_a_time_and_a_brisk_one_more(post: Post) -> None:
    post.mids(count=90)
    took = 5 * SECOND

    def slowly(entry: NodeEntry, consignment: Consignment) -> Sequence[bytes]:
        post.world.clock.advance(took)
        return post.world.carry(entry, consignment)

    post.road.behave = slowly
    for _ in range(5):
        post.worker.serve(LANE)
    took = 0
    while post.worker.serve(LANE):
        pass
    assert post.road.sizes == [16, 8, 4, 2, 1, 1, 2, 4, 8, 16, 28]
    assert max(post.road.sizes) <= BATCH
    assert post.states() == ["receipted"] * 90


def test_one_message_a_partner_chokes_on_is_set_aside_for_those_behind_it(post: Post) -> None:
    poison, *others = post.mids(count=9)
    bad = outbox(post.world.residents[N], poison).envelope

    def choke(entry: NodeEntry, consignment: Consignment) -> Sequence[bytes]:
        if any(item.envelope == bad for item in consignment.items):
            raise GarbledError("answers with status 500")
        return post.world.carry(entry, consignment)

    post.road.behave = choke
    while post.worker.serve(LANE):
        pass
    assert post.road.sizes == [9, 4, 2, 1]
    post.world.clock.advance(2)
    while post.worker.serve(LANE):
        pass
    here = post.world.residents[N]
    assert {outbox(here, mid).state for mid in others} == {"receipted"}
    held = outbox(here, poison)
    assert (held.state, held.aside) == ("queued", True)


def test_a_message_set_aside_again_and_again_is_shown_to_a_person(post: Post) -> None:
    (mid,) = post.mids()

    def garbled(_entry: NodeEntry, _consignment: Consignment) -> Sequence[bytes]:
        raise GarbledError("answers in no known form")

    post.road.behave = garbled
    for _ in range(queue.STUCK):
        assert tasks(post.world.residents[N], "undelivered") == []
        post.worker.serve(LANE)
        post.world.clock.advance(HOUR)
    (task,) = tasks(post.world.residents[N], "undelivered")
    assert task.task.startswith(mid)
    post.road.behave = post.world.carry
    post.world.meet()
    post.worker.serve(LANE)
    assert post.states() == ["receipted"]


def test_a_partner_that_answers_nothing_we_can_believe_is_asked_less_and_less(
    post: Post,
) -> None:
    post.mids(count=3)
    post.road.behave = lambda _entry, consignment: [b"\x00" for _ in consignment.items]
    assert not post.worker.serve(LANE)
    assert post.line().failures == 1
    assert set(post.states()) == {"queued"}
    assert set(post.journal) == {"input.invalid"}


def signed(post: Post, code: str, wait: int | None) -> Behave:
    there = post.world.residents[A].station

    def answer(_entry: NodeEntry, consignment: Consignment) -> Sequence[bytes]:
        found = [queue_row(post, item.envelope) for item in consignment.items]
        said = [
            Rejection(
                mid=None,
                digest=row.digest,
                code=code,
                at=post.world.clock.now(),
                node=A,
                retry_after=wait,
            )
            for row in found
        ]
        federation = post.world.directory.federation
        return [sign_rejection(each, there.node_key, federation=federation) for each in said]

    return answer


def queue_row(post: Post, envelope: bytes) -> OutboxRow:
    (row,) = (row for row in post.world.outbox(N) if row.envelope == envelope)
    return row


def test_a_partner_given_too_much_is_left_alone_as_long_as_it_asks(post: Post) -> None:
    post.mids(count=3)
    post.road.behave = signed(post, "quota", 60)
    assert not post.worker.serve(LANE)
    assert post.line().normal_at == post.world.clock.now() + MINUTE
    assert [row.aside for row in post.world.outbox(N)] == [False] * 3


def test_a_partner_cannot_ask_us_to_wait_for_ever(post: Post) -> None:
    post.mids()
    post.road.behave = signed(post, "quota", 10**9)
    post.worker.serve(LANE)
    assert post.line().normal_at == post.world.clock.now() + DAY


def test_one_message_asked_for_later_does_not_hold_up_the_others(post: Post) -> None:
    early, good = post.mids(count=2)
    answer = signed(post, "early", 30)
    first = outbox(post.world.residents[N], early).envelope

    def carry(entry: NodeEntry, consignment: Consignment) -> Sequence[bytes]:
        mine = [
            (answer if item.envelope == first else post.world.carry)(
                entry, Consignment(items=(item,))
            )
            for item in consignment.items
        ]
        return [each for answers in mine for each in answers]

    post.road.behave = carry
    assert post.worker.serve(LANE)
    here = post.world.residents[N]
    assert outbox(here, good).state == "receipted"
    held = outbox(here, early)
    assert held.code == "early"
    assert (held.aside, held.next_at) == (True, post.world.clock.now() + 30 * SECOND)
    assert post.line().failures == 0


def test_what_lost_its_prekey_is_sealed_anew_and_goes_out(post: Post) -> None:
    post.mids()
    post.world.rotate(A)
    while post.worker.serve(LANE):
        pass
    assert sorted(post.states()) == ["receipted", "rejected"]
    assert len(inbox(post.world.residents[A])) == 1


def test_a_round_serves_every_due_lane_and_ends_what_nobody_took(post: Post) -> None:
    post.mids(count=2)
    post.mids(urgent=True)
    post.world.unreachable.add(A)
    post.world.clock.advance(15 * DAY)
    post.worker.round()
    assert post.states() == ["expired"] * 3
    assert leaves(post.world.residents[N]).count("expired") == 3


def test_a_lane_that_breaks_is_journalled_and_served_again(post: Post) -> None:
    post.mids()

    def broken(_entry: NodeEntry, _consignment: Consignment) -> Sequence[bytes]:
        raise ValueError

    post.road.behave = broken
    post.worker.round()
    post.worker.wait()
    assert post.journal == ["ValueError"]
    post.road.behave = post.world.carry
    post.worker.round()
    post.worker.wait()
    assert post.states() == ["receipted"]


def test_a_line_that_failed_waits_apart_from_those_that_answer(post: Post) -> None:
    post.mids()
    post.world.unreachable.add(A)
    for _ in range(2):
        post.worker.round()
        post.worker.wait()
        post.world.clock.advance(HOUR)
    assert post.line().failures == 2
    post.world.unreachable.clear()
    post.world.meet()
    post.worker.round()
    post.worker.wait()
    assert post.states() == ["receipted"]
    assert UnreachableError.code not in post.journal
