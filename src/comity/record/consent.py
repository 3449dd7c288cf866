"""Consents held: what originators agreed to beyond what they sent something for.

A consent is for one message and one use, and to pass on for named partners; it ends with its
day, or when whoever gave it takes it back. The law reads it; it is never assumed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import ClassVar

from comity.core.clock import Instant
from comity.core.ids import AgencyId, CaseId
from comity.core.store import Reader, Row, Transaction, eq


@unique
class Use(StrEnum):
    """What an originator is asked to agree to, beyond what it sent something for."""

    ONWARD = "onward"
    OTHER_PURPOSE = "other-purpose"
    EVIDENCE = "evidence"
    LONGER_RETENTION = "longer-retention"
    PUBLICATION = "publication"
    TEARLINE = "tearline"
    """A lower rendition, without its source."""
    CONDITIONS = "conditions"
    """To our own conditions on what we are about to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow(Row):
    """One use of one message that its originator agreed to, for one partner."""

    table: ClassVar[str] = "consents"
    key: ClassVar[tuple[str, ...]] = ("answer", "partner")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("about", "use"), ("case", "use"))

    answer: str
    """The message that gave it."""
    case: str
    about: str
    """The originator's message that may be used so."""
    originator: str
    use: str
    partner: str
    """Who may be told; empty for a use of our own."""
    given_at: int
    until: int | None
    has_terms: bool
    """Given with terms in words: what goes on under it is read by a person first."""
    ended_at: int | None = None


def hold_consents(tx: Transaction, rows: Iterable[ConsentRow]) -> None:
    """Hold what an originator agreed to; saying it twice is no error."""
    for row in rows:
        if tx.get(ConsentRow, row.answer, row.partner) is None:
            tx.insert(row)


def end_consents(tx: Transaction, answer: str, *, originator: AgencyId, at: Instant) -> int:
    """End what an answer of this originator gave; return how many consents that were."""
    held = tx.find(
        ConsentRow, eq("answer", answer), eq("originator", originator), eq("ended_at", None)
    )
    for row in held:
        tx.put(replace(row, ended_at=at))
    return len(held)


def consent_for(  # noqa: PLR0913 - a use, whose, of what, for whom and when
    reader: Reader,
    about: str,
    use: Use,
    *,
    originator: AgencyId,
    partner: str = "",
    at: Instant,
) -> ConsentRow | None:
    """Return the consent of `originator` to this use that holds now, if there is one.

    A consent to pass on counts for the partners it names and for nobody else.
    """
    rows = reader.find(
        ConsentRow,
        eq("about", about),
        eq("use", use.value),
        eq("originator", originator),
        eq("partner", partner if use is Use.ONWARD else ""),
        eq("ended_at", None),
    )
    living = [row for row in rows if _is_living(row, at)]
    # Of two that hold, the one with terms binds.
    return max(living, key=lambda row: row.has_terms, default=None)


def has_accepted(reader: Reader, case: CaseId, partner: AgencyId, *, at: Instant) -> bool:
    """Whether a partner's agreement to our conditions is held for a case now."""
    rows = reader.find(
        ConsentRow,
        eq("case", case),
        eq("use", Use.CONDITIONS.value),
        eq("originator", partner),
        eq("ended_at", None),
    )
    return any(not row.has_terms and _is_living(row, at) for row in rows)


def _is_living(row: ConsentRow, at: Instant) -> bool:
    return row.given_at <= at and (row.until is None or at < row.until)
