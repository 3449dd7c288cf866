"""The node's ledger towards the world: checkpoints signed, cosigned by witnesses, and served.

INVARIANT: a checkpoint is signed over a committed size only, and stored before it leaves; one
size never gets two roots.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from comity.adapters.shape import LedgerReader
from comity.core.clock import DAY, Clock, Instant
from comity.core.errors import (
    ConflictError,
    InvalidInputError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import NodeId
from comity.core.keys import PublicKey
from comity.core.store import Reader, Store, Transaction
from comity.ledger import (
    Checkpoint,
    KeyType,
    Read,
    Signer,
    Verifier,
    open_note,
    parse_checkpoint,
    parse_note,
    prove,
    root,
    sign_note,
)
from comity.node.gathering import Ask, Away, Gathering
from comity.node.keyring import Keyring
from comity.node.quorum import earliest, earliest_met, newest_met
from comity.node.rows import CheckpointRow, HaltRow, WitnessedRow
from comity.node.witnessing import Witness, keys_of
from comity.seal import verify
from comity.trust import Directory, NodeEntry

Recall = Callable[[NodeEntry, str], bytes | None]
"""Gets the newest checkpoint a witness cosigned for an origin; raises `UnreachableError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """Signs, gathers and gives cosignatures for one node."""

    store: Store
    keyring: Keyring
    clock: Clock
    origin: Callable[[], str]
    directory: Callable[[], Directory]
    node: NodeId
    away: Away = field(default_factory=dict[NodeId, tuple[Instant, int]])
    """Witnesses that did not answer, and when to ask them again."""

    def signers(self) -> tuple[Signer, Signer]:
        """Return the keys that sign this node's checkpoints: Ed25519 and ML-DSA-44."""
        one, two = self.keyring.log
        return (
            _signer(self.origin(), KeyType.ED25519, one.public, one.sign),
            _signer(self.origin(), KeyType.ML_DSA_44, two.public, two.sign),
        )

    def witness_signers(self) -> tuple[Signer, Signer]:
        """Return the keys that cosign other nodes' checkpoints."""
        one, two = self.keyring.witness
        name = f"{self.origin().partition('/')[0]}/witness/{self.node}"
        return (
            _signer(name, KeyType.COSIGNATURE, one.public, one.sign),
            _signer(name, KeyType.ML_DSA_44, two.public, two.sign),
        )

    def newest(self) -> CheckpointRow | None:
        """Return the newest checkpoint, as it was stored."""
        rows = self.store.read(lambda r: r.find(CheckpointRow, order="-size", limit=1))
        return rows[0] if rows else None

    def sign(self) -> CheckpointRow:
        """Sign the committed size, unless that size is signed already.

        Raises `ConflictError` once a witness has shown a later history of ours.
        """
        if self.store.read(lambda r: r.get(HaltRow, self.origin())) is not None:
            raise ConflictError("this ledger is behind what it signed before: it signs no more")
        size, root_hash = self.store.read(_state)
        known = self.store.read(lambda r: r.get(CheckpointRow, size))
        if known is not None:
            return known
        at = self.clock.now()
        checkpoint = Checkpoint(origin=self.origin(), size=size, root=root_hash)
        note = sign_note(checkpoint, self.signers(), at=at // 1000)
        row = CheckpointRow(size=size, root=root_hash, note=note, at=at)

        def unit(tx: Transaction) -> CheckpointRow:
            stored = tx.get(CheckpointRow, size)
            if stored is None:
                tx.insert(row)
                return row
            if stored.root != root_hash:
                raise ConflictError(f"size {size} has two roots: stop signing and compare")
            return stored

        return self.store.commit(unit).result()

    def look_back(
        self, recall: Recall, *, among: Sequence[NodeEntry] = ()
    ) -> frozenset[NodeId]:
        """Ask every witness, or those named, what it last saw of us; return who answered.

        After a restored backup one must. A checkpoint counts only under our own signature, so
        that no witness can stop us by claiming one. Raises `ConflictError`, and signs no more,
        where this store lacks it.
        """
        origin, answered = self.origin(), set[NodeId]()
        for entry in among or self.directory().nodes():
            if entry.node == self.node or not entry.witness_vkeys:
                continue
            try:
                note = recall(entry, origin)
            except UnreachableError:
                continue
            answered.add(entry.node)
            if note is not None:
                self._compare(origin, note)
        return frozenset(answered)

    def _compare(self, origin: str, data: bytes) -> None:
        try:
            own = [each.verifier for each in self.signers()]
            opened = open_note(data, own, verify=verify)
        except (InvalidInputError, VerificationError):
            return
        stated, at = opened.checkpoint, self.clock.now()
        if not opened.seen or stated.origin != origin:
            return

        if self.store.read(partial(_holds, stated=stated)):
            return
        halt = HaltRow(origin=origin, size=stated.size, root=stated.root, note=data, at=at)
        self.store.commit(lambda tx: tx.put(halt)).result()
        raise ConflictError(
            f"we signed {stated.size} entries that this store does not hold: was an older"
            " backup restored?"
        )

    def gather(self, ask: Ask, recall: Recall) -> int:
        """Ask the witnesses that are due to cosign the newest checkpoint; return how many did.

        A witness that knows another history is asked for it. Raises `ConflictError` as
        `look_back` does.
        """
        row = self.newest()
        if row is None:
            return 0
        gathering = Gathering(
            store=self.store,
            clock=self.clock,
            directory=self.directory,
            node=self.node,
            away=self.away,
        )
        gathered, doubting = gathering.ask_all(row, ask)
        if doubting:
            self.look_back(recall, among=doubting)
        return gathered

    def cosigned(self) -> CheckpointRow | None:
        """Return the newest checkpoint that met the policy."""
        return self.store.read(newest_met)

    def shown(self) -> bytes:
        """Return the checkpoint we show partners, the newest that met the policy or stands.

        Empty before the first is signed.
        """
        row = self.cosigned() or self.newest()
        return b"" if row is None else row.note

    def proof(self, index: int) -> bytes:
        """Prove an entry under the earliest checkpoint that met the policy and covers it.

        Empty while there is none: the entry waits for its witnesses.
        """
        return self.store.read(lambda r: _proven(r, index, earliest_met(r, index)))

    def dated(self, index: int) -> bytes:
        """Prove an entry as `proof` does, or under our own signature alone.

        Where no quorum dated it within a day, as on a node without a line, our own log's date
        is all there is: partners take it while our key stands. Empty while nothing is signed.
        """

        def query(reader: Reader) -> bytes:
            row, own = earliest_met(reader, index), earliest(reader, index)
            is_late = own is not None and (row is None or row.at > own.at + DAY)
            return _proven(reader, index, own if is_late else row)

        return self.store.read(query)

    @property
    def as_witness(self) -> Witness:
        """Return this node as a witness of others."""
        return Witness(
            store=self.store,
            clock=self.clock,
            keys=lambda origin: keys_of(self.directory(), origin),
            signers=self.witness_signers,
        )

    def witness(self, body: bytes) -> tuple[int, bytes, str]:
        """Answer `add-checkpoint`: status, body and media type (C2SP tlog-witness)."""
        return self.as_witness.answer(body)

    def witnessed(self, origin: str) -> WitnessedRow | None:
        """Return the newest checkpoint of another log that this node cosigned."""
        return self.as_witness.newest(origin)


def signer(keyring: Keyring, origin: str) -> Signer:
    """Return the Ed25519 key with which a node signs its own checkpoints."""
    own = keyring.log[0]
    return _signer(origin, KeyType.ED25519, own.public, own.sign)


def _signer(name: str, sort: KeyType, key: PublicKey, sign: Callable[[bytes], bytes]) -> Signer:
    return Signer(verifier=Verifier(name=name, type=sort, key=key), sign=sign)


def _proven(reader: Reader, index: int, row: CheckpointRow | None) -> bytes:
    return b"" if row is None else prove(index, row.note, read=_nodes(reader)).encode()


def _state(reader: Reader) -> tuple[int, bytes]:
    size = reader.size()
    return size, root(size, _nodes(reader))


def _holds(reader: Reader, *, stated: Checkpoint) -> bool:
    return stated.size <= reader.size() and root(stated.size, _nodes(reader)) == stated.root


def _nodes(reader: Reader) -> Read:
    # Every store of a node keeps the tree beside the entries.
    return cast("LedgerReader", reader).ledger_node


def checkpoint_of(row: CheckpointRow) -> Checkpoint:
    """Return the checkpoint a stored note holds."""
    return parse_checkpoint(parse_note(row.note).text)
