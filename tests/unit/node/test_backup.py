"""A backup is whole; a restore is whole or nothing, protects as before, and forks nothing."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.node.ground import ARCADIA, CASTALIA, NORLAND, Town, grow

from comity.adapters.memory import FixedClock, SeededEntropy
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import (
    ComityError,
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    StorageError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import NodeId, RecordId
from comity.core.store import Transaction
from comity.exchange import again
from comity.ledger import LeafType, decode_leaf
from comity.node.apart import KEPT_FOR
from comity.node.backup import STAMP, Manifest, back_up
from comity.node.office import Office, open_office
from comity.node.recovery import compare, may_sign, recover
from comity.node.restore import restore
from comity.node.restored import Restored, accept, expect_whole, is_whole, read_restored
from comity.node.rows import HaltRow
from comity.node.serving import make_service
from comity.trust import NodeEntry, SessionRow

WORDS = "a backup of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One node's folder, where its backup goes, and the clock of both."""

    town: Town
    clock: FixedClock

    @property
    def home(self) -> Path:
        return self.town.node(NORLAND)

    @property
    def file(self) -> Path:
        return self.town.folder / "norland.backup"

    @property
    def other(self) -> Path:
        return self.town.folder / "restored"

    def office(self, folder: Path | None = None) -> Office:
        return open_office(folder or self.home, clock=self.clock, before_whole=True)

    def back_up(self) -> Manifest:
        return back_up(
            self.home,
            self.file,
            passphrase=None,
            words=WORDS,
            clock=self.clock,
            entropy=SeededEntropy(b"backup"),
        )

    def restore(self, *, words: str = WORDS, apart: Path | None = None) -> Restored:
        return restore(
            self.file,
            self.other,
            words=words,
            passphrase=None,
            apart=apart or self.home / "keys",
            clock=self.clock,
            entropy=SeededEntropy(b"restore"),
        )


@pytest.fixture
def ground(town: Town) -> Ground:
    office = open_office(town.node(NORLAND))
    at = office.clock.now()
    office.close()
    return Ground(town=town, clock=FixedClock(Instant(at + HOUR)))


def kept(office: Office, words: bytes) -> RecordId:
    at = office.clock.now()
    return office.store.commit(
        lambda tx: office.safe.keep(tx, sort="test", plaintext=words, at=at)
    ).result()


def erased(office: Office, record: RecordId) -> None:
    at = office.clock.now()
    office.store.commit(lambda tx: office.safe.erase(tx, record, at=at)).result()


def test_a_backup_of_a_running_node_brings_its_ledger_and_records_back(
    ground: Ground,
) -> None:
    office = ground.office()
    try:
        grow(office, 5)
        record = kept(office, b"kept")
        made = ground.back_up()
        grow(office, 3, mark=2)
        head = office.store.read(lambda r: r.entries(0, made.size))
    finally:
        office.close()
    found = ground.restore()
    again_open = ground.office(ground.other)
    try:
        assert found.size == made.size
        assert again_open.store.read(lambda r: r.entries(0, made.size)) == head
        assert again_open.store.read(lambda r: again_open.safe.open(r, record)) == b"kept"
        assert again_open.keyring.node.public == office.keyring.node.public
        last = again_open.store.read(lambda r: r.entries(made.size, 1))[0]
        assert decode_leaf(last).type is LeafType.INCIDENT
    finally:
        again_open.close()


def test_what_was_erased_since_the_backup_stays_erased(ground: Ground) -> None:
    office = ground.office()
    try:
        record, other = kept(office, b"to go"), kept(office, b"to stay")
        ground.back_up()
        ground.clock.advance(HOUR)
        erased(office, record)
    finally:
        office.close()
    assert ground.restore().applied >= 1
    restored = ground.office(ground.other)
    try:
        assert restored.store.read(lambda r: restored.safe.open(r, record)) is None
        assert restored.store.read(lambda r: restored.safe.open(r, other)) == b"to stay"
    finally:
        restored.close()


