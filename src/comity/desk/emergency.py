"""The emergency path: what went without the authorisation it needed is validated, or goes back.

Directive (EU) 2016/680, article 35(2), lets an urgent transfer go first; 48 hours is the figure
of Regulation (EU) 2023/1543, article 4. What nobody validates in time the clock recalls
(`overdue`).
"""

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import AuthorisationError, NotFoundError, StateError
from comity.core.ids import CaseId, MessageId, message_id
from comity.core.store import Reader, Transaction
from comity.desk.actor import Actor
from comity.desk.waiting import read_back
from comity.exchange import DecisionRow, OutboxRow, Station, cases
from comity.exchange.owing import VALIDATE, close_duty
from comity.ledger import LeafType
from comity.practice import TaskRow

VALIDATORS = frozenset({"legal", "supervisor"})


def validate(station: Station, actor: Actor, mid: str, *, reasons: str = "") -> None:
    """Validate what went on the emergency path: it stays, and the ledger says so.

    Raises `AuthorisationError` for whoever sent it, `StateError` where nothing is owed or the
    time is over.
    """
    now = station.clock.now()
    act = actor.act(VALIDATORS, at=now)

    def unit(tx: Transaction) -> None:
        row = tx.get(OutboxRow, message_id(mid))
        if row is None:
            raise NotFoundError(f"no message `{mid[:40]}` was sent")
        case = CaseId(row.case)
        actor.bound(purpose=cases.case_row(tx, case).purpose, case=case)
        if actor.person in _senders(tx, row, station):
            raise AuthorisationError("an emergency is validated by another than its sender")
        due = validate_by(tx, row)
        if due is None or due <= now:
            raise StateError(
                "this message awaits no validation"
                if due is None
                else "the time to validate it is over: it recalls by itself"
            )
        close_duty(tx, case, MessageId(row.mid), sort=VALIDATE, at=now)
        line = cases.Line(
            case=case, kind=row.kind, partner=row.recipient, reference=mid, act=act
        )
        record: dict[str, Value] = {"mid": row.mid, "act": act.record(), "reasons": reasons}
        cases.enter(tx, station, LeafType.LIFTED, record, line=line, at=now)

    station.store.commit(unit).result()


def validate_by(reader: Reader, row: OutboxRow) -> Instant | None:
    """Return by when a message must be validated; `None` where nothing is owed."""
    task = reader.get(TaskRow, f"{row.mid.hex()}-{VALIDATE}")
    is_open = task is not None and task.done is None and task.due is not None
    return Instant(task.due) if is_open and task and task.due else None


def _senders(reader: Reader, row: OutboxRow, station: Station) -> frozenset[str]:
    made = reader.get(DecisionRow, row.decision)
    try:
        _, act = read_back(reader, "" if made is None else made.record_id, station=station)
    except NotFoundError:
        return frozenset({row.person})
    return frozenset({row.person, act.person, act.second or row.person})
