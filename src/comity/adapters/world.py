"""A world in memory: several nodes, one clock, a lossy carrier. For tests and benchmarks.

Everything on the road is real: keys, directory with its ceremony, law, seals, ledgers. Only
disk and network are left out.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from comity.adapters.federation import Keys, begin
from comity.adapters.founding import Founding
from comity.adapters.memory import FixedClock, MemoryStore, SeededEntropy
from comity.adapters.screening import Follower, MemoryCabinet
from comity.adapters.screening.findable import Findable
from comity.adapters.seasons import SkewedClock, Weeks
from comity.core.clock import DAY, Instant
from comity.core.errors import UnreachableError
from comity.core.ids import (
    AgencyId,
    NodeId,
    PersonId,
    RecordId,
    member_of,
)
from comity.core.keys import KeyId
from comity.core.store import Store
from comity.desk import Actor, Desk, open_desk
from comity.exchange import (
    Consignment,
    InForce,
    Logged,
    OutboxRow,
    Station,
    delivery,
    inbound,
    queue,
)
from comity.exchange.doors import let_go, pass_through
from comity.law import AssessmentRow, Corpus
from comity.practice import Practice, Registry
from comity.record import Safe
from comity.screening import Shelf
from comity.seal import (
    Prekey,
    PrekeyNotice,
    RecordCipher,
    keyed_hash,
    sign_prekey,
)
from comity.trust import (
    Access,
    Directory,
    NodeEntry,
)

START = Instant(int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp() * 1000))
STANDING = (
    ("torture_risk", False),
    ("refoulement_risk", False),
    ("persecution_risk", False),
    ("neutrality_concern", False),
    ("from_torture", False),
    ("death_penalty_risk", False),
    ("national_law_permits", True),
    ("recipient_is_competent", True),
    ("safeguards_assessed", True),
)
"""What the legal adviser of each node found about each other partner."""
PURPOSES = ("counter-terrorism", "terrorist-financing", "foreign-fighters", "border-security")


@dataclass(slots=True, kw_only=True)
class Resident:
    """One node of the world, with its keys and its people's seats."""

    node: NodeId
    agency: AgencyId
    store: Store
    station: Station
    desk: Desk
    safe: Safe
    keys: Keys
    clock: SkewedClock
    cabinet: MemoryCabinet
    """What can be found here: the indexes, in memory."""

    @property
    def prekey(self) -> Prekey:
        """The prekey offered now."""
        return self.keys.prekey

    def actor(self, seat: str, name: str = "first") -> Actor:
        """Return a person in one seat."""
        person = PersonId(f"{self.agency}/{name}{seat}")
        return Actor(person=person, seats=frozenset({seat}), session="world")


@dataclass(slots=True, kw_only=True)
class World:
    """Nodes that can reach each other through `carry`, which a test may replace."""

    clock: FixedClock
    entropy: SeededEntropy
    founding: Founding
    files: dict[str, bytes]
    directory: Directory
    corpus: Corpus
    residents: dict[NodeId, Resident] = field(default_factory=dict[NodeId, Resident])
    registry: Registry
    lose_answers: Callable[[], bool] = lambda: False
    unreachable: set[NodeId] = field(default_factory=set[NodeId])

    def carry(self, entry: NodeEntry, consignment: Consignment, /) -> Sequence[bytes]:
        """Hand envelopes to a node in order; its answers may get lost."""
        if entry.node in self.unreachable:
            raise UnreachableError(f"node `{entry.node}` does not answer")
        there = self.residents[entry.node].station
        answers = [inbound.take(item, there).result() for item in consignment.items]
        if self.lose_answers():
            raise UnreachableError(f"node `{entry.node}` answered and was not heard")
        return answers

    def prekey(self, entry: NodeEntry, /) -> bytes:
        """Return a node's signed prekey."""
        there = self.residents[entry.node]
        now = there.clock.now()
        notice = PrekeyNotice(
            node=there.node,
            key=there.prekey.public,
            since=now,
            until=Instant(now + DAY),
        )
        federation = self.directory.federation
        return sign_prekey(notice, there.station.node_key, federation=federation)

    def meet(self) -> None:
        """Let every node learn every other's prekey."""
        for here in self.residents.values():
            for entry in self.directory.nodes():
                if entry.node != here.node:
                    delivery.learn_prekey(entry, self.prekey(entry), here.station).result()

    def rotate(self, node: NodeId) -> None:
        """Replace a node's prekey; what was sealed to the old one cannot be opened again."""
        self.residents[node].keys.prekey = Prekey.generate(self.entropy)

    def restart(self, node: NodeId) -> None:
        """Stop a node and open it again: all that lived in memory is gone, its store is not."""
        old = self.residents[node]
        fresh = _settle(self, old.agency, old.keys, store=old.store, skew=old.clock.skew)
        self.residents[node] = fresh

    def run(self, rounds: int = 10) -> int:
        """Deliver until nothing moves; return how many messages were settled."""
        settled = 0
        for here in self.residents.values():
            let_go(here.station)
        for _ in range(rounds):
            moved = sum(self._serve(here) for here in self.residents.values())
            settled += moved
            if not moved:
                break
        return settled

    def _serve(self, here: Resident) -> int:
        moved = 0
        for entry in self.directory.nodes():
            due = self.due(here, entry.node)
            moved += self._deliver(here, entry, due) if due else 0
        return moved

    def due(self, here: Resident, node: NodeId) -> tuple[Logged, ...]:
        """Return what waits at one node for another, as the delivery worker would see it."""
        at = here.clock.now()
        logged = here.store.read(lambda r: queue.waiting(r, node, at=at, limit=64))
        return pass_through(logged, here.station)

    def _deliver(self, here: Resident, entry: NodeEntry, due: Sequence[Logged]) -> int:
        try:
            answers = delivery.deliver(due, self, entry, station=here.station)
        except UnreachableError:
            return 0
        pairs = zip(due, answers, strict=True)
        return sum(self.settle(here, entry, item, answer) for item, answer in pairs)

    def settle(self, here: Resident, entry: NodeEntry, item: Logged, answer: bytes) -> bool:
        """Write one answer down as the delivery worker does; return whether it was final."""
        if delivery.later(item, answer, here.station) is not None:
            return False
        done = delivery.settle(item, answer, here.station).result()
        if done.code in delivery.AGAIN:
            delivery.learn_prekey(entry, self.prekey(entry), here.station).result()
            here.desk.correspondence.resend(item.mid.hex())
        return True

    def outbox(self, node: NodeId) -> Sequence[OutboxRow]:
        """Return a node's outbox, oldest first."""
        return self.residents[node].store.read(lambda r: r.find(OutboxRow, order="created"))


