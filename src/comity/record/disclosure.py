"""Who was given what: the links along which corrections, recalls and removals travel.

A disclosure is told until acknowledged: correct and recall reach every holder (DESIGN 2.5).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import ClassVar

from comity.core.clock import Instant
from comity.core.errors import NotFoundError
from comity.core.ids import AgencyId, EntityId, MessageId, message_text
from comity.core.store import Op, Reader, Row, Transaction, Where, eq

_CHUNK = 500


@unique
class Told(Enum):
    """What a holder must be told of something it was given."""

    NOTHING = ""
    CORRECTED = "corrected"
    RECALLED = "recalled"
    WITHDRAWN = "withdrawn"
    """A list no longer has the entry on which a hit was told."""
    CONTESTED = "contested"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRow(Row):
    """One statement, or a hit on one entity, given to one partner in one message or copy."""

    table: ClassVar[str] = "disclosures"
    key: ClassVar[tuple[str, ...]] = ("subject", "partner", "message")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("entity_id",),
        ("partner", "due"),
        ("due",),
    )

    subject: str
    """A statement's id; for a hit told without values, the entity's."""
    entity_id: str
    partner: str
    message: str
    at: int
    due: str = ""
    """What the partner has still to acknowledge; empty if nothing."""
    due_since: int | None = None
    acknowledged: str = ""
    acknowledged_at: int | None = None


def disclose(
    tx: Transaction,
    subjects: Iterable[tuple[str, EntityId]],
    *,
    partner: AgencyId,
    message: MessageId,
    at: Instant,
) -> None:
    """Note which (statement id, entity id) went to `partner` in `message`; repeatable."""
    for subject, entity_id in dict.fromkeys(subjects):
        row = DisclosureRow(
            subject=subject,
            entity_id=entity_id,
            partner=partner,
            message=message_text(message),
            at=at,
        )
        if tx.get(DisclosureRow, row.subject, row.partner, row.message) is None:
            tx.insert(row)


def holders(reader: Reader, subject: str) -> Sequence[DisclosureRow]:
    """Return every disclosure of one statement or hit, oldest first."""
    return reader.find(DisclosureRow, eq("subject", subject), order="at")


def tell(
    tx: Transaction, subjects: Iterable[str], told: Told, *, at: Instant
) -> tuple[DisclosureRow, ...]:
    """Mark every holder of `subjects` as owed a word; return the disclosures to tell of."""
    return _tell(tx, "subject", subjects, (told, at))


def tell_of_entities(
    tx: Transaction, entity_ids: Iterable[EntityId], told: Told, *, at: Instant
) -> tuple[DisclosureRow, ...]:
    """Mark everyone told anything about these entities as owed a word."""
    return _tell(tx, "entity_id", entity_ids, (told, at))


def unacknowledged(reader: Reader, partner: AgencyId | None = None) -> Sequence[DisclosureRow]:
    """Return what has been told, or is to be, and is not acknowledged, oldest first."""
    mine = () if partner is None else (eq("partner", partner),)
    return reader.find(
        DisclosureRow, Where("due", Op.NE, Told.NOTHING.value), *mine, order="due_since"
    )


def acknowledge(
    tx: Transaction, subject: str, told: Told, *, partner: AgencyId, at: Instant
) -> int:
    """Note that `partner` has acted on what it was told; return how many copies that settles.

    A late word about an earlier act settles nothing. Raises `NotFoundError` where the partner
    was never given `subject`.
    """
    rows = tx.find(DisclosureRow, eq("subject", subject), eq("partner", partner))
    if not rows:
        raise NotFoundError(f"no disclosure of `{subject[:64]}` to this partner")
    owed = [row for row in rows if told is not Told.NOTHING and row.due == told.value]
    for row in owed:
        done = replace(row, due="", acknowledged=told.value, acknowledged_at=at)
        tx.put(done)
    return len(owed)


def _tell(
    tx: Transaction, field: str, names: Iterable[str], word: tuple[Told, Instant]
) -> tuple[DisclosureRow, ...]:
    told, at = word
    wanted = tuple(dict.fromkeys(names))
    owed = list[DisclosureRow]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = Where(field, Op.IN, wanted[start : start + _CHUNK])
        for row in tx.find(DisclosureRow, chunk):
            # What is told already, or was acknowledged already, is not told again.
            if told.value not in (row.due, row.acknowledged):
                owed.append(replace(row, due=told.value, due_since=at))
    for row in owed:
        tx.put(row)
    return tuple(owed)
