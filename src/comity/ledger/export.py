"""A whole ledger as static C2SP files, and the audit of such files without any node.

The audit trusts only the keys of its policy. It recomputes every hash from the entries,
compares every tile and the root, and reads from the types alone whether the law came first:
each `sent` names an earlier `permitted`, each `received` an earlier `admitted` or `held`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from comity.core.errors import InvalidInputError, NotFoundError, VerificationError
from comity.core.keys import Verify
from comity.ledger.checkpoint import OpenedNote, Seen, open_note, parse_checkpoint
from comity.ledger.leaf import LeafType, decode_leaf
from comity.ledger.note import parse_note
from comity.ledger.policy import Policy
from comity.ledger.tile import WIDTH, Tile, decode_bundle, encode_bundle, read_tile, tiles_of
from comity.ledger.tree import HASH, Frontier, Read, leaf_hash

Files: TypeAlias = Callable[[str], bytes]
"""Gives the bytes at a path below the log's prefix; raises `NotFoundError`."""

_CHECKPOINT = "checkpoint"
_FINDINGS = 100
_HEIGHT = 8
_AFTER = {
    LeafType.SENT: (LeafType.PERMITTED,),
    LeafType.RECEIVED: (LeafType.ADMITTED, LeafType.HELD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it must be: the path or `entry N`, and what is wrong."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an audit of exported files found; sound only where `findings` is empty."""

    origin: str
    size: int
    root: bytes
    read: int
    """Entries read and hashed."""
    counts: Mapping[LeafType, int]
    seen: tuple[Seen, ...]
    findings: tuple[Finding, ...]


def export(
    note: bytes, *, read: Read, entries: Callable[[int, int], Sequence[bytes]]
) -> Iterator[tuple[str, bytes]]:
    """Write the tree under a signed checkpoint as (path, bytes), the checkpoint last.

    `entries(first, count)` gives stored entries in order. Raises `InvalidInputError`.
    """
    for tile in tiles_of(parse_checkpoint(parse_note(note).text).size):
        if tile.level is None:
            yield tile.path, encode_bundle(entries(tile.index * WIDTH, tile.width))
        else:
            yield tile.path, read_tile(tile, read)
    yield _CHECKPOINT, note


def verify_export(files: Files, policy: Policy, *, verify: Verify) -> Report:
    """Audit an exported ledger: signatures, policy, entries, every tile, root, order of law.

    A signature of a key that the policy does not name is a finding: name every cosigner.
    """
    audit = _Audit(files=files)
    try:
        opened = open_note(files(_CHECKPOINT), policy.verifiers, verify=verify)
    except (InvalidInputError, NotFoundError, VerificationError) as error:
        audit.find(_CHECKPOINT, str(error))
        return audit.report(None)
    if not policy.is_met(opened):
        audit.find(_CHECKPOINT, "lacks signatures that the policy asks for")
    if len(opened.seen) != len(opened.note.signatures):
        audit.find(_CHECKPOINT, "bears a signature of a key that the policy does not name")
    audit.read(opened.checkpoint.size)
    if audit.frontier.root() != opened.checkpoint.root:
        audit.find(_CHECKPOINT, "states another root than the entries lead to")
    return audit.report(opened)


@dataclass(slots=True, kw_only=True)
class _Audit:
    """The state of one audit: a frontier, one unfinished tile per level, a byte per entry."""

    files: Files
    frontier: Frontier = field(default_factory=Frontier)
    rows: list[bytearray] = field(default_factory=list[bytearray])
    types: bytearray = field(default_factory=bytearray)
    counts: Counter[LeafType] = field(default_factory=Counter[LeafType])
    findings: list[Finding] = field(default_factory=list[Finding])

    def find(self, where: str, what: str) -> None:
        if len(self.findings) < _FINDINGS:
            self.findings.append(Finding(where=where, what=what))

    def read(self, size: int) -> None:
        """Read bundle after bundle; stop at the first that cannot be read."""
        for first in range(0, size, WIDTH):
            tile = Tile(level=None, index=first // WIDTH, width=min(WIDTH, size - first))
            try:
                entries = decode_bundle(self.files(tile.path), tile.width)
            except (InvalidInputError, NotFoundError) as error:
                self.find(tile.path, f"{error}; nothing after it was read")
                return
            for entry in entries:
                self._add(entry)
        for level, row in enumerate(self.rows):
            if row:
                self._compare(level, row)

    def report(self, opened: OpenedNote | None) -> Report:
        stated = opened.checkpoint if opened else None
        return Report(
            origin=stated.origin if stated else "",
            size=stated.size if stated else 0,
            root=stated.root if stated else b"",
            read=self.frontier.size,
            counts=dict(self.counts),
            seen=opened.seen if opened else (),
            findings=tuple(self.findings),
        )

    def _add(self, entry: bytes) -> None:
        self._judge(entry)
        leaf = leaf_hash(entry)
        nodes = self.frontier.append(leaf)
        self._place(0, leaf)
        for level, _, made in nodes:
            if level % _HEIGHT == 0:
                self._place(level // _HEIGHT, made)

    def _judge(self, entry: bytes) -> None:
        """Check one entry's form and order; its index is the number of entries before it."""
        index = len(self.types)
        try:
            leaf = decode_leaf(entry)
        except InvalidInputError as error:
            self.find(f"entry {index}", str(error))
            self.types.append(0)
            return
        self.types.append(leaf.type)
        self.counts[leaf.type] += 1
        before, follows = _AFTER.get(leaf.type), leaf.follows
        if follows is not None and follows >= index:
            self.find(f"entry {index}", f"follows entry {follows}, which is not before it")
        elif before and (follows is None or self.types[follows] not in before):
            wanted = " or ".join(kind.name.lower() for kind in before)
            self.find(f"entry {index}", f"{leaf.type.name.lower()} without an earlier {wanted}")

    def _place(self, level: int, made: bytes) -> None:
        if level == len(self.rows):
            self.rows.append(bytearray())
        row = self.rows[level]
        row += made
        if len(row) == WIDTH * HASH:
            self._compare(level, row)
            row.clear()

    def _compare(self, level: int, row: bytearray) -> None:
        """Compare the tile whose hashes end at the newest node of its level with its file."""
        last = (self.frontier.size >> _HEIGHT * level) - 1
        tile = Tile(level=level, index=last // WIDTH, width=len(row) // HASH)
        try:
            held = self.files(tile.path)
        except NotFoundError as error:
            self.find(tile.path, str(error))
            return
        if held != bytes(row):
            pairs = zip(count(), held, row, strict=False)
            place = next((at for at, one, other in pairs if one != other), None)
            first = "its length" if place is None else f"hash {place // HASH}"
            self.find(tile.path, f"differs from the entries, first in {first}")
