"""Rejections: what a node answers to bytes that go no further, and what it writes of them.

A partner's rejected bytes leave a leaf and a salted record; a stranger's leave nothing, or
anybody could make our ledger grow. Rejected content is never kept.
"""

import hashlib
from concurrent.futures import Future

from comity.core.cbor import Value
from comity.core.ids import MessageId
from comity.core.store import Transaction
from comity.exchange.leaves import commit, pack
from comity.exchange.queue import heard_from
from comity.exchange.stages import Turned
from comity.exchange.station import Station
from comity.ledger import LeafType
from comity.seal import Envelope, Rejection, sign_rejection


def reject_stranger(data: bytes, code: str, station: Station) -> Turned:
    """Answer bytes no partner has vouched for; counted by the node, not written to the ledger.

    A stranger must not be able to make our ledger grow; the node logs a summary.
    """
    digest = hashlib.sha256(data).digest()
    station.turned_away(code, digest)
    return Turned(answer=_rejection(None, digest, code, station=station), code=code)


def ask_to_wait(envelope: Envelope, seconds: int, station: Station) -> Turned:
    """Answer a partner that brings more than its share; counted, not written singly."""
    station.turned_away("quota", envelope.digest)
    answer = _rejection(
        envelope.header.mid, envelope.digest, "quota", station=station, wait=seconds
    )
    return Turned(answer=answer, code="quota")


def ask_for_blob(envelope: Envelope, station: Station) -> Turned:
    """Answer a message whose file has not come whole; it stays queued with its sender."""
    station.turned_away("blob-missing", envelope.digest)
    answer = _rejection(
        envelope.header.mid, envelope.digest, "blob-missing", station=station, wait=60
    )
    return Turned(answer=answer, code="blob-missing")


def reject(
    envelope: Envelope,
    code: str,
    station: Station,
    *,
    sort: LeafType = LeafType.REJECTED,
    decision: bytes | None = None,
) -> Turned:
    """Answer a partner's bytes that go no further, once that is in the ledger."""
    return rejected(envelope, code, station, sort=sort, decision=decision).result()


def rejected(
    envelope: Envelope,
    code: str,
    station: Station,
    *,
    sort: LeafType,
    decision: bytes | None = None,
) -> "Future[Turned]":
    """Write the rejection of a partner's bytes down; the future holds its answer."""
    header = envelope.header
    record: dict[str, Value] = {
        "mid": header.mid,
        "from": header.from_node,
        "code": code,
        "decision": decision,
    }
    now = station.clock.now()
    made = commit(sort, record, at=now, entropy=station.entropy, digest=envelope.digest)

    def unit(tx: Transaction) -> Turned:
        tx.append(made.leaf.encode())
        station.safe.keep(tx, sort="rejected", plaintext=pack({}, made), at=now)
        heard_from(tx, header.from_node, at=now)
        answer = _rejection(header.mid, envelope.digest, code, station=station)
        return Turned(answer=answer, code=code)

    return station.store.commit(unit)


def _rejection(
    mid: MessageId | None,
    digest: bytes,
    code: str,
    *,
    station: Station,
    wait: int | None = None,
) -> bytes:
    table = {"early": 30, "quota": 60, "closed": 3_600, "suspended": 3_600}.get(code)
    said = Rejection(
        mid=mid,
        digest=digest,
        code=code,
        at=station.clock.now(),
        node=station.node,
        retry_after=wait or table,
    )
    federation = station.directory().federation
    return sign_rejection(said, station.node_key, federation=federation)
