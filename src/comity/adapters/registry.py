"""The files of a registry log as they are served: which there are, and the entries in them.

registry/checkpoint
registry/tile/entries/…           every entry, 256 in a bundle
registry/proof/<index>.tlog-proof of what counts from the time it was seen
"""

from collections.abc import Mapping, Sequence
from typing import Final

from comity.core import limits
from comity.core.errors import LimitError, VerificationError
from comity.ledger import Tile, decode_bundle, parse_checkpoint, parse_note
from comity.trust import Recorded, read_record

PREFIX: Final = "registry/"
CHECKPOINT: Final = f"{PREFIX}checkpoint"
ANNOUNCED: Final = frozenset({Recorded.LOSS, Recorded.OBJECTION, Recorded.SILENCE})
"""What counts from the time it was seen: the log serves a proof of each."""
BUNDLE: Final = 256 * (limits.REGISTRY_ENTRY + 2)
"""Largest bundle of entries, in bytes."""
_WIDTH = 256


def proof_path(index: int) -> str:
    """Return where the proof of an announcement stands below the log's prefix."""
    return f"proof/{index}.tlog-proof"


def bundles(note: bytes) -> tuple[Tile, ...]:
    """Return every entry bundle under a checkpoint; raises `InvalidInputError`."""
    size = parse_checkpoint(parse_note(note).text).size
    if size > limits.REGISTRY_ENTRIES:
        raise LimitError(f"the registry log has {size} entries")
    return tuple(
        Tile(level=None, index=first // _WIDTH, width=min(_WIDTH, size - first))
        for first in range(0, size, _WIDTH)
    )


def read_entries(files: Mapping[str, bytes], note: bytes) -> list[bytes]:
    """Read every entry under a checkpoint; raises `VerificationError` where one lacks."""
    found: list[bytes] = []
    for tile in bundles(note):
        if (data := files.get(PREFIX + tile.path)) is None:
            raise VerificationError(f"the registry log lacks `{tile.path}`")
        found += decode_bundle(data, tile.width)
    return found


def announcements(entries: Sequence[bytes]) -> tuple[int, ...]:
    """Return the indices of entries that count from the time they were seen."""
    return tuple(at for at, entry in enumerate(entries) if read_record(entry).sort in ANNOUNCED)
