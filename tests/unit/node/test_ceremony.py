"""A federation is founded, grown and defended on separate machines, by sheets on a stick."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest
from tests.unit.node.ground import begin, request_of
from tests.unit.trust.builders import document, public, seed

from comity.adapters.memory import FixedClock, SeededEntropy
from comity.core.clock import DAY, Instant
from comity.core.errors import (
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    LimitError,
    StateError,
    VerificationError,
)
from comity.core.ids import MemberId, member_id
from comity.core.keys import PublicKey
from comity.node.beginning import read_request
from comity.node.ceremony_key import make_key, open_key, public_of
from comity.node.drafting import (
    Changes,
    Published,
    Stand,
    as_objection,
    document_of,
    draft_keys,
    draft_leave,
    draft_member,
    draft_root,
    draft_status,
    draft_targets,
)
from comity.node.network import is_publisher, published, restamp, verified
from comity.node.publishing import (
    announce,
    begin_publisher,
    publish_sheets,
    registry_entry,
    renew,
    standing_now,
)
from comity.node.sheet import (
    Sheet,
    joined,
    read_sheet,
    sign_sheet,
    signatures_of,
    words_of,
    write_sheet,
)
from comity.trust import (
    LOSS_NOTICE,
    KeySet,
    Records,
    Standing,
    directory_key,
    key_set,
    verify_directory,
)

START = Instant(1_800_000_000_000)
WORDS = "three words of Ada"
XA, XN, XC = (MemberId(name) for name in ("xa", "xn", "xc"))
ROOTS = ("root-xa", "root-xn", "oversight")


def own(member: str, era: str = "") -> KeySet:
    return key_set(public(f"{member}{era}-{number}") for number in range(3))


@dataclass
class Room:
    """Signers, each with a machine of its own, and a publisher; sheets go by copy."""

    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))

    @property
    def publisher(self) -> Path:
        return self.folder / "publisher"

    @property
    def now(self) -> Published:
        return standing_now(self.publisher, clock=self.clock)

    def signed(self, sheet: Sheet, *names: str) -> Sheet:
        """Carry a copy to each signer's machine, sign there, and collect the copies."""
        copies: list[Sheet] = []
        for name in names:
            stick = self.folder / "machines" / name / "sheet.json"
            stick.parent.mkdir(parents=True, exist_ok=True)
            write_sheet(stick, sheet)
            mine = read_sheet(stick)
            assert words_of(mine)[-1] == f"Compare aloud: {sheet.digest[:16]}"
            write_sheet(stick, sign_sheet(mine, seed(name)))
            copies.append(read_sheet(stick))
        whole = copies[0]
        for copy in copies[1:]:
            whole = joined(whole, copy)
        return whole

    def publish(self, *sheets: Sheet) -> int:
        return publish_sheets(self.publisher, sheets, clock=self.clock)

    def member(self, member: MemberId, *, era: str = "") -> Sheet:
        said = document(member, self.now.federation, era=era)
        sheet = draft_member(said, at=self.clock.now(), before=self.now)
        return self.signed(sheet, f"{member}{era}-0", f"{member}{era}-2")

    def targets(self, changes: Changes, *names: str) -> Sheet:
        sheet = draft_targets(changes, at=self.clock.now(), before=self.now)
        return self.signed(sheet, *(names or ROOTS))

    def standing(self, member: MemberId) -> Standing:
        found = self.now.directory
        assert found is not None
        return found.standing(member, at=self.clock.now())


def founded(folder: Path) -> Room:
    """Two members and one oversight seat: the smallest network there is."""
    room = Room(folder)
    key = begin_publisher(room.publisher, entropy=SeededEntropy(b"publisher"))
    first = draft_root(
        {XA: public("root-xa"), XN: public("root-xn")},
        oversight=[public("oversight")],
        publishers=[PublicKey(algorithm="ed25519", raw=bytes.fromhex(key))],
        at=START,
        before=Published(),
    )
    root = room.signed(first, *ROOTS)
    before = Published(files={"metadata/1.root.json": root.data})
    changes = Changes(
        admit={XA: own("xa"), XN: own("xn")},
        policy="quorum none\n",
        registry=registry_entry(room.publisher, before.federation),
    )
    targets = room.signed(draft_targets(changes, at=START, before=before), *ROOTS)
    members = [
        room.signed(
            draft_member(document(member, before.federation), at=START, before=before),
            f"{member}-0",
            f"{member}-1",
        )
        for member in (XA, XN)
    ]
    assert room.publish(root, targets, *members) == 1
    return room


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return founded(tmp_path_factory.mktemp("built")).folder


