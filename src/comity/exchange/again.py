"""Again: a restored node asks its partners to send anew what its backup does not hold.

    asking = signed document `again`         over {0: node, 1: asked, 2: at, 3: restore,
                                                   4: origin, 5: size}
    answer = signed document `again-answer`  over {0: node, 1: restore, 2: recalled, 3: owed}

What is asked for is exact: receipts name the leaf under which the lost store filed them. The
answer names the messages recalled since, so that they are blocked at once; the messages
themselves wait in the queue again and come by the road, decided and sealed anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import DAY, MINUTE, Instant
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.core.ids import MessageId, NodeId, RecordId, node_id
from comity.core.store import Reader, Transaction, eq
from comity.exchange.leaves import content_of
from comity.exchange.naming import about_of
from comity.exchange.queue import heard_from
from comity.exchange.rows import AgainRow, InboxRow, OutboxRow
from comity.exchange.station import Station
from comity.seal import Receipt, read_answer, read_document, sign_document, verify_document

ASKING: Final = "again"
ANSWER: Final = "again-answer"
WINDOW = 5 * MINUTE
"""How far an asking's time may lie from our clock."""
PER_DAY = 3
"""Most restores of one node that we send anew for within a day."""
_PROTECTS = frozenset({"recall", "correct", "stop", "challenge", "stop-confirm"})
_RESTORE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a restored node's ledger held when its backup was made."""

    node: NodeId
    asked: NodeId
    at: Instant
    restore: bytes
    """Names the restore; asked again under it, nothing is sent a third time."""
    origin: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a partner says: what it recalled since, and how much that protects still comes."""

    node: NodeId
    restore: bytes
    recalled: tuple[MessageId, ...]
    owed: int


def write_asking(asking: Asking, station: Station) -> bytes:
    """Sign an asking with this node's key."""
    payload: Mapping[int, Value] = {
        0: asking.node,
        1: asking.asked,
        2: asking.at,
        3: asking.restore,
        4: asking.origin,
        5: asking.size,
    }
    federation = station.directory().federation
    key = station.node_key
    return sign_document(cbor.encode(payload), key, sort=ASKING, federation=federation)


def answer(data: bytes, station: Station) -> bytes:
    """Queue again what the asking node lost, once for each restore, and say what protects.

    Raises `VerificationError` or `InvalidInputError` where no listed node asks us now, and
    `LimitError` where it asks for more restores than anybody makes in a day.
    """
    asking = _believed(data, station)
    at = station.clock.now()

    def unit(tx: Transaction) -> tuple[OutboxRow, ...]:
        known = tx.find(AgainRow, eq("node", asking.node), eq("restore", asking.restore))
        if known:
            rows = (tx.get(OutboxRow, row.mid) for row in known if row.mid)
            return tuple(row for row in rows if row is not None)
        _expect_few(tx, asking, at=at)
        heard_from(tx, asking.node, at=at)
        lost = [
            replace(row, state="queued", aside=False, next_at=at) for row in _lost(tx, asking)
        ]
        for mid in (b"", *(row.mid for row in lost)):
            tx.insert(AgainRow(node=asking.node, restore=asking.restore, mid=mid, at=at))
        for row in lost:
            tx.put(row)
        return tuple(lost)

    rows = station.store.commit(unit).result()
    recalled, owed = station.store.read(lambda r: _protecting(r, rows, station))
    payload: Mapping[int, Value] = {
        0: station.node,
        1: asking.restore,
        2: list(recalled),
        3: owed,
    }
    federation = station.directory().federation
    key = station.node_key
    return sign_document(cbor.encode(payload), key, sort=ANSWER, federation=federation)


def _believed(data: bytes, station: Station) -> Asking:
    document, directory = read_document(data, sort=ASKING), station.directory()
    asking = _asking(document.payload)
    key = directory.node_key(asking.node, document.kid, at=asking.at)
    if key is None:
        raise VerificationError("the directory lists no such key of the node that asks")
    verify_document(data, key, sort=ASKING, federation=directory.federation)
    if asking.asked != station.node or abs(asking.at - station.clock.now()) > WINDOW:
        raise VerificationError("the asking is of another time, or to another node")
    return asking


