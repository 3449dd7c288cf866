"""What the law leaves to a person has a clock and a deputy; its asker never meets silence."""

from dataclasses import dataclass, replace

import pytest
from tests.scenarios.stage import (
    FACTS,
    A,
    N,
    a_world,
    ask,
    case_of,
    inbox,
    outbox,
    question,
    received,
    reply,
    send,
    tasks,
    the_case,
)

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, HOUR, MINUTE, Instant
from comity.core.ids import CaseId, PersonId
from comity.core.store import eq
from comity.desk import Actor, NotSent
from comity.exchange import DecisionRow, InboxRow

UNKNOWN = {name: value for name, value in FACTS.items() if name != "political_offence"}


@dataclass(slots=True, kw_only=True)
class Asked:
    """Arcadia owes an answer, and its law leaves that answer to a person."""

    world: World
    here: Resident
    case: CaseId
    reference: str

    def decision(self) -> DecisionRow:
        row = self.here.store.read(lambda r: r.get(DecisionRow, self.reference))
        assert row is not None
        return row

    def work(self) -> None:
        self.world.meet()
        self.here.desk.overdue(lambda: 0)
        self.here.desk.duty.run(lambda _reach: 1)
        self.world.run()

    def interims(self) -> list[InboxRow]:
        asker = self.world.residents[N]
        return [row for row in inbox(asker) if row.kind == "requests.late/1"]


def asked(world: World, *, urgent: bool = False) -> Asked:
    letter = question(urgency_ground="person-held") if urgent else question()
    sent = ask(world, letter)
    here = world.residents[A]
    case = case_of(here, sent.mid)
    body = {
        "about": sent.mid,
        "outcome": "refused",
        "ground": "not-available",
        "text": "Her trial runs",
    }
    answer = replace(reply(case, "answer", **body), facts=UNKNOWN)
    done = here.desk.correspondence.send(here.actor("officer"), answer)
    assert isinstance(done, NotSent)
    return Asked(world=world, here=here, case=case, reference=done.reference)


@pytest.fixture
def case() -> Asked:
    return asked(a_world())


def test_a_referral_has_a_clock_and_a_seat_that_owes_its_decision(case: Asked) -> None:
    (task,) = tasks(case.here, "decision")
    now = case.world.clock.now()
    assert task.due == case.decision().due == now + 24 * HOUR
    assert task.seat in {"legal", "rights", "supervisor"}


