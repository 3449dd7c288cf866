"""A paper of four partners on the real road: law, seals, ledgers; one of them may read nothing.

Between Meridia and the others no law in force lets content go: it gets the proof of each act,
and gives the proof of each of its own.
"""

from dataclasses import replace

import pytest
from tests.joint.paper import ALL, A, C, M, N, roster_value
from tests.joint.stage import (
    a_world,
    acts_at,
    at,
    case_at,
    do,
    joint_case,
    letter,
    proposal,
    say,
    settle,
    view_at,
)

from comity.adapters.world import World
from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR
from comity.core.errors import (
    AuthorisationError,
    InvalidInputError,
    NotFoundError,
    StateError,
)
from comity.core.ids import AgencyId, CaseId, MemberId, NodeId
from comity.core.store import eq
from comity.desk import AwaitsSecond, JointSent, Letter
from comity.exchange import DecisionRow, InboxRow, OutboxRow, joint_recall
from comity.ledger import LeafType, decode_leaf
from comity.message import handling
from comity.practice import CaseRow, CitedRow, CopyRow, JointRow, SectionRow, TaskRow, View


def a_paper() -> tuple[World, str]:
    world = a_world()
    return world, do(world, N, proposal()).digest


def an_endorsed_paper() -> tuple[World, str]:
    world, root = a_paper()
    for party in ALL:
        say(world, party, "endorse/1")
    return world, root


def views(world: World) -> list[View]:
    return [view_at(world, party) for party in ALL]


def are_one(world: World) -> bool:
    first, *others = views(world)
    return all(view == first for view in others)


def copies(world: World, agency: AgencyId, digest: str) -> dict[str, str]:
    rows = at(world, agency).store.read(lambda r: r.find(CopyRow, eq("digest", digest)))
    return {row.party: row.state for row in rows}


def leaves(world: World, agency: AgencyId, sort: LeafType) -> int:
    store = at(world, agency).store
    entries = store.read(lambda r: r.entries(0, r.size()))
    return sum(decode_leaf(entry).type is sort for entry in entries)


def test_four_partners_come_to_one_view_whatever_they_may_read() -> None:
    world, root = an_endorsed_paper()
    assert are_one(world)
    view = view_at(world, M)
    assert (view.state, view.root, view.number) == ("endorsed", root, 5)
    assert copies(world, N, root) == {A: "sent", C: "sent", M: "withheld"}
    held = at(world, M).desk.joint.view(at(world, M).actor("officer"), case_at(world, M))
    assert root in held.framed_only
    assert held.quorums["signed"].is_met


def test_a_section_reaches_those_it_is_meant_for_and_no_other() -> None:
    world, root = a_paper()
    shown = {}
    for party in ALL:
        here = at(world, party)
        act = here.desk.joint.read(here.actor("officer"), case_at(world, party), root)
        shown[party] = ([part.name for part in act.sections], act.body.get("title"))
    assert shown == {
        N: (["mission", "supply"], "Port watch"),
        A: (["mission", "supply"], "Port watch"),
        C: (["mission"], "Port watch"),
        M: ([], None),
    }


def test_who_opens_an_act_is_told_to_its_author_alone() -> None:
    world, root = a_paper()
    here = at(world, C)
    here.desk.joint.read(here.actor("officer"), case_at(world, C), root)
    world.run()
    sent = at(world, N).store.read(lambda r: r.find(OutboxRow, eq("kind", "papers.propose/1")))
    assert {row.recipient: row.seen_at is not None for row in sent} == {A: False, C: True}


def test_each_copy_has_its_own_decision_and_no_copy_names_a_number() -> None:
    world, _ = a_paper()
    store = at(world, N).store
    rows = store.read(lambda r: r.find(DecisionRow, eq("kind", "papers.propose/1")))
    assert {row.recipient for row in rows} == {A, C}
    assert leaves(world, N, LeafType.NUMBERED) == 1
    assert leaves(world, A, LeafType.NUMBERED) == 0


