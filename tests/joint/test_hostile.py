"""What a false convenor or a false party can do on the road, and what is left of it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.joint.paper import ALL, ENDORSE, PROPOSE, A, C, M, N, roster_value
from tests.joint.stage import (
    AMBER,
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

from comity.adapters.world import Resident, World
from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import HOUR, Instant, new_message_id
from comity.core.errors import StateError
from comity.core.ids import AgencyId, CaseId, NodeId
from comity.core.store import Transaction, eq
from comity.desk import JointLetter, JointSent
from comity.exchange import Consigned, InboxRow, OutboxRow, inbound, numbering
from comity.exchange.joint import conversation_of
from comity.exchange.leaves import marking_of
from comity.ledger import LeafType, decode_leaf
from comity.message import Content, Urgency
from comity.practice import (
    FIRST,
    ActRow,
    CopyRow,
    FalseRow,
    Frame,
    JointRow,
    Number,
    NumberRow,
    WholeAct,
    act_statement,
    copy_for,
    framed,
    items,
    number_statement,
    parse_body,
    read_number,
    take_apart,
    withheld,
)
from comity.seal import (
    Message,
    Receipt,
    Rejection,
    read_answer,
    read_document,
    seal,
    sign_document,
    verify_receipt,
)


def a_paper() -> tuple[World, str]:
    world = a_world()
    return world, do(world, N, proposal()).digest


def send_raw(  # noqa: PLR0913 - a message by hand, each part of it
    world: World,
    to: tuple[AgencyId, AgencyId],
    kind: str,
    body: dict[str, Value],
    *,
    conv: bytes | None = None,
    purpose: str = "counter-terrorism",
) -> Receipt | Rejection:
    """Let a node send what its own desk never would."""
    sender, recipient = to
    here, there = at(world, sender), at(world, recipient)
    known = here.station.practices.kind(kind)
    at_ = here.clock.now()
    wire = joint_case(here).wire if conv is None else ""
    content = Content(handling=AMBER, purpose=purpose, urgency=Urgency.NORMAL, body=body)
    message = Message(
        mid=new_message_id(at_, world.entropy),
        author=sender,
        from_node=here.node,
        recipient=recipient,
        conv=conversation_of(wire, sender, recipient) if conv is None else conv,
        created=at_,
        exp=Instant(at_ + 30 * HOUR),
        kind=kind,
        decision=b"d" * 32,
        marking=marking_of(AMBER),
        items=len(items(known, body, AMBER)) if len(body.get("sections", ())) < 99 else 7,  # type: ignore[arg-type]
        body=content.encode(),
    )
    envelope = seal(
        message,
        to_node=there.node,
        prekey=there.prekey.public,
        author_key=here.keys.agency,
        node_key=here.keys.node,
        federation=world.directory.federation,
        entropy=world.entropy,
    )
    told = read_answer(inbound.take(Consigned(envelope=envelope), there.station).result()).said
    assert isinstance(told, (Receipt, Rejection))
    return told


def made(  # noqa: PLR0913 - an act by hand, each part of it
    world: World,
    author: AgencyId,
    word: str,
    *,
    case: str = "",
    signer: AgencyId | None = None,
    said: dict[str, Value] | None = None,
    **fields: Value,
) -> tuple[WholeAct, bytes]:
    """Make an act by hand, signed by whom one likes."""
    here = at(world, author)
    kind = here.station.practices.kind(f"papers.{word}")
    body = parse_body(kind, {**fields, **(said or {})})
    frame = Frame(
        case=case or joint_case(at(world, N)).wire,
        kind=kind.name,
        author=author,
        at=here.clock.now(),
        hand=b"h" * 16,
        seat="officer",
        epoch=1,
        seen=0,
        fields=framed(kind, body),
    )
    whole = take_apart(kind, frame, body, marking=AMBER, entropy=world.entropy)
    signed = sign_document(
        act_statement(frame, whole.digest),
        at(world, signer or author).keys.agency,
        sort="act",
        federation=world.directory.federation,
    )
    return whole, signed


def mapped(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict)
    return {str(name): each for name, each in value.items()}


def copy_of(act: tuple[WholeAct, bytes]) -> dict[str, Value]:
    whole, signed = act
    return copy_for(whole, range(len(whole.salts)), signed=signed)


def sign_number(world: World, number: Number, *, by: AgencyId = N) -> bytes:
    here = at(world, by)
    return sign_document(
        number_statement(number, here.node),
        here.keys.node,
        sort="number",
        federation=world.directory.federation,
    )


def numbers_at(here: Resident) -> list[bytes]:
    rows = here.store.read(lambda r: r.find(NumberRow, order="number"))
    return [row.signed for row in rows]


def told(world: World, numbers: Sequence[Value], to: AgencyId, by: AgencyId = N) -> str:
    answer = send_raw(world, (by, to), "papers.number/1", {"numbers": [*numbers]})
    return answer.code if isinstance(answer, Rejection) else "stored"


def evidence_at(here: Resident) -> list[FalseRow]:
    return list(here.store.read(lambda r: r.find(FalseRow, order="digest")))


def test_two_numbers_for_one_place_are_evidence_that_stands_alone() -> None:
    world, _ = a_paper()
    for party in (A, C):
        say(world, party, "endorse/1")
    true = numbers_at(at(world, N))[-1]
    number, _ = read_number(read_document(true, sort="number").payload)
    other = view_at(world, A).acts[1].digest
    false = sign_number(world, replace(number, act=other))
    assert told(world, [false], A) == "stored"
    (row,) = evidence_at(at(world, A))
    assert (row.sort, row.by) == ("fork", N)
    part = cbor.decode(row.evidence)
    assert isinstance(part, dict)
    assert set(part["numbers"]) == {true, false}
    store = at(world, A).store
    leaf = decode_leaf(store.read(lambda r: r.entries(row.leaf, 1))[0])
    assert leaf.type is LeafType.INCIDENT
    # Whoever hears only one of them holds none; who passes them on makes it heard.
    assert evidence_at(at(world, C)) == []
    assert told(world, [false], C, by=A) == "stored"
    assert len(evidence_at(at(world, C))) == 1
    assert told(world, [false], C, by=A) == "stored"
    assert len(evidence_at(at(world, C))) == 1
    officer = at(world, C).actor("officer")
    assert at(world, C).desk.joint.evidence(officer, case_at(world, C))


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ("forged", "not-admitted"),
        ("of no convenor", "not-admitted"),
        ("in the future", "not-admitted"),
        ("beyond the limit", "not-admitted"),
        ("of another case", "not-admitted"),
        ("of an unknown case", "early"),
        ("no number", "not-admitted"),
        ("of a stranger", "not-admitted"),
    ],
)
def test_a_false_number_is_not_taken(lie: str, code: str) -> None:
    world, _ = a_paper()
    true = numbers_at(at(world, N))[0]
    number, _ = read_number(read_document(true, sort="number").payload)
    more = replace(number, number=2, previous=number.act)
    numbers = {
        "forged": [sign_number(world, more, by=A)[:-1] + b"x"],
        "of no convenor": [sign_number(world, more, by=A)],
        "in the future": [sign_number(world, replace(more, at=Instant(more.at + 9 * HOUR)))],
        "beyond the limit": [sign_number(world, replace(more, number=limits.ACTS + 1))],
        "of another case": [true, sign_number(world, replace(more, case="cd" * 16))],
        "of an unknown case": [sign_number(world, replace(more, case="cd" * 16))],
        "no number": [b"x"],
        "of a stranger": [sign_number(world, replace(more, by=AgencyId("xz.other")))],
    }[lie]
    before = len(numbers_at(at(world, A)))
    assert told(world, numbers, A) == code
    assert len(numbers_at(at(world, A))) == before


def test_an_act_signed_by_another_or_shown_with_another_body_is_not_taken() -> None:
    world, root = a_paper()
    forged = made(world, A, "endorse/1", signer=C, root=root)
    answer = send_raw(world, (A, N), ENDORSE.name, copy_of(forged))
    assert isinstance(answer, Rejection)
    foreign = made(world, A, "endorse/1", root=root)
    body = copy_of(foreign)
    answer = send_raw(world, (C, N), ENDORSE.name, body)
    assert isinstance(answer, Rejection)
    whole, _ = made(world, A, "endorse/1", root=root)
    stale = {**body, "act": {**mapped(body["act"]), "frame": whole.frame.encode()}}
    answer = send_raw(world, (A, N), ENDORSE.name, {**stale, "text": "other"})
    assert isinstance(answer, Rejection)
    other = {**body, "act": {**mapped(body["act"]), "signed": forged[1]}}
    answer = send_raw(world, (A, N), ENDORSE.name, other)
    assert isinstance(answer, Rejection)
    junk = {**body, "act": {**mapped(body["act"]), "signed": b"junk"}}
    answer = send_raw(world, (A, N), ENDORSE.name, junk)
    assert isinstance(answer, Rejection)
    assert len(acts_at(at(world, N))) == 1


def test_an_act_dated_after_its_message_is_not_taken() -> None:
    world, root = a_paper()
    world.clock.advance(HOUR)
    late = made(world, A, "endorse/1", root=root)
    world.clock.advance(-HOUR)
    answer = send_raw(world, (A, N), ENDORSE.name, copy_of(late))
    assert isinstance(answer, Rejection)


def test_a_case_of_others_is_as_if_it_were_not_there() -> None:
    world = a_world()
    do(world, N, small())
    wire = joint_case(at(world, A)).wire
    act = made(world, C, "endorse/1", case=wire, root="ab" * 32)
    conv = conversation_of(wire, C, A)
    known = send_raw(world, (C, A), ENDORSE.name, copy_of(act), conv=conv)
    unknown = made(world, C, "endorse/1", case="cd" * 16, root="ab" * 32)
    other = send_raw(world, (C, A), ENDORSE.name, copy_of(unknown), conv=b"c" * 16)
    assert isinstance(known, Rejection)
    assert isinstance(other, Rejection)
    assert known.code == other.code == "early"
    number = numbers_at(at(world, A))[0]
    answer = send_raw(world, (C, A), "papers.number/1", {"numbers": [number]}, conv=conv)
    assert isinstance(answer, Rejection)
    assert answer.code == "early"


def small() -> JointLetter:
    kept = proposal(parties=roster_value(N, A, lead=N))
    return replace(kept, body={k: v for k, v in kept.body.items() if k != "sections"})


def test_a_case_is_opened_to_its_parties_in_their_conversation() -> None:
    world, _ = a_paper()
    wire = "ef" * 16
    parties = roster_value(N, A, lead=N)
    act = made(world, N, "propose/1", case=wire, title="x", parties=parties, revision=1)
    for to, conv in ((C, conversation_of(wire, N, C)), (A, b"c" * 16)):
        answer = send_raw(world, (N, to), PROPOSE.name, copy_of(act), conv=conv)
        assert isinstance(answer, Rejection)
        assert answer.code == "not-admitted"
    strange = roster_value(A, C, lead=A)
    act = made(world, N, "propose/1", case=wire, title="x", parties=strange, revision=1)
    conv = conversation_of(wire, N, A)
    answer = send_raw(world, (N, A), PROPOSE.name, copy_of(act), conv=conv)
    assert isinstance(answer, Rejection)


def test_a_case_keeps_its_purpose_and_its_conversations() -> None:
    world, root = a_paper()
    act = copy_of(made(world, A, "endorse/1", root=root))
    other = send_raw(world, (A, N), ENDORSE.name, act, purpose="border-security")
    assert isinstance(other, Rejection)
    wrong = send_raw(world, (A, N), ENDORSE.name, act, conv=b"c" * 16)
    assert isinstance(wrong, Rejection)
    assert wrong.code == "early"


def test_a_flood_of_acts_waits_at_the_door_and_harms_nobody() -> None:
    world, root = a_paper()
    row = joint_case(at(world, C))
    first = made(world, A, "endorse/1", root=root)
    assert isinstance(send_raw(world, (A, C), ENDORSE.name, copy_of(first)), Receipt)
    known = acts_at(at(world, C))[first[0].digest]

    def fill(count: int, *, is_numbered: bool) -> None:
        rows = [
            replace(known, digest=f"{i:064x}", is_numbered=is_numbered) for i in range(count)
        ]
        at(world, C).store.commit(lambda tx: tx.insert_many(rows)).result()

    fill(limits.PARKED, is_numbered=False)
    more = made(world, A, "endorse/1", root=root, said={"text": "again"})
    answer = send_raw(world, (A, C), ENDORSE.name, copy_of(more))
    assert isinstance(answer, Rejection)
    assert (answer.code, answer.retry_after is None) == ("early", False)
    # The same act again is no other, and another party is not held back.
    assert isinstance(send_raw(world, (A, C), ENDORSE.name, copy_of(first)), Receipt)
    other = made(world, N, "endorse/1", root=root)
    assert isinstance(send_raw(world, (N, C), ENDORSE.name, copy_of(other)), Receipt)

    def numbered(tx: Transaction) -> None:
        for each in tx.find(ActRow, eq("case", row.case)):
            tx.put(replace(each, is_numbered=True))

    at(world, C).store.commit(numbered).result()
    rows = [
        replace(known, digest=f"{i:064x}", is_numbered=True)
        for i in range(limits.PARKED, limits.PARTY_ACTS + 1)
    ]
    at(world, C).store.commit(lambda tx: tx.insert_many(rows)).result()
    answer = send_raw(world, (A, C), ENDORSE.name, copy_of(more))
    assert isinstance(answer, Rejection)
    assert answer.code == "not-admitted"


def test_nobody_opens_more_cases_here_than_may_stand() -> None:
    world, _ = a_paper()
    row = joint_case(at(world, A))
    rows = [replace(row, case=f"c{i}", wire=f"{i:032x}") for i in range(limits.JOINT_CASES)]
    at(world, A).store.commit(lambda tx: tx.insert_many(rows)).result()
    wire = "ef" * 16
    parties = roster_value(N, A, lead=N)
    act = made(world, N, "propose/1", case=wire, title="x", parties=parties, revision=1)
    conv = conversation_of(wire, N, A)
    answer = send_raw(world, (N, A), PROPOSE.name, copy_of(act), conv=conv)
    assert isinstance(answer, Rejection)


def test_a_case_holds_no_more_numbers_than_it_may() -> None:
    world, _ = a_paper()
    here = at(world, A)
    row = joint_case(here)
    rows = [
        NumberRow(case=row.case, epoch=9, number=i, digest=b"d", act="ab" * 32, signed=b"s")
        for i in range(2 * limits.ACTS)
    ]
    true = numbers_at(here)
    here.store.commit(lambda tx: tx.insert_many(rows)).result()
    assert told(world, true, A) == "not-admitted"


def test_ten_thousand_sections_are_refused_before_anything_is_kept() -> None:
    world, _ = a_paper()
    wire = "ef" * 16
    act = made(world, N, "propose/1", case=wire, title="x", parties=roster_value(), revision=1)
    text: Value = {"text": "x"}
    section: dict[str, Value] = {"name": "mission", "handling": "TLP:AMBER", "body": text}
    body = {**copy_of(act), "sections": [section] * 10_000}
    conv = conversation_of(wire, N, A)
    before = at(world, A).store.read(lambda r: r.count(InboxRow))
    answer = send_raw(world, (N, A), PROPOSE.name, body, conv=conv)
    assert isinstance(answer, Rejection)
    assert at(world, A).store.read(lambda r: r.count(InboxRow)) == before


def test_two_bodies_of_one_author_for_one_revision_are_evidence() -> None:
    world, root = a_paper()
    amended = say(world, N, "amend/1", title="One")
    rival = made(
        world,
        N,
        "amend/1",
        title="Other",
        parties=roster_value(),
        revision=2,
        previous=root,
    )
    answer = send_raw(world, (N, A), "papers.amend/1", copy_of(rival))
    assert isinstance(answer, Receipt)
    (row,) = evidence_at(at(world, A))
    assert (row.sort, row.by) == ("revision", N)
    part = cbor.decode(row.evidence)
    assert isinstance(part, dict)
    assert len(part["acts"]) == 2
    assert view_at(world, A).root == amended.digest


def receipt_of(world: World, digest: str) -> bytes:
    store = at(world, A).store
    copy = store.read(lambda r: r.get(CopyRow, case_at(world, A), digest, N))
    assert copy is not None
    row = store.read(lambda r: r.get(OutboxRow, copy.mid))
    assert row is not None
    assert row.receipt is not None
    return row.receipt


def test_a_receipt_names_the_act_and_proves_that_it_was_left_out() -> None:
    world, root = a_paper()
    here = at(world, A)
    act = letter("endorse/1", case_at(world, A), root=root)
    sent = here.desk.joint.send(here.actor("officer"), act)
    # The convenor's node takes the act in and is made to forget it.
    world.run()
    convenor = at(world, N)
    assert isinstance(sent, JointSent)
    digest = sent.digest
    convenor.store.commit(lambda tx: tx.delete(ActRow, eq("digest", digest))).result()
    convenor.store.commit(lambda tx: tx.delete(NumberRow, eq("act", digest))).result()
    told = receipt_of(world, digest)
    key, federation = convenor.keys.node.public, world.directory.federation
    assert verify_receipt(told, key, federation=federation).act.hex() == digest
    assert evidence_at(here) == []
    world.clock.advance(25 * HOUR)
    world.meet()
    say(world, N, "gate/1", value="red")
    here.desk.joint.round()
    rows = [row for row in evidence_at(here) if row.sort == "left-out"]
    assert [row.by for row in rows] == [N]
    part = cbor.decode(rows[0].evidence)
    assert isinstance(part, dict)
    assert part["receipt"] == told
    assert len(part["numbers"]) == 2


def test_more_than_half_hand_the_numbering_over_and_nothing_is_lost() -> None:
    world, root = a_paper()
    say(world, A, "endorse/1", root=root)
    gone = NodeId(f"{N}.n1")
    world.unreachable.add(gone)
    del_ = [party for party in ALL if party != N]
    say_away(world, C, "endorse/1", root=root)
    assert view_at(world, A).number == 2
    for party in del_:
        say_away(world, party, "handover/1", seat="supervisor", successor=[A])
    with pytest.raises(StateError, match="nobody handed"):
        say_away(world, C, "succeed/1", seat="supervisor")
    say_away(world, A, "succeed/1", seat="supervisor")
    views = [view_at(world, party) for party in del_]
    assert {(view.convenor, view.epoch) for view in views} == {(A, 2)}
    assert all(view == views[0] for view in views)
    assert {act.frame.author for act in views[0].of(ENDORSE.name)} == {A, C}
    world.unreachable.clear()
    settle(world, 8)
    say(world, N, "endorse/1", root=root)
    assert view_at(world, N) == view_at(world, A)
    assert joint_case(at(world, N)).convenor == A


def say_away(
    world: World, party: AgencyId, word: str, *, seat: str = "officer", **body: Value
) -> None:
    here = at(world, party)
    here.desk.joint.send(here.actor(seat), letter(word, case_at(world, party), **body))
    settle(world, 6)


def test_nobody_takes_the_numbering_on_before_enough_have_handed_it_over() -> None:
    world, _ = a_paper()
    say(world, C, "handover/1", seat="supervisor", successor=[A])
    with pytest.raises(StateError, match="too few"):
        say(world, A, "succeed/1", seat="supervisor")
    assert joint_case(at(world, A)).convenor == N


def test_the_first_number_names_nothing_before_it() -> None:
    world, _ = a_paper()
    number = numbering.read(numbers_at(at(world, M))[0])
    assert (number.number, number.previous, number.by) == (1, FIRST, N)
    rows = at(world, M).store.read(lambda r: r.find(JointRow))
    assert CaseId(rows[0].case) == case_at(world, M)


@pytest.mark.parametrize("lie", ["words", "a wrong code", "a letter", "a number"])
def test_a_proof_says_no_more_than_its_kind_frames(lie: str) -> None:
    world, root = a_paper()
    whole, _ = made(world, A, "endorse/1", root=root)
    frame = {
        "words": replace(whole.frame, fields={"root": root, "note": "She lives in Halden"}),
        "a wrong code": replace(whole.frame, fields={"root": "She lives in Halden"}),
        "a letter": replace(whole.frame, kind="papers.letter/1", fields={}),
        "a number": replace(whole.frame, kind="papers.number/1", fields={}),
    }[lie]
    act = take_apart(whole.kind, frame, whole.body, marking=AMBER, entropy=world.entropy)
    signed = sign_document(
        act_statement(frame, act.digest),
        at(world, A).keys.agency,
        sort="act",
        federation=world.directory.federation,
    )
    answer = send_raw(world, (A, C), "papers.withheld/1", withheld(act, signed=signed))
    assert isinstance(answer, Rejection)
    assert act.digest not in acts_at(at(world, C))
