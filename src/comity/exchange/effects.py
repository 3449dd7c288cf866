"""What the universal kinds do the moment they are filed or sent, inside the same unit.

A recall takes effect before anyone has read it: what it names can no longer be opened here, and
the duty to comply stands as a task. Only the author of a message can recall or correct it.
"""

from collections.abc import Mapping
from dataclasses import replace

from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, Instant
from comity.core.ids import MessageId, message_id
from comity.core.store import Transaction, eq
from comity.exchange.rows import InboxRow, OutboxRow
from comity.practice import CaseFieldRow, TaskRow

COMPLY_WITHIN = 24 * HOUR
ANSWER_CHALLENGE_WITHIN = 30 * DAY
"""Admissibility of a challenge (CCF Statute, article 32): the shortest clock that applies."""


def apply(
    tx: Transaction, row: InboxRow, word: str, body: Mapping[str, Value], *, at: Instant
) -> None:
    """Let a filed message of a universal kind take effect here."""
    about = body.get("about")
    if not isinstance(about, str):
        return
    named = message_id(about)
    match word:
        case "recall" | "expire":
            _take_back(tx, row, named)
            _owe(tx, row, sort="comply", seat="officer", due=at + COMPLY_WITHIN, at=at)
        case "correct":
            _owe(tx, row, sort="comply", seat="officer", due=at + COMPLY_WITHIN, at=at)
        case "challenge":
            tx.put(CaseFieldRow(case=row.case, name="contested", value=about))
            due = at + ANSWER_CHALLENGE_WITHIN
            _owe(tx, row, sort="challenge", seat="rights", due=due, at=at)
        case "challenge-answer":
            tx.delete(CaseFieldRow, eq("case", row.case), eq("name", "contested"))
        case "comply":
            _complied(tx, row, named, at=at)
        case "seen":
            _seen(tx, row, named, at=at)
        case _:
            return


def sent(
    tx: Transaction, case: str, word: str, body: Mapping[str, Value], *, at: Instant
) -> None:
    """Let a universal kind that we send take effect on our own side."""
    about = body.get("about")
    if not isinstance(about, str):
        return
    ours = tx.get(OutboxRow, message_id(about))
    match word:
        case "recall" if ours is not None:
            tx.put(replace(ours, recalled_at=at))
        case "challenge":
            tx.put(CaseFieldRow(case=case, name="contested", value=about))
        case "comply" | "challenge-answer":
            sort = "comply" if word == "comply" else "challenge"
            _done(tx, case, about, sort=sort, at=at)
        case _:
            return


def _take_back(tx: Transaction, row: InboxRow, named: MessageId) -> None:
    # INVARIANT: a partner can take back only what its own agency sent.
    for held in tx.find(InboxRow, eq("mid", named), eq("author", row.author)):
        tx.put(replace(held, state="recalled"))


def _complied(tx: Transaction, row: InboxRow, named: MessageId, *, at: Instant) -> None:
    recall = tx.get(OutboxRow, named)
    if recall is not None and recall.recipient == row.author:
        tx.put(replace(recall, complied_at=at))


def _seen(tx: Transaction, row: InboxRow, named: MessageId, *, at: Instant) -> None:
    ours = tx.get(OutboxRow, named)
    if ours is not None and ours.recipient == row.author and ours.seen_at is None:
        tx.put(replace(ours, seen_at=at))


def _owe(
    tx: Transaction, row: InboxRow, *, sort: str, seat: str, due: int, at: Instant
) -> None:
    tx.put(
        TaskRow(
            task=f"{row.mid.hex()}-{sort}",
            case=row.case,
            sort=sort,
            seat=seat,
            person=None,
            due=due,
            created=at,
            done=None,
            urgency="normal",
        )
    )


def _done(tx: Transaction, case: str, about: str, *, sort: str, at: Instant) -> None:
    for task in tx.find(TaskRow, eq("case", case), eq("sort", sort), eq("done", None)):
        if task.task.startswith(about):
            tx.put(replace(task, done=at))
