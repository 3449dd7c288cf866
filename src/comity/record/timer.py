"""Timers of what is held: when it is looked at again, and when silence erases it.

A timer names its regime and its two days. Keeping longer is a decision of a person about one
thing, with reasons, for one more period at most; without one the thing is erased on its day,
and a certificate stays. Of the sender's end and our own the shorter counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, StateError
from comity.core.ids import PersonId
from comity.core.store import Op, Reader, Row, Transaction, Where, eq
from comity.record.safe import Safe
from comity.record.statements import StatementRow, put_changed, rows_of

WARNING = 120 * DAY
"""How long before its end a thing is spoken of (four months, as in Regulation 2018/1862)."""
MESSAGE = "message"
STATEMENT = "statement"
OWN = "as stated when it came in"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerRow(Row):
    """When one message or statement is reviewed and erased, and what a person decided."""

    table: ClassVar[str] = "retention_timers"
    key: ClassVar[tuple[str, ...]] = ("subject",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("sort", "erase_by"), ("review_by",))

    subject: str
    """The id of the message or statement."""
    sort: str
    """`message` or `statement`."""
    case: str
    """The case a message belongs to."""
    regime: str
    """The provision, or whose term, the end comes from."""
    started: int
    review_by: int
    erase_by: int
    latest: int | None = None
    """The originator's own end: nobody here keeps it longer without consent."""
    decision: str = ""
    """`kept` once a person decided so; empty while it runs as it began."""
    decided_by: str = ""
    decided_at: int | None = None
    record_id: str = ""
    """The reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A person's decision to keep one thing longer."""

    until: Instant
    reasons: str
    by: PersonId


def timer(
    subject: str, *, case: str, regime: str, started: Instant, ends: Sequence[Instant | None]
) -> TimerRow | None:
    """Return the timer of a message, ending with the first of `ends`: ours, the originator's.

    None where nobody set an end.
    """
    first = min((each for each in ends if each is not None), default=None)
    if first is None:
        return None
    return TimerRow(
        subject=subject,
        sort=MESSAGE,
        case=case,
        regime=regime,
        started=started,
        review_by=max(started, first - WARNING),
        erase_by=first,
        latest=ends[-1],
    )


def timer_of(reader: Reader, subject: str) -> TimerRow | None:
    """Return the timer of a message or a statement; a statement's own end is one."""
    found = reader.get(TimerRow, subject)
    if found is not None:
        return found
    rows = rows_of(reader, (subject,))
    return _of_statement(rows[0]) if rows else None


def reviews(reader: Reader, *, at: Instant, limit: int = 200) -> tuple[TimerRow, ...]:
    """Return what is to be looked at again now, the first to be erased first."""
    due = list(
        reader.find(TimerRow, Where("review_by", Op.LE, at), order="erase_by", limit=limit)
    )
    held = reader.find(
        StatementRow,
        Where("retain_until", Op.LE, at + WARNING),
        eq("procedure", ""),
        order="retain_until",
        limit=limit,
    )
    known = {row.subject for row in due}
    due += [
        _of_statement(row)
        for row in held
        if row.statement_id not in known and reader.get(TimerRow, row.statement_id) is None
    ]
    return tuple(sorted(due, key=lambda row: row.erase_by)[:limit])


def keep_longer(  # noqa: PLR0913 - a timer, a decision and its bounds
    tx: Transaction, row: TimerRow, kept: Kept, *, longest: Instant, safe: Safe, at: Instant
) -> TimerRow:
    """Write a person's decision to keep one thing until a later day, at most until `longest`.

    Raises `InvalidInputError` without reasons or for another day, `StateError` where its time
    is over.
    """
    if row.erase_by <= at:
        raise StateError("its time is over: it is erased, not kept")
    if not kept.reasons.strip():
        raise InvalidInputError("keeping something longer needs its own reasons")
    if not row.erase_by < kept.until <= longest:
        raise InvalidInputError(
            "expected a later day, within one more period and its originator's own end"
        )
    decided = replace(
        row,
        review_by=max(at, kept.until - WARNING),
        erase_by=kept.until,
        decision="kept",
        decided_by=kept.by,
        decided_at=at,
        record_id=safe.keep(tx, sort="review", plaintext=kept.reasons.encode(), at=at),
    )
    tx.put(decided)
    if row.sort == STATEMENT:
        held = rows_of(tx, (row.subject,))
        put_changed(tx, *(replace(each, retain_until=kept.until) for each in held))
    return decided


def over(reader: Reader, *, at: Instant, limit: int) -> Sequence[TimerRow]:
    """Return the timers of messages whose time is over; statements are swept apart."""
    due = Where("erase_by", Op.LE, at)
    return reader.find(TimerRow, eq("sort", MESSAGE), due, order="erase_by", limit=limit)


def _of_statement(row: StatementRow) -> TimerRow:
    return TimerRow(
        subject=row.statement_id,
        sort=STATEMENT,
        case="",
        regime=OWN,
        started=row.collected,
        review_by=max(row.collected, row.retain_until - WARNING),
        erase_by=row.retain_until,
    )
