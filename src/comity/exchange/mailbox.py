"""The mailbox: how a node that no partner can call gets what waits for it.

It asks, under its node key, and brings in the same breath its answers to what it was given
before and the prekey to seal to next; the partner answers with a consignment, at once or when
something comes. Answers are verified as any other; a repeated asking gives the same again.

    asking = signed document `mailbox` over {0: node, 1: asked, 2: at, 3: prekey, 4: [answer …]}

RISK: within five minutes a copied asking gets the same envelopes again; they are sealed, and a
copy settles nothing that was not settled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import MINUTE, Instant
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.core.ids import NodeId, node_id
from comity.core.store import Reader, eq
from comity.exchange import queue
from comity.exchange.consignment import Consignment, split, write_consignment
from comity.exchange.delivery import consign
from comity.exchange.doors import pass_through
from comity.exchange.rows import OutboxRow
from comity.exchange.stages import Logged
from comity.exchange.station import Station
from comity.seal import read_answer, read_document, sign_document, verify_document

SORT = "mailbox"
WINDOW = 5 * MINUTE
"""How far an asking's time may lie from our clock."""
_MOST = 64
"""Most messages given at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One node asks another for what waits for it."""

    node: NodeId
    asked: NodeId
    at: Instant
    prekey: bytes
    """The signed notice of the key to seal to next; empty where it has not changed."""
    answers: tuple[bytes, ...]
    """What it answers to messages given before: receipts and rejections, signed."""


def write_asking(asking: Asking, station: Station) -> bytes:
    """Sign an asking with this node's key."""
    payload: Mapping[int, Value] = {
        0: asking.node,
        1: asking.asked,
        2: asking.at,
        3: asking.prekey,
        4: list(asking.answers),
    }
    federation = station.directory().federation
    return sign_document(
        cbor.encode(payload), station.node_key, sort=SORT, federation=federation
    )


def read_asking(data: bytes, station: Station) -> Asking:
    """Read an asking that a listed node signed just now, to us.

    Raises `InvalidInputError`, or `VerificationError` where it is anybody else's, another
    time's or to another node.
    """
    document, directory = read_document(data, sort=SORT), station.directory()
    asking = _parse(document.payload)
    key = directory.node_key(asking.node, document.kid, at=asking.at)
    if key is None:
        raise VerificationError("the directory lists no such key of the node that asks")
    verify_document(data, key, sort=SORT, federation=directory.federation)
    if asking.asked != station.node or abs(asking.at - station.clock.now()) > WINDOW:
        raise VerificationError("the asking is of another time, or to another node")
    return asking


def _parse(payload: bytes) -> Asking:
    match cbor.decode(payload):
        case {0: str(node), 1: str(asked), 2: int(at), 3: bytes(prekey), 4: [*answers], **rest}:
            if rest or not all(isinstance(each, bytes) for each in answers):
                raise InvalidInputError("expected only signed answers in an asking")
        case _:
            raise InvalidInputError("expected node, asked, time, prekey and answers")
    if len(answers) > limits.CONSIGNED:
        raise LimitError(f"at most {limits.CONSIGNED} answers are read in one asking")
    return Asking(
        node=node_id(node),
        asked=node_id(asked),
        at=Instant(at),
        prekey=prekey,
        answers=tuple(cast("Sequence[bytes]", answers)),
    )


def answered(reader: Reader, asking: Asking) -> list[tuple[Logged, bytes]]:
    """Pair each answer with the message it names that waits here for that very node.

    What an answer says is believed only once `settle` has verified it; others are left out.
    """
    pairs: list[tuple[Logged, bytes]] = []
    for data in asking.answers:
        try:
            digest = getattr(read_answer(data).said, "digest", b"")
        except InvalidInputError:
            continue
        rows = reader.find(OutboxRow, eq("digest", digest), eq("to_node", asking.node), limit=1)
        pairs += [(queue.as_logged(row), data) for row in rows if row.state == "queued"]
    return pairs


def given(node: NodeId, station: Station) -> bytes:
    """Return what waits for a node as one consignment, urgent first; empty if nothing does."""
    at = station.clock.now()
    logged = station.store.read(lambda r: queue.waiting(r, node, at=at, limit=_MOST))
    free = pass_through(logged, station)
    if not free:
        return b""
    first: Consignment = split(consign(free, station), size=limits.BATCH, count=_MOST)[0]
    return write_consignment(first)
