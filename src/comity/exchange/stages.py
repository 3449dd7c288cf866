"""The shapes a message takes on its way. Only the step named may build each one."""

from dataclasses import dataclass

from comity.core.clock import Instant
from comity.core.ids import CaseId, MessageId, NodeId
from comity.exchange.acts import Act
from comity.law import Decision
from comity.message import Content, Draft
from comity.practice import Kind
from comity.seal import Envelope, Message
from comity.seal import Verified as VerifiedEnvelope

__all__ = [
    "Acknowledged",
    "Admitted",
    "Draft",
    "Filed",
    "Logged",
    "Marked",
    "Opened",
    "Received",
    "Releasable",
    "Sealed",
    "Stopped",
    "Turned",
    "Verified",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Releasable:
    """A draft the law lets go; its `permitted` leaf is durable. Built by `outbound.decide`."""

    draft: Draft
    act: Act
    decision: Decision
    reference: str
    commitment: bytes
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A draft the law refers or denies; its leaf is durable. Built by `outbound.decide`."""

    decision: Decision
    reference: str
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A releasable draft under its final markings. Built by `outbound.mark`."""

    releasable: Releasable
    content: Content
    body: bytes
    """The content, encoded once: what is sealed is what is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Ciphertext for one recipient's node. Built by `outbound.seal`."""

    marked: Marked
    mid: MessageId
    to_node: NodeId
    exp: Instant
    envelope: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A sealed message whose leaf and outbox row are durable.

    Built by `outbound.log`, and again by `queue.waiting` from the committed row.
    """

    mid: MessageId
    to_node: NodeId
    envelope: bytes
    digest: bytes
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What became of a delivered message, durably. Built by `delivery.settle`."""

    mid: MessageId
    state: str
    code: str
    leaf: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """The answer to bytes that go no further: a stored receipt again, or a rejection."""

    answer: bytes
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Bytes within limits whose outer header could be read. Built by `inbound.receive`."""

    envelope: Envelope
    at: Instant
    proof: bytes
    """The `.tlog-proof` beside it, still unread; empty where there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Bytes a known node signed in time, not seen before. Built by `inbound.verify`."""

    received: Received
    envelope: VerifiedEnvelope
    witnessed: Instant | None = None
    """By when a quorum had seen it sent, where that was proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the author's agency signed, for us. Built by `inbound.open_`."""

    verified: Verified
    message: Message
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What law and practice let in, or hold for a person. Built by `inbound.admit`."""

    opened: Opened
    kind: Kind
    case: CaseId | None
    """The case it belongs to; `None` where it opens one."""
    decision: Decision
    is_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A durable row, its leaves, deadline and signed receipt. Built by `inbound.file`."""

    case: CaseId
    receipt: bytes
    leaf: int
