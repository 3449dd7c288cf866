"""Delivery: what was logged reaches its partner, and what the partner signed is written down.

    log -> deliver -> settle

Workers hold no state: everything here starts from committed rows, and repeating is harmless.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import lru_cache

from comity.core.cbor import Value
from comity.core.clock import HOUR, signing_time
from comity.core.errors import NotFoundError, UnreachableError, VerificationError
from comity.core.ids import CaseId, NodeId, RecordId, message_id
from comity.core.keys import KeyId, PublicKey
from comity.core.store import Reader, Transaction
from comity.exchange import cases
from comity.exchange.consignment import Consigned, Consignment
from comity.exchange.lateness import proof_of
from comity.exchange.leaves import content_of
from comity.exchange.queue import heard_from
from comity.exchange.rows import OutboxRow, PrekeyRow
from comity.exchange.stages import Acknowledged, Logged
from comity.exchange.station import Carrier, Station
from comity.ledger import LeafType
from comity.seal import (
    PrekeyNotice,
    Receipt,
    Rejection,
    read_answer,
    verify_prekey,
    verify_receipt,
    verify_rejection,
)
from comity.trust import NodeEntry, Standing

UNSETTLED = frozenset({"queued", "barred"})
"""States of which nobody knows an end yet; what our own door bars may have been on its way."""
AGAIN = frozenset({"unknown-prekey", "stale"})
"""Codes after which a message is decided and sealed anew: it outlived its key."""
EARLY = "early"
"""Code of a message that came before what it is about."""
UNREAD = frozenset({"rejected", "expired"})
"""States of a message that its partner never stored."""
LATE = 20 * HOUR
"""Age from which a message carries its proof: short of the day after which it must."""


def consign(logged: Sequence[Logged], station: Station) -> Consignment:
    """Pack logged messages with our newest checkpoint, and a proof beside each late one."""
    return Consignment(
        items=tuple(
            Consigned(envelope=item.envelope, proof=_proof_of(item, station)) for item in logged
        ),
        checkpoint=station.checkpoint(),
    )


def _proof_of(logged: Logged, station: Station) -> bytes:
    # exchange.md 5.2: after a day a signing time counts only if our ledger proves it.
    is_late = signing_time(logged.mid) < station.clock.now() - LATE
    return proof_of(logged.leaf, station) if is_late or _was_revoked(station) else b""


def _was_revoked(station: Station) -> bool:
    """Whether a key of this node was revoked: what it signed before needs a witness now."""
    listed = station.directory().node(station.node).keys
    keys = (station.directory().dated_key(station.node, each.key.kid) for each in listed)
    return any(key is not None and key.revoked is not None for key in keys)


def deliver(
    logged: Sequence[Logged], carrier: Carrier, entry: NodeEntry, *, station: Station
) -> Sequence[bytes]:
    """Carry logged messages to one node and bring back its answers; repeating is harmless.

    Raises `UnreachableError` where the node does not answer; every row stays queued then.
    """
    # INVARIANT: nothing leaves for a member whose keys are stolen, not even what was queued.
    standing = station.directory().standing(entry.member, at=station.clock.now())
    if standing is Standing.CLOSED:
        raise UnreachableError(f"member `{entry.member}` is closed: its keys are stolen")
    answers = carrier.carry(entry, consign(logged, station))
    if len(answers) != len(logged):
        raise VerificationError(
            f"node `{entry.node}` gave {len(answers)} answers to {len(logged)} messages"
        )
    return answers


def settle(logged: Logged, answer: bytes, station: Station) -> "Future[Acknowledged]":
    """Write down what a partner's node signed about one message (TX-R).

    Raises `VerificationError` where the answer is not a receipt or rejection of these very
    bytes, signed by the node they were sent to; the row then stays queued.
    """
    said = _answer(logged, answer, station)
    return station.store.commit(
        lambda tx: _write_receipt(tx, logged, said, answer=answer, station=station)
    )


def _answer(logged: Logged, data: bytes, station: Station) -> Receipt | Rejection:
    directory = station.directory()
    answer = read_answer(data)
    key = _node_key(logged.to_node, answer.kid, station)
    said: Receipt | Rejection
    if isinstance(answer.said, Rejection):
        said = verify_rejection(data, key, federation=directory.federation)
    else:
        said = verify_receipt(data, key, federation=directory.federation)
    if said.digest != logged.digest or said.node != logged.to_node:
        raise VerificationError(f"node `{logged.to_node}` answered about other bytes")
    return said


def _node_key(node: NodeId, kid: KeyId, station: Station) -> PublicKey:
    key = station.directory().node_key(node, kid, at=station.clock.now())
    if key is None:
        raise VerificationError(f"the directory lists no such key of node `{node}` now")
    return key


def _write_receipt(
    tx: Transaction,
    logged: Logged,
    said: Receipt | Rejection,
    *,
    answer: bytes,
    station: Station,
) -> Acknowledged:
    row = tx.get(OutboxRow, logged.mid)
    if row is None:
        raise NotFoundError(f"no message `{logged.mid.hex()}` was sent")
    if row.state not in UNSETTLED:
        return Acknowledged(mid=logged.mid, state=row.state, code=row.code, leaf=None)
    now = station.clock.now()
    is_stored = isinstance(said, Receipt)
    sort = LeafType.RECEIPTED if is_stored else LeafType.REJECTED
    state, code = sort.name.lower(), said.state if isinstance(said, Receipt) else said.code
    index = _end(tx, row, sort, {"answer": answer, "code": code}, station=station)
    stored = said.stored_at if isinstance(said, Receipt) else None
    tx.put(replace(row, state=state, receipt=answer, stored_at=stored, code=code))
    cases.settled(tx, row, is_stored=is_stored, at=now)
    heard_from(tx, logged.to_node, at=now)
    return Acknowledged(mid=logged.mid, state=state, code=code, leaf=index)


def _end(
    tx: Transaction,
    row: OutboxRow,
    sort: LeafType,
    record: Mapping[str, Value],
    *,
    station: Station,
) -> int:
    """Write the leaf that ends a message's way, following its `sent`."""
    line = cases.Line(
        case=CaseId(row.case), kind=row.kind, partner=row.recipient, reference=row.mid.hex()
    )
    return cases.enter(
        tx,
        station,
        sort,
        {"mid": row.mid, **record},
        line=line,
        at=station.clock.now(),
        digest=row.digest,
        follows=row.sent_leaf,
    )


