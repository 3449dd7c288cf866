"""The contract of a practice: data only, so that it can be read, drawn, generated and checked.

A practice declares its kinds with typed fields, its states and steps, its clocks, and what each
act asks of the person who does it. Pages, API paths, commands, schema and docs are generated
from this declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.core.clock import HOUR
from comity.practice.joint import JointCase
from comity.practice.pages import Form, Page
from comity.practice.terms import Need, Second, Side, Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a kind; `category` is the data category its values are judged as, if any."""

    name: str
    type: Type
    need: Need = Need.OPTIONAL
    choices: tuple[str, ...] = ()
    cites: Mapping[str, str] = field(default_factory=dict[str, str])
    """The provision each choice rests on, where it rests on one."""
    category: str = ""
    limit: int = 4_000
    """Most characters of a text, most entries of a list."""
    is_searchable: bool = False
    """Kept beside the case: codes, ids and times as they are, names only as keyed hashes."""
    comes_with: str = ""
    """The field without which this one says too little."""
    is_framed: bool = False
    """Read by every party of a case of several, whatever else it may read of the act."""
    sections: tuple["SectionType", ...] = ()
    """What the sections of this field may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionType:
    """One sort of section, with the fields of its body."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What one choice of a kind's deciding field changes: `refused` wants a ground."""

    choice: str
    required: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    second: Second = Second.NONE
    passes_stop: bool = False
    """A warning of danger to life: no stop holds it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of message; `name` (`requests.ask/1`) is on the wire and never changes meaning."""

    name: str
    fields: tuple[Field, ...] = ()
    seats: frozenset[str] = frozenset({"officer"})
    """Seats that may author it."""
    second: Second = Second.NONE
    confirm_within: int = 24 * HOUR
    """How long, in ms, an act of several parties counts before its second person confirms."""
    is_protective: bool = False
    """Names only what the partner holds: decided and logged, needing no basis."""
    decides: str = ""
    """The field whose choice opens a branch and picks the step."""
    branches: tuple[Branch, ...] = ()
    is_to_all: bool = False
    """The kit's, in a case of several parties, beside one between two of the same word."""

    @property
    def word(self) -> str:
        """The word people type: `ask`."""
        return self.name.partition(".")[2].partition("/")[0]

    @property
    def called(self) -> str:
        """The word that tells it from every other kind of its practice: `dissent-to-all`."""
        return f"{self.word}-to-all" if self.is_to_all else self.word


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One lawful step of a case: a kind of message moves it between two states."""

    before: str
    kind: str
    after: str
    by: Side = Side.EITHER
    choice: str = ""
    """The choice of the deciding field that takes this step; empty for every other choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A local clock: while a case is in `state`, the side that owes an act has this long."""

    state: str
    owed_by: Side
    clock: str
    """The law's clock (`exchange-2023-977`), read from the packs; never a number here."""
    since: str = ""
    """The kind whose stored time starts it; empty: entering the state does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Once the instant in searchable `field` is past, a case in `state` is in `after`."""

    state: str
    field: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interim:
    """What an asker is told by itself when whoever decides its answer is late: codes alone."""

    word: str
    expected: str
    """The field that holds the instant by which the answer is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """One way partners work together, from first message to closed case.

    `name` is the folder's and the prefix of its kinds; `command` is the word people type.
    """

    name: str
    command: str
    kinds: tuple[Kind, ...]
    initial: str
    steps: tuple[Step, ...]
    closed: frozenset[str] = frozenset()
    duties: tuple[Duty, ...] = ()
    timers: tuple[Timer, ...] = ()
    interim: Interim | None = None
    joint: tuple[JointCase, ...] = ()
    """The cases of several parties it has."""
    pages: tuple[Page, ...] = ()
    forms: tuple[Form, ...] = ()
