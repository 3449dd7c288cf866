"""Three nodes on a bad day: each method is one thing that may happen, in any order.

Everything on the road is real; disk, network and clock are ours. A node may die at any commit
and comes back with what was durable. All that leaves a node is seen and kept as evidence.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tests.hostile.checkers import EVERY, WHOLE, check
from tests.hostile.evidence import Answered, Attack, Evidence
from tests.hostile.mortal import Kept, Mortal, NodeDiedError
from tests.hostile.opened import kid_of
from tests.scenarios.stage import (
    ARCADIA,
    FACTS,
    NORLAND,
    A,
    N,
    code,
    question,
)

from comity.adapters.world import Resident, World, make_world
from comity.core.clock import HOUR, signing_time
from comity.core.errors import ComityError
from comity.core.ids import AgencyId, CaseId, NodeId, member_of
from comity.desk import AwaitsKey, Letter, NotSent, Sent
from comity.exchange import Consigned, InboxRow, Logged, delivery, inbound
from comity.law import shipped_corpus
from comity.ledger import (
    KeyType,
    Verifier,
)
from comity.message import handling
from comity.node.bootstrap import shipped_practices
from comity.seal import CheckpointSigner, SigningKey, read_envelope

OLAND, X = AgencyId("xo.police"), NodeId("xo.police.n1")
NODES = (N, A, X)
ROUTES = ((N, ARCADIA), (A, NORLAND), (N, OLAND), (A, OLAND), (X, ARCADIA))
PLANTED = (b"Did she cross at Port Halden", b"Anna Example")
FATES = ("heard", "lost", "reversed", "twice")
UNITS = (
    "outbound.decide",
    "outbound.log",
    "inbound.file",
    "delivery.settle",
    "delivery.expire",
    "rejections.rejected",
    "sending.go",
)
"""Units of the road that a node may die in."""


@dataclass(frozen=True, slots=True)
class Pens:
    """The keys with which a node signs its ledger and cosigns others'."""

    log: tuple[SigningKey, CheckpointSigner]
    witness: tuple[SigningKey, CheckpointSigner]


