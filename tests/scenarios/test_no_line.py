"""Two partners without a line: everything goes by stick, and nothing is lost or twice."""

from dataclasses import replace

import pytest
from tests.scenarios.courier import (
    Courier,
    flipped,
)
from tests.scenarios.stage import (
    A,
    N,
    a_world,
    ask,
    inbox,
    leaves,
    outbox,
    question,
    reply,
    send,
)

from comity.adapters.world import World
from comity.core.clock import DAY, Instant
from comity.core.errors import (
    ConflictError,
    VerificationError,
)
from comity.core.ids import NodeId
from comity.desk import Sent
from comity.exchange.bundle import read_manifest, write_manifest
from comity.exchange.bundle_rows import BundleRow
from comity.exchange.unbundling import take


@pytest.fixture
def world() -> World:
    world = a_world()
    world.unreachable |= {A, N}
    return world


@pytest.fixture
def courier(world: World) -> Courier:
    return Courier(world)


def state(world: World, number: int, *, at: NodeId = N) -> str:
    row = world.residents[at].store.read(lambda r: r.get(BundleRow, A, number))
    assert row is not None
    return row.state


def test_a_stick_there_and_back_ends_in_a_receipt(world: World, courier: Courier) -> None:
    sent = send(world.residents[N], question())
    packed = courier.write()
    assert (packed.row.number, state(world, 1)) == (1, "written")
    read = courier.read(packed)
    assert (read.taken, read.rejected, read.damaged, read.gaps) == (1, 0, 0, ())
    settled = courier.bring_back(courier.ack(read))
    assert (settled.settled, settled.doubted) == (1, 0)
    assert outbox(world.residents[N], sent.mid).state == "receipted"
    assert state(world, 1) == "acked"
    assert courier.pack() is None


def test_what_is_on_its_way_is_not_written_again_until_patience_ends(
    world: World, courier: Courier
) -> None:
    send(world.residents[N], question())
    courier.write()
    assert courier.pack() is None
    world.clock.advance(13 * DAY)
    assert courier.pack(patience=14 * DAY) is None
    again = courier.write(patience=DAY)
    assert again.row.number == 2
    assert state(world, 1) == "rewritten"


def test_a_message_that_came_by_line_and_by_stick_has_one_effect(
    world: World, courier: Courier
) -> None:
    send(world.residents[N], question())
    packed = courier.write()
    world.unreachable.clear()
    world.run()
    read = courier.read(packed)
    assert read.taken == 1
    assert len(inbox(world.residents[A])) == 1
    assert leaves(world.residents[A]).count("received") == 1
    assert courier.bring_back(courier.ack(read)).settled == 1
    assert state(world, 1) == "acked"


def test_a_stick_read_twice_changes_nothing_and_gives_the_same_answers(
    world: World, courier: Courier
) -> None:
    send(world.residents[N], question())
    packed = courier.write()
    first, second = courier.read(packed), courier.read(packed)
    assert second.is_again
    assert second.row.answers == first.row.answers
    assert len(inbox(world.residents[A])) == 1
    ack = courier.ack(second)
    assert courier.bring_back(ack) == courier.bring_back(ack)


