"""What screening must read again: every entity whose statements changed, under a number.

The number grows with each change and is written in the same unit as the change itself, so that
whoever follows it, however late and after whatever crash, misses nothing. Rows hold ids only.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from comity.core.store import Op, Reader, Row, Transaction, Where

_NAME = "screening"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow(Row):
    """The newest change of one entity."""

    table: ClassVar[str] = "screening_changes"
    key: ClassVar[tuple[str, ...]] = ("entity_id",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("number",),)

    entity_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesRow(Row):
    """The number of the newest change of all."""

    table: ClassVar[str] = "screening_stand"
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How far somebody followed the changes, and a mark of the store they were read from.

    The mark is the ledger's size then and the digest of its last entry: a store that is another
    one, or was put back to an earlier day, does not bear it.
    """

    number: int = 0
    size: int = 0
    entry: str = ""


def mark_changed(tx: Transaction, entity_ids: Iterable[str], /) -> None:
    """Note that statements of these entities changed, in the unit that changes them."""
    changed = tuple(dict.fromkeys(entity_ids))
    if not changed:
        return
    number = newest(tx)
    for entity_id in changed:
        number += 1
        tx.put(ChangeRow(entity_id=entity_id, number=number))
    tx.put(ChangesRow(name=_NAME, number=number))


def newest(reader: Reader, /) -> int:
    """Return the number of the newest change; 0 where there was none."""
    row = reader.get(ChangesRow, _NAME)
    return 0 if row is None else row.number


def stand_at(reader: Reader, number: int, /) -> Stand:
    """Return the stand of whoever has followed as far as `number` in this store."""
    size = reader.size()
    return Stand(number=number, size=size, entry=_digest(reader, size))


def is_ours(reader: Reader, stand: Stand, /) -> bool:
    """Whether a stand was reached in this store, and the store was not put back since."""
    held = stand.number <= newest(reader) and stand.size <= reader.size()
    return held and _digest(reader, stand.size) == stand.entry


def changed_after(reader: Reader, number: int, /, *, limit: int) -> Sequence[ChangeRow]:
    """Return the entities changed after `number`, the earliest first."""
    return reader.find(ChangeRow, Where("number", Op.GT, number), order="number", limit=limit)


def _digest(reader: Reader, size: int) -> str:
    entries = reader.entries(size - 1, 1) if size else ()
    return hashlib.sha256(entries[0]).hexdigest() if entries else ""
