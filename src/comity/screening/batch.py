"""Many people compared at once: rows of a list read into questions, cut into shards.

A row that cannot be screened is answered with its place and what was expected there; it costs
no other row. The same function runs over a shard in this process, on a pool, or on Ray.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol, TypeVar

import msgspec

from comity.core.errors import InvalidInputError
from comity.core.limits import ROW_TEXT
from comity.message import vocabulary
from comity.screening.model import Properties, Query
from comity.screening.subject import read_subject

S = TypeVar("S")
R = TypeVar("R")
SLICE: Final = 1_000
"""Rows asked about at once."""
SEPARATOR: Final = "|"
"""Between several values of one cell."""
SCHEMA: Final = "Person"
"""What a row is about where it does not say."""


class Executor(Protocol):
    """Runs a function over shards, and gives the results in the order of the shards.

    The function is one that another process can import; it must not depend on which process
    runs it. Only a bounded number of shards is taken ahead of the results that were read.
    """

    def map_shards(self, fn: Callable[[S], R], shards: Iterable[S], /) -> Iterator[R]:
        """Yield `fn(shard)` for every shard, in order; what `fn` raises is raised here."""
        ...


class Here:
    """Runs shards one after the other in this process."""

    def map_shards(self, fn: Callable[[S], R], shards: Iterable[S], /) -> Iterator[R]:
        """Yield `fn(shard)` for every shard, in order."""
        return map(fn, shards)


_HERE: Final = Here()


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in a file: where, and its members or what is wrong with it."""

    line: int
    members: Mapping[str, object]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One row that can be screened; what of it cannot be compared is named."""

    line: int
    key: str
    query: Query
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that cannot: its line, its own id where it has one, and what was expected."""

    line: int
    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Rows that follow each other, each asked or refused; `offset` is where they begin."""

    offset: int
    rows: tuple[Asked | Refused, ...]

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The rows that can be screened."""
        return tuple(row for row in self.rows if isinstance(row, Asked))

    @property
    def refused(self) -> tuple[Refused, ...]:
        """The rows that cannot."""
        return tuple(row for row in self.rows if isinstance(row, Refused))


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the columns of a file are: `id`, `schema`, or properties; others are not read."""

    named: Mapping[str, str]

    def of(self, header: Iterable[str]) -> Mapping[str, str]:
        """Return which columns are read, and as what.

        Raises `InvalidInputError` where a mapped column is not there, or none can be a name.
        """
        columns = [name.strip() for name in header]
        if lost := [name for name in self.named if name not in columns]:
            raise InvalidInputError(f"no column `{lost[0][:60]}` is in the file")
        known = {"id", "schema"} | _properties()
        read = {name: self.named.get(name, name) for name in columns}
        kept = {name: prop for name, prop in read.items() if prop in known}
        if not _NAMING & set(kept.values()):
            raise InvalidInputError(
                "no column holds a name: call one `name`, or `firstName` and `lastName`,"
                " or say which it is by `--map COLUMN=name`"
            )
        return kept


_NAMING: Final = frozenset(
    {"name", "alias", "weakAlias", "previousName", "firstName", "lastName"}
)


def _properties() -> frozenset[str]:
    return frozenset(
        prop for schema in vocabulary.schemata().values() for prop in schema.properties
    )


def read_columns(typed: Sequence[str]) -> Columns:
    """Read `COLUMN=property`, each; raises `InvalidInputError` on an unknown property."""
    named: dict[str, str] = {}
    for text in typed:
        column, equals, prop = text.rpartition("=")
        if not (column and equals and prop):
            raise InvalidInputError(f"`--map {text[:60]}`: expected COLUMN=property")
        if prop not in {"id", "schema"} | _properties():
            raise InvalidInputError(f"`--map {text[:60]}`: unknown property `{prop[:40]}`")
        named[column] = prop
    return Columns(named=named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """Rows that follow each other, as they stand in their file."""

    offset: int
    rows: tuple[Row, ...]


def cut(rows: Iterable[Row], *, skip: int = 0, size: int = SLICE) -> Iterator[Unasked]:
    """Cut rows into pieces of `size`; the first `skip` rows are left out."""
    left = islice(rows, skip, None)
    offset = skip
    while held := tuple(islice(left, size)):
        yield Unasked(offset=offset, rows=held)
        offset += len(held)


def shards(
    rows: Iterable[Row], *, skip: int = 0, engine: Executor = _HERE, size: int = SLICE
) -> Iterator[Shard]:
    """Read rows as questions, in shards of `size`, on any engine."""
    return engine.map_shards(read_shard, cut(rows, skip=skip, size=size))


def read_shard(given: Unasked, /) -> Shard:
    """Read the rows of one piece."""
    return Shard(offset=given.offset, rows=tuple(map(ask, given.rows)))


def ask(row: Row) -> Asked | Refused:
    """Read one row as a question; never raises on what a row may hold."""
    key = _text(row.members.get("id"))
    if row.fault:
        return Refused(row.line, key, row.fault)
    schema = _text(row.members.get("schema")) or SCHEMA
    props = {
        name: _values(value)
        for name, value in row.members.items()
        if name not in {"id", "schema"}
    }
    try:
        subject = read_subject({"schema": schema, "properties": props}, where="row")
        query = subject.query()
    except InvalidInputError as error:
        return Refused(row.line, key, str(error))
    return Asked(row.line, key, query, subject.warnings)


def _text(value: object) -> str:
    return str(value).strip()[:ROW_TEXT] if isinstance(value, str | int) else ""


def _values(value: object) -> object:
    if not isinstance(value, str) or SEPARATOR not in value:
        return value
    return [part for part in value.split(SEPARATOR) if part.strip()]


def chain(before: bytes, queries: Sequence[Query]) -> bytes:
    """Bind questions to all that were asked before them: SHA-256 over both.

    A batch begins with a salt of 32 random bytes, so that what it ends with tells nobody who
    was asked for. A question is written as JSON: schema, then its properties by name, with
    their values in order.
    """
    told = [[each.schema, _sorted(each.properties)] for each in queries]
    return hashlib.sha256(before + msgspec.json.encode(told)).digest()


def _sorted(properties: Properties) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((name, tuple(values)) for name, values in properties.items())
