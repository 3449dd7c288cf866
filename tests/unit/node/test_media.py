"""Bundles between real folders: written to a medium, read from it, acknowledged."""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scenarios.stage import AMBER
from tests.unit.node.ground import ARCADIA, CASTALIA, NORLAND, Town

from comity.adapters.media.names import FOLDER
from comity.adapters.memory import FixedClock
from comity.core.clock import DAY, Instant, new_message_id
from comity.core.errors import ConfigurationError, InvalidInputError, NotFoundError
from comity.core.ids import MessageId, NodeId
from comity.exchange import OutboxRow
from comity.exchange.bundle_rows import BundleRow
from comity.exchange.leaves import marking_of
from comity.message import Content, Urgency
from comity.node.errands import Errand, do, run, serve
from comity.node.media import (
    courier_of,
    forget_couriers,
    notice_of,
    read_medium,
    write_acks,
    write_bundles,
)
from comity.node.office import Office, open_office
from comity.seal import Message, read_answer, seal
from comity.seal.answer import PrekeyNotice


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def north(town: Town) -> Iterator[Office]:
    office = open_office(town.node(NORLAND))
    yield office
    office.close()


@pytest.fixture
def south(town: Town) -> Iterator[Office]:
    office = open_office(town.node(ARCADIA))
    yield office
    office.close()


def queue(here: Office, there: Office, *, life: int = 14 * DAY) -> MessageId:
    """Let a message wait at one node for another, sealed to the other's prekey."""
    at, entropy = here.clock.now(), here.entropy
    mid = new_message_id(at, entropy)
    notice = read_answer(notice_of(there)).said
    assert isinstance(notice, PrekeyNotice)
    content = Content(
        handling=AMBER,
        purpose="counter-terrorism",
        urgency=Urgency.NORMAL,
        body={"question": "Who is this?"},
    )
    message = Message(
        mid=mid,
        author=here.config.agency,
        from_node=here.config.node,
        recipient=there.config.agency,
        conv=bytes(16),
        created=at,
        exp=Instant(at + life),
        kind="requests.ask/1",
        decision=bytes(32),
        marking=marking_of(AMBER),
        items=1,
        body=content.encode(),
    )
    envelope = seal(
        message,
        to_node=there.config.node,
        prekey=notice.key,
        author_key=here.keyring.agency(here.config.agency),
        node_key=here.keyring.node,
        federation=here.register.current().federation,
        entropy=entropy,
    )
    row = OutboxRow(
        mid=mid,
        to_node=there.config.node,
        recipient=there.config.agency,
        digest=hashlib.sha256(envelope).digest(),
        envelope=envelope,
        case="c",
        kind="requests.ask/1",
        decision="",
        person="",
        created=at,
        exp=message.exp,
        rank=1,
        state="queued",
        next_at=at,
        attempts=0,
        sent_leaf=0,
        record_id="",
    )
    here.store.commit(lambda tx: tx.insert(row)).result()
    return mid


def outbox(office: Office, mid: MessageId) -> str:
    row = office.store.read(lambda r: r.get(OutboxRow, mid))
    assert row is not None
    return row.state


def test_a_stick_goes_there_and_comes_back(north: Office, south: Office, stick: Path) -> None:
    mids = [queue(north, south) for _ in range(3)]
    (row,) = write_bundles(north, stick, ARCADIA, courier="Officer Blue")
    assert (row.number, row.state) == (1, "carried")
    assert courier_of(north, row.courier) == "Officer Blue"
    assert write_bundles(north, stick, ARCADIA) == []
    ((read,), refused) = read_medium(south, stick)
    assert refused == 0
    assert read.unpacked is not None
    assert read.unpacked.damaged == 0
    answered = read.unpacked.taken + read.unpacked.rejected
    assert answered == len(mids)
    names = write_acks(south, stick)
    assert names == [f"{ARCADIA}_{NORLAND}_00000001_ack"]
    assert write_acks(south, stick) == []
    assert write_acks(south, stick, again=[NORLAND]) == names
    ((settled,), _) = read_medium(north, stick)
    assert settled.settled is not None
    assert settled.settled.settled == len(mids)
    assert {outbox(north, mid) for mid in mids} <= {"receipted", "rejected"}


def test_what_lies_on_a_stick_beside_bundles_is_left_alone_and_counted(
    north: Office, south: Office, stick: Path
) -> None:
    queue(north, south)
    write_bundles(north, stick, ARCADIA)
    home = stick / FOLDER
    name = f"{NORLAND}_{ARCADIA}_00000002"
    (home / name).symlink_to("/etc")
    (home / "autorun.inf").write_text("x")
    (home / f"{CASTALIA}_{NORLAND}_00000001").mkdir()
    (home / f"{NORLAND}_{ARCADIA}_0000000\x07").mkdir()
    (home / f"{CASTALIA}_{ARCADIA}_00000001").mkdir()
    done, refused = read_medium(south, stick)
    assert [bool(each.refused) for each in done] == [True, False]
    assert refused == 3
    assert "no `manifest.cose`" in done[0].refused


