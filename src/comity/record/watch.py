"""A watch: a question kept for a time, because its asker requested it and a person agreed.

INVARIANT: a watch lies apart from what is held: a row of its own, a record of its own sort
under its own key. It enters no statement, no edition and no screening, nothing searches it, and
key and salt are destroyed in the unit that ends it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import ClassVar, cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, NotFoundError, StateError
from comity.core.ids import PersonId, RecordId
from comity.core.store import Op, Reader, Row, Transaction, Where, eq
from comity.record.retention import ErasureRow
from comity.record.safe import Safe

SORT = "watch"
LONGEST = 30 * DAY
"""Longest time from its start, or from its renewal, to its end."""


@unique
class Ended(Enum):
    """Why a watch ended."""

    TIME = "time"
    PERSON = "person"
    CASE_CLOSED = "case-closed"
    RECALLED = "recalled"
    """Its asker took the question back, or it expired."""
    CORRECTED = "corrected"
    """Its asker corrected the question: what was watched for is no longer what is asked."""
    ERASED = "erased"
    LAW = "law"
    """Our own law no longer permits it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow(Row):
    """One living watch: whose, in which case, until when, by whom; what for is in the Safe."""

    table: ClassVar[str] = "watches"
    key: ClassVar[tuple[str, ...]] = ("question",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("case_id",), ("until",))

    question: str
    """The message that asked; a question has one watch."""
    request: str
    """The newest message that requested it: the question, or its asker's renewed request."""
    case_id: str
    asker: str
    purpose: str
    record_id: str
    started: int
    started_by: str
    until: int
    renewals: int = 0
    renewed_by: str = ""
    renewed_at: int | None = None
    decision: bytes = b""
    """Digest of what our own law said of it when last asked."""
    rules: str = ""
    """What each rule came to, in codes."""
    lifted: str = ""
    """Rules whose referral a person lifted for it, each `rule=person`."""
    stamp: bytes = b""
    """What the law stood on when it was last asked."""
    compared: int = 0
    """How far it has followed what changed here: the number of the newest change it saw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a watch keeps sealed: whom it asks for, and why it was renewed each time."""

    subjects: tuple[Mapping[str, Value], ...]
    """Entities as the question named them."""
    reasons: tuple[str, ...] = ()

    @property
    def sealed(self) -> bytes:
        """Write it for the Safe."""
        return cbor.encode({"subjects": list(self.subjects), "reasons": list(self.reasons)})


def keep_watch(
    tx: Transaction, row: WatchRow, content: Watched, *, safe: Safe, at: Instant
) -> WatchRow:
    """Keep a watch under a key of its own; raises `StateError` where its question has one.

    Raises `InvalidInputError` where it would last longer than `LONGEST`.
    """
    if tx.get(WatchRow, row.question) is not None:
        raise StateError("this question is watched already")
    _check_end(row.until, at)
    kept = replace(row, record_id=safe.keep(tx, sort=SORT, plaintext=content.sealed, at=at))
    tx.insert(kept)
    return kept


def renew_watch(  # noqa: PLR0913 - a watch, what it becomes, who says so and why
    tx: Transaction, row: WatchRow, *, reason: str, by: PersonId, safe: Safe, at: Instant
) -> WatchRow:
    """Write a living watch as renewed, its content under a new key; the old one is destroyed.

    Raises `StateError` once it has ended, `InvalidInputError` as `keep_watch`.
    """
    held = tx.get(WatchRow, row.question)
    if held is None or held.until <= at:
        raise StateError("this watch has ended: its asker asks anew")
    if held.request == row.request:
        raise StateError("its asker has not requested this watch anew")
    _check_end(row.until, at)
    old = watched_for(tx, held, safe=safe)
    kept = replace(old, reasons=(*old.reasons, reason))
    safe.erase(tx, RecordId(held.record_id), at=at)
    renewed = replace(
        row,
        record_id=safe.keep(tx, sort=SORT, plaintext=kept.sealed, at=at),
        renewals=held.renewals + 1,
        renewed_by=by,
        renewed_at=at,
    )
    tx.put(renewed)
    return renewed


def watch_of(reader: Reader, case: str) -> WatchRow | None:
    """Return the living watch of a case, the one that ends last."""
    rows = reader.find(WatchRow, eq("case_id", case), order="-until", limit=1)
    return rows[0] if rows else None


def watches(reader: Reader) -> Sequence[WatchRow]:
    """Return the living watches, every one, the first to end first."""
    return reader.find(WatchRow, order="until,question")


def watched_for(reader: Reader, row: WatchRow, *, safe: Safe) -> Watched:
    """Return what a living watch looks for; raises `NotFoundError` once it has ended."""
    content = safe.open(reader, RecordId(row.record_id))
    if content is None:
        raise NotFoundError("this watch has ended: nothing of it is kept")
    members = cast("Mapping[str, Sequence[Value]]", cbor.decode(content))
    return Watched(
        subjects=tuple(cast("Sequence[Mapping[str, Value]]", members["subjects"])),
        reasons=tuple(str(each) for each in members["reasons"]),
    )


def end_watch(
    tx: Transaction, row: WatchRow, *, safe: Safe, why: Ended, at: Instant
) -> ErasureRow:
    """Destroy a watch's key, salt and row; a certificate stays."""
    safe.erase(tx, RecordId(row.record_id), at=at)
    tx.delete(WatchRow, eq("question", row.question))
    certificate = ErasureRow(
        record_id=row.record_id,
        subject=row.question,
        entity_id="",
        dataset="",
        why=f"{SORT}-{why.value}",
        due=row.until,
        at=at,
    )
    tx.put(certificate)
    return certificate


def watches_over(reader: Reader, *, at: Instant) -> Sequence[WatchRow]:
    """Return the watches whose time is over."""
    return reader.find(WatchRow, Where("until", Op.LE, at), order="until")


def _check_end(until: int, at: Instant) -> None:
    if not at < until <= at + LONGEST:
        raise InvalidInputError("a watch lasts from a day to thirty days")
