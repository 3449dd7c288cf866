"""A member leaves: cases end by themselves, what it gave waits, what protects goes on."""

from dataclasses import replace
from typing import cast

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    FACTS,
    A,
    N,
    a_world,
    ask,
    case_of,
    confirmed,
    inbox,
    leaves,
    opened,
    outbox,
    question,
    received,
    reply,
    send,
    tasks,
    the_case,
    warning,
)
from tests.unit.exchange.test_passage import stand

from comity.adapters.shape import LedgerReader
from comity.adapters.world import World
from comity.core.clock import DAY, Instant
from comity.core.errors import (
    AuthorisationError,
    InvalidInputError,
    NotFoundError,
    StateError,
)
from comity.core.ids import NodeId, RecordId, member_id
from comity.core.store import Reader, eq
from comity.desk import Departure, Departures, PendingRow
from comity.exchange import EventRow
from comity.exchange.leaves import content_of
from comity.ledger import (
    Checkpoint,
    KeyType,
    Policy,
    Signer,
    Verifier,
    parse_proof,
    parse_vkey,
    prove,
    root,
    sign_note,
    verify_proof,
)
from comity.message import handling
from comity.record import ConsentRow
from comity.seal import SigningKey, read_answer, verify, verify_receipt
from comity.trust import Standing

XA, XN = member_id("xa"), member_id("xn")


@pytest.fixture
def world() -> World:
    return a_world()


def work(world: World, at: NodeId) -> None:
    here = world.residents[at]
    while here.desk.departures.work():
        pass


def left(world: World, member: str, *, at: NodeId) -> Departure:
    stand(world, member, Standing.LEFT)
    work(world, at)
    (found,) = world.residents[at].desk.departures.all(world.residents[at].actor("officer"))
    return found


def informed(world: World, *, text: str = "Seen at the night train") -> str:
    """Let Arcadia give Norland something, and carry it there."""
    letter = replace(
        question(),
        recipient=world.residents[N].agency,
        kind="requests.inform/1",
        body={"text": text},
        handling=handling("TLP:AMBER"),
        facts={**FACTS, "conditions_set": False},
    )
    sent = confirmed(world.residents[A], letter)
    world.run()
    return sent.mid


def test_an_open_case_ends_with_its_leaf_its_line_and_a_word_to_its_officer(
    world: World,
) -> None:
    sent = ask(world)
    here = world.residents[A]
    case = case_of(here, sent.mid)
    assert tasks(here, "answer")
    found = left(world, "xn", at=A)
    held = the_case(here, case)
    assert (held.state, held.due, found.ended) == ("parted", None, 1)
    assert not tasks(here, "answer")
    (told,) = found.told
    assert (told.case, told.seat, told.sort) == (case, "officer", "parted")
    assert leaves(here).count("parted") == 1
    lines = here.store.read(lambda r: r.find(EventRow, eq("case", case), eq("sort", "parted")))
    assert [(line.reference, line.state) for line in lines] == [("xn", "parted")]
    # A question is not a record: it leaves with its case.
    assert received(here, sent.mid).state == "erased"
    here.desk.departures.noted(here.actor("officer"), case)
    assert not tasks(here, "parted")
    with pytest.raises(NotFoundError):
        here.desk.departures.noted(here.actor("officer"), case)


def test_the_asker_sees_its_case_end_too(world: World) -> None:
    sent = ask(world)
    left(world, "xa", at=N)
    here = world.residents[N]
    assert the_case(here, sent.case).state == "parted"
    assert not any(
        kind.word == "ask"
        for kind in here.desk.reading.case(here.actor("officer"), sent.case).acts
    )


def test_a_second_round_and_a_restart_change_nothing(world: World) -> None:
    ask(world)
    informed(world)
    left(world, "xa", at=N)
    before = leaves(world.residents[N])
    for _ in range(3):
        world.clock.advance(2 * DAY)
        work(world, N)
    assert leaves(world.residents[N]) == before
    assert len(tasks(world.residents[N], "given")) == 1


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.CLOSED, Standing.CANDIDATE])
def test_a_member_that_is_only_suspended_changes_nothing(
    world: World, standing: Standing
) -> None:
    sent = ask(world)
    stand(world, "xa", standing)
    assert not world.residents[N].desk.departures.work()
    assert the_case(world.residents[N], sent.case).state == "open"
    assert not world.residents[N].desk.departures.all(world.residents[N].actor("officer"))


def test_a_departure_announced_for_a_later_day_ends_nothing_before_it(world: World) -> None:
    sent = ask(world)
    day = Instant(world.clock.now() + 7 * DAY)
    entry = replace(world.directory.entries[XA], left=day)
    world.directory = replace(world.directory, entries={**world.directory.entries, XA: entry})
    work(world, N)
    assert the_case(world.residents[N], sent.case).state == "open"
    world.clock.advance(7 * DAY)
    work(world, N)
    assert the_case(world.residents[N], sent.case).state == "parted"


def test_our_own_leaving_is_not_done_to_ourselves(world: World) -> None:
    sent = ask(world)
    stand(world, "xn", Standing.LEFT)
    work(world, N)
    assert the_case(world.residents[N], sent.case).state == "open"


