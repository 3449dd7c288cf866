"""What somebody who watches every wire and opens every store knows about a network."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.core.clock import Instant
from comity.core.ids import NodeId
from comity.core.keys import KeyId
from comity.core.store import Store
from comity.seal import Prekey


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer that left a node, to an envelope that a partner vouched for."""

    to: NodeId
    sender: NodeId
    mid: bytes
    digest: bytes
    kid: KeyId
    """The prekey it was sealed to."""
    created: Instant
    at: Instant
    """The receiver's clock."""
    code: str
    """A receipt's state or a rejection's code."""
    answer: bytes
    is_proven: bool = False
    """Whether a proof of its `sent` leaf came with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """What bytes that nobody vouched for did to a node."""

    code: str
    length: int
    """Bytes of the answer."""
    leaves: int
    """By how many leaves the ledger grew."""
    decryptions: int
    """How many prekeys were taken up for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """Something a partner must not take, and what it got."""

    invariant: str
    why: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """A second history signed with a node's true key, and what became of it."""

    origin: str
    size: int
    status: int
    """What a witness that knew another root of this size answered."""
    proofs: int
    """How many self-contained proofs a partner kept once it had been shown both."""
    incidents: int
    """How many incidents that partner's ledger then tells of."""


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All that was seen, and the stores as they are now."""

    federation: str
    stores: Mapping[NodeId, Store]
    names: Mapping[NodeId, str]
    """Each node's agency: what must not show in another's copy."""
    queued: set[tuple[NodeId, bytes]] = field(default_factory=set[tuple[NodeId, bytes]])
    """What an officer was told is queued."""
    answered: list[Answered] = field(default_factory=list[Answered])
    roots: dict[tuple[str, int], set[bytes]] = field(
        default_factory=dict[tuple[str, int], set[bytes]]
    )
    """Every root that a ledger's own key signed for a size, and that left its node."""
    poisons: list[Poison] = field(default_factory=list[Poison])
    wire: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    """Every envelope that the product itself sealed, by its digest."""
    prekeys: dict[KeyId, Prekey] = field(default_factory=dict[KeyId, Prekey])
    """Every prekey there ever was: nobody holds them all."""
    destroyed: dict[KeyId, int] = field(default_factory=dict[KeyId, int])
    """How many answers had been seen when a prekey was destroyed."""
    opened: dict[KeyId, frozenset[bytes]] = field(default_factory=dict[KeyId, frozenset[bytes]])
    """What its node had filed by then; a node that died may have told nobody."""
    planted: tuple[bytes, ...] = ()
    """Words that people wrote; they stand nowhere in clear."""
    attacks: list[Attack] = field(default_factory=list[Attack])
    forks: list[Fork] = field(default_factory=list[Fork])
    crowded: list[str] = field(default_factory=list[str])
    """What one partner's message got while another flooded the node."""
    floods: list[int] = field(default_factory=list[int])
    """How many of a flood's messages each time were asked to wait."""
    settled: bool = False
    """Whether everything that could still move has moved."""
