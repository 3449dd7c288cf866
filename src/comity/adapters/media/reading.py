"""Reads a medium through a process of its own, which has no network and may not write.

What comes back is bounded here once more: the process that read a hostile medium is believed no
more than the medium.
"""

import subprocess
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from comity.adapters.media.names import (
    ACK,
    ANSWERS,
    MANIFEST,
    Found,
    Place,
    part_name,
    read_names,
)
from comity.core import limits
from comity.core.errors import ConfigurationError, InvalidInputError, LimitError, StorageError

_MISSING = 0xFFFFFFFF
_READER = "comity.adapters.media.reader"
_NAME = 255
_WORDS = {
    4: "this machine cannot confine a reader of media: it needs a kernel that filters calls",
    5: f"the medium holds more than {limits.MEDIUM_NAMES} names",
    6: "the medium could not be read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A mounted medium, read anew at each call."""

    path: Path

    def manifest(self, place: Place) -> bytes:
        """Return a bundle's manifest; raises `InvalidInputError` where it is missing."""
        (found,) = self._files(place, (MANIFEST,), limit=limits.BODY)
        if found is None:
            raise InvalidInputError(f"`{place.name}` on the medium has no `{MANIFEST}`")
        return found

    def parts(self, place: Place, count: int) -> Generator[bytes]:
        """Yield a bundle's files in order; empty where one is missing."""
        names = [part_name(each) for each in range(1, count + 1)]
        for found in self._files(place, names, limit=limits.BATCH):
            yield found or b""

    def ack(self, place: Place) -> tuple[bytes, bytes]:
        """Return an acknowledgement and its answers; raises `InvalidInputError`."""
        limit = limits.ANSWER * limits.BUNDLE_ITEMS
        ack, answers = self._files(place, (ACK, ANSWERS), limit=limit)
        if ack is None:
            raise InvalidInputError(f"`{place.name}` on the medium has no `{ACK}`")
        return ack, answers or b""

    def _files(
        self, place: Place, names: Sequence[str], *, limit: int
    ) -> Generator[bytes | None]:
        arguments = ["read", str(self.path), place.name, str(limit), *names]
        with _reader(arguments) as process:
            stream = cast("BinaryIO", process.stdout)
            for _ in names:
                yield _framed(stream, limit=limit)
            _end(process)


def look(medium: Path) -> tuple[Medium, Found]:
    """Look at the names on a medium.

    Raises `ConfigurationError` where it is not mounted or this machine cannot confine a reader,
    `StorageError` where it cannot be read, `LimitError` where it holds too many names.
    """
    if not medium.is_dir():
        raise ConfigurationError(f"`{medium}` is no folder: is the medium mounted?")
    names: list[str] = []
    with _reader(["list", str(medium)]) as process:
        stream = cast("BinaryIO", process.stdout)
        while (head := stream.read(4)) and len(names) <= limits.MEDIUM_NAMES:
            length = int.from_bytes(head, "big")
            names.append(stream.read(min(length, _NAME)).decode("utf-8", "replace"))
        _end(process)
    return Medium(path=medium), read_names(names)


def _reader(arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    # Our own interpreter and module, no shell; the environment stays behind.
    return subprocess.Popen(  # noqa: S603 - fixed program, arguments as a list
        [sys.executable, "-I", "-m", _READER, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8"},
    )


def _framed(stream: BinaryIO, *, limit: int) -> bytes | None:
    head = stream.read(4)
    length = int.from_bytes(head, "big")
    if len(head) < 4 or length == _MISSING:  # noqa: PLR2004 - a frame's head
        return None
    if length > limit:
        raise LimitError(f"{length} bytes from a medium, at most {limit} are read")
    return stream.read(length)


def _end(process: "subprocess.Popen[bytes]") -> None:
    code = process.wait(timeout=60)
    if code == 4:  # noqa: PLR2004 - see `_WORDS`
        raise ConfigurationError(_WORDS[code])
    if code == 5:  # noqa: PLR2004
        raise LimitError(_WORDS[code])
    if code:
        raise StorageError(_WORDS[6])
