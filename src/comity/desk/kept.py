"""Kept: what our law permits and nobody can seal yet, because its partner revoked its key.

The act is kept with its decision. Once the partner's new prekey has come, it re-enters the road
at *decide*, because the law may have changed meanwhile, and leaves by TX-L like every other.
What has not left in two weeks ends visibly, as work for a person.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import ConflictError, StateError
from comity.core.ids import AgencyId
from comity.core.store import Reader, Transaction, eq
from comity.exchange import DecisionRow, Releasable, Station
from comity.exchange.addressing import sound_prekey
from comity.practice import TaskRow

AWAITS_KEY: Final = "awaits-key"
"""State of a permitted act, and sort of its duty, while its partner's new key has not come."""
WAITS: Final = 14 * DAY
"""How long an act is kept, in ms: as long as a message lives."""
RETRY: Final = HOUR
"""How long after a try that failed the next one comes, in ms."""
_MOST = 64


def keep(tx: Transaction, releasable: Releasable, *, at: Instant) -> None:
    """Keep a permitted act, and show its author what it waits for; raises `ConflictError`."""
    row = tx.get(DecisionRow, releasable.reference)
    if row is None or row.state != "open":
        raise ConflictError(f"decision `{releasable.reference}` has been used")
    tx.put(replace(row, state=AWAITS_KEY, due=at))
    task = TaskRow(
        task=f"{row.decision}-{AWAITS_KEY}",
        case=row.case,
        sort=AWAITS_KEY,
        seat="officer",
        person=row.person,
        due=at + WAITS,
        created=at,
        done=None,
        urgency=releasable.draft.urgency.value,
    )
    tx.put(task)


def due(reader: Reader, *, station: Station) -> Sequence[DecisionRow]:
    """Return what is kept and may be tried now: its time is over, or its partner's key came."""
    now = station.clock.now()

    def is_due(row: DecisionRow) -> bool:
        nodes = station.directory().nodes_for(AgencyId(row.recipient))
        has_key = any(sound_prekey(reader, entry, station) is not None for entry in nodes)
        return is_over(row, now) or (has_key and (row.due or 0) <= now)

    rows = reader.find(DecisionRow, eq("state", AWAITS_KEY), order="at")
    return [row for row in rows if is_due(row)][:_MOST]


def is_over(row: DecisionRow, at: Instant) -> bool:
    """Whether an act has been kept as long as any is."""
    return at >= row.at + WAITS


def take_up(tx: Transaction, row: DecisionRow, state: str, *, at: Instant) -> None:
    """End the keeping of an act; raises `StateError` where it has ended."""
    found = tx.get(DecisionRow, row.decision)
    if found is None or found.state != AWAITS_KEY:
        raise StateError("this act is no longer kept")
    tx.put(replace(found, state=state, due=None))
    for task in tx.find(TaskRow, eq("task", f"{row.decision}-{AWAITS_KEY}")):
        tx.put(replace(task, done=at))


def give_back(tx: Transaction, row: DecisionRow, *, at: Instant) -> None:
    """Give an act that will not leave to its author: nothing ends in silence."""
    take_up(tx, row, "dropped", at=at)
    told(tx, row, at=at)


def told(tx: Transaction, row: DecisionRow, *, at: Instant) -> None:
    """Tell the author of a kept act that it did not leave."""
    tx.put(
        TaskRow(
            task=f"{row.decision}-undelivered",
            case=row.case,
            sort="undelivered",
            seat="officer",
            person=row.person,
            due=at + DAY,
            created=at,
            done=None,
            urgency="normal",
        )
    )


def put_off(tx: Transaction, row: DecisionRow, *, at: Instant) -> None:
    """Try an act again later, unless its keeping has ended meanwhile."""
    found = tx.get(DecisionRow, row.decision)
    if found is not None and found.state == AWAITS_KEY:
        tx.put(replace(found, due=at + RETRY))
