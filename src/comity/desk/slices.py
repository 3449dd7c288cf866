"""Rows of a list as they come: each slice bound to those before, and who is near each row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from comity.core.errors import ConflictError, LimitError
from comity.core.ids import EntityId
from comity.core.store import Reader, Transaction
from comity.desk.ranking import Answer, Ranked
from comity.desk.rows import BatchRow
from comity.practice import CaseFieldRow
from comity.record import current_edition
from comity.screening import Outcome, Query, band
from comity.screening.batch import SLICE, chain

BANDS = ("weak", "possible", "strong")
Keyed = Callable[[bytes], bytes]
"""Keyed hash of a link of the chain: nobody who was asked for can be read from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Somebody held who may be meant by a row: who, from what, never how likely."""

    entity_id: EntityId
    name: str
    schema: str
    dataset: str
    edition: str
    is_contested: bool
    agrees: tuple[str, ...]
    """What agrees, by property: a person looks before anything follows from it."""


def followed(
    row: BatchRow, queries: Sequence[Query], before: bytes, *, keyed: Keyed
) -> BatchRow:
    """Return how far a batch is after these rows: they follow, or are the last ones again.

    Raises `ConflictError` where they do neither, `LimitError` on more than were declared, or
    than `SLICE` at once.
    """
    if not 0 < len(queries) <= SLICE:
        raise LimitError(f"expected 1 to {SLICE} rows at once, got {len(queries)}")
    after, known = keyed(chain(before, queries)), keyed(before)
    if known == row.was and after == row.chain:
        return row
    if known != row.chain:
        raise ConflictError("these rows do not follow those that came before")
    done = row.done + len(queries)
    if done > row.rows:
        raise LimitError(f"this batch was declared with {row.rows} rows")
    return replace(row, chain=after, was=row.chain, done=done)


def answered(
    tx: Transaction,
    steps: tuple[BatchRow, BatchRow],
    answers: Sequence[Answer],
    *,
    least: str,
) -> tuple[tuple[Near, ...], ...]:
    """Write down that a slice was compared, `steps` before and after, and say who is near.

    Raises `ConflictError` where other rows of the batch were first.
    """
    before, after = steps
    editions: dict[str, str] = {}
    shown = tuple(
        tuple(
            _near(tx, each, editions)
            for each in answer.ranked
            if BANDS.index(band(each.candidate.score)) >= BANDS.index(least)
        )
        for answer in answers
    )
    for near in (each for found in shown for each in found):
        tx.put(CaseFieldRow(case=before.case, name="candidate", value=near.entity_id))
    if after != before:
        if tx.get(BatchRow, before.batch) != before:
            raise ConflictError("other rows of this batch were first")
        tx.put(replace(after, found=before.found + sum(map(len, shown))))
    return shown


def _near(reader: Reader, each: Ranked, editions: dict[str, str]) -> Near:
    dataset = each.candidate.dataset
    if dataset not in editions:
        row = current_edition(reader, dataset)
        editions[dataset] = "" if row is None else row.edition
    return Near(
        entity_id=each.entity.entity_id,
        name=next(iter(each.entity.properties.get("name", ("",)))),
        schema=each.entity.schema,
        dataset=dataset,
        edition=editions[dataset],
        is_contested=each.entity.is_contested,
        agrees=tuple(
            found.prop
            for found in each.candidate.evidence
            if found.outcome in {Outcome.SAME, Outcome.SIMILAR}
        ),
    )
