"""CSV: rows out of bytes, bounded; and tables whose headers are properties."""

import csv
import io
from collections.abc import Iterator, Sequence

from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.interop.intake import Entry, Found, Import, Reading, Terms, bounded, gather

SEPARATOR = "|"
"""Between several values of one cell."""
_NONE = list[str]()
_REQUIRED = ("id", "schema")


def rows(data: bytes, reading: Reading, *, delimiter: str = ",") -> Iterator[list[str]]:
    """Yield the rows of a CSV file, its line noted in `reading`.

    Bytes that are not UTF-8 come as lone surrogates, for `Entry` to reject one by one; a row
    the format forbids, with a field over `limits.ROW_TEXT` or over `limits.FIELDS` fields, is
    rejected. Raises `LimitError` on a file too large, `InvalidInputError` on UTF-16.
    """
    text = io.TextIOWrapper(
        io.BytesIO(bounded(data)), encoding="utf-8", errors="surrogateescape", newline=""
    )
    table = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        reading.line = table.line_num + 1
        try:
            row = next(table)
        except StopIteration:
            return
        except csv.Error:
            reading.reject("row", "quotes that do not close, or a field far too long")
            continue
        if len(row) > limits.FIELDS:
            reading.reject("row", f"expected at most {limits.FIELDS} columns")
        elif any(len(value) > limits.ROW_TEXT for value in row):
            reading.reject("row", f"expected fields of at most {limits.ROW_TEXT} characters")
        else:
            yield row


def read_csv(data: bytes, reading: Reading) -> Iterator[Found]:
    """Yield the entities of a table with the columns `id`, `schema` and properties.

    One cell may hold several values with `|` between them. Raises `InvalidInputError` where
    `id` or `schema` is no column.
    """
    first = data[: limits.ROW_TEXT].split(b"\n", 1)[0]
    delimiter = ";" if b"," not in first and b";" in first else ","
    table = rows(data, reading, delimiter=delimiter)
    header = [name.strip() for name in next(table, _NONE)]
    if not all(name in header for name in _REQUIRED):
        raise InvalidInputError("expected the columns `id` and `schema` in the first line")
    for row in table:
        if not any(row):
            continue
        if len(row) != len(header):
            reading.reject("row", f"expected {len(header)} columns, got {len(row)}")
        elif (found := _entity(header, row, reading)) is not None:
            yield found


def import_csv(data: bytes, *, terms: Terms, file: str = "table.csv") -> Import:
    """Read a whole table; raises as `read_csv` does."""
    reading = Reading(file)
    return gather(read_csv(data, reading), reading=reading, terms=terms)


def _entity(header: Sequence[str], row: Sequence[str], reading: Reading) -> Found | None:
    cells = list(zip(header, row, strict=True))
    named = dict(cells)
    try:
        entry = Entry(reading, named["id"], named["schema"].strip())
    except InvalidInputError as error:
        reading.reject("row", str(error))
        return None
    for name, cell in cells:
        if name not in _REQUIRED:
            for value in cell.split(SEPARATOR):
                if value.strip():
                    entry.add(name, value)
    return entry.found()
