"""Promise 2: a receipt is a durable fact; what is not stored is sealed anew or visibly ends."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    NORLAND,
    A,
    Forged,
    N,
    a_world,
    ask,
    code,
    inbox,
    leaves,
    opened,
    outbox,
    question,
    received,
    reply,
    said,
    send,
    take,
    tasks,
    the_case,
)
from typing_extensions import override

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, HOUR, MINUTE, Instant, new_message_id
from comity.core.errors import (
    NotFoundError,
    StateError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import NodeId
from comity.core.store import Reader, Store, T, Transaction
from comity.exchange import Consigned, Logged, delivery, inbound, queue
from comity.practice import CaseRow
from comity.seal import Receipt


@pytest.fixture
def world() -> World:
    return a_world()


def waiting(world: World) -> Logged:
    """Return what waits at Norland."""
    (item,) = world.due(world.residents[N], A)
    return item


def test_the_same_bytes_get_the_same_receipt_and_one_row(world: World) -> None:
    send(world.residents[N], question())
    data, there = waiting(world).envelope, world.residents[A]
    answers = {take(there, data) for _ in range(3)}
    assert len(answers) == 1
    assert isinstance(said(answers.pop()), Receipt)
    assert len(inbox(there)) == 1
    assert leaves(there).count("received") == 1


def test_a_lost_receipt_is_asked_for_again_and_nothing_is_filed_twice(world: World) -> None:
    sent = send(world.residents[N], question())
    world.lose_answers = lambda: True
    world.run()
    assert outbox(world.residents[N], sent.mid).state == "queued"
    world.lose_answers = lambda: False
    world.restart(N)
    world.restart(A)
    world.run()
    assert outbox(world.residents[N], sent.mid).state == "receipted"
    assert len(inbox(world.residents[A])) == 1


def test_one_id_with_other_bytes_is_a_conflict_and_an_incident(world: World) -> None:
    there = world.residents[A]
    mid = new_message_id(world.clock.now(), world.entropy)
    assert code(take(there, Forged(mid=mid).seal(world))) == "filed"
    other = Forged(mid=mid, body={"question": "Somebody else?"})
    assert code(take(there, other.seal(world))) == "conflict"
    assert "incident" in leaves(there)
    assert len(inbox(there)) == 1


class LateStore:
    """A store that runs its units later, as a writer that gathers them does."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self._units: list[Callable[[], None]] = []

    def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]":
        future: Future[T] = Future()

        def later() -> None:
            done = self._inner.commit(unit)
            error = done.exception()
            if error is None:
                future.set_result(done.result())
            else:
                future.set_exception(error)

        self._units.append(later)
        return future

    def read(self, query: Callable[[Reader], T], /) -> T:
        return self._inner.read(query)

    def run(self) -> None:
        while self._units:
            self._units.pop(0)()


def both(world: World, *data: bytes) -> list[str]:
    """Let two envelopes in before either is filed."""
    there = world.residents[A]
    store = LateStore(there.store)
    station = replace(there.station, store=store)
    answers = [inbound.take(Consigned(envelope=each), station) for each in data]
    store.run()
    return [code(answer.result()) for answer in answers]


def test_two_contents_of_one_id_in_one_batch_file_one(world: World) -> None:
    mid = new_message_id(world.clock.now(), world.entropy)
    other = Forged(mid=mid, body={"question": "Somebody else?"}).seal(world)
    assert both(world, Forged(mid=mid).seal(world), other) == ["filed", "conflict"]
    assert len(inbox(world.residents[A])) == 1


def test_one_message_twice_in_one_batch_is_filed_once(world: World) -> None:
    data = Forged().seal(world)
    assert both(world, data, data) == ["filed", "filed"]
    assert leaves(world.residents[A]).count("received") == 1


def test_a_step_that_another_message_of_the_batch_took_is_rejected(world: World) -> None:
    pair = [Forged(body={"question": text}).seal(world) for text in ("one", "two")]
    assert both(world, *pair) == ["filed", "not-admitted"]
    assert "not_admitted" in leaves(world.residents[A])


def test_a_disk_that_fails_gives_no_receipt(world: World) -> None:
    there = world.residents[A]

    def broken(tx: Transaction) -> None:
        del tx
        raise NotFoundError("the disk is gone")

    class Broken(LateStore):
        @override
        def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]":
            future: Future[T] = Future()
            failed = there.store.commit(broken).exception()
            future.set_exception(failed or NotFoundError("unreachable"))
            del unit
            return future

    station = replace(there.station, store=Broken(there.store))
    with pytest.raises(NotFoundError):
        inbound.take(Consigned(envelope=Forged().seal(world)), station).result()
    assert inbox(there) == []
    assert leaves(there) == []


