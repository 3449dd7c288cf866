"""What the road needs at a node: its ports, its keys, and the law and directory in force."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from comity.core.clock import Clock, Entropy
from comity.core.ids import AgencyId, NodeId
from comity.core.keys import KeyId
from comity.core.store import Reader, Store
from comity.exchange.consignment import Consignment
from comity.law import Corpus
from comity.ledger import Policy
from comity.message import Handling
from comity.practice import Registry
from comity.record import Safe
from comity.seal import Prekey, SigningPort
from comity.trust import Directory, NodeEntry

NO_WITNESS = Policy(logs=(), witnesses={}, groups={}, quorum="none")


class Carrier(Protocol):
    """Moves sealed bytes to a partner's node, at least once, and brings its answers back."""

    def carry(self, entry: NodeEntry, consignment: Consignment, /) -> Sequence[bytes]:
        """Return one answer per envelope, in order; raises `UnreachableError`."""
        ...

    def prekey(self, entry: NodeEntry, /) -> bytes:
        """Return the node's signed prekey notice; raises `UnreachableError`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A node as the road sees it. `corpus` and `directory` give what is in force now."""

    node: NodeId
    store: Store
    safe: Safe
    clock: Clock
    entropy: Entropy
    practices: Registry
    corpus: Callable[[], Corpus]
    directory: Callable[[], Directory]
    signer: Callable[[], SigningPort]
    """Gives the key this node signs with now; ask once for each thing signed."""
    agency_key: Callable[[AgencyId], SigningPort]
    prekey: Callable[[KeyId], Prekey | None]
    origin: Callable[[], str]
    """The ledger's name, told in every receipt."""
    keyed_hash: Callable[[str], bytes]
    """Hash of normalised text under a key of this node, for searchable fields."""
    is_closed: Callable[[AgencyId, str], bool] = lambda _partner, _purpose: False
    """Whether this member closed its own door to a partner for a purpose."""
    is_called: Callable[[NodeEntry], bool] = lambda _entry: True
    """Whether a line of ours reaches a node, so that large files can be brought to it."""
    checkpoint: Callable[[], bytes] = lambda: b""
    """Our newest cosigned checkpoint, a signed note; empty where there is none yet."""
    unwitnessed: Callable[[Reader, Handling], str] = lambda _reader, _handling: ""
    """Why nothing goes under a marking until witnesses have seen our ledger; or empty."""
    proof: Callable[[int], bytes] = lambda _leaf: b""
    """The `.tlog-proof` of a leaf of ours under the earliest cosigned checkpoint that has it;
    empty where none has."""
    allow: Callable[[NodeId, int], int] = lambda _node, _size: 0
    """Counts one message of so many bytes against its sender's share; 0, or the seconds after
    which it should come again."""
    turned_away: Callable[[str, bytes], None] = lambda _code, _digest: None
    """Counts bytes that get no leaf of their own, by code and digest."""
    policy: Callable[[NodeId], Policy] = lambda _node: NO_WITNESS
    """Who must have cosigned a node's ledger before its times count as witnessed."""

    @property
    def node_key(self) -> SigningPort:
        """The key this node signs with now."""
        return self.signer()