def test_a_backup_alone_opens_no_record(ground: Ground) -> None:
    office = ground.office()
    record = kept(office, b"closed")
    office.close()
    ground.back_up()
    found = restore(
        ground.file,
        ground.other,
        words=WORDS,
        passphrase=None,
        apart=None,
        clock=ground.clock,
        entropy=SeededEntropy(b"restore"),
    )
    assert not found.had_list
    restored = ground.office(ground.other)
    try:
        with pytest.raises((StorageError, VerificationError)):
            restored.store.read(lambda r: restored.safe.open(r, record))
    finally:
        restored.close()


def test_neither_prekeys_nor_week_keys_nor_words_are_in_a_backup(ground: Ground) -> None:
    office = ground.office()
    prekey, _ = office.keyring.new_prekey(ground.clock.now())
    office.keyring.current(ground.clock.now())
    office.close()
    ground.back_up()
    ground.restore()
    names = {path.name for path in (ground.other / "keys").rglob("*") if path.is_file()}
    assert "seeds.key" in names
    assert not any(name.endswith(f"{prekey.public.kid.hex()}.key") for name in names)
    assert not (ground.other / "keys" / "prekeys").exists()
    assert not (ground.other / "keys" / "weeks").exists()
    data = ground.file.read_bytes()
    assert prekey.raw not in data
    assert WORDS.encode() not in data
    assert (ground.home / "keys" / "seeds.key").read_bytes() not in data


@pytest.mark.parametrize("place", [0, 20, 60, 200, 5_000, -1, -40])
def test_no_changed_byte_of_a_backup_is_believed(ground: Ground, place: int) -> None:
    ground.back_up()
    data = bytearray(ground.file.read_bytes())
    data[place] ^= 1
    ground.file.write_bytes(data)
    with pytest.raises(ComityError):
        ground.restore()
    assert not ground.other.exists()
    assert not list(ground.town.folder.glob(".restored*"))


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9, 0.999999])
def test_a_backup_cut_off_is_refused(ground: Ground, keep: float) -> None:
    ground.back_up()
    data = ground.file.read_bytes()
    ground.file.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises((VerificationError, InvalidInputError)):
        ground.restore()
    assert not ground.other.exists()


def test_a_backup_with_more_behind_its_end_is_refused(ground: Ground) -> None:
    ground.back_up()
    with ground.file.open("ab") as file:
        file.write(b"more")
    with pytest.raises(VerificationError, match="goes on"):
        ground.restore()


def test_two_chunks_in_each_others_place_are_refused(ground: Ground) -> None:
    office = ground.office()
    kept(office, bytes(3_000_000))
    office.close()
    ground.back_up()
    data = ground.file.read_bytes()
    head = 16 + 2 + int.from_bytes(data[16:18], "big")
    size = 4 + int.from_bytes(data[head : head + 4], "big")
    one, two = data[head : head + size], data[head + size : head + 2 * size]
    ground.file.write_bytes(data[:head] + two + one + data[head + 2 * size :])
    with pytest.raises(VerificationError, match="chunk 0"):
        ground.restore()


def test_wrong_words_open_nothing(ground: Ground) -> None:
    ground.back_up()
    with pytest.raises(ConfigurationError, match="passphrase"):
        ground.restore(words=WORDS + "!")
    assert not ground.other.exists()


def test_a_restore_replaces_no_node_and_no_second_one_follows(ground: Ground) -> None:
    ground.back_up()
    ground.restore()
    with pytest.raises(ConflictError, match="replaces nothing"):
        ground.restore()
    with pytest.raises(ConflictError, match="replaces nothing"):
        ground.back_up()


def test_an_interrupted_restore_leaves_nothing_and_can_be_done_again(ground: Ground) -> None:
    ground.back_up()
    draft = ground.town.folder / ".restored.restoring"
    draft.mkdir()
    (draft / "half").write_bytes(b"of an earlier try")
    ground.restore()
    assert not draft.exists()
    assert not (ground.other / "half").exists()


def test_another_nodes_erasure_list_is_refused(ground: Ground) -> None:
    ground.back_up()
    open_office(ground.town.node(ARCADIA), clock=ground.clock).close()
    with pytest.raises(ConfigurationError, match="does not hold the erasure list"):
        ground.restore(apart=ground.town.node(ARCADIA) / "keys")


