"""What the API gives back of registers: candidates, entities, editions, persons, partners."""

from msgspec import Struct

from comity.api import answers
from comity.api.bodies import Moment


class Candidate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who may be meant; never how likely."""

    entity: str
    name: str
    schema: str
    dataset: str
    edition: str
    edition_age: int | None
    is_contested: bool
    view: str


class Candidates(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Candidates of one logged look-up."""

    case: str
    candidates: list[Candidate]
    flags: list[str] = []
    """What the answer says of itself: `too-common`, `not-comparable`."""


class BatchBegun(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the law says of comparing a list; `batch` is empty where it may not be."""

    batch: str
    decision: answers.Decision


class Batch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far a list has come: `open`, `done`, or `other` than what was declared."""

    batch: str
    case: str
    person: str
    sort: str
    at: Moment
    rows: int
    done: int
    candidates: int
    state: str


class Batches(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The lists compared for a case, the newest first."""

    batches: list[Batch]


class Near(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who may be meant by a row, and in which properties they agree; never how likely."""

    entity: str
    name: str
    schema: str
    dataset: str
    edition: str
    is_contested: bool
    agrees: list[str]


class BatchRows(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Candidates for each row, in the order of the rows."""

    rows: list[list[Near]]


class Statement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One value with all that binds it."""

    statement: str
    prop: str
    value: str
    original: str
    dataset: str
    originator: str
    grade: str
    handling: str
    basis: str
    purpose: str
    collected: Moment
    retain_until: Moment
    status: str


class Entity(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What this reader may see of one person, thing or organisation now."""

    entity: str
    schema: str
    properties: dict[str, list[str]]
    handling: str
    datasets: list[str]
    is_contested: bool
    statements: list[Statement]


class Token(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One word of an asked name beside one of a held name; `rarity` is ln(N / count) + 1."""

    asked: str
    held: str
    how: str
    rarity: float
    weight: float


class Evidence(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One comparison: asked, held, how they agree. Before the first view nothing weighs.

    `weight` is a log-likelihood ratio in natural units; `tokens` tell of a name word by word.
    """

    prop: str
    asked: str
    held: str
    outcome: str
    how: str
    weight: float
    tokens: list[Token]


class Judgement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One officer's views on a candidate."""

    person: str
    first_view: str
    first_at: Moment
    final_view: str
    final_at: Moment | None
    edition: str


class Outcomes(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of candidates judged here in one band; no counts until enough were judged."""

    band: str
    script: str
    calibration: str
    judged: int
    is_known: bool
    verdicts: dict[str, int]


class Comparison(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A candidate beside what was asked; `score` is null until the own first view stands."""

    entity: Entity
    evidence: list[Evidence]
    edition: str
    edition_age: int | None
    score: float | None
    band: str
    judgements: list[Judgement]
    verdict: str
    seen: str
    flags: list[str] = []
    """What must be said of it: `too-common`, `not-comparable`, `contested`."""
    outcomes: Outcomes | None = None
    """Null until the own first view stands."""


class Judged(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all final views together amount to."""

    verdict: str


class Edition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One edition of one list."""

    dataset: str
    edition: str
    published: Moment
    committed: Moment
    by: str
    entities: int
    statements: int
    is_current: bool
    is_demonstration: bool


class Editions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every edition held, the newest first."""

    editions: list[Edition]


class Change(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many entities, and the ids of the first few."""

    count: int
    sample: list[str]


class Rejected(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One value or row of a file that is not taken."""

    file: str
    line: int
    field: str
    reason: str
    value: str


class ImportPreview(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What committing an import would change; `digest` names exactly this change."""

    dataset: str
    edition: str
    before: str
    new: Change
    changed: Change
    removed: Change
    unchanged: int
    held_back: int
    statements: int
    rejections: int
    rejected: list[Rejected]
    digest: str


class Imported(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an import did."""

    dataset: str
    edition: str
    statements: int
    rejections: int
    forgotten: int = 0
    told: int = 0
    judged: int = 0


class Seat(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One person's time in one seat."""

    seat: str
    since: Moment
    until: Moment | None
    is_deputy: bool


class Person(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person of this node."""

    person: str
    name: str
    seats: list[Seat]
    is_disabled: bool


class Persons(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everyone enrolled here."""

    persons: list[Person]


class Enrolled(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The id of a new person."""

    person: str


class Handover(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who takes over a seat's open tasks; nobody means the seat is vacant."""

    seat: str
    to: list[str]


class Disabled(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What moved when a person left."""

    handovers: list[Handover]


class Secret(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A secret, shown once and stored nowhere."""

    secret: str


class System(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A system that is given scores until `until`, or was until `ended`."""

    system: str
    agreement: str
    person: str
    since: Moment
    until: Moment
    ended: Moment | None


class Systems(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every system that is or was given scores."""

    systems: list[System]


class Contact(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How people reach a partner when machines do not."""

    telephone: str
    email: str
    hours: str
    languages: list[str]


class PartnerNode(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A node of a partner, and since when a message waits for it."""

    node: str
    url: str
    kinds: list[str]
    languages: list[str]
    waiting_since: Moment | None


class Partner(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An agency of the directory."""

    agency: str
    name: str
    sort: str
    contacts: list[Contact]
    nodes: list[PartnerNode]


class Partners(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everyone in the directory, and until when somebody vouches for it."""

    version: int
    expires: Moment
    partners: list[Partner]


class Made(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The name of what was made."""

    made: str


class Ledger(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The newest checkpoint of this node's ledger."""

    origin: str
    size: int
    root: str
    witnesses: list[str]
    note: str


class Proof(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That an entry stands in the ledger, for any C2SP verifier."""

    index: int
    proof: str
