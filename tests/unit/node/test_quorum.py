"""Who must have seen a ledger, and what the node says while they have not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.unit.node.ground import ARCADIA, CASTALIA, NORLAND, Town
from tests.unit.node.witnesses import Circle, circle

from comity.core.clock import HOUR, MINUTE
from comity.core.errors import InvalidInputError
from comity.ledger import (
    KeyType,
    Policy,
    Verifier,
    open_note,
    parse_note,
    parse_policy,
    parse_proof,
    parse_vkey,
    verify_proof,
)
from comity.message import handling
from comity.node.office import Office
from comity.node.quorum import (
    in_words,
    limit_of,
    policy_of,
    watched,
    why_not,
    write_policy,
)
from comity.node.witnessing import keys_of, logs_in
from comity.seal import verify
from comity.trust import Directory, NodeEntry


@pytest.fixture
def ring(town: Town) -> Iterator[Circle]:
    with circle(town) as made:
        yield made


def policy(office: Office) -> Policy:
    return policy_of(office.register.current(), office.config.node)


def changed(directory: Directory, entry: NodeEntry) -> Directory:
    """Return a directory in which a member states something else about its node."""
    member = directory.entries[entry.member]
    document = replace(member.document, nodes=(entry,))
    entries = {**directory.entries, entry.member: replace(member, document=document)}
    return replace(directory, entries=entries)


def test_at_the_beginning_half_of_the_members_must_have_seen_it(ring: Circle) -> None:
    made = policy(ring.norland)
    assert made.groups["members"] == (2, ("xa", "xc"))
    assert "xn" not in made.groups
    assert in_words(made) == "2 of members (xa, xc)"


def test_a_written_policy_says_the_same_to_other_programs(ring: Circle) -> None:
    made = policy(ring.norland)
    assert parse_policy(write_policy(made).encode()) == made


def test_a_policy_of_the_federation_decides(ring: Circle) -> None:
    directory = ring.norland.register.current()
    key = directory.node(ARCADIA).witness_vkeys[0]
    stated = f"witness arcadia {key}\nquorum arcadia\n"
    made = policy_of(replace(directory, policy=stated), NORLAND)
    assert made.quorum == "arcadia"
    assert made.logs
    assert in_words(made) == "1 of arcadia"


def test_every_entry_is_witnessed_once_witnesses_return_after_two_days(ring: Circle) -> None:
    """AC-A1: all witnesses down for 48 hours, then everything witnessed without a hand."""
    office = ring.norland
    ring.grow(office, 3)
    ring.round(office)
    assert office.store.read(watched).covered == 3
    ring.away = {ARCADIA, CASTALIA}
    began = ring.clock.now()
    for hour in range(48):
        ring.grow(office, 1 + hour % 2)
        assert ring.round(office) == 0
        ring.clock.advance(HOUR)
    state = office.store.read(watched)
    assert (state.covered, state.size) == (3, 75)
    assert state.since is not None
    assert abs(state.since - began) < 1000
    assert state.unwitnessed(ring.clock.now()) >= 48 * HOUR - 1000
    assert office.chronicle.proof(40) == b""
    ring.away = set()
    ring.round(office)
    state = office.store.read(watched)
    assert (state.covered, state.since) == (75, None)
    opened = verify_proof(
        parse_proof(office.chronicle.proof(40)),
        office.store.read(lambda r: r.entries(40, 1))[0],
        policy(office),
        verify=verify,
    )
    assert opened.checkpoint.size == 75


def test_one_witness_of_two_is_no_quorum(ring: Circle) -> None:
    office = ring.norland
    ring.away = {CASTALIA}
    ring.grow(office, 2)
    assert ring.round(office) == 1
    assert office.chronicle.cosigned() is None
    assert office.store.read(watched).witnesses == (ARCADIA,)
    assert office.chronicle.shown() == office.chronicle.sign().note
    ring.away = set()
    ring.clock.advance(HOUR)
    assert ring.round(office) == 1
    row = office.chronicle.cosigned()
    assert row is not None
    assert row.size == 2
    assert office.chronicle.shown() == row.note


def test_a_witness_that_was_away_is_let_alone_for_a_while(ring: Circle) -> None:
    office, asked = ring.norland, list[str]()

    def ask(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        asked.append(entry.node)
        return ring.ask(entry, body)

    ring.away = {ARCADIA, CASTALIA}
    ring.grow(office, 1)
    office.chronicle.sign()
    for _ in range(50):
        office.chronicle.gather(ask, ring.recall)
    assert sorted(asked) == [ARCADIA, CASTALIA]
    ring.clock.advance(HOUR)
    office.chronicle.gather(ask, ring.recall)
    assert len(asked) == 4


def test_a_proof_is_under_the_earliest_quorum_that_saw_the_entry(ring: Circle) -> None:
    office = ring.norland
    for count in (2, 3):
        ring.grow(office, count)
        ring.round(office)
        ring.clock.advance(HOUR)
    sizes = [
        parse_note(parse_proof(office.chronicle.proof(index)).note).text.split("\n")[1]
        for index in (0, 1, 2, 4)
    ]
    assert sizes == ["2", "2", "5", "5"]


def test_a_copied_key_counts_for_nobody_else(ring: Circle) -> None:
    """The older form of a cosignature names nobody, so a copied key could count twice."""
    office = ring.norland
    directory = office.register.current()
    castalia, arcadia = directory.node(CASTALIA), directory.node(ARCADIA)
    name = parse_vkey(castalia.witness_vkeys[0]).name
    copied = tuple(
        Verifier(name=name, type=KeyType(key.type), key=key.key).text
        for key in map(parse_vkey, arcadia.witness_vkeys)
    )
    squatting = changed(directory, replace(castalia, witness_vkeys=copied))
    made = policy_of(squatting, NORLAND)
    ring.away = {CASTALIA}
    ring.grow(office, 1)
    ring.round(office)
    note = parse_note(office.chronicle.sign().note)
    first = note.signatures[2]
    own = made.witnesses[f"{CASTALIA}/04/1"]
    renamed = replace(first, name=name, id=own.id)
    forged = replace(note, signatures=(*note.signatures, renamed)).encode()
    opened = open_note(forged, made.verifiers, verify=verify)
    assert own in {seen.verifier for seen in opened.seen}
    assert not made.is_met(opened)


def test_nobody_speaks_for_another_nodes_ledger(ring: Circle) -> None:
    directory = ring.norland.register.current()
    arcadia, norland = directory.node(ARCADIA), directory.node(NORLAND)
    own = arcadia.log_vkeys
    stolen = tuple(
        Verifier(name=norland.origin, type=key.type, key=key.key).text
        for key in map(parse_vkey, own)
    )
    lying = changed(directory, replace(arcadia, origin=norland.origin, log_vkeys=stolen))
    assert keys_of(lying, norland.origin) == keys_of(directory, norland.origin)
    assert len(logs_in(lying)) == len(logs_in(directory)) - 1


def test_keys_that_cannot_be_read_count_for_nothing(ring: Circle) -> None:
    directory = ring.norland.register.current()
    arcadia = directory.node(ARCADIA)
    broken = changed(directory, replace(arcadia, witness_vkeys=("x+y",), log_vkeys=("x+y",)))
    assert policy_of(broken, NORLAND).groups["members"][1] == ("xc",)
    assert keys_of(broken, arcadia.origin) == ()


def test_a_marking_may_forbid_sending_while_nobody_watches(ring: Circle) -> None:
    office, limits = ring.norland, [limit_of("TLP:RED=60"), limit_of("L2=30")]
    ring.away = {ARCADIA, CASTALIA}
    ring.grow(office, 1)
    ring.round(office)

    def why(marking: str) -> str:
        at = ring.clock.now()
        return office.store.read(lambda r: why_not(r, handling(marking), limits, at=at))

    assert [why(marking) for marking in ("TLP:RED", "TLP:AMBER L2")] == ["", ""]
    ring.clock.advance(45 * MINUTE)
    assert why("TLP:RED") == ""
    assert "45 minutes" in why("TLP:AMBER L3")
    ring.clock.advance(HOUR)
    assert "105 minutes" in why("TLP:RED")
    assert why("TLP:AMBER") == ""
    ring.away = set()
    ring.round(office)
    assert why("TLP:RED L4") == ""


@pytest.mark.parametrize("text", ["", "TLP:RED", "TLP:RED=x", "L5=1", "RED=1", "=60", "L2=-1"])
def test_a_limit_says_marking_and_minutes(text: str) -> None:
    with pytest.raises(InvalidInputError):
        limit_of(text)
