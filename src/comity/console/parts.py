"""The parts that pages share: the shell around each page, times, acts, forms, law findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import Enum, unique

from comity.console.posted import UTC
from comity.core.clock import DAY, HOUR, MINUTE, Instant
from comity.practice import Field, Type


@unique
class Tone(Enum):
    """How much a sign asks for; always beside an icon and a word, never alone."""

    PLAIN = "plain"
    INFO = "info"
    OK = "ok"
    WARN = "warn"
    CRIT = "crit"


@unique
class Theme(Enum):
    """The person's stored choice of theme; `AUTO` follows the browser."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@unique
class Verdict(Enum):
    """What the law found, in its own words, and the middle case that has conditions."""

    PERMIT = "permit"
    CONDITIONS = "conditions"
    REFER = "refer"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """The highest marking on a page. `tlp` is `AMBER+STRICT`, without the prefix."""

    level: str
    tlp: str
    releasable: str = ""
    exercise: str = ""
    """Name of the exercise; when set the banner is hatched and every title says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A small sign: icon and word."""

    text: str
    icon: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Why an act cannot be taken: the rule, and who may lift it."""

    rule: str
    lifted_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A thing one may do; `label` names its consequence ("Send question to Arcadia")."""

    label: str
    href: str
    icon: str = ""
    key: str = ""
    blocked: Blocked | None = None
    is_main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When something is due, as a share of the time given."""

    at: Instant
    began: Instant
    now: Instant

    @property
    def used(self) -> int:
        """Percentage of the time used, 0 to 100."""
        whole = max(self.at - self.began, 1)
        return max(0, min(100, 100 * (self.now - self.began) // whole))

    @property
    def tone(self) -> Tone:
        """Critical below three hours, a warning below eight."""
        left = self.at - self.now
        if left < 3 * HOUR:
            return Tone.CRIT
        return Tone.WARN if left < 8 * HOUR else Tone.PLAIN

    @property
    def left(self) -> tuple[str, int, int]:
        """The wording of what is left (`past minutes hours days`) and its two numbers."""
        left = self.at - self.now
        if left <= 0:
            return "past", 0, 0
        if left < HOUR:
            return "minutes", left // MINUTE, 0
        if left < DAY:
            return "hours", left // HOUR, left % HOUR // MINUTE
        return "days", left // DAY, left % DAY // HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A ledger entry and how many witnesses cosigned a checkpoint over it."""

    number: int
    witnesses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of what the law says: the text, its citation, and how it falls."""

    text: str
    cite: str = ""
    verdict: Verdict = Verdict.PERMIT
    rule: str = ""
    href: str = ""
    """The rule on the page of its instrument."""
    url: str = ""
    """Where the provision is published, outside this node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A label and its value; a reference has its own type and its script is checked."""

    label: str
    value: str
    href: str = ""
    is_reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of a field: what is sent, how it reads, what follows from it."""

    value: str
    label: str
    note: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One declared field as a person fills it: its words, what was typed, what is wrong."""

    field: Field
    label: str
    help: str = ""
    value: str = ""
    choices: tuple[Choice, ...] = ()
    """Worded choices of a code field; without them the codes themselves are shown."""
    error: str = ""
    prefix: str = "body"
    given: Mapping[str, str] = dataclass_field(default_factory=dict[str, str])
    """What was typed into the parts of an entity, by the part's full name."""
    count: int = 1
    """How many entities the form has room for now."""
    is_compact: bool = False
    """Whether even few choices are a list to open."""
    is_day: bool = False
    """Whether a day is wanted, and no hour of it."""

    @property
    def name(self) -> str:
        """The name it is posted under: `body.threat`, `body.until@utc` (see `posted`)."""
        suffix = UTC if self.field.type is Type.INSTANT and not self.is_day else ""
        return f"{self.prefix}.{self.field.name}{suffix}"

    @property
    def worded(self) -> tuple[Choice, ...]:
        """Every choice with words, marked when it was chosen before."""
        given = self.choices or tuple(Choice(value=c, label=c) for c in self.field.choices)
        is_one = self.field.type is Type.CODE
        chosen = frozenset({self.value} if is_one else self.value.split())
        return tuple(
            Choice(value=c.value, label=c.label, note=c.note, is_chosen=c.value in chosen)
            for c in given
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form of one act of any kind of any practice."""

    action: str
    kind: str
    title: str
    inputs: tuple[Input, ...]
    send: str
    """The button's words: they name the consequence."""
    note: str = ""
    blocked: Blocked | None = None
    second: str = ""
    """Who must confirm before it leaves, when somebody must."""
    hidden: tuple[tuple[str, str], ...] = ()
    """What goes along unseen: the question a view was formed on, the preview a person saw."""
    questions: tuple[Input, ...] = ()
    """What the law asks of this message."""
    law_href: str = ""
    """Where the law is asked without sending; empty where it is not asked."""
    icon: str = "send"

    @property
    def has_files(self) -> bool:
        """Whether the form must be sent as parts, because it takes files."""
        return any(given.field.type is Type.ATTACHMENTS for given in self.inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class RailItem:
    """One line of the rail."""

    text: str
    href: str
    icon: str
    count: int = 0
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RailGroup:
    """A titled part of the rail; the first has no title."""

    items: tuple[RailItem, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Who is signed in."""

    name: str
    initials: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What stands around a page; without an officer (sign-in, challenge) there is no rail."""

    csrf: str
    agency: str
    marking: Marking | None = None
    officer: Officer | None = None
    rail: tuple[RailGroup, ...] = ()
    lang: str = "en"
    theme: Theme = Theme.AUTO
    has_keys: bool = True
    reachable: int = 0
    partners: int = 0
    checked: Instant | None = None
    """When the node's own ledger was last checked against its witnesses."""
    degraded: str = ""
    """Why sending is limited now (witnesses missing, disk full), in words."""
    calls: int = 0
    """How many calls to urgent messages nobody has answered yet."""
    told: str = ""
    """What the last act did, announced once."""
    here: str = "/"
    """This page's own path, to come back to after changing a preference."""

    @property
    def direction(self) -> str:
        """`rtl` for the languages written so, else `ltr`."""
        return "rtl" if self.lang.split("-")[0] in {"ar", "fa", "he", "ur"} else "ltr"
