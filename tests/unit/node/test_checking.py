"""`node check` in words: each fault is said, and none once it is gone."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from tests.unit.node.ground import NORLAND, Town, begin, enrol, leaf

from comity.adapters.memory import FixedClock
from comity.adapters.system import SystemClock
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import ConfigurationError, ConflictError
from comity.core.ids import PersonId
from comity.core.store import Row, Transaction
from comity.desk import Actor, Shift, Shut
from comity.exchange import CallRow, DoorRow
from comity.node import checking
from comity.node.checking import BACKUP, Finding, check_node, check_office
from comity.node.completing import Unmanned, is_complete, unmanned
from comity.node.config import FILE, read_config, write_config
from comity.node.office import Office, open_office
from comity.node.rows import AlarmRow, EquivocationRow, HaltRow, UnprovenRow
from comity.practice import TaskRow

SEATS = ("officer", "supervisor", "legal", "rights")


def faults(town: Town) -> Mapping[str, Finding]:
    return {each.code: each for each in check_node(town.node(NORLAND), passphrase=None)}


def opened(town: Town, clock: FixedClock | None = None) -> Office:
    return open_office(town.node(NORLAND), clock=clock)


def chief(person: str) -> Actor:
    return Actor(person=PersonId(person), seats=frozenset({"supervisor"}), session="test")


def on_rota(office: Office, person: str, start: str = "00:00", end: str = "00:00") -> None:
    shift = Shift(person=PersonId(person), days="mon-sun", start=start, end=end)
    office.desk.duty.add(chief(person), shift)


def test_a_new_node_is_told_what_it_lacks_and_what_to_do(town: Town) -> None:
    found = faults(town)
    assert {"master-in-clear", "no-backup", "no-rota", "no-way-to-wake"} <= found.keys()
    assert "not-joined" not in found
    said = check_node(town.node(NORLAND), passphrase=None)
    for seat in SEATS:
        assert any(f"`{seat}`" in each.fault for each in said)
    assert all(each.fault and each.do for each in said)


def test_what_was_mended_is_said_no_more(town: Town) -> None:
    home = town.node(NORLAND)
    office = opened(town)
    people = [enrol(office, seat, name=seat) for seat in (*SEATS, *SEATS)]
    for person in people:
        on_rota(office, person)
    now = office.clock.now()
    office.close()
    config = replace(read_config(home), notify=(("command", "/bin/true"),))
    (home / FILE).write_text(write_config(config), "utf-8")
    (home / BACKUP).write_bytes(msgspec.json.encode({"at": now}))
    assert set(faults(town)) == {"master-in-clear"}


def test_a_node_outside_every_network_is_told_so(town: Town) -> None:
    begin(town.folder / "alone")
    found = check_node(town.folder / "alone", passphrase=None)
    assert "this node has joined no network yet" in {each.fault for each in found}


def test_a_ledger_that_nobody_witnessed_for_a_day_is_told(town: Town) -> None:
    past = FixedClock(Instant(SystemClock().now() - 2 * DAY))
    office = opened(town, past)
    written = replace(leaf(1, at=0), at=past.now() // 1000)
    office.store.commit(lambda tx: tx.append(written.encode())).result()
    office.chronicle.sign()
    office.close()
    found = faults(town)
    assert "no quorum of witnesses" in found["unwitnessed"].fault
    assert "no witness's clock" in found["clock"].fault


def test_a_ledger_that_cannot_be_right_is_told(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    row = EquivocationRow(digest=bytes(32), origin="there/log", evidence=b"", at=1)
    waits = UnprovenRow(origin="slow/log", digest=bytes(32), note=b"", at=1)
    alarm = AlarmRow(sort="silent", origin="far/log", words="it has not answered", since=1)
    for each in (row, waits, alarm):
        office.store.commit(partial(insert, row=each)).result()
    office.close()
    found = faults(town)
    assert "`evidence/0000000000000000.equivocation`" in found["two-histories"].fault
    assert "slow/log" in found["unproven"].fault
    assert found["ledger-silent"].fault == "the ledger far/log: it has not answered"


def insert(tx: Transaction, *, row: Row) -> None:
    tx.insert(row)


@pytest.mark.parametrize(
    ("kept", "code"),
    [(b"{", "no-backup"), (b'{"at": 1}', "old-backup"), (b'{"at": "x"}', "no-backup")],
)
def test_a_backup_that_is_old_or_unreadable_is_told(town: Town, kept: bytes, code: str) -> None:
    (town.node(NORLAND) / BACKUP).write_bytes(kept)
    assert code in faults(town)


def test_a_full_disk_an_ending_directory_and_a_missing_telephone_are_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = opened(town)
    try:
        ends = office.register.current().expires
        monkeypatch.setattr(checking, "ROOM", shutil.disk_usage(town.folder).total * 2)
        directory = office.register.current()
        mute = replace(
            directory,
            entries={
                member: replace(
                    entry,
                    document=replace(
                        entry.document,
                        agencies=tuple(
                            replace(each, contacts=()) for each in entry.document.agencies
                        ),
                        nodes=(),
                    ),
                )
                for member, entry in directory.entries.items()
            },
            alarms=("targets 7 is not in the registry log",),
        )
        for before, code in ((HOUR, "directory-ends"), (0, "directory-expired")):
            changed = SimpleNamespace(
                folder=office.folder,
                config=office.config,
                clock=FixedClock(Instant(ends - before)),
                register=SimpleNamespace(current=lambda: mute),
                store=office.store,
                desk=office.desk,
                station=office.station,
            )
            found = {each.code for each in check_office(changed)}  # type: ignore[arg-type]
            assert {code, "disk-space", "not-listed", "no-telephone"} <= found
            assert "directory-alarm" in found
    finally:
        office.close()


def test_what_waits_too_long_is_told(town: Town) -> None:
    office = opened(town)
    now = office.clock.now()
    office.desk.doors.close(chief("xn.police/0000"), Shut(partner="xa.border"))
    rows = (
        CallRow(call="test-x", case="", sort="test", at=1, next_at=1, state="missed"),
        HaltRow(origin="x", size=1, root=b"", note=b"", at=1),
        TaskRow(
            task="t",
            case="c",
            sort="answer",
            seat="officer",
            person=None,
            due=now - 1,
            created=1,
            done=None,
            urgency="normal",
        ),
    )
    for row in rows:
        office.store.commit(partial(insert, row=row)).result()
    door = office.store.read(lambda r: r.find(DoorRow))[0]
    office.store.commit(lambda tx: tx.put(replace(door, at=now - 91 * DAY))).result()
    office.close()
    found = faults(town)
    assert {"trial-missed", "ledger-halted", "overdue", "door-long-closed"} <= found.keys()
    assert "1 tasks" in found["overdue"].fault


def test_acts_that_nobody_can_complete_at_night_are_named(town: Town) -> None:
    office = opened(town)
    day = enrol(office, "supervisor", name="Day")
    on_rota(office, day, "06:00", "22:00")
    on_rota(office, enrol(office, "officer", name="Night"), "22:00", "06:00")
    on_rota(office, enrol(office, "legal", name="Late"), "06:00", "22:00")
    told = office.store.read(lambda r: unmanned(r, office))
    office.close()
    night = next(each for each in told if each.spans == "between 22:00 and 06:00")
    assert night.days == 7
    assert "close the door to a partner" in night.acts
    assert "request ask" not in night.acts
    always = next(each for each in told if each.spans == "at any hour")
    assert "request answer" in always.acts
    assert "between 22:00 and 06:00" in faults(town)["unmanned"].fault


def test_two_acts_need_two_persons() -> None:
    one, two = PersonId("a"), PersonId("b")
    officer, chair = frozenset({"officer"}), frozenset({"supervisor"})
    needs = (officer, officer | chair)
    assert not is_complete(needs, {})
    assert not is_complete(needs, {one: officer | chair})
    assert not is_complete(needs, {one: chair, two: chair})
    assert is_complete(needs, {one: officer, two: chair})
    assert is_complete((officer, frozenset()), {one: officer})


def test_hours_are_joined_over_midnight() -> None:
    found = Unmanned(acts=("x",), hours=(0, 1, 12, 22, 23), days=1)
    assert found.spans == "between 12:00 and 13:00 and between 22:00 and 02:00"


def test_checking_opens_nothing_that_another_process_holds(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    try:
        with pytest.raises(ConflictError, match="pid"):
            faults(town)
    finally:
        office.close()


def test_checking_a_folder_without_a_node_says_so(town: Town) -> None:
    with pytest.raises(ConfigurationError, match=r"node\.toml"):
        check_node(Path(town.network), passphrase=None)
