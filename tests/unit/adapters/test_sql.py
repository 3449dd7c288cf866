"""What the SQL stores promise beyond the contract: crashes, full disks, other releases."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import event

from comity.adapters.sql import SqlStore, open_postgres, open_sqlite
from comity.adapters.sql.session import SqlUnit
from comity.core.errors import ConfigurationError, StateError, StorageError
from comity.core.store import Row, Transaction
from comity.ledger import root

KILLED = Path(__file__).with_name("killed.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow(Row):
    table: ClassVar[str] = "note"
    key: ClassVar[tuple[str, ...]] = ("number",)

    number: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LongerNoteRow(Row):
    """What a later release makes of `NoteRow`."""

    table: ClassVar[str] = "note"
    key: ClassVar[tuple[str, ...]] = ("number",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("place",),)

    number: int
    text: str = ""
    place: str = "it's :here"
    rank: int = -3
    mark: bytes = b"\x00\xff"
    is_open: bool = True
    due: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandingNoteRow(Row):
    table: ClassVar[str] = "note"
    key: ClassVar[tuple[str, ...]] = ("number",)

    number: int
    text: str = ""
    owner: str = field()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShorterNoteRow(Row):
    table: ClassVar[str] = "note"
    key: ClassVar[tuple[str, ...]] = ("number",)

    number: int


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    made = open_sqlite(path, (NoteRow,))
    yield made
    made.close()


def note(number: int, text: str = "") -> Callable[[Transaction], None]:
    return lambda tx: tx.insert(NoteRow(number=number, text=text))


def test_the_file_is_private(store: SqlStore, path: Path) -> None:
    store.commit(note(1)).result()
    modes = {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert modes == {0o600}


def test_what_was_committed_is_there_after_reopening(store: SqlStore, path: Path) -> None:
    store.commit(lambda tx: tx.append(b"leaf")).result()
    store.close()
    again = open_sqlite(path, (NoteRow,))
    assert again.commit(lambda tx: tx.append(b"next")).result() == 1
    assert again.read(lambda r: list(r.entries(0, 5))) == [b"leaf", b"next"]
    again.close()


def test_closing_writes_what_is_queued_and_takes_no_more(store: SqlStore, path: Path) -> None:
    futures = [store.commit(note(number)) for number in range(300)]
    store.close()
    store.close()
    assert all(future.done() and future.exception() is None for future in futures)
    with pytest.raises(StateError, match="closed"):
        store.commit(note(1_000))
    with sqlite3.connect(path) as bare:
        assert bare.execute("SELECT count(*) FROM note").fetchone() == (300,)
    bare.close()


def test_units_that_wait_share_one_commit(store: SqlStore) -> None:
    started, go_on = threading.Event(), threading.Event()
    commits: list[str] = []

    def slow(_: Transaction) -> None:
        started.set()
        go_on.wait(10)

    first = store.commit(slow)
    assert started.wait(10)
    line = store._writer._line
    assert line is not None
    assert isinstance(line.held.driver_connection, sqlite3.Connection)
    line.held.driver_connection.set_trace_callback(
        lambda sql: commits.append(sql) if sql == "COMMIT" else None
    )
    rest = [store.commit(note(number)) for number in range(60)]
    go_on.set()
    for future in (first, *rest):
        future.result()
    assert len(commits) < 10


def test_a_cancelled_future_harms_nobody(store: SqlStore) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(_: Transaction) -> None:
        started.set()
        go_on.wait(10)

    store.commit(slow)
    assert started.wait(10)
    waiting = store.commit(note(1))
    assert waiting.cancel()
    go_on.set()
    store.commit(note(2)).result()


def _limit_pages(store: SqlStore, pages: list[int]) -> None:
    """Make every later connection behave as on a disk with room for so many pages."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages[0]}")

    event.listen(store._database.engine, "connect", limit)
    store._database.engine.dispose()


def _make_room(store: SqlStore, pages: list[int]) -> None:
    """Give the disk room again; the limit of a connection lasts as long as it does."""
    pages[0] = 100_000
    store._writer._drop()
    store._database.engine.dispose()


def test_a_full_disk_is_said_in_words_and_the_store_works_when_there_is_room(
    store: SqlStore,
) -> None:
    pages = [40]
    _limit_pages(store, pages)
    store.commit(lambda tx: tx.append(b"before")).result()

    def big(tx: Transaction) -> None:
        tx.append(b"lost")
        for number in range(100):
            tx.insert(NoteRow(number=number, text="x" * 4_000))

    with pytest.raises(StorageError, match="disk has no room"):
        store.commit(big).result()
    assert store.read(lambda r: (r.count(NoteRow), r.size())) == (0, 1)
    _make_room(store, pages)
    store.commit(big).result()
    assert store.read(lambda r: (r.count(NoteRow), r.size())) == (100, 2)