def test_a_message_before_its_conversation_is_asked_for_again_later(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = send(here, question())
    reminder = send(here, reply(sent.case, "reminder", about=sent.mid))
    first, second = (item.envelope for item in world.due(here, A))
    answer = said(take(there, second))
    assert not isinstance(answer, Receipt)
    assert (answer.code, answer.retry_after) == ("early", 30)
    world.run()
    assert code(take(there, first)) == "filed"
    assert outbox(here, reminder.mid).state == "receipted"


def test_what_its_partner_cannot_open_any_more_is_decided_and_sealed_anew(
    world: World,
) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = send(here, question())
    old_case = the_case(here, sent.case)
    world.rotate(A)
    world.run()
    old = outbox(here, sent.mid)
    assert (old.state, old.code) == ("rejected", "unknown-prekey")
    assert old.replaced_by is not None
    new = outbox(here, old.replaced_by.hex())
    assert (new.state, new.replaces) == ("receipted", old.mid)
    assert leaves(here).count("permitted") == 2
    assert the_case(here, sent.case).state == old_case.state
    assert tasks(here, "undelivered") == []
    assert [row.mid for row in inbox(there)] == [new.mid]


def test_a_message_is_sealed_anew_once_and_only_for_that_reason(world: World) -> None:
    here = world.residents[N]
    sent = send(here, question())
    with pytest.raises(StateError, match="not one to seal anew"):
        here.desk.correspondence.resend(sent.mid)
    with pytest.raises(NotFoundError):
        here.desk.correspondence.resend("0" * 32)
    world.rotate(A)
    world.run()
    with pytest.raises(StateError, match="not one to seal anew"):
        here.desk.correspondence.resend(sent.mid)


def test_a_partner_seven_days_away_gets_what_waited(world: World) -> None:
    here = world.residents[N]
    sent = send(here, question())
    world.unreachable.add(A)
    assert world.run() == 0
    world.clock.advance(7 * DAY)
    world.unreachable.clear()
    world.meet()
    world.run()
    old = outbox(here, sent.mid)
    assert old.code == "stale"
    assert old.replaced_by is not None
    assert outbox(here, old.replaced_by.hex()).state == "receipted"
    assert len(inbox(world.residents[A])) == 1


def test_what_nobody_took_in_time_ends_visibly(world: World) -> None:
    here = world.residents[N]
    sent = send(here, question())
    world.clock.advance(15 * DAY)
    row = outbox(here, sent.mid)
    delivery.expire(row, here.station).result()
    delivery.expire(row, here.station).result()
    assert outbox(here, sent.mid).state == "expired"
    assert leaves(here).count("expired") == 1
    (task,) = tasks(here, "undelivered")
    assert task.case == sent.case


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (-25 * HOUR, "stale"),
        (-23 * HOUR, "filed"),
        (4 * MINUTE, "filed"),
        (6 * MINUTE, "early"),
    ],
)
def test_a_signing_time_counts_within_its_window(
    world: World, offset: int, expected: str
) -> None:
    at = Instant(world.clock.now() + offset)
    assert code(take(world.residents[A], Forged(at=at).seal(world))) == expected


def test_a_message_past_its_life_is_expired_before_anything_is_looked_up(
    world: World,
) -> None:
    there = world.residents[A]
    data = Forged(life=HOUR).seal(world)
    world.clock.advance(HOUR)
    assert code(take(there, data)) == "expired"
    assert leaves(there) == []


