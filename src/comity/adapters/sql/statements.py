"""The SQL text of every statement, built once for each row class where it does not vary.

Names come from row classes, never from input, and are quoted because some are words of SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.adapters.shape import listed, order_terms, shape_of, single
from comity.core.store import Op, Row, Scalar, Where

# ruff: noqa: S608 - names are our own and quoted; every value is a parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """The statements of one row class in one dialect."""

    select: str
    """Every field; a condition may follow."""
    get: str
    insert: str
    """Leaves a row with the same key alone and then counts no row."""
    put: str


def statements(kind: type[Row], mark: str) -> Statements:
    """Write the fixed statements of a row class; `mark` stands for a parameter."""
    shape = shape_of(kind)
    table, names = f'"{shape.table}"', _list(shape.names)
    marks = ", ".join([mark] * len(shape.names))
    key = _list(shape.key)
    select = f"SELECT {names} FROM {table}"
    insert = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({key}) DO "
    rest = [f'"{name}" = excluded."{name}"' for name in shape.names if name not in shape.key]
    return Statements(
        select=select,
        get=f"{select} WHERE " + " AND ".join(f'"{name}" = {mark}' for name in shape.key),
        insert=insert + "NOTHING",
        put=insert + ("UPDATE SET " + ", ".join(rest) if rest else "NOTHING"),
    )


def condition(
    kind: type[Row], where: Sequence[Where], *, mark: str
) -> tuple[str, list[Scalar]]:
    """Write conditions joined by *and*, with their parameters; empty where there are none."""
    if any(each.value is None or each.op is Op.IN for each in where):
        values: list[Scalar] = []
        return _joined([_term(kind, each, values, mark=mark) for each in where]), values
    # Without `None` and lists the words depend on fields and operators alone.
    asked = (kind, mark, *((each.field, each.op) for each in where))
    words = _WORDS.get(asked)
    if words is None:
        words = _joined([_term(kind, each, [], mark=mark) for each in where])
        _WORDS[asked] = words
    return words, [single(each) for each in where]


_WORDS: dict[tuple[object, ...], str] = {}
"""Conditions written before; our own code names fields and operators, so they are few."""


def _joined(terms: Sequence[str]) -> str:
    return " WHERE " + " AND ".join(terms) if terms else ""


def ordering(kind: type[Row], order: str) -> str:
    """Write an order: what is absent comes first, or last when descending."""
    terms = [_direction(kind, name, sign) for name, sign in order_terms(kind, order)]
    return " ORDER BY " + ", ".join(terms) if terms else ""


def _direction(kind: type[Row], name: str, sign: int) -> str:
    nulls = " NULLS FIRST" if sign > 0 else " NULLS LAST"
    way = "" if sign > 0 else " DESC"
    return f'"{name}"{way}' + (nulls if shape_of(kind).column(name).is_optional else "")


def _term(kind: type[Row], where: Where, values: list[Scalar], *, mark: str) -> str:
    column = shape_of(kind).column(where.field)
    name = f'"{column.name}"'
    if where.op is Op.IN:
        return _among(name, listed(where), values, mark=mark)
    value = single(where)
    if value is None:
        return {Op.EQ: f"{name} IS NULL", Op.NE: f"{name} IS NOT NULL"}.get(where.op, "1 = 0")
    values.append(value)
    if where.op is Op.NE:
        return (
            f"({name} <> {mark} OR {name} IS NULL)"
            if column.is_optional
            else f"{name} <> {mark}"
        )
    return f"{name} {where.op.value} {mark}"


def _among(name: str, wanted: Sequence[Scalar], values: list[Scalar], *, mark: str) -> str:
    present = [value for value in wanted if value is not None]
    values.extend(present)
    terms = [f"{name} IN ({', '.join([mark] * len(present))})"] if present else []
    if len(present) < len(wanted):
        terms.append(f"{name} IS NULL")
    return f"({' OR '.join(terms)})" if terms else "1 = 0"


def _list(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
