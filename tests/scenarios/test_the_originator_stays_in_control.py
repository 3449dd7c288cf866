"""Promises 5 and 7: recall and correction reach every holder; the person concerned is heard."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    NORLAND,
    QUERY,
    A,
    Forged,
    N,
    a_world,
    ask,
    case_of,
    code,
    confirmed,
    hit,
    hold_anna,
    inbox,
    judge,
    leaves,
    opened,
    outbox,
    question,
    received,
    reply,
    send,
    take,
    tasks,
    the_case,
    warning,
)

from comity.adapters.world import World
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import (
    AuthorisationError,
    InvalidInputError,
    NotFoundError,
    StateError,
)
from comity.core.ids import CaseId, PersonId, RecordId
from comity.desk import AwaitsSecond
from comity.law import AssessmentRow
from comity.message import handling
from comity.practice import CaseRow
from comity.record import QuestionRow, View, sweep_questions


@pytest.fixture
def world() -> World:
    return a_world()


def recalled(world: World) -> tuple[str, str, str]:
    """Let Norland ask and take it back; return case, question and recall."""
    sent = ask(world)
    recall = send(
        world.residents[N], reply(sent.case, "recall", about=sent.mid, ground="unlawful")
    )
    world.run()
    return sent.case, sent.mid, recall.mid


def test_a_recall_blocks_at_once_and_its_holder_acknowledges_with_erasure(
    world: World,
) -> None:
    here, there = world.residents[N], world.residents[A]
    _, mid, recall = recalled(world)
    assert received(there, mid).state == "recalled"
    assert opened(there, mid).content is None
    assert outbox(here, mid).recalled_at is not None
    (task,) = tasks(there, "comply")
    assert task.due == world.clock.now() + 24 * HOUR
    there.desk.correspondence.comply(there.actor("officer"), recall)
    assert tasks(there, "comply") == []
    row = received(there, mid)
    assert row.state == "erased"
    assert there.store.read(lambda r: there.safe.open(r, RecordId(row.record_id))) is None
    world.run()
    assert outbox(here, recall).complied_at is not None
    assert outbox(here, mid).complied_at is not None
    assert {"recall", "sent"} <= set(leaves(here))
    assert {"complied", "erased"} <= set(leaves(there))


def test_compliance_that_says_restricted_erases_nothing(world: World) -> None:
    there = world.residents[A]
    _, mid, recall = recalled(world)
    row = received(there, mid)
    send(there, reply(row.case, "comply", about=recall, done="restricted"))
    assert received(there, mid).state == "recalled"
    assert there.store.read(lambda r: there.safe.open(r, RecordId(row.record_id)))


def test_compliance_is_with_a_message_that_came(world: World) -> None:
    there = world.residents[A]
    with pytest.raises(NotFoundError):
        there.desk.correspondence.comply(there.actor("officer"), "0" * 32)
    with pytest.raises(NotFoundError):
        there.desk.correspondence.erase(there.actor("rights"), "0" * 32)


def test_a_recall_overtakes_a_message_nobody_has_read(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = send(here, question())
    send(here, reply(sent.case, "recall", about=sent.mid, ground="wrong-person"))
    world.run()
    assert opened(there, sent.mid).content is None
    assert "opened" not in leaves(there)


def test_what_was_never_stored_cannot_be_recalled(world: World) -> None:
    here = world.residents[N]
    sent = send(here, question())
    world.rotate(A)
    world.run()
    with pytest.raises(InvalidInputError, match="never stored"):
        send(here, reply(sent.case, "recall", about=sent.mid, ground="unlawful"))


def test_erasing_what_stands_is_for_a_supervisor_or_rights_officer(world: World) -> None:
    there = world.residents[A]
    mid = ask(world).mid
    with pytest.raises(AuthorisationError):
        there.desk.correspondence.erase(there.actor("officer"), mid)
    assert there.desk.correspondence.erase(there.actor("rights"), mid)
    assert not there.desk.correspondence.erase(there.actor("rights"), mid)
    assert leaves(there).count("erased") == 1
    assert opened(there, mid).state == "erased"


def test_an_officer_may_erase_what_was_recalled(world: World) -> None:
    there = world.residents[A]
    _, mid, _ = recalled(world)
    assert there.desk.correspondence.erase(there.actor("officer"), mid)


def test_a_challenge_marks_the_case_until_it_is_answered_by_two(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    case = case_of(there, sent.mid)
    body = {"about": sent.mid, "ground": "not-this-person", "by": "person-concerned"}
    challenge = send(there, reply(case, "challenge", **body), seat="rights")
    world.run()
    for resident, name in ((here, sent.case), (there, case)):
        view = resident.desk.reading.case(resident.actor("officer"), CaseId(name))
        assert view.is_contested
    with pytest.raises(StateError, match="challenged"):
        there.desk.correspondence.erase(there.actor("rights"), sent.mid)
    (task,) = tasks(here, "challenge")
    assert (task.seat, task.due) == ("rights", world.clock.now() + 30 * DAY)
    for outcome, is_contested in (("sent-to-review", True), ("upheld", False)):
        letter = reply(sent.case, "challenge-answer", about=challenge.mid, outcome=outcome)
        waits = here.desk.correspondence.send(here.actor("supervisor"), letter)
        assert isinstance(waits, AwaitsSecond)
        here.desk.correspondence.confirm(here.actor("rights"), waits.pending)
        world.run()
        for resident, name in ((here, sent.case), (there, case)):
            view = resident.desk.reading.case(resident.actor("officer"), CaseId(name))
            assert view.is_contested is is_contested
    assert tasks(here, "challenge") == []


def test_a_challenge_makes_an_answered_prohibition_unknown_again(world: World) -> None:
    there = world.residents[A]
    sent = ask(world)
    case = case_of(there, sent.mid)
    body = {"about": sent.mid, "ground": "inaccurate", "by": "officer"}
    send(there, reply(case, "challenge", **body))
    letter = reply(case, "interim", about=sent.mid, reason="volume", expected=10**12)
    found = there.desk.correspondence.preview(there.actor("officer"), letter)
    assert found.draft.facts["torture_risk"] is None


def test_a_question_is_erased_when_its_case_closes_without_a_hit(world: World) -> None:
    there = world.residents[A]
    sent = ask(world)
    row = received(there, sent.mid)
    assert there.store.read(lambda r: r.count(QuestionRow)) == 1
    there.desk.look_up.search(there.actor("officer"), CaseId(row.case), QUERY)
    send(there, reply(row.case, "answer", about=sent.mid, outcome="no-hit"))
    assert the_case(there, row.case).state == "no-hit"
    assert received(there, sent.mid).state == "erased"
    assert opened(there, sent.mid).content is None
    assert there.store.read(lambda r: there.safe.open(r, RecordId(row.record_id))) is None
    assert there.store.read(lambda r: r.count(QuestionRow)) == 0
    assert "erased" in leaves(there)


def test_a_question_that_was_withdrawn_is_erased(world: World) -> None:
    there = world.residents[A]
    sent = ask(world)
    send(world.residents[N], reply(sent.case, "withdraw", reason="no-longer-needed"))
    world.run()
    assert received(there, sent.mid).state == "erased"


def test_a_question_with_a_hit_stays_with_its_case_and_not_for_ever(world: World) -> None:
    there = world.residents[A]
    hold_anna(there)
    sent = ask(world)
    case = case_of(there, sent.mid)
    judge(there, case, View.SAME, "one", "two")
    confirmed(there, reply(case, "answer", **hit(sent.mid)))
    assert opened(there, sent.mid).content is not None
    world.clock.advance(181 * DAY)
    now = world.clock.now()
    there.store.commit(lambda tx: sweep_questions(tx, safe=there.safe, at=now)).result()
    assert opened(there, sent.mid).state == "erased"


def test_a_question_enters_no_screening(world: World) -> None:
    there = world.residents[A]
    ask(world)
    there.desk.changed()
    assert len(there.cabinet) == 0


def test_a_stop_halts_everything_but_protection_and_alarm(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    alarm = send(here, warning())
    world.run()
    case = case_of(there, alarm.mid)
    stop = send(there, reply(case, "stop", ground="violation-of-rights"))
    world.run()
    with pytest.raises(StateError, match="no step"):
        send(there, reply(case, "warning-ack", about=alarm.mid, standing="read"))
    body = {"about": alarm.mid, "reason": "danger-passed"}
    with pytest.raises(StateError, match="no step"):
        send(here, reply(alarm.case, "stand-down", **body))
    update = replace(
        warning(about=alarm.mid), kind="requests.warning-update/1", case=CaseId(alarm.case)
    )
    passed = send(here, update)
    recall = send(here, reply(alarm.case, "recall", about=alarm.mid, ground="unlawful"))
    world.run()
    for mid in (passed.mid, recall.mid):
        assert outbox(here, mid).state == "receipted"
    assert "stopped" in leaves(there)
    assert outbox(there, stop.mid).state == "receipted"


def test_a_stop_nobody_confirmed_lapses_on_both_sides(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    case = case_of(there, sent.mid)
    send(there, reply(case, "stop", ground="error"))
    world.run()
    assert the_case(here, sent.case).state.startswith("stopped/")
    world.clock.advance(72 * HOUR)
    assert there.desk.overdue(lambda: 0)
    assert the_case(there, case).state == "open"
    assert tasks(there, "confirm-stop") == []
    here.desk.overdue(lambda: 0)
    assert the_case(here, sent.case).state.startswith("stopped/")
    world.clock.advance(DAY)
    here.desk.overdue(lambda: 0)
    assert the_case(here, sent.case).state == "open"
    assert not here.desk.overdue(lambda: 0)


def test_a_stop_is_confirmed_by_another_person_and_holds(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    case = case_of(there, sent.mid)
    stop = send(there, reply(case, "stop", ground="error"))
    confirm = reply(case, "stop-confirm", about=stop.mid)
    with pytest.raises(AuthorisationError, match="another"):
        send(there, confirm)
    send(there, confirm, name="second")
    assert tasks(there, "confirm-stop") == []
    world.run()
    world.clock.advance(200 * HOUR)
    for resident in (here, there):
        resident.desk.overdue(lambda: 0)
    assert the_case(there, case).state.startswith("stopped/A")
    assert the_case(here, sent.case).state.startswith("stopped/A")


def test_both_sides_lift_a_stop(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    case = case_of(there, sent.mid)
    stop = send(there, reply(case, "stop", ground="error"))
    world.run()
    send(there, reply(case, "lift", about=stop.mid), seat="supervisor")
    world.run()
    assert the_case(here, sent.case).state.startswith("stopped/")
    send(here, reply(sent.case, "lift", about=stop.mid), seat="supervisor")
    world.run()
    assert {the_case(here, sent.case).state, the_case(there, case).state} == {"open"}


def held(world: World) -> str:
    """Let Arcadia doubt whether what Norland sends was obtained by torture, and so hold it."""
    there = world.residents[A]
    doubt = AssessmentRow(
        partner=NORLAND,
        purpose="counter-terrorism",
        fact="from_torture",
        value=None,
        at=world.clock.now(),
        until=Instant(world.clock.now() + DAY),
        by=PersonId("xa.border/legal"),
        confirmed_by=PersonId("xa.border/rights"),
        record_id=RecordId(""),
    )
    there.store.commit(lambda tx: tx.put(doubt)).result()
    assert code(take(there, Forged().seal(world))) == "held"
    (row,) = inbox(there)
    return row.mid.hex()


def test_what_the_law_doubts_is_held_until_a_person_lets_it_in(world: World) -> None:
    there = world.residents[A]
    mid = held(world)
    assert opened(there, mid).content is None
    assert opened(there, mid, seat="legal").content is not None
    assert received(there, mid).seen_at is None
    assert {"held", "received"} <= set(leaves(there))
    with pytest.raises(AuthorisationError):
        there.desk.reading.released(there.actor("officer"), mid)
    there.desk.reading.released(there.actor("legal"), mid)
    assert opened(there, mid).content is not None
    assert "lifted" in leaves(there)
    with pytest.raises(NotFoundError):
        there.desk.reading.released(there.actor("legal"), mid)


def test_a_held_message_starts_its_clock_when_it_was_stored(world: World) -> None:
    there = world.residents[A]
    row = received(there, held(world))
    assert the_case(there, row.case).due == row.stored_at + 168 * HOUR


def test_a_restarted_node_knows_everything_it_knew(world: World) -> None:
    there = world.residents[A]
    hold_anna(there)
    sent = ask(world)
    world.restart(A)
    again = world.residents[A]
    again.desk.changed()
    assert len(again.cabinet) == 1
    assert opened(again, sent.mid).content is not None
    assert again.store.read(lambda r: r.count(CaseRow)) == 1
    assert again.store.read(lambda r: r.count(AssessmentRow)) > 0
    assert NORLAND in str(again.store.read(lambda r: r.find(CaseRow)))
    assert handling("TLP:AMBER H1").codes == {"H1"}
