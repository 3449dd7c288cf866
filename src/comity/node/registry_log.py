"""The publisher's side of the registry log: every root and targets version, in public.

    registry/entries          the entries, each behind its length in two bytes
    public/registry/…         the log as it is served, in C2SP formats: `checkpoint`, `tile/…`,
                              and `proof/<index>.tlog-proof` of what had to be announced

INVARIANT: an entry is on disk before a checkpoint over it is signed, and one size never gets
two roots: a checkpoint that the entries do not lead to stops the log.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.adapters.files import make_private_folder, write_private
from comity.adapters.registry import announcements, proof_path
from comity.core import limits
from comity.core.clock import Instant
from comity.core.errors import ComityError, ConflictError, InvalidInputError, LimitError
from comity.ledger import (
    Checkpoint,
    Frontier,
    KeyType,
    Note,
    Read,
    Signer,
    Verifier,
    consistency_proof,
    encode_bundle,
    leaf_hash,
    open_note,
    parse_note,
    parse_policy,
    parse_vkey,
    prove,
    root,
    sign_note,
    write_request,
)
from comity.ledger import export as lay_out_tree
from comity.seal import CheckpointSigner, SigningKey, verify
from comity.trust import (
    Directory,
    NodeEntry,
    Record,
    Recorded,
    RegistryEntry,
    read_record,
    write_record,
)

Ask = Callable[[NodeEntry, bytes], tuple[int, bytes]]
"""Posts `add-checkpoint` to a witness; returns status and body, raises `UnreachableError`."""
_OK, _CONFLICT = 200, 409
_LENGTH = 2
_FILES = {"root.json": Recorded.ROOT, "targets.json": Recorded.TARGETS}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryLog:
    """The registry log in a publisher's folder."""

    folder: Path
    signers: tuple[Signer, ...]
    """Ed25519 and ML-DSA-44; their name is the log's origin."""

    @property
    def origin(self) -> str:
        """The log's name, `<federation>/log/registry/<epoch>`."""
        return self.signers[0].verifier.name

    def entry(self, *, urls: tuple[str, ...] = ()) -> RegistryEntry:
        """Return what targets says about this log."""
        vkeys = tuple(signer.verifier.text for signer in self.signers)
        return RegistryEntry(origin=self.origin, vkeys=vkeys, urls=urls)

    def entries(self) -> list[bytes]:
        """Return every entry, oldest first; raises `InvalidInputError` on a damaged file."""
        path, at, found = self.folder / "registry" / "entries", 0, list[bytes]()
        data = path.read_bytes() if path.exists() else b""
        while at < len(data):
            start = at + _LENGTH
            at = start + int.from_bytes(data[at:start], "big")
            if at > len(data):
                raise InvalidInputError(f"`{path}` ends in the middle of an entry")
            found.append(data[start:at])
        return found

    def enter(self, records: Iterable[Record], *, at: Instant) -> int:
        """Enter what is not there yet, sign the new size and lay it out; return the size.

        Raises `ConflictError` where another file stands under the same version, or the signed
        checkpoint is not over these entries.
        """
        entries = self.entries()
        held = [read_record(entry) for entry in entries]
        known = {_about(record) for record in held}
        fresh = [record for record in records if _about(record) not in known]
        for record in fresh:
            _check_new(record, held)
        entries += [write_record(record) for record in fresh]
        if len(entries) > limits.REGISTRY_ENTRIES:
            raise LimitError("the registry log is full: begin its next epoch")
        write_private(
            make_private_folder(self.folder / "registry") / "entries", encode_bundle(entries)
        )
        self._sign(entries, at=at)
        return len(entries)

    def gather(self, directory: Directory, ask: Ask) -> int:
        """Ask the witness of every node to cosign; return how many did.

        Proofs of announcements are written once a quorum has seen them, and kept for ever.
        """
        note = self._checkpoint()
        if note is None:
            return 0
        entries = self.entries()
        read = tree_of(entries)
        gathered = 0
        for entry in directory.nodes():
            lines = _asked(entry, ask, note, read) if entry.witness_vkeys else b""
            if lines:
                note, gathered = lines, gathered + 1
        if gathered:
            write_private(self._public / "checkpoint", note)
        self._prove(entries, note, directory, read)
        return gathered

    @property
    def _public(self) -> Path:
        return make_private_folder(self.folder / "public" / "registry")

    def _checkpoint(self) -> bytes | None:
        path = self._public / "checkpoint"
        return path.read_bytes() if path.exists() else None

    def _sign(self, entries: Sequence[bytes], *, at: Instant) -> None:
        read, size = tree_of(entries), len(entries)
        held = self._checkpoint()
        if held is not None:
            own = [signer.verifier for signer in self.signers]
            stated = open_note(held, own, verify=verify).checkpoint
            is_before = stated.size <= size and root(stated.size, read) == stated.root
            if not is_before:
                raise ConflictError("the registry log was signed over other entries than these")
            if stated.size == size:
                return
        made = Checkpoint(origin=self.origin, size=size, root=root(size, read))
        note = sign_note(made, self.signers, at=at // 1000)
        for name, data in lay_out_tree(note, read=read, entries=_slices(entries)):
            path = self._public / name
            make_private_folder(path.parent)
            write_private(path, data)

    def _prove(
        self, entries: Sequence[bytes], note: bytes, directory: Directory, read: Read
    ) -> None:
        if not directory.policy:
            return
        policy = parse_policy(directory.policy.encode())
        opened = open_note(note, policy.verifiers, verify=verify)
        if not policy.met_at(opened):
            return
        for index in announcements(entries[: opened.checkpoint.size]):
            path = self._public / proof_path(index)
            if not path.exists():
                make_private_folder(path.parent)
                write_private(path, prove(index, note, read=read).encode())


def log_signers(origin: str, seed: bytes, ml_dsa_seed: bytes) -> tuple[Signer, Signer]:
    """Return the keys of a registry log from their 32-byte seeds."""
    one, two = SigningKey.from_raw(seed), CheckpointSigner.from_raw(ml_dsa_seed)
    return (
        Signer(
            verifier=Verifier(name=origin, type=KeyType.ED25519, key=one.public), sign=one.sign
        ),
        Signer(
            verifier=Verifier(name=origin, type=KeyType.ML_DSA_44, key=two.public),
            sign=two.sign,
        ),
    )


def versions_of(files: Mapping[str, bytes], *, at: Instant) -> list[Record]:
    """Return the record of every root and targets version among a directory's files."""
    found: list[Record] = []
    for name, data in sorted(files.items()):
        number, _, rest = name.removeprefix("metadata/").partition(".")
        sort = _FILES.get(rest)
        if sort is not None and number.isdecimal():
            digest = hashlib.sha256(data).hexdigest()
            found.append(Record(sort=sort, at=at, version=int(number), digest=digest))
    return sorted(found, key=lambda record: (record.sort is Recorded.TARGETS, record.version))


def _about(record: Record) -> tuple[object, ...]:
    consent = tuple(sorted(record.consent.items()))
    return record.sort, record.version, record.digest, record.member, consent


def _check_new(record: Record, held: Sequence[Record]) -> None:
    # INVARIANT: the log shows one file for each version: a second one is never entered.
    is_file = record.sort in {Recorded.ROOT, Recorded.TARGETS}
    if is_file and any((r.sort, r.version) == (record.sort, record.version) for r in held):
        raise ConflictError(
            f"the registry log holds another {record.sort.value} version {record.version}"
        )


def _asked(entry: NodeEntry, ask: Ask, note: bytes, read: Read) -> bytes:
    """Return the note with a witness's cosignature, or nothing where it gave none."""
    try:
        keys = [parse_vkey(text) for text in entry.witness_vkeys]
        stated = open_note(note, keys, verify=verify)
        if stated.seen:
            return b""
        size, old = stated.checkpoint.size, 0
        for _attempt in range(2):
            body = write_request(old, consistency_proof(old, size, read), note)
            status, said = ask(entry, body)
            if status == _OK:
                return _joined(note, said, keys)
            if status != _CONFLICT or not said.strip().isdigit():
                return b""
            old = min(int(said.strip()[:19]), size)
    except ComityError:
        # What one witness answers keeps no other from being asked.
        return b""
    return b""


def _joined(note: bytes, said: bytes, keys: Sequence[Verifier]) -> bytes:
    named = {(key.name, key.id) for key in keys}
    held = parse_note(note)
    found = parse_note(b"x\n\n" + said).signatures
    lines = tuple(line for line in found if (line.name, line.id) in named)
    joined = Note(text=held.text, signatures=(*held.signatures, *lines)).encode()
    return joined if open_note(joined, keys, verify=verify).seen else b""


def tree_of(entries: Sequence[bytes]) -> Read:
    """Return the nodes of the tree over entries, kept in memory: a registry log is small."""
    nodes: dict[tuple[int, int], bytes] = {}
    frontier = Frontier()
    for index, entry in enumerate(entries):
        leaf = leaf_hash(entry)
        nodes[0, index] = leaf
        nodes |= {(level, place): made for level, place, made in frontier.append(leaf)}
    return lambda level, index: nodes[level, index]


def _slices(entries: Sequence[bytes]) -> Callable[[int, int], Sequence[bytes]]:
    return lambda first, count: entries[first : first + count]
