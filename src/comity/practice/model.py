"""The contract of a practice: data only, so that it can be read, drawn, generated and checked.

A practice declares its kinds with typed fields, its states and steps, its clocks, and what each
act asks of the person who does it. Pages, API paths, commands, schema and docs are generated
from this declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique

from comity.core.errors import StateError


@unique
class Type(Enum):
    """What a field holds, on the wire and in a form."""

    TEXT = "text"
    LINE = "line"
    CODE = "code"
    CODES = "codes"
    FLAG = "flag"
    INTEGER = "integer"
    INSTANT = "instant"
    REFERENCE = "reference"
    """The id of a message or statement both sides hold, 32 hex digits."""
    ENTITY = "entity"
    """One FollowTheMoney entity: `{"id", "schema", "properties": {name: [values]}}`."""
    ENTITIES = "entities"
    ATTACHMENTS = "attachments"
    """`[{"name", "media", "digest", "content"}]`, content inline within `limits.ATTACHMENT`."""


@unique
class Need(Enum):
    """Whether a field must be filled."""

    REQUIRED = "required"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a kind; `category` is its data category for the law, if its values are judged."""

    name: str
    type: Type
    need: Need = Need.OPTIONAL
    choices: tuple[str, ...] = ()
    category: str = ""
    limit: int = 4_000
    """Most characters of a text, most entries of a list."""


@unique
class Side(Enum):
    """Who in a case may take a step: who opened it, who was asked, or either."""

    OPENER = "opener"
    ASKED = "asked"
    EITHER = "either"


@unique
class Second(Enum):
    """Whether an act needs a second person, and when."""

    NONE = "none"
    BEFORE = "before"
    AFTER = "after"
    """Before, unless a stated threat to life holds: then within 24 h, or it is recalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of message; `name` (`requests.ask/1`) is on the wire and never changes meaning."""

    name: str
    fields: tuple[Field, ...] = ()
    seats: frozenset[str] = frozenset({"officer"})
    """Seats that may author it."""
    second: Second = Second.NONE
    is_protective: bool = False
    """Names only what the partner holds: decided and logged, needing no basis."""

    @property
    def word(self) -> str:
        """The word people type: `ask`."""
        return self.name.partition(".")[2].partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One lawful step of a case: a kind of message moves it between two states."""

    before: str
    kind: str
    after: str
    by: Side = Side.EITHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A local clock: while a case is in `state`, the side that owes an act has this long."""

    state: str
    owed_by: Side
    clock: str
    """The law's clock for it (`exchange-2023-977`), read from the packs; never a number here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who a case may join: two partners, or many under a convenor (sequence, sections, quorum)."""

    convenor: bool = False
    quorum: Mapping[str, str] = field(default_factory=dict[str, str])


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
    parties: Parties = Parties()
