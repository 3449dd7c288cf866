"""Grows small ledgers with keys that only pretend: the real ones stand in the oracle tests."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from comity.core.errors import NotFoundError
from comity.core.keys import PublicKey
from comity.ledger import (
    Checkpoint,
    Frontier,
    KeyType,
    Leaf,
    LeafType,
    Policy,
    Signer,
    Verifier,
    export,
    leaf_hash,
    parse_policy,
    root,
    sign_note,
)

ORIGIN = "exercise/log/xn.police.n1/1"
AT = 1_790_000_000
_LENGTHS = {"ed25519": (32, 64), "ml-dsa-44": (1312, 2420)}


def _sign(key: PublicKey, data: bytes) -> bytes:
    return hashlib.shake_256(key.raw + data).digest(_LENGTHS[key.algorithm][1])


@dataclass
class Ground:
    """One ledger in memory, its keys and the witnesses that watch it."""

    entries: list[bytes] = field(default_factory=list[bytes])
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict[tuple[int, int], bytes])
    frontier: Frontier = field(default_factory=Frontier)
    origin: str = ORIGIN
    at: int = AT

    def verify(self, key: PublicKey, signature: bytes, data: bytes) -> bool:
        return signature == _sign(key, data)

    def signer(self, name: str, kind: KeyType = KeyType.COSIGNATURE) -> Signer:
        algorithm = "ml-dsa-44" if kind is KeyType.ML_DSA_44 else "ed25519"
        length = _LENGTHS[algorithm][0]
        raw = hashlib.shake_256(f"{name}{int(kind)}".encode()).digest(length)
        key = PublicKey(algorithm=algorithm, raw=raw)
        verifier = Verifier(name=name, type=kind, key=key)
        return Signer(verifier=verifier, sign=lambda data: _sign(key, data))

    @property
    def log(self) -> Signer:
        return self.signer(self.origin, KeyType.ED25519)

    @property
    def log_pq(self) -> Signer:
        return self.signer(self.origin, KeyType.ML_DSA_44)

    def add(self, *entries: bytes) -> None:
        for entry in entries:
            leaf = leaf_hash(entry)
            self.nodes[0, self.frontier.size] = leaf
            self.entries.append(entry)
            for level, index, made in self.frontier.append(leaf):
                self.nodes[level, index] = made

    def grow(self, count: int) -> "Ground":
        while len(self.entries) < count:
            self.add(b"entry %d" % len(self.entries))
        return self

    def road(self, count: int) -> "Ground":
        """Add lawful leaves: permitted, sent, admitted, received, and so on."""
        order = (LeafType.PERMITTED, LeafType.SENT, LeafType.ADMITTED, LeafType.RECEIVED)
        while (index := len(self.entries)) < count:
            follows = index - 1 if index % 2 else None
            self.add(self.leaf(order[index % 4], follows=follows))
        return self

    def leaf(self, kind: LeafType, *, follows: int | None = None) -> bytes:
        drawn = hashlib.sha512(b"%d %d" % (kind, len(self.entries))).digest()
        return Leaf(
            type=kind,
            at=AT,
            ref=drawn[:16],
            commitment=drawn[32:],
            digest=drawn[:32] if follows is not None else None,
            follows=follows,
        ).encode()

    def read(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def slice(self, first: int, count: int) -> Sequence[bytes]:
        return self.entries[first : first + count]

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = len(self.entries) if size is None else size
        return Checkpoint(origin=self.origin, size=size, root=root(size, self.read))

    def note(self, *cosigners: Signer, size: int | None = None) -> bytes:
        return sign_note(self.checkpoint(size), [self.log, self.log_pq, *cosigners], at=AT)

    def files(self, *cosigners: Signer) -> dict[str, bytes]:
        note = self.note(*cosigners)
        return dict(export(note, read=self.read, entries=self.slice))

    def policy(self, *witnesses: Signer, quorum: str = "") -> Policy:
        """Ask for both log keys and every witness, or for `quorum`."""
        names = [f"w{number}" for number, _ in enumerate(witnesses)]
        lines = [f"log {key.verifier.text}" for key in (self.log, self.log_pq)]
        lines += [
            f"witness {name} {key.verifier.text}"
            for name, key in zip(names, witnesses, strict=True)
        ]
        lines += [f"group all-of-them all {' '.join(names)}"] if names else []
        lines += [f"quorum {quorum or ('all-of-them' if names else 'none')}"]
        return parse_policy("\n".join(lines).encode())


@dataclass
class Shelf:
    """Exported files as an auditor reads them."""

    files: dict[str, bytes]

    def __call__(self, path: str) -> bytes:
        if path not in self.files:
            raise NotFoundError(f"no file `{path}`")
        return self.files[path]