def test_a_skewed_clock_within_the_window_changes_nothing(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    there.clock.skew = -4 * MINUTE
    sent = ask(world)
    row = outbox(here, sent.mid)
    assert row.stored_at == received(there, sent.mid).stored_at
    (due,) = (case.due for case in there.store.read(lambda r: r.find(CaseRow)))
    assert due is not None
    assert due == (row.stored_at or 0) + 168 * HOUR


def test_an_urgent_question_is_due_eight_hours_after_it_was_stored(world: World) -> None:
    there = world.residents[A]
    sent = ask(world, question(urgency_ground="danger-to-life"))
    row = received(there, sent.mid)
    assert the_case(there, row.case).due == row.stored_at + 8 * HOUR


def due_lanes(here: Resident, *, at: Instant) -> list[tuple[NodeId, int]]:
    nodes = [entry.node for entry in here.station.directory().nodes()]
    return here.store.read(lambda r: queue.due_lanes(r, nodes, at=at))


def test_any_contact_from_a_partner_resets_its_back_off(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = send(there, question(NORLAND))
    lane, at = (N, queue.NORMAL), world.clock.now()
    for _ in range(14):
        there.store.commit(lambda tx: queue.failed(tx, N, at=at, spread=1.0)).result()
    assert lane not in due_lanes(there, at=Instant(at + HOUR))
    send(here, question())
    take(there, waiting(world).envelope)
    assert lane in due_lanes(there, at=at)
    assert outbox(there, sent.mid).state == "queued"


def test_an_answer_about_other_bytes_or_by_another_node_settles_nothing(
    world: World,
) -> None:
    here, there = world.residents[N], world.residents[A]
    first, second = send(here, question()), send(here, question(link="the same flat"))
    items = world.due(here, A)
    answers = [take(there, item.envelope) for item in items]
    with pytest.raises(VerificationError, match="other bytes"):
        delivery.settle(items[0], answers[1], here.station)
    own = replace(items[0], to_node=N)
    with pytest.raises(VerificationError, match="no such key"):
        delivery.settle(own, answers[0], here.station)
    assert {outbox(here, sent.mid).state for sent in (first, second)} == {"queued"}


def test_settling_twice_changes_nothing(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    send(here, question())
    item = waiting(world)
    answer = take(there, item.envelope)
    delivery.settle(item, answer, here.station).result()
    again = delivery.settle(item, answer, here.station).result()
    assert (again.state, again.leaf) == ("receipted", None)
    assert leaves(here).count("receipted") == 1
    strange = replace(item, mid=new_message_id(world.clock.now(), world.entropy))
    with pytest.raises(NotFoundError):
        delivery.settle(strange, answer, here.station).result()


def test_too_few_answers_settle_nothing(world: World) -> None:
    send(world.residents[N], question())

    class Short:
        def carry(self, entry: object, consignment: object, /) -> list[bytes]:
            del entry, consignment
            return []

        def prekey(self, entry: object, /) -> bytes:
            del entry
            return b""

    with pytest.raises(VerificationError, match="0 answers to 1"):
        delivery.deliver(
            [waiting(world)],
            Short(),
            world.directory.node(A),
            station=world.residents[N].station,
        )


def test_a_reader_of_a_case_is_not_kept_waiting_by_the_road(world: World) -> None:
    there = world.residents[A]
    sent = ask(world)
    world.clock.advance(2 * DAY)  # Norland's prekey is no longer known to be good.
    assert opened(there, sent.mid).content is not None
    assert outbox(world.residents[N], sent.mid).seen_at is None
    assert not there.desk.overdue(lambda: 0)
    world.meet()
    assert there.desk.overdue(lambda: 0)
    world.run()
    assert outbox(world.residents[N], sent.mid).seen_at is not None
    assert not [row for row in world.outbox(A) if row.state == "queued"]


def test_without_a_prekey_nothing_is_queued_and_the_officer_is_told(world: World) -> None:
    here = world.residents[N]
    world.clock.advance(2 * DAY)
    with pytest.raises(UnreachableError):
        send(here, question())
    assert world.outbox(N) == []


def test_a_recall_of_what_never_arrived_ends_with_it(world: World) -> None:
    here = world.residents[N]
    world.unreachable |= {A}
    sent = send(here, question())
    recall = send(here, reply(sent.case, "recall", about=sent.mid, ground="unlawful"))
    world.unreachable.clear()
    expired = replace(outbox(here, sent.mid), state="expired")
    here.store.commit(lambda tx: tx.put(expired)).result()
    world.run()
    assert (outbox(here, recall.mid).state, outbox(here, recall.mid).code) == (
        "rejected",
        "early",
    )
    assert inbox(world.residents[A]) == []


def test_a_recall_that_overtook_its_message_waits_for_it(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = send(here, question())
    send(here, reply(sent.case, "recall", about=sent.mid, ground="unlawful"))
    asked, recall = world.due(here, A)
    answer = take(there, recall.envelope)
    assert code(answer) == "early"
    assert delivery.later(recall, answer, here.station) is not None
    receipt = take(there, asked.envelope)
    assert delivery.later(asked, receipt, here.station) is None
    ended = replace(outbox(here, sent.mid), state="rejected")
    here.store.commit(lambda tx: tx.put(ended)).result()
    assert delivery.later(recall, answer, here.station) is None
