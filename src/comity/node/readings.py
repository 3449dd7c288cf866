"""What our people read of the law, as a file beside the packs: for who asks a closed folder.

The store is what counts; this copy is written whenever a reading begins to count, and a node
that runs never reads it.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from comity.adapters.files import write_private
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError
from comity.law import Reading, read_record

FILE = "readings.json"


def write_readings(folder: Path, readings: Iterable[Reading]) -> None:
    """Write the readings that were confirmed, the oldest first, where they have changed."""
    path, told = folder / FILE, [each.record() for each in readings]
    data = json.dumps(told, indent=1, ensure_ascii=False).encode()
    held = path.read_bytes() if path.is_file() else b"[]"
    if held != data:
        write_private(path, data)


def held_readings(folder: Path) -> tuple[Reading, ...]:
    """Read the readings of a folder; raises `InvalidInputError`."""
    path = folder / FILE
    if not path.is_file():
        return ()
    try:
        found = cast("list[Value]", json.loads(path.read_bytes()))
        return tuple(read_record(each) for each in found)
    except (ValueError, TypeError, OSError):
        raise InvalidInputError(f"`{path}` holds no readings: open the node once") from None