class Network:
    """Norland, Arcadia and Oland, and all that was seen of them."""

    def __init__(self) -> None:
        self.stores: dict[NodeId, Mortal] = {}
        self.world = self._found()
        self.pens = {node: self._pens(node) for node in NODES}
        for node in NODES:
            self.amend(node, **self._vkeys(node))
        self.seen = Evidence(
            federation=self.world.directory.federation,
            stores=self.stores,
            names={node: here.agency for node, here in self.world.residents.items()},
            planted=PLANTED,
        )
        self.cut: set[frozenset[NodeId]] = set()
        self.passed: list[tuple[NodeId, bytes]] = []
        self.backups: dict[NodeId, Kept] = {}
        for here in self.world.residents.values():
            self.offer(here)

    def _found(self) -> World:
        def store(node: NodeId) -> Mortal:
            return self.stores.setdefault(node, Mortal(node))

        return make_world(
            (NORLAND, ARCADIA, OLAND),
            practices=shipped_practices(),
            corpus=shipped_corpus(),
            stores=store,
        )

    # What people do.

    def send(self, route: tuple[NodeId, AgencyId]) -> None:
        node, partner = route
        parties = handling("TLP:AMBER H1 REL:xa,xn,xo")
        self.write(node, replace(question(partner), handling=parties))

    def follow_up(self, pick: int, word: str) -> None:
        """Recall, remind of or withdraw an earlier question."""
        for node in NODES:
            mine = [row for row in self.world.outbox(node) if row.kind.endswith("ask/1")]
            if not mine:
                continue
            row = mine[pick % len(mine)]
            about = {"about": row.mid.hex()}
            body = {
                "recall": {**about, "ground": "unlawful"},
                "reminder": about,
                "withdraw": {"reason": "no-longer-needed"},
            }[word]
            letter = Letter(
                kind=f"requests.{word}/1",
                body=body,
                handling=handling("TLP:AMBER H1"),
                case=CaseId(row.case),
                facts=FACTS,
            )
            self.write(node, letter)

    def write(self, node: NodeId, letter: Letter) -> None:
        here = self.world.residents[node]
        with self.mortal():
            try:
                outcome = here.desk.correspondence.send(here.actor("officer"), letter)
            except ComityError:
                return
            assert isinstance(outcome, (Sent, NotSent, AwaitsKey))
            if isinstance(outcome, Sent):
                self.seen.queued.add((node, bytes.fromhex(outcome.mid)))

    def read_what_came(self) -> None:
        """Let officers open everything, which tells its sender that it was seen."""
        for node in NODES:
            here = self.world.residents[node]
            with self.mortal():
                for row in here.store.read(lambda r: r.find(InboxRow)):
                    here.desk.reading.message(here.actor("officer"), row.mid.hex())

    def tick(self) -> None:
        """Let every node do what is due, and end what nobody took in time."""
        for node in NODES:
            here = self.world.residents[node]
            with self.mortal():
                here.desk.overdue(lambda: 0)
                for row in self.world.outbox(node):
                    if row.state in delivery.UNSETTLED and row.exp <= here.clock.now():
                        delivery.expire(row, here.station).result()

    # What the line and the machines do.

    def deliver(self, fate: str = "heard") -> None:
        """Carry what is due: heard, with answers lost, in reverse order, or twice."""
        for node in NODES:
            for to in NODES:
                if frozenset({node, to}) in self.cut or node == to:
                    continue
                due = self.world.due(self.world.residents[node], to)
                if due:
                    self._carry(node, to, list(due), fate=fate)

    def _carry(self, node: NodeId, to: NodeId, items: list[Logged], *, fate: str) -> None:
        here, entry = self.world.residents[node], self.world.directory.node(to)
        pairs = list(zip(items, delivery.consign(items, here.station).items, strict=True))
        for item, consigned in pairs[::-1] if fate == "reversed" else pairs:
            answers = [
                self.handed(node, to, consigned, is_ours=True)
                for _ in range(2 if fate == "twice" else 1)
            ]
            heard = [answer for answer in answers if answer is not None]
            if fate == "lost" or not heard:
                continue
            with self.mortal():
                try:
                    self.world.settle(here, entry, item, heard[-1])
                except ComityError:
                    continue

    def handed(
        self, node: NodeId, to: NodeId, consigned: Consigned, *, is_ours: bool = False
    ) -> bytes | None:
        """Hand one envelope over; `None` where the node died before it answered."""
        there = self.world.residents[to]
        self.passed.append((to, consigned.envelope))
        if is_ours:
            digest = read_envelope(consigned.envelope).digest
            self.seen.wire[digest] = consigned.envelope
        answer: bytes | None = None
        with self.mortal():
            answer = inbound.take(consigned, there.station).result()
            self.saw(node, to, consigned, answer)
        return answer

    def saw(self, node: NodeId, to: NodeId, consigned: Consigned, answer: bytes) -> None:
        envelope = read_envelope(consigned.envelope)
        self.seen.answered.append(
            Answered(
                to=to,
                sender=node,
                mid=envelope.header.mid,
                digest=envelope.digest,
                kid=kid_of(consigned.envelope),
                created=signing_time(envelope.header.mid),
                at=self.world.residents[to].clock.now(),
                code=code(answer),
                answer=answer,
                is_proven=bool(consigned.proof),
            )
        )

    def crash(self, node: NodeId, place: str) -> None:
        """Let a node die at the next commit of a kind, whatever brings it there."""
        self.stores[node].arm(place)

    def restart(self, node: NodeId) -> None:
        """Stop a node and open it again."""
        self.stores[node].arm("")
        self.world.restart(node)

    @contextmanager
    def mortal(self) -> Iterator[None]:
        try:
            yield
        except NodeDiedError as death:
            self.restart(death.node)

    def part(self, one: NodeId, other: NodeId) -> None:
        """Cut the line between two nodes."""
        self.cut.add(frozenset({one, other}))

    def heal(self) -> None:
        """Mend every line."""
        self.cut.clear()

    def wait(self, hours: int) -> None:
        """Let time pass; nodes that reach each other learn each other's prekeys."""
        self.world.clock.advance(hours * HOUR)
        with self.mortal():
            self.world.meet()

    def skew(self, node: NodeId, skew: int) -> None:
        """Set a node's clock ahead or behind."""
        self.world.residents[node].clock.skew = skew

    def replay(self, pick: int) -> None:
        """Hand over again what passed once."""
        if self.passed:
            to, data = self.passed[pick % len(self.passed)]
            sender = read_envelope(data).header.from_node
            self.handed(sender, to, Consigned(envelope=data))

    def attack(
        self, invariant: str, why: str, node: NodeId, to: NodeId, *, data: bytes
    ) -> None:
        """Hand over what must not be taken, and note what it got."""
        answer = self.handed(node, to, Consigned(envelope=data))
        if answer is not None:
            attack = Attack(invariant=invariant, why=why, code=code(answer))
            self.seen.attacks.append(attack)

    # How it ends.

    def settle(self) -> None:
        """Mend everything, let all that can move move, and check every invariant."""
        self.heal()
        for node in NODES:
            self.stores[node].arm("")
            self.skew(node, 0)
        for _ in range(6):
            self.wait(2)
            self.deliver()
            self.tick()
        self.seen.settled = True
        check(self.seen, WHOLE)
        self.seen.settled = False

    def deaths(self) -> dict[str, int]:
        """Return where nodes died, and how often."""
        return dict(sum((store.deaths for store in self.stores.values()), Counter[str]()))

    def check(self) -> None:
        """Check what holds after each step."""
        check(self.seen, EVERY)

    def offer(self, here: Resident) -> None:
        self.seen.prekeys[here.keys.prekey.public.kid] = here.keys.prekey

    def _pens(self, node: NodeId) -> Pens:
        entropy = self.world.entropy
        return Pens(
            log=(self.world.residents[node].keys.log, CheckpointSigner.generate(entropy)),
            witness=(SigningKey.generate(entropy), CheckpointSigner.generate(entropy)),
        )

    def _vkeys(self, node: NodeId) -> dict[str, tuple[str, ...]]:
        entry, pens = self.world.directory.node(node), self.pens[node]
        name = f"{entry.origin.partition('/')[0]}/witness/{node}"
        log = Verifier(name=entry.origin, type=KeyType.ML_DSA_44, key=pens.log[1].public)
        one = Verifier(name=name, type=KeyType.COSIGNATURE, key=pens.witness[0].public)
        two = Verifier(name=name, type=KeyType.ML_DSA_44, key=pens.witness[1].public)
        return {
            "log_vkeys": (*entry.log_vkeys, log.text),
            "witness_vkeys": (one.text, two.text),
        }

    def amend(self, node: NodeId, **changes: object) -> None:
        """Bring out a directory in which one node's entry says something else."""
        directory, member = self.world.directory, member_of(AgencyId(node.rpartition(".")[0]))
        entry = directory.entries[member]
        nodes = tuple(
            replace(each, **changes) if each.node == node else each  # type: ignore[arg-type]
            for each in entry.document.nodes
        )
        changed = replace(entry, document=replace(entry.document, nodes=nodes))
        self.world.directory = replace(
            directory,
            version=directory.version + 1,
            entries={**directory.entries, member: changed},
        )
