"""Offices that witness each other without a network, under one clock that tests move."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.unit.node.ground import ARCADIA, CASTALIA, NORLAND, Town

from comity.adapters.memory import FixedClock
from comity.adapters.system import SystemClock
from comity.core.errors import NotFoundError, UnreachableError
from comity.core.ids import NodeId
from comity.ledger import (
    Checkpoint,
    Frontier,
    KeyType,
    Leaf,
    LeafType,
    Read,
    Signer,
    Verifier,
    leaf_hash,
    root,
    sign_note,
)
from comity.node.office import Office, open_office
from comity.seal import CheckpointSigner, SigningKey
from comity.trust import NodeEntry


@dataclass
class Circle:
    """Three nodes that reach each other, unless a test takes one away."""

    clock: FixedClock
    offices: dict[NodeId, Office] = field(default_factory=dict[NodeId, Office])
    away: set[NodeId] = field(default_factory=set[NodeId])

    @property
    def norland(self) -> Office:
        return self.offices[NORLAND]

    @property
    def arcadia(self) -> Office:
        return self.offices[ARCADIA]

    def ask(self, entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        if entry.node in self.away:
            raise UnreachableError("away")
        status, answer, _ = self.offices[entry.node].chronicle.witness(body)
        return status, answer

    def recall(self, entry: NodeEntry, origin: str) -> bytes | None:
        if entry.node in self.away:
            raise UnreachableError("away")
        held = self.offices[entry.node].chronicle.witnessed(origin)
        return None if held is None else held.note

    def grow(self, office: Office, count: int) -> None:
        """Write entries that bear the circle's time."""
        at = self.clock.now() // 1000

        def entry(place: int) -> bytes:
            sort, ref = LeafType.OPENED, bytes(16)
            return Leaf(
                type=sort, at=at, ref=ref, commitment=place.to_bytes(32, "big")
            ).encode()

        office.store.commit(lambda tx: [tx.append(entry(n)) for n in range(count)]).result()

    def round(self, office: Office) -> int:
        """Do what the ledger's worker does in one round."""
        office.chronicle.sign()
        return office.chronicle.gather(self.ask, self.recall)


@contextmanager
def circle(town: Town) -> Iterator[Circle]:
    """Open every office of a town under one clock."""
    made = Circle(clock=FixedClock(SystemClock().now()))
    with ExitStack() as stack:
        for node in (NORLAND, ARCADIA, CASTALIA):
            made.offices[node] = open_office(town.node(node), clock=made.clock)
            stack.callback(made.offices[node].close)
        yield made


class Log:
    """A ledger under real keys, of whose history a test decides."""

    def __init__(
        self, origin: str = "exercise/log/xn.police.n1/1", *, mark: bytes = b""
    ) -> None:
        self.origin, self.mark = origin, mark
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.entries: list[bytes] = []
        self.frontier = Frontier()
        seed = hashlib.sha256(origin.encode()).digest()
        one, two = SigningKey.from_raw(seed), CheckpointSigner.from_raw(seed)
        self.signers = (
            Signer(
                verifier=Verifier(name=origin, type=KeyType.ED25519, key=one.public),
                sign=one.sign,
            ),
            Signer(
                verifier=Verifier(name=origin, type=KeyType.ML_DSA_44, key=two.public),
                sign=two.sign,
            ),
        )

    @property
    def keys(self) -> tuple[Verifier, ...]:
        return tuple(signer.verifier for signer in self.signers)

    def add(self, *entries: bytes) -> None:
        for entry in entries:
            leaf = leaf_hash(entry)
            self.nodes[0, len(self.entries)] = leaf
            self.entries.append(entry)
            for level, index, node in self.frontier.append(leaf):
                self.nodes[level, index] = node

    def grow(self, size: int) -> "Log":
        """Write lawful entries, each pair a permitted and a sent one, up to a size."""
        while (at := len(self.entries)) < size:
            drawn = hashlib.sha256(b"%b %d" % (self.mark, at)).digest()
            self.add(
                Leaf(
                    type=LeafType.SENT if at % 2 else LeafType.PERMITTED,
                    at=1_790_000_000,
                    ref=drawn[:16],
                    commitment=drawn,
                    digest=drawn if at % 2 else None,
                    follows=at - 1 if at % 2 else None,
                ).encode()
            )
        return self

    def stated(self, size: int) -> Checkpoint:
        self.grow(size)
        return Checkpoint(origin=self.origin, size=size, root=root(size, self.read))

    def note(self, size: int, *cosigners: Signer) -> bytes:
        return sign_note(self.stated(size), [*self.signers, *cosigners], at=1_790_000_000)

    def read(self, level: int, index: int) -> bytes:
        found = self.nodes.get((level, index))
        if found is None:
            raise NotFoundError("the log has no such node")
        return found

    def tiles(self, _note: bytes) -> Read:
        return self.read
