"""What is missing, late, erased or held: nothing is lost, and it says what it waits for."""

from dataclasses import replace

import pytest
from tests.joint.paper import A, C, M, N, roster_value
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
from tests.joint.test_hostile import (
    copy_of,
    evidence_at,
    made,
    numbers_at,
    send_raw,
    sign_number,
    small,
    told,
)

from comity.adapters.world import World
from comity.core.clock import HOUR
from comity.core.errors import NotFoundError, StateError
from comity.core.ids import AgencyId, NodeId, RecordId
from comity.core.store import eq
from comity.desk import AwaitsSecond, JointSent
from comity.exchange import DecisionRow, InboxRow, OutboxRow, PrekeyRow, numbering
from comity.exchange.joint_recall import cite
from comity.practice import (
    ActRow,
    CitedRow,
    CopyRow,
    NumberRow,
    PartyRow,
    SectionRow,
    TaskRow,
    read_number,
    withheld,
)
from comity.seal import Receipt, Rejection, read_document


def a_paper() -> tuple[World, str]:
    world = a_world()
    return world, do(world, N, proposal()).digest


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def copies(world: World, agency: AgencyId, digest: str) -> dict[str, str]:
    rows = at(world, agency).store.read(lambda r: r.find(CopyRow, eq("digest", digest)))
    return {row.party: row.state for row in rows}


def test_a_signature_changed_by_one_bit_is_none() -> None:
    world, root = a_paper()
    number = numbers_at(at(world, N))[0]
    assert told(world, [flipped(number)], A) == "not-admitted"
    whole, signed = made(world, A, "endorse/1", root=root)
    answer = send_raw(world, (A, N), "papers.endorse/1", copy_of((whole, flipped(signed))))
    assert isinstance(answer, Rejection)


def test_a_number_of_an_agency_that_is_no_party_is_not_taken() -> None:
    world = a_world()
    do(world, N, small())
    number, _ = read_number(read_document(numbers_at(at(world, N))[0], sort="number").payload)
    false = sign_number(world, replace(number, number=2, by=C), by=C)
    assert told(world, [false], A) == "not-admitted"


def test_where_a_partner_cannot_be_sealed_to_the_copy_stays_owed() -> None:
    world, root = a_paper()
    here = at(world, N)
    here.store.commit(lambda tx: tx.delete(PrekeyRow, eq("node", f"{A}.n1"))).result()
    sent = do(world, N, letter("endorse/1", case_at(world, N), root=root))
    assert copies(world, N, sent.digest)[A] == "owed"
    assert view_at(world, A).number == 1
    world.meet()
    settle(world)
    assert copies(world, N, sent.digest)[A] == "sent"
    assert view_at(world, A).number == 2


def test_what_was_erased_here_is_sent_to_nobody() -> None:
    world, root = a_paper()
    here = at(world, N)
    here.store.commit(lambda tx: tx.delete(PrekeyRow, eq("node", f"{A}.n1"))).result()
    sent = do(world, N, letter("endorse/1", case_at(world, N), root=root))
    row = acts_at(here)[sent.digest]
    now = world.clock.now()
    here.store.commit(lambda tx: here.safe.erase(tx, RecordId(row.record_id), at=now)).result()
    world.meet()
    settle(world)
    assert copies(world, N, sent.digest)[A] == "owed"
    read = here.desk.joint.read(here.actor("officer"), case_at(world, N), sent.digest)
    assert (read.is_readable, read.body) == (False, {})
    with pytest.raises(NotFoundError):
        here.desk.joint.read(here.actor("officer"), case_at(world, N), "ee" * 32)


def inbox_state(world: World, agency: AgencyId, digest: str) -> str:
    here = at(world, agency)
    row = acts_at(here)[digest]
    return here.store.read(lambda r: r.find(InboxRow, eq("mid", row.mid)))[0].state


def set_copy(world: World, to: AgencyId, digest: str, state: str) -> None:
    """Let Castalia's copy of an act wait, or go on."""
    out = at(world, C)
    copy = out.store.read(lambda r: r.get(CopyRow, case_at(world, C), digest, to))
    assert copy is not None
    sent = out.store.read(lambda r: r.get(OutboxRow, copy.mid))
    assert sent is not None
    out.store.commit(lambda tx: tx.put(replace(sent, state=state))).result()


def test_what_an_author_takes_back_can_be_opened_no_more() -> None:
    world, _ = a_paper()
    first = say(world, C, "warn/1", danger="other", text="A rumour")
    say(world, C, "recall/2", root=first.digest, ground="source-withdrew")
    assert inbox_state(world, A, first.digest) == "recalled"


