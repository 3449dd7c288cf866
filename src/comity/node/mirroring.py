"""A verified copy of other ledgers: every entry read, every hash recomputed, then served.

    logs/<sha256 of the origin>/checkpoint      the newest signed checkpoint that is held whole
    logs/<sha256 of the origin>/tile/…          the static C2SP tree under it
    logs/<sha256 of the origin>/types           one byte for each entry, its type

A copy grows from what was verified before, so that each step also proves that the log did not
rewrite what came earlier. Nothing beyond the stored checkpoint counts, or is served.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from comity.adapters.files import make_private_folder, write_private
from comity.core.errors import InvalidInputError, NotFoundError, VerificationError
from comity.ledger import (
    Checkpoint,
    Frontier,
    Leaf,
    LeafType,
    Tile,
    decode_bundle,
    decode_leaf,
    leaf_hash,
    parse_checkpoint,
    parse_note,
    parse_tile_path,
)
from comity.node.archive import Archive, Vkeys
from comity.node.remote import RemoteLog

FOLDER = "logs"
_WIDTH, _HEIGHT, _HASH = 256, 8, 32
_AFTER = {
    LeafType.SENT: (LeafType.PERMITTED,),
    LeafType.RECEIVED: (LeafType.ADMITTED, LeafType.HELD),
}

Judge = Callable[[int, Leaf, str], None]
"""Takes an entry's index, the entry, and what is wrong with its order; empty if nothing is."""


@dataclass(slots=True)
class Copied:
    """The copy of one log in a folder of its own."""

    folder: Path

    def note(self) -> bytes:
        """Return the checkpoint that is held whole; empty before the first."""
        path = self.folder / "checkpoint"
        return path.read_bytes() if path.is_file() else b""

    def size(self) -> int:
        """Return how many entries are held and verified."""
        note = self.note()
        return parse_checkpoint(parse_note(note).text).size if note else 0

    def file(self, path: str) -> bytes:
        """Return a tile or bundle under the checkpoint; raises `NotFoundError` else."""
        try:
            tile = parse_tile_path(path)
        except InvalidInputError:
            raise NotFoundError(f"no file `{path[:80]}` in this copy") from None
        last = tile.index * _WIDTH + tile.width
        held = self.folder / path
        if last << (_HEIGHT * (tile.level or 0)) > self.size() or not held.is_file():
            raise NotFoundError(f"no file `{path[:80]}` in this copy")
        return held.read_bytes()

    def extend(
        self, log: RemoteLog, note: bytes, judge: Judge, *, keep: Callable[[], None]
    ) -> int:
        """Read what a log grew by up to a checkpoint, verify it and keep it; return how much.

        The note's signatures must have been verified. `keep` runs once all is verified and
        before it counts as held: what was judged must not be lost between the two. Raises
        `VerificationError` where the log's entries do not lead to its root from what is held,
        and as `RemoteLog.tile` does.
        """
        stated, old = parse_checkpoint(parse_note(note).text), self.size()
        if stated.size <= old:
            return 0
        growth = _Growth(copy=self, stated=stated, old=old, judge=judge)
        growth.read(log)
        if growth.frontier.root() != stated.root:
            raise VerificationError("the entries do not lead to the root that was signed")
        growth.finish()
        keep()
        write_private(self.folder / "checkpoint", note)
        return stated.size - old

    def under_checkpoint(self) -> Archive:
        """Return the tree that is held."""
        return Archive(
            signed=self.note(),
            vkeys=Vkeys(log=(), witnesses=()),
            give=lambda tile: (self.folder / tile.path).read_bytes(),
        )


def copy_of(folder: Path, origin: str) -> Copied:
    """Return the copy of a log below a folder."""
    digest = hashlib.sha256(origin.encode()).hexdigest()
    return Copied(folder / FOLDER / digest)


@dataclass(slots=True, kw_only=True)
class _Growth:
    """One step of a copy: the frontier, an unfinished tile for each level, and every type."""

    copy: Copied
    stated: Checkpoint
    old: int
    judge: Judge
    frontier: Frontier = field(default_factory=Frontier)
    rows: list[bytearray] = field(default_factory=list[bytearray])
    types: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        make_private_folder(self.copy.folder)
        if not self.old:
            return
        held = self.copy.under_checkpoint()
        self.frontier = Frontier.load(self.old, held.read)
        self.types = bytearray((self.copy.folder / "types").read_bytes()[: self.old])
        level, count = 0, self.old
        while count:
            width = count % _WIDTH
            tile = Tile(level=level, index=count // _WIDTH, width=width)
            row = (self.copy.folder / tile.path).read_bytes() if width else b""
            self.rows.append(bytearray(row))
            level, count = level + 1, count // _WIDTH

    def read(self, log: RemoteLog) -> None:
        """Fetch bundle after bundle; each is kept before the next is asked for."""
        for first in range(self.old - self.old % _WIDTH, self.stated.size, _WIDTH):
            width = min(_WIDTH, self.stated.size - first)
            tile = Tile(level=None, index=first // _WIDTH, width=width)
            data = log.tile(tile)
            entries = decode_bundle(data, width)
            known = max(0, self.old - first)
            if known and entries[:known] != self._held(first, known):
                raise VerificationError("the log shows entries again that are not the same")
            self._write(tile, data)
            for entry in entries[known:]:
                self._add(entry)

    def finish(self) -> None:
        """Write what does not fill a tile, and the types."""
        for level, row in enumerate(self.rows):
            if row:
                last = (self.stated.size >> _HEIGHT * level) - 1
                width = len(row) // _HASH
                self._write(Tile(level=level, index=last // _WIDTH, width=width), bytes(row))
        write_private(self.copy.folder / "types", bytes(self.types))

    def _held(self, first: int, count: int) -> Sequence[bytes]:
        tile = Tile(level=None, index=first // _WIDTH, width=count)
        return decode_bundle((self.copy.folder / tile.path).read_bytes(), count)

    def _add(self, entry: bytes) -> None:
        index = len(self.types)
        try:
            leaf = decode_leaf(entry)
        except InvalidInputError:
            raise VerificationError(f"entry {index} is no entry of a ledger") from None
        self.types.append(leaf.type)
        self.judge(index, leaf, self._wrong(index, leaf))
        made = leaf_hash(entry)
        nodes = self.frontier.append(made)
        self._place(0, made)
        for level, _, node in nodes:
            if level % _HEIGHT == 0:
                self._place(level // _HEIGHT, node)

    def _wrong(self, index: int, leaf: Leaf) -> str:
        before, follows = _AFTER.get(leaf.type), leaf.follows
        if follows is not None and follows >= index:
            return f"follows entry {follows}, which is not before it"
        if before and (follows is None or self.types[follows] not in before):
            wanted = " or ".join(kind.name.lower() for kind in before)
            return f"{leaf.type.name.lower()} without an earlier {wanted}"
        return ""

    def _place(self, level: int, made: bytes) -> None:
        if level == len(self.rows):
            self.rows.append(bytearray())
        row = self.rows[level]
        row += made
        if len(row) == _WIDTH * _HASH:
            last = (self.frontier.size >> _HEIGHT * level) - 1
            self._write(Tile(level=level, index=last // _WIDTH), bytes(row))
            row.clear()

    def _write(self, tile: Tile, data: bytes) -> None:
        path = self.copy.folder / tile.path
        make_private_folder(path.parent)
        write_private(path, data)
