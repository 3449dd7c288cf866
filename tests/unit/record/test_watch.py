"""A watch at rest: a row without words, a record under its own key, and an end."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from comity.adapters.memory import MemoryStore
from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, NotFoundError, StateError
from comity.core.ids import PersonId
from comity.core.store import Transaction
from comity.record import (
    Ended,
    ErasureRow,
    RecordRow,
    Safe,
    StatementRow,
    Watched,
    WatchRow,
    end_watch,
    keep_watch,
    renew_watch,
    watched_for,
    watches,
    watches_over,
)

ANNA = Watched(subjects=({"schema": "Person", "properties": {"name": ["Anna Example"]}},))
BY = PersonId("xn.police/7f3a")


def a_row(at: Instant, *, days: int = 20, question: str = "0a" * 16) -> WatchRow:
    return WatchRow(
        question=question,
        request=question,
        case_id="c-1",
        asker="xa.border",
        purpose="counter-terrorism",
        record_id="",
        started=at,
        started_by=BY,
        until=at + days * DAY,
    )


def kept(store: MemoryStore, safe: Safe, row: WatchRow, at: Instant) -> WatchRow:
    return store.commit(lambda tx: keep_watch(tx, row, ANNA, safe=safe, at=at)).result()


def test_a_watch_is_kept_apart_and_says_nothing_in_its_row(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    row = kept(store, safe, a_row(at), at)
    assert store.read(lambda r: watched_for(r, row, safe=safe)) == ANNA
    assert "Anna" not in repr(row)
    assert store.read(lambda r: r.count(StatementRow)) == 0
    (record,) = store.read(lambda r: r.find(RecordRow))
    assert record.sort == "watch"


def test_a_question_has_one_watch(store: MemoryStore, safe: Safe, at: Instant) -> None:
    kept(store, safe, a_row(at), at)
    with pytest.raises(StateError):
        kept(store, safe, a_row(at), at)


@pytest.mark.parametrize("days", [31, 10_000, 0, -1])
def test_no_watch_is_longer_than_thirty_days(
    store: MemoryStore, safe: Safe, at: Instant, days: int
) -> None:
    with pytest.raises(InvalidInputError):
        kept(store, safe, a_row(at, days=days), at)
    row = kept(store, safe, a_row(at), at)
    anew = replace(row, request="0b" * 16, until=at + days * DAY)
    with pytest.raises(InvalidInputError):
        store.commit(renewing(anew, safe, at)).result()


def renewing(row: WatchRow, safe: Safe, at: Instant) -> Callable[[Transaction], WatchRow]:
    def unit(tx: Transaction) -> WatchRow:
        return renew_watch(tx, row, reason="Put off.", by=BY, safe=safe, at=at)

    return unit


def test_a_renewal_keeps_the_content_under_a_new_key(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    row = kept(store, safe, a_row(at), at)
    later = Instant(at + 10 * DAY)
    anew = replace(row, request="0b" * 16, until=later + 30 * DAY)
    renewed = store.commit(renewing(anew, safe, later)).result()
    assert (renewed.renewals, renewed.renewed_by, renewed.renewed_at) == (1, BY, later)
    assert renewed.record_id != row.record_id
    with pytest.raises(NotFoundError):
        store.read(lambda r: watched_for(r, row, safe=safe))
    assert store.read(lambda r: watched_for(r, renewed, safe=safe)).reasons == ("Put off.",)


def test_what_is_over_or_was_not_requested_anew_is_not_renewed(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    row = kept(store, safe, a_row(at), at)
    anew = replace(row, request="0b" * 16, until=at + 50 * DAY)
    with pytest.raises(StateError, match="anew"):
        store.commit(renewing(row, safe, at)).result()
    with pytest.raises(StateError, match="ended"):
        store.commit(renewing(anew, safe, Instant(row.until))).result()
    with pytest.raises(StateError, match="ended"):
        store.commit(renewing(replace(anew, question="0c" * 16), safe, at)).result()


def test_an_end_destroys_key_and_row_and_leaves_a_certificate(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    row, due = kept(store, safe, a_row(at), at), Instant(at + 20 * DAY)
    assert store.read(lambda r: watches_over(r, at=Instant(due - 1))) == []
    assert store.read(lambda r: watches_over(r, at=due)) == [row]
    store.commit(lambda tx: end_watch(tx, row, safe=safe, why=Ended.TIME, at=due)).result()
    assert store.read(watches) == []
    (record,) = store.read(lambda r: r.find(RecordRow))
    assert (record.wrapped, record.sealed) == (None, None)
    (gone,) = store.read(lambda r: r.find(ErasureRow))
    assert (gone.subject, gone.why, gone.entity_id) == (row.question, "watch-time", "")
    with pytest.raises(NotFoundError):
        store.read(lambda r: watched_for(r, row, safe=safe))
