"""The node's ledger towards the world: checkpoints signed, cosigned by witnesses, and served.

INVARIANT: a checkpoint is signed over a committed size only, and stored before it leaves; one
size never gets two roots. As a witness the node stores the new size before it answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from comity.adapters.shape import LedgerReader
from comity.core.clock import Clock, Instant
from comity.core.errors import (
    ConflictError,
    InvalidInputError,
    UnreachableError,
    VerificationError,
)
from comity.core.keys import PublicKey
from comity.core.store import Reader, Store, Transaction
from comity.ledger import (
    Checkpoint,
    Cosigned,
    KeyType,
    Note,
    Read,
    Refused,
    Signer,
    Verifier,
    consider,
    consistency_proof,
    open_note,
    parse_checkpoint,
    parse_note,
    parse_request,
    parse_vkey,
    root,
    sign_note,
    write_request,
)
from comity.node.keyring import Keyring
from comity.node.rows import CheckpointRow, HaltRow, WitnessedRow
from comity.seal import verify
from comity.trust import Directory, NodeEntry

Ask = Callable[[NodeEntry, bytes], tuple[int, bytes]]
"""Posts `add-checkpoint` to a witness; returns status and body, raises `UnreachableError`."""
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
    node: str

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

    def look_back(self, recall: Recall) -> None:
        """Ask every witness what it last saw of us, as after a restored backup one must.

        A checkpoint counts only under our own signature, so that no witness can stop us by
        claiming one. Raises `ConflictError`, and signs no more, where this store lacks it.
        """
        origin = self.origin()
        for entry in self.directory().nodes():
            if entry.node != self.node and entry.witness_vkeys:
                note = _recalled(recall, entry, origin)
                if note is not None:
                    self._compare(origin, note)

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
        """Ask every witness to cosign the newest checkpoint; return how many did.

        Raises `ConflictError` as `look_back` does.
        """
        row = self.newest()
        if row is None:
            return 0
        gathered = 0
        for entry in self.directory().nodes():
            if entry.node != self.node and entry.witness_vkeys:
                gathered += self._asked(row.size, entry, ask)
        if not gathered:
            self.look_back(recall)
        return gathered

    def _asked(self, size: int, entry: NodeEntry, ask: Ask) -> int:
        try:
            return self._ask(size, entry, ask)
        except (InvalidInputError, UnreachableError, VerificationError):
            # What one witness answers keeps no other from being asked.
            return 0

    def _ask(self, size: int, entry: NodeEntry, ask: Ask) -> int:
        row = self.store.read(lambda r: r.get(CheckpointRow, size))
        if row is None or _has_cosigned(row.note, entry):
            return 0
        old = 0
        for _attempt in range(2):
            proof = self.store.read(partial(_proof, old=old, size=size))
            status, body = ask(entry, write_request(old, proof, row.note))
            if status == 200:  # noqa: PLR2004 - HTTP OK
                return self._keep(size, entry, body)
            if status != 409:  # noqa: PLR2004 - HTTP conflict
                return 0
            old = _size(body)
            if old > size:
                return 0
        return 0

    def _keep(self, size: int, entry: NodeEntry, body: bytes) -> int:
        keys = [parse_vkey(text) for text in entry.witness_vkeys]
        named = {(key.name, key.id) for key in keys}
        # A witness speaks for itself alone: lines in another's name are dropped.
        found = parse_note(b"x\n\n" + body).signatures
        lines = tuple(line for line in found if (line.name, line.id) in named)
        at = self.clock.now()

        def unit(tx: Transaction) -> int:
            row = tx.get(CheckpointRow, size)
            if row is None or _has_cosigned(row.note, entry):
                return 0
            note = parse_note(row.note)
            joined = Note(text=note.text, signatures=(*note.signatures, *lines)).encode()
            # Nothing is stored that does not verify under the witness's own keys.
            if not open_note(joined, keys, verify=verify).seen:
                return 0
            tx.put(replace(row, note=joined, witnessed_at=at, witnesses=row.witnesses + 1))
            return 1

        return self.store.commit(unit).result()

    def witness(self, body: bytes) -> tuple[int, bytes, str]:
        """Answer `add-checkpoint`: status, body and media type (C2SP tlog-witness)."""
        try:
            request = parse_request(body)
        except InvalidInputError as error:
            return 400, f"{error}\n".encode(), "text/plain"
        trusted = self._keys_of(request.origin)
        at = self.clock.now()

        def unit(tx: Transaction) -> Cosigned | Refused:
            held = tx.get(WitnessedRow, request.origin)
            known = None if held is None else _stored(held)
            answer = consider(
                request,
                known,
                trusted=trusted,
                signers=self.witness_signers(),
                at=at // 1000,
                verify=verify,
            )
            if isinstance(answer, Cosigned):
                tx.put(_witnessed(answer, request.note, at=at))
            return answer

        answer = self.store.commit(unit).result()
        if isinstance(answer, Cosigned):
            return 200, answer.body.encode(), "text/plain"
        sort = "text/x.tlog.size" if answer.status == 409 else "text/plain"  # noqa: PLR2004
        return answer.status, answer.body.encode(), sort

    def witnessed(self, origin: str) -> WitnessedRow | None:
        """Return the newest checkpoint of another log that this node cosigned."""
        return self.store.read(lambda r: r.get(WitnessedRow, origin))

    def _keys_of(self, origin: str) -> tuple[Verifier, ...]:
        # The name of a key is its ledger's: a node in rotation lists keys of two epochs.
        known = (parse_vkey(text) for e in self.directory().nodes() for text in e.log_vkeys)
        return tuple(key for key in known if key.name == origin)


def _size(body: bytes) -> int:
    digits = body.strip()
    if not digits.isdigit() or len(digits) > 19:  # noqa: PLR2004 - sizes stay below 2^63
        raise InvalidInputError("expected a size from the witness")
    return int(digits)


def _recalled(recall: Recall, entry: NodeEntry, origin: str) -> bytes | None:
    try:
        return recall(entry, origin)
    except UnreachableError:
        return None


def signer(keyring: Keyring, origin: str) -> Signer:
    """Return the Ed25519 key with which a node signs its own checkpoints."""
    own = keyring.log[0]
    return _signer(origin, KeyType.ED25519, own.public, own.sign)


def _signer(name: str, sort: KeyType, key: PublicKey, sign: Callable[[bytes], bytes]) -> Signer:
    return Signer(verifier=Verifier(name=name, type=sort, key=key), sign=sign)


def _state(reader: Reader) -> tuple[int, bytes]:
    size = reader.size()
    return size, root(size, _nodes(reader))


def _proof(reader: Reader, *, old: int, size: int) -> tuple[bytes, ...]:
    return consistency_proof(old, size, _nodes(reader))


def _holds(reader: Reader, *, stated: Checkpoint) -> bool:
    return stated.size <= reader.size() and root(stated.size, _nodes(reader)) == stated.root


def _nodes(reader: Reader) -> Read:
    # Every store of a node keeps the tree beside the entries.
    return cast("LedgerReader", reader).ledger_node


def _stored(row: WitnessedRow) -> Checkpoint:
    return Checkpoint(origin=row.origin, size=row.size, root=row.root)


def _witnessed(answer: Cosigned, note: bytes, *, at: Instant) -> WitnessedRow:
    seen = answer.checkpoint
    return WitnessedRow(origin=seen.origin, size=seen.size, root=seen.root, note=note, at=at)


def _has_cosigned(note: bytes, entry: NodeEntry) -> bool:
    names = {parse_vkey(text).name for text in entry.witness_vkeys}
    return any(line.name in names for line in parse_note(note).signatures)


def checkpoint_of(row: CheckpointRow) -> Checkpoint:
    """Return the checkpoint a stored note holds."""
    return parse_checkpoint(parse_note(row.note).text)
