"""What a stick says of its sender's ledger, and acknowledgements that prove too little."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.scenarios.courier import Courier, answers_in, signed
from tests.scenarios.stage import A, N, a_world, inbox, leaves, outbox, question, reply, send

from comity.adapters.world import World
from comity.core import limits
from comity.core.clock import DAY, Instant
from comity.core.errors import ConflictError, NotFoundError, StateError, VerificationError
from comity.exchange import Logged
from comity.exchange.bundle import (
    Ack,
    Manifest,
    read_ack,
    read_manifest,
    write_ack,
    write_manifest,
)
from comity.exchange.bundle_rows import BundleReadRow, BundleRow
from comity.exchange.bundling import Packed, Settled, settle_ack
from comity.exchange.unbundling import Unpacked, acknowledged, split_answers, take
from comity.seal import Rejection, read_answer, sign_rejection


@pytest.fixture
def world() -> World:
    world = a_world()
    world.unreachable |= {A, N}
    return world


@pytest.fixture
def courier(world: World) -> Courier:
    made = Courier(world)
    made.sign_ledgers()
    return made


def ask(world: World, count: int = 1) -> list[str]:
    return [send(world.residents[N], question()).mid for _ in range(count)]


def changed(packed: Packed, **changes: object) -> Manifest:
    _, manifest = read_manifest(packed.manifest)
    return replace(manifest, **changes)  # type: ignore[arg-type]


def read(world: World, packed: Packed, manifest: Manifest) -> Unpacked:
    """Let Arcadia read a bundle whose manifest Norland signed otherwise."""
    key = world.residents[N].station.node_key
    data = write_manifest(manifest, key, federation=world.directory.federation)
    return take(data, packed.parts, world.residents[A].station)


def test_a_ledger_that_grew_between_two_sticks_is_shown_to_extend_itself(
    world: World, courier: Courier
) -> None:
    for _ in range(2):
        ask(world)
        unpacked = courier.read(courier.write())
        assert (unpacked.taken, unpacked.alarm) == (1, "")
    assert "incident" not in leaves(world.residents[A])


def test_a_ledger_that_does_not_extend_what_it_showed_is_an_incident_and_delays_nothing(
    world: World, courier: Courier
) -> None:
    ask(world)
    courier.read(courier.write())
    ask(world)
    packed = courier.write()
    here = world.residents[N]
    size = here.store.read(lambda r: r.size())
    forked = read(world, packed, changed(packed, checkpoint=signed(here, size, bytes(32))))
    assert forked.alarm == "its ledger does not extend what it showed before"
    assert forked.taken == 1
    assert leaves(world.residents[A]).count("incident") == 1


@pytest.mark.parametrize(
    ("note", "alarm"),
    [
        (b"no note", "its checkpoint cannot be read"),
        (b"\xff\n\n", "its checkpoint cannot be read"),
    ],
)
def test_a_checkpoint_that_is_none_is_said_and_delays_nothing(
    world: World, courier: Courier, note: bytes, alarm: str
) -> None:
    ask(world)
    packed = courier.write()
    unpacked = read(world, packed, changed(packed, checkpoint=note))
    assert (unpacked.alarm, unpacked.taken) == (alarm, 1)


def test_another_ledgers_checkpoint_speaks_for_nobody(world: World, courier: Courier) -> None:
    ask(world)
    packed = courier.write()
    there = world.residents[A]
    note = signed(there, 1, bytes(32))
    unpacked = read(world, packed, changed(packed, checkpoint=note))
    assert unpacked.alarm != ""
    assert unpacked.taken == 1


def test_after_a_gap_no_proof_starts_at_what_is_held(world: World, courier: Courier) -> None:
    ask(world)
    courier.read(courier.write())
    ask(world)
    courier.write()  # is lost
    ask(world)
    unpacked = courier.read(courier.write())
    assert (unpacked.alarm, unpacked.gaps) == ("", (2,))


def test_a_stick_after_one_without_a_checkpoint_is_read(world: World) -> None:
    plain = Courier(world)
    ask(world)
    plain.read(plain.write())
    plain.sign_ledgers()
    ask(world)
    assert plain.read(plain.write()).alarm == ""


def test_what_comes_before_what_it_is_about_is_taken_once_that_is_there(
    world: World, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.exchange.unbundling._AT_ONCE", 2)
    first, *_ = ask(world, 3)
    case = outbox(world.residents[N], first).case
    send(world.residents[N], reply(case, "recall", about=first, ground="unlawful"))
    packed = courier.write()
    assert packed.row.mids[:16].hex() != first  # what protects lies first
    unpacked = courier.read(packed)
    assert (unpacked.taken, unpacked.rejected) == (4, 0)
    assert "recalled" in {row.state for row in inbox(world.residents[A])}


def test_what_is_early_for_ever_is_answered_so(
    world: World, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.exchange.unbundling._ROUNDS", 1)
    first, *_ = ask(world)
    case = outbox(world.residents[N], first).case
    send(world.residents[N], reply(case, "recall", about=first, ground="unlawful"))
    packed = courier.write()
    assert courier.read(packed).taken == 2


def test_a_stick_read_again_after_its_answers_were_written_is_not_called_acknowledged(
    world: World, courier: Courier
) -> None:
    ask(world)
    packed = courier.write()
    first = courier.read(packed)
    world.clock.advance(DAY)
    courier.read(packed)
    station = world.residents[A].station
    acknowledged(first.row, station)
    row = station.store.read(lambda r: r.get(BundleReadRow, N, 1))
    assert row is not None
    assert row.state == "read"


def acked(world: World, courier: Courier) -> tuple[Ack, bytes]:
    """Let a bundle be read, and return its acknowledgement taken apart."""
    ask(world)
    data, answers = courier.ack(courier.read(courier.write()))
    return read_ack(data)[1], answers


def test_answers_that_are_not_the_acknowledged_ones_are_none(
    world: World, courier: Courier
) -> None:
    ack, answers = acked(world, courier)
    assert len(split_answers(answers, ack)) == answers_in(answers) == 1
    assert split_answers(answers + b"\0", ack) == []
    noise = b"\xff" * 9
    assert split_answers(noise, replace(ack, answers=hashlib.sha256(noise).digest())) == []


def test_more_answers_than_a_bundle_may_hold_are_none(
    world: World, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    ack, answers = acked(world, courier)
    monkeypatch.setattr(limits, "BUNDLE_ITEMS", 0)
    assert split_answers(answers, ack) == []


def settle(world: World, ack: Ack, answers: Sequence[bytes], again: list[Logged]) -> Settled:
    """Let Norland read an acknowledgement as Arcadia's node signed it."""
    key = world.residents[A].station.node_key
    data = write_ack(ack, key, federation=world.directory.federation)
    return settle_ack(data, answers, world.residents[N].station, resend=again.append)


