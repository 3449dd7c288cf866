"""Promise 3 and the door: only the recipient reads it, and nobody speaks for another."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    CASTALIA,
    NORLAND,
    A,
    C,
    Forged,
    N,
    a_world,
    ask,
    code,
    inbox,
    leaves,
    question,
    received,
    reply,
    send,
    take,
)

from comity.adapters.world import World
from comity.core import limits
from comity.core.clock import HOUR
from comity.core.errors import (
    InvalidInputError,
    NotFoundError,
    UnreachableError,
    VerificationError,
)
from comity.exchange import Consigned, Consignment, inbound
from comity.message import handling
from comity.practice import CaseRow
from comity.seal import open_envelope, read_envelope, verify_envelope


@pytest.fixture
def world() -> World:
    return a_world(NORLAND, ARCADIA, CASTALIA)


def test_a_third_node_cannot_open_anothers_copy(world: World) -> None:
    data = Forged().seal(world)
    third = world.residents[C]
    assert code(take(third, data)) == "unparsable"
    key = world.residents[N].keys.node.public
    federation = world.directory.federation
    verified = verify_envelope(read_envelope(data), key, federation=federation)
    with pytest.raises(VerificationError):
        open_envelope(verified, prekey=lambda _kid: third.prekey, federation=federation)


def test_no_two_copies_share_an_id_a_conversation_or_a_byte_of_ciphertext(world: World) -> None:
    here = world.residents[N]
    send(here, question())
    send(here, question())
    first, second = world.outbox(N)
    assert first.mid != second.mid
    assert first.envelope[300:400] != second.envelope[300:400]


def test_a_copy_forwarded_under_another_nodes_name_is_rejected(world: World) -> None:
    """Castalia seals Norland's text to Arcadia as its own node: the inner names betray it."""
    forwarded = Forged(by=C, author=NORLAND)
    assert code(take(world.residents[A], forwarded.seal(world))) == "unknown-sender"
    assert inbox(world.residents[A]) == []


def test_a_node_cannot_speak_for_an_agency_it_does_not_serve(world: World) -> None:
    there = world.residents[A]
    assert code(take(there, Forged(by=C, author=NORLAND).seal(world))) == "unknown-sender"
    stolen = Forged(by=C, author=NORLAND, key_of=N)
    assert code(take(there, stolen.seal(world))) == "unknown-sender"
    assert inbox(there) == []


def test_a_message_to_an_agency_of_another_node_is_not_taken(world: World) -> None:
    astray = Forged(recipient=CASTALIA)
    assert code(take(world.residents[A], astray.seal(world))) == "unknown-sender"
    assert "rejected" in leaves(world.residents[A])


def test_a_stranger_is_answered_and_leaves_no_trace_in_the_ledger(world: World) -> None:
    other = a_world(NORLAND, ARCADIA)
    other.residents[N].keys.node = other.residents[A].keys.node
    assert code(take(world.residents[A], Forged().seal(other))) == "unknown-sender"
    assert leaves(world.residents[A]) == []


def test_every_byte_of_an_envelope_is_guarded(world: World) -> None:
    data, there = Forged().seal(world), world.residents[A]
    for at in range(0, len(data), 97):
        broken = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert code(take(there, broken)) not in {"filed", "held"}
    assert inbox(there) == []
    assert code(take(there, data)) == "filed"


@pytest.mark.parametrize("data", [b"", b"\xff" * 40, b"\x9f" * 9, b"hello", bytes(4_000)])
def test_bytes_that_are_no_envelope_are_unparsable(world: World, data: bytes) -> None:
    assert code(take(world.residents[A], data)) == "unparsable"
    assert leaves(world.residents[A]) == []


def test_an_oversized_envelope_is_rejected_unread(world: World) -> None:
    assert code(take(world.residents[A], bytes(limits.ENVELOPE + 1))) == "too-large"


def test_a_suite_we_lack_is_named_as_such(world: World) -> None:
    data = Forged().seal(world)
    at = data.index(bytes.fromhex("a50001"))
    other = data[: at + 2] + b"\x07" + data[at + 3 :]
    assert code(take(world.residents[A], other)) == "suite"


