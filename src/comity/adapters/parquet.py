"""Parquet files, through `pyarrow` (the extra `parquet`), loaded only where one is named."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from comity.core.errors import InvalidInputError, UnreachableError

_ROWS = 2_000
Cells = Mapping[str, object]


class _Batch(Protocol):
    def to_pylist(self) -> list[Cells]: ...


class _File(AbstractContextManager["_File"], Protocol):
    def iter_batches(self, *, batch_size: int) -> Iterator[_Batch]: ...


class _Writer(AbstractContextManager["_Writer"], Protocol):
    def write_table(self, table: object, /) -> None: ...


class _Table(Protocol):
    def from_pylist(self, rows: Sequence[Cells], /, *, schema: object) -> object: ...


class _Arrow(Protocol):
    Table: _Table

    def schema(self, fields: Sequence[tuple[str, object]], /) -> object: ...

    def string(self) -> object: ...


class _Parquet(Protocol):
    def ParquetFile(self, path: Path, /) -> _File: ...  # noqa: N802 - its own name

    def ParquetWriter(self, path: Path, schema: object, /) -> _Writer: ...  # noqa: N802 - likewise


def _loaded(name: str) -> object:
    try:
        return import_module(name)
    except ImportError:
        raise UnreachableError(
            "Parquet needs `pyarrow`, which is not installed: install `comity[parquet]`"
        ) from None


def parquet_rows(path: Path) -> Generator[Cells]:
    """Yield the rows of a file, dates and numbers as text.

    Raises `UnreachableError` without `pyarrow`, `InvalidInputError` on what is no such file.
    """
    parquet = cast("_Parquet", _loaded("pyarrow.parquet"))
    try:
        file = parquet.ParquetFile(path)
    except OSError as error:
        raise InvalidInputError(f"cannot read `{path}`: {error.strerror or error}") from None
    except ValueError:
        # pyarrow's own `ArrowInvalid` is one.
        raise InvalidInputError(f"`{path}` is no Parquet file") from None
    with file:
        for batch in file.iter_batches(batch_size=_ROWS):
            yield from (
                {name: _told(cell) for name, cell in row.items()} for row in batch.to_pylist()
            )


def write_parquet(
    path: Path, rows: Iterable[Mapping[str, str]], *, header: Sequence[str]
) -> None:
    """Write rows of text, some thousand at a time; raises `UnreachableError`."""
    arrow = cast("_Arrow", _loaded("pyarrow"))
    parquet = cast("_Parquet", _loaded("pyarrow.parquet"))
    schema = arrow.schema([(name, arrow.string()) for name in header])
    with parquet.ParquetWriter(path, schema) as writer:
        held: list[Cells] = []
        for row in rows:
            held.append(row)
            if len(held) == _ROWS:
                writer.write_table(arrow.Table.from_pylist(held, schema=schema))
                held = []
        writer.write_table(arrow.Table.from_pylist(held, schema=schema))


def _told(cell: object) -> object:
    if isinstance(cell, list):
        return [_told(each) for each in cast("list[object]", cell)]
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if cell is None or isinstance(cell, bool) else str(cell)
