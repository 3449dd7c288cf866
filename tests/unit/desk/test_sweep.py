"""When the law changes, what is here is asked about again, and nothing moves by itself."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scenarios.stage import (
    A,
    N,
    inbox,
    leaves,
    opened,
    outbox,
    received,
    reply,
    send,
    sure,
    tasks,
    warning,
)
from tests.unit.desk.ground import (
    LAW,
    RULE,
    banned,
    confirmed,
    gap_world,
    hostages,
    law,
    read,
)
from tests.unit.exchange.test_passage import stand

from comity.adapters.sql import open_sqlite
from comity.adapters.sql.store import SqlStore
from comity.adapters.world import Resident, World
from comity.core.clock import DAY, Instant
from comity.core.errors import AuthorisationError, NotFoundError, StateError
from comity.core.ids import CaseId, MemberId, NodeId, RecordId
from comity.core.store import Store, eq
from comity.desk import AwaitsSecond, Finding, NotSent, Sweep
from comity.desk.rows import PendingRow, SweepRow
from comity.exchange import DecisionRow
from comity.law import AssessmentRow, Verdict, load_corpus, shipped_packs
from comity.node.office import ROWS
from comity.record import Assurance
from comity.trust import Standing


@pytest.fixture
def world() -> World:
    return gap_world()


def sweep(here: Resident) -> tuple[Finding, ...]:
    legal = here.actor("legal")
    done = here.desk.sweep.run(legal)
    assert done.finished is not None
    return here.desk.sweep.findings(legal)


def only(found: tuple[Finding, ...], sort: str) -> Finding:
    (one,) = [each for each in found if each.row.item.startswith(f"{sort}/")]
    return one


def disclosed(world: World) -> str:
    """Let Norland send what only its own reading permits."""
    here = world.residents[N]
    confirmed(here)
    sent = sure(here.desk.correspondence.send(here.actor("officer"), hostages()))
    world.run()
    return sent.mid


def test_where_nothing_changed_nothing_is_found(world: World) -> None:
    disclosed(world)
    for here in world.residents.values():
        assert sweep(here) == ()
        assert tasks(here, "swept") == []


def test_a_disclosure_the_law_now_denies_is_proposed_for_recall_and_stays_out(
    world: World,
) -> None:
    here = world.residents[N]
    mid = disclosed(world)
    world.corpus = banned()
    found = only(sweep(here), "disclosed")
    assert (found.row.before, found.row.after) == (Verdict.PERMIT, Verdict.DENY)
    assert (found.row.proposal, found.row.seat) == ("recall", "supervisor")
    (new,) = [each for each in found.rules if each.rule == "gap-ban"]
    assert (new.cite, new.outcome, new.is_new) == (
        "Treaty of the Gap, art. 9",
        Verdict.DENY,
        True,
    )
    (task,) = tasks(here, "swept")
    assert (task.seat, task.due) == ("supervisor", world.clock.now() + DAY)
    assert outbox(here, mid).recalled_at is None
    send(here, reply(found.row.case, "recall", about=mid, ground="basis-ended"))
    assert tasks(here, "swept") == []
    assert here.desk.sweep.findings(here.actor("legal")) == ()
    assert sweep(here) == ()


def test_a_reading_that_was_taken_back_is_heard_of_in_what_it_let_go(world: World) -> None:
    here = world.residents[N]
    mid = disclosed(world)
    world.clock.advance(1_000)
    confirmed(here, read(outcome="reject"))
    assert here.desk.sweep.work()
    found = only(sweep(here), "disclosed")
    assert found.row.item == f"disclosed/{mid}"
    assert found.row.after > Verdict.PERMIT
    assert RULE in {each.rule for each in found.rules if not each.is_new}


def test_an_assessment_that_expires_refers_what_rested_on_it(world: World) -> None:
    here = world.residents[N]
    mid = disclosed(world)
    world.clock.advance(301 * DAY)
    found = only(sweep(here), "disclosed")
    assert found.row.item == f"disclosed/{mid}"
    assert found.row.after == Verdict.REFER
    assert found.row.proposal == "decide"
    (task,) = tasks(here, "swept")
    assert task.seat in {"legal", "rights", "supervisor"}
    assert task.due == world.clock.now() + 3 * DAY


def test_what_a_partner_told_us_is_proposed_for_erasure_and_can_still_be_read(
    world: World,
) -> None:
    there = world.residents[A]
    mid = disclosed(world)
    world.corpus = banned("hold")
    found = only(sweep(there), "held")
    assert (found.row.after, found.row.proposal) == (Verdict.DENY, "erase")
    assert opened(there, mid).content is not None
    assert received(there, mid).state == "filed"
    assert there.desk.correspondence.erase(there.actor("supervisor"), mid)
    assert tasks(there, "swept") == []
    assert there.desk.sweep.findings(there.actor("legal")) == ()


def test_a_referred_draft_that_would_now_go_waits_until_a_person_asks_the_road(
    world: World,
) -> None:
    here = world.residents[N]
    found = here.desk.correspondence.send(here.actor("officer"), hostages())
    assert isinstance(found, NotSent)
    confirmed(here)
    told = only(sweep(here), "waiting")
    assert (told.row.before, told.row.after) == (Verdict.REFER, Verdict.PERMIT)
    assert told.row.proposal == "resume"
    assert tasks(here, "swept") == []
    assert world.outbox(N) == []
    assert here.desk.correspondence.referrals(here.actor("legal"))
    sent = sure(here.desk.correspondence.resume(here.actor("legal"), found.reference))
    assert leaves(here).count("permitted") == 1
    assert outbox(here, sent.mid).state == "queued"
    assert here.desk.sweep.findings(here.actor("legal")) == ()


def test_a_referred_draft_that_is_now_denied_is_work_until_it_is_given_up(
    world: World,
) -> None:
    here = world.residents[N]
    found = here.desk.correspondence.send(here.actor("officer"), hostages())
    assert isinstance(found, NotSent)
    world.corpus = banned()
    told = only(sweep(here), "waiting")
    assert (told.row.after, told.row.proposal) == (Verdict.DENY, "abandon")
    assert len(tasks(here, "swept")) == 1
    here.desk.correspondence.abandon(here.actor("officer"), found.reference)
    assert tasks(here, "swept") == []
    assert here.desk.sweep.findings(here.actor("legal")) == ()


def test_what_was_held_and_may_now_be_let_in_is_settled_once_it_is(world: World) -> None:
    there = world.residents[A]
    mid = disclosed(world)
    row = received(there, mid)
    held = replace(row, state="held", rules="gap-9=1")
    there.store.commit(lambda tx: tx.put(held)).result()
    found = only(sweep(there), "held")
    assert (found.row.before, found.row.proposal) == (Verdict.REFER, "release")
    there.desk.reading.released(there.actor("legal"), mid)
    assert there.desk.sweep.findings(there.actor("legal")) == ()


def test_a_held_message_is_let_in_only_if_our_law_still_lets_it_be_held(world: World) -> None:
    there = world.residents[A]
    mid = disclosed(world)
    held = replace(received(there, mid), state="held", rules="gap-9=1")
    there.store.commit(lambda tx: tx.put(held)).result()
    world.corpus = banned("hold")
    with pytest.raises(StateError, match="not-admitted"):
        there.desk.reading.released(there.actor("legal"), mid)
    assert received(there, mid).state == "held"
    assert leaves(there)[-1] == "not_admitted"
    view = there.desk.reading.case(there.actor("legal"), CaseId(held.case))
    assert "not-admitted" in {event.sort for event in view.events}
    world.corpus = LAW
    there.desk.reading.released(there.actor("legal"), mid)
    assert received(there, mid).state == "filed"
    assert "lifted" in leaves(there)


def test_nobody_lets_in_what_a_member_gave_that_left(world: World) -> None:
    there = world.residents[A]
    mid = disclosed(world)
    held = replace(received(there, mid), state="held", rules="gap-9=1")
    there.store.commit(lambda tx: tx.put(held)).result()
    stand(world, "xn", Standing.LEFT)
    with pytest.raises(StateError, match="suspended"):
        there.desk.reading.released(there.actor("legal"), mid)
    assert received(there, mid).state == "held"


def test_looking_at_what_was_found_begins_nothing(world: World) -> None:
    here = world.residents[N]
    assert here.desk.sweep.progress().finished is None
    assert here.store.read(lambda r: r.get(SweepRow, "law")) is None
    sweep(here)
    assert here.desk.sweep.progress().finished is not None
    world.corpus = banned()
    assert here.desk.sweep.progress().finished is None


def test_an_act_that_waits_for_its_second_person_is_asked_about_too(world: World) -> None:
    here = world.residents[N]
    letter = replace(
        warning(danger="public-safety", urgency_ground="evidence-may-be-lost"),
        facts=hostages().facts,
    )
    waits = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(waits, AwaitsSecond)
    assert sweep(here) == ()
    confirmed(here)
    told = only(sweep(here), "pending")
    assert told.row.after == Verdict.PERMIT
    assert told.row.proposal == "confirm"
    here.desk.correspondence.drop(here.actor("officer"), waits.pending)
    assert here.desk.sweep.findings(here.actor("legal")) == ()


def test_what_is_as_it_was_again_is_work_for_nobody(world: World) -> None:
    here = world.residents[N]
    disclosed(world)
    world.corpus = banned()
    assert len(sweep(here)) == 1
    world.corpus = LAW
    assert sweep(here) == ()
    assert tasks(here, "swept") == []
    world.corpus = banned()
    assert len(sweep(here)) == 1
    assert len(tasks(here, "swept")) == 1


def test_nothing_is_found_twice(world: World) -> None:
    here = world.residents[N]
    disclosed(world)
    world.corpus = banned()
    assert len(sweep(here)) == 1
    before = tasks(here, "swept")
    world.clock.advance(DAY)
    assert len(sweep(here)) == 1
    assert tasks(here, "swept") == before


def test_a_person_keeps_what_was_sent_for_reasons_that_the_ledger_holds(world: World) -> None:
    here = world.residents[N]
    disclosed(world)
    world.corpus = banned()
    item = only(sweep(here), "disclosed").row.item
    with pytest.raises(AuthorisationError):
        here.desk.sweep.keep(here.actor("officer"), item)
    sender = replace(here.actor("officer"), seats=frozenset({"officer", "legal"}))
    with pytest.raises(AuthorisationError, match="another than its sender"):
        here.desk.sweep.keep(sender, item)
    legal = here.actor("legal")
    with pytest.raises(AuthorisationError):
        here.desk.sweep.keep(replace(legal, case="2026-0000000000"), item)
    here.desk.sweep.keep(legal, item, reasons="the hostage is in danger")
    assert leaves(here)[-1] == "lifted"
    assert tasks(here, "swept") == []
    assert sweep(here) == ()
    with pytest.raises(StateError, match="kept"):
        here.desk.sweep.keep(legal, item)
    with pytest.raises(NotFoundError):
        here.desk.sweep.keep(legal, "waiting/none")


def test_the_content_of_what_was_erased_is_asked_about_no_more(world: World) -> None:
    there = world.residents[A]
    mid = disclosed(world)
    there.desk.correspondence.erase(there.actor("rights"), mid)
    world.corpus = banned("hold")
    assert sweep(there) == ()


def test_what_protects_a_person_is_asked_about_by_nobody(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    mid = disclosed(world)
    send(here, reply(outbox(here, mid).case, "recall", about=mid, ground="unlawful"))
    world.run()
    for each in (here, there):
        world.corpus = banned()
        assert sweep(each) == ()


def test_a_record_that_is_gone_leaves_nothing_to_judge(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    mid = disclosed(world)
    made = here.store.read(lambda r: r.get(DecisionRow, outbox(here, mid).decision))
    assert made is not None
    for each, record in ((here, made.record_id), (there, received(there, mid).record_id)):
        forget(each, record)
        world.corpus = banned("hold")
        assert sweep(each) == ()


def forget(here: Resident, record: str) -> None:
    at = here.clock.now()
    assert here.store.commit(lambda tx: here.safe.erase(tx, RecordId(record), at=at)).result()


def test_a_large_sweep_ends_in_the_background(world: World) -> None:
    here = world.residents[N]
    disclosed(world)
    few = Sweep(here.station, limit=1, rounds=2)
    assert few.run(here.actor("legal")).finished is None
    while few.work():
        pass
    assert few.progress().finished is not None


def test_a_round_that_another_one_overtook_writes_nothing(world: World) -> None:
    here = world.residents[N]
    slow = Sweep(here.station, limit=1)
    stale = here.store.commit(slow._begin).result()
    batch = here.store.read(lambda r: slow._batch(r, stale))
    assert slow.work()
    before = here.store.read(lambda r: r.get(SweepRow, "law"))
    here.store.commit(lambda tx: slow._write(tx, stale, batch)).result()
    assert here.store.read(lambda r: r.get(SweepRow, "law")) == before


def test_what_can_be_judged_no_more_is_left_to_a_person(world: World) -> None:
    there = world.residents[A]
    mid = disclosed(world)
    row = received(there, mid)
    there.store.commit(lambda tx: tx.put(replace(row, kind="gone.ask/1"))).result()
    found = only(sweep(there), "held")
    assert found.row.after == Verdict.REFER
    assert {each.rule for each in found.rules if each.is_new} == {"law.not-judged"}


def test_rows_without_codes_are_judged_by_what_became_of_them(world: World) -> None:
    there = world.residents[A]
    row = received(there, disclosed(world))
    there.store.commit(lambda tx: tx.put(replace(row, rules=""))).result()
    assert sweep(there) == ()
    world.corpus = banned("hold")
    assert only(sweep(there), "held").row.before == Verdict.PERMIT


def test_a_sweep_goes_on_where_it_stopped_and_asks_about_each_thing_once(world: World) -> None:
    here = world.residents[N]
    confirmed(here)
    for _ in range(5):
        sure(here.desk.correspondence.send(here.actor("officer"), hostages()))
        world.clock.advance(1_000)
    world.run()
    world.corpus = banned()
    slow = Sweep(here.station, limit=2)
    assert slow.work()
    for _ in range(4):
        slow.work()
    world.restart(N)
    here = world.residents[N]
    again = Sweep(here.station, limit=2)
    started = again.progress().started
    while again.work():
        pass
    done = again.progress()
    assert done.started == started
    assert done.finished is not None
    assert done.seen == 5
    assert done.found == 5
    assert len(again.findings(here.actor("legal"))) == 5
    assert not again.work()


def test_another_law_in_the_middle_begins_the_sweep_anew(world: World) -> None:
    here = world.residents[N]
    disclosed(world)
    slow = Sweep(here.station, limit=1)
    for _ in range(4):
        slow.work()
    before = here.store.read(lambda r: r.get(SweepRow, "law"))
    world.corpus = banned()
    slow.work()
    after = here.store.read(lambda r: r.get(SweepRow, "law"))
    assert before is not None
    assert after is not None
    assert before.stamp != after.stamp
    assert after.sort == "waiting"
    while slow.work():
        pass
    assert len(slow.findings(here.actor("legal"))) == 1


def test_a_confirmed_assessment_and_the_next_day_begin_a_sweep(world: World) -> None:
    here = world.residents[N]
    while here.desk.sweep.work():
        pass
    assert not here.desk.sweep.work()
    world.clock.advance(DAY)
    assert here.desk.sweep.work()
    while here.desk.sweep.work():
        pass
    old = here.store.read(lambda r: r.find(AssessmentRow, limit=1))[0]
    row = replace(old, at=world.clock.now())
    here.store.commit(lambda tx: tx.insert(row)).result()
    assert here.desk.sweep.work()


def test_an_assurance_that_is_relied_on_no_more_begins_a_sweep(world: World) -> None:
    here = world.residents[N]
    case = CaseId(outbox(here, disclosed(world)).case)
    held = Assurance(
        case=case,
        state=MemberId("xa"),
        author="Ministry of Justice of Arcadia",
        given_on="2026-05-30",
        until=Instant(world.clock.now() + 100 * DAY),
        text="No sentence of death will be sought.",
        monitoring="The consul attends the hearings.",
    )
    row = here.desk.custody.assure(here.actor("legal"), held)
    while here.desk.sweep.work():
        pass
    here.desk.custody.end_assurance(here.actor("legal"), row.record_id)
    assert here.desk.sweep.work()


def test_a_store_on_disk_finds_the_same_in_the_same_order(tmp_path: Path) -> None:
    def store(node: NodeId) -> Store:
        return open_sqlite(tmp_path / f"{node}.db", ROWS)

    world = gap_world(stores=store)
    here, there = world.residents[N], world.residents[A]
    refused = here.desk.correspondence.send(here.actor("officer"), hostages())
    assert isinstance(refused, NotSent)
    assert here.desk.readings.work_list(here.actor("legal"))[0].row == RULE
    mids = [disclosed(world)]
    for _ in range(3):
        world.clock.advance(1_000)
        sent = sure(here.desk.correspondence.send(here.actor("officer"), hostages()))
        mids.append(sent.mid)
    world.run()
    world.corpus = load_corpus(shipped_packs())
    for each in (here, there):
        slow = Sweep(each.station, limit=2)
        while slow.work():
            pass
        assert slow.progress().seen == (5 if each is here else 4)
    found = here.desk.sweep.findings(here.actor("legal"))
    assert {f"disclosed/{mid}" for mid in mids} <= {each.row.item for each in found}
    world.restart(N)
    assert world.residents[N].desk.readings.list(here.actor("legal"))[0].state == "outdated"
    for each in world.residents.values():
        cast("SqlStore", each.store).close()


@pytest.mark.parametrize("seat", ["officer", "analyst", "admin", "engineer"])
def test_a_sweep_is_begun_by_who_may_decide_on_it(world: World, seat: str) -> None:
    with pytest.raises(AuthorisationError):
        world.residents[N].desk.sweep.run(world.residents[N].actor(seat))


def test_a_token_of_one_case_sees_the_findings_of_that_case(world: World) -> None:
    here = world.residents[N]
    disclosed(world)
    world.corpus = banned()
    (found,) = sweep(here)
    legal = here.actor("legal")
    assert here.desk.sweep.findings(replace(legal, case=found.row.case)) == (found,)
    assert here.desk.sweep.findings(replace(legal, case="2026-0000000000")) == ()


LAWS = (
    LAW,
    banned(),
    banned("hold"),
    law(gap=("evidence: unverified", "evidence: seen")),
    load_corpus(shipped_packs()),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.integers(0, len(LAWS) - 1), min_size=1, max_size=4))
def test_no_sweep_turns_anything_into_a_permit(steps: list[int]) -> None:
    """Whatever the law becomes, rows, ledger and outbox stay until a person takes the road."""
    world = gap_world()
    disclosed(world)
    here, there = world.residents[N], world.residents[A]
    letter = replace(hostages(), facts={**hostages().facts, "torture_risk": None})
    assert isinstance(here.desk.correspondence.send(here.actor("officer"), letter), NotSent)
    before = [standing(each) for each in (here, there)]
    for step in steps:
        world.corpus = LAWS[step]
        world.clock.advance(1_000)
        sweep(here)
        sweep(there)
        assert [standing(each) for each in (here, there)] == before


def standing(here: Resident) -> object:
    """Return all that the road knows of one node."""
    return (
        leaves(here),
        [(row.decision, row.state) for row in here.store.read(lambda r: r.find(DecisionRow))],
        [(row.pending, row.state) for row in here.store.read(lambda r: r.find(PendingRow))],
        [(row.mid, row.state, row.record_id) for row in inbox(here)],
        here.store.read(lambda r: r.count(DecisionRow, eq("state", "open"))),
    )
