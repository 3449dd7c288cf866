"""How a case ends whose partner left: what waits in it is dropped, what protects goes on."""

from collections.abc import Mapping
from dataclasses import replace

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import CaseId, MessageId, RecordId, message_id
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk.rows import PendingRow
from comity.desk.waiting import close, settle
from comity.exchange import DecisionRow, InboxRow, OutboxRow, Station, cases
from comity.exchange.calling import end_call
from comity.exchange.delivery import UNSETTLED
from comity.exchange.effects import UNSEEN
from comity.exchange.leaves import content_of
from comity.exchange.passage import is_for_a_person
from comity.ledger import LeafType
from comity.practice import UNSTOPPED, CaseRow, TaskRow, part, standing

LEFT = "left"
"""The code of a queued message that leaves no more, because its partner left."""
_OVER = frozenset({"consent", "undelivered", UNSEEN, *cases.WATCH_TASKS})
"""What nobody owes any more. What protects a person stays: recall, challenge."""


def is_warning(reader: Reader, held: CaseRow, *, station: Station) -> bool:
    """Whether a case carries a warning of danger to life: it ends on its own day."""
    where = eq("case", held.case)
    rows: list[InboxRow | OutboxRow] = list(reader.find(InboxRow, where))
    rows += reader.find(OutboxRow, where)
    return any(
        station.practices.kind(row.kind).word not in UNSTOPPED
        and is_for_a_person(station.practices.kind(row.kind), body_of(reader, row, station))
        for row in rows
    )


def end_case(tx: Transaction, held: CaseRow, *, station: Station, at: Instant) -> bool:
    """End one case; return `False` where nothing was ever in it."""
    dropped = _drop(tx, held, station=station, at=at)
    practice = station.practices.named(held.practice)
    if standing(held.state).state == practice.initial and not dropped:
        return False
    queued = Where("state", Op.IN, tuple(sorted(UNSETTLED)))
    for row in tx.find(OutboxRow, eq("case", held.case), queued):
        if not _protects(tx, row.mid, station):
            _expire(tx, row, station=station, at=at)
    cases.move_on(tx, held, after=part(held.state), station=station, at=at)
    over = Where("sort", Op.IN, tuple(sorted(_OVER)))
    for task in tx.find(TaskRow, eq("case", held.case), over, eq("done", None)):
        about = _about(task)
        if about is None or not _protects(tx, about, station):
            tx.put(replace(task, done=at))
            end_call(tx, task.task.partition("-")[0], state="gone", at=at)
    return True


def _drop(tx: Transaction, held: CaseRow, *, station: Station, at: Instant) -> bool:
    """Drop drafts and acts that wait here and can go no more; return whether any did."""
    where = (eq("case", held.case), eq("state", "waiting"))

    def is_over(row: DecisionRow | PendingRow) -> bool:
        return not station.practices.kind(row.kind).is_protective

    drafts = [row for row in tx.find(DecisionRow, *where) if is_over(row)]
    acts = [row for row in tx.find(PendingRow, *where) if is_over(row)]
    for draft in drafts:
        settle(tx, draft, "dropped", at=at)
        station.safe.erase(tx, RecordId(draft.record_id), at=at)
    for each in acts:
        close(tx, each, "dropped")
        station.safe.erase(tx, RecordId(each.record_id), at=at)
    return bool(drafts or acts)


def _expire(tx: Transaction, row: OutboxRow, *, station: Station, at: Instant) -> None:
    """End a message that waits to leave: visible, with its leaf, and never silence."""
    tx.put(replace(row, state="expired", code=LEFT))
    line = cases.Line(
        case=CaseId(row.case), kind=row.kind, partner=row.recipient, reference=row.mid.hex()
    )
    record: dict[str, Value] = {"mid": row.mid, "code": LEFT}
    cases.enter(
        tx,
        station,
        LeafType.EXPIRED,
        record,
        line=line,
        at=at,
        digest=row.digest,
        follows=row.sent_leaf,
    )
    end_call(tx, row.mid.hex(), state="gone", at=at)


def _about(task: TaskRow) -> bytes | None:
    try:
        return message_id(task.task.partition("-")[0])
    except InvalidInputError:
        return None


def _protects(reader: Reader, mid: bytes, station: Station) -> bool:
    row = reader.get(OutboxRow, MessageId(mid))
    if row is None:
        return False
    return is_for_a_person(station.practices.kind(row.kind), body_of(reader, row, station))


def body_of(reader: Reader, row: InboxRow | OutboxRow, station: Station) -> Mapping[str, Value]:
    """Return what a message says; nothing once it is erased."""
    kept = station.safe.open(reader, RecordId(row.record_id))
    return {} if kept is None else content_of(kept).body
