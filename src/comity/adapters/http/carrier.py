"""Carries sealed bytes to a partner's node and brings back what it signed; also checkpoints.

The client side of `/x/v1` and of a witness. It believes nothing: answers are split into items
here and verified by the road.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from comity.adapters.http.client import Client
from comity.core import cbor, limits
from comity.core.errors import (
    GarbledError,
    InvalidInputError,
    LimitError,
    UnreachableError,
)
from comity.exchange import Consignment, write_consignment
from comity.exchange.consignment import split
from comity.trust import NodeEntry

CBOR_SEQUENCE = "application/cbor-seq"
_OK = 200
_BUSY = frozenset({408, 429, 502, 503, 504})
"""What a node answers that has too much to do, or a relay whose node is away."""
_SIGN1 = 18
_COUNT = re.compile(rb"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class HttpCarrier:
    """Implements the road's `Carrier` port over HTTP."""

    client: Client

    def carry(self, entry: NodeEntry, consignment: Consignment, /) -> Sequence[bytes]:
        """Return one answer per envelope, in order.

        Raises `UnreachableError` where the node does not answer in full; sending again is
        harmless.
        """
        answers: list[bytes] = []
        for part in split(consignment, size=limits.BATCH, count=limits.CONSIGNED):
            reply = self.client.post(
                f"{_base(entry)}/x/v1/inbox",
                write_consignment(part),
                sort=CBOR_SEQUENCE,
                limit=limits.ANSWER * max(1, len(part.items)),
                tls=entry.tls,
            )
            answers += _answers(reply.body, entry, status=reply.status, count=len(part.items))
        return answers

    def prekey(self, entry: NodeEntry, /) -> bytes:
        """Return the node's signed prekey notice; raises `UnreachableError`."""
        url = f"{_base(entry)}/x/v1/prekeys"
        reply = self.client.get(url, tls=entry.tls, limit=limits.ANSWER)
        _expect_ok(entry, reply.status)
        return reply.body

    def ask_mailbox(self, entry: NodeEntry, body: bytes, /, *, wait: int) -> bytes:
        """Ask a node for what waits for us; it answers after at most `wait` seconds.

        Raises `UnreachableError`.
        """
        reply = self.client.post(
            f"{_base(entry)}/x/v1/mailbox?wait={wait}",
            body,
            sort="application/cose",
            limit=limits.BATCH + limits.NOTE,
            tls=entry.tls,
            wait=wait,
        )
        _expect_ok(entry, reply.status)
        return reply.body

    def ask_again(self, entry: NodeEntry, body: bytes, /) -> bytes:
        """Ask a node to send anew what a restored store lacks; raises `UnreachableError`."""
        reply = self.client.post(
            f"{_base(entry)}/x/v1/again",
            body,
            sort="application/cose",
            limit=limits.NOTE,
            tls=entry.tls,
        )
        _expect_ok(entry, reply.status)
        return reply.body

    def put_blob(self, entry: NodeEntry, digest: bytes, body: bytes, /) -> int:
        """Bring a piece of a blob; return how many bytes of it the node holds now.

        Raises `UnreachableError`, or `GarbledError` where it will not have it.
        """
        reply = self.client.put(
            f"{_base(entry)}/x/v1/blob/{digest.hex()}",
            body,
            sort="application/cbor",
            limit=limits.ANSWER,
            tls=entry.tls,
        )
        _expect_ok(entry, reply.status)
        if not _COUNT.fullmatch(reply.body):
            raise GarbledError(f"node `{entry.node}` answers in no known form")
        return int(reply.body)

    def add_checkpoint(self, entry: NodeEntry, body: bytes, /) -> tuple[int, bytes]:
        """Ask a node's witness to cosign (C2SP tlog-witness); return status and body.

        Raises `UnreachableError`.
        """
        reply = self.client.post(
            f"{_base(entry)}/witness/add-checkpoint",
            body,
            sort="text/plain",
            limit=limits.NOTE,
            tls=entry.tls,
        )
        return reply.status, reply.body


def _base(entry: NodeEntry) -> str:
    if entry.url.startswith("https:") and not entry.tls:
        raise UnreachableError(f"the directory lists no TLS certificate of node `{entry.node}`")
    return entry.url.rstrip("/")


def _answers(body: bytes, entry: NodeEntry, *, status: int, count: int) -> list[bytes]:
    _expect_ok(entry, status)
    try:
        answers = cbor.sequence(body, tag=_SIGN1)
    except (InvalidInputError, LimitError):
        raise GarbledError(f"node `{entry.node}` answers in no known form") from None
    if len(answers) != count:
        raise GarbledError(
            f"node `{entry.node}` gave {len(answers)} answers to {count} messages"
        )
    return answers


def _expect_ok(entry: NodeEntry, status: int) -> None:
    if status in _BUSY:
        raise UnreachableError(f"node `{entry.node}` is busy (status {status})")
    if status != _OK:
        raise GarbledError(f"node `{entry.node}` answers with status {status}")
