"""A question is not a record: what a partner asks is kept apart and leaves with its case.

INVARIANT: a question enters no statement, no edition and no screening; it opens only inside its
own case, and key and salt are destroyed when the case closes without a hit.
"""

from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import ClassVar

from comity.core.clock import Instant
from comity.core.errors import NotFoundError
from comity.core.ids import AgencyId, CaseId, MessageId, RecordId, message_text
from comity.core.store import Op, Reader, Row, Transaction, Where, eq
from comity.record.retention import ErasureRow, Why
from comity.record.safe import Safe

SORT = "question"


@unique
class Outcome(Enum):
    """How the case of a question closed."""

    HIT = "hit"
    NO_HIT = "no-hit"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow(Row):
    """One question of one asker in one case; its words are in the Safe."""

    table: ClassVar[str] = "questions"
    key: ClassVar[tuple[str, ...]] = ("question_id",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("case_id",), ("erase_by",))

    question_id: str
    case_id: str
    asker: str
    record_id: str
    received: int
    erase_by: int
    """When it goes even if nobody closes the case."""
    outcome: str = ""
    closed_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks what, in which case, and when the question goes at the latest."""

    message: MessageId
    case: CaseId
    asker: AgencyId
    content: bytes
    erase_by: Instant


def keep_question(tx: Transaction, asked: Asked, *, safe: Safe, at: Instant) -> QuestionRow:
    """Keep a question for the time of its case; keeping it twice is no error."""
    held = tx.get(QuestionRow, message_text(asked.message))
    if held is not None:
        return held
    row = QuestionRow(
        question_id=message_text(asked.message),
        case_id=asked.case,
        asker=asked.asker,
        record_id=safe.keep(tx, sort=SORT, plaintext=asked.content, at=at),
        received=at,
        erase_by=asked.erase_by,
    )
    tx.insert(row)
    return row


def question(reader: Reader, question_id: str, *, case: CaseId, safe: Safe) -> bytes:
    """Return a question's words to a reader inside its case.

    Raises `NotFoundError` from any other case, and once it is erased: the two look the same.
    """
    row = reader.get(QuestionRow, question_id)
    words = None
    if row is not None and row.case_id == case:
        words = safe.open(reader, RecordId(row.record_id))
    if words is None:
        raise NotFoundError(f"no question `{question_id[:64]}` in this case")
    return words


def close_questions(  # noqa: PLR0913 - a case, how it ended and what stays
    tx: Transaction,
    case: CaseId,
    *,
    outcome: Outcome,
    safe: Safe,
    at: Instant,
    spared: frozenset[str] = frozenset(),
) -> tuple[ErasureRow, ...]:
    """Close the questions of a case; without a hit they are erased and certified.

    Those `spared` by id stay until their own time is over.
    """
    rows = tx.find(QuestionRow, eq("case_id", case), eq("closed_at", None))
    for row in rows:
        tx.put(replace(row, outcome=outcome.value, closed_at=at))
    gone = rows if outcome is Outcome.NO_HIT else ()
    return tuple(
        _erase(tx, row, safe=safe, why=Why.NO_HIT, at=at)
        for row in gone
        if row.question_id not in spared
    )


def sweep_questions(
    tx: Transaction, *, safe: Safe, at: Instant, limit: int = 10_000
) -> tuple[ErasureRow, ...]:
    """Erase questions whose latest time has come, at most `limit` in this unit."""
    rows = tx.find(QuestionRow, Where("erase_by", Op.LE, at), limit=limit)
    return tuple(_erase(tx, row, safe=safe, why=Why.EXPIRED, at=at) for row in rows)


def _erase(
    tx: Transaction, row: QuestionRow, *, safe: Safe, why: Why, at: Instant
) -> ErasureRow:
    safe.erase(tx, RecordId(row.record_id), at=at)
    tx.delete(QuestionRow, eq("question_id", row.question_id))
    certificate = ErasureRow(
        record_id=row.record_id,
        subject=row.question_id,
        entity_id="",
        dataset="",
        why=why.value,
        due=row.erase_by,
        at=at,
    )
    tx.put(certificate)
    return certificate