def _asking(payload: bytes) -> Asking:
    match cbor.decode(payload):
        case {
            0: str(node),
            1: str(asked),
            2: int(at),
            3: bytes(restore),
            4: str(origin),
            5: int(size),
            **rest,
        } if not rest and len(restore) == _RESTORE and size >= 0:
            return Asking(
                node=node_id(node),
                asked=node_id(asked),
                at=Instant(at),
                restore=restore,
                origin=origin,
                size=size,
            )
        case _:
            raise InvalidInputError("expected node, asked, time, restore, origin and size")


def _expect_few(tx: Transaction, asking: Asking, *, at: Instant) -> None:
    heads = tx.find(AgainRow, eq("node", asking.node), eq("mid", b""))
    if sum(row.at > at - DAY for row in heads) >= PER_DAY:
        raise LimitError(f"node `{asking.node}` asked for {PER_DAY} restores within a day")


def _lost(reader: Reader, asking: Asking) -> list[OutboxRow]:
    """Return what the lost store had receipted after the backup, by its own leaf numbers."""
    rows = reader.find(
        OutboxRow, eq("state", "receipted"), eq("to_node", asking.node), order="created"
    )
    return [row for row in rows if _is_lost(row, asking)]


def _is_lost(row: OutboxRow, asking: Asking) -> bool:
    said = None if row.receipt is None else read_answer(row.receipt).said
    return (
        isinstance(said, Receipt) and said.origin == asking.origin and said.leaf >= asking.size
    )


def _protecting(
    reader: Reader, rows: Sequence[OutboxRow], station: Station
) -> tuple[tuple[bytes, ...], int]:
    """Return what was recalled, and how many messages that protect have not come again yet."""
    recalled: list[bytes] = []
    owed = 0
    for row in rows:
        word = station.practices.kind(row.kind).word
        if word not in _PROTECTS:
            continue
        owed += _is_owed(reader, row)
        kept = station.safe.open(reader, RecordId(row.record_id)) if word == "recall" else None
        named = None if kept is None else about_of(content_of(kept).body)
        if named is not None:
            recalled.append(named)
    return tuple(recalled[: limits.CONSIGNED]), owed


def _is_owed(reader: Reader, row: OutboxRow) -> bool:
    """Say whether neither a message nor what was sealed anew in its place has come."""
    newest = row
    while newest.replaced_by is not None:
        after = reader.get(OutboxRow, newest.replaced_by)
        if after is None:
            break
        newest = after
    return newest.state == "queued" or (newest.state == "rejected" and newest is row)


def read_told(data: bytes, node: NodeId, restore: bytes, station: Station) -> Told:
    """Read what a partner answered to our asking.

    Raises `VerificationError` where another node signed it or it answers another restore.
    """
    document, directory = read_document(data, sort=ANSWER), station.directory()
    key = directory.node_key(node, document.kid, at=station.clock.now())
    if key is None:
        raise VerificationError(f"the directory lists no such key of node `{node}` now")
    verify_document(data, key, sort=ANSWER, federation=directory.federation)
    match cbor.decode(document.payload):
        case {0: str(said), 1: bytes(named), 2: [*recalled], 3: int(owed), **rest} if not rest:
            if said != node or named != restore:
                raise VerificationError(f"node `{node}` answered another asking")
        case _:
            raise InvalidInputError("expected node, restore, recalled and owed")
    mids = tuple(MessageId(each) for each in recalled if isinstance(each, bytes))
    return Told(node=node, restore=restore, recalled=mids, owed=max(0, owed))


def block(told: Told, station: Station) -> int:
    """Block what a partner says it recalled; only what its own node sent; return how many."""

    def unit(tx: Transaction) -> int:
        blocked = 0
        for mid in told.recalled:
            row = tx.get(InboxRow, told.node, mid)
            if row is not None and row.state in {"filed", "held", "restricted"}:
                tx.put(replace(row, state="recalled"))
                blocked += 1
        return blocked

    return station.store.commit(unit).result()
