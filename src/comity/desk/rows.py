"""What the desk keeps of its own: acts that wait for a second person, and facts stated once."""

from dataclasses import dataclass
from typing import ClassVar

from comity.core.store import Row
from comity.desk.rota import ROWS as ROTA


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
    rules: str = ""
    """What each rule of our own law came to when it was prepared, in codes."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRow(Row):
    """How far the law has been asked again about what is here, and from where it goes on."""

    table: ClassVar[str] = "sweep"
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    stamp: bytes
    """Of the law, what stands of partners, and the day: another one begins anew."""
    sort: str
    cursor: str
    started: int
    finished: int | None
    seen: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptRow(Row):
    """One thing of which the law says otherwise than it did; codes, ids and times alone."""

    table: ClassVar[str] = "swept"
    key: ClassVar[tuple[str, ...]] = ("item",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state", "at"), ("case",))

    item: str
    """`held/…`, `waiting/…`, `pending/…` or `disclosed/…`, and its id."""
    case: str
    kind: str
    partner: str
    at: int
    before: int
    after: int
    rules: str
    """What changed, in codes: `-` what a rule came to, `+` what it comes to."""
    weighed: str
    proposal: str
    """What a person may do: `decide`, `recall`, `erase`, `abandon`, `drop`, `resume` …"""
    seat: str
    due: int | None
    state: str
    """`open`, `kept` by a person, or `settled`: gone, or as it was."""
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureRow(Row):
    """A member that left the network, and how far our cases with it have been gone through."""

    table: ClassVar[str] = "departures"
    key: ClassVar[tuple[str, ...]] = ("member", "since")

    member: str
    since: int
    """From when the directory says that it left."""
    cursor: str
    """The last case gone through in this round; empty between two rounds."""
    seen: int
    """How many cases there were when a round last went through all."""
    left_open: int
    """Of these, how many stay open for now: warnings of danger to life, and what failed."""
    at: int
    """When the last round ended, or this one began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow(Row):
    """A list of people that the law lets be compared for a case, and how far that has come."""

    table: ClassVar[str] = "batches"
    key: ClassVar[tuple[str, ...]] = ("batch",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("case", "at"),)

    batch: str
    """The reference of the decision that permits it."""
    case: str
    person: str
    sort: str
    """`passengers`, `customers` or `persons`."""
    at: int
    rows: int
    """How many were declared."""
    done: int
    found: int
    """Candidates shown; of a row without one nothing is kept."""
    chain: bytes
    """Keyed hash of the chain of rows so far; nobody who was asked for can be read from it."""
    was: bytes
    """The same before the last slice, which may be asked once more."""
    ends: bytes
    """Keyed hash of what was declared as its end."""
    packs: bytes
    state: str
    """`open`, `done`, or `other` where its rows were not those declared."""


ROWS: tuple[type[Row], ...] = (
    *(PendingRow, CaseFactRow, ReminderRow, SweepRow, SweptRow),
    *(BatchRow, DepartureRow),
    *ROTA,
)
