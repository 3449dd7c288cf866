"""Three nodes on a bad day: each method is one thing that may happen, in any order.

Everything on the road is real; disk, network and clock are ours. A node may die at any commit
and comes back with what was durable. All that leaves a node is seen and kept as evidence.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

from tests.hostile.checkers import EVERY, WHOLE, check
from tests.hostile.evidence import Answered, Evidence, Fork, Poison
from tests.hostile.mortal import Kept, Mortal, NodeDiedError
from tests.hostile.opened import kid_of
from tests.scenarios.stage import (
    ARCADIA,
    CASTALIA,
    FACTS,
    NORLAND,
    A,
    C,
    Forged,
    N,
    code,
    question,
)

from comity.adapters.world import Resident, World, make_world
from comity.core.clock import DAY, HOUR, Instant, new_message_id, signing_time
from comity.core.errors import ComityError, UnreachableError
from comity.core.ids import AgencyId, CaseId, NodeId, member_of
from comity.core.keys import KeyId
from comity.desk import Letter, NotSent, Sent
from comity.exchange import Consigned, InboxRow, Logged, delivery, inbound
from comity.law import shipped_corpus
from comity.ledger import (
    Checkpoint,
    KeyType,
    Verifier,
    parse_checkpoint,
    parse_note,
    sign_note,
    write_request,
)
from comity.message import handling
from comity.node.bootstrap import shipped_practices
from comity.node.chronicle import Chronicle
from comity.node.keyring import Keyring
from comity.seal import CheckpointSigner, Prekey, SigningKey, read_envelope
from comity.trust import DatedKey, NodeEntry

NODES = (N, A, C)
ROUTES = ((N, ARCADIA), (A, NORLAND), (N, CASTALIA), (A, CASTALIA), (C, ARCADIA))
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
    """Norland, Arcadia and Castalia, and all that was seen of them."""

    def __init__(self) -> None:
        self.stores: dict[NodeId, Mortal] = {}
        self.world = self._found()
        self.pens = {node: self._pens(node) for node in NODES}
        for node in NODES:
            self._amend(node, **self._vkeys(node))
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
            self._offer(here)

    def _found(self) -> World:
        def store(node: NodeId) -> Mortal:
            return self.stores.setdefault(node, Mortal(node))

        return make_world(
            (NORLAND, ARCADIA, CASTALIA),
            practices=shipped_practices(),
            corpus=shipped_corpus(),
            stores=store,
        )

    # What people do.

    def send(self, route: tuple[NodeId, AgencyId]) -> None:
        node, partner = route
        self._write(node, question(partner))

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
            self._write(node, letter)

    def _write(self, node: NodeId, letter: Letter) -> None:
        here = self.world.residents[node]
        with self._mortal():
            try:
                outcome = here.desk.correspondence.send(here.actor("officer"), letter)
            except ComityError:
                return
            assert isinstance(outcome, (Sent, NotSent))
            if isinstance(outcome, Sent):
                self.seen.queued.add((node, bytes.fromhex(outcome.mid)))

    def read_what_came(self) -> None:
        """Let officers open everything, which tells its sender that it was seen."""
        for node in NODES:
            here = self.world.residents[node]
            with self._mortal():
                for row in here.store.read(lambda r: r.find(InboxRow)):
                    here.desk.reading.message(here.actor("officer"), row.mid.hex())

    def tick(self) -> None:
        """Let every node do what is due, and end what nobody took in time."""
        for node in NODES:
            here = self.world.residents[node]
            with self._mortal():
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
                self._handed(node, to, consigned) for _ in range(2 if fate == "twice" else 1)
            ]
            heard = [answer for answer in answers if answer is not None]
            if fate == "lost" or not heard:
                continue
            with self._mortal():
                try:
                    self.world.settle(here, entry, item, heard[-1])
                except ComityError:
                    continue

    def _handed(
        self, node: NodeId, to: NodeId, consigned: Consigned, *, is_ours: bool = False
    ) -> bytes | None:
        """Hand one envelope over; `None` where the node died before it answered."""
        there = self.world.residents[to]
        self.passed.append((to, consigned.envelope))
        if is_ours:
            digest = read_envelope(consigned.envelope).digest
            self.seen.wire[digest] = consigned.envelope
        answer: bytes | None = None
        with self._mortal():
            answer = inbound.take(consigned, there.station).result()
            self._saw(node, to, consigned, answer)
        return answer

    def _saw(self, node: NodeId, to: NodeId, consigned: Consigned, answer: bytes) -> None:
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
    def _mortal(self) -> Iterator[None]:
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
        with self._mortal():
            self.world.meet()

    def skew(self, node: NodeId, skew: int) -> None:
        """Set a node's clock ahead or behind."""
        self.world.residents[node].clock.skew = skew

    def replay(self, pick: int) -> None:
        """Hand over again what passed once."""
        if self.passed:
            to, data = self.passed[pick % len(self.passed)]
            sender = read_envelope(data).header.from_node
            self._handed(sender, to, Consigned(envelope=data))

    # What the keys do.

    def rotate(self, node: NodeId) -> None:
        """Replace a prekey and destroy the old one."""
        here = self.world.residents[node]
        self.seen.destroyed[here.keys.prekey.public.kid] = len(self.seen.answered)
        self.world.rotate(node)
        self._offer(here)

    def renew_key(self, node: NodeId) -> None:
        """Give a node its next key; what the old one signed stays good for a while."""
        now = self.world.clock.now()
        self._next_key(node, until=Instant(now + 15 * DAY), revoked=None)

    def revoke(self, node: NodeId) -> None:
        """Revoke a stolen key; the thief writes on with it, in its name and dated back."""
        here = self.world.residents[node]
        stolen, now = here.keys.node, self.world.clock.now()
        self._next_key(node, until=None, revoked=now)
        to = A if node != A else C
        for at in (now, Instant(now - HOUR)):
            forged = Forged(
                by=node,
                author=here.agency,
                recipient=self.world.residents[to].agency,
                to_node=to,
                at=at,
            )
            fresh, here.keys.node = here.keys.node, stolen
            data = forged.seal(self.world)
            here.keys.node = fresh
            answer = self._handed(node, to, Consigned(envelope=data))
            if answer is not None:
                self.seen.thefts.append(code(answer))

    def _next_key(
        self, node: NodeId, *, until: Instant | None, revoked: Instant | None
    ) -> None:
        here, now = self.world.residents[node], self.world.clock.now()
        *older, last = self.world.directory.node(node).keys
        here.keys.node = SigningKey.generate(self.world.entropy)
        fresh = DatedKey(key=here.keys.node.public, since=now)
        ended = replace(last, until=until, revoked=revoked)
        self._amend(node, keys=(*older, ended, fresh))
        self.restart(node)

    # What a hostile partner does.

    def poison(self, pick: int, place: int, bit: int) -> None:
        """Break one bit of what passed, cut it short, or send noise."""
        if not self.passed:
            return
        to, data = self.passed[pick % len(self.passed)]
        at = place % len(data)
        broken = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
        noise = (broken, data[:at], broken[at:], self.world.entropy.take(at % 512))
        self._poisoned(to, noise[pick % 4])

    def _poisoned(self, to: NodeId, data: bytes) -> None:
        there, taken = self.world.residents[to], list[KeyId]()

        def prekey(kid: KeyId) -> Prekey | None:
            taken.append(kid)
            return there.station.prekey(kid)

        before = there.store.read(lambda r: r.size())
        station = replace(there.station, prekey=prekey)
        with self._mortal():
            answer = inbound.take(Consigned(envelope=data), station).result()
            self.seen.poisons.append(
                Poison(
                    code=code(answer),
                    length=len(answer),
                    leaves=there.store.read(lambda r: r.size()) - before,
                    decryptions=len(taken),
                )
            )

    def forge(self) -> None:
        """Sign with true keys what a node may not say, and one id over two contents."""
        mid = new_message_id(self.world.clock.now(), self.world.entropy)
        for forged in (
            Forged(author=ARCADIA),
            Forged(recipient=CASTALIA),
            Forged(items=9),
            Forged(mid=mid),
            Forged(mid=mid, body={"question": "Somebody else?"}),
        ):
            data = forged.seal(self.world)
            self._handed(N, A, Consigned(envelope=data))

    def flood(self) -> None:
        """Let Castalia write many letters at once, and Norland one among them."""
        for _ in range(8):
            many = Forged(by=C, author=CASTALIA, conv=self.world.entropy.take(16))
            self._handed(C, A, Consigned(envelope=many.seal(self.world)))
        one = Forged(conv=self.world.entropy.take(16))
        answer = self._handed(N, A, Consigned(envelope=one.seal(self.world)))
        if answer is not None:
            self.seen.crowded.append(code(answer))

    # What the ledgers do.

    def checkpoint(self, node: NodeId) -> None:
        """Sign the committed size and ask the witnesses."""
        chronicle = self.chronicle(node)
        with self._mortal():
            row = chronicle.sign()
            self._published(row.note)
            chronicle.gather(self._ask(node), self._recall(node))

    def _published(self, note: bytes) -> None:
        stated = parse_checkpoint(parse_note(note).text)
        self.seen.roots.setdefault((stated.origin, stated.size), set()).add(stated.root)

    def fork(self, node: NodeId) -> None:
        """Sign a second history of a size a witness knows, and ask it to cosign."""
        chronicle, witness = self.chronicle(node), A if node != A else N
        known = self.chronicle(witness).witnessed(chronicle.origin())
        if known is None:
            return
        other = Checkpoint(origin=known.origin, size=known.size, root=bytes(32))
        note = sign_note(other, chronicle.signers(), at=self.world.clock.now() // 1000)
        with self._mortal():
            status, _, _ = self.chronicle(witness).witness(write_request(known.size, (), note))
            self.seen.forks.append(Fork(origin=known.origin, size=known.size, status=status))

    def back_up(self, node: NodeId) -> None:
        """Keep a copy of a node's store."""
        self.backups[node] = self.stores[node].keep()

    def restore(self, node: NodeId) -> None:
        """Put an old backup over a node, let it look back and sign, then put the truth back."""
        if node not in self.backups:
            return
        truth = self.stores[node].keep()
        self.stores[node].put_back(self.backups[node])
        self.restart(node)
        chronicle = self.chronicle(node)
        try:
            chronicle.look_back(self._recall(node, everybody=True))
            self._write(node, question(ARCADIA if node != A else CASTALIA))
            row = chronicle.sign()
        except ComityError:
            row = None
        if row is not None and self._is_witnessed(node, row.size):
            self._published(row.note)
        self.stores[node].put_back(truth)
        self.seen.queued = {
            (at, mid)
            for at, mid in self.seen.queued
            if at != node or any(each.mid == mid for each in self.world.outbox(node))
        }
        self.restart(node)

    def _is_witnessed(self, node: NodeId, size: int) -> bool:
        origin = self.world.directory.node(node).origin
        others = (self.chronicle(each).witnessed(origin) for each in NODES if each != node)
        return any(row is not None and row.size >= size for row in others)

    def chronicle(self, node: NodeId) -> Chronicle:
        """Return a node's ledger towards the world."""
        here = self.world.residents[node]
        return Chronicle(
            store=here.store,
            keyring=cast("Keyring", self.pens[node]),
            clock=here.clock,
            origin=lambda: self.world.directory.node(node).origin,
            directory=lambda: self.world.directory,
            node=node,
        )

    def _ask(self, node: NodeId) -> Callable[[NodeEntry, bytes], tuple[int, bytes]]:
        def ask(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
            if frozenset({node, entry.node}) in self.cut:
                raise UnreachableError("the line is cut")
            status, answer, _ = self.chronicle(entry.node).witness(body)
            return status, answer

        return ask

    def _recall(
        self, node: NodeId, *, everybody: bool = False
    ) -> Callable[[NodeEntry, str], bytes | None]:
        def recall(entry: NodeEntry, origin: str) -> bytes | None:
            if frozenset({node, entry.node}) in self.cut and not everybody:
                raise UnreachableError("the line is cut")
            held = self.chronicle(entry.node).witnessed(origin)
            return None if held is None else held.note

        return recall

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

    def _offer(self, here: Resident) -> None:
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

    def _amend(self, node: NodeId, **changes: object) -> None:
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