def test_an_amendment_voids_endorsements_at_every_party() -> None:
    world, root = an_endorsed_paper()
    amended = say(world, N, "amend/1", title="Port watch at night")
    assert {view.state for view in views(world)} == {"proposed"}
    assert {view.root for view in views(world)} == {amended.digest}
    with pytest.raises(StateError, match="old-root"):
        say(world, A, "endorse/1", root=root)


def test_a_dissent_shows_where_its_words_may_not() -> None:
    world, root = a_paper()
    say(world, A, "dissent/2", root=root, ground="facts", text="The port is closed")
    (mark,) = view_at(world, M).dissents
    assert (mark.party, mark.root, mark.ground) == (A, root, "facts")
    here = at(world, M)
    assert here.desk.joint.read(here.actor("officer"), case_at(world, M), mark.act).body == {}
    assert leaves(world, A, LeafType.DISSENT) == 1


def test_a_stop_of_one_halts_all_until_each_has_lifted_it() -> None:
    world, _ = a_paper()
    say(world, M, "stop/2", ground="error")
    assert {view.is_stopped for view in views(world)} == {True}
    held = at(world, N).store.read(lambda r: r.get(CaseRow, case_at(world, N)))
    assert held is not None
    assert held.state == "stopped/1/0/proposed"
    with pytest.raises(StateError, match="stopped"):
        say(world, A, "endorse/1")
    say(world, C, "warn/1", danger="danger-to-life", text="A device")
    for party in ALL:
        say(world, party, "lift/2", seat="supervisor")
    assert {view.is_stopped for view in views(world)} == {False}
    assert are_one(world)


def test_a_stop_that_nobody_confirms_lapses_in_the_list_as_well() -> None:
    world, _ = a_paper()
    say(world, M, "stop/2", ground="error")
    world.clock.advance(73 * HOUR)
    settle(world)
    held = at(world, N).store.read(lambda r: r.get(CaseRow, case_at(world, N)))
    assert held is not None
    assert held.state == "proposed"


def test_a_stop_confirmed_by_another_person_stays() -> None:
    world, _ = a_paper()
    say(world, M, "stop/2", ground="error")
    with pytest.raises(StateError, match="same-person"):
        say(world, M, "stop-confirm/2")
    say(world, M, "stop-confirm/2", name="second")
    world.clock.advance(73 * HOUR)
    settle(world)
    assert view_at(world, A).is_stopped


def test_a_section_is_recalled_alone_and_erased_where_it_is_held() -> None:
    world, root = a_paper()
    recall = say(world, N, "recall/2", root=root, section=3, ground="unlawful")
    here = at(world, A)
    case, officer = case_at(world, A), here.actor("officer")
    parts = here.desk.joint.read(officer, case, root).sections
    assert [(part.name, part.state) for part in parts] == [
        ("mission", "held"),
        ("supply", "recalled"),
    ]
    (task,) = here.store.read(lambda r: r.find(TaskRow, eq("sort", "comply"), eq("done", None)))
    mid = task.task.partition("-")[0]
    here.desk.correspondence.comply(officer, mid)
    world.run()
    parts = here.desk.joint.read(officer, case, root).sections
    assert [(part.state, part.body) for part in parts] == [
        ("held", {"text": "Watch the port"}),
        ("erased", {}),
    ]
    sent = at(world, N).store.read(lambda r: r.find(OutboxRow, eq("mid", bytes.fromhex(mid))))
    assert sent[0].complied_at is not None
    assert root in view_at(world, C).stale
    assert view_at(world, M).recalled == {(root, 3)}
    assert recall.digest


