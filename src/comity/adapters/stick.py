"""One file for a stick: a plain archive, uncompressed, whose every name and size is checked.

It is a zip archive so that `python3 FILE` runs its `__main__.py` on a machine that has nothing
yet. Nothing in it is believed for being in it: `node.stick` judges what it holds.
"""

import re
import zipfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError

START: Final = "__main__.py"
_NAME = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._%+-]{0,199}(?:/[A-Za-z0-9_][A-Za-z0-9._%+-]{0,199}){0,8}"
)
_END = 22
_TABLE = 4 << 20
_DATE = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Stick:
    """An opened file of a stick."""

    _archive: zipfile.ZipFile
    sizes: Mapping[str, int]

    def under(self, folder: str) -> Iterator[str]:
        """Yield the names below a folder, without it."""
        return (name.removeprefix(folder) for name in self.sizes if name.startswith(folder))

    def read(self, name: str, *, limit: int = limits.UPLOAD) -> bytes:
        """Return one member; raises `InvalidInputError` where it is missing or damaged."""
        if name not in self.sizes:
            raise InvalidInputError(f"the file holds no `{name}`")
        if self.sizes[name] > limit:
            raise LimitError(f"`{name}` is larger than {limit} bytes")
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, OSError, RuntimeError, ValueError):
            raise InvalidInputError(f"`{name}` in the file is damaged") from None


def write_stick(path: Path, members: Iterable[tuple[str, bytes | Path]]) -> int:
    """Write a stick's file; the same members give the same bytes. Return its size."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, data in members:
            if _NAME.fullmatch(name) is None:
                raise InvalidInputError(f"`{name[:200]}` is no name for a stick")
            entry = zipfile.ZipInfo(name, _DATE)
            archive.writestr(entry, data if isinstance(data, bytes) else data.read_bytes())
    return path.stat().st_size


@contextmanager
def open_stick(path: Path) -> Generator[Stick]:
    """Open a stick's file.

    Raises `InvalidInputError` where it is none, holds a name twice or compressed, or a name
    that leads elsewhere; `LimitError` beyond the number or size of members.
    """
    try:
        _check_table(path)
        with zipfile.ZipFile(path) as archive:
            yield Stick(archive, _sizes(archive.infolist()))
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        raise InvalidInputError(f"`{path}` could not be read: {reason}") from None
    except zipfile.BadZipFile:
        raise InvalidInputError(f"`{path}` is no file made by `comity stick make`") from None


def _check_table(path: Path) -> None:
    """Bound the table of names before it is read whole."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not _END <= size <= limits.STICK:
            raise LimitError(f"`{path}` has {size} bytes, at most {limits.STICK} are read")
        file.seek(size - _END)
        end = file.read(_END)
    entries = int.from_bytes(end[10:12], "little")
    table = int.from_bytes(end[12:16], "little")
    if end[:4] != b"PK\x05\x06" or end[20:22] != b"\0\0":
        raise InvalidInputError(f"`{path}` is no file made by `comity stick make`")
    if entries > limits.STICK_MEMBERS or table > _TABLE:
        raise LimitError(f"`{path}` holds {entries} members, at most {limits.STICK_MEMBERS}")


def _sizes(entries: Iterable[zipfile.ZipInfo]) -> Mapping[str, int]:
    sizes: dict[str, int] = {}
    for entry in entries:
        is_plain = (
            entry.compress_type == zipfile.ZIP_STORED
            and entry.file_size == entry.compress_size
            and not entry.flag_bits & 0x1
        )
        # INVARIANT: a name in a stick never leads out of the folder it is written below.
        if not is_plain or _NAME.fullmatch(entry.filename) is None or entry.filename in sizes:
            raise InvalidInputError(
                "the file holds a member that is compressed, twice or ill named"
            )
        sizes[entry.filename] = entry.file_size
    return sizes