def test_what_it_gave_is_restricted_until_a_named_person_says_on_which_terms(
    world: World,
) -> None:
    mid = informed(world)
    here = world.residents[N]
    assert opened(here, mid).content is not None
    (given,) = left(world, "xa", at=N).given
    assert (given.row.mid.hex(), given.is_spared) == (mid, False)
    assert received(here, mid).state == "restricted"
    assert opened(here, mid).content is None
    assert opened(here, mid, seat="legal").content is not None
    forward = replace(
        question(),
        recipient=ARCADIA,
        kind="requests.inform/1",
        body={"text": "x", "follows": mid},
    )
    with pytest.raises(NotFoundError):
        here.desk.correspondence.preview(here.actor("officer"), forward)
    desk = here.desk.departures
    with pytest.raises(AuthorisationError):
        desk.keep(here.actor("officer"), mid, terms="Agreement 12, article 3")
    for terms in ("", "   ", "x" * 501):
        with pytest.raises(InvalidInputError):
            desk.keep(here.actor("legal"), mid, terms=terms)
    assert received(here, mid).state == "restricted"
    desk.keep(here.actor("legal"), mid, terms="Agreement 12, article 3")
    assert opened(here, mid).content is not None
    assert leaves(here).count("assessed") == 1
    with pytest.raises(StateError):
        desk.erase(here.actor("legal"), mid)
    world.clock.advance(DAY)
    work(world, N)
    assert received(here, mid).state == "filed"


def test_unknown_stays_restricted_and_comes_to_the_supervisor(world: World) -> None:
    mid = informed(world)
    here = world.residents[N]
    left(world, "xa", at=N)
    assert [task.seat for task in tasks(here, "given")] == ["legal"]
    world.clock.advance(31 * DAY)
    here.desk.overdue(lambda: 0)
    assert "supervisor" in [task.seat for task in tasks(here, "overdue")]
    assert received(here, mid).state == "restricted"


def test_a_person_may_erase_it(world: World) -> None:
    mid = informed(world)
    here = world.residents[N]
    left(world, "xa", at=N)
    here.desk.departures.erase(here.actor("supervisor"), mid)
    assert received(here, mid).state == "erased"
    assert not tasks(here, "given")
    with pytest.raises(NotFoundError):
        here.desk.departures.erase(here.actor("legal"), "00" * 16)


def test_nobody_erases_what_is_challenged(world: World) -> None:
    mid = informed(world)
    here = world.residents[N]
    body = {"about": mid, "ground": "inaccurate", "by": "person-concerned"}
    send(here, reply(case_of(here, mid), "challenge", **body))
    (given,) = left(world, "xa", at=N).given
    assert given.is_spared
    with pytest.raises(StateError, match="challenged"):
        here.desk.departures.erase(here.actor("legal"), mid)
    assert received(here, mid).state == "restricted"


def test_a_question_named_as_evidence_outlives_its_case(world: World) -> None:
    sent = ask(world)
    here = world.residents[A]
    case = case_of(here, sent.mid)
    row = ConsentRow(
        answer="ab" * 16,
        case=case,
        about=sent.mid,
        originator="xn.police",
        use="evidence",
        partner="",
        given_at=world.clock.now(),
        until=None,
        has_terms=False,
    )
    here.store.commit(lambda tx: tx.put(row)).result()
    (given,) = left(world, "xn", at=A).given
    assert (given.row.mid.hex(), given.is_spared) == (sent.mid, True)
    kept = received(here, sent.mid)
    assert kept.state == "restricted"
    assert here.store.read(lambda r: here.station.safe.open(r, RecordId(kept.record_id)))


def test_what_protects_goes_on(world: World) -> None:
    mid = informed(world)
    stand(world, "xa", Standing.LEFT)
    there = world.residents[A]
    send(there, reply(outbox(there, mid).case, "recall", about=mid, ground="unlawful"))
    world.run()
    work(world, N)
    here = world.residents[N]
    assert tasks(here, "comply")
    assert received(here, mid).state == "recalled"
    here.desk.correspondence.comply(here.actor("officer"), inbox_of(world, "requests.recall/1"))
    world.run()
    assert outbox(there, mid).complied_at is not None


def inbox_of(world: World, kind: str) -> str:
    (row,) = [each for each in inbox(world.residents[N]) if each.kind == kind]
    return row.mid.hex()


def test_a_recall_that_comes_later_takes_the_question_off_the_desk(world: World) -> None:
    mid = informed(world)
    left(world, "xa", at=N)
    there = world.residents[A]
    send(there, reply(outbox(there, mid).case, "recall", about=mid, ground="unlawful"))
    world.run()
    assert received(world.residents[N], mid).state == "recalled"
    assert not tasks(world.residents[N], "given")