def test_a_changed_erasure_list_is_refused(ground: Ground) -> None:
    office = ground.office()
    record = kept(office, b"x")
    ground.back_up()
    erased(office, record)
    office.close()
    (path,) = (ground.home / "keys" / "list").glob("*.list")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ConfigurationError, match="was changed"):
        ground.restore()


def test_a_backup_older_than_the_list_is_refused(ground: Ground) -> None:
    ground.back_up()
    ground.clock.advance(KEPT_FOR)
    with pytest.raises(ConfigurationError, match="older than the erasure list"):
        ground.restore()


def test_nothing_is_erased_where_the_list_takes_no_more(ground: Ground) -> None:
    office = ground.office()
    try:
        record = kept(office, b"x")
        shutil.rmtree(ground.home / "keys" / "list")
        with pytest.raises(StorageError, match="erasure list"):
            erased(office, record)
        assert office.store.read(lambda r: office.safe.open(r, record)) == b"x"
    finally:
        office.close()


def test_a_missing_medium_stops_the_node_and_makes_nothing_in_its_place(
    ground: Ground,
) -> None:
    text = (ground.home / "node.toml").read_text()
    (ground.home / "node.toml").write_text(text + '\n[keys]\napart = "/nowhere/apart"\n')
    with pytest.raises(ConfigurationError, match="is not there"):
        ground.office()


def test_every_session_is_ended_by_a_restore(ground: Ground) -> None:
    office = ground.office()
    at = ground.clock.now()
    row = SessionRow(session=b"s", person="p", created=at, expires=Instant(at + DAY))
    office.store.commit(lambda tx: tx.put(row)).result()
    office.close()
    ground.back_up()
    ground.restore()
    restored = ground.office(ground.other)
    try:
        found = restored.store.read(lambda r: r.get(SessionRow, b"s"))
        assert found is not None
        assert found.ended_at == ground.clock.now()
    finally:
        restored.close()


def test_a_backup_says_when_it_was_made(ground: Ground) -> None:
    ground.back_up()
    assert f'"at": {ground.clock.now()}' in (ground.home / STAMP).read_text()


def test_a_backup_of_what_is_no_store_leaves_nothing(ground: Ground) -> None:
    (ground.home / "store.db").write_bytes(b"no store" * 512)
    with pytest.raises(StorageError):
        ground.back_up()
    assert not list(ground.town.folder.glob("*backup*"))
    assert not list(ground.town.folder.glob(".norland*"))


def test_weeks_that_no_backup_can_need_leave_the_list(ground: Ground) -> None:
    office = ground.office()
    try:
        old = ground.home / "keys" / "list" / "1.list"
        old.write_bytes(b"")
        make_service(office).running.retention()
        assert not old.exists()
    finally:
        office.close()


# --- the restored node among its partners ---


def nobody(_entry: NodeEntry, _origin: str) -> bytes | None:
    return None


def away(entry: NodeEntry, _origin: str) -> bytes | None:
    raise UnreachableError(f"{entry.node} is away")


def answering(*offices: Office) -> Callable[[NodeEntry, bytes], bytes]:
    by_node = {office.config.node: office for office in offices}

    def ask(entry: NodeEntry, data: bytes) -> bytes:
        if entry.node not in by_node:
            raise UnreachableError("away")
        return again.answer(data, by_node[entry.node].station)

    return ask


def silent(_place: str, _code: str) -> None:
    pass


def test_a_restored_node_signs_only_once_every_witness_was_asked(ground: Ground) -> None:
    ground.back_up()
    ground.restore()
    office = ground.office(ground.other)
    try:
        assert not may_sign(office)
        with pytest.raises(UnreachableError):
            compare(office, away)
        assert not may_sign(office)
        compare(office, nobody)
        assert may_sign(office)
    finally:
        office.close()


def test_an_old_backup_over_a_newer_ledger_never_signs_that_epoch(ground: Ground) -> None:
    office = ground.office()
    grow(office, 2)
    ground.back_up()
    grow(office, 2)
    newest = office.chronicle.sign()
    office.close()
    ground.restore()
    restored = ground.office(ground.other)
    try:
        grow(restored, 9, mark=2)
        with pytest.raises(ConflictError):
            compare(restored, lambda _entry, _origin: newest.note)
        with pytest.raises(ConflictError):
            restored.chronicle.sign()
        origin = restored.chronicle.origin()
        assert restored.store.read(lambda r: r.get(HaltRow, origin)) is not None
    finally:
        restored.close()