def test_an_act_recalled_whole_is_erased_and_its_frame_stays() -> None:
    world, root = a_paper()
    say(world, N, "recall/2", root=root, ground="unlawful")
    here = at(world, A)
    (task,) = here.store.read(lambda r: r.find(TaskRow, eq("sort", "comply"), eq("done", None)))
    here.desk.correspondence.comply(here.actor("officer"), task.task.partition("-")[0])
    world.run()
    read = here.desk.joint.read(here.actor("officer"), case_at(world, A), root)
    assert (read.is_readable, read.body, {part.state for part in read.sections}) == (
        False,
        {},
        {"erased"},
    )
    assert are_one(world)


def test_an_act_erased_by_retention_takes_its_sections_along() -> None:
    world, root = a_paper()
    here = at(world, A)
    (row,) = here.store.read(lambda r: r.find(InboxRow, eq("kind", "papers.propose/1")))
    here.desk.correspondence.erase(here.actor("supervisor"), row.mid.hex())
    sections = here.store.read(lambda r: r.find(SectionRow, eq("digest", root)))
    assert {section.state for section in sections} == {"erased"}
    assert view_at(world, A).state == "proposed"


def test_what_rests_on_a_recalled_message_is_marked_stale() -> None:
    world, root = a_paper()
    here = at(world, N)
    case = case_at(world, N)
    told = CitedRow(cited="ab" * 16, case=case, digest=root, stale_at=None)
    here.store.commit(lambda tx: tx.put(told)).result()
    here.store.commit(
        lambda tx: joint_recall.mark_stale(tx, "ab" * 16, at=world.clock.now())
    ).result()
    assert root in here.desk.joint.view(here.actor("officer"), case).stale


def test_a_correction_brings_a_new_section_and_marks_the_old_root() -> None:
    world, root = a_paper()
    body: Value = {"text": "Three boats"}
    fresh: dict[str, Value] = {"name": "supply", "handling": "TLP:AMBER H1", "body": body}
    corrected = say(
        world, N, "correct/2", root=root, section=3, ground="wrong-value", sections=[fresh]
    )
    here = at(world, C)
    act = here.desk.joint.read(here.actor("officer"), case_at(world, C), corrected.digest)
    assert act.sections[0].body == {"text": "Three boats"}
    assert root in view_at(world, A).stale


def test_a_timer_fires_once_as_a_numbered_act_of_the_convenor() -> None:
    world, _ = a_paper()
    world.clock.advance(31 * DAY)
    world.meet()
    settle(world)
    assert {view.state for view in views(world)} == {"expired"}
    assert [act.frame.kind for act in view_at(world, A).acts][1:] == ["papers.due/1"]
    assert joint_case(at(world, N)).is_over


def test_an_act_that_needs_two_waits_for_the_second() -> None:
    world, _ = an_endorsed_paper()
    here, case = at(world, N), case_at(world, N)
    rush = letter("rush/1", case)
    first = here.desk.joint.send(here.actor("officer"), rush)
    assert isinstance(first, AwaitsSecond)
    assert [row.pending for row in here.desk.joint.awaiting(here.actor("officer"), case)] == [
        first.pending
    ]
    with pytest.raises(AuthorisationError):
        here.desk.joint.confirm(here.actor("officer"), first.pending)
    with pytest.raises(NotFoundError):
        here.desk.joint.confirm(here.actor("officer", "second"), "none")
    sent = here.desk.joint.confirm(here.actor("officer", "second"), first.pending)
    settle(world)
    assert view_at(world, A).index[sent.digest].is_counted
    with pytest.raises(NotFoundError):
        here.desk.joint.confirm(here.actor("officer", "second"), first.pending)
    urgent = here.desk.joint.send(
        here.actor("officer"), letter("rush/1", case, danger="danger-to-life")
    )
    assert isinstance(urgent, JointSent)


def test_what_would_not_count_is_not_sent() -> None:
    world, _ = a_paper()
    before = at(world, A).store.read(lambda r: r.count(OutboxRow))
    for word, reason in (("go/1", "no-step"), ("amend/1", "not-named")):
        body = {"title": "x"} if word == "amend/1" else {}
        with pytest.raises(StateError, match=reason):
            say(world, A, word, **body)
    with pytest.raises(StateError, match="no-step"):
        say(world, A, "written/1")
    assert at(world, A).store.read(lambda r: r.count(OutboxRow)) == before


