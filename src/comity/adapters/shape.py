"""The shape of a row class: what every store must know of it, read once from the dataclass."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass
from operator import attrgetter
from types import NoneType, UnionType
from typing import ClassVar, Protocol, Union, cast, get_args, get_origin, get_type_hints

from comity.core.errors import InvalidInputError, LimitError, StateError
from comity.core.store import Reader, Row, Scalar, Where

Key = tuple[Scalar, ...]
"""The values of a row's key, in the order its class names them."""

IN_LIMIT = 10_000
"""Most values that one `Op.IN` may list."""
LARGEST = 2**63 - 1
"""Largest integer a row holds."""


class LedgerReader(Reader, Protocol):
    """A reader that also gives the tree's hashes: tiles, roots and proofs are made of them."""

    def ledger_node(self, level: int, index: int, /) -> bytes:
        """Return the hash of a complete node; raises `NotFoundError` where there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field of a row: its name, one scalar type, and whether it may be `None`."""

    name: str
    sort: type[int | str | bytes | bool]
    is_optional: bool
    default: Scalar = None
    has_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a row class says of its storage."""

    table: str
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    key: tuple[str, ...]
    values: Callable[[Row], tuple[Scalar, ...]]
    """Gives a row's values in the order of `names`."""
    key_of: Callable[[Row], Key]
    types: tuple[frozenset[type], ...]
    """The types a value of each column commonly has."""
    flags: tuple[str, ...]
    """The fields that are `bool`: SQLite gives them back as numbers."""

    def column(self, name: str) -> Column:
        """Return a field by name; raises `StateError` where our own code misnames one."""
        for column in self.columns:
            if column.name == name:
                return column
        raise StateError(f"rows of `{self.table}` have no field `{name}`")


def shape_of(kind: type[Row]) -> Shape:
    """Read the shape of a row class; raises `StateError` on a field no store can hold."""
    shape = _SHAPES.get(kind)
    if shape is None:
        shape = _SHAPES[kind] = _read_shape(kind)
    return shape


_SHAPES: dict[type[Row], Shape] = {}


def _read_shape(kind: type[Row]) -> Shape:
    hints = get_type_hints(kind)
    fields = dataclasses.fields(cast("type[_Dataclass]", kind))
    columns = tuple(_column(kind, field, hints[field.name]) for field in fields)
    names = tuple(column.name for column in columns)
    unknown = {*kind.key, *(name for index in kind.indexes for name in index)} - set(names)
    if unknown or not kind.key:
        raise StateError(
            f"`{kind.table}` names key or index fields it lacks: {sorted(unknown)}"
        )
    return Shape(
        table=kind.table,
        columns=columns,
        names=names,
        key=kind.key,
        values=_getter(names),
        key_of=_getter(kind.key),
        types=tuple(
            frozenset({column.sort, *([NoneType] if column.is_optional else [])})
            for column in columns
        ),
        flags=tuple(column.name for column in columns if column.sort is bool),
    )


def order_terms(kind: type[Row], order: str) -> tuple[tuple[str, int], ...]:
    """Read `"due,-at"` as fields with 1 or -1; what ties is ordered by the row's key."""
    if not order:
        return ()
    shape = shape_of(kind)
    terms = [
        (shape.column(word.lstrip("-")).name, -1 if word.startswith("-") else 1)
        for word in order.split(",")
    ]
    named = {name for name, _ in terms}
    return (*terms, *((name, 1) for name in shape.key if name not in named))


def listed(where: Where) -> Sequence[Scalar]:
    """Return the values of an `Op.IN` condition; raises `LimitError` above `IN_LIMIT`."""
    if not isinstance(where.value, tuple):
        raise StateError(f"`in` on `{where.field}` wants a tuple of values")
    if len(where.value) > IN_LIMIT:
        raise LimitError(f"expected at most {IN_LIMIT} values for `{where.field}`")
    return where.value


def single(where: Where) -> Scalar:
    """Return the one value of any other condition."""
    if isinstance(where.value, tuple):
        raise StateError(f"only `in` takes several values, not `{where.op.value}`")
    return where.value


def check_values(shape: Shape, values: Sequence[Scalar]) -> None:
    """Check that values fit their columns; raises `InvalidInputError` naming the field."""
    for types, value in zip(shape.types, values, strict=True):
        if (
            type(value) not in types
            or (isinstance(value, str) and "\0" in value)
            or (isinstance(value, int) and not -LARGEST <= value <= LARGEST)
        ):
            _check_each(shape, values)
            return


def _check_each(shape: Shape, values: Sequence[Scalar]) -> None:
    for column, value in zip(shape.columns, values, strict=True):
        if value is None:
            if not column.is_optional:
                raise InvalidInputError(f"`{shape.table}.{column.name}` may not be empty")
        elif not isinstance(value, column.sort):
            found = type(value).__name__
            raise InvalidInputError(
                f"`{shape.table}.{column.name}` holds {column.sort.__name__}, got {found}"
            )
        elif isinstance(value, int) and not -LARGEST <= value <= LARGEST:
            raise InvalidInputError(f"`{shape.table}.{column.name}` is beyond 63 bits")
        elif isinstance(value, str) and "\0" in value:
            raise InvalidInputError(f"`{shape.table}.{column.name}` holds a zero byte")


class _Dataclass(Row):
    __dataclass_fields__: "ClassVar[dict[str, dataclasses.Field[Scalar]]]"


_SORTS: dict[object, type[int | str | bytes | bool]] = {
    int: int,
    str: str,
    bytes: bytes,
    bool: bool,
}


def _column(kind: type[Row], field: "dataclasses.Field[Scalar]", hint: object) -> Column:
    is_union = isinstance(hint, UnionType) or get_origin(hint) is Union
    members = cast("tuple[object, ...]", get_args(hint)) if is_union else (hint,)
    # A `NewType` is stored as what it stands for: an `Instant` is an int.
    plain = [getattr(member, "__supertype__", member) for member in members]
    sorts = [member for member in plain if member is not NoneType]
    if len(sorts) != 1 or sorts[0] not in _SORTS:
        raise StateError(f"`{kind.table}.{field.name}` is not int, str, bytes or bool")
    has_default = field.default is not MISSING
    return Column(
        name=field.name,
        sort=_SORTS[sorts[0]],
        is_optional=len(sorts) != len(members),
        default=cast("Scalar", field.default) if has_default else None,
        has_default=has_default,
    )


def _getter(names: tuple[str, ...]) -> Callable[[Row], tuple[Scalar, ...]]:
    if len(names) == 1:
        one = cast("Callable[[Row], Scalar]", attrgetter(names[0]))
        return lambda row: (one(row),)
    return cast("Callable[[Row], tuple[Scalar, ...]]", attrgetter(*names))
