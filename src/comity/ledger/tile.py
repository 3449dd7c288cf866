"""Tiles and entry bundles (C2SP tlog-tiles): the tree as immutable files of 256 hashes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.ledger.tree import Read

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""
_HEIGHT = 8
_PATH = re.compile(
    r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/([0-9x/]{3,40})(?:\.p/([0-9]{1,3}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One tile of hashes, or one bundle of entries where `level` is `None`."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where the tile stands below the log's prefix."""
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level is None else self.level
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def parse_tile_path(path: str) -> Tile:
    """Read the path of a tile or bundle in its one spelling; raises `InvalidInputError`."""
    found = _PATH.fullmatch(path)
    if found is not None:
        level, index, width = found.groups()
        tile = Tile(
            level=None if level == "entries" else int(level),
            index=int(re.sub("[x/]", "", index) or WIDTH),
            width=WIDTH if width is None else int(width),
        )
        if tile.path == path and 0 < tile.width <= WIDTH:
            return tile
    raise InvalidInputError(f"expected a path like tile/0/x001/067.p/8, got `{path[:80]}`")


def tiles_of(size: int) -> Iterator[Tile]:
    """List every tile of a tree of `size`, hashes by level and then bundles; none is empty."""
    count, level = size, 0
    while count:
        yield from _row(level, count)
        count, level = count // WIDTH, level + 1
    yield from _row(None, size)


def read_tile(tile: Tile, read: Read) -> bytes:
    """Write a tile of hashes; its level must not be `None`."""
    level, first = _HEIGHT * (tile.level or 0), tile.index * WIDTH
    return b"".join(read(level, first + place) for place in range(tile.width))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Write entries one after another, each behind its length in two bytes.

    Raises `InvalidInputError` where an entry is longer than 65,535 bytes.
    """
    if any(len(entry) > limits.LEDGER_ENTRY for entry in entries):
        raise InvalidInputError(f"expected entries of at most {limits.LEDGER_ENTRY} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, count: int) -> list[bytes]:
    """Read exactly `count` entries (1 to 256); raises `InvalidInputError`."""
    at, entries = 0, list[bytes]()
    for _ in range(count):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise InvalidInputError(f"expected {count} entries in a bundle, got {len(entries)}")
        entries.append(data[start:at])
    if at != len(data):
        raise InvalidInputError(f"expected the end of a bundle at byte {at}, got more bytes")
    return entries


def _row(level: int | None, count: int) -> Iterator[Tile]:
    full, width = divmod(count, WIDTH)
    yield from (Tile(level=level, index=index) for index in range(full))
    if width:
        yield Tile(level=level, index=full, width=width)
