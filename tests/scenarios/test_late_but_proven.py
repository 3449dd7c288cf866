"""What arrives weeks late counts where its sender's ledger proves when it was sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    A,
    Forged,
    N,
    a_world,
    code,
    inbox,
    outbox,
    question,
    send,
)

from comity.adapters.shape import LedgerReader
from comity.adapters.world import Resident, World
from comity.core.clock import DAY, HOUR, MINUTE, Instant
from comity.core.errors import VerificationError
from comity.core.ids import MemberId, NodeId
from comity.core.store import Reader
from comity.exchange import Consigned, Logged, delivery, inbound
from comity.exchange.lateness import dated
from comity.ledger import (
    Checkpoint,
    KeyType,
    Policy,
    Signer,
    Verifier,
    parse_proof,
    prove,
    root,
    sign_note,
)
from comity.seal import CheckpointSigner, SigningKey, read_envelope
from comity.trust import NodeEntry


@dataclass(slots=True)
class Town:
    """Norland with a log that dates its checkpoints, Arcadia with a witness it believes."""

    world: World
    log: Signer
    witness: Signer

    @property
    def here(self) -> Resident:
        return self.world.residents[N]

    def item(self) -> Logged:
        send(self.here, question())
        (item,) = self.world.due(self.here, A)
        return item

    def date(self, *signers: Signer, at: Instant | None = None) -> None:
        """Let Norland prove its leaves under a checkpoint signed now, or at `at`."""
        when = at or self.world.clock.now()

        def note(reader: Reader) -> bytes:
            read = cast("LedgerReader", reader).ledger_node
            size = reader.size()
            stated = Checkpoint(origin=self.log.verifier.name, size=size, root=root(size, read))
            return sign_note(stated, signers, at=when // 1000)

        made = self.here.store.read(note)

        def proof(leaf: int) -> bytes:
            return self.here.store.read(
                lambda r: prove(leaf, made, read=cast("LedgerReader", r).ledger_node)
            ).encode()

        self.here.station = replace(self.here.station, proof=proof, checkpoint=lambda: made)

    def arrive(self, item: Logged, *, proof: bytes | None = None) -> str:
        """Carry one message as the delivery worker would; return Arcadia's answer in a word."""
        (consigned,) = delivery.consign([item], self.here.station).items
        if proof is not None:
            consigned = Consigned(envelope=consigned.envelope, proof=proof)
        there = self.world.residents[A].station
        there = replace(there, policy=self.policy)
        return code(inbound.take(consigned, there).result())

    def policy(self, _node: NodeId) -> Policy:
        return Policy(logs=(), witnesses={"w": self.witness.verifier}, groups={}, quorum="w")

    def list_node(self, node: NodeId, change: Callable[[NodeEntry], NodeEntry]) -> None:
        """Change what the directory says of a node."""
        directory = self.world.directory
        member = MemberId(node.partition(".")[0])
        held = directory.entries[member]
        nodes = tuple(
            change(each) if each.node == node else each for each in held.document.nodes
        )
        document = replace(held.document, nodes=nodes)
        entries = {**directory.entries, member: replace(held, document=document)}
        self.world.directory = replace(directory, entries=entries)

    def key_dates(
        self, *, until: Instant | None = None, revoked: Instant | None = None
    ) -> None:
        (dated,) = self.world.directory.node(N).keys
        self.list_node(
            N,
            lambda entry: replace(entry, keys=(replace(dated, until=until, revoked=revoked),)),
        )


def signer(name: str, kind: KeyType, key: SigningKey | CheckpointSigner) -> Signer:
    return Signer(verifier=Verifier(name=name, type=kind, key=key.public), sign=key.sign)


@pytest.fixture
def town() -> Town:
    world = a_world()
    entry = world.directory.node(N)
    log = signer(entry.origin, KeyType.ML_DSA_44, CheckpointSigner.generate(world.entropy))
    watching = SigningKey.generate(world.entropy)
    town = Town(world, log, signer("some/witness", KeyType.COSIGNATURE, watching))
    town.list_node(
        N, lambda entry: replace(entry, log_vkeys=(*entry.log_vkeys, log.verifier.text))
    )
    return town


def keep_prekey(town: Town) -> None:
    """Ten days later: Arcadia still holds the key the message was sealed to."""
    town.world.clock.advance(10 * DAY)


def test_ten_days_late_and_dated_by_the_log_it_is_filed(town: Town) -> None:
    item = town.item()
    town.world.clock.advance(HOUR)
    town.date(town.log)
    keep_prekey(town)
    assert town.arrive(item) == "filed"
    (row,) = inbox(town.world.residents[A])
    assert row.stored_at == town.world.clock.now()


def test_a_fresh_message_carries_no_proof_and_a_late_one_carries_its_leaf(town: Town) -> None:
    item = town.item()
    town.date(town.log)
    assert delivery.consign([item], town.here.station).items[0].proof == b""
    town.world.clock.advance(DAY)
    consignment = delivery.consign([item], town.here.station)
    proof = parse_proof(consignment.items[0].proof)
    (entry,) = town.here.store.read(lambda r: r.entries(item.leaf, 1))
    assert (proof.index, proof.extra) == (item.leaf, entry)
    assert consignment.checkpoint == proof.note


def test_without_a_proof_it_is_stale(town: Town) -> None:
    item = town.item()
    keep_prekey(town)
    assert town.arrive(item) == "stale"
    assert inbox(town.world.residents[A]) == []


