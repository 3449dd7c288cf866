"""Assurances held: a state's written word that no sentence of death will follow.

It counts for one case and the state that gave it, until its day, and only with an author, a
text and somebody who watches that it is kept.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from comity.core import cbor
from comity.core.clock import Instant, utc_date
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import CaseId, MemberId, PersonId
from comity.core.store import Op, Reader, Row, Transaction, Where, eq
from comity.record.safe import Safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Assurance:
    """What an assurance says; each part is needed for it to count."""

    case: CaseId
    state: MemberId
    author: str
    """The authority of that state that signed it."""
    given_on: str
    """The day written on it, `2026-11-20`."""
    until: Instant
    text: str
    monitoring: str
    """Who watches that it is kept, and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceRow(Row):
    """A state's written assurance that no death penalty follows, held for one case."""

    table: ClassVar[str] = "assurances"
    key: ClassVar[tuple[str, ...]] = ("record_id",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("case", "state"),)

    record_id: str
    """Author, text and monitoring, as written."""
    case: str
    state: str
    given_on: str
    at: int
    until: int
    by: str
    """The legal adviser who states that it is held."""
    ended_at: int | None = None


def hold_assurance(
    tx: Transaction, said: Assurance, *, safe: Safe, by: PersonId, at: Instant
) -> AssuranceRow:
    """Hold a written assurance; raises `InvalidInputError` where a part of it is missing."""
    parts = {"author": said.author, "text": said.text, "monitoring": said.monitoring}
    for name, text in parts.items():
        if not text.strip():
            raise InvalidInputError(f"an assurance names its `{name}`")
    if said.given_on > utc_date(at).isoformat() or said.until <= at:
        raise InvalidInputError("an assurance was given on a past day, and has not ended")
    row = AssuranceRow(
        record_id=safe.keep(tx, sort="assurance", plaintext=cbor.encode(parts), at=at),
        case=said.case,
        state=said.state,
        given_on=said.given_on,
        at=at,
        until=said.until,
        by=by,
    )
    tx.insert(row)
    return row


def end_assurance(tx: Transaction, record_id: str, *, at: Instant) -> AssuranceRow:
    """End an assurance that is no longer relied on; raises `NotFoundError`."""
    row = tx.get(AssuranceRow, record_id)
    if row is None or row.ended_at is not None:
        raise NotFoundError(f"no assurance `{record_id[:64]}` is held")
    ended = replace(row, ended_at=at)
    tx.put(ended)
    return ended


def is_assured(reader: Reader, case: CaseId, state: MemberId, *, at: Instant) -> bool:
    """Whether an assurance of `state` is held for a case now."""
    return bool(
        reader.count(
            AssuranceRow,
            eq("case", case),
            eq("state", state),
            eq("ended_at", None),
            Where("at", Op.LE, at),
            Where("until", Op.GT, at),
        )
    )


def assurances(reader: Reader, case: CaseId) -> tuple[AssuranceRow, ...]:
    """Return the assurances of a case, ended ones included, oldest first."""
    return tuple(reader.find(AssuranceRow, eq("case", case), order="at"))
