"""What an act leaves to do: duties as tasks, given to a seat, closed by what fulfils them."""

from dataclasses import replace
from typing import Final

from comity.core.clock import DAY, Instant, from_iso
from comity.core.ids import MessageId
from comity.core.store import Transaction, eq
from comity.exchange.rows import InboxRow
from comity.exchange.stages import Sealed
from comity.practice import CONFIRM_WITHIN, STOP_LAPSES, Kind, Second, TaskRow, second

VALIDATE: Final = "validate"
"""The duty to validate what went on the emergency path."""
_SEATS = {"challenge": "rights", "consent": "supervisor", "watch-law": "legal"}


def owe_second(tx: Transaction, sealed: Sealed, kind: Kind, *, at: Instant) -> None:
    """Owe the second person's confirmation of an act that went without one."""
    draft, act = sealed.marked.releasable.draft, sealed.marked.releasable.act
    needs = second(kind, draft.body)
    if act.second is not None or needs not in {Second.AFTER, Second.LAPSING}:
        return
    sort, within = "second", CONFIRM_WITHIN
    if needs is Second.LAPSING:
        sort, within = "confirm-stop", STOP_LAPSES
    task = TaskRow(
        task=f"{sealed.mid.hex()}-{sort}",
        case=draft.case,
        sort=sort,
        seat=act.seat,
        person=None,
        due=at + within,
        created=at,
        done=None,
        urgency="urgent" if within <= DAY else "normal",
    )
    tx.put(task)


def owe_validation(tx: Transaction, sealed: Sealed, *, at: Instant) -> None:
    """Owe the validation of what the law let go on its emergency path alone."""
    releasable = sealed.marked.releasable
    for duty in releasable.decision.obligations:
        if duty.code == "ValidateAfterwards" and duty.due is not None:
            task = TaskRow(
                task=f"{sealed.mid.hex()}-{VALIDATE}",
                case=releasable.draft.case,
                sort=VALIDATE,
                seat="legal",
                person=None,
                due=from_iso(duty.due),
                created=at,
                done=None,
                urgency="urgent",
            )
            tx.put(task)


def owe(tx: Transaction, row: InboxRow, *, sort: str, due: int | None, at: Instant) -> None:
    """Give a seat what a received message leaves to do."""
    task = TaskRow(
        task=f"{row.mid.hex()}-{sort}",
        case=row.case,
        sort=sort,
        seat=_SEATS.get(sort, "officer"),
        person=None,
        due=due,
        created=at,
        done=None,
        urgency="normal",
    )
    tx.put(task)


def close_duty(tx: Transaction, case: str, about: MessageId, *, sort: str, at: Instant) -> None:
    """Close the duty of one sort that a message left."""
    for task in tx.find(TaskRow, eq("case", case), eq("sort", sort), eq("done", None)):
        if task.task.startswith(about.hex()):
            tx.put(replace(task, done=at))
