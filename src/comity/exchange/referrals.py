"""The clock of a referral: what the law left to a person is decided in time, or is told of.

It never takes more than half of the time in which this side owes its partner an answer, so
that the partner hears something while there is still time to do something else.
"""

from comity.core.clock import HOUR, MINUTE, Instant
from comity.core.store import Transaction
from comity.exchange.rows import DecisionRow
from comity.message import Urgency
from comity.practice import CaseRow, TaskRow

WITHIN = {Urgency.URGENT: 2 * HOUR, Urgency.NORMAL: 24 * HOUR}
"""How long, in ms, a named person has at most."""
LEAST = 15 * MINUTE
"""How long, in ms, a person has at least, however late it is."""
DECIDE = "decision"
"""The duty to decide what the law referred."""


def due_of(case: CaseRow | None, urgency: Urgency, *, at: Instant) -> Instant:
    """Return by when a draft referred at `at` is to be decided."""
    span = WITHIN[urgency]
    if case is not None and case.due is not None:
        span = min(span, max(LEAST, (case.due - at) // 2))
    return Instant(at + span)


def owe_decision(tx: Transaction, row: DecisionRow, *, seat: str, urgency: Urgency) -> None:
    """Give a named seat what the law referred, with its clock."""
    task = TaskRow(
        task=f"{row.decision}-{DECIDE}",
        case=row.case,
        sort=DECIDE,
        seat=seat,
        person=None,
        due=row.due,
        created=row.at,
        done=None,
        urgency=urgency.value,
    )
    tx.put(task)
