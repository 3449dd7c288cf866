"""The values of the law: what a rule is, and what a decision says."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum, unique

from comity.core.clock import DAY, HOUR, Instant, iso
from comity.law.view import Test
from comity.message import Draft


@unique
class Verdict(IntEnum):
    """What the law says; the greater outweighs the lesser."""

    PERMIT = 0
    REFER = 1
    DENY = 2

    @property
    def word(self) -> str:
        """The verdict as written in JSON and on pages: `permit`."""
        return self.name.lower()


@unique
class Role(StrEnum):
    """What a rule is in the argument; each role meets true, false and unknown its own way."""

    ABSOLUTE = "absolute"
    TERM = "term"
    BASIS = "basis"
    CONDITION = "condition"
    SENSITIVITY = "sensitivity"
    OBLIGATION = "obligation"
    MANDATE = "mandate"
    """Obliges states to be able to exchange; supports a decision, never permits one."""


@unique
class Side(StrEnum):
    """What is asked about: sending, holding what came, or comparing a whole list of people."""

    RELEASE = "release"
    HOLD = "hold"
    SCREEN = "screen"
    """Nothing is sent: an agency compares a list with what it holds, before the first row."""


@unique
class Home(StrEnum):
    """Who may state a fact: the record, a standing assessment, the case, or the message."""

    DERIVED = "derived"
    STANDING = "standing"
    CASE = "case"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact of the closed list; it has no default, and unanswered is unknown."""

    name: str
    home: Home
    provision: str
    text: str
    """The question, as a person is asked it."""
    absolute: bool
    """An absolute prohibition reads it: an officer may never set it to false."""
    harms: bool
    """True is the worse answer (a danger); otherwise false is (a condition not met)."""
    of_value: bool
    """It is known value by value, not only of the whole message."""
    signs: frozenset[str] = frozenset()
    """Contrary signs in the case that make a false answer unknown again."""
    asked_with: str = ""
    """The question it is one choice of (`conduct`): what is not ticked there is false."""
    ordinary: bool | None = None
    """What told cases take for granted where they do not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One data category; some imply facts of every value in them."""

    name: str
    text: str
    implies: Mapping[str, bool]
    is_free_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The closed lists of the law: `data/facts.yaml`."""

    facts: Mapping[str, Fact]
    purposes: Mapping[str, str]
    categories: Mapping[str, Category]
    sets: Mapping[str, frozenset[str]]
    signs: Mapping[str, str]
    countries: frozenset[str]


_LAST = Instant(int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()) * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A length of time as the law writes it: `8 h`, `30 d`, `4 month`."""

    length: int
    unit: str

    def after(self, start: Instant) -> Instant:
        """Return the instant this long after `start`; months count by the calendar, in UTC.

        What would lie beyond the year 9999 is the last instant that can be written.
        """
        if self.unit != "month":
            return Instant(
                min(start + self.length * (HOUR if self.unit == "h" else DAY), _LAST)
            )
        moment = datetime.fromtimestamp(start // 1000, UTC)
        years, month = divmod(moment.month - 1 + self.length, 12)
        year = moment.year + years
        if year > date.max.year:
            return _LAST
        # A month without that day ends on its last: 31 January + 1 month is 28 February.
        day = min(moment.day, monthrange(year, month + 1)[1])
        ends = moment.replace(year=year, month=month + 1, day=day)
        return Instant(int(ends.timestamp()) * 1000 + start % 1000)

    def before(self, day: date) -> date:
        """Return the day this long before `day`; hours count as whole days."""
        if self.unit != "month":
            days = self.length if self.unit == "d" else self.length // 24
            return date.fromordinal(max(day.toordinal() - days, date.min.toordinal()))
        years, month = divmod(day.month - 1 - self.length, 12)
        year = max(day.year + years, date.min.year)
        return day.replace(
            year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A legal clock, dated; `starts` is `stored` or `act`, `on_expiry` what silence means."""

    name: str
    span: Span
    starts: str
    on_expiry: str
    cite: str
    since: date

    @property
    def length(self) -> int:
        """How many units the clock runs."""
        return self.span.length

    @property
    def unit(self) -> str:
        """The unit it counts in: `h`, `d` or `month`."""
        return self.span.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An obligation as a rule writes it, before it has a date."""

    code: str
    detail: str
    within: Span | None
    handling: frozenset[str] = frozenset()
    """Handling codes it puts on the message (`H2`)."""


@unique
class Evidence(StrEnum):
    """Whether somebody read the text that a row rests on."""

    SEEN = "seen"
    MIXED = "mixed"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A treaty, act, resolution or body of rules that packs cite."""

    id: str
    title: str
    kind: str
    adopted: str
    """A date or a year; empty where it is not held."""
    in_force: date | None
    """The first day it binds anybody; `None` where it is not known, and so binds nobody."""
    until: date | None
    evidence: Evidence
    url: str
    """The official address; empty only for what is fictional."""
    source: str
    """What was read."""
    gap: str
    """What was not read, and where to read it."""
    needs_local_assessment: bool
    """Wide definitions and weak safeguards: a standing human-rights assessment comes first."""
    pack: str
    is_fictional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One provision of a pack, compiled; nothing in it is text to be run."""

    name: str
    role: Role
    text: str
    cite: str
    pack: str
    evidence: Evidence
    sides: frozenset[Side]
    test: Test
    """Prohibition: it applies. Term, basis: its conditions are met."""
    reads: tuple[str, ...]
    of_value: bool
    of_handling: bool
    unless: Test | None = None
    where: Test | None = None
    """What a term is asked of (values of another partner); unknown there refers."""
    emergency: Test | None = None
    purposes: frozenset[str] | None = None
    categories: frozenset[str] = frozenset()
    between: str = ""
    """The instrument that must be in force between both parties."""
    articles: frozenset[str] = frozenset()
    """Articles whose reservation by either party takes the basis away."""
    lifted_by: frozenset[str] = frozenset()
    duties: tuple[Duty, ...] = ()
    since: date = date.min
    until: date = date.max
    instrument: str = ""
    url: str = ""
    """Where the provision is published; empty only for what is fictional."""
    gap: str = ""
    place: str = ""
    """File and line of the pack."""
    digest: bytes = b""
    """Of all that the pack says of it."""
    read: str = ""
    """Who of our own member read its text, when and where, where the packs did not."""

    @property
    def is_verified(self) -> bool:
        """Whether somebody read its text; what nobody read can only refer."""
        return self.evidence is not Evidence.UNVERIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule that weighed, with its provision; `paths` are the values it speaks of."""

    rule: str
    outcome: Verdict
    cite: str
    facts: tuple[str, ...]
    text: str
    paths: tuple[str, ...] = ()
    url: str = ""
    """Where the provision is published; empty for what no text holds."""
    is_basis: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What follows if it is sent."""

    code: str
    cite: str
    due_at: Instant | None
    detail: str
    handling: frozenset[str] = frozenset()

    @property
    def due(self) -> str | None:
        """By when, as an ISO 8601 instant; `None` where it has no date."""
        return None if self.due_at is None else iso(self.due_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the law says of one draft on one day, and why; read it as one of its three cases."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    duties: tuple[tuple[Obligation, int | None], ...]
    """What follows if it is sent, each with how long after the decision it is due, in ms."""
    missing: tuple[str, ...]
    """Unknown facts that stand between this draft and a better verdict."""
    smallest_set: tuple[str, ...] | None
    """Values to leave out so that nothing in the rest is judged worse than the message itself;
    `None` where an empty body would still be denied."""
    lifted_by: frozenset[str]
    """Seats that may lift the referral, each its own rules."""
    packs: tuple[tuple[str, str, bytes], ...]
    digest: bytes
    at: Instant
    basis: tuple[str, ...]
    """The provisions it may be sent on, where it may."""

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What follows if it is sent, dated from the instant of the decision."""
        return tuple(
            duty
            if after is None
            else replace(duty, due_at=min(Instant(self.at + after), _LAST))
            for duty, after in self.duties
        )

    @property
    def weighed(self) -> str:
        """What each rule came to, in codes that may stand in a row: `bombings-10=0`."""
        return " ".join(sorted(f"{each.rule}={int(each.outcome)}" for each in self.reasons))


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted(Decision):
    """It may go, under these obligations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred(Decision):
    """A named person must decide before anything leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied(Decision):
    """It may not go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One told case; `rule` decides it, or has nothing against it where `is_kept`."""

    name: str
    pack: str
    place: str
    rule: str
    is_kept: bool
    cite: str
    verdict: Verdict
    draft: Draft
    side: Side
    lifted: tuple[str, ...]
    leave_out: tuple[str, ...] | None


def join_duties(one: Obligation, other: Obligation) -> Obligation:
    """Unite two statements of one duty: the earlier date wins, and every marking stays."""
    first = min(one, other, key=lambda each: (each.due_at or _NEVER, each.cite, each.detail))
    both = one.handling | other.handling
    return first if first.handling == both else replace(first, handling=both)


_NEVER = 1 << 63


def owed(duty: Duty, *, cite: str, at: Instant) -> Obligation:
    """Date an obligation from an instant."""
    due = None if duty.within is None else duty.within.after(at)
    return Obligation(
        code=duty.code, cite=cite, due_at=due, detail=duty.detail, handling=duty.handling
    )
