"""From release to release and back: nothing forgotten, the ledger's root the same."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

import pytest

from comity.adapters.shape import shape_of
from comity.adapters.sql import SCHEMA, Wish, migrate_store, open_postgres, open_sqlite
from comity.adapters.sql.schema import OWN
from comity.core.errors import ConfigurationError, ConflictError, NotFoundError
from comity.core.store import Row, T, Transaction
from comity.node.office import ROWS
from comity.node.rows import PulseRow

LAYOUT_1 = json.loads((files("comity.adapters.sql") / "layouts" / "1.json").read_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraRow(Row):
    """What only this release knows."""

    table: ClassVar[str] = "extra"
    key: ClassVar[tuple[str, ...]] = ("number",)

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WiderRow(Row):
    """A table of layout 1 with a column more, and an index over it."""

    table: ClassVar[str] = "checkpoint"
    key: ClassVar[tuple[str, ...]] = ("size",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("mood", "at"),)

    size: int
    root: bytes
    note: bytes
    at: int
    witnessed_at: int | None = None
    witnesses: int = 0
    mood: str = "calm"


NOW: tuple[type[Row], ...] = (WiderRow, ExtraRow)
Place = Path | str


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return tmp_path / "store.db"
    new_database: Callable[[], str] = request.getfixturevalue("new_database")
    return new_database()


def within(place: Place, unit: Callable[[Transaction], T], rows: tuple[type[Row], ...]) -> T:
    store = open_sqlite(place, rows) if isinstance(place, Path) else open_postgres(place, rows)
    try:
        return store.commit(unit).result()
    finally:
        store.close()


def fill(place: Place, *, mood: str = "calm") -> None:
    def unit(tx: Transaction) -> None:
        for number in range(300):
            tx.append(b"entry %d" % number)
        tx.insert(WiderRow(size=300, root=bytes(32), note=b"n", at=1, mood=mood))

    within(place, unit, NOW)


def size_of(tx: Transaction) -> int:
    return tx.size()


def test_going_back_keeps_every_row_and_entry(place: Place) -> None:
    fill(place)
    done = migrate_store(place, NOW, Wish(layout=1))
    assert set(done.steps) == {"dropped table `extra`", "dropped column `checkpoint.mood`"}
    assert (done.size, done.layout) == (300, 1)
    forth = migrate_store(place, NOW, Wish())
    assert set(forth.steps) == {"added table `extra`", "added column `checkpoint.mood`"}
    assert (forth.size, forth.root) == (done.size, done.root)
    assert forth.rows >= 302
    row = within(place, lambda tx: tx.get(WiderRow, 300), NOW)
    assert row is not None
    assert (row.note, row.mood) == (b"n", "calm")


def test_a_rehearsal_tells_all_and_changes_nothing(place: Place) -> None:
    fill(place)
    wish = Wish(layout=1, is_rehearsal=True)
    assert migrate_store(place, NOW, wish) == migrate_store(place, NOW, wish)
    assert migrate_store(place, NOW, Wish()).steps == ()


def test_what_the_older_release_has_no_place_for_is_named_first(place: Place) -> None:
    fill(place, mood="alarmed")
    within(place, lambda tx: tx.insert(ExtraRow(number=1)), NOW)
    told = r"checkpoint\.mood \(1\), extra \(1\)"
    with pytest.raises(ConflictError, match=told):
        migrate_store(place, NOW, Wish(layout=1))
    assert within(place, size_of, NOW) == 300
    with pytest.raises(ConflictError, match="extra"):
        migrate_store(place, NOW, Wish(layout=1, lose=frozenset({"checkpoint.mood"})))
    both = frozenset({"extra", "checkpoint.mood"})
    assert migrate_store(place, NOW, Wish(layout=1, lose=both)).size == 300


def test_an_older_program_is_told_that_the_store_is_newer(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path)
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT version FROM store_schema").fetchall() == [(SCHEMA,)]
    migrate_store(path, NOW, Wish(layout=1))
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT version FROM store_schema").fetchall() == [(1,)]


def test_back_means_exactly_the_tables_the_older_release_had(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    within(path, lambda tx: tx.put(PulseRow(name="x", at=1)), ROWS)
    migrate_store(path, ROWS, Wish(layout=1, lose=frozenset({"pulse"})))
    with sqlite3.connect(path) as file:
        tables = [
            name
            for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        found = {
            name: sorted(row[1] for row in file.execute(f'PRAGMA table_info("{name}")'))
            for name in tables
        }
    assert found == {name: sorted(columns) for name, columns in LAYOUT_1.items()}


def test_this_release_takes_nothing_away_from_an_earlier_one() -> None:
    now = {kind.table: set(shape_of(kind).names) for kind in (*OWN, *ROWS)}
    for table, columns in LAYOUT_1.items():
        assert set(columns) <= now[table], table


def test_a_damaged_entry_stops_the_migration(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path)
    with sqlite3.connect(path) as file:
        file.execute('DELETE FROM ledger_entry WHERE "index" = 299')
        file.execute("DELETE FROM ledger_node")
    with pytest.raises(NotFoundError, match="no complete node"):
        migrate_store(path, NOW, Wish(layout=1))
    with sqlite3.connect(path) as file:
        assert "mood" in str(file.execute("SELECT sql FROM sqlite_schema").fetchall())


@pytest.mark.parametrize("number", [0, 99, -1])
def test_a_layout_nobody_had_is_refused(tmp_path: Path, number: int) -> None:
    path = tmp_path / "store.db"
    fill(path)
    with pytest.raises(ConfigurationError, match="no release had layout"):
        migrate_store(path, NOW, Wish(layout=number))


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no store"):
        migrate_store(tmp_path / "store.db", NOW, Wish())
    assert not (tmp_path / "store.db").exists()
