"""The values screening speaks in: what is asked, what is held, and how they agree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique

from comity.core.errors import InvalidInputError, LimitError
from comity.core.ids import EntityId
from comity.core.limits import NAME

Properties = Mapping[str, tuple[str, ...]]
"""FollowTheMoney property to its values."""


@unique
class Outcome(Enum):
    """How one asked value stands to what is held; absent is never shown as different."""

    SAME = "same"
    SIMILAR = "similar"
    DIFFERS = "differs"
    NOT_COMPARABLE = "not-comparable"


@unique
class How(Enum):
    """How one token of an asked name stands to one of a held name."""

    EXACT = "exact"
    PHONETIC = "phonetic"
    """Other letters, the same consonants by sound."""
    TRANSLITERATION = "transliteration"
    """Another script, or another romanisation of one."""
    INITIAL = "initial"
    EDIT = "edit"
    JOINED = "joined"
    """Written as one word on one side and as two on the other."""
    NICKNAME = "nickname"
    ACRONYM = "acronym"
    ASKED_ONLY = "asked-only"
    HELD_ONLY = "held-only"


@unique
class Flag(Enum):
    """What an answer must say of itself, beside its candidates."""

    TOO_COMMON = "too-common"
    """The name alone fits too many: add evidence. Nothing was cut off silently."""
    NOT_COMPARABLE = "not-comparable"
    """Nothing in the name can be compared: no letters, or a script that cannot be read."""
    CONTESTED = "contested"
    """The person concerned, or a member, contests the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMatch:
    """One token of the asked name beside one of the held name.

    `weight` is this token's part of the name's weight, in the same unit: the tokens of a name
    sum to it. `rarity` is ln(N / count) + 1.
    """

    asked: str
    held: str
    how: How
    rarity: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One comparison: what was asked, what is held, how they agree, and what it weighs.

    `weight` is a log-likelihood ratio in natural units: above 0 it speaks for one and the same,
    below 0 against, 0 says nothing either way. The weights of a candidate and its model's
    intercept sum to the logit of its score.
    """

    prop: str
    asked: str
    held: str
    outcome: Outcome
    how: str
    """`exact`, `spelling`, `word-order`, `partial-date`, `other-script`, `not-held` …"""
    weight: float
    tokens: tuple[TokenMatch, ...] = ()
    """For a name: token by token, the asked ones first, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Who is looked for: a schema and FollowTheMoney properties, at least one name.

    Raises `InvalidInputError` without a name, `LimitError` on a name over `limits.NAME`.
    """

    schema: str
    properties: Properties

    def __post_init__(self) -> None:
        """Refuse what cannot be screened."""
        if not self.names:
            raise InvalidInputError("a search needs at least one name, got none")
        if any(len(name) > NAME for name in self.names):
            raise LimitError(f"a name has at most {NAME} characters")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name asked for."""
        return names_in(self.properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One held entity as screening sees it."""

    entity_id: EntityId
    dataset: str
    schema: str
    properties: Properties
    edition: str = ""
    is_contested: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every name held, aliases included."""
        return names_in(self.properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A held entity that may be the one asked for. Nothing follows from it by itself.

    `score` is a probability between 0 and 1 that holds under the base rate of the labelled
    pairs it was fitted on; it is never the chance that this is the person.
    """

    entity_id: EntityId
    dataset: str
    edition: str
    score: float
    evidence: tuple[Evidence, ...] = field(default_factory=tuple)
    is_contested: bool = False
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to one search."""

    candidates: tuple[Candidate, ...]
    """Best first; ties in the order of their ids."""
    flags: tuple[Flag, ...] = ()


def names_in(properties: Properties) -> tuple[str, ...]:
    """Return names, then aliases, then weak aliases, each once."""
    keys = ("name", "alias", "previousName", "weakAlias")
    return tuple(dict.fromkeys(name for key in keys for name in properties.get(key, ())))


def band(score: float) -> str:
    """Name the band a score falls in: `weak`, `possible` or `strong`; never *match*."""
    if score >= 0.85:  # noqa: PLR2004 - the two edges of the bands, as the console shows them
        return "strong"
    return "possible" if score >= 0.6 else "weak"  # noqa: PLR2004 - see above