@pytest.fixture
def room(built: Path, tmp_path: Path) -> Room:
    shutil.copytree(built, tmp_path / "room")
    return Room(tmp_path / "room")


def test_a_network_starts_with_two_members_and_one_oversight_seat(room: Room) -> None:
    found, is_expired = verified(room.publisher, clock=room.clock)
    assert (found.members(), is_expired, found.alarms) == ((XA, XN), False, ())
    assert is_publisher(room.publisher)
    assert room.standing(XA) is Standing.MEMBER


def test_what_too_few_signed_changes_nothing(room: Room) -> None:
    before = published(room.publisher)
    short = room.targets(Changes(expel=frozenset({XN})), "root-xa", "oversight")
    with pytest.raises(VerificationError, match="signed by 1 members, 2 must"):
        room.publish(short)
    assert published(room.publisher) == before


def test_a_candidate_is_admitted_by_a_second_ceremony_and_the_root_grows(room: Room) -> None:
    changes = Changes(admit={XC: own("xc")}, candidates=frozenset({XC}))
    room.publish(room.targets(changes), room.member(XC))
    assert room.standing(XC) is Standing.CANDIDATE
    room.publish(room.targets(Changes(full=frozenset({XC}))))
    assert room.standing(XC) is Standing.MEMBER
    publishers = [room.now.directory]
    assert publishers[0] is not None
    sheet = draft_root(
        {name: public(f"root-{name}") for name in (XA, XC, XN)},
        oversight=[public("oversight")],
        publishers=[public("next publisher")],
        at=START,
        before=room.now,
    )
    assert any("With 3 members 2 sign" in line for line in words_of(sheet))
    second = room.signed(sheet, "root-xa", "root-xn", "root-xc", "oversight")
    with pytest.raises(VerificationError):
        room.publish(second)  # the old publisher's key does not publish under the new root
    old = read_publisher(room)
    same = draft_root(
        {name: public(f"root-{name}") for name in (XA, XC, XN)},
        oversight=[public("oversight")],
        publishers=[old],
        at=START,
        before=room.now,
    )
    room.publish(room.signed(same, "root-xa", "root-xn", "root-xc", "oversight"))
    assert room.now.files["metadata/2.root.json"]
    # From three members on no single one holds a veto.
    ended = room.targets(Changes(expel=frozenset({XN})), "root-xa", "root-xc", "oversight")
    room.publish(ended)
    assert room.standing(XN) is Standing.LEFT


def read_publisher(room: Room) -> PublicKey:
    return directory_key((room.publisher / "keys" / "publisher.seed").read_bytes())


def stood(room: Room, stand: Stand, *names: str) -> Sheet:
    sheet = draft_status(stand, at=room.clock.now(), before=room.now)
    return room.signed(sheet, *names)


def test_a_suspension_is_told_lapses_and_may_be_lifted(room: Room) -> None:
    room.publish(room.targets(Changes()))
    stand = Stand(suspend=[XN], ground="conduct", days=10)
    sheet = stood(room, stand, "root-xa", "oversight")
    assert any("xn is suspended" in line and "conduct" in line for line in words_of(sheet))
    room.publish(sheet)
    assert room.standing(XN) is Standing.SUSPENDED
    room.clock.advance(10 * DAY)
    assert room.standing(XN) is Standing.MEMBER
    room.clock.advance(-10 * DAY)
    room.publish(stood(room, Stand(lift=[XN]), "root-xn", "oversight"))
    assert room.standing(XN) is Standing.MEMBER


def test_a_member_whose_keys_are_stolen_is_closed_until_a_new_key_ceremony(room: Room) -> None:
    room.publish(room.targets(Changes()))
    room.publish(stood(room, Stand(close=[XN], ground="theft"), "root-xa", "oversight"))
    assert room.standing(XN) is Standing.CLOSED
    room.publish(stood(room, Stand(), "root-xa", "oversight"))
    assert room.standing(XN) is Standing.CLOSED
    change = room.signed(draft_keys(XN, own("xn", "-new"), before=room.now), "xn-0", "xn-1")
    targets = room.targets(Changes(keys=[change]))
    room.publish(targets, room.member(XN, era="-new"))
    assert room.standing(XN) is Standing.MEMBER