def test_an_act_that_came_after_its_recall_is_closed_at_once() -> None:
    world, _ = a_paper()
    world.unreachable.add(NodeId(f"{A}.n1"))
    late = say(world, C, "warn/1", danger="other", text="Another")
    again = say(world, C, "recall/2", root=late.digest, ground="source-withdrew")
    set_copy(world, A, late.digest, "barred")
    world.unreachable.clear()
    settle(world)
    here = at(world, A)
    assert again.digest in acts_at(here)
    assert late.digest not in acts_at(here)
    set_copy(world, A, late.digest, "queued")
    settle(world)
    assert inbox_state(world, A, late.digest) == "recalled"
    tasks = here.store.read(lambda r: r.find(TaskRow, eq("sort", "comply"), eq("done", None)))
    assert len(tasks) == 1


def test_a_recall_of_an_old_section_twice_erases_it_once() -> None:
    world, root = a_paper()
    here = at(world, A)
    for _ in range(2):
        say(world, N, "recall/2", root=root, section=3, ground="unlawful")
        (task,) = here.store.read(
            lambda r: r.find(TaskRow, eq("sort", "comply"), eq("done", None))
        )
        here.desk.correspondence.comply(here.actor("officer"), task.task.partition("-")[0])
        world.run()
    rows = here.store.read(lambda r: r.find(SectionRow, eq("digest", root), order="place"))
    assert [row.state for row in rows] == ["held", "erased"]


def test_a_recall_of_what_is_erased_already_changes_nothing() -> None:
    world, root = a_paper()
    here = at(world, A)
    (row,) = here.store.read(lambda r: r.find(InboxRow, eq("kind", "papers.propose/1")))
    here.desk.correspondence.erase(here.actor("supervisor"), row.mid.hex())
    say(world, N, "recall/2", root=root, ground="unlawful")
    assert here.store.read(lambda r: r.count(TaskRow, eq("sort", "comply"))) == 0
    assert root in view_at(world, A).stale


def test_a_product_that_cites_a_recalled_act_is_stale_at_every_party() -> None:
    world, root = a_paper()
    fact = say(world, A, "warn/1", danger="other", text="Two men")
    product = say(world, N, "amend/1", title="With it", cites=[fact.digest])
    assert product.digest not in view_at(world, C).stale
    say(world, A, "recall/2", root=fact.digest, ground="source-withdrew")
    assert product.digest in view_at(world, C).stale
    rows = at(world, C).store.read(lambda r: r.find(CitedRow, eq("cited", fact.digest)))
    assert [row.stale_at is not None for row in rows] == [True]
    assert root not in view_at(world, C).stale


def test_what_passes_a_message_on_is_stale_with_it() -> None:
    world, root = a_paper()
    here = at(world, A)
    (row,) = here.store.read(lambda r: r.find(InboxRow, eq("kind", "papers.propose/1")))
    act = acts_at(here)[root]
    from_ = {"follows": row.mid.hex()}
    here.store.commit(lambda tx: cite(tx, act, from_)).result()
    rows = here.store.read(lambda r: r.find(CitedRow, eq("cited", row.mid.hex())))
    assert len(rows) == 1


def test_as_long_as_its_opening_is_held_a_case_waits() -> None:
    world, root = a_paper()
    here, case = at(world, A), case_at(world, A)
    act = acts_at(here)[root]
    here.store.commit(lambda tx: tx.delete(ActRow, eq("digest", root))).result()
    officer = here.actor("officer")
    assert here.desk.joint.view(officer, case).view is None
    assert here.desk.reading.case(officer, case).acts == ()
    with pytest.raises(StateError, match="waits for a person here"):
        here.desk.joint.send(officer, letter("endorse/1", case, root=root))
    assert not here.desk.joint.round()
    here.store.commit(lambda tx: tx.put(act)).result()
    assert view_at(world, A).root == root


def test_what_waited_for_a_second_person_and_was_erased_is_gone() -> None:
    world, root = a_paper()
    here = at(world, N)
    held = here.desk.joint.send(
        here.actor("officer"), letter("rush/1", case_at(world, N), root=root)
    )
    assert isinstance(held, AwaitsSecond)
    (row,) = here.desk.joint.awaiting(here.actor("officer"), case_at(world, N))
    now = world.clock.now()
    here.store.commit(lambda tx: here.safe.erase(tx, RecordId(row.record_id), at=now)).result()
    with pytest.raises(NotFoundError, match="erased"):
        here.desk.joint.confirm(here.actor("officer", "second"), held.pending)


