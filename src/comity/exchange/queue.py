"""The queue to each partner: what goes next, and when it is worth trying again.

One queue per partner's node, ordered by urgency and then by deadline. How long to wait is a
fact about the partner's line, not about each message: a line that failed backs off as a whole,
and any authenticated contact brings it back at once, at the cost of one row. A message its
partner asks us to bring later, or that it can only answer with garbage, is set aside so that
it never stands before the others.

INVARIANT: nothing here ends a message. It leaves the queue only by `settle` or `expire`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from comity.core.clock import HOUR, MINUTE, SECOND, Instant
from comity.core.ids import MessageId, NodeId
from comity.core.store import Op, Reader, Row, Transaction, Where, eq
from comity.exchange.rows import OutboxRow
from comity.exchange.stages import Logged

URGENT: Final = 0
NORMAL: Final = 1
RANKS: Final = (URGENT, NORMAL)
CAP: Final = {URGENT: 5 * MINUTE, NORMAL: HOUR}
"""Longest wait between tries: five minutes for urgent messages, an hour for others."""
STUCK: Final = 8
"""Times a message is set aside after which a person is told of it."""
_FEW = 8
"""Most messages set aside that are tried again in one batch."""
_MOST_DOUBLINGS = 20
_QUEUED = eq("state", "queued")
_NEXT = eq("aside", False)  # noqa: FBT003 - a row's own value
_ASIDE = eq("aside", True)  # noqa: FBT003 - a row's own value


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow(Row):
    """What is known of the line to one partner's node: how often it failed, when to try."""

    table: ClassVar[str] = "partner_line"
    key: ClassVar[tuple[str, ...]] = ("node",)

    node: str
    failures: int = 0
    """Tries in a row that failed; 0 once the partner is heard from."""
    failed_at: int = 0
    """When the present row of failures began."""
    urgent_at: int = 0
    """When an urgent message is worth trying again; 0 at once."""
    normal_at: int = 0
    sent_leaf: int = 0
    """Size of our ledger at the last failure: what was sent after it is tried at once."""
    heard_at: int = 0
    """When the partner was last heard from, to the minute; 0 never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for one partner's node, and since when."""

    node: NodeId
    count: int
    since: Instant
    """When the oldest of them was made."""
    stuck: int
    """How many are set aside again and again."""


def line_of(reader: Reader, node: str) -> LineRow:
    """Return what is known of a partner's line; a new one is worth trying."""
    return reader.get(LineRow, node) or LineRow(node=node)


def waiting(
    reader: Reader, to_node: NodeId, *, at: Instant, limit: int, rank: int | None = None
) -> tuple[Logged, ...]:
    """Return what goes next to one partner's node, of one rank or urgent first.

    Costs as much as `limit` rows, however many wait: the order is that of an index. A few that
    were set aside and are due again come last.
    """
    ours = (_QUEUED, eq("to_node", to_node), *(() if rank is None else (eq("rank", rank),)))
    rows = list(reader.find(OutboxRow, *ours, _NEXT, order="rank,due,sent_leaf", limit=limit))
    due = Where("next_at", Op.LE, at)
    few = min(_FEW, limit)
    again = reader.find(OutboxRow, *ours, _ASIDE, due, order="next_at", limit=few)
    return tuple(as_logged(row) for row in (*rows[: limit - len(again)], *again))


def as_logged(row: OutboxRow) -> Logged:
    """Return a committed outbox row as what may be delivered."""
    return Logged(
        mid=MessageId(row.mid),
        to_node=NodeId(row.to_node),
        envelope=row.envelope,
        digest=row.digest,
        leaf=row.sent_leaf,
    )


def due_lanes(
    reader: Reader, nodes: Iterable[NodeId], *, at: Instant
) -> list[tuple[NodeId, int]]:
    """Return (node, rank) of every queue with something to try now.

    No envelope is read for it, and a line that backs off costs one row.
    """
    return [
        (node, rank) for node in nodes for rank in RANKS if _is_due(reader, node, rank, at=at)
    ]


