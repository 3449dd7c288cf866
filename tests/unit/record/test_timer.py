"""Timers of what is held: the shorter end counts, keeping needs reasons, silence erases."""

from dataclasses import replace

import pytest

from comity.adapters.memory import MemoryStore
from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, StateError
from comity.core.ids import PersonId
from comity.message import Statement
from comity.record import (
    WARNING,
    Kept,
    Safe,
    TimerRow,
    keep_longer,
    keep_statements,
    reviews,
    row_of,
    sweep,
    timer,
    timer_of,
)

START = Instant(1_000 * DAY)
CHIEF = PersonId("xn.police/chief")


def made(own: int | None, theirs: int | None) -> TimerRow | None:
    ends = tuple(
        None if days is None else Instant(START + days * DAY) for days in (own, theirs)
    )
    return timer("ab" * 16, case="c", regime="Test, art. 1", started=START, ends=ends)


@pytest.mark.parametrize(
    ("own", "theirs", "days"), [(300, None, 300), (None, 90, 90), (300, 90, 90), (90, 300, 90)]
)
def test_the_shorter_of_two_ends_counts(own: int | None, theirs: int | None, days: int) -> None:
    row = made(own, theirs)
    assert row is not None
    assert row.erase_by == START + days * DAY
    assert row.review_by == max(START, row.erase_by - WARNING)


def test_where_nobody_set_an_end_there_is_no_timer() -> None:
    assert made(None, None) is None


def kept(
    store: MemoryStore, safe: Safe, row: TimerRow, decision: Kept, longest: int
) -> TimerRow:
    at, end = START, Instant(longest)
    return store.commit(
        lambda tx: keep_longer(tx, row, decision, longest=end, safe=safe, at=at)
    ).result()


def test_keeping_longer_is_one_persons_reasoned_decision(
    store: MemoryStore, safe: Safe
) -> None:
    row = made(100, None)
    assert row is not None
    until = Instant(START + 400 * DAY)
    decision = Kept(until=until, reasons="Trial opens in May.", by=CHIEF)
    done = kept(store, safe, row, decision, START + 900 * DAY)
    assert (done.decision, done.decided_by, done.erase_by) == ("kept", CHIEF, until)
    assert done.review_by == until - WARNING
    assert done.started == row.started
    assert store.read(lambda r: timer_of(r, row.subject)) == done


@pytest.mark.parametrize(
    ("days", "reasons", "match"),
    [
        (400, " ", "reasons"),
        (100, "no longer than before", "later day"),
        (50, "shorter", "later day"),
        (901, "for ever", "later day"),
    ],
)
def test_a_decision_without_reasons_or_beyond_its_bounds_is_none(
    store: MemoryStore, safe: Safe, days: int, reasons: str, match: str
) -> None:
    row = made(100, None)
    assert row is not None
    decision = Kept(until=Instant(START + days * DAY), reasons=reasons, by=CHIEF)
    with pytest.raises(InvalidInputError, match=match):
        kept(store, safe, row, decision, START + 900 * DAY)


def test_what_is_past_its_day_cannot_be_kept(store: MemoryStore, safe: Safe) -> None:
    row = made(100, None)
    assert row is not None
    late = replace(row, erase_by=START)
    decision = Kept(until=Instant(START + DAY), reasons="too late", by=CHIEF)
    with pytest.raises(StateError, match="over"):
        kept(store, safe, late, decision, START + 900 * DAY)


def test_a_statement_has_its_own_end_and_is_kept_by_a_decision(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    far = replace(a_name, statement_id="s-far", retain_until=Instant(at + 5_000 * DAY))
    store.commit(lambda tx: keep_statements(tx, (a_name, far), safe=safe, at=at)).result()
    near = Instant(a_name.retain_until - DAY)
    (row,) = store.read(lambda r: reviews(r, at=near))
    assert (row.subject, row.erase_by) == ("s-1", a_name.retain_until)
    until = Instant(a_name.retain_until + 300 * DAY)
    decision = Kept(until=until, reasons="Still wanted.", by=CHIEF)
    store.commit(
        lambda tx: keep_longer(tx, row, decision, longest=until, safe=safe, at=near)
    ).result()
    assert store.read(lambda r: row_of(r, "s-1")).retain_until == until
    swept = store.commit(lambda tx: sweep(tx, safe=safe, at=a_name.retain_until)).result()
    assert swept.certificates == ()
    assert store.read(lambda r: reviews(r, at=near)) == ()
    assert store.read(lambda r: timer_of(r, "s-none")) is None


def test_reviews_are_listed_once_and_the_first_to_go_first(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    rows = [replace(a_name, statement_id=f"s-{n}") for n in range(3)]
    store.commit(lambda tx: keep_statements(tx, rows, safe=safe, at=at)).result()
    early = timer("cd" * 16, case="c", regime="x", started=at, ends=(Instant(at + DAY), None))
    assert early is not None
    store.commit(lambda tx: tx.put(early)).result()
    listed = store.read(lambda r: reviews(r, at=a_name.retain_until, limit=3))
    assert listed[0].subject == "cd" * 16
    assert len({row.subject for row in listed}) == 3