def test_a_unit_that_swallows_a_full_disk_writes_nothing_afterwards(store: SqlStore) -> None:
    pages = [40]
    _limit_pages(store, pages)

    def stubborn(tx: Transaction) -> None:
        for number in range(100):
            try:
                tx.insert(NoteRow(number=number, text="x" * 4_000))
            except StorageError:
                tx.append(b"half a unit")

    with pytest.raises(StorageError, match="no room"):
        store.commit(stubborn).result()
    _make_room(store, pages)
    store.commit(note(1)).result()
    assert store.read(lambda r: (r.count(NoteRow), r.size())) == (1, 0)


def test_a_failed_commit_does_not_shift_the_ledger(store: SqlStore) -> None:
    store.commit(lambda tx: [tx.append(b"%d" % n) for n in range(5)]).result()
    before = store.read(lambda r: root(5, r.ledger_node))
    pages = [30]
    _limit_pages(store, pages)
    store._writer._drop()
    with pytest.raises(StorageError):
        store.commit(lambda tx: [tx.append(bytes(60_000)) for _ in range(20)]).result()
    _make_room(store, pages)
    assert store.commit(lambda tx: tx.append(b"5")).result() == 5
    assert store.read(lambda r: root(5, r.ledger_node)) == before


def test_a_locked_store_says_so(store: SqlStore, path: Path) -> None:
    def impatient(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout = 20")

    event.listen(store._database.engine, "connect", impatient)
    store._database.engine.dispose()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked by another process"):
        store.commit(note(1)).result()
    other.execute("ROLLBACK")
    other.close()
    store.commit(note(1)).result()


def test_a_damaged_file_is_no_store(path: Path) -> None:
    path.write_bytes(b"not a database at all, though long enough to hold a header" * 40)
    with pytest.raises(StorageError, match="damaged or no store"):
        open_sqlite(path, (NoteRow,))


def test_a_damaged_page_is_said_in_words(store: SqlStore, path: Path) -> None:
    store.commit(lambda tx: [note(number, "x" * 3_000)(tx) for number in range(50)]).result()
    store.close()
    data = bytearray(path.read_bytes())
    data[8 * 4096 :] = b"\xff" * len(data[8 * 4096 :])
    path.write_bytes(data)
    again = open_sqlite(path, (NoteRow,))
    with pytest.raises(StorageError, match="damaged"):
        again.read(lambda r: r.find(NoteRow))
    again.close()


def test_a_store_in_a_folder_that_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be opened: no such file"):
        open_sqlite(tmp_path / "none" / "store.db", (NoteRow,))


def test_a_read_only_store_refuses_to_write(store: SqlStore) -> None:
    def read_only(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    event.listen(store._database.engine, "connect", read_only)
    store._database.engine.dispose()
    with pytest.raises(StorageError, match="read-only"):
        store.commit(note(1)).result()


def test_a_store_of_a_newer_release_is_refused(store: SqlStore, path: Path) -> None:
    store.close()
    with sqlite3.connect(path) as bare:
        bare.execute("UPDATE store_schema SET version = 99")
    bare.close()
    with pytest.raises(ConfigurationError, match=r"newer release \(layout 99, expected 2\)"):
        open_sqlite(path, (NoteRow,))


def _reopen(first: SqlStore, again: Callable[[], SqlStore]) -> None:
    first.commit(note(1, "old")).result()
    first.close()
    later = again()
    expected = LongerNoteRow(number=1, text="old")
    assert later.read(lambda r: r.get(LongerNoteRow, 1)) == expected
    later.commit(lambda tx: tx.insert(LongerNoteRow(number=2, place="there"))).result()
    later.close()
    again().close()


def test_a_later_release_adds_columns_with_their_defaults(store: SqlStore, path: Path) -> None:
    _reopen(store, lambda: open_sqlite(path, (LongerNoteRow,)))


def test_postgres_gains_columns_as_well(new_database: Callable[[], str]) -> None:
    url = new_database()
    first = open_postgres(url, (NoteRow,))
    _reopen(first, lambda: open_postgres(url, (LongerNoteRow,)))


def test_a_column_without_a_default_is_not_guessed(store: SqlStore, path: Path) -> None:
    store.close()
    with pytest.raises(ConfigurationError, match="`owner`, which has no default"):
        open_sqlite(path, (DemandingNoteRow,))


def test_a_column_this_release_lacks_is_named_as_a_fault(store: SqlStore, path: Path) -> None:
    store.close()
    with pytest.raises(ConfigurationError, match="columns this release lacks"):
        open_sqlite(path, (ShorterNoteRow,))


def test_a_deleted_row_leaves_file_and_log(store: SqlStore, path: Path) -> None:
    def on_disk() -> bool:
        return any(b"planted-secret" in each.read_bytes() for each in path.parent.iterdir())

    store.commit(note(1, "planted-secret" * 20)).result()
    assert on_disk()
    store.commit(lambda tx: tx.delete(NoteRow)).result()
    assert store.truncate_log()
    assert not on_disk()


def test_rows_of_two_kinds_are_not_inserted_together(store: SqlStore) -> None:
    def unit(tx: Transaction) -> None:
        tx.insert_many([NoteRow(number=1), LongerNoteRow(number=2)])

    with pytest.raises(StateError, match="one kind"):
        store.commit(unit).result()


def test_postgres_keeps_its_own_log(new_database: Callable[[], str]) -> None:
    store = open_postgres(new_database(), (NoteRow,))
    assert not store.truncate_log()
    store.close()


def test_a_query_inside_a_query_sees_the_same_state(store: SqlStore) -> None:
    def outer(_: object) -> tuple[int, int]:
        before = store.read(lambda r: r.count(NoteRow))
        store.commit(note(1)).result()
        return before, store.read(lambda r: r.count(NoteRow))

    assert store.read(outer) == (0, 0)
    assert store.read(lambda r: r.count(NoteRow)) == 1


def test_a_query_that_raises_gives_its_connection_back(store: SqlStore) -> None:
    def fails(_: object) -> None:
        raise ZeroDivisionError

    for _ in range(20):
        with pytest.raises(ZeroDivisionError):
            store.read(fails)
    assert store.read(lambda r: r.size()) == 0


def test_the_tree_is_right_across_full_tiles(store: SqlStore, path: Path) -> None:
    store.commit(lambda tx: [tx.append(b"%d" % n) for n in range(70_000)]).result()
    whole = store.read(lambda r: root(70_000, r.ledger_node))
    top = store.read(lambda r: r.ledger_node(16, 0))
    store.close()
    again = open_sqlite(path, (NoteRow,))
    again.commit(lambda tx: tx.append(b"next")).result()
    assert again.read(lambda r: (root(70_000, r.ledger_node), r.ledger_node(16, 0))) == (
        whole,
        top,
    )
    again.close()


def test_two_processes_on_one_postgres_share_one_numbering(
    new_database: Callable[[], str],
) -> None:
    url = new_database()
    stores = [open_postgres(url, (NoteRow,)) for _ in range(2)]
    futures: list[Future[int]] = [
        stores[number % 2].commit(partial(_append, number=number)) for number in range(200)
    ]
    assert sorted(future.result() for future in futures) == list(range(200))
    roots = {each.read(lambda r: root(200, r.ledger_node)) for each in stores}
    assert len(roots) == 1
    for each in stores:
        each.close()


def _append(tx: Transaction, number: int) -> int:
    return tx.append(b"%d" % number)


def test_a_postgres_connection_that_breaks_is_replaced(new_database: Callable[[], str]) -> None:
    store = open_postgres(new_database(), (NoteRow,))
    store.commit(note(1)).result()

    def suicide(tx: Transaction) -> None:
        tx.insert(NoteRow(number=2))
        assert isinstance(tx, SqlUnit)
        tx._cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(StorageError):
        store.commit(suicide).result()
    store.commit(note(3)).result()
    assert store.read(lambda r: [row.number for row in r.find(NoteRow, order="number")]) == [
        1,
        3,
    ]
    store.close()


@pytest.mark.parametrize("url", ["mysql://host/db", "postgresql://host:door/db", "nothing"])
def test_an_address_of_no_postgres_is_refused(url: str) -> None:
    pytest.importorskip("psycopg", reason="needs the group `oracle`")
    with pytest.raises(ConfigurationError, match="expected a store address"):
        open_postgres(url, (NoteRow,))


def test_a_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="needs the group `oracle`")
    with pytest.raises(StorageError, match="the store"):
        open_postgres(f"postgresql:///none?host={tmp_path}", (NoteRow,))


def test_after_kill_9_every_resolved_unit_is_whole_and_none_is_half(path: Path) -> None:
    child_environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}  # noqa: TID251
    resolved: set[int] = set()
    for life in range(4):
        with subprocess.Popen(
            [sys.executable, str(KILLED), str(path), str(life)],
            stdout=subprocess.PIPE,
            env=child_environment,
        ) as child:
            assert child.stdout is not None
            for _ in range(150 + 37 * life):
                resolved.add(int(child.stdout.readline()))
            child.kill()
            resolved.update(int(line) for line in child.stdout.read().split(b"\n")[:-1])
        _check_whole(path, resolved)


def _check_whole(path: Path, resolved: set[int]) -> None:
    store = open_sqlite(path, (NoteRow,))
    rows = store.read(lambda r: r.find(NoteRow, order="number"))
    entries = store.read(lambda r: r.entries(0, 1_000_000))
    store.close()
    halves: dict[int, list[str]] = {}
    for row in rows:
        halves.setdefault(row.number // 2, []).append(row.text)
    leaves = sorted(int(entry) for entry in entries)
    assert resolved <= halves.keys()
    assert all(len(texts) == 2 for texts in halves.values())
    assert leaves == sorted([*halves, *halves])
