"""What the pages that look things up need: records, law, partners, people, counts."""

from dataclasses import dataclass
from typing import ClassVar

from comity.console.parts import Act, Chip, Entry, Finding, Form, Input, Pair, Theme, Verdict
from comity.console.views import READY, Condition, Held, Tab
from comity.core.clock import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A view of the statements this reader may see now, each with its provenance."""

    TEMPLATE: ClassVar[str] = "entity.html"
    reference: str
    name: str
    schema: str
    values: tuple[Held, ...]
    marks: tuple[Chip, ...] = ()
    links: tuple[Pair, ...] = ()
    acts: tuple[Act, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """A fact the decision used: `True`, `False`, or `None` where nobody could say."""

    name: str
    text: str
    value: bool | None
    home: str
    provision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an answer would be otherwise: the verdict, the reasons and the facts that change."""

    was: Verdict
    now: Verdict
    gone: tuple[Finding, ...] = ()
    new: tuple[Finding, ...] = ()
    facts: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppose:
    """The form that asks a past question again with something changed."""

    action: str
    inputs: tuple[Input, ...]
    facts: tuple[Input, ...]
    """Facts that may be supposed otherwise, each as one choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawPage:
    """One decision of the law with everything it rests on."""

    TEMPLATE: ClassVar[str] = "law.html"
    reference: str
    subject: str
    verdict: Verdict
    at: Instant
    reasons: tuple[Finding, ...]
    why_not: tuple[Finding, ...] = ()
    duties: tuple[Finding, ...] = ()
    used: tuple[FactLine, ...] = ()
    missing: tuple[FactLine, ...] = ()
    lifted_by: str = ""
    packs: tuple[Pair, ...] = ()
    digest: str = ""
    entry: Entry | None = None
    acts: tuple[Act, ...] = ()
    tabs: tuple[Tab, ...] = ()
    under: str = ""
    """Under which law the reasons are given, where it is not that of the answer."""
    standing: tuple[Chip, ...] = ()
    """Whether the law held today still gives the recorded answer."""
    asked: tuple[Pair, ...] = ()
    question: str = ""
    """The same question as `comity law explain` reads it."""
    difference: Difference | None = None
    suppose: Suppose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """A partner as the network sees it: where to reach people, and how its node stands."""

    name: str
    code: str
    unit: str
    reach: Chip
    witness: Chip
    oldest: Instant | None = None
    """When the oldest message was made that still waits for it."""
    contacts: tuple[Pair, ...] = ()
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Partners:
    """The directory as this node verified it, partner by partner."""

    TEMPLATE: ClassVar[str] = "partners.html"
    rows: tuple[PartnerRow, ...]
    version: int
    expires: Instant
    condition: Condition = READY


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person of this node: seats with their spans, whether active."""

    name: str
    initials: str
    seats: tuple[Chip, ...]
    span: str
    deputy: str
    state: Chip
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """People and seats; enrolling and disabling need a second person."""

    TEMPLATE: ClassVar[str] = "people.html"
    rows: tuple[PersonRow, ...]
    vacant: tuple[Finding, ...] = ()
    """Seats nobody holds, with what cannot be done meanwhile."""
    form: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One receiver of what is recalled, its receipt, and those it passed it on to."""

    partner: str
    what: str
    state: Chip
    at: Instant | None = None
    entry: Entry | None = None
    under: tuple["Branch", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One correction or recall, with everyone it must reach."""

    reference: str
    title: str
    cause: str
    at: Instant
    reached: int
    of: int
    branches: tuple[Branch, ...]
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """Corrections, recalls and challenges."""

    TEMPLATE: ClassVar[str] = "corrections.html"
    items: tuple[Correction, ...] = ()
    condition: Condition = READY


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One count, linked to the entries that prove it."""

    label: str
    value: str
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """First views against final views of one choice: how many stayed, how many moved."""

    choice: str
    first: int
    final: int
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Oversight:
    """Counts without content, and the checkpoint that proves them."""

    TEMPLATE: ClassVar[str] = "oversight.html"
    figures: tuple[Figure, ...]
    origin: str
    size: int
    root: str
    note: str = ""
    """The signed checkpoint itself, for a tool of one's own."""
    witnesses: tuple[Pair, ...] = ()
    shifts: tuple[Shift, ...] = ()
    counts: tuple[tuple[str, tuple[Figure, ...]], ...] = ()
    acts: tuple[Act, ...] = ()
    form: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """The public form: no account, no script, one reply whatever is held."""

    TEMPLATE: ClassVar[str] = "challenge.html"
    action: str
    inputs: tuple[Input, ...] = ()
    received: str = ""
    """The reference given back; when set the form was sent."""
    answer_by: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error in words: what failed, what was kept, what to do, a reference for support."""

    TEMPLATE: ClassVar[str] = "problem.html"
    status: int
    reference: str
    detail: str = ""
    kept: str = ""
    back: str = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The person's own choices: theme, language, keys; and the list of keys."""

    TEMPLATE: ClassVar[str] = "preferences.html"
    theme: Theme
    languages: tuple[Pair, ...] = ()