def test_a_restored_node_is_whole_once_every_partner_has_answered(ground: Ground) -> None:
    ground.back_up()
    ground.restore()
    office = ground.office(ground.other)
    others = [
        open_office(ground.town.node(node), clock=ground.clock) for node in (ARCADIA, CASTALIA)
    ]
    try:
        with pytest.raises(ConfigurationError, match="restored"):
            expect_whole(ground.other)
        compare(office, nobody)
        assert not recover(office, answering(others[0]), silent)
        assert not is_whole(ground.other)
        assert recover(office, answering(*others), silent)
        expect_whole(ground.other)
        assert not recover(office, answering(*others), silent)
    finally:
        for each in (office, *others):
            each.close()


def test_a_named_person_may_do_without_a_partner(ground: Ground) -> None:
    ground.back_up()
    ground.restore()
    office = ground.office(ground.other)
    try:
        compare(office, nobody)
        for node in (ARCADIA, CASTALIA):
            accept(ground.other, node, person="xn.police/1", why="gone", at=ground.clock.now())
        assert recover(office, answering(), silent)
        last = office.store.read(lambda r: r.entries(r.size() - 1, 1))[0]
        assert decode_leaf(last).type is LeafType.INCIDENT
    finally:
        office.close()


def test_a_partners_forged_or_foreign_answer_counts_for_nothing(ground: Ground) -> None:
    ground.back_up()
    ground.restore()
    office = ground.office(ground.other)
    arcadia = open_office(ground.town.node(ARCADIA), clock=ground.clock)
    try:
        compare(office, nobody)

        def foreign(entry: NodeEntry, data: bytes) -> bytes:
            if entry.node == ARCADIA:
                return again.answer(data, arcadia.station)
            # Castalia's line gives what Arcadia signed.
            asked = again.Asking(
                node=NORLAND,
                asked=ARCADIA,
                at=ground.clock.now(),
                restore=bytes.fromhex(_state(ground).name),
                origin="x",
                size=0,
            )
            return again.answer(again.write_asking(asked, office.station), arcadia.station)

        codes: list[str] = []
        assert not recover(office, foreign, lambda _place, code: codes.append(code))
        assert _state(ground).answered == (ARCADIA,)
        assert len(codes) == 1
    finally:
        office.close()
        arcadia.close()


def _state(ground: Ground) -> Restored:
    found = read_restored(ground.other)
    assert found is not None
    return found


def test_nobody_else_may_ask_for_anothers_messages(ground: Ground) -> None:
    office = ground.office()
    arcadia = open_office(ground.town.node(ARCADIA), clock=ground.clock)
    try:
        asking = again.Asking(
            node=CASTALIA,
            asked=ARCADIA,
            at=ground.clock.now(),
            restore=bytes(16),
            origin="x",
            size=0,
        )
        with pytest.raises(VerificationError):
            again.answer(again.write_asking(asking, office.station), arcadia.station)
        late = again.Asking(
            node=NodeId(NORLAND),
            asked=ARCADIA,
            at=Instant(ground.clock.now() - HOUR),
            restore=bytes(16),
            origin="x",
            size=0,
        )
        with pytest.raises(VerificationError, match="another time"):
            again.answer(again.write_asking(late, office.station), arcadia.station)
    finally:
        office.close()
        arcadia.close()


def test_the_copy_of_a_store_holds_no_deleted_row(ground: Ground) -> None:
    office = ground.office()
    try:
        record = kept(office, b"x" * 50)
        erased(office, record)

        def drop(tx: Transaction) -> None:
            tx.append(b"entry")

        office.store.commit(drop).result()
        ground.back_up()
    finally:
        office.close()
    ground.restore()
    held = sqlite3.connect(ground.other / "store.db")
    try:
        (free,) = held.execute("PRAGMA freelist_count").fetchone()
        assert free == 0
    finally:
        held.close()
