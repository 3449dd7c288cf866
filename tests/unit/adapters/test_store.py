"""The contract of the store port: the same tests for memory, SQLite and PostgreSQL."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

import pytest

from comity.adapters.memory import MemoryStore
from comity.adapters.shape import LedgerReader
from comity.adapters.sql import open_postgres, open_sqlite
from comity.core import limits
from comity.core.errors import (
    ConflictError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    StateError,
)
from comity.core.store import Op, Reader, Row, Transaction, Where, eq
from comity.ledger import Frontier, leaf_hash, root

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfRow(Row):
    table: ClassVar[str] = "shelf"
    key: ClassVar[tuple[str, ...]] = ("name",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("rank", "due"),)

    name: str
    rank: int = 0
    due: int | None = None
    data: bytes = b""
    is_open: bool = False
    case: str | None = None
    mark: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow(Row):
    table: ClassVar[str] = "pair"
    key: ClassVar[tuple[str, ...]] = ("node", "mid")

    node: str
    mid: bytes


ROWS: tuple[type[Row], ...] = (ShelfRow, PairRow)


class LedgerStore(Protocol):
    def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]": ...

    def read(self, query: Callable[[LedgerReader], T], /) -> T: ...

    def close(self) -> None: ...


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LedgerStore]:
    made = _open(request, tmp_path)
    yield made
    made.close()


def _open(request: pytest.FixtureRequest, folder: Path) -> LedgerStore:
    if request.param == "memory":
        return MemoryStore()
    rows: tuple[type[Row], ...] = (ShelfRow, PairRow)
    if request.param == "sqlite":
        return open_sqlite(folder / "store.db", rows)
    new_database: Callable[[], str] = request.getfixturevalue("new_database")
    return open_postgres(new_database(), rows)


FULL = ShelfRow(
    name="full",
    rank=-(2**62),
    due=2**62,
    data=bytes(range(256)),
    is_open=True,
    case="é",
    mark=b"",
)


def keep(store: LedgerStore, *rows: ShelfRow) -> None:
    store.commit(lambda tx: tx.insert_many(rows)).result()


def names(
    store: LedgerStore, *where: Where, order: str = "name", limit: int | None = None
) -> str:
    found = store.read(lambda r: r.find(ShelfRow, *where, order=order, limit=limit))
    return "".join(row.name for row in found)


def test_a_row_reads_back_as_it_was_written(store: LedgerStore) -> None:
    bare = ShelfRow(name="bare")
    keep(store, FULL, bare)
    assert store.read(lambda r: r.get(ShelfRow, "full")) == FULL
    found = store.read(lambda r: r.get(ShelfRow, "bare"))
    assert found == bare
    assert found is not None
    assert found.is_open is False
    assert store.read(lambda r: r.get(ShelfRow, "none")) is None


def test_a_key_of_two_fields_needs_both(store: LedgerStore) -> None:
    store.commit(lambda tx: tx.insert(PairRow(node="a", mid=b"1"))).result()
    assert store.read(lambda r: r.get(PairRow, "a", b"1")) == PairRow(node="a", mid=b"1")
    assert store.read(lambda r: r.get(PairRow, "a", b"2")) is None
    with pytest.raises(StateError, match="node, mid"):
        store.read(lambda r: r.get(PairRow, "a"))


def test_a_taken_key_is_a_conflict_and_undoes_its_unit(store: LedgerStore) -> None:
    keep(store, ShelfRow(name="a"))

    def unit(tx: Transaction) -> None:
        tx.insert(ShelfRow(name="b"))
        tx.append(b"entry")
        tx.insert(ShelfRow(name="a", rank=9))

    with pytest.raises(ConflictError, match="shelf"):
        store.commit(unit).result()
    assert names(store) == "a"
    assert store.read(lambda r: r.size()) == 0


def test_a_unit_may_catch_a_conflict_and_go_on(store: LedgerStore) -> None:
    keep(store, ShelfRow(name="a"))

    def unit(tx: Transaction) -> str:
        with pytest.raises(ConflictError):
            tx.insert_many([ShelfRow(name="b"), ShelfRow(name="a")])
        tx.insert(ShelfRow(name="c"))
        return "done"

    assert store.commit(unit).result() == "done"
    assert names(store) == "ac"


def test_the_same_key_twice_in_one_call_is_a_conflict(store: LedgerStore) -> None:
    with pytest.raises(ConflictError):
        keep(store, ShelfRow(name="a"), ShelfRow(name="a", rank=1))
    assert names(store) == ""


def test_put_adds_and_replaces(store: LedgerStore) -> None:
    def unit(tx: Transaction) -> None:
        tx.put(ShelfRow(name="a", rank=1, case="old"))
        tx.put(ShelfRow(name="a", rank=2))
        tx.put(PairRow(node="a", mid=b"1"))
        tx.put(PairRow(node="a", mid=b"1"))

    store.commit(unit).result()
    assert store.read(lambda r: r.get(ShelfRow, "a")) == ShelfRow(name="a", rank=2)
    assert store.read(lambda r: r.count(PairRow)) == 1


def test_delete_takes_what_matches_and_counts_it(store: LedgerStore) -> None:
    keep(store, *(ShelfRow(name=name, rank=ord(name)) for name in "abcd"))
    where = Where("rank", Op.GE, ord("c"))
    assert store.commit(lambda tx: tx.delete(ShelfRow, where)).result() == 2
    assert names(store) == "ab"
    assert store.commit(lambda tx: tx.delete(ShelfRow, eq("rank", -1))).result() == 0


def test_a_unit_that_raises_restores_what_it_changed(store: LedgerStore) -> None:
    keep(store, ShelfRow(name="a"), ShelfRow(name="b"))

    def unit(tx: Transaction) -> None:
        tx.put(ShelfRow(name="a", rank=1))
        tx.delete(ShelfRow, eq("name", "b"))
        tx.insert(ShelfRow(name="b", rank=2))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.commit(unit).result()
    assert store.read(lambda r: r.find(ShelfRow, order="name")) == [
        ShelfRow(name="a"),
        ShelfRow(name="b"),
    ]


def test_a_unit_reads_its_own_writes(store: LedgerStore) -> None:
    def unit(tx: Transaction) -> None:
        before = tx.size()
        tx.insert(ShelfRow(name="a"))
        assert tx.get(ShelfRow, "a") == ShelfRow(name="a")
        assert tx.count(ShelfRow) == 1
        assert tx.append(b"first") == before
        assert tx.append(b"second") == before + 1
        assert tx.size() == before + 2
        assert list(tx.entries(before, 9)) == [b"first", b"second"]
        assert list(tx.entries(before + 1, 1)) == [b"second"]

    store.commit(unit).result()
    assert store.read(lambda r: list(r.entries(0, 9))) == [b"first", b"second"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (eq("rank", 2), "b"),
        (Where("rank", Op.NE, 2), "acd"),
        (Where("rank", Op.LT, 2), "a"),
        (Where("rank", Op.LE, 2), "ab"),
        (Where("rank", Op.GT, 2), "cd"),
        (Where("rank", Op.GE, 2), "bcd"),
        (eq("due", None), "ac"),
        (Where("due", Op.NE, None), "bd"),
        (Where("due", Op.NE, 5), "acd"),
        (Where("due", Op.LT, 9), "b"),
        (Where("due", Op.LT, None), ""),
        (Where("rank", Op.IN, (1, 3, 99)), "ac"),
        (Where("due", Op.IN, (5, None)), "abc"),
        (Where("due", Op.IN, (None,)), "ac"),
        (Where("rank", Op.IN, ()), ""),
        (eq("is_open", value=True), "d"),
        (Where("data", Op.GT, b"\x7f"), "d"),
        (Where("mark", Op.IN, (b"x", b"y")), "b"),
        (eq("case", "case"), "c"),
    ],
)
def test_conditions_find_what_they_say(store: LedgerStore, where: Where, expected: str) -> None:
    keep(
        store,
        ShelfRow(name="a", rank=1),
        ShelfRow(name="b", rank=2, due=5, mark=b"x"),
        ShelfRow(name="c", rank=3, case="case"),
        ShelfRow(name="d", rank=4, due=9, data=b"\x80", is_open=True),
    )
    assert names(store, where) == expected
    assert store.read(lambda r: r.count(ShelfRow, where)) == len(expected)


def test_conditions_join_by_and(store: LedgerStore) -> None:
    keep(store, *(ShelfRow(name=name, rank=ord(name) % 2) for name in "abcd"))
    assert names(store, eq("rank", 0), Where("name", Op.GT, "b")) == "d"


def test_order_puts_the_absent_first_and_breaks_ties_by_key(store: LedgerStore) -> None:
    keep(
        store,
        ShelfRow(name="d", due=1),
        ShelfRow(name="c", due=2),
        ShelfRow(name="b"),
        ShelfRow(name="a", due=2, rank=1),
    )
    assert names(store, order="due") == "bdac"
    assert names(store, order="-due") == "acdb"
    assert names(store, order="-due,rank") == "cadb"
    assert names(store, order="-due,-name", limit=2) == "ca"
    assert names(store, limit=0) == ""


def test_text_is_ordered_by_code_point_not_by_language(store: LedgerStore) -> None:
    keep(store, *(ShelfRow(name=name) for name in ("é", "a", "B", "z", "ب", "_", "𐎀", "￮")))
    assert names(store) == "B_azéب￮𐎀"


def test_our_own_misuse_is_a_state_error(store: LedgerStore) -> None:
    with pytest.raises(StateError, match="no field `nome`"):
        names(store, eq("nome", 1))
    with pytest.raises(StateError, match="no field"):
        names(store, order="-nome")
    with pytest.raises(StateError, match="tuple"):
        names(store, Where("rank", Op.IN, 1))
    with pytest.raises(StateError, match="several"):
        names(store, Where("rank", Op.EQ, (1, 2)))
    with pytest.raises(LimitError):
        names(store, Where("rank", Op.IN, tuple(range(10_001))))


def test_values_of_another_type_are_turned_away(store: LedgerStore) -> None:
    wrong: list[object] = [
        ShelfRow(name="a", rank="1"),  # type: ignore[arg-type] # what a careless caller does
        ShelfRow(name=1),  # type: ignore[arg-type] # the same
        ShelfRow(name=None),  # type: ignore[arg-type] # the same
        ShelfRow(name="a", data="text"),  # type: ignore[arg-type] # the same
        ShelfRow(name="a", rank=2**63),
    ]
    for row in wrong:
        assert isinstance(row, ShelfRow)
        with pytest.raises(InvalidInputError, match="shelf"):
            keep(store, row)
    assert names(store) == ""


def test_text_with_a_zero_byte_is_turned_away_everywhere(store: LedgerStore) -> None:
    with pytest.raises(InvalidInputError, match="zero byte"):
        keep(store, ShelfRow(name="a\0b"))


def test_inserting_nothing_does_nothing(store: LedgerStore) -> None:
    keep(store)
    assert names(store) == ""


def test_ledger_indices_are_given_in_the_unit_and_rolled_back_with_it(
    store: LedgerStore,
) -> None:
    def fails(tx: Transaction) -> None:
        assert tx.append(b"lost") == 1
        raise ZeroDivisionError

    assert store.commit(lambda tx: tx.append(b"zero")).result() == 0
    with pytest.raises(ZeroDivisionError):
        store.commit(fails).result()
    assert store.commit(lambda tx: tx.append(b"one")).result() == 1
    assert store.read(lambda r: list(r.entries(0, 10))) == [b"zero", b"one"]
    assert store.read(lambda r: list(r.entries(2, 10))) == []


def test_the_tree_of_the_store_is_the_tree_of_its_entries(store: LedgerStore) -> None:
    entries = [b"entry %d" % n for n in range(70)]
    expected = Frontier()
    for entry in entries:
        expected.append(leaf_hash(entry))

    def unit(tx: Transaction, first: int) -> None:
        for entry in entries[first : first + 10]:
            tx.append(entry)

    for first in range(0, 70, 10):
        store.commit(partial(unit, first=first)).result()

    def query(reader: LedgerReader) -> tuple[int, bytes, bytes]:
        return reader.size(), root(70, reader.ledger_node), reader.ledger_node(0, 3)

    assert store.read(query) == (70, expected.root(), leaf_hash(entries[3]))


def test_an_incomplete_node_is_not_found(store: LedgerStore) -> None:
    def node(reader: LedgerReader, level: int, index: int) -> bytes:
        return reader.ledger_node(level, index)

    store.commit(lambda tx: tx.append(b"one")).result()
    for level, index in ((0, 1), (1, 0), (0, -1)):
        with pytest.raises(NotFoundError):
            store.read(partial(node, level=level, index=index))


def test_an_entry_too_long_for_a_bundle_is_refused(store: LedgerStore) -> None:
    with pytest.raises(LimitError):
        store.commit(lambda tx: tx.append(bytes(limits.LEDGER_ENTRY + 1))).result()
    assert store.commit(lambda tx: tx.append(bytes(limits.LEDGER_ENTRY))).result() == 0


def test_units_of_many_threads_each_stand_whole(store: LedgerStore) -> None:
    def work(number: int, done: "list[Future[int]]") -> None:
        def unit(tx: Transaction) -> int:
            leaf = tx.append(b"%d" % number)
            tx.insert(ShelfRow(name=str(number), rank=leaf))
            if number % 5 == 0:
                raise ZeroDivisionError
            return leaf

        done.append(store.commit(unit))

    futures: list[Future[int]] = []
    threads = [threading.Thread(target=work, args=(n, futures)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [future.result() for future in futures if future.exception() is None]
    assert sorted(kept) == list(range(80))
    rows = store.read(lambda r: r.find(ShelfRow, order="rank"))
    entries = store.read(lambda r: r.entries(0, 100))
    assert [row.name.encode() for row in rows] == list(entries)


def test_a_reader_sees_one_state_however_long_it_reads(store: LedgerStore) -> None:
    keep(store, ShelfRow(name="a"))
    started, go_on = threading.Event(), threading.Event()

    def query(reader: Reader) -> tuple[int, int]:
        before = reader.count(ShelfRow)
        started.set()
        go_on.wait(0.2)
        return before, reader.count(ShelfRow)

    def write() -> None:
        started.wait(10)
        store.commit(lambda tx: tx.insert(ShelfRow(name="b"))).result()
        go_on.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert store.read(query) == (1, 1)
    writer.join()
    assert names(store) == "ab"


def test_a_unit_can_neither_wait_for_another_nor_read_around_itself(store: LedgerStore) -> None:
    def commits(_: Transaction) -> None:
        store.commit(lambda tx: tx.size())

    def reads(_: Transaction) -> int:
        return store.read(lambda r: r.size())

    units: list[Callable[[Transaction], object]] = [commits, reads]
    for unit in units:
        with pytest.raises(StateError):
            store.commit(unit).result()


def test_what_a_finished_unit_triggers_may_commit_again(store: LedgerStore) -> None:
    done = threading.Event()

    def again(_: "Future[None]") -> None:
        store.commit(lambda tx: tx.insert(ShelfRow(name="b"))).add_done_callback(
            lambda _: done.set()
        )

    store.commit(lambda tx: tx.insert(ShelfRow(name="a"))).add_done_callback(again)
    assert done.wait(10)
    assert names(store) == "ab"
