"""What the desk keeps of its own: acts that wait for a second person, and facts stated once."""

from dataclasses import dataclass
from typing import ClassVar

from comity.core.store import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRow(Row):
    """An act prepared by one person that needs another before it may go on."""

    table: ClassVar[str] = "pending"
    key: ClassVar[tuple[str, ...]] = ("pending",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state", "created"), ("case",))

    pending: str
    case: str
    kind: str
    person: str
    seat: str
    created: int
    state: str
    """`waiting`, `confirmed` or `dropped`."""
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFactRow(Row):
    """A fact of the law stated of one case by a named seat; inherited until it is changed."""

    table: ClassVar[str] = "case_facts"
    key: ClassVar[tuple[str, ...]] = ("case", "fact")

    case: str
    fact: str
    value: bool | None
    person: str
    seat: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow(Row):
    """That somebody was reminded of a task, so that nobody is woken twice for one step."""

    table: ClassVar[str] = "reminders"
    key: ClassVar[tuple[str, ...]] = ("task", "step")

    task: str
    step: str
    """`soon` or `overdue`."""
    at: int


ROWS: tuple[type[Row], ...] = (PendingRow, CaseFactRow, ReminderRow)
