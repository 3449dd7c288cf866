"""Promise 6: a candidate is told only on persons' judgement, with a second person behind it."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    PERSON,
    QUERY,
    A,
    N,
    a_world,
    ask,
    case_of,
    confirmed,
    hit,
    hold_anna,
    judge,
    leaves,
    opened,
    outbox,
    question,
    received,
    reply,
    send,
    sure,
    tasks,
    the_case,
    warning,
)

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, HOUR
from comity.core.errors import AuthorisationError, ConflictError, NotFoundError, StateError
from comity.core.ids import CaseId
from comity.desk import AwaitsSecond, NotSent
from comity.exchange import Act, InboxRow, Stopped, outbound
from comity.record import Opinion, Verdict, View


@pytest.fixture
def world() -> World:
    world = a_world()
    hold_anna(world.residents[A])
    return world


def asked(world: World) -> tuple[Resident, CaseId, str]:
    sent = ask(world)
    there = world.residents[A]
    return there, case_of(there, sent.mid), sent.mid


def test_a_candidate_is_told_only_once_two_persons_judged_it_the_same(world: World) -> None:
    there, case, mid = asked(world)
    letter = reply(case, "answer", **hit(mid))
    for names in ((), ("one",)):
        judge(there, case, View.SAME, *names)
        with pytest.raises(StateError, match="two persons"):
            there.desk.correspondence.send(there.actor("officer"), letter)
    judge(there, case, View.SAME, "two")
    sent = confirmed(there, letter)
    world.run()
    content = opened(world.residents[N], sent.mid).content
    assert content is not None
    assert content.body["confirmation"] == "two-persons"
    assert "answered" in leaves(there)


def test_a_disputed_candidate_is_not_told_even_once_a_person_has_confirmed(
    world: World,
) -> None:
    there, case, mid = asked(world)
    judge(there, case, View.SAME, "one", "two")
    letter = reply(case, "answer", **hit(mid))
    waits = there.desk.correspondence.send(there.actor("officer"), letter)
    assert isinstance(waits, AwaitsSecond)
    judge(there, case, View.DIFFERENT, "three")
    with pytest.raises(StateError, match="two persons"):
        there.desk.correspondence.confirm(there.actor("officer", "second"), waits.pending)
    assert [row.pending for row in there.desk.correspondence.awaiting(there.actor("officer"))]


def test_a_no_hit_wants_a_look_and_a_judgement_of_what_was_found(world: World) -> None:
    there, case, mid = asked(world)
    letter = reply(case, "answer", about=mid, outcome="no-hit")
    with pytest.raises(StateError, match="search before"):
        send(there, letter)
    there.desk.look_up.search(there.actor("officer"), case, QUERY)
    with pytest.raises(StateError, match="nobody has judged"):
        send(there, letter)
    judge(there, case, View.DIFFERENT, "one")
    send(there, letter)
    assert the_case(there, case).state == "no-hit"


def test_a_no_hit_is_refused_while_anybody_judged_the_candidate_the_same(world: World) -> None:
    there, case, mid = asked(world)
    judge(there, case, View.SAME, "one")
    with pytest.raises(StateError, match="not a no-hit"):
        send(there, reply(case, "answer", about=mid, outcome="no-hit"))


def test_the_score_is_absent_before_ones_own_first_view(world: World) -> None:
    there, case, _ = asked(world)
    judge(there, case, View.DIFFERENT, "zero")
    blind = there.desk.look_up.compare(there.actor("officer", "two"), case, PERSON, QUERY)
    assert blind.verdict is Verdict.OPEN
    there, case, _ = asked(world)
    judge(there, case, View.SAME, "one")
    officer, look_up = there.actor("officer", "two"), there.desk.look_up
    (listed,) = look_up.search(officer, case, QUERY)
    assert not hasattr(listed, "score")
    shown = look_up.compare(officer, case, PERSON, QUERY)
    assert (shown.score, shown.band, shown.verdict) == (None, "", Verdict.OPEN)
    assert {found.weight for found in shown.evidence} == {0.0}
    assert shown.judgements == ()
    opinion = Opinion(view=View.SAME, reason="the birth date agrees")
    with pytest.raises(StateError, match="first view"):
        look_up.final_view(officer, case, shown, opinion)
    look_up.first_view(officer, case, shown, opinion)
    with pytest.raises(ConflictError):
        look_up.first_view(officer, case, shown, opinion)
    shown = look_up.compare(officer, case, PERSON, QUERY)
    assert shown.score is not None
    assert len(shown.judgements) == 1
    assert look_up.final_view(officer, case, shown, opinion) is Verdict.SAME
    assert len(look_up.compare(officer, case, PERSON, QUERY).judgements) == 2
    assert leaves(there).count("judged") == 3


def test_a_look_up_names_a_case_and_shows_only_what_is_there(world: World) -> None:
    there, case, _ = asked(world)
    officer = there.actor("officer")
    with pytest.raises(NotFoundError):
        there.desk.look_up.search(officer, CaseId("2026-0000000000"), QUERY)
    with pytest.raises(NotFoundError):
        there.desk.look_up.compare(officer, case, type(PERSON)("p-2"), QUERY)
    with pytest.raises(AuthorisationError):
        there.desk.look_up.search(there.actor("legal"), case, QUERY)


def test_what_a_form_says_of_confirmation_counts_for_nothing(world: World) -> None:
    there, case, mid = asked(world)
    judge(there, case, View.SAME, "one", "two")
    body = {**hit(mid), "confirmation": "two-persons"}
    waits = there.desk.correspondence.send(
        there.actor("officer"), reply(case, "answer", **body)
    )
    assert isinstance(waits, AwaitsSecond)
    draft = there.desk.correspondence.pending_draft(there.actor("officer"), waits.pending)
    assert draft.body["confirmation"] == "one-person"


def test_the_first_person_is_never_the_second(world: World) -> None:
    there, case, mid = asked(world)
    judge(there, case, View.SAME, "one", "two")
    letters = there.desk.correspondence
    waits = letters.send(there.actor("officer"), reply(case, "answer", **hit(mid)))
    assert isinstance(waits, AwaitsSecond)
    with pytest.raises(AuthorisationError, match="another"):
        letters.confirm(there.actor("officer"), waits.pending)
    with pytest.raises(AuthorisationError):
        letters.confirm(there.actor("legal"), waits.pending)
    letters.confirm(there.actor("supervisor"), waits.pending)
    with pytest.raises(StateError, match="confirmed"):
        letters.confirm(there.actor("supervisor", "third"), waits.pending)
    assert leaves(there).count("sent") == 1


def test_the_road_itself_wants_the_second_person(world: World) -> None:
    there, case, _ = asked(world)
    body = {"about": "0" * 32, "answer": "given"}
    draft = replace(
        there.desk.correspondence.preview(
            there.actor("officer"), reply(case, "reminder", about=received_mid(there))
        ).draft,
        kind="requests.consent-answer/1",
        body=body,
    )
    act = Act(person=there.actor("legal").person, seat="legal", session="s", at=draft.at)
    for alone in (act, replace(act, second=act.person)):
        with pytest.raises(AuthorisationError, match="second person"):
            outbound.decide(draft, alone, there.station)
    other = replace(act, second=there.actor("rights").person)
    assert not isinstance(outbound.decide(draft, other, there.station).result(), Stopped)


def received_mid(there: Resident) -> str:
    return there.store.read(lambda r: r.find(InboxRow))[0].mid.hex()


def test_an_act_that_waits_can_be_taken_back(world: World) -> None:
    there, case, mid = asked(world)
    judge(there, case, View.SAME, "one", "two")
    letters = there.desk.correspondence
    waits = letters.send(there.actor("officer"), reply(case, "answer", **hit(mid)))
    assert isinstance(waits, AwaitsSecond)
    letters.drop(there.actor("officer"), waits.pending)
    with pytest.raises(StateError, match="dropped"):
        letters.confirm(there.actor("officer", "second"), waits.pending)
    with pytest.raises(NotFoundError):
        letters.confirm(there.actor("officer"), "nothing")
    assert world.outbox(A) == []


def test_a_confirmation_that_cannot_go_yet_still_waits(world: World) -> None:
    there, case, mid = asked(world)
    judge(there, case, View.SAME, "one", "two")
    letters = there.desk.correspondence
    waits = letters.send(there.actor("officer"), reply(case, "answer", **hit(mid)))
    assert isinstance(waits, AwaitsSecond)
    world.clock.advance(2 * DAY)
    second = there.actor("officer", "second")
    with pytest.raises(Exception, match="prekey"):
        letters.confirm(second, waits.pending)
    world.meet()
    sent = sure(letters.confirm(second, waits.pending))
    assert outbox(there, sent.mid).state == "queued"


def urgent(world: World) -> tuple[Resident, CaseId, str]:
    sent = ask(world, question(urgency_ground="danger-to-life"))
    there = world.residents[A]
    return there, case_of(there, sent.mid), sent.mid


def test_under_danger_to_life_one_person_may_tell_and_says_so(world: World) -> None:
    there, case, mid = urgent(world)
    with pytest.raises(StateError):
        send(there, reply(case, "answer", **hit(mid)))
    judge(there, case, View.SAME, "first")
    sent = send(there, reply(case, "answer", **hit(mid)))
    world.run()
    content = opened(world.residents[N], sent.mid).content
    assert content is not None
    assert content.body["confirmation"] == "one-person"
    (task,) = tasks(there, "second")
    assert task.due == world.clock.now() + 24 * HOUR


def test_what_nobody_confirmed_in_a_day_is_recalled_by_itself(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = send(here, warning())
    world.run()
    assert not here.desk.overdue(lambda: 0)
    world.clock.advance(24 * HOUR)
    assert not here.desk.overdue(lambda: 0)  # no prekey: tried again
    world.meet()
    assert here.desk.overdue(lambda: 0)
    assert tasks(here, "second") == []
    world.run()
    assert received(there, sent.mid).state == "recalled"
    newest = [row for row in world.outbox(N) if row.kind == "requests.recall/1"]
    assert [row.person for row in newest] == [here.actor("officer").person]
    assert not here.desk.overdue(lambda: 0)


def test_a_warning_never_stored_needs_no_recall(world: World) -> None:
    here = world.residents[N]
    sent = send(here, warning())
    world.rotate(A)
    world.unreachable.add(A)
    item = world.due(here, A)[0]
    row = replace(outbox(here, sent.mid), state="expired", code="expired")
    here.store.commit(lambda tx: tx.put(row)).result()
    assert item.mid.hex() == sent.mid
    world.clock.advance(24 * HOUR)
    assert here.desk.overdue(lambda: 0)
    assert tasks(here, "second") == []
    assert len(world.outbox(N)) == 1


def test_another_person_confirms_after_the_act_and_closes_the_task(world: World) -> None:
    here = world.residents[N]
    sent = send(here, warning())
    world.run()
    confirm = reply(sent.case, "confirm", about=sent.mid)
    with pytest.raises(AuthorisationError, match="another"):
        send(here, confirm)
    send(here, confirm, name="second")
    assert tasks(here, "second") == []
    with pytest.raises(StateError, match="awaits no"):
        send(here, confirm, name="third")
    world.clock.advance(25 * HOUR)
    world.meet()
    here.desk.overdue(lambda: 0)
    assert [row for row in world.outbox(N) if "recall" in row.kind] == []


def test_a_confirmation_owed_follows_the_message_that_was_sealed_anew(world: World) -> None:
    here = world.residents[N]
    sent = send(here, warning())
    world.rotate(A)
    world.run()
    new = outbox(here, sent.mid).replaced_by
    assert new is not None
    (task,) = tasks(here, "second")
    assert task.task == f"{new.hex()}-second"
    send(here, reply(sent.case, "confirm", about=new.hex()), name="second")
    assert tasks(here, "second") == []


def test_a_task_is_spoken_of_once_a_step_and_escalated_without_content(world: World) -> None:
    there, case, _ = asked(world)
    woken: list[int] = []

    def notify() -> int:
        woken.append(1)
        return 1

    there.desk.overdue(notify)
    assert woken == []
    world.clock.advance(167 * HOUR)
    for _ in range(3):
        there.desk.overdue(notify)
    assert len(woken) == 1
    world.clock.advance(HOUR)
    there.desk.overdue(notify)
    assert len(woken) == 2
    (escalated,) = tasks(there, "overdue")
    assert (escalated.seat, escalated.case) == ("supervisor", case)
    world.meet()
    world.residents[A].desk.look_up.search(there.actor("officer"), case, QUERY)
    judge(there, case, View.DIFFERENT, "one")
    mid = received_mid(there)
    send(there, reply(case, "answer", about=mid, outcome="no-hit"))
    there.desk.overdue(notify)
    assert tasks(there, "overdue") == []


def test_an_urgent_question_wakes_somebody_at_once(world: World) -> None:
    there, _, _ = urgent(world)
    woken = iter(range(2))
    there.desk.overdue(lambda: next(woken))
    assert next(woken) == 1


def test_a_warning_ends_on_its_day_on_both_sides(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    until = int(world.clock.now() + DAY)
    sent = send(here, warning(until=until))
    world.run()
    send(here, reply(sent.case, "confirm", about=sent.mid), name="second")
    case = case_of(there, sent.mid)
    for resident in (here, there):
        assert not resident.desk.overdue(lambda: 0)
    world.clock.advance(DAY)
    for resident, name in ((here, sent.case), (there, case)):
        assert resident.desk.overdue(lambda: 0)
        assert the_case(resident, name).state == "ended"
        assert not resident.desk.overdue(lambda: 0)


def test_a_referred_alarm_still_owes_its_second_person(world: World) -> None:
    here = world.residents[N]
    letter = warning()
    letter = replace(letter, facts={**letter.facts, "free_text_sensitive": None})
    outcome = here.desk.correspondence.send(here.actor("officer"), letter)
    while isinstance(outcome, NotSent):
        found = [r.rule for r in outcome.decision.reasons if r.outcome.name == "REFER"]
        outcome = here.desk.correspondence.resume(
            here.actor("legal"), outcome.reference, lift=tuple(found)
        )
    assert len(tasks(here, "second")) == 1