def _is_due(reader: Reader, node: NodeId, rank: int, *, at: Instant) -> bool:
    line = line_of(reader, node)
    ours = (_QUEUED, eq("to_node", node), eq("rank", rank))
    wait = line.urgent_at if rank == URGENT else line.normal_at
    if at < wait:
        # One try at once for each urgent message: a line may be back and not yet heard from.
        fresh = Where("sent_leaf", Op.GE, line.sent_leaf)
        is_fresh = rank == URGENT and line.failures > 0
        return is_fresh and reader.count(OutboxRow, *ours, _NEXT, fresh) > 0
    due = Where("next_at", Op.LE, at)
    return bool(
        reader.count(OutboxRow, *ours, _NEXT) or reader.count(OutboxRow, *ours, _ASIDE, due)
    )


def failed(tx: Transaction, node: NodeId, *, at: Instant, spread: float) -> LineRow:
    """Let a line that did not answer wait: exponential from one second, with full jitter.

    `spread` lies in 0 to 1.
    """
    line = line_of(tx, node)
    doubled = SECOND << min(line.failures, _MOST_DOUBLINGS)
    after = [at + SECOND + int(min(CAP[rank], doubled) * spread) for rank in RANKS]
    row = replace(
        line,
        failures=line.failures + 1,
        failed_at=line.failed_at if line.failures else at,
        urgent_at=after[URGENT],
        normal_at=after[NORMAL],
        sent_leaf=tx.size(),
    )
    tx.put(row)
    return row


def asked_to_wait(tx: Transaction, node: NodeId, *, until: Instant) -> None:
    """Leave a partner alone that says it is given too much, urgent messages included."""
    tx.put(replace(line_of(tx, node), urgent_at=until, normal_at=until))


def heard_from(tx: Transaction, node: NodeId, *, at: Instant) -> None:
    """Reset a partner's back-off: any authenticated contact proves that it is there.

    Writes one row, and that at most once a minute while all is well.
    """
    line = tx.get(LineRow, node)
    if line is None:
        tx.put(LineRow(node=node, heard_at=at))
    elif line.failures:
        tx.put(replace(line, failures=0, failed_at=0, urgent_at=0, normal_at=0, heard_at=at))
    elif line.heard_at < at - MINUTE:
        tx.put(replace(line, heard_at=at))


def set_aside(row: OutboxRow, *, at: Instant, wait: int, spread: float) -> OutboxRow:
    """Return a queued row set aside for at least `wait` ms, longer each time, with jitter."""
    longer = min(HOUR, SECOND << min(row.attempts, _MOST_DOUBLINGS))
    next_at = at + max(wait, int(longer * spread), SECOND)
    return replace(row, aside=True, attempts=row.attempts + 1, next_at=next_at)


def is_stuck(row: OutboxRow) -> bool:
    """Whether a message was set aside so often that a person should look."""
    return row.aside and row.attempts >= STUCK


def oldest(reader: Reader, node: NodeId) -> Instant | None:
    """Return when the oldest message not yet stored at a node was made."""
    rows = reader.find(OutboxRow, _QUEUED, eq("to_node", node), order="sent_leaf", limit=1)
    return Instant(rows[0].created) if rows else None


def overview(reader: Reader, nodes: Iterable[NodeId]) -> Sequence[Waiting]:
    """Return what waits for each node that anything waits for, the longest waiting first."""
    found: list[Waiting] = []
    for node in nodes:
        ours = (_QUEUED, eq("to_node", node))
        count = reader.count(OutboxRow, *ours)
        if not count:
            continue
        stuck = reader.count(OutboxRow, *ours, _ASIDE, Where("attempts", Op.GE, STUCK))
        since = oldest(reader, node) or Instant(0)
        found.append(Waiting(node=node, count=count, since=since, stuck=stuck))
    return sorted(found, key=lambda each: each.since)


def deadline_of(due: int | None, exp: Instant) -> int:
    """Return when a message should be with its partner: the case's clock, or its own end."""
    return exp if due is None else min(due, exp)


ROWS: tuple[type[Row], ...] = (LineRow,)
