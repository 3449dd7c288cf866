"""Judgements: what officers make of a candidate, each first without the score.

The rules of the comparison page (automation bias): a first view is recorded before the score is
shown; nobody sees another's views until their own is final; a reason is kept with each; *same
person* takes two persons, *different person* one.
"""

from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import ClassVar

from comity.core.clock import Instant
from comity.core.errors import ConflictError, InvalidInputError, StateError
from comity.core.ids import CaseId, EntityId, PersonId, RecordId
from comity.core.store import Reader, Row, Transaction, eq
from comity.record.safe import Safe

SORT = "judgement"
_SAME_NEEDS = 2


@unique
class View(Enum):
    """What one officer makes of a candidate."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@unique
class Verdict(Enum):
    """What all final views together amount to."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"
    DISPUTED = "disputed"
    """Final views contradict: a supervisor settles it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRow(Row):
    """One officer's first and final view on one candidate in one case."""

    table: ClassVar[str] = "judgements"
    key: ClassVar[tuple[str, ...]] = ("case_id", "entity_id", "person")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("entity_id",),
        ("person",),
        ("band", "script", "calibration"),
    )

    case_id: str
    entity_id: str
    person: str
    edition: str
    """The edition of the list as it was compared; empty where there is none."""
    seen: bytes
    """Digest of everything that was shown, so that a change is noticed."""
    first_view: str
    first_reason: str
    """Record of the written reason."""
    first_at: int
    final_view: str = ""
    final_reason: str = ""
    final_at: int | None = None
    band: str = ""
    """Where the score stood when the first view was recorded, never computed again later."""
    script: str = ""
    """Scripts of the asked and the held name."""
    calibration: str = ""
    """Version of what made the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a score stood: its band, the scripts compared, the version that made it."""

    band: str = ""
    script: str = ""
    calibration: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidacy:
    """Which candidate, in which case, by whom, and what was shown."""

    case: CaseId
    entity_id: EntityId
    person: PersonId
    seen: bytes
    edition: str = ""
    standing: Standing = Standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """A view with its written reason."""

    view: View
    reason: str


def record_first_view(
    tx: Transaction, who: Candidacy, opinion: Opinion, *, safe: Safe, at: Instant
) -> JudgementRow:
    """Record an officer's view before the score is shown.

    Raises `InvalidInputError` without a reason, `ConflictError` where one stands already: a
    first view is never changed.
    """
    row = JudgementRow(
        case_id=who.case,
        entity_id=who.entity_id,
        person=who.person,
        edition=who.edition,
        seen=who.seen,
        first_view=opinion.view.value,
        first_reason=_keep(tx, opinion.reason, safe=safe, at=at),
        first_at=at,
        band=who.standing.band,
        script=who.standing.script,
        calibration=who.standing.calibration,
    )
    tx.insert(row)
    return row


def record_final_view(
    tx: Transaction, who: Candidacy, opinion: Opinion, *, safe: Safe, at: Instant
) -> JudgementRow:
    """Record an officer's view after the score was shown.

    Raises `StateError` before the first view, `ConflictError` where a final one stands or the
    record changed since it was compared, `InvalidInputError` without a reason.
    """
    row = tx.get(JudgementRow, who.case, who.entity_id, who.person)
    if row is None:
        raise StateError("no first view of this candidate by this person, expected one")
    if row.final_view:
        raise ConflictError("a final view of this candidate by this person stands already")
    if row.seen != who.seen:
        raise ConflictError("the record changed while it was compared")
    final = replace(
        row,
        final_view=opinion.view.value,
        final_reason=_keep(tx, opinion.reason, safe=safe, at=at),
        final_at=at,
    )
    tx.put(final)
    return final


def look_again(tx: Transaction, who: Candidacy) -> None:
    """Note that the officer was shown the difference after the record changed.

    Raises `StateError` before the first view or after the final one.
    """
    row = tx.get(JudgementRow, who.case, who.entity_id, who.person)
    if row is None or row.final_view:
        raise StateError("no open judgement of this candidate by this person")
    tx.put(replace(row, seen=who.seen, edition=who.edition))


def may_see_score(reader: Reader, case: CaseId, entity_id: EntityId, person: PersonId) -> bool:
    """Whether the score may be on this person's page: only after their first view."""
    return reader.get(JudgementRow, case, entity_id, person) is not None


def judgements_for(
    reader: Reader, case: CaseId, entity_id: EntityId, person: PersonId
) -> tuple[JudgementRow, ...]:
    """Return the judgements this person may see: their own, and all once theirs is final."""
    rows = reader.find(
        JudgementRow, eq("case_id", case), eq("entity_id", entity_id), order="first_at"
    )
    is_done = any(row.person == person and row.final_view for row in rows)
    return tuple(row for row in rows if is_done or row.person == person)


def verdict(reader: Reader, case: CaseId, entity_id: EntityId) -> Verdict:
    """Return what the final views amount to; unsure ones count for nothing."""
    rows = reader.find(JudgementRow, eq("case_id", case), eq("entity_id", entity_id))
    same = sum(row.final_view == View.SAME.value for row in rows)
    different = sum(row.final_view == View.DIFFERENT.value for row in rows)
    if same and different:
        return Verdict.DISPUTED
    if different:
        return Verdict.DIFFERENT
    return Verdict.SAME if same >= _SAME_NEEDS else Verdict.OPEN


def reason_of(reader: Reader, record_id: str, *, safe: Safe) -> str:
    """Return a written reason; empty once erased."""
    words = safe.open(reader, RecordId(record_id)) if record_id else None
    return "" if words is None else words.decode()


def _keep(tx: Transaction, reason: str, *, safe: Safe, at: Instant) -> str:
    if not reason.strip():
        raise InvalidInputError("a view needs its reason")
    return safe.keep(tx, sort=SORT, plaintext=reason.strip().encode(), at=at)
