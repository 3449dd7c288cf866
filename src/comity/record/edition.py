"""Lists have editions: what is new, changed and removed is shown before a person commits it.

A list is a dataset. Statement ids are derived from what a statement says (under a key of the
node), so two editions are compared without opening a single record.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import ClassVar

from comity.core.clock import DAY, Instant
from comity.core.errors import ConflictError, InvalidInputError
from comity.core.ids import EntityId, PersonId
from comity.core.store import Op, Reader, Row, Transaction, Where, eq
from comity.message import Statement, Status
from comity.record.disclosure import DisclosureRow, Told, tell_of_entities
from comity.record.judgement import JudgementRow
from comity.record.safe import Safe
from comity.record.statements import StatementRow, keep_statements, put_changed
from comity.record.view import Clearance, is_seen

_SHOWN = 20


@unique
class Origin(Enum):
    """Whether a list is used, or only shows how lists work."""

    PUBLISHER = "publisher"
    DEMONSTRATION = "demonstration"
    """Shipped in the package: never to screen real people with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition of one list, as its publisher dates it."""

    dataset: str
    edition: str
    published: Instant
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow(Row):
    """An edition that a person committed."""

    table: ClassVar[str] = "editions"
    key: ClassVar[tuple[str, ...]] = ("dataset", "edition")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("dataset", "is_current"),)

    dataset: str
    edition: str
    published: int
    is_demonstration: bool
    content: bytes
    """Digest over the ids of its statements."""
    entities: int
    statements: int
    by: str
    committed: int
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How many entities are of one sort, and the first few of them."""

    count: int
    sample: tuple[EntityId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionDiff:
    """What committing an edition would do; `digest` names exactly this change."""

    edition: Edition
    before: str
    """The edition it follows; empty for the first."""
    new: Change
    changed: Change
    removed: Change
    unchanged: int
    added: frozenset[str]
    """Ids of statements to add."""
    dropped: frozenset[str]
    """Ids of statements to withdraw."""
    held_back: tuple[str, ...]
    """Ids the edition has that people here contested, recalled or corrected: left so."""
    gone: tuple[EntityId, ...]
    content: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 over what would be added and withdrawn."""
        parts = ["+" + name for name in sorted(self.added)]
        parts += ["-" + name for name in sorted(self.dropped)]
        return hashlib.sha256("\n".join(parts).encode() + self.content).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who commits an edition, and when."""

    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What follows from a committed edition."""

    row: EditionRow
    forget: tuple[EntityId, ...]
    """Entities that screening must forget."""
    reindex: tuple[EntityId, ...]
    """Entities that screening must read again: new or changed."""
    told: tuple[DisclosureRow, ...]
    """Holders to be told that the entry is gone."""
    judged: tuple[JudgementRow, ...]
    """Judgements on removed entries, whose officers and cases must be told."""


def preview(reader: Reader, edition: Edition, incoming: Iterable[Statement], /) -> EditionDiff:
    """Compare an edition with what is held of its list, and change nothing.

    Raises `InvalidInputError` on statements of another dataset.
    """
    coming = _by_id(edition, incoming)
    rows = {row.statement_id: row for row in _rows(reader, edition.dataset)}
    held = {name: row for name, row in rows.items() if not row.withdrawn_in}
    live = {name for name, row in held.items() if row.status == Status.ACTIVE.value}
    now = _entities((row.statement_id, row.entity_id) for row in held.values())
    then = _entities((s.statement_id, s.entity_id) for s in coming.values())
    new, gone = _only(then, now), _only(now, then)
    changed = sorted(name for name in then if name in now and then[name] != now[name])
    before = current_edition(reader, edition.dataset)
    return EditionDiff(
        edition=edition,
        before="" if before is None else before.edition,
        new=_change(new),
        changed=_change(changed),
        removed=_change(gone),
        unchanged=len(then) - len(new) - len(changed),
        added=frozenset(coming) - frozenset(held),
        dropped=frozenset(held) - frozenset(coming),
        held_back=tuple(sorted((frozenset(held) - live) & frozenset(coming))),
        gone=tuple(gone),
        content=_content(coming),
    )


def commit_edition(
    tx: Transaction,
    previewed: EditionDiff,
    incoming: Sequence[Statement],
    *,
    safe: Safe,
    approval: Approval,
) -> Committed:
    """Make an edition the current one, exactly as it was previewed.

    Committing it twice changes nothing. Raises `ConflictError` where what is held or the
    edition changed since the preview, or another content bears the same name.
    """
    edition, at = previewed.edition, approval.at
    held = tx.get(EditionRow, edition.dataset, edition.edition)
    if held is not None:
        return _again(held, previewed)
    coming = _by_id(edition, incoming)
    if preview(tx, edition, incoming).digest != previewed.digest:
        raise ConflictError("the edition or what is held changed since the preview")
    rows = _rows(tx, edition.dataset)
    _withdraw(tx, rows, previewed)
    _renew(tx, rows, coming)
    fresh = [coming[name] for name in sorted(previewed.added)]
    keep_statements(tx, fresh, safe=safe, at=at, edition=edition.edition)
    row = _install(tx, previewed, coming, approval)
    touched = dict.fromkeys(statement.entity_id for statement in fresh)
    touched |= dict.fromkeys(
        EntityId(old.entity_id) for old in rows if old.statement_id in previewed.dropped
    )
    return Committed(
        row=row,
        forget=previewed.gone,
        reindex=tuple(name for name in touched if name not in set(previewed.gone)),
        told=tell_of_entities(tx, previewed.gone, Told.WITHDRAWN, at=at),
        judged=_judged(tx, previewed.gone),
    )


def current_edition(reader: Reader, dataset: str) -> EditionRow | None:
    """Return the edition of a list in use, if one was ever committed."""
    found = reader.find(EditionRow, eq("dataset", dataset), eq("is_current", value=True))
    return found[0] if found else None


def age_of(row: EditionRow, at: Instant) -> int:
    """Return an edition's age in whole days since it was published."""
    return max(0, at - row.published) // DAY


def _again(held: EditionRow, previewed: EditionDiff) -> Committed:
    if held.content != previewed.content:
        raise ConflictError(f"an edition `{held.edition}` with another content stands already")
    if not held.is_current:
        raise ConflictError(f"edition `{held.edition}` was followed by another already")
    return Committed(row=held, forget=(), reindex=(), told=(), judged=())


def _withdraw(tx: Transaction, rows: Iterable[StatementRow], previewed: EditionDiff) -> None:
    put_changed(
        tx,
        *(
            _withdrawn(row, previewed.edition.edition)
            for row in rows
            if row.statement_id in previewed.dropped
        ),
    )


def _withdrawn(row: StatementRow, edition: str) -> StatementRow:
    is_living = row.status in (Status.ACTIVE.value, Status.CONTESTED.value)
    status = Status.RECALLED.value if is_living else row.status
    procedure = row.procedure or row.challenge
    return replace(row, status=status, withdrawn_in=edition, procedure=procedure)


def _renew(
    tx: Transaction, rows: Iterable[StatementRow], coming: Mapping[str, Statement]
) -> None:
    """Carry marking, purpose and retention of the edition over to what it still has."""
    changed = list[StatementRow]()
    for row in rows:
        statement = coming.get(row.statement_id)
        if statement is None:
            continue
        is_back = row.withdrawn_in != "" and not row.challenge
        renewed = replace(
            row,
            handling=str(statement.handling),
            purpose=statement.purpose,
            retain_until=statement.retain_until,
            status=Status.ACTIVE.value if is_back else row.status,
            withdrawn_in="",
        )
        if renewed != row:
            changed.append(renewed)
    put_changed(tx, *changed)


def _install(
    tx: Transaction,
    previewed: EditionDiff,
    coming: Mapping[str, Statement],
    approval: Approval,
) -> EditionRow:
    edition = previewed.edition
    if (last := current_edition(tx, edition.dataset)) is not None:
        tx.put(replace(last, is_current=False))
    row = EditionRow(
        dataset=edition.dataset,
        edition=edition.edition,
        published=edition.published,
        is_demonstration=edition.origin is Origin.DEMONSTRATION,
        content=previewed.content,
        entities=len({statement.entity_id for statement in coming.values()}),
        statements=len(coming),
        by=approval.by,
        committed=approval.at,
        is_current=True,
    )
    tx.insert(row)
    return row


def _judged(reader: Reader, gone: Iterable[EntityId]) -> tuple[JudgementRow, ...]:
    return tuple(
        row for name in gone for row in reader.find(JudgementRow, eq("entity_id", name))
    )


def _rows(reader: Reader, dataset: str) -> Sequence[StatementRow]:
    """Return what editions brought; corrections made here are no part of the list."""
    return reader.find(StatementRow, eq("dataset", dataset), Where("edition", Op.NE, ""))


def _by_id(edition: Edition, incoming: Iterable[Statement]) -> dict[str, Statement]:
    coming = {statement.statement_id: statement for statement in incoming}
    if any(statement.dataset != edition.dataset for statement in coming.values()):
        raise InvalidInputError(f"expected statements of `{edition.dataset}` alone")
    return coming


def _entities(pairs: Iterable[tuple[str, str]]) -> dict[EntityId, set[str]]:
    found = dict[EntityId, set[str]]()
    for statement_id, entity_id in pairs:
        found.setdefault(EntityId(entity_id), set()).add(statement_id)
    return found


def _only(
    these: Mapping[EntityId, set[str]], those: Mapping[EntityId, set[str]]
) -> list[EntityId]:
    return sorted(name for name in these if name not in those)


def _change(names: Sequence[EntityId]) -> Change:
    return Change(count=len(names), sample=tuple(names[:_SHOWN]))


def _content(coming: Iterable[str]) -> bytes:
    return hashlib.sha256("\n".join(sorted(coming)).encode()).digest()


def editions_seen(store: Reader, reader: Clearance, *, at: Instant) -> tuple[EditionRow, ...]:
    """Return the current editions of which `reader` may be shown anything."""
    rows = store.find(EditionRow, eq("is_current", value=True), order="dataset")
    return tuple(row for row in rows if is_seen(store, row.dataset, reader, at=at))