def test_one_flipped_bit_costs_that_message_alone_and_a_later_stick_brings_it(
    world: World, courier: Courier
) -> None:
    sent = [send(world.residents[N], question()) for _ in range(3)]
    packed = courier.write()
    (part,) = packed.parts
    hurt = flipped(part, len(part) // 2)
    read = courier.read(packed, parts=[hurt])
    assert (read.taken, read.damaged) == (2, 1)
    settled = courier.bring_back(courier.ack(read))
    assert (settled.settled, settled.damaged, state(world, 1)) == (2, 1, "gap")
    assert outbox(world.residents[N], sent[1].mid).state == "queued"
    again = courier.round()
    assert again.settled == 1
    assert {outbox(world.residents[N], each.mid).state for each in sent} == {"receipted"}
    assert state(world, 1) == "rewritten"


@pytest.mark.parametrize("parts", [[], [b""], [b"\xd2"]])
def test_a_manifest_without_its_files_takes_nothing_and_says_so(
    world: World, courier: Courier, parts: list[bytes]
) -> None:
    send(world.residents[N], question())
    packed = courier.write()
    read = courier.read(packed, parts=parts)
    assert (read.taken, read.damaged) == (0, 1)
    # The same stick, whole: only what was missing is looked at.
    whole = courier.read(packed)
    assert (whole.taken, whole.damaged, whole.is_again) == (1, 0, True)


def test_a_truncated_file_gives_what_lies_before_the_cut(
    world: World, courier: Courier
) -> None:
    for _ in range(3):
        send(world.residents[N], question())
    packed = courier.write()
    read = courier.read(packed, parts=[packed.parts[0][:-100]])
    assert (read.taken, read.damaged) == (2, 1)


def test_a_lost_stick_is_named_as_a_gap_and_its_messages_go_again(
    world: World, courier: Courier
) -> None:
    first = send(world.residents[N], question())
    courier.write()
    send(world.residents[N], question())
    read = courier.read(courier.write())
    assert read.gaps == (1,)
    settled = courier.bring_back(courier.ack(read))
    assert (settled.gaps, state(world, 1)) == ((1,), "gap")
    assert courier.round().settled == 1
    assert outbox(world.residents[N], first.mid).state == "receipted"
    assert state(world, 1) == "rewritten"


def test_an_older_stick_after_a_newer_one_fills_its_gap(world: World, courier: Courier) -> None:
    send(world.residents[N], question())
    older = courier.write()
    send(world.residents[N], question())
    newer = courier.write()
    assert courier.read(newer).gaps == (1,)
    late = courier.read(older)
    assert (late.taken, late.gaps) == (1, ())
    assert len(inbox(world.residents[A])) == 2


def test_two_bundles_of_one_number_are_an_incident_and_neither_is_taken_twice(
    world: World, courier: Courier
) -> None:
    send(world.residents[N], question())
    packed = courier.pack()
    assert packed is not None
    courier.read(packed)
    send(world.residents[N], question())
    _, manifest = read_manifest(packed.manifest)
    other = replace(manifest, written_at=Instant(manifest.written_at + 1))
    here = world.residents[N].station
    data = write_manifest(other, here.node_key, federation=world.directory.federation)
    with pytest.raises(ConflictError, match="older backup"):
        take(data, packed.parts, world.residents[A].station)
    assert leaves(world.residents[A]).count("incident") == 1


def test_a_bundle_that_follows_another_than_was_read_is_an_incident(
    world: World, courier: Courier
) -> None:
    send(world.residents[N], question())
    courier.read(courier.write())
    send(world.residents[N], question())
    packed = courier.write()
    _, manifest = read_manifest(packed.manifest)
    here = world.residents[N].station
    data = write_manifest(
        replace(manifest, previous=bytes(32)),
        here.node_key,
        federation=world.directory.federation,
    )
    with pytest.raises(ConflictError, match="follows another"):
        take(data, packed.parts, world.residents[A].station)


def test_crossed_sticks_and_strangers_sticks_are_refused(courier: Courier) -> None:
    world = courier.world
    send(world.residents[N], question())
    packed = courier.write()
    with pytest.raises(VerificationError, match="not for this node"):
        take(packed.manifest, packed.parts, world.residents[N].station)
    _, manifest = read_manifest(packed.manifest)
    thief = world.residents[A].keys.log
    federation = world.directory.federation
    forged = write_manifest(manifest, thief, federation=federation)
    with pytest.raises(VerificationError, match="does not list"):
        take(forged, packed.parts, world.residents[A].station)
    exercise = write_manifest(
        manifest, world.residents[N].station.node_key, federation="0" * 32
    )
    with pytest.raises(VerificationError, match="signature"):
        take(exercise, packed.parts, world.residents[A].station)
    assert not inbox(world.residents[A])


def test_a_clock_years_off_is_shown_and_stops_nothing(world: World, courier: Courier) -> None:
    send(world.residents[N], question())
    packed = courier.write()
    _, manifest = read_manifest(packed.manifest)
    here, federation = world.residents[N].station, world.directory.federation
    ahead = replace(manifest, written_at=Instant(manifest.written_at + 730 * DAY))
    data = write_manifest(ahead, here.node_key, federation=federation)
    read = take(data, packed.parts, world.residents[A].station)
    assert (read.clock, read.taken) == (730 * DAY, 1)


def test_an_expired_question_arrives_expired_and_its_sender_sees_it(
    world: World, courier: Courier
) -> None:
    sent = send(world.residents[N], question())
    packed = courier.write()
    world.clock.advance(70 * DAY)
    read = courier.read(packed)
    assert (read.taken, read.rejected) == (0, 1)
    assert not inbox(world.residents[A])
    courier.bring_back(courier.ack(read))
    assert outbox(world.residents[N], sent.mid).state != "queued"


def test_what_protects_and_what_is_urgent_goes_first_where_room_is_short(
    world: World, courier: Courier
) -> None:
    send(world.residents[N], question())
    asked = ask_by_line(world)
    send(world.residents[N], question())
    recall = send(
        world.residents[N], reply(asked.case, "recall", about=asked.mid, ground="unlawful")
    )
    urgent = send(world.residents[N], question(urgency_ground="danger-to-life"))
    packed = courier.pack(room=24_000)
    assert packed is not None
    firsts = [packed.row.mids[:16].hex(), packed.row.mids[16:32].hex()]
    assert set(firsts) == {recall.mid, urgent.mid}


def ask_by_line(world: World) -> Sent:
    away, world.unreachable = world.unreachable, set()
    sent = ask(world)
    world.unreachable = away
    return sent
