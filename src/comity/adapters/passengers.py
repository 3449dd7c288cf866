"""Lists of people on disk: CSV, JSON lines and Parquet, one bounded piece in memory at a time.

Every row comes back, with its line; one that is no row of its format says so, and costs none.
`pyarrow` (the extra `parquet`) is loaded only where a Parquet file is named.
"""

import csv
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import cast

import msgspec

from comity.adapters.lines import lines_of, reading
from comity.adapters.parquet import parquet_rows
from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.screening.batch import Columns, Row

FORMATS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".json": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_DELIMITERS = ",;\t"
_NONE = list[str]()
_WITHIN = 50
"""Most lines one quoted cell may run over."""


def format_of(path: str) -> str:
    """Return `csv`, `jsonl` or `parquet` by a path's ending; raises `InvalidInputError`."""
    found = FORMATS.get(Path(path).suffix.lower())
    if found is None:
        ends = ", ".join(FORMATS)
        raise InvalidInputError(f"`{path[:200]}` has no ending that names a format: {ends}")
    return found


def rows_in(path: str, columns: Columns) -> Iterator[Row]:
    """Yield every row of a list, in order.

    Raises `InvalidInputError` on a file that is not of its format, `UnreachableError` where
    Parquet is asked for and `pyarrow` is not installed.
    """
    return _READERS[format_of(path)](path, columns)


def _csv_rows(path: str, columns: Columns) -> Generator[Row]:
    with reading(path) as file:
        lines = enumerate(lines_of(file, limit=limits.BODY), start=1)
        _, first = next(lines, (1, b""))
        delimiter = max(_DELIMITERS, key=lambda each: first.count(each.encode()))
        try:
            header = [name.strip() for name in _cells(first, delimiter)]
        except (InvalidInputError, csv.Error) as error:
            raise InvalidInputError(f"the first line of `{path}`: {error}") from None
        read = columns.of(header)
        for line, cells, fault in _records(lines, delimiter, width=len(header)):
            if not fault:
                yield Row(line, _members(zip(header, cells, strict=True), read))
            else:
                named = dict(zip(header, cells, strict=False))
                keys = (each for name, each in named.items() if read.get(name) == "id")
                yield Row(line, {"id": next(keys, "")}, fault)


def _records(
    lines: Iterator[tuple[int, bytes]], delimiter: str, *, width: int
) -> Generator[tuple[int, list[str], str]]:
    """Yield records with what is wrong with them; a quoted cell may run over several lines.

    Where no whole record comes of the lines that follow, the first line alone is at fault, and
    the next one is read afresh: an open quote swallows nothing.
    """
    waiting = deque[tuple[int, bytes]]()
    while True:
        line, data = waiting.popleft() if waiting else next(lines, (0, b""))
        if not line:
            return
        if not data.strip():
            continue
        try:
            cells = _cells(data, delimiter)
        except _OpenQuoteError as error:
            closed = _closed(data, lines, waiting, delimiter, width)
            yield (line, [], str(error)) if closed is None else (line, closed, "")
        except InvalidInputError as error:
            yield line, [], str(error)
        else:
            is_whole = len(cells) == width
            yield line, cells, "" if is_whole else f"expected {width} columns, got {len(cells)}"


def _closed(
    data: bytes,
    lines: Iterator[tuple[int, bytes]],
    waiting: deque[tuple[int, bytes]],
    delimiter: str,
    width: int,
) -> list[str] | None:
    """Return the record that begins here and ends some lines on; else leave them waiting."""
    whole = data
    for place in range(_WITHIN):
        if place == len(waiting):
            follows = next(lines, None)
            if follows is None:
                return None
            waiting.append(follows)
        whole += waiting[place][1]
        try:
            cells = _cells(whole, delimiter)
        except _OpenQuoteError:
            continue
        except InvalidInputError:
            return None
        if len(cells) != width:
            return None
        for _ in range(place + 1):
            waiting.popleft()
        return cells
    return None


def _cells(data: bytes, delimiter: str) -> list[str]:
    if len(data) > limits.BODY:
        raise InvalidInputError(f"longer than {limits.BODY} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise InvalidInputError("bytes that are not UTF-8") from None
    lines = text.rstrip("\r\n").splitlines(keepends=True)
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=True), _NONE)
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise _OpenQuoteError("a quote that does not close") from None
        raise InvalidInputError("quotes in the wrong place, or a field far too long") from None
    if len(cells) > limits.FIELDS:
        raise InvalidInputError(f"expected at most {limits.FIELDS} columns")
    return cells


class _OpenQuoteError(csv.Error):
    """A quoted cell runs on into the next line, or does not end."""


def _members(cells: Iterable[tuple[str, object]], read: Mapping[str, str]) -> dict[str, object]:
    members: dict[str, object] = {}
    for column, value in cells:
        prop = read.get(column)
        if prop is None or value is None or value == "":
            continue
        members[prop] = [*_listed(members[prop]), value] if prop in members else value
    return members


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _json_rows(path: str, columns: Columns) -> Generator[Row]:
    with reading(path) as file:
        for line, data in enumerate(lines_of(file, limit=limits.BODY), start=1):
            if data.strip():
                yield _json_row(line, data, columns)


def _json_row(line: int, data: bytes, columns: Columns) -> Row:
    if len(data) > limits.BODY:
        return Row(line, {}, f"longer than {limits.BODY} bytes")
    try:
        made = cast("object", msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        made = None
    if not isinstance(made, dict):
        return Row(line, {}, "expected one JSON object in UTF-8")
    members = cast("dict[str, object]", made)
    held = members.get("properties")
    if isinstance(held, dict):
        own = {name: each for name, each in members.items() if name in {"id", "schema"}}
        members = {**cast("dict[str, object]", held), **own}
    return Row(line, {columns.named.get(name, name): each for name, each in members.items()})


def _parquet_rows(path: str, columns: Columns) -> Generator[Row]:
    read: Mapping[str, str] | None = None
    for number, cells in enumerate(parquet_rows(Path(path)), start=1):
        read = columns.of(cells) if read is None else read
        yield Row(number, _members(cells.items(), read))


_READERS: Mapping[str, Callable[[str, Columns], Iterator[Row]]] = {
    "csv": _csv_rows,
    "jsonl": _json_rows,
    "parquet": _parquet_rows,
}
