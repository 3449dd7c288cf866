"""What every importer gives back: statements, what was rejected and why, and counts.

One bad value never costs the good ones beside it. A rejection names file, line, field and the
form expected; its journal form shows the shape of a value, never the value.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as member

from comity.core import limits
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, LimitError
from comity.core.ids import AgencyId, EntityId
from comity.message import Grade, Handling, Statement, vocabulary

KEPT = 10_000
"""Most rejections kept one by one; further ones are counted."""
_SHAPE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Everything an imported statement carries that the file does not say."""

    dataset: str
    originator: AgencyId
    grade: Grade
    handling: Handling
    basis: str
    purpose: str
    collected: Instant
    retain_until: Instant
    identify: Callable[[str], str]
    """Keyed hash of this node: the same statement has the same id in every edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One value or row that was not taken."""

    file: str
    line: int
    field: str
    reason: str
    value: str = member(default="", repr=False)
    """As it stood, for the person who imports; never for the journal."""

    @property
    def shape(self) -> str:
        """The value with every letter and digit blotted out: `aa-999`."""
        short = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", self.value[:_SHAPE]))
        return re.sub(r"[^a9\s.,;:/()+-]", "?", short)

    def journal(self) -> str:
        """Write it as the journal may keep it."""
        return f"{self.file}:{self.line}: {self.field}: {self.reason} (shape `{self.shape}`)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value in normal form, and as the source wrote it where that differs."""

    prop: str
    value: str
    original: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entity of a file, with the values that were good and the rejections of the rest."""

    entity_id: EntityId
    schema: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """The outcome of one import, or of one batch of a large one."""

    statements: tuple[Statement, ...]
    rejected: tuple[Rejected, ...]
    rejections: int
    """How many there were; more than `rejected` holds where there are over `KEPT`."""
    counts: Mapping[str, int]
    """Entities taken, by schema."""


class Reading:
    """One file being read: where it stands, and what was rejected so far."""

    def __init__(self, file: str) -> None:
        """Begin at the first line."""
        self.file = file
        self.line = 1
        self.rejected = list[Rejected]()
        self.rejections = 0

    def reject(self, name: str, reason: str, value: str = "") -> None:
        """Note what is not taken."""
        self.rejections += 1
        if len(self.rejected) < KEPT:
            self.rejected.append(
                Rejected(
                    file=self.file,
                    line=self.line,
                    field=name[:_SHAPE],
                    reason=reason,
                    value=value[: limits.NAME],
                )
            )


class Entry:
    """One entity being read; good values are added, others rejected."""

    def __init__(self, reading: Reading, entity_id: str, schema: str) -> None:
        """Begin an entity; raises `InvalidInputError` on a bad id or an unknown schema."""
        if vocabulary.schema(schema).is_abstract:
            raise InvalidInputError(f"schema `{schema}` is abstract, expected one of a thing")
        # RISK: ids stand in rows in clear; an id made from a name would tell it.
        self.entity_id = EntityId(vocabulary.validate("Sanction", "entity", entity_id))
        self.schema = schema
        self._reading = reading
        self._values = dict[tuple[str, str], Value]()

    def add(self, prop: str, value: str, *, original: str = "") -> bool:
        """Add one value, or reject it; return whether it was taken."""
        try:
            self._take(prop, value, original)
        except InvalidInputError as error:
            self._reading.reject(prop, str(error), original or value)
            return False
        return True

    def add_as(self, prop: str, value: str, convert: Callable[[str], Iterable[str]]) -> bool:
        """Add what `convert` makes of a source's wording, keeping the wording beside it."""
        try:
            for made in convert(value):
                self._take(prop, made, value)
        except InvalidInputError as error:
            self._reading.reject(prop, str(error), value)
            return False
        return True

    def _take(self, prop: str, value: str, original: str) -> None:
        if any("\udc80" <= c <= "\udcff" for c in value):
            raise InvalidInputError(f"`{prop}` has bytes that are not UTF-8")
        made = vocabulary.validate(self.schema, prop, value)
        kept = original if original != made else ""
        self._values.setdefault((prop, made), Value(prop=prop, value=made, original=kept))

    def found(self) -> Found | None:
        """Return the entity, or `None` where nothing of it could be taken."""
        if not self._values:
            self._reading.reject("id", "no value of this entity could be taken")
            return None
        return Found(
            entity_id=self.entity_id, schema=self.schema, values=tuple(self._values.values())
        )


def gather(found: Iterable[Found], *, reading: Reading, terms: Terms) -> Import:
    """Turn what a file holds into statements under the caller's terms."""
    counts = Counter[str]()
    statements = list[Statement]()
    for entity in found:
        counts[entity.schema] += 1
        statements += statements_from(entity, terms)
    return Import(
        statements=tuple(statements),
        rejected=tuple(reading.rejected),
        rejections=reading.rejections,
        counts=dict(counts),
    )


def batches(
    found: Iterable[Found], *, reading: Reading, terms: Terms, size: int = 2_000
) -> Iterator[Import]:
    """Yield statements of at most `size` entities at a time, so that a large file streams."""
    held = list[Found]()
    for entity in found:
        held.append(entity)
        if len(held) == size:
            yield _batch(held, reading, terms)
            held = []
    yield _batch(held, reading, terms)


def _batch(held: Iterable[Found], reading: Reading, terms: Terms) -> Import:
    batch = gather(held, reading=reading, terms=terms)
    reading.rejected, reading.rejections = [], 0
    return batch


def statements_from(entity: Found, terms: Terms) -> Iterator[Statement]:
    """Yield one statement per value; its id is a keyed hash of what it says."""
    for held in entity.values:
        parts = (terms.dataset, entity.entity_id, entity.schema, held.prop, held.value)
        yield Statement(
            statement_id=terms.identify("\x00".join(parts)),
            entity_id=entity.entity_id,
            schema=entity.schema,
            prop=held.prop,
            value=held.value,
            dataset=terms.dataset,
            originator=terms.originator,
            grade=terms.grade,
            handling=terms.handling,
            basis=terms.basis,
            purpose=terms.purpose,
            collected=terms.collected,
            retain_until=terms.retain_until,
            original_value=held.original,
        )


def bounded(data: bytes, *, limit: int = limits.UPLOAD) -> bytes:
    """Return a file's bytes without a UTF-8 mark; raises on a file too large or in UTF-16."""
    if len(data) > limit:
        raise LimitError(f"a file has at most {limit} bytes")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InvalidInputError("expected a file in UTF-8, got UTF-16")
    return data.removeprefix(b"\xef\xbb\xbf")
