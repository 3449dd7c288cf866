"""What is stored of every practice: cases, their searchable fields, tasks; no table is its own.

Rows hold codes, ids, times and keyed hashes; what a person wrote lies in encrypted records.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from comity.core.cbor import Value
from comity.core.store import Row
from comity.practice.fields import Body
from comity.practice.joint_rows import ROWS as JOINT_ROWS
from comity.practice.model import Field, Kind
from comity.practice.terms import Type
from comity.practice.values import listed


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow(Row):
    """One case: an instance of a practice between two agencies, or one party's view of many."""

    table: ClassVar[str] = "cases"
    key: ClassVar[tuple[str, ...]] = ("case",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("practice", "state", "due"), ("partner", "conv"), ("owner",), ("parent",),
    )  # fmt: skip
    case: str
    practice: str
    state: str
    """As `machine.standing` reads it."""
    opener: str
    partner: str
    side: str
    """Our own side: `opener` or `asked`."""
    conv: bytes
    purpose: str
    opened: int
    changed: int
    due: int | None
    owner: str | None
    setting: str
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFieldRow(Row):
    """One searchable value of a case; a name is here only as its keyed hash."""

    table: ClassVar[str] = "case_fields"
    key: ClassVar[tuple[str, ...]] = ("case", "name", "value")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("name", "value"),)
    case: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow(Row):
    """Something a seat or a person owes by a time: an answer, a second view, a reminder."""

    table: ClassVar[str] = "tasks"
    key: ClassVar[tuple[str, ...]] = ("task",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("case",), ("seat", "done", "due"), ("person", "done", "due"), ("done", "due"),
    )  # fmt: skip
    task: str
    case: str
    sort: str
    seat: str
    person: str | None
    due: int | None
    created: int
    done: int | None
    urgency: str


ROWS: tuple[type[Row], ...] = (CaseRow, CaseFieldRow, TaskRow, *JOINT_ROWS)


def case_fields(
    kind: Kind, body: Body, *, case: str, keyed: Callable[[str], bytes]
) -> tuple[CaseFieldRow, ...]:
    """Return a body's searchable fields; `keyed` hashes a normalised text under a node key."""
    pairs = {
        (field.name, value)
        for field in kind.fields
        if field.is_searchable and field.name in body
        for value in _searched(field, body[field.name], keyed)
    }
    return tuple(
        CaseFieldRow(case=case, name=name, value=value) for name, value in sorted(pairs)
    )


def normalised(text: str) -> str:
    """Fold case, width and spaces, so that the same name has the same keyed hash."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _searched(field: Field, value: Value, keyed: Callable[[str], bytes]) -> Iterable[str]:
    match field.type:
        case Type.INSTANT | Type.INTEGER:
            # Padded, so that the order of the text is the order of the number.
            return [f"{int(str(value)):016d}"]
        case Type.CODES:
            return [str(code) for code in listed(value) or ()]
        case Type.CODE | Type.REFERENCE | Type.FLAG:
            return [str(value).lower()]
        case _:
            return [keyed(normalised(text)).hex() for text in _names(field, value)]


def _names(field: Field, value: Value) -> Iterable[str]:
    if field.type is Type.LINE:
        return [str(value)]
    entities = [value] if field.type is Type.ENTITY else listed(value) or ()
    return [
        str(text)
        for entity in entities
        for prop, texts in _properties(entity).items()
        if prop in {"name", "alias"} or prop.endswith("Number")
        for text in texts
    ]


def _properties(entity: Value) -> Mapping[str, Sequence[Value]]:
    whole = cast("Mapping[str, Value]", entity)
    return cast("Mapping[str, Sequence[Value]]", whole["properties"])
