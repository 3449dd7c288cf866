"""Tearlines: a lower rendition of something held, by a releasing officer, on its own terms.

It says less than its parent and in other words, has a marking and a grade of its own, and is
addressed apart: what links it to its parent is a salted hash that only its makers can open. The
parent's terms decide whether it may be made; when the parent is taken back, so is the tearline.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import ClassVar, cast

from comity.core import cbor
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, EntityId
from comity.core.store import Reader, Row, Transaction, eq
from comity.message import Grade, Handling, Statement, Status, Tlp, handling
from comity.record.statements import normal, put_changed, rows_of

DATASET = "tearline"
_RUN = 5
"""So many words in a row are somebody's own wording."""


@unique
class Point(StrEnum):
    """What a releasing officer answers for before anything lower leaves."""

    SOURCE = "source"
    METHOD = "method"
    PRECISION = "precision"
    """How exact places and times are."""
    PERSONS = "other-persons"
    THIRD_PARTY = "third-party"
    WORDING = "wording"


@unique
class Treated(StrEnum):
    """What became of one point."""

    ABSENT = "absent"
    REMOVED = "removed"
    GENERALISED = "generalised"
    KEPT = "kept"


_NEVER_KEPT = frozenset({Point.SOURCE, Point.THIRD_PARTY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """What a tearline is made from: its words, its terms and whose they are."""

    reference: str
    """The id of the statement or message; it never leaves."""
    words: tuple[str, ...]
    handling: Handling
    originators: frozenset[AgencyId]
    """All who keep control of it."""
    purpose: str
    retain_until: Instant
    """A tearline is kept no longer than its parent."""
    is_challenged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tearline:
    """The lower rendition: what it says, of whom, under which marking and grade."""

    parent: str
    entity_id: EntityId
    schema: str
    prop: str
    text: str
    handling: Handling
    grade: Grade
    checked: Mapping[Point, Treated]
    reasons: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TearlineRow(Row):
    """A tearline made here; its parent is named in this row and nowhere else."""

    table: ClassVar[str] = "tearlines"
    key: ClassVar[tuple[str, ...]] = ("tearline",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("parent",), ("state",))

    tearline: str
    """The id of the statement that holds it."""
    parent: str
    commitment: bytes
    """Salted hash of the parent and its words."""
    state: str
    """`waiting` for a second person, `made` or `withdrawn`."""
    by: str
    second: str
    at: int
    record_id: str
    """Rendition, checklist and reasons."""
    salt_id: str
    """What opens the commitment to an inspector."""


def check_tearline(said: Tearline, parent: Parent, *, agreed: frozenset[AgencyId]) -> None:
    """Hold a tearline to its parent's terms and to the checklist.

    `agreed` are the originators that are ourselves or have consented. Raises
    `InvalidInputError` naming what is missing.
    """
    if parent.originators - agreed:
        raise InvalidInputError(
            "an originator of the parent has not agreed to a lower rendition"
        )
    if parent.is_challenged:
        raise InvalidInputError("the parent is challenged: answer the challenge first")
    if said.handling.setting is not parent.handling.setting:
        raise InvalidInputError("exercise and real values do not mix")
    if unanswered := [each.value for each in Point if each not in said.checked]:
        raise InvalidInputError(f"the checklist is not answered: {', '.join(unanswered)}")
    for point in sorted(_NEVER_KEPT):
        if said.checked[point] is Treated.KEPT:
            raise InvalidInputError(f"`{point.value}` is never kept in a tearline")
    if not said.reasons.strip():
        raise InvalidInputError("a tearline needs its reasons")
    _check_wording(said.text, parent)


def _check_wording(text: str, parent: Parent) -> None:
    own = normal(text).split()
    if not own:
        raise InvalidInputError("a tearline says something")
    for words in parent.words:
        theirs = normal(words).split()
        if own == theirs or not _runs(own).isdisjoint(_runs(theirs)):
            raise InvalidInputError("a tearline says less than its parent, in its own words")


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}


def needs_second(parent: Parent) -> bool:
    """Whether a second person confirms what is made of this parent."""
    terms = parent.handling
    return (
        terms.level > 0
        or terms.tlp is Tlp.RED
        or terms.needs_a_reader
        or bool(terms.originators)
        or not terms.codes.isdisjoint({"H2", "H3"})
    )


def commitment_to(parent: Parent, *, salt: bytes) -> bytes:
    """Return the salted hash that links a tearline to its parent without naming it."""
    said = cbor.encode(["comity/v1/tearline", parent.reference, list(parent.words)])
    return hashlib.sha256(salt + said).digest()


def rendition(said: Tearline) -> bytes:
    """Write what waits for a second person, as the Safe keeps it."""
    grade = said.grade
    return cbor.encode(
        {
            "entity": said.entity_id,
            "schema": said.schema,
            "prop": said.prop,
            "text": said.text,
            "handling": str(said.handling),
            "grade": [grade.scale, grade.source, grade.information],
            "checked": {point.value: answer.value for point, answer in said.checked.items()},
            "reasons": said.reasons,
        }
    )


def read_rendition(kept: bytes, *, parent: str) -> Tearline:
    """Read back what waited."""
    held = cast("Mapping[str, str]", cbor.decode(kept))
    scale, source, information = cast("list[str]", held["grade"])
    checked = cast("Mapping[str, str]", held["checked"])
    return Tearline(
        parent=parent,
        entity_id=EntityId(held["entity"]),
        schema=held["schema"],
        prop=held["prop"],
        text=held["text"],
        handling=handling(held["handling"]),
        grade=Grade(scale=scale, source=source, information=information),
        checked={Point(name): Treated(answer) for name, answer in checked.items()},
        reasons=held["reasons"],
    )


def tearline_statement(
    said: Tearline, parent: Parent, row: TearlineRow, *, originator: AgencyId
) -> Statement:
    """Return the statement that holds a tearline: nothing in it names its parent."""
    return Statement(
        statement_id=row.tearline,
        entity_id=said.entity_id,
        schema=said.schema,
        prop=said.prop,
        value=said.text,
        dataset=DATASET,
        originator=originator,
        grade=said.grade,
        handling=said.handling,
        basis="tearline by a releasing officer",
        purpose=parent.purpose,
        collected=Instant(row.at),
        retain_until=parent.retain_until,
    )


def withdraw(tx: Transaction, parent: str) -> int:
    """Take back the tearlines of a parent that was taken back; return how many."""
    rows = [
        row for row in tx.find(TearlineRow, eq("parent", parent)) if row.state != "withdrawn"
    ]
    for row in rows:
        tx.put(replace(row, state="withdrawn"))
        for held in rows_of(tx, (row.tearline,)):
            put_changed(tx, replace(held, status=Status.RECALLED.value))
    return len(rows)


def tearlines(reader: Reader, *, limit: int = 200) -> tuple[TearlineRow, ...]:
    """Return the tearlines made here, the newest first."""
    return tuple(reader.find(TearlineRow, order="-at", limit=limit))