def test_a_person_sends_no_act_of_the_clock_and_no_letter_as_an_act() -> None:
    world, _ = a_paper()
    for word in ("number/1", "withheld/1", "due/1", "letter/1"):
        with pytest.raises(InvalidInputError):
            say(world, N, word)
    with pytest.raises(AuthorisationError):
        say(world, N, "endorse/1", seat="engineer")


def test_a_marking_names_parties_alone() -> None:
    world = a_world()
    elsewhere = replace(
        proposal(),
        handling=replace(proposal().handling, releasable=frozenset({MemberId("xz")})),
    )
    with pytest.raises(InvalidInputError, match="parties of the case alone"):
        do(world, N, elsewhere)
    body: Value = {"text": "x"}
    outside: dict[str, Value] = {"name": "mission", "handling": "TLP:AMBER", "body": body}
    outside["audience"] = ["xz.other"]
    with pytest.raises(InvalidInputError, match="parties of the case alone"):
        do(world, N, proposal(sections=[outside]))


def test_who_opens_a_case_is_of_it_and_says_what_for() -> None:
    world = a_world()
    with pytest.raises((InvalidInputError, StateError)):
        do(world, N, proposal(parties=roster_value(A, C)))
    with pytest.raises(InvalidInputError, match="purpose"):
        do(world, N, replace(proposal(), purpose=""))
    with pytest.raises(NotFoundError):
        do(world, N, replace(proposal(), parent=CaseId("none")))
    with pytest.raises(NotFoundError):
        do(world, N, letter("endorse/1", "none"))
    with pytest.raises(NotFoundError):
        at(world, N).desk.joint.view(at(world, N).actor("officer"), CaseId("none"))


def test_an_act_of_another_setting_is_not_of_this_case() -> None:
    world, _ = a_paper()
    act = replace(
        letter("endorse/1", case_at(world, A)), handling=handling("TLP:AMBER EXERCISE")
    )
    with pytest.raises(StateError, match="setting"):
        do(world, A, act)


def test_a_lossy_line_and_a_restart_at_any_point_change_nothing() -> None:
    world = a_world()
    heard = iter([True, False] * 1_000)
    world.lose_answers = lambda: next(heard)
    do(world, N, proposal())
    for party in ALL:
        here = at(world, party)
        here.desk.joint.send(here.actor("officer"), letter("endorse/1", case_at(world, party)))
        for node in tuple(world.residents):
            world.restart(node)
            world.run(1)
        settle(world)
    world.lose_answers = lambda: False
    settle(world, 8)
    assert are_one(world)
    assert view_at(world, C).state == "endorsed"


def test_a_node_that_was_away_comes_to_the_same_view() -> None:
    world = a_world()
    away = NodeId(f"{C}.n1")
    world.unreachable.add(away)
    do(world, N, proposal())
    say(world, A, "endorse/1")
    world.unreachable.clear()
    settle(world, 6)
    assert are_one(world)


def test_a_copy_that_the_law_refers_goes_once_a_person_lets_it() -> None:
    world = a_world()
    asked = replace(proposal(), facts={**proposal().facts, "political_offence": None})
    here = at(world, N)
    sent = here.desk.joint.send(here.actor("officer"), asked)
    assert isinstance(sent, JointSent)
    states = copies(world, N, sent.digest)
    assert states[A] == "referred"
    rows = here.store.read(lambda r: r.find(DecisionRow, eq("state", "waiting")))
    to_a = next(row for row in rows if row.recipient == A)
    here.desk.correspondence.resume(
        here.actor("legal"), to_a.decision, facts={"political_offence": False}
    )
    to_c = next(row for row in rows if row.recipient == C)
    here.desk.correspondence.abandon(here.actor("legal"), to_c.decision)
    settle(world)
    assert copies(world, N, sent.digest)[A] == "sent"
    # Nor may a roster be told where nobody knows whether the law lets it.
    assert copies(world, N, sent.digest)[C] == "denied"
    assert view_at(world, A).root == sent.digest
    assert acts_at(at(world, C)) == {}


