"""What the pages of daily work need: sign-in, inbox, composer, case, act.

`judgement` holds the comparison of a candidate, `registers` the pages that look things up.
"""

from dataclasses import dataclass
from enum import Enum, unique
from typing import ClassVar, Protocol

from comity.console.parts import (
    Act,
    Chip,
    Choice,
    Deadline,
    Entry,
    Finding,
    Form,
    Input,
    Pair,
    Verdict,
)
from comity.core.clock import Instant


class Page(Protocol):
    """A view model that knows its template."""

    TEMPLATE: ClassVar[str]


@unique
class ListState(Enum):
    """The state a list is in; each says why, and what to do next."""

    READY = "ready"
    LOADING = "loading"
    EMPTY = "empty"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    STALE = "stale"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A list's state with what fills its sentence: a time, a reference, what was kept."""

    state: ListState = ListState.READY
    detail: str = ""
    at: Instant | None = None
    reference: str = ""


READY = Condition()
"""The state of a list with something in it."""


@unique
class LinkState(Enum):
    """Whether a one-time sign-in link still works."""

    READY = "ready"
    EXPIRED = "expired"
    MISSING = "missing"
    """No link at all: the page says how to get one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The landing of a one-time link: a button, so that fetching it ahead burns nothing."""

    TEMPLATE: ClassVar[str] = "sign_in.html"
    token: str = ""
    state: LinkState = LinkState.READY


@unique
class Urgency(Enum):
    """How soon, as the inbox shows it."""

    CRIT = "crit"
    WARN = "warn"
    NORM = "norm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One message or case that waits for somebody."""

    href: str
    sender: str
    unit: str
    title: str
    case: str = ""
    """The reference it is chosen by."""
    tlp: str = ""
    """Empty in lists: a list opens no message."""
    subtitle: str = ""
    urgency: Urgency = Urgency.NORM
    chips: tuple[Chip, ...] = ()
    due: Deadline | None = None
    assignee: str = ""
    """Initials; the full name is `assignee_name`."""
    assignee_name: str = ""
    is_unread: bool = False
    is_selected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows due in the same span."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One view of a list or a case."""

    text: str
    href: str
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The selected message beside the list."""

    title: str
    sender: str
    reference: str
    at: Instant
    chips: tuple[Chip, ...] = ()
    tlp: str = ""
    quote: str = ""
    deadline: Deadline | None = None
    if_silent: str = ""
    """What happens if nobody answers."""
    findings: tuple[Finding, ...] = ()
    pairs: tuple[Pair, ...] = ()
    entry: Entry | None = None
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """The inbox in one of its views."""

    TEMPLATE: ClassVar[str] = "inbox.html"
    tabs: tuple[Tab, ...]
    groups: tuple[Group, ...] = ()
    condition: Condition = READY
    preview: Preview | None = None
    write_href: str = ""
    """Where to write something new; empty for seats that do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawPanel:
    """What the law says of the draft now; htmx refreshes it alone."""

    TEMPLATE: ClassVar[str] = "law_panel.html"
    verdict: Verdict | None = None
    """`None` until a partner and a purpose are chosen."""
    chain: tuple[Finding, ...] = ()
    referred_to: str = ""
    leave_out: tuple[Finding, ...] = ()
    """The fewest values without which the rest passes, each with the rule it fails."""
    missing: tuple[str, ...] = ()
    duties: tuple[Finding, ...] = ()
    packs: str = ""
    at: Instant | None = None
    questions: tuple[Input, ...] = ()
    """What the law asks of this draft, renewed with the panel."""
    href: str = "/compose/law"
    form: str = "compose"
    """The form it is about, and where that form is judged."""
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCard:
    """A partner one may ask: what it can do, what is in force with it, and how it answers."""

    choice: Choice
    unit: str
    agreement: str = ""
    answers_in: str = ""
    is_reachable: bool = True
    waiting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """A request being written: what, to whom, why; beside it the law."""

    TEMPLATE: ClassVar[str] = "composer.html"
    form: Form
    kinds: tuple[Tab, ...]
    partners: tuple[PartnerCard, ...]
    purposes: tuple[Choice, ...]
    markings: tuple[Choice, ...]
    """Only those the law allows."""
    law: LawPanel
    faults: tuple[str, ...] = ()
    seen: tuple[Pair, ...] = ()
    """What they will see."""


@unique
class Source(Enum):
    """Where a line of a timeline comes from."""

    OWN = "own"
    PARTNER = "partner"
    LAW = "law"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a timeline. Stored at the partner and seen by a person are two facts."""

    at: Instant
    source: Source
    text: str
    detail: str = ""
    href: str = ""
    entry: Entry | None = None
    stored: Instant | None = None
    seen: Instant | None = None
    awaits_receipt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One value held, with what binds it."""

    subject: str
    property: str
    value: str
    grade: str
    source: str
    marking: str
    basis: str
    until: Instant | None = None
    href: str = ""
    mark: Chip | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """Who received what, on what basis, until when, and whether it was recalled."""

    partner: str
    what: str
    basis: str
    at: Instant
    state: Chip
    entry: Entry
    until: Instant | None = None
    href: str = ""
    """The answer of the law it was sent on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something one person of this agency owes."""

    text: str
    owner: str
    due: Deadline | None = None
    is_done: bool = False
    href: str = ""


@unique
class CaseTab(Enum):
    """The tabs of a case."""

    TIMELINE = "timeline"
    VALUES = "values"
    DISCLOSURES = "disclosures"
    TASKS = "tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case: what happened, what is held, what left, what is owed, what may be done now."""

    TEMPLATE: ClassVar[str] = "case.html"
    reference: str
    title: str
    purpose: str
    state: Chip
    href: str
    tlp: str = ""
    """Known once a message of it was opened."""
    until: Instant | None = None
    tab: CaseTab = CaseTab.TIMELINE
    deadline: Deadline | None = None
    events: tuple[Event, ...] = ()
    values: tuple[Held, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    tasks: tuple[Task, ...] = ()
    parties: tuple[Pair, ...] = ()
    acts: tuple[Act, ...] = ()
    form: Form | None = None
    """The form of the act chosen, if one is."""
    stopped: str = ""
    filters: tuple[Tab, ...] = ()
    several: "Several | None" = None
    """What a case of several parties shows besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedAct:
    """One act of a case of several parties: its number, who, what, and whether it counts."""

    number: str
    at: Instant
    party: str
    what: str
    digest: str
    reason: str = ""
    marks: tuple[Chip, ...] = ()
    fields: tuple[Pair, ...] = ()
    """What it says, where it was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """What a case of several parties shows: standing, who is missing, sequence, copies."""

    standing: tuple[Pair, ...]
    missing: tuple[Pair, ...]
    dissents: tuple[Pair, ...]
    stops: tuple[Pair, ...]
    sequence: tuple[NumberedAct, ...]
    copies: tuple[Pair, ...]
    evidence: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPage:
    """The form of one act on a page of its own, for any kind of any practice."""

    TEMPLATE: ClassVar[str] = "act.html"
    form: Form
    back: Act
    law: LawPanel
    faults: tuple[str, ...] = ()
