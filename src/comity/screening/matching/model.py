"""The values the compatible routes speak in, and the port that answers them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Protocol

from comity.screening.model import Candidate, Flag, Properties, Query


@unique
class Joined(Enum):
    """How several conditions of one search stand to each other."""

    ANY = "OR"
    ALL = "AND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One entity as its reader may know it, and no more; times are ISO 8601 without a zone."""

    entity_id: str
    schema: str
    properties: Properties
    datasets: tuple[str, ...]
    referents: tuple[str, ...] = ()
    """Other ids it was known under."""
    first_seen: str = ""
    last_seen: str = ""
    last_change: str = ""
    is_contested: bool = False
    handling: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Among which of the entities a reader may know something is looked for."""

    dataset: str
    include: tuple[str, ...] = ()
    """Further datasets beside `dataset`."""
    exclude: tuple[str, ...] = ()
    exclude_schemata: tuple[str, ...] = ()
    exclude_entities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    changed_since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question of a batch; `key` is the caller's own word for it."""

    key: str
    query: Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Questions asked at once, as one act. Candidates at or below `cutoff` are left out."""

    asks: tuple[Ask, ...]
    scope: Scope
    limit: int
    cutoff: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A candidate and the entity it is, both as the reader may know it."""

    held: Held
    candidate: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer to one question, best first."""

    candidates: tuple[Scored, ...]
    total: int
    """How many there were before `limit`."""
    flags: tuple[Flag, ...] = ()
    is_complete: bool = True
    """Whether `total` counts everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list, in which order (`last_change:desc`, `caption`)."""

    limit: int
    offset: int = 0
    sort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSearch:
    """A search by words, without any score. No words find everything in scope."""

    text: str
    schema: str
    scope: Scope
    page: Page
    countries: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    """Properties and the values one of which must be held."""
    joined: Joined = Joined.ANY
    """How several values of one field join; several fields always join as *all*."""
    facets: tuple[str, ...] = ()
    is_fuzzy: bool = False
    """Whether names that only sound or look alike are found too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value of a facet and how many of the found entities bear it."""

    name: str
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """How the found entities spread over the values of one field, the commonest first."""

    name: str
    label: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a search, with what was counted over all of it."""

    results: tuple[Held, ...]
    total: int
    facets: tuple[Facet, ...] = ()
    is_complete: bool = True
    """Whether `total` counts everything; a very wide search stops counting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """An entity and, by property, the entities beside it; reverse properties are among them."""

    held: Held
    nested: Mapping[str, tuple["Tree", ...]] = field(
        default_factory=dict[str, tuple["Tree", ...]]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One dataset that can be searched."""

    name: str
    title: str
    version: str
    """Its edition."""
    entities: int | None = None
    """How many; `None` where counting them would tell of some its reader may not see."""
    published: str = ""
    """When its publisher published it; ISO 8601 without a zone, or empty."""
    is_demonstration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """What can be searched now, and the version of the index it is searched in."""

    sources: tuple[Source, ...]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How scores are made: the version of the calibration, and what each feature says."""

    version: str
    base_rate: float | None
    """The share of true pairs among the labelled pairs the scores were fitted on."""
    intercept: float = 0.0
    """Its logit: with the weights of every comparison it sums to the logit of a score."""
    features: Mapping[str, str] = field(default_factory=dict[str, str])


class Matcher(Protocol):
    """Answers a program, for one reader, purpose and case; what they may not know is not there.

    Each call is one act. `NotFoundError` is the same for what is not held and what is not
    theirs to know.
    """

    def match(self, batch: Batch, /) -> Mapping[str, Answered]:
        """Score every question of a batch, by key."""
        ...

    def search(self, wanted: TextSearch, /) -> Found:
        """Find entities by words."""
        ...

    def entity(self, entity_id: str, /) -> Tree:
        """Return one entity with those beside it; raises `NotFoundError`.

        The id of the tree differs from `entity_id` where that was merged into another.
        """
        ...

    def suggest(self, scope: Scope, prefix: str, /, *, limit: int) -> tuple[Held, ...]:
        """Return entities a name of which begins so."""
        ...

    def extend(self, entities: tuple[str, ...], /) -> Mapping[str, Tree]:
        """Return those of the entities that can be shown, as one act."""
        ...

    def catalog(self) -> Catalog:
        """Return what this reader can search."""
        ...

    def method(self) -> Method:
        """Return how scores are made."""
        ...

    def is_ready(self) -> bool:
        """Whether the index is open."""
        ...
