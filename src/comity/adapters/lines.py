"""Files of lines, read in bounded pieces and written whole or not at all."""

import os
import stat
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from comity.core.errors import InvalidInputError, StorageError

STREAM = "-"
"""Standard input or output, where a path could stand."""
OWNER = 0o600
_MARKS = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def reading(path: str) -> Generator[BinaryIO]:
    """Open a file, or standard input; raises `InvalidInputError` on one that cannot be read."""
    if path == STREAM:
        yield sys.stdin.buffer
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InvalidInputError(f"cannot read `{path[:200]}`: {error.strerror}") from None
    with file:
        yield file


@contextmanager
def writing(path: str) -> Generator[BinaryIO]:
    """Open a file to write, or standard output; a file is in its place only when it is whole.

    Only its owner may read it. Raises `InvalidInputError` where it cannot be written.
    """
    if path == STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        with _opened(target, os.O_WRONLY) as file:
            yield file
        return
    part = target.with_name(f"{target.name}.part")
    try:
        with _opened(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as file:
            yield file
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _opened(path: Path, flags: int) -> BinaryIO:
    try:
        return os.fdopen(os.open(path, flags, OWNER), "wb")
    except OSError as error:
        raise InvalidInputError(f"cannot write `{path}`: {error.strerror}") from None


def lines_of(stream: BinaryIO, *, limit: int) -> Iterator[bytes]:
    """Yield the lines of a stream; of one over `limit` bytes, its first `limit` + 1 bytes.

    Raises `InvalidInputError` on UTF-16, `StorageError` where the stream breaks off.
    """
    try:
        line = stream.readline(limit + 1)
        if line[:2] in _MARKS:
            raise InvalidInputError("expected a file in UTF-8, got UTF-16")
        line = line.removeprefix(b"\xef\xbb\xbf")
        while line:
            yield line
            while len(line) > limit and not line.endswith(b"\n"):
                line = stream.readline(limit + 1)
            line = stream.readline(limit + 1)
    except OSError as error:
        raise StorageError(f"reading stopped: {error.strerror}") from None
