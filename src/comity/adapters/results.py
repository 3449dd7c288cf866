"""What a batch has found so far, on disk: it goes on after a kill, and ends as a whole file.

Beside OUT lies `OUT.progress`, for its owner alone: offsets, counts, the candidate rows and the
rows that could not be read; of a row without a candidate nothing is in it. Each slice is
durable before the next one is asked for; a line that was broken off by a kill is dropped. Once
OUT and OUT.rejects.csv are in their place, it is erased.
"""

import csv
import fcntl
import io
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec

from comity.adapters.lines import OWNER, writing
from comity.adapters.parquet import write_parquet
from comity.adapters.passengers import format_of
from comity.core.errors import ConflictError, InvalidInputError, StorageError

REJECTS = ("line", "id", "reason")
Cells = Mapping[str, str]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one slice of rows came to; the first one of a file says what it is about."""

    rows: int
    """Rows done, counted from the first of the file."""
    asked: int = 0
    found: tuple[dict[str, str], ...] = ()
    rejects: tuple[dict[str, str], ...] = ()
    state: str = ""
    """Whatever the asker needs in order to go on from here."""
    about: str = ""


@dataclass(slots=True)
class Done:
    """How far a batch has come."""

    rows: int = 0
    asked: int = 0
    found: int = 0
    rejects: int = 0
    state: str = ""

    def take(self, part: Part) -> None:
        """Count one more slice."""
        self.rows = part.rows
        self.asked += part.asked
        self.found += len(part.found)
        self.rejects += len(part.rejects)
        self.state = part.state


@dataclass(slots=True, kw_only=True)
class Results:
    """An open progress file."""

    out: Path
    header: Sequence[str]
    file: BinaryIO
    done: Done = field(default_factory=Done)

    def add(self, part: Part) -> None:
        """Keep one slice: durable once this returns; raises `StorageError` on a full disk."""
        try:
            self.file.write(msgspec.json.encode(part) + b"\n")
            self.file.flush()
            os.fsync(self.file.fileno())
        except OSError as error:
            raise StorageError(f"cannot write beside `{self.out}`: {error.strerror}") from None
        self.done.take(part)

    def finish(self) -> Path | None:
        """Put everything in its place and erase the progress; return the rejects, if any."""
        rejects = self.out.with_name(f"{self.out.name}.rejects.csv")
        _write(self.out, self.header, self._each(lambda part: part.found))
        if self.done.rejects:
            _write(rejects, REJECTS, self._each(lambda part: part.rejects))
        else:
            rejects.unlink(missing_ok=True)
        beside(self.out).unlink()
        return rejects if self.done.rejects else None

    def _each(self, of: Callable[[Part], Iterable[Cells]]) -> Iterator[Cells]:
        with beside(self.out).open("rb") as file:
            for line in file:
                yield from of(msgspec.json.decode(line, type=Part))


def beside(out: Path) -> Path:
    """Return where the progress of an output lies."""
    return out.with_name(f"{out.name}.progress")


@contextmanager
def results(out: str, *, header: Sequence[str], about: str) -> Generator[Results]:
    """Begin a batch into `out`, or go on with one that was broken off.

    Raises `ConflictError` where another run writes it, or where what was broken off is `about`
    something else; `InvalidInputError` where nothing can be written there.
    """
    path = Path(out)
    format_of(out)
    place = beside(path)
    try:
        number = os.open(place, os.O_RDWR | os.O_CREAT, OWNER)
    except OSError as error:
        raise InvalidInputError(f"cannot write `{place}`: {error.strerror}") from None
    with os.fdopen(number, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError(f"another run writes `{path}`: let it end first") from None
        opened = Results(out=path, header=header, file=file)
        _take_up(opened, about)
        try:
            yield opened
        except BaseException:
            if not opened.done.rows:
                # Nothing was answered: nothing is left to go on with.
                place.unlink()
            raise


def _take_up(opened: Results, about: str) -> None:
    """Count what is there, drop a line that was broken off, and stand at the end."""
    file, whole, first = opened.file, 0, True
    for line in file:
        try:
            part = msgspec.json.decode(line, type=Part) if line.endswith(b"\n") else None
        except msgspec.DecodeError:
            part = None
        if part is None:
            break
        if first and part.about != about:
            raise ConflictError(
                f"`{beside(opened.out)}` belongs to another list or other options: finish that"
                " run, or remove the file to begin again"
            )
        first = False
        opened.done.take(part)
        whole += len(line)
    file.seek(whole)
    file.truncate()
    if first:
        opened.add(Part(rows=0, about=about))


def _write(path: Path, header: Sequence[str], rows: Iterable[Cells]) -> None:
    match format_of(str(path)):
        case "parquet":
            part = path.with_name(f"{path.name}.part")
            part.unlink(missing_ok=True)
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT, OWNER))
            write_parquet(part, rows, header=header)
            part.replace(path)
        case "jsonl":
            with writing(str(path)) as file:
                for row in rows:
                    file.write(msgspec.json.encode(row) + b"\n")
        case _:
            with writing(str(path)) as file:
                text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
                table = csv.DictWriter(text, header, restval="", extrasaction="ignore")
                table.writeheader()
                table.writerows(rows)
                text.detach()
