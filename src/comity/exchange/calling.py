"""Calls: urgent messages that a person must see, and what their sender does if nobody has.

A call stands beside the message, in the unit that files or sends it, so that neither is without
the other. It holds codes, ids and times alone; who is woken for it is the desk's to say.
"""

from dataclasses import replace

from comity.core.clock import MINUTE, Instant
from comity.core.store import Transaction
from comity.exchange.rows import CallRow, InboxRow, OutboxRow
from comity.practice import Body, Kind, branch, choice

UNSEEN_AFTER = 15 * MINUTE
"""How long, in ms, after sending what is urgent its sender is told that nobody has seen it."""
HERE, SENT, TEST = "here", "sent", "test"
"""Whose a call is: for our people, about a partner's, or a trial."""
OPEN = "open"


def is_call(kind: Kind, body: Body, *, urgency: str) -> bool:
    """Whether a person must see a message at once: it is urgent, or warns of danger to life."""
    return urgency == "urgent" or branch(kind, choice(kind, body)).passes_stop


def call_here(tx: Transaction, row: InboxRow, *, at: Instant) -> None:
    """Call our people to a message that came; the first of them at once."""
    tx.put(_call(row.mid, row.case, HERE, at=at, next_at=at))


def call_sent(tx: Transaction, row: OutboxRow, *, at: Instant) -> None:
    """Look in time whether a partner's person has seen what we sent."""
    tx.put(_call(row.mid, row.case, SENT, at=at, next_at=at + UNSEEN_AFTER))


def end_call(tx: Transaction, call: str, *, state: str, at: Instant, person: str = "") -> None:
    """End a call, where one stands: `seen`, `answered`, `missed` or `gone`."""
    held = tx.get(CallRow, call)
    if held is not None and held.state == OPEN:
        tx.put(replace(held, state=state, ended=at, person=person))


def _call(mid: bytes, case: str, sort: str, *, at: Instant, next_at: int) -> CallRow:
    return CallRow(call=mid.hex(), case=case, sort=sort, at=at, next_at=next_at)