def test_a_warning_of_danger_to_life_ends_on_its_own_day_and_not_before(world: World) -> None:
    sent = send(world.residents[A], replace(warning(), recipient=world.residents[N].agency))
    world.run()
    here = world.residents[N]
    case = case_of(here, sent.mid)
    left(world, "xa", at=N)
    assert the_case(here, case).state == "warned"
    assert received(here, sent.mid).state == "filed"
    body_until = content_of_(world, sent.mid)["until"]
    assert isinstance(body_until, int)
    world.clock.advance(body_until - world.clock.now() + DAY)
    here.desk.overdue(lambda: 0)
    work(world, N)
    assert the_case(here, case).state == "ended"
    assert received(here, sent.mid).state == "restricted"


def content_of_(world: World, mid: str) -> dict[str, object]:
    here = world.residents[N]
    row = received(here, mid)
    kept = here.store.read(lambda r: here.station.safe.open(r, RecordId(row.record_id)))
    assert kept is not None
    return dict(content_of(kept).body)


def test_what_waited_to_leave_leaves_no_more_and_drafts_are_dropped(world: World) -> None:
    here = world.residents[N]
    sent = send(here, question())
    letter = replace(
        question(),
        kind="requests.inform/1",
        body={"text": "Seen"},
        facts={**FACTS, "conditions_set": False},
    )
    here.desk.correspondence.send(here.actor("officer"), letter)
    left(world, "xa", at=N)
    row = outbox(here, sent.mid)
    assert (row.state, row.code) == ("expired", "left")
    states = here.store.read(lambda r: [each.state for each in r.find(PendingRow)])
    assert states == ["dropped"]
    world.run()
    assert not world.residents[A].store.read(lambda r: r.find(PendingRow))
    assert len(tasks(here, "parted")) == 2


def test_what_we_gave_is_listed_and_recalled_by_one_act(world: World) -> None:
    mid = informed(world)
    sent = ask(world)
    here = world.residents[A]
    found = left(world, "xn", at=A)
    assert [row.mid.hex() for row in found.sent] == [mid]
    desk = here.desk.departures
    with pytest.raises(AuthorisationError):
        desk.recall(here.actor("officer"), XN)
    with pytest.raises(NotFoundError):
        desk.recall(here.actor("legal"), XA)
    done = desk.recall(here.actor("legal"), XN)
    assert (len(done.sent), done.failed) == (1, ())
    world.run()
    assert received(world.residents[N], mid).state == "recalled"
    assert desk.recall(here.actor("legal"), XN).sent == ()
    assert sent.mid != mid


def test_a_recall_that_cannot_go_is_named(world: World) -> None:
    informed(world)
    left(world, "xn", at=A)
    stand(world, "xn", Standing.CLOSED)
    done = world.residents[A].desk.departures.recall(world.residents[A].actor("supervisor"), XN)
    assert done.sent == ()
    assert len(done.failed) == 1


def test_its_receipts_still_verify(world: World) -> None:
    sent = ask(world)
    left(world, "xa", at=N)
    row = outbox(world.residents[N], sent.mid)
    assert row.receipt is not None
    answer = read_answer(row.receipt)
    entry = world.directory.node(A)
    key = world.directory.node_key(entry.node, answer.kid, at=world.clock.now())
    assert key is not None
    said = verify_receipt(row.receipt, key, federation=world.directory.federation)
    assert said.digest == row.digest


def test_a_large_history_is_gone_through_in_rounds(world: World) -> None:
    for _ in range(5):
        send(world.residents[N], question())
    here = world.residents[N]
    small = Departures(here.station, here.desk.correspondence, member=member_id("xn"), limit=2)
    stand(world, "xa", Standing.LEFT)
    rounds = 1
    while small.work():
        rounds += 1
    assert rounds == 3
    assert not small.work()
    assert small.all(here.actor("officer"))[0].ended == 5


def test_its_proofs_still_verify(world: World) -> None:
    """An entry of its ledger, by the key that the directory still lists after it left."""
    sent = ask(world)
    there = world.residents[A]
    seen = received(there, sent.mid)
    made = SigningKey.generate(world.entropy)
    origin = there.station.origin()
    log = Signer(
        verifier=Verifier(name=origin, type=KeyType.ED25519, key=made.public), sign=made.sign
    )
    entry = world.directory.entries[XA]
    nodes = tuple(
        replace(each, log_vkeys=(log.verifier.text,)) for each in entry.document.nodes
    )
    document = replace(entry.document, nodes=nodes)
    entries = {**world.directory.entries, XA: replace(entry, document=document)}
    world.directory = replace(world.directory, entries=entries)

    def proven(reader: Reader) -> bytes:
        read, size = cast("LedgerReader", reader).ledger_node, reader.size()
        stated = Checkpoint(origin=origin, size=size, root=root(size, read))
        note = sign_note(stated, (log,), at=world.clock.now() // 1000)
        return prove(seen.leaf, note, read=read).encode()

    proof = there.store.read(proven)
    (leaf,) = there.store.read(lambda r: r.entries(seen.leaf, seen.leaf + 1))
    left(world, "xa", at=N)
    vkey = parse_vkey(world.directory.node(A).log_vkey)
    policy = Policy(logs=(vkey,), witnesses={}, groups={}, quorum="none")
    opened_ = verify_proof(parse_proof(proof), leaf, policy, verify=verify)
    assert opened_.checkpoint.origin == origin
