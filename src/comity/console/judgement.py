"""What the comparison of a candidate needs, and nothing it must not show.

The guards against automation bias are types that refuse to be built: before the first view a
`Comparison` carries no band, no weights and no other officer's view.
"""

from dataclasses import dataclass
from enum import Enum, unique
from typing import ClassVar, Literal

from comity.console.parts import Act, Blocked, Choice, Deadline, Entry, Finding, Input, Pair
from comity.console.views import READY, Condition, Event
from comity.core.clock import Instant
from comity.core.errors import StateError


@unique
class Outcome(Enum):
    """How an attribute compares; what was not sent or was withheld is never a difference."""

    SAME = "same"
    SIMILAR = "similar"
    DIFFERS = "differs"
    ABSENT = "absent"


@unique
class Run(Enum):
    """Whether a run of characters agrees with the other side, when compared at all."""

    PLAIN = "plain"
    SAME = "same"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of characters of a value."""

    text: str
    run: Run = Run.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A value as one side has it: source form first, compared form under it."""

    text: str
    lang: str = ""
    compared: tuple[Piece, ...] = ()
    note: str = ""

    @property
    def is_number(self) -> bool:
        """Whether no letter gives it a direction: then it runs left to right on every page."""
        return not any(char.isalpha() for char in self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a name beside the word that answers it; one side is empty where none does."""

    asked: str
    held: str
    outcome: Outcome
    reason: str
    rarity: str
    """How many bear it, in words."""
    weight: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One attribute, asked and held. `weight` runs from -100 (against) to 100 (for)."""

    attribute: str
    asked: Side
    held: Side
    outcome: Outcome
    reason: str
    weight: int | None = None
    words: tuple[Word, ...] = ()
    """For a name: word by word."""

    @property
    def is_weighed(self) -> bool:
        """Whether anything of it shows a weight."""
        weights = (self.weight, *(word.weight for word in self.words))
        return any(weight is not None for weight in weights)


@unique
class Stage(Enum):
    """Where the judgement of a candidate stands for the officer who looks."""

    FIRST = "first"
    """No band, no weights, no other view: facts only."""
    FINAL = "final"
    """The own first view is recorded; the band and the weights may be seen."""
    DONE = "done"


Place = Literal["weak", "possible", "strong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where a score lies, in words: no number, for none is the chance that it is the person.

    It decides nothing.
    """

    place: Place
    known: str
    """What became of candidates judged here in this band, or that it is not yet known."""
    became: tuple[Pair, ...] = ()
    """Verdicts and how many; empty while it is not yet known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view recorded by an officer."""

    officer: str
    choice: str
    reason: str
    at: Instant
    entry: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Is this the same person? Building one with what its stage must hide is a `StateError`."""

    TEMPLATE: ClassVar[str] = "comparison.html"
    reference: str
    href: str
    asked_by: str
    asked_note: str
    held_by: str
    held_note: str
    evidence: tuple[Evidence, ...]
    choices: tuple[Choice, ...]
    stage: Stage = Stage.FIRST
    is_second: bool = False
    """Whether the officer who looks is the second one."""
    hidden: tuple[tuple[str, str], ...] = ()
    """What was asked, posted along so that no name stands in an address."""
    version: str = ""
    """Digest of what is compared; posted back, so that a change in between is noticed."""
    flags: tuple[Pair, ...] = ()
    """What must be said of the comparison, and what to do about it."""
    against: tuple[Pair, ...] = ()
    """What speaks against, each with its reason."""
    band: Band | None = None
    own: View | None = None
    other: View | None = None
    """The first officer's view, once the second has recorded theirs."""
    challenge: str = ""
    challenge_href: str = ""
    changed: tuple[Pair, ...] = ()
    """What changed in the record since the page was opened."""
    discloses: tuple[Finding, ...] = ()
    events: tuple[Event, ...] = ()
    deadline: Deadline | None = None
    reason: str = ""
    error: str = ""
    send: str = ""
    """The confirm button's words; they name the consequence."""
    blocked: Blocked | None = None

    def __post_init__(self) -> None:
        """Refuse what must be absent from the page and its source before the first view."""
        early = self.stage is Stage.FIRST
        if early and (self.band is not None or self.own is not None or self.other is not None):
            raise StateError("a first view must carry no band and no recorded view")
        if early and any(line.is_weighed for line in self.evidence):
            raise StateError("a first view must carry no weights")
        if any(choice.is_chosen for choice in self.choices):
            raise StateError("no judgement may be chosen beforehand")

    def count(self, outcome: Outcome) -> int:
        """Count the attributes of one outcome."""
        return sum(line.outcome is outcome for line in self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    """One candidate of a search: facts that agree and differ, never a score."""

    href: str
    name: str
    schema: str
    dataset: str
    agrees: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    tlp: str = ""
    judged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The candidates of one search, in the order of the list's references."""

    TEMPLATE: ClassVar[str] = "candidates.html"
    asked: tuple[Pair, ...]
    case: str
    purpose: str
    lists: str
    at: Instant
    rows: tuple[CandidateRow, ...] = ()
    flags: tuple[Pair, ...] = ()
    """What the answer says of itself, and what to do about it."""
    condition: Condition = READY
    hidden: tuple[tuple[str, str], ...] = ()
    """What was asked, posted along so that no name stands in an address."""
    entry: Entry | None = None
    again: Act | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The search form: it names a case, and with it a purpose, before it names a person."""

    TEMPLATE: ClassVar[str] = "search.html"
    action: str
    inputs: tuple[Input, ...]
    cases: tuple[Choice, ...]
    lists: tuple[Pair, ...] = ()
    """Which editions are held, each with its day."""
    loading: str = ""
    """Which lists are still loading, in words."""
    blocked: Blocked | None = None
