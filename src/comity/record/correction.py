"""What happens to a statement after it is held: contest, correct, recall, restrict, release.

Each act returns the disclosures whose holders must be told. While a challenge is open or an
item is evidence, recall becomes restriction: the statement serves that procedure alone
(LED 16(3)).
"""

from dataclasses import dataclass, replace
from enum import Enum, unique

from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, StateError
from comity.core.ids import CaseId
from comity.core.store import Reader, Transaction, eq
from comity.message import Statement, Status, handling
from comity.record.disclosure import DisclosureRow, Told, holders, tell
from comity.record.safe import Safe
from comity.record.statements import (
    StatementRow,
    keep_statements,
    put_changed,
    row_of,
    statements_of,
)
from comity.record.tearline import withdraw

_LIVING = frozenset({Status.ACTIVE.value, Status.CONTESTED.value})


@unique
class Finding(Enum):
    """What became of a challenge."""

    DISMISSED = "dismissed"
    UPHELD = "upheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where one statement came from, what was done to it, and who was given it."""

    statement: Statement | None
    """`None` once its words are erased."""
    row: StatementRow
    disclosures: tuple[DisclosureRow, ...]
    corrects: tuple[str, ...]
    """Ids of the statements it replaced."""


def contest(
    tx: Transaction, statement_id: str, *, challenge: CaseId, at: Instant
) -> tuple[DisclosureRow, ...]:
    """Mark a statement as contested in the case `challenge`.

    Raises `StateError` unless the statement is living and contested in no other case.
    """
    row = _living(tx, statement_id)
    if row.challenge not in ("", challenge):
        raise StateError("the statement is contested in another case already")
    put_changed(tx, replace(row, status=Status.CONTESTED.value, challenge=challenge))
    return tell(tx, (statement_id,), Told.CONTESTED, at=at)


def settle(
    tx: Transaction, statement_id: str, *, finding: Finding, at: Instant
) -> tuple[DisclosureRow, ...]:
    """Close the challenge: dismissed, the statement is active again; upheld, it is recalled.

    Raises `StateError` where the statement is not contested.
    """
    row = row_of(tx, statement_id)
    if not row.challenge:
        raise StateError("the statement is not contested, expected an open challenge")
    if finding is Finding.DISMISSED:
        put_changed(tx, replace(row, status=_settled(row), challenge=""))
        return ()
    put_changed(tx, replace(row, status=Status.RECALLED.value, challenge="", procedure=""))
    withdraw(tx, statement_id)
    return tell(tx, (statement_id,), Told.RECALLED, at=at)


def recall(tx: Transaction, statement_id: str, *, at: Instant) -> tuple[DisclosureRow, ...]:
    """Take a statement back from everyone; a contested one stays for its challenge alone."""
    row = row_of(tx, statement_id)
    if row.status in _LIVING:
        put_changed(
            tx,
            replace(
                row, status=Status.RECALLED.value, procedure=row.procedure or row.challenge
            ),
        )
    withdraw(tx, statement_id)
    return tell(tx, (statement_id,), Told.RECALLED, at=at)


def correct(
    tx: Transaction, statement_id: str, replacement: Statement, *, safe: Safe, at: Instant
) -> tuple[DisclosureRow, ...]:
    """Put `replacement` in a statement's place; both stay held until retention ends.

    Raises `StateError` unless the statement is living, `InvalidInputError` on a replacement
    about another entity or from another originator.

    INVARIANT: a correction is held under the terms of what it corrects, and no longer.
    """
    row = _living(tx, statement_id)
    told = (replacement.entity_id, replacement.originator)
    if told != (row.entity_id, row.originator):
        raise InvalidInputError("a correction keeps the entity and originator of the statement")
    if replacement.statement_id == statement_id:
        raise InvalidInputError("a correction has an id of its own")
    replacement = replace(
        replacement,
        handling=replacement.handling.join(handling(row.handling)),
        retain_until=min(replacement.retain_until, Instant(row.retain_until)),
    )
    keep_statements(tx, (replacement,), safe=safe, at=at)
    put_changed(
        tx,
        replace(
            row,
            status=Status.SUPERSEDED.value,
            superseded_by=replacement.statement_id,
            procedure=row.procedure or row.challenge,
        ),
    )
    withdraw(tx, statement_id)
    return tell(tx, (statement_id,), Told.CORRECTED, at=at)


def restrict(tx: Transaction, statement_id: str, *, procedure: CaseId) -> None:
    """Keep a statement for one procedure alone: unfindable and unusable for anything else.

    Raises `StateError` where it already serves another.
    """
    row = row_of(tx, statement_id)
    if row.procedure not in ("", procedure):
        raise StateError("the statement serves another procedure already")
    put_changed(tx, replace(row, procedure=procedure))


def release(tx: Transaction, statement_id: str, *, procedure: CaseId) -> None:
    """End a restriction; what is past its time is erased by the next sweep.

    Raises `StateError` where another procedure, or none, holds the statement.
    """
    row = row_of(tx, statement_id)
    if row.procedure != procedure:
        raise StateError("the statement does not serve this procedure")
    put_changed(tx, replace(row, procedure=""))


def serving(reader: Reader, procedure: CaseId, *, safe: Safe) -> tuple[Statement, ...]:
    """Return what is kept for one procedure; the caller has checked that its reader may."""
    rows = reader.find(StatementRow, eq("procedure", procedure))
    return statements_of(reader, rows, safe=safe)


def provenance(reader: Reader, statement_id: str, *, safe: Safe) -> Provenance:
    """Return a statement's history; raises `NotFoundError`."""
    row = row_of(reader, statement_id)
    opened = statements_of(reader, (row,), safe=safe)
    earlier = reader.find(StatementRow, eq("superseded_by", statement_id))
    return Provenance(
        statement=opened[0] if opened else None,
        row=row,
        disclosures=tuple(holders(reader, statement_id)),
        corrects=tuple(old.statement_id for old in earlier),
    )


def _living(reader: Reader, statement_id: str) -> StatementRow:
    row = row_of(reader, statement_id)
    if row.status not in _LIVING:
        raise StateError(f"the statement is {row.status}, expected active or contested")
    return row


def _settled(row: StatementRow) -> str:
    is_contested = row.status == Status.CONTESTED.value
    return Status.ACTIVE.value if is_contested else row.status
