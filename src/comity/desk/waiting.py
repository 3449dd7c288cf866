"""What waits for a person: acts without their second person, and drafts the law referred.

Both are read back with every fact as it stands now, and asked about again: law, partner and
person may have changed while they waited.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import NotFoundError, StateError
from comity.core.ids import PersonId, RecordId
from comity.core.store import Reader, Transaction, eq
from comity.desk.letters import with_facts
from comity.desk.rows import PendingRow
from comity.exchange import Act, DecisionRow, Station
from comity.exchange.drafts import read_draft
from comity.exchange.effects import SWEPT
from comity.exchange.referrals import DECIDE
from comity.message import Draft, Facts
from comity.practice import TaskRow


def held_act(
    reader: Reader, pending: str, *, station: Station
) -> tuple[PendingRow, Draft, Act]:
    """Return an act that waits for its second person; raises `NotFoundError`, `StateError`."""
    row = reader.get(PendingRow, pending)
    if row is None:
        raise NotFoundError(f"nothing waits under `{pending[:40]}`")
    if row.state != "waiting":
        raise StateError(f"this act has been {row.state}")
    return row, *read_back(reader, row.record_id, station=station)


def referral(
    reader: Reader, reference: str, *, station: Station
) -> tuple[DecisionRow, Draft, Act]:
    """Return a draft that the law referred; raises `NotFoundError`, `StateError`."""
    row = reader.get(DecisionRow, reference)
    if row is None:
        raise NotFoundError(f"no decision `{reference[:40]}`")
    if row.state != "waiting":
        raise StateError(f"this referral is `{row.state}`, no longer waiting")
    return row, *read_back(reader, row.record_id, station=station)


def read_back(reader: Reader, record_id: str, *, station: Station) -> tuple[Draft, Act]:
    """Return a draft at rest and its act, as of now; raises `NotFoundError` once erased."""
    draft, act = as_asked(reader, record_id, at=station.clock.now(), station=station)
    return with_facts(reader, draft, act.stated), act


def as_asked(
    reader: Reader, record_id: str, *, at: Instant, station: Station
) -> tuple[Draft, Act]:
    """Return a draft and its act with the facts of its own day; raises `NotFoundError`."""
    kept = station.safe.open(reader, RecordId(record_id))
    if kept is None:
        raise NotFoundError("the draft has been erased")
    members = cast("Mapping[str, Mapping[str, Value]]", cbor.decode(kept))
    return read_draft(members["draft"], at=at), _act(members["act"])


def close(tx: Transaction, row: PendingRow, state: str) -> None:
    """Take a held act up; raises `StateError` where another person was first."""
    found = tx.get(PendingRow, row.pending)
    if found is None or found.state != "waiting":
        raise StateError("another person has taken this act up")
    tx.put(replace(found, state=state))
    _forget_duty(tx, row.pending)


def settle(tx: Transaction, row: DecisionRow, state: str, *, at: Instant) -> None:
    """Take a referral up; raises `StateError` where another person was first."""
    found = tx.get(DecisionRow, row.decision)
    if found is None or found.state != "waiting":
        raise StateError("another person has taken this referral up")
    tx.put(replace(found, state=state))
    _forget_duty(tx, row.decision)
    duty = tx.get(TaskRow, f"{row.decision}-{DECIDE}")
    if duty is not None and duty.done is None:
        tx.put(replace(duty, done=at))


def _forget_duty(tx: Transaction, name: str) -> None:
    # Whoever takes it up has looked at what the law now says otherwise of it.
    tx.delete(TaskRow, eq("task", f"{name}-{SWEPT}"))


def _act(record: Mapping[str, Value]) -> Act:
    second = cast("str | None", record["second"])
    return Act(
        person=PersonId(cast("str", record["person"])),
        seat=cast("str", record["seat"]),
        session=cast("str", record["session"]),
        at=Instant(cast("int", record["at"])),
        second=PersonId(second) if second else None,
        lifted=tuple(cast("list[str]", record["lifted"])),
        stated=cast("Facts", record["stated"]),
    )
