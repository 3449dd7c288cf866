"""What is answered, in yente's shapes (5.5); what we add beside them says so.

A client that does not know our fields ignores them.
"""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

Value = "str | Entity"


class Detail(Struct, frozen=True, kw_only=True):
    """Why something was not answered."""

    detail: str


class Status(Struct, frozen=True, kw_only=True):
    """That it answers, or is ready."""

    status: str


class Total(Struct, frozen=True, kw_only=True):
    """How many there are; `gte` where counting stopped."""

    value: int
    relation: Literal["eq", "gte"]


class Entity(Struct, frozen=True, kw_only=True):
    """One FollowTheMoney entity; `contested` and `handling` are ours."""

    id: str
    caption: str
    schema: str
    properties: dict[str, list["str | Entity"]]
    datasets: list[str]
    referents: list[str]
    target: bool
    first_seen: str | None
    last_seen: str | None
    last_change: str | None
    contested: bool = False
    handling: str | UnsetType = UNSET


class Token(Struct, frozen=True, kw_only=True):
    """Ours: one word of the asked name beside one of the held name."""

    query: str
    candidate: str
    how: str
    rarity: float
    weight: float


class Feature(Struct, frozen=True, kw_only=True):
    """What one comparison said; `outcome`, `how` and `tokens` are ours.

    `score` is its weight, a log-likelihood ratio: above 0 it speaks for one and the same.
    """

    score: float
    detail: str
    query: str | None
    candidate: str | None
    outcome: str
    how: str
    tokens: list[Token]


class Scored(Entity, frozen=True, kw_only=True):
    """A candidate; `threshold`, `suggested`, `flags` and `edition` are ours.

    `match` says no more than `suggested`: the score reaches the threshold. A person decides.
    """

    score: float
    match: bool
    explanations: dict[str, Feature]
    suggested: bool
    threshold: float
    flags: list[str]
    edition: str


class Example(Struct, frozen=True, kw_only=True):
    """A question as it was read."""

    id: str | None
    schema: str
    properties: dict[str, list[str]]


class Matches(Struct, frozen=True, kw_only=True):
    """The answer to one question; `flags`, `unknown` and `unread` are ours.

    `unknown` names properties the schema lacks, `unread` those of which a value was not in the
    form it has, with the form expected: neither was compared.
    """

    status: int
    results: list[Scored]
    total: Total
    query: Example
    flags: list[str]
    unknown: list[str]
    unread: dict[str, str]


class MatchAnswer(Struct, frozen=True, kw_only=True):
    """The answers to a batch; `method` is ours."""

    responses: dict[str, Matches]
    limit: int
    method: str


class FacetItem(Struct, frozen=True, kw_only=True):
    """One value of a facet."""

    name: str
    label: str
    count: int


class FacetAnswer(Struct, frozen=True, kw_only=True):
    """One facet."""

    label: str
    values: list[FacetItem]


class SearchAnswer(Struct, frozen=True, kw_only=True):
    """One page of a search."""

    results: list[Entity]
    facets: dict[str, FacetAnswer]
    total: Total
    limit: int
    offset: int


class Beside(Struct, frozen=True, kw_only=True):
    """Entities that stand beside one by one property."""

    results: list[Entity]
    total: Total
    limit: int
    offset: int


class AdjacentAnswer(Struct, frozen=True, kw_only=True):
    """An entity and everything beside it."""

    entity: Entity
    adjacent: dict[str, Beside]


class FeatureDoc(Struct, frozen=True, kw_only=True):
    """What a feature says; weights are learned, so `coefficient` says only that it counts."""

    description: str
    coefficient: float
    url: str


class AlgorithmDoc(Struct, frozen=True, kw_only=True):
    """How scores come about."""

    name: str
    description: str
    config: dict[str, str]
    features: dict[str, FeatureDoc]


class Algorithm(Struct, frozen=True, kw_only=True):
    """One way to score; `version`, `base_rate` and `intercept` are ours."""

    name: str
    description: str
    features: dict[str, FeatureDoc]
    docs: AlgorithmDoc
    version: str
    base_rate: float | None
    intercept: float


class AlgorithmsAnswer(Struct, frozen=True, kw_only=True):
    """Every way to score."""

    algorithms: list[Algorithm]
    default: str
    best: str


class Dataset(Struct, frozen=True, kw_only=True):
    """One dataset; `demonstration` is ours: never to screen real people with."""

    name: str
    title: str
    version: str
    children: list[str]
    load: bool
    index_version: str
    index_current: bool
    entity_count: int | None
    thing_count: int | None
    updated_at: str | None
    last_export: str | None
    demonstration: bool = False


class CatalogAnswer(Struct, frozen=True, kw_only=True):
    """Every dataset that can be searched."""

    datasets: list[Dataset]
    current: list[str]
    outdated: list[str] = field(default_factory=list[str])
    index_stale: bool = False
