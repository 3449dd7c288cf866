"""How long what came is kept: a timer from the first day, and erasure where nobody decides.

The shorter of our own law's end and the originator's counts. What is contested waits for its
challenge; everything else goes on its day, with a certificate in the ledger.
"""

from comity.core.clock import Instant, from_iso
from comity.core.ids import message_id
from comity.core.store import Transaction, eq
from comity.exchange import effects, owing
from comity.exchange.rows import InboxRow
from comity.exchange.stages import Admitted
from comity.exchange.station import Station
from comity.practice import CaseFieldRow, TaskRow
from comity.record import ErasureRow, TimerRow, Why, over, timer

_REVIEW = "ReviewBy"


def start_timer(tx: Transaction, row: InboxRow, admitted: Admitted, *, at: Instant) -> None:
    """Start the timer of a message in the unit that files it."""
    duties = (each for each in admitted.decision.obligations if each.code == _REVIEW)
    own = min(((from_iso(each.due), each.cite) for each in duties if each.due), default=None)
    theirs = admitted.opened.content.handling.until
    is_theirs = theirs is not None and (own is None or theirs < own[0])
    made = timer(
        row.mid.hex(),
        case=row.case,
        regime="originator" if is_theirs or own is None else own[1],
        started=at,
        ends=(None if own is None else own[0], theirs),
    )
    if made is not None:
        tx.put(made)


def erase_over(tx: Transaction, *, station: Station, at: Instant, limit: int = 1_000) -> int:
    """Erase the messages whose time is over, at most `limit`; return how many."""
    return sum(_erase(tx, row, station=station, at=at) for row in over(tx, at=at, limit=limit))


def _erase(tx: Transaction, row: TimerRow, *, station: Station, at: Instant) -> bool:
    if tx.get(CaseFieldRow, row.case, "contested", row.subject) is not None:
        return False
    for held in tx.find(InboxRow, eq("mid", message_id(row.subject)), eq("case", row.case)):
        if effects.erase(tx, held, station=station, at=at):
            tx.put(
                ErasureRow(
                    record_id=held.record_id,
                    subject=row.subject,
                    entity_id="",
                    dataset="",
                    why=Why.EXPIRED.value,
                    due=row.erase_by,
                    at=at,
                )
            )
    close_review(tx, row, at=at)
    tx.delete(TimerRow, eq("subject", row.subject))
    return True


def owe_review(tx: Transaction, row: TimerRow, *, at: Instant) -> bool:
    """Give a person the review of a message whose end is near; return whether it is new.

    An end its originator set is not ours to move, and is nobody's task.
    """
    name = f"{row.subject}-review"
    is_ours = row.latest is None or row.erase_by < row.latest
    if not is_ours or not row.case or tx.get(TaskRow, name) is not None:
        return False
    task = TaskRow(
        task=name,
        case=row.case,
        sort="review",
        seat="supervisor",
        person=None,
        due=row.erase_by,
        created=at,
        done=None,
        urgency="normal",
    )
    tx.put(task)
    return True


def close_review(tx: Transaction, row: TimerRow, *, at: Instant) -> None:
    """End the task of a review that was done, or that came too late."""
    owing.close_duty(tx, row.case, message_id(row.subject), sort="review", at=at)