def test_an_acknowledgement_for_another_node_or_by_a_stranger_is_refused(
    world: World, courier: Courier
) -> None:
    ack, _ = acked(world, courier)
    with pytest.raises(VerificationError, match="not for this node"):
        settle(world, replace(ack, to_node=A), (), [])
    stranger = world.residents[A].keys.log
    data = write_ack(ack, stranger, federation=world.directory.federation)
    with pytest.raises(VerificationError, match="does not list"):
        settle_ack(data, (), world.residents[N].station, resend=list[Logged]().append)


def test_an_acknowledgement_of_a_bundle_never_written_or_of_other_bytes_is_refused(
    world: World, courier: Courier
) -> None:
    ack, _ = acked(world, courier)
    with pytest.raises(NotFoundError, match="no bundle 9"):
        settle(world, replace(ack, number=9), (), [])
    with pytest.raises(ConflictError, match="other bytes"):
        settle(world, replace(ack, digest=bytes(32)), (), [])


def test_a_prekey_notice_that_proves_nothing_is_as_good_as_none(
    world: World, courier: Courier
) -> None:
    ack, answers = acked(world, courier)
    held = split_answers(answers, ack)
    assert settle(world, replace(ack, notice=b"no notice"), held, []).settled == 1


def test_a_gap_named_of_a_bundle_never_written_changes_nothing(
    world: World, courier: Courier
) -> None:
    ack, answers = acked(world, courier)
    done = settle(world, replace(ack, gaps=(7,)), split_answers(answers, ack), [])
    assert done.gaps == (7,)
    store = world.residents[N].store
    assert store.read(lambda r: [row.number for row in r.find(BundleRow)]) == [1]


def test_a_bundle_that_was_written_anew_stays_so_when_the_first_is_acknowledged(
    world: World, courier: Courier
) -> None:
    ask(world)
    read_ = courier.read(courier.write())
    world.clock.advance(2 * DAY)
    courier.write(patience=DAY)
    assert courier.bring_back(courier.ack(read_)).settled == 1
    row = world.residents[N].store.read(lambda r: r.get(BundleRow, A, 1))
    assert row is not None
    assert row.state == "rewritten"


def test_answers_that_prove_nothing_leave_their_messages_queued(
    world: World, courier: Courier
) -> None:
    ack, answers = acked(world, courier)
    (held,) = split_answers(answers, ack)
    here, there = world.residents[N], world.residents[A]
    said = read_answer(held).said
    federation = world.directory.federation
    foreign = Rejection(
        mid=None,
        node=A,
        digest=bytes(32),
        code="not-admitted",
        at=world.clock.now(),
        retry_after=None,
    )
    digest = getattr(said, "digest")  # noqa: B009 - of a receipt or a rejection
    later = replace(foreign, digest=digest, code="quota", retry_after=60)
    forged = sign_rejection(
        replace(later, retry_after=None), there.keys.log, federation=federation
    )
    given = [
        sign_rejection(foreign, there.station.node_key, federation=federation),
        sign_rejection(later, there.station.node_key, federation=federation),
        forged,
    ]
    done = settle(world, ack, given, [])
    assert (done.settled, done.doubted) == (0, 3)
    assert outbox(here, here.store.read(lambda r: r.find(BundleRow))[0].mids.hex()).state == (
        "queued"
    )


@pytest.mark.parametrize("is_held_back", [False, True])
def test_what_outlived_its_key_is_sealed_anew_unless_law_holds_it_back(
    world: World,
    courier: Courier,
    monkeypatch: pytest.MonkeyPatch,
    is_held_back: bool,  # noqa: FBT001 - a case
) -> None:
    monkeypatch.setattr("comity.exchange.bundling._AT_ONCE", 1)
    mids = ask(world, 2)
    packed = courier.write()
    world.rotate(A)
    unpacked = courier.read(packed)
    assert unpacked.rejected == 2
    data, answers = courier.ack(unpacked)
    ack = read_ack(data)[1]
    again: list[Logged] = []

    def resend(logged: Logged) -> None:
        again.append(logged)
        if is_held_back:
            raise StateError("the law says otherwise by now")

    done = settle_ack(
        data, split_answers(answers, ack), world.residents[N].station, resend=resend
    )
    assert {logged.mid.hex() for logged in again} == set(mids)
    assert (done.settled, done.doubted) == ((0, 2) if is_held_back else (2, 0))


def test_a_clock_far_ahead_is_shown(world: World, courier: Courier) -> None:
    ask(world)
    packed = courier.write()
    late = Instant(world.clock.now() + DAY)
    assert read(world, packed, changed(packed, written_at=late)).clock == DAY