def loss(room: Room) -> Sheet:
    made = draft_keys(XN, own("xn", "-new"), before=room.now)
    return Sheet(sort="loss", federation=made.federation, signed=made.signed)


def test_lost_keys_are_replaced_seven_days_after_the_announcement(room: Room) -> None:
    sheet = loss(room)
    assert "lost" in words_of(sheet)[0]
    with pytest.raises(InvalidInputError, match="announced, not signed"):
        sign_sheet(sheet, seed("xn-0"))
    announce(room.publisher, sheet, clock=room.clock)
    with pytest.raises(VerificationError, match="0 signatures of its old keys"):
        draft_targets(Changes(keys=[sheet]), at=room.clock.now(), before=room.now)
    seen = room.now.records
    room.clock.advance(LOSS_NOTICE)
    room.publish(room.targets(Changes(keys=[sheet])), room.member(XN, era="-new"))
    assert room.standing(XN) is Standing.MEMBER
    files, at = published(room.publisher), room.clock.now()
    root = files["metadata/1.root.json"]
    assert verify_directory(files, root=root, at=at, records=seen).members() == (XA, XN)
    # Who learns of the announcement only now does not believe when the publisher dates it.
    fresh = Records(tuple(replace(each, seen=at) for each in seen.noted))
    with pytest.raises(VerificationError, match="0 signatures of its old keys"):
        verify_directory(files, root=root, at=at, records=fresh)


def test_an_objection_of_the_old_keys_stops_a_ceremony_of_loss(room: Room) -> None:
    announce(room.publisher, loss(room), clock=room.clock)
    refusal = as_objection(loss(room))
    assert "refusing" in words_of(refusal)[0]
    signed = room.signed(refusal, "xn-0", "xn-1")
    assert len(signatures_of(signed)) == 2
    record = announce(room.publisher, signed, clock=room.clock)
    assert len(record.consent) == 2
    with pytest.raises(InvalidInputError, match="only a change of keys"):
        as_objection(room.targets(Changes()))
    with pytest.raises(StateError, match="would be replaced"):
        sign_sheet(refusal, seed("stranger"))


def test_a_silent_oversight_is_announced_by_the_very_bytes_to_be_signed(room: Room) -> None:
    sheet = draft_targets(Changes(), at=START, before=room.now)
    record = announce(room.publisher, sheet, clock=room.clock)
    assert record.sort.value == "silence"
    with pytest.raises(InvalidInputError, match="not announced"):
        announce(room.publisher, room.member(XA), clock=room.clock)


def test_a_member_leaves_by_its_own_keys(room: Room) -> None:
    on = Instant(START + 20 * DAY)
    sheet = draft_leave(XN, on=on, at=START, before=room.now)
    assert any(line.startswith("new: Member xn leaves") for line in words_of(sheet))
    room.publish(room.signed(sheet, "xn-0", "xn-1"))
    assert room.standing(XN) is Standing.MEMBER
    room.clock.advance(20 * DAY)
    assert room.standing(XN) is Standing.LEFT
    with pytest.raises(StateError, match="no document"):
        document_of(XC, room.now)


def test_a_publisher_renews_what_is_signed(room: Room) -> None:
    room.clock.advance(2 * DAY)
    renew(room.publisher, clock=room.clock)
    restamp(room.publisher, clock=room.clock)
    found, is_expired = verified(room.publisher, clock=room.clock)
    assert (found.version, is_expired) == (2, False)


def test_two_sheets_are_not_joined_and_a_sheet_shows_what_it_names(room: Room) -> None:
    one = draft_targets(Changes(), at=START, before=room.now)
    other = draft_targets(Changes(policy="quorum  none\n"), at=START, before=room.now)
    with pytest.raises(VerificationError, match="two sheets"):
        joined(one, other)
    change = draft_keys(XN, own("xn", "-new"), before=room.now)
    once, twice = (sign_sheet(change, seed(name)) for name in ("xn-0", "xn-1"))
    assert len(signatures_of(joined(once, twice))) == 2
    path = room.folder / "sheet.json"
    for spoiled in (
        msgspec.structs.replace(one, contents={**one.contents, "policy.txt": b"x"}),
        msgspec.structs.replace(one, contents={}),
        msgspec.structs.replace(change, contents={"x": b""}),
        msgspec.structs.replace(one, signed="{}"),
        msgspec.structs.replace(one, signed="x"),
    ):
        with pytest.raises(InvalidInputError):
            write_sheet(path, spoiled)
    assert not path.exists()