def test_numbers_wait_where_no_prekey_is_known_and_where_our_law_stops_nothing() -> None:
    world, root = a_paper()
    here = at(world, N)
    here.store.commit(lambda tx: tx.delete(PrekeyRow, eq("node", f"{M}.n1"))).result()
    say(world, A, "endorse/1", root=root)
    party = here.store.read(lambda r: r.get(PartyRow, case_at(world, N), M))
    assert party is not None
    assert party.told == 1
    world.meet()
    settle(world)
    assert view_at(world, M).number == 2


def test_a_copy_sealed_anew_still_proves_what_was_left_out() -> None:
    world, root = a_paper()
    world.rotate(NodeId(f"{N}.n1"))
    here = at(world, A)
    act = letter("endorse/1", case_at(world, A), root=root)
    sent = here.desk.joint.send(here.actor("officer"), act)
    assert isinstance(sent, JointSent)
    world.run()
    old = here.store.read(lambda r: r.get(CopyRow, case_at(world, A), sent.digest, N))
    assert old is not None
    first = here.store.read(lambda r: r.get(OutboxRow, old.mid))
    assert first is not None
    assert first.replaced_by is not None
    convenor = at(world, N)
    convenor.store.commit(lambda tx: tx.delete(ActRow, eq("digest", sent.digest))).result()
    convenor.store.commit(lambda tx: tx.delete(NumberRow, eq("act", sent.digest))).result()
    world.clock.advance(25 * HOUR)
    world.meet()
    say(world, N, "gate/1", value="red")
    assert [row.sort for row in evidence_at(here)] == ["left-out"]


def test_a_copy_goes_once_and_only_to_whom_it_is_owed() -> None:
    world, root = a_paper()
    here = at(world, N)
    asked = {**proposal().facts, "political_offence": None}
    act = replace(letter("endorse/1", case_at(world, N), root=root, text="Yes"), facts=asked)
    sent = do(world, N, act)
    rows = here.store.read(lambda r: r.find(DecisionRow, eq("state", "waiting")))
    to_a = next(row for row in rows if row.recipient == A)
    copy = here.store.read(lambda r: r.get(CopyRow, case_at(world, N), sent.digest, A))
    assert copy is not None
    here.store.commit(lambda tx: tx.put(replace(copy, state="withheld"))).result()
    with pytest.raises(StateError, match="has gone"):
        here.desk.correspondence.resume(
            here.actor("legal"), to_a.decision, facts={"political_offence": False}
        )


def test_the_same_act_twice_is_one_and_its_proof_comes_after_it_in_vain() -> None:
    world, root = a_paper()
    act = made(world, A, "endorse/1", root=root, said={"text": "Yes"})
    body = copy_of(act)
    for _ in range(2):
        assert isinstance(send_raw(world, (A, C), "papers.endorse/1", body), Receipt)
    bare = withheld(act[0], signed=act[1])
    assert isinstance(send_raw(world, (A, C), "papers.withheld/1", bare), Receipt)
    assert acts_at(at(world, C))[act[0].digest].is_readable


def test_a_case_without_rivals_or_numbers_is_numbered_by_nobody_else() -> None:
    world, root = a_paper()
    here = at(world, A)
    row = joint_case(here)
    now = world.clock.now()
    given = here.store.commit(
        lambda tx: numbering.number(tx, row, station=here.station, at=now)
    ).result()
    assert given == 0
    assert view_at(world, A).root == root
    assert len(roster_value()) == 4


def test_a_copy_to_a_partner_whose_key_was_revoked_is_kept_and_goes_with_the_new_one() -> None:
    world, root = a_paper()
    here = at(world, N)
    row = here.store.read(lambda r: r.get(PrekeyRow, f"{A}.n1"))
    other = here.store.read(lambda r: r.get(PrekeyRow, f"{C}.n1"))
    assert row is not None
    assert other is not None
    dead = replace(row, notice=other.notice)
    here.store.commit(lambda tx: tx.put(dead)).result()
    sent = do(world, N, letter("endorse/1", case_at(world, N), root=root))
    assert copies(world, N, sent.digest)[A] == "referred"
    here.store.commit(lambda tx: tx.put(row)).result()
    world.clock.advance(HOUR)
    here.desk.overdue(lambda: 0)
    settle(world)
    assert copies(world, N, sent.digest)[A] == "sent"
    assert acts_at(at(world, A))[sent.digest].is_readable


def test_complying_twice_with_one_recall_erases_once() -> None:
    world, root = a_paper()
    say(world, N, "recall/2", root=root, ground="unlawful")
    here = at(world, A)
    (row,) = here.store.read(lambda r: r.find(InboxRow, eq("kind", "papers.recall/2")))
    for _ in range(2):
        here.desk.correspondence.comply(here.actor("officer"), row.mid.hex())
    world.run()
    assert inbox_state(world, A, root) == "erased"
