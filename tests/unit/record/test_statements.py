from dataclasses import astuple, replace

import pytest

from comity.adapters.memory import MemoryStore
from comity.core.clock import Instant
from comity.core.errors import NotFoundError
from comity.core.store import Reader
from comity.message import Statement
from comity.record import (
    Safe,
    StatementRow,
    keep_statements,
    row_of,
    rows_about,
    rows_saying,
    statements_of,
)


def kept(store: MemoryStore, safe: Safe, at: Instant, *said: Statement) -> int:
    return store.commit(lambda tx: keep_statements(tx, said, safe=safe, at=at)).result()


def test_a_statement_comes_back_whole(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    kept(store, safe, at, a_name)

    def back(reader: Reader) -> tuple[Statement, ...]:
        return statements_of(reader, rows_about(reader, a_name.entity_id), safe=safe)

    assert store.read(back) == (a_name,)


def test_a_row_holds_no_word_of_what_is_said(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    kept(store, safe, at, a_name)
    row = store.read(lambda reader: row_of(reader, "s-1"))
    told = " ".join(map(str, astuple(row)))
    assert not any(word in told for word in ("Anna", "EXAMPLE", "Treaty"))


def test_keeping_twice_keeps_once(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    assert [kept(store, safe, at, a_name, a_name), kept(store, safe, at, a_name)] == [1, 0]
    assert store.read(lambda reader: reader.count(StatementRow)) == 1


@pytest.mark.parametrize("asked", ["anna  EXAMPLE", "Anna Example", "\uff21nna example"])
def test_a_value_is_found_by_its_normal_form(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement, asked: str
) -> None:
    kept(store, safe, at, a_name)
    found = store.read(lambda reader: rows_saying(reader, prop="name", value=asked, safe=safe))
    assert [row.statement_id for row in found] == ["s-1"]
    other = store.read(lambda reader: rows_saying(reader, prop="alias", value=asked, safe=safe))
    assert not other


def test_an_erased_record_leaves_no_statement(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    kept(store, safe, at, a_name, replace(a_name, statement_id="s-2"))
    row = store.read(lambda reader: row_of(reader, "s-1"))
    store.commit(lambda tx: tx.delete(type(row))).result()
    with pytest.raises(NotFoundError):
        store.read(lambda reader: row_of(reader, "s-1"))