@pytest.mark.parametrize(
    ("forged", "expected"),
    [
        (Forged(kind="requests.ask/9"), "unknown-kind"),
        (Forged(body={"subject_status": "suspect"}), "not-admitted"),
        (Forged(items=7), "not-admitted"),
        (Forged(signed_marking=handling("TLP:CLEAR")), "not-admitted"),
        (Forged(purpose="gossip"), "not-admitted"),
        (Forged(kind="requests.answer/1", body={"outcome": "no-hit"}), "not-admitted"),
        (Forged(kind="requests.withdraw/1", body={"reason": "sent-in-error"}), "early"),
    ],
)
def test_what_the_practice_or_our_law_cannot_take_is_not_admitted(
    world: World, forged: Forged, expected: str
) -> None:
    there = world.residents[A]
    assert code(take(there, forged.seal(world))) == expected
    assert inbox(there) == []
    assert {"not_admitted", "rejected"} & set(leaves(there))


def test_a_partner_cannot_change_purpose_or_setting_of_its_case(world: World) -> None:
    there = world.residents[A]
    assert code(take(there, Forged().seal(world))) == "filed"
    (row,) = inbox(there)
    again = Forged(kind="requests.reminder/1", body={"about": row.mid.hex()})
    astray = replace(again, purpose="border-security")
    exercise = replace(again, marking=handling("TLP:AMBER EXERCISE"))
    assert code(take(there, astray.seal(world))) == "not-admitted"
    assert code(take(there, exercise.seal(world))) == "not-admitted"
    assert code(take(there, again.seal(world))) == "filed"


def test_a_replay_into_another_federation_does_not_verify(world: World) -> None:
    send(world.residents[N], question())
    (item,) = world.due(world.residents[N], A)
    exercise = replace(world.directory)
    there = world.residents[A].station
    object.__setattr__(exercise, "federation", "f" * 32)
    station = replace(there, directory=lambda: exercise)
    assert (
        code(inbound.take(Consigned(envelope=item.envelope), station).result())
        == "bad-signature"
    )


def test_a_message_names_only_what_its_author_may_name(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    row = received(there, sent.mid)
    cases = {
        "recall": {"about": sent.mid, "ground": "unlawful"},
        "correct": {"about": sent.mid, "ground": "outdated"},
        "stop-confirm": {"about": sent.mid},
    }
    for word, body in cases.items():
        forged = Forged(
            by=A,
            author=ARCADIA,
            recipient=NORLAND,
            to_node=N,
            kind=f"requests.{word}/1",
            body=dict(body),
            conv=conv_of(world, sent.case),
        )
        assert code(take(here, forged.seal(world))) == "not-admitted", word
    assert row.state == "filed"


def conv_of(world: World, case: str) -> bytes:
    row = world.residents[N].store.read(lambda r: r.get(CaseRow, case))
    assert row is not None
    return row.conv


def test_a_place_that_is_not_there_is_not_admitted(world: World) -> None:
    there = world.residents[A]
    assert code(take(there, Forged().seal(world))) == "filed"
    (row,) = inbox(there)
    for place, expected in (("question", "filed"), ("subjects/3/name", "not-admitted")):
        body = {"about": row.mid.hex(), "place": place, "ground": "facts"}
        forged = Forged(kind="requests.dissent/1", body=body)
        assert code(take(there, forged.seal(world))) == expected, place


def test_an_unreachable_partner_keeps_everything_queued(world: World) -> None:
    send(world.residents[N], question())
    world.unreachable.add(A)
    (item,) = world.due(world.residents[N], A)
    with pytest.raises(UnreachableError):
        world.carry(
            world.directory.node(A),
            Consignment(items=(Consigned(envelope=item.envelope),)),
        )
    assert world.run() == 0
    world.clock.advance(HOUR)
    assert len(world.due(world.residents[N], A)) == 1


def test_an_own_message_names_only_what_is_there(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    other = received(there, sent.mid)
    with pytest.raises(NotFoundError, match="names no message"):
        send(here, reply(sent.case, "recall", about="0" * 32, ground="unlawful"))
    with pytest.raises(InvalidInputError, match="wrong side"):
        send(there, reply(other.case, "recall", about=sent.mid, ground="unlawful"))
    with pytest.raises(InvalidInputError, match="another kind"):
        send(there, reply(other.case, "comply", about=sent.mid, done="erased"))
    with pytest.raises(InvalidInputError, match="place"):
        send(
            here,
            reply(sent.case, "correct", about=sent.mid, ground="outdated", place="facts/3"),
        )