def learn_prekey(entry: NodeEntry, notice: bytes, station: Station) -> "Future[None]":
    """Keep a partner's newest prekey, once its node's signature on it holds."""
    told = read_prekey(notice, entry, station)
    row = PrekeyRow(node=entry.node, kid=told.key.kid, notice=notice, until=told.until)
    return station.store.commit(lambda tx: tx.put(row))


def read_prekey(notice: bytes, entry: NodeEntry, station: Station) -> PrekeyNotice:
    """Read a prekey that `entry`'s node signed; raises `VerificationError`."""
    key = _node_key(entry.node, _kid_of(notice), station)
    told = _told(notice, key, station.directory().federation)
    if told.node != entry.node:
        raise VerificationError(f"node `{entry.node}` sent a prekey of `{told.node}`")
    return told


@lru_cache(maxsize=256)
def _kid_of(notice: bytes) -> KeyId:
    """Read who signed a notice; each is asked about once for every message of a day."""
    return read_answer(notice).kid


@lru_cache(maxsize=256)
def _told(notice: bytes, key: PublicKey, federation: str) -> PrekeyNotice:
    """Verify a notice; the same bytes under the same key hold or fail alike."""
    return verify_prekey(notice, key, federation=federation)


def later(logged: Logged, answer: bytes, station: Station) -> Rejection | None:
    """Return the rejection by which a partner asks us to come again later, if it is one.

    Raises `VerificationError` where the answer is not the node's own about these bytes.
    """
    # A receipt is not verified here: `settle` does so before it believes one.
    if not isinstance(read_answer(answer).said, Rejection):
        return None
    said = _answer(logged, answer, station)
    if not isinstance(said, Rejection) or said.retry_after is None:
        return None
    return None if said.code == EARLY and _is_moot(logged, station) else said


def _is_moot(logged: Logged, station: Station) -> bool:
    """Whether what a message is about ended without ever being stored by its partner.

    Then it would be early for ever: a recall of what never arrived has nothing to take back.
    """

    def query(reader: Reader) -> bool:
        row = reader.get(OutboxRow, logged.mid)
        kept = None if row is None else station.safe.open(reader, RecordId(row.record_id))
        about = None if kept is None else content_of(kept).body.get("about")
        named = reader.get(OutboxRow, message_id(about)) if isinstance(about, str) else None
        return named is not None and named.state in UNREAD

    return station.store.read(query)


def retry_after(logged: Logged, answer: bytes, station: Station) -> int | None:
    """Return the seconds a partner asks us to wait before trying again, if it does."""
    asked = later(logged, answer, station)
    return None if asked is None else asked.retry_after


def expire(row: OutboxRow, station: Station) -> "Future[None]":
    """End a message nobody took in time: a leaf, and work for a person; never silence."""

    def unit(tx: Transaction) -> None:
        held = tx.get(OutboxRow, row.mid)
        if held is None or held.state not in UNSETTLED:
            return
        _end(tx, held, LeafType.EXPIRED, {"exp": row.exp}, station=station)
        tx.put(replace(held, state="expired", code="expired"))
        cases.settled(tx, held, is_stored=False, at=station.clock.now())

    return station.store.commit(unit)