def test_a_referral_takes_at_most_half_of_the_time_its_answer_has() -> None:
    case = asked(a_world(), urgent=True)
    now = case.world.clock.now()
    due = the_case(case.here, case.case).due
    assert due is not None
    assert case.decision().due == now + min(24 * HOUR, (due - now) // 2)


def test_a_decision_that_was_taken_leaves_no_duty(case: Asked) -> None:
    legal = case.here.actor("legal")
    case.here.desk.correspondence.abandon(legal, case.reference)
    assert tasks(case.here, "decision") == []
    case.world.clock.advance(3 * DAY)
    case.work()
    assert case.interims() == []


def test_what_is_resumed_owes_no_decision_any_more(case: Asked) -> None:
    legal = case.here.actor("legal")
    case.here.desk.correspondence.resume(legal, case.reference, facts=FACTS)
    case.work()
    assert tasks(case.here, "decision") == []
    assert case.interims() == []


def test_half_of_the_time_is_the_deputys(case: Asked) -> None:
    people, seat = case.here.desk.people, tasks(case.here, "decision")[0].seat
    admin = Actor(person=people.begin("Ada"), seats=frozenset({"admin"}), session="test")
    persons = dict[str, PersonId]()
    for name in ("holder", "deputy"):
        persons[name] = people.enrol(admin, name)
        people.grant(admin, persons[name], seat, deputy=name)
        actor = Actor(person=persons[name], seats=frozenset({seat}), session="test")
        case.here.desk.duty.reach(actor, persons[name], f"{name}@post.example")
    woken = list[str]()

    def rouse(reach: str) -> int:
        woken.append(reach)
        return 1

    case.here.desk.duty.run(rouse)
    assert woken == []
    case.world.clock.advance(12 * HOUR)
    for _ in range(2):
        case.here.desk.duty.run(rouse)
    assert woken == ["deputy@post.example"]
    assert tasks(case.here, "decision")[0].person == persons["deputy"]


def test_where_nobody_deputises_the_duty_stays_with_the_seat(case: Asked) -> None:
    case.world.clock.advance(12 * HOUR)
    case.work()
    assert tasks(case.here, "decision")[0].person is None


def test_when_it_runs_out_the_asker_gets_an_interim_answer(case: Asked) -> None:
    case.world.clock.advance(24 * HOUR - MINUTE)
    case.work()
    assert case.interims() == []
    case.world.clock.advance(MINUTE)
    case.work()
    (told,) = case.interims()
    asker = case.world.residents[N]
    view = asker.desk.reading.message(asker.actor("officer"), told.mid.hex())
    assert view.content is not None
    assert view.content.body.keys() == {"about", "expected"}
    assert the_case(asker, told.case).state == "interim"
    case.work()
    assert len(case.interims()) == 1


def test_an_interim_answer_that_ran_out_is_followed_by_another(case: Asked) -> None:
    for _ in range(3):
        case.world.clock.advance(24 * HOUR)
        case.work()
    assert len(case.interims()) == 3
    case.here.desk.correspondence.abandon(case.here.actor("legal"), case.reference)
    case.world.clock.advance(24 * HOUR)
    case.work()
    assert len(case.interims()) == 3


def test_a_partner_that_cannot_be_told_now_is_told_later(case: Asked) -> None:
    case.world.clock.advance(24 * HOUR)
    case.here.desk.overdue(lambda: 0)  # its prekey has ended: nothing can be sealed
    assert [row.kind for row in case.world.outbox(A)].count("requests.late/1") == 0
    case.world.meet()
    case.work()
    assert len(case.interims()) == 1


def test_a_question_the_law_held_is_not_met_with_silence() -> None:
    world = a_world()
    sent = ask(world)
    here = world.residents[A]
    row = received(here, sent.mid)
    here.store.commit(lambda tx: tx.put(replace(row, state="held"))).result()
    case = Asked(world=world, here=here, case=CaseId(row.case), reference="")
    due = the_case(here, row.case).due
    assert due is not None
    world.clock.advance((due - row.stored_at) // 2 - 1)
    case.work()
    assert case.interims() == []
    world.clock.advance(1)
    case.work()
    assert len(case.interims()) == 1


def test_an_asker_that_took_its_question_back_is_told_nothing(case: Asked) -> None:
    asker = case.world.residents[N]
    about = outbox(asker, inbox(case.here)[0].mid.hex())
    send(asker, reply(about.case, "withdraw", reason="sent-in-error"))
    case.world.run()
    case.world.clock.advance(24 * HOUR)
    case.work()
    assert case.interims() == []


def test_a_question_taken_back_by_recall_is_told_nothing(case: Asked) -> None:
    asker = case.world.residents[N]
    sent = outbox(asker, inbox(case.here)[0].mid.hex())
    recall = reply(sent.case, "recall", about=sent.mid.hex(), ground="unlawful")
    send(asker, recall)
    case.world.run()
    case.world.clock.advance(24 * HOUR)
    case.work()
    assert case.interims() == []


def test_a_draft_of_our_own_that_the_law_refers_tells_nobody() -> None:
    world = a_world()
    here = world.residents[N]
    done = here.desk.correspondence.send(
        here.actor("officer"), replace(question(), facts=UNKNOWN)
    )
    assert isinstance(done, NotSent)
    world.clock.advance(2 * DAY)
    here.desk.overdue(lambda: 0)
    assert world.outbox(N) == []
    row = here.store.read(lambda r: r.find(DecisionRow, eq("state", "waiting")))[0]
    assert row.due == Instant(row.at + 24 * HOUR)
