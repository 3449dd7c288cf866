"""What ends with a case whose partner left, and what goes on: the rarer ways."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    CASTALIA,
    NORLAND,
    A,
    N,
    a_world,
    ask,
    case_of,
    outbox,
    question,
    received,
    reply,
    send,
    tasks,
    the_case,
)
from tests.unit.desk.test_departures import XA, informed, left, work
from tests.unit.exchange.test_passage import stand

from comity.adapters.world import Resident, World
from comity.core.errors import NotFoundError, StateError
from comity.core.ids import CaseId, member_id
from comity.core.store import Transaction, eq
from comity.desk import AwaitsSecond, Departures, NotSent
from comity.desk.waiting import settle
from comity.exchange import DecisionRow, Station
from comity.practice import CaseRow, TaskRow
from comity.trust import Standing


@pytest.fixture
def world() -> World:
    return a_world()


def owed(here: Resident, name: str, case: str, sort: str) -> None:
    row = TaskRow(
        task=name,
        case=case,
        sort=sort,
        seat="officer",
        person=None,
        due=None,
        created=here.clock.now(),
        done=None,
        urgency="normal",
    )
    here.store.commit(lambda tx: tx.insert(row)).result()


def referred(here: Resident) -> NotSent:
    letter = replace(question(), facts={})
    outcome = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(outcome, NotSent), outcome
    return outcome


def decisions(here: Resident) -> list[str]:
    return here.store.read(lambda r: [row.state for row in r.find(DecisionRow)])


def test_a_recall_that_waits_to_leave_still_leaves_and_is_still_owed(world: World) -> None:
    here = world.residents[N]
    sent = ask(world)
    world.unreachable |= {A}
    recall = send(here, reply(sent.case, "recall", about=sent.mid, ground="unlawful"))
    waits = send(here, reply(sent.case, "reminder", about=sent.mid))
    for name, sort in (
        (f"{recall.mid}-undelivered", "undelivered"),
        (f"{waits.mid}-undelivered", "undelivered"),
        (f"{'00' * 16}-consent", "consent"),
        ("of-no-message", "watch"),
    ):
        owed(here, name, sent.case, sort)
    left(world, "xa", at=N)
    assert outbox(here, recall.mid).state == "queued"
    assert (outbox(here, waits.mid).state, outbox(here, waits.mid).code) == ("expired", "left")
    assert [task.task for task in tasks(here, "undelivered")] == [f"{recall.mid}-undelivered"]
    assert tasks(here, "consent") == []
    assert tasks(here, "watch") == []


def test_a_referral_to_a_partner_that_left_is_dropped(world: World) -> None:
    here = world.residents[N]
    referred(here)
    left(world, "xa", at=N)
    assert decisions(here) == ["dropped"]


def test_a_case_in_which_nothing_ever_was_is_left_as_it_is(world: World) -> None:
    here = world.residents[N]
    first = referred(here)

    def unit(tx: Transaction) -> None:
        row = tx.get(DecisionRow, first.reference)
        assert row is not None
        settle(tx, row, "dropped", at=here.clock.now())

    here.store.commit(unit).result()
    found = left(world, "xa", at=N)
    (case,) = here.store.read(lambda r: r.find(CaseRow))
    assert (found.ended, case.state) == (0, "none")


def test_a_referral_without_a_duty_is_taken_up_all_the_same(world: World) -> None:
    here = world.residents[N]
    first = referred(here)

    def unit(tx: Transaction) -> None:
        row = tx.get(DecisionRow, first.reference)
        assert row is not None
        assert tx.delete(TaskRow, eq("case", row.case)) > 0
        settle(tx, row, "dropped", at=here.clock.now())

    here.store.commit(unit).result()
    assert decisions(here) == ["dropped"]


def test_a_case_that_cannot_end_now_holds_up_no_other_and_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ask(world), ask(world)
    real, stuck = Departures._part, [first.case]

    def part(
        self: Departures, tx: Transaction, case: str, member: object, since: object
    ) -> bool:
        if case in stuck:
            raise StateError("its practice cannot move now")
        return real(self, tx, case, member, since)  # type: ignore[arg-type]

    monkeypatch.setattr(Departures, "_part", part)
    here = world.residents[N]
    left(world, "xa", at=N)
    assert the_case(here, first.case).state == "open"
    assert the_case(here, second.case).state == "parted"
    stuck.clear()
    world.clock.advance(3_600_000)
    work(world, N)
    assert the_case(here, first.case).state == "parted"


def test_what_our_law_held_goes_on_being_held_when_it_is_kept(world: World) -> None:
    mid = informed(world)
    here = world.residents[N]
    held = replace(received(here, mid), state="held")
    here.store.commit(lambda tx: tx.put(held)).result()
    left(world, "xa", at=N)
    assert received(here, mid).state == "held"
    here.desk.departures.keep(here.actor("legal"), mid, terms="Agreement 12")
    assert received(here, mid).state == "held"


def test_what_was_taken_back_meanwhile_cannot_be_kept(world: World) -> None:
    mid = informed(world)
    here = world.residents[N]
    left(world, "xa", at=N)
    gone = replace(received(here, mid), state="recalled")
    here.store.commit(lambda tx: tx.put(gone)).result()
    with pytest.raises(StateError, match="`recalled`"):
        here.desk.departures.keep(here.actor("legal"), mid, terms="Agreement 12")


def test_what_one_member_gave_is_not_listed_under_another() -> None:
    world = a_world(NORLAND, ARCADIA, CASTALIA)
    mid = informed(world)
    here = world.residents[N]
    left(world, "xa", at=N)
    stand(world, "xc", Standing.LEFT)
    work(world, N)
    listed = {
        str(found.member): [each.row.mid.hex() for each in found.given]
        for found in here.desk.departures.all(here.actor("officer"))
    }
    assert listed == {"xa": [mid], "xc": []}
    bound = replace(here.actor("officer"), case=case_of(here, mid))
    (of_arcadia,) = [each for each in here.desk.departures.all(bound) if each.member == XA]
    assert len(of_arcadia.given) == 1


class Unsure:
    """Letters whose recalls wait for a second person."""

    def recall(self, _actor: object, mid: str, *, ground: str) -> AwaitsSecond:
        assert ground == "basis-ended"
        return AwaitsSecond(pending=mid, case=CaseId("c"))


def test_a_recall_that_waits_for_a_second_person_is_named_as_not_sent(world: World) -> None:
    mid = informed(world)
    left(world, "xn", at=A)
    there = world.residents[A]
    station: Station = there.station
    desk = Departures(station, Unsure(), member=member_id("xa"))  # type: ignore[arg-type]
    done = desk.recall(there.actor("legal"), member_id("xn"))
    assert (done.sent, done.failed) == ((), ((mid, "not-sent"),))


def test_nobody_recalls_what_was_never_sent(world: World) -> None:
    here = world.residents[N]
    with pytest.raises(NotFoundError, match="was sent"):
        here.desk.correspondence.recall(here.actor("legal"), "00" * 16, ground="unlawful")