def test_two_folders_that_differ_in_case_are_neither_read(
    north: Office, south: Office, stick: Path
) -> None:
    queue(north, south)
    write_bundles(north, stick, ARCADIA)
    home = stick / FOLDER
    name = f"{NORLAND}_{ARCADIA}_00000001"
    (home / name.upper()).mkdir()
    assert read_medium(south, stick) == ([], 2)
    (home / name.upper()).rmdir()
    (home / name).rename(home / name.upper())
    (done,), _ = read_medium(south, stick)
    assert done.unpacked is not None


@pytest.mark.parametrize("instead", ["pipe", "link", "folder", "endless"])
def test_what_is_no_plain_file_counts_as_missing(
    north: Office, south: Office, stick: Path, instead: str
) -> None:
    queue(north, south)
    write_bundles(north, stick, ARCADIA)
    part = stick / FOLDER / f"{NORLAND}_{ARCADIA}_00000001" / "part-0001.cbor"
    part.unlink()
    match instead:
        case "pipe":
            os.mkfifo(part)
        case "link":
            part.symlink_to("/dev/zero")
        case "folder":
            part.mkdir()
        case _:
            with part.open("wb") as file:
                file.truncate(1 << 34)
    (done,), _ = read_medium(south, stick)
    assert done.unpacked is not None
    assert (done.unpacked.taken, done.unpacked.damaged) == (0, 1)


def test_a_folder_that_names_another_bundle_than_is_signed_is_refused(
    north: Office, south: Office, stick: Path
) -> None:
    queue(north, south)
    write_bundles(north, stick, ARCADIA)
    home = stick / FOLDER
    (home / f"{NORLAND}_{ARCADIA}_00000001").rename(home / f"{NORLAND}_{ARCADIA}_00000007")
    (done,), _ = read_medium(south, stick)
    assert "another bundle" in done.refused


def test_a_stick_pulled_while_writing_never_looks_whole(
    north: Office, south: Office, stick: Path
) -> None:
    queue(north, south)
    home = stick / FOLDER
    draft = home / ".0123456789ab"
    draft.mkdir(parents=True)
    (draft / "part-0001.cbor").write_bytes(b"half")
    done, refused = read_medium(south, stick)
    assert (done, refused) == ([], 1)
    # Its row was left at `writing`: what it held goes into the next one.
    north.store.commit(
        lambda tx: tx.insert(
            BundleRow(
                to_node=ARCADIA,
                number=1,
                digest=bytes(32),
                state="writing",
                at=north.clock.now(),
                exp=north.clock.now(),
                mids=b"",
                size=0,
            )
        )
    ).result()
    (row,) = write_bundles(north, stick, ARCADIA)
    assert row.number == 2


def test_no_medium_no_partner_and_no_room_are_said_in_words(north: Office, stick: Path) -> None:
    with pytest.raises(ConfigurationError, match="mounted"):
        read_medium(north, stick / "gone")
    with pytest.raises(NotFoundError):
        write_bundles(north, stick, NodeId("zz.police.n1"))
    with pytest.raises(InvalidInputError, match="courier"):
        write_bundles(north, stick, ARCADIA, courier="a\x1b[2J")


def test_a_couriers_name_is_forgotten_in_time(town: Town, south: Office, stick: Path) -> None:
    clock = FixedClock(south.clock.now())
    office = open_office(town.node(NORLAND), clock=clock)
    try:
        queue(office, south)
        (row,) = write_bundles(office, stick, ARCADIA, courier="Officer Blue")
        clock.advance(89 * DAY)
        assert forget_couriers(office) == 0
        clock.advance(2 * DAY)
        assert forget_couriers(office) == 1
        assert courier_of(office, row.courier) == ""
        assert forget_couriers(office) == 0
    finally:
        office.close()


def test_the_list_says_who_is_not_yet_reached(
    north: Office, south: Office, stick: Path
) -> None:
    queue(north, south)
    write_bundles(north, stick, ARCADIA)
    shown = json.loads(json.dumps(do(north, Errand(verb="list"))))
    by_node = {each["node"]: each for each in shown["partners"]}
    assert by_node[ARCADIA]["waiting"] == 1
    assert by_node[ARCADIA]["not_yet_reached_since"]
    assert by_node[ARCADIA]["written"][0]["state"] == "written"
    assert by_node[CASTALIA]["not_yet_reached_since"] is None


def test_a_running_node_does_the_errand_itself(
    town: Town, north: Office, south: Office, stick: Path
) -> None:
    queue(north, south)
    answers: list[object] = []
    asked = threading.Thread(
        target=lambda: answers.append(
            run(
                town.node(NORLAND),
                Errand(verb="write", medium=str(stick), node=ARCADIA),
                passphrase=None,
            )
        )
    )
    asked.start()
    while asked.is_alive():
        serve(north)
    asked.join()
    assert answers == [{"node": ARCADIA, "bundles": [{"number": 1, "messages": 1}]}]