def make_world(  # noqa: PLR0913 - one keyword for each thing a test may choose
    agencies: Sequence[AgencyId],
    *,
    practices: Sequence[Practice],
    corpus: Corpus,
    stores: Callable[[NodeId], Store] | None = None,
    seed: bytes = b"world",
    at: Instant = START,
) -> World:
    """Found a federation of one node for each agency, and let them meet."""
    begun = begin(tuple(agencies), seed, at)
    keys = {agency: replace(held) for agency, held in begun.keys.items()}
    world = World(
        clock=FixedClock(at),
        entropy=copy(begun.entropy),
        founding=begun.founding,
        files=dict(begun.files),
        directory=begun.directory,
        corpus=corpus,
        registry=Registry(practices),
    )
    for agency in agencies:
        node = NodeId(f"{agency}.n1")
        store = stores(node) if stores else MemoryStore()
        world.residents[node] = _settle(world, agency, keys[agency], store=store)
        _assess(world, world.residents[node])
    world.meet()
    return world


def _settle(
    world: World, agency: AgencyId, held: Keys, *, store: Store, skew: int = 0
) -> Resident:
    node, clock = NodeId(f"{agency}.n1"), SkewedClock(world.clock, skew)
    safe = Safe(
        cipher=RecordCipher(),
        weeks=Weeks(held.secret),
        entropy=world.entropy,
        keyed_hash=lambda text: keyed_hash(held.secret, text).hex(),
    )

    def prekey(kid: KeyId) -> Prekey | None:
        return held.prekey if held.prekey.public.kid == kid else None

    law = InForce(lambda: world.corpus, store, safe, member=member_of(agency))
    station = Station(
        node=node,
        store=store,
        safe=safe,
        clock=clock,
        entropy=world.entropy,
        practices=world.registry,
        corpus=law,
        directory=lambda: world.directory,
        signer=lambda: held.node,
        agency_key=lambda _agency: held.agency,
        prekey=prekey,
        origin=lambda: world.directory.node(node).origin,
        keyed_hash=lambda text: keyed_hash(held.secret, text),
    )
    cabinet = MemoryCabinet(lambda _audience: Shelf())
    follower = Follower(cabinet, Findable(station, safe, member=member_of(agency)))
    access = Access(
        keyed_hash=lambda data: keyed_hash(held.secret, data.hex()), entropy=world.entropy
    )
    return Resident(
        node=node,
        agency=agency,
        store=store,
        station=station,
        safe=safe,
        keys=held,
        clock=clock,
        cabinet=cabinet,
        desk=open_desk(
            station,
            safe,
            access,
            agency=agency,
            law=law,
            finder=lambda: follower,
            kick=lambda: None,
        ),
    )


def _assess(world: World, here: Resident) -> None:
    """Write the standing assessments of every other partner, as two persons stated them."""
    now = world.clock.now()
    rows = [
        AssessmentRow(
            partner=entry.agency,
            purpose=purpose,
            fact=fact,
            value=value,
            at=Instant(now - DAY),
            until=Instant(now + 300 * DAY),
            by=PersonId(f"{here.agency}/legal"),
            confirmed_by=PersonId(f"{here.agency}/rights"),
            record_id=RecordId(""),
        )
        for entry in world.directory.agencies()
        if entry.agency != here.agency
        for purpose in PURPOSES
        for fact, value in STANDING
    ]
    here.store.commit(lambda tx: tx.insert_many(rows)).result()