@pytest.mark.parametrize("data", [b"", b"{}", b'{"sort":"party","signed":""}', b"\xff"])
def test_what_is_no_sheet_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "sheet"
    with pytest.raises(InvalidInputError, match="cannot read"):
        read_sheet(path)
    path.write_bytes(data)
    with pytest.raises(InvalidInputError, match="no sheet"):
        read_sheet(path)


def test_a_huge_sheet_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "sheet"
    with path.open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    with pytest.raises(LimitError):
        read_sheet(path)


def test_a_sheet_of_another_federation_or_kind_is_not_published(room: Room) -> None:
    sheet = room.member(XA)
    with pytest.raises(InvalidInputError, match="another federation"):
        room.publish(msgspec.structs.replace(sheet, federation="0" * 32))
    with pytest.raises(InvalidInputError, match="not published by itself"):
        room.publish(loss(room))
    with pytest.raises(InvalidInputError, match="one document"):
        room.publish(msgspec.structs.replace(room.targets(Changes()), sort="member"))


def test_nothing_is_published_before_root_and_targets(tmp_path: Path) -> None:
    begin_publisher(tmp_path / "p", entropy=SeededEntropy(b"p"))
    with pytest.raises(ConflictError):
        begin_publisher(tmp_path / "p")
    with pytest.raises(StateError, match="needs a signed root"):
        publish_sheets(tmp_path / "p", ())
    with pytest.raises(StateError, match="no root yet"):
        draft_targets(Changes(), at=START, before=Published())
    root = draft_root(
        {XA: public("root-xa"), XN: public("root-xn")},
        oversight=[public("oversight")],
        publishers=[public("publisher")],
        at=START,
        before=Published(),
    )
    with pytest.raises(StateError, match="needs signed targets"):
        publish_sheets(tmp_path / "p", [root])
    before = Published(files={"metadata/1.root.json": root.data})
    with pytest.raises(StateError, match="nobody is a member"):
        draft_keys(XN, own("xn"), before=before)
    with pytest.raises(StateError, match="not in the directory"):
        draft_status(Stand(close=[XN]), at=START, before=before)
    with pytest.raises(StateError, match="no keys of a registry log"):
        registry_entry(tmp_path / "elsewhere", before.federation)


def test_a_key_opens_only_with_its_passphrase_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "xa.key"
    made = make_key(path, passphrase=WORDS, entropy=SeededEntropy(b"xa"))
    assert public_of(path) == made
    assert path.stat().st_mode & 0o077 == 0
    assert len(open_key(path, passphrase=WORDS)) == 32
    with pytest.raises(ConfigurationError, match="wrong"):
        open_key(path, passphrase=WORDS[1:])
    with pytest.raises(ConflictError, match="nobody overwrites"):
        make_key(path, passphrase=WORDS)
    path.write_bytes(b"x")
    with pytest.raises(ConfigurationError, match="no key"):
        public_of(path)


def test_a_request_of_a_node_becomes_its_members_document(room: Room, tmp_path: Path) -> None:
    begin(tmp_path / "node")
    said = read_request(request_of(tmp_path / "node"))
    sheet = draft_member(
        said.document(room.now.federation, at=START), at=START, before=room.now
    )
    room.publish(room.signed(sheet, "xn-0", "xn-1"))
    found = room.now.directory
    assert found is not None
    assert found.node(said.node).url == said.url


def test_an_interrupted_publication_leaves_an_edition_that_verifies(room: Room) -> None:
    before = published(room.publisher)
    room.publish(room.targets(Changes(policy="quorum none\n")))
    after = published(room.publisher)
    # As if the power had gone before the timestamp: all new files, the old timestamp.
    name = "metadata/timestamp.json"
    (room.publisher / "public" / name).write_bytes(before[name])
    found, _ = verified(room.publisher, clock=room.clock)
    assert found.version == 1
    assert replace(found, checked_at=START) is not found
    assert after.keys() > before.keys()
    assert member_id("xa") in found.members()
