"""What OpenRefine is answered: the Reconciliation Service API, version 0.2."""

from msgspec import Struct, field


class Type(Struct, frozen=True, kw_only=True):
    """A kind of entity: a FollowTheMoney schema under its plural label."""

    id: str
    name: str
    description: str


class Property(Struct, frozen=True, kw_only=True):
    """A property by its qualified name, such as `Person:birthDate`."""

    id: str
    name: str
    description: str = ""


class Service(Struct, frozen=True, kw_only=True):
    """Where a service is: both parts are put together."""

    service_url: str
    service_path: str


class Suggest(Struct, frozen=True, kw_only=True):
    """What is completed while somebody types."""

    entity: Service
    property: Service
    type: Service


class Choice(Struct, frozen=True, kw_only=True):
    """One choice of a setting."""

    value: str
    name: str


class Setting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What can be set of a property that is fetched."""

    name: str
    label: str
    type: str
    default: str | int
    help_text: str
    choices: list[Choice] = []


class Extend(Struct, frozen=True, kw_only=True):
    """Where properties are proposed, and what can be set of them.

    The specification says `property_settings`; yente's clients know `propose_settings`.
    """

    propose_properties: Service
    property_settings: list[Setting]
    propose_settings: list[Setting]


class Link(Struct, frozen=True, kw_only=True):
    """An address with `{{id}}` in it."""

    url: str


class Preview(Struct, frozen=True, kw_only=True):
    """A small page about an entity."""

    url: str
    width: int
    height: int


class Security(Struct, frozen=True, kw_only=True):
    """How a caller proves who it is (OpenAPI security scheme)."""

    type: str
    name: str
    in_: str = field(name="in")


class Manifest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the service is and does."""

    versions: list[str]
    name: str
    identifierSpace: str  # noqa: N815 - as the specification writes it
    schemaSpace: str  # noqa: N815 - see above
    documentation: str
    batchSize: int  # noqa: N815 - see above
    view: Link
    suggest: Suggest
    extend: Extend
    defaultTypes: list[Type]  # noqa: N815 - see above
    preview: Preview | None = None
    authentication: Security | None = None


class MatchingFeature(Struct, frozen=True, kw_only=True):
    """One comparison's weight."""

    id: str
    value: float


class Candidate(Struct, frozen=True, kw_only=True):
    """An entity that may be meant; `match` is never true: a person picks."""

    id: str
    name: str
    description: str
    type: list[Type]
    score: float
    match: bool
    features: list[MatchingFeature]


class Candidates(Struct, frozen=True, kw_only=True):
    """The answer to one question."""

    result: list[Candidate]


class Suggested(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One suggestion."""

    id: str
    name: str
    description: str
    type: list[Type] = []
    notable: list[Type] = []


class Suggestions(Struct, frozen=True, kw_only=True):
    """What a few letters may be the beginning of."""

    code: str
    status: str
    prefix: str
    result: list[Suggested]


class Meta(Struct, frozen=True, kw_only=True):
    """A property whose values follow."""

    id: str
    name: str


class Cell(Struct, frozen=True, kw_only=True):
    """One value."""

    text: str = field(name="str")


class Extended(Struct, frozen=True, kw_only=True):
    """Values of entities, by id and property."""

    meta: list[Meta]
    rows: dict[str, dict[str, list[Cell]]]


class Proposed(Struct, frozen=True, kw_only=True):
    """Properties that can be fetched of a type."""

    limit: int
    type: str
    properties: list[Meta]