def test_a_duplicate_weeks_later_needs_no_proof_and_files_nothing(town: Town) -> None:
    item = town.item()
    assert town.arrive(item) == "filed"
    keep_prekey(town)
    assert town.arrive(item) == "filed"
    assert len(inbox(town.world.residents[A])) == 1


@pytest.mark.parametrize("after", [DAY + HOUR, 9 * DAY])
def test_a_checkpoint_dated_long_after_proves_nothing(town: Town, after: int) -> None:
    item = town.item()
    town.world.clock.advance(after)
    town.date(town.log)
    town.world.clock.advance(10 * DAY - after)
    assert town.arrive(item) == "stale"


def test_a_checkpoint_dated_before_the_message_proves_nothing(town: Town) -> None:
    item = town.item()
    town.date(town.log, at=Instant(town.world.clock.now() - 10 * MINUTE))
    keep_prekey(town)
    assert town.arrive(item) == "stale"


def test_another_logs_signature_dates_nothing(town: Town) -> None:
    item = town.item()
    stranger = CheckpointSigner.generate(town.world.entropy)
    town.date(signer(town.log.verifier.name, KeyType.ML_DSA_44, stranger))
    keep_prekey(town)
    assert town.arrive(item) == "stale"
    town.date(signer("other/log/xa.border.n1/1", KeyType.ML_DSA_44, stranger))
    assert town.arrive(item) == "stale"


def altered(proof: bytes) -> Sequence[bytes]:
    found = parse_proof(proof)
    return (
        replace(found, extra=found.extra[:-1] + b"\x01").encode(),
        replace(found, extra=b"").encode(),
        replace(found, index=found.index - 1).encode(),
        replace(found, hashes=found.hashes[::-1]).encode(),
        replace(found, hashes=found.hashes[:-1]).encode(),
        proof[:-40] + b"A" * 39 + b"\n",
        proof.replace(b"tlog-proof@v1", b"tlog-proof@v2"),
        b"\x00" * 100,
    )


def test_a_changed_proof_is_no_proof(town: Town) -> None:
    item = town.item()
    send(town.here, question(link="other"))
    town.date(town.log)
    keep_prekey(town)
    (consigned,) = delivery.consign([item], town.here.station).items
    for number, each in enumerate(altered(consigned.proof)):
        assert town.arrive(item, proof=each) == "stale", number
    assert town.arrive(item, proof=consigned.proof) == "filed"


def test_the_proof_of_another_message_is_no_proof(town: Town) -> None:
    first, _ = town.item(), send(town.here, question(link="other"))
    second = next(item for item in town.world.due(town.here, A) if item.mid != first.mid)
    town.date(town.log)
    keep_prekey(town)
    (other,) = delivery.consign([second], town.here.station).items
    assert town.arrive(first, proof=other.proof) == "stale"


def test_a_key_that_ended_since_needs_witnesses_not_only_its_own_log(town: Town) -> None:
    item = town.item()
    ended = Instant(town.world.clock.now() + DAY)
    town.date(town.log)
    keep_prekey(town)
    town.key_dates(until=ended)
    assert town.arrive(item) == "stale"
    at = Instant(town.world.clock.now() - 10 * DAY)
    town.date(town.log, town.witness, at=at)
    assert town.arrive(item) == "filed"


def test_a_revoked_key_counts_for_what_was_witnessed_before(town: Town) -> None:
    item = town.item()
    sent = town.world.clock.now()
    town.date(town.log, town.witness)
    town.world.clock.advance(2 * HOUR)
    town.key_dates(revoked=Instant(sent + HOUR))
    assert town.arrive(item) == "filed"


def test_a_thief_of_a_key_cannot_date_back(town: Town) -> None:
    stolen = Instant(town.world.clock.now() + HOUR)
    town.world.clock.advance(2 * HOUR)
    town.key_dates(revoked=stolen)
    there = replace(town.world.residents[A].station, policy=town.policy)
    # Signed now under a time before the theft was known; the log cannot prove it then.
    forged = Forged(at=Instant(stolen - MINUTE)).seal(town.world)
    assert code(inbound.take(Consigned(envelope=forged), there).result()) == "unknown-sender"
    item = town.item()
    town.date(town.log, town.witness)
    (other,) = delivery.consign([item], town.here.station).items
    answer = inbound.take(Consigned(envelope=forged, proof=other.proof), there).result()
    assert code(answer) == "unknown-sender"
    assert inbox(town.world.residents[A]) == []


def test_a_witness_after_the_revocation_comes_too_late(town: Town) -> None:
    item = town.item()
    sent = town.world.clock.now()
    town.world.clock.advance(2 * HOUR)
    town.date(town.log, town.witness)
    town.key_dates(revoked=Instant(sent + HOUR))
    assert town.arrive(item) == "unknown-sender"


def test_a_message_lives_as_long_as_its_recipient_declares(town: Town) -> None:
    town.list_node(A, lambda entry: replace(entry, message_life=60))
    mid = send(town.here, question(ARCADIA, link="far away")).mid
    row = outbox(town.here, mid)
    assert row.exp == row.created + 60 * DAY


def test_a_log_that_the_directory_no_longer_lists_dates_nothing(town: Town) -> None:
    item = town.item()
    town.date(town.log)
    town.world.clock.advance(DAY)
    proof = delivery.consign([item], town.here.station).items[0].proof
    there, directory = town.world.residents[A].station, town.world.directory
    rest = {member: entry for member, entry in directory.entries.items() if member != "xn"}
    gone = replace(directory, entries=rest)
    with pytest.raises(VerificationError):
        dated(proof, read_envelope(item.envelope), replace(there, directory=lambda: gone))