def test_while_a_person_decides_on_an_act_its_proof_keeps_the_sequence_going() -> None:
    world, _ = a_paper()
    here, case = at(world, A), case_at(world, A)
    open_ = {**proposal().facts, "political_offence": None}
    act = replace(letter("endorse/1", case, text="Agreed"), facts=open_)
    sent = do(world, A, act)
    assert copies(world, A, sent.digest) == {C: "referred", M: "withheld", N: "referred"}
    assert are_one(world)
    assert view_at(world, C).number == 2
    assert not acts_at(at(world, C))[sent.digest].is_readable
    rows = here.store.read(lambda r: r.find(DecisionRow, eq("state", "waiting")))
    by = {row.recipient: row.decision for row in rows}
    facts = {"political_offence": False}
    here.desk.correspondence.resume(here.actor("legal"), by[C], facts=facts)
    here.desk.correspondence.abandon(here.actor("legal"), by[N])
    settle(world)
    assert copies(world, A, sent.digest) == {C: "sent", M: "withheld", N: "withheld"}
    assert acts_at(at(world, C))[sent.digest].is_readable
    assert not acts_at(at(world, N))[sent.digest].is_readable


def test_a_chapter_is_the_child_of_its_paper() -> None:
    world, _ = a_paper()
    case = case_at(world, N)
    chapter = replace(
        letter("chapter/1", title="Routes", parties=roster_value(A, N)), parent=case
    )
    sent = do(world, N, chapter)
    here = at(world, N)
    assert here.desk.joint.view(here.actor("officer"), case).children == {"chapter": None}
    at_a = at(world, A)
    rows = at_a.store.read(lambda r: r.find(JointRow, eq("type", "chapter")))
    held = at_a.store.read(lambda r: r.get(CaseRow, rows[0].case))
    assert held is not None
    assert held.parent == next(
        row.case for row in at_a.store.read(lambda r: r.find(JointRow, eq("type", "paper")))
    )
    here.desk.joint.send(here.actor("officer"), letter("written/1", sent.case))
    settle(world)
    assert here.desk.joint.view(here.actor("officer"), case).children == {"chapter": True}


def test_between_two_of_its_parties_nothing_moves_the_case() -> None:
    world, _ = a_paper()
    here, case = at(world, A), case_at(world, A)
    stop = Letter(
        kind="papers.stop/1",
        body={"ground": "error"},
        handling=proposal().handling,
        case=case,
        recipient=N,
    )
    with pytest.raises(StateError, match="does not move"):
        here.desk.correspondence.send(here.actor("officer"), stop)
    with pytest.raises(InvalidInputError, match="names one of them"):
        here.desk.correspondence.send(here.actor("officer"), replace(stop, recipient=None))
    with pytest.raises(StateError):
        here.desk.correspondence.send(
            here.actor("officer"), replace(stop, kind="papers.letter/1", body={})
        )


def test_a_challenge_stays_between_two_and_is_taken() -> None:
    world, _ = a_paper()
    here, case = at(world, A), case_at(world, A)
    (row,) = here.store.read(lambda r: r.find(InboxRow, eq("kind", "papers.propose/1")))
    body = {"about": row.mid.hex(), "ground": "inaccurate", "by": "officer"}
    challenge = Letter(
        kind="papers.challenge/1",
        body=body,
        handling=proposal().handling,
        case=case,
        recipient=N,
    )
    here.desk.correspondence.send(here.actor("officer"), challenge)
    world.run()
    tasks = at(world, N).store.read(lambda r: r.find(TaskRow, eq("sort", "challenge")))
    assert len(tasks) == 1
