"""What the API gives back: one frozen type each. Fields may be added, none is renamed."""

from datetime import UTC, datetime

from msgspec import Raw, Struct

from comity.api.bodies import Moment
from comity.core.clock import Instant


class Done(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The act is done, and there is nothing to tell."""

    done: bool = True


class Erased(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether there was content to destroy."""

    erased: bool


class Stated(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was stated, and when: a second person names both to confirm it."""

    row: str
    at: Moment


class Me(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who this token is, and what it is bound to."""

    person: str
    name: str
    agency: str
    seats: list[str]
    purpose: str
    case: str


class CaseLine(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of a list of cases; content-free."""

    case: str
    practice: str
    kind: str
    partner: str
    side: str
    state: str
    purpose: str
    opened: Moment
    changed: Moment
    due: Moment | None
    owner: str | None
    urgency: str
    is_unread: bool
    is_contested: bool
    setting: str


class Cases(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The cases of one view, the soonest due first, and how many each view has."""

    view: str
    counts: dict[str, int]
    cases: list[CaseLine]


class Message(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One message. `stored` and `seen` are two facts; content is there once opened."""

    mid: str
    kind: str
    is_ours: bool
    partner: str
    at: Moment
    state: str
    stored: Moment | None
    seen: Moment | None
    leaf: int
    recalled: Moment | None
    complied: Moment | None
    validate_by: Moment | None = None
    handling: str | None = None
    purpose: str | None = None
    urgency: str | None = None
    basis: list[str] | None = None
    obligations: list[str] | None = None
    body: dict[str, Raw] | None = None


class LaidFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file that waits for its letter; `size` is in bytes."""

    file: str
    name: str
    media: str
    size: int
    until: Moment


class Files(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The files a person brought that no letter has taken along yet."""

    files: list[LaidFile]


class Event(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of a case's timeline, and the leaf that proves it."""

    at: Moment
    sort: str
    kind: str
    partner: str
    person: str
    leaf: int | None
    reference: str
    state: str


class Task(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something a seat or a person owes."""

    task: str
    sort: str
    seat: str
    person: str | None
    due: Moment | None
    urgency: str


class Case(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case: where it stands, what happened, what is owed, what this person may send now."""

    case: str
    practice: str
    partner: str
    side: str
    state: str
    is_stopped: bool
    is_contested: bool
    purpose: str
    opened: Moment
    changed: Moment
    due: Moment | None
    owner: str | None
    messages: list[Message]
    events: list[Event]
    tasks: list[Task]
    acts: list[str]


class StatedFact(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fact stated of a case, by whom and when."""

    fact: str
    value: bool | None
    person: str
    seat: str
    at: Moment


class StatedFacts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every fact stated of a case."""

    facts: list[StatedFact]


class Reason(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule, what it says, and the provision it rests on."""

    rule: str
    outcome: str
    cite: str
    facts: list[str]
    text: str
    paths: list[str]
    url: str
    """Where the provision is published, where it is."""


class Obligation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the recipient must do with what is let through."""

    code: str
    cite: str
    due: str | None
    detail: str


class Pack(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pack of law, by digest."""

    name: str
    version: str
    digest: str


class Decision(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the law says: the shape of `law explain --json`."""

    verdict: str
    reasons: list[Reason]
    why_not: list[Reason]
    obligations: list[Obligation]
    missing: list[str]
    smallest_set: list[str] | None
    packs: list[Pack]
    digest: str
    at: Moment
    basis: list[str]
    lifted_by: list[str]
    lines: list[str]


class PastLine(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One answer of this node's own law, as it was recorded; content-free."""

    reference: str
    case: str
    kind: str
    recipient: str
    person: str
    verdict: str
    state: str
    at: Moment
    leaf: int


class PastLines(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Answers of a case, the newest first."""

    decisions: list[PastLine]


class Question(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question to the law, as `law explain` reads it; it holds no value."""

    originator: str
    recipient: str
    on: Moment
    kind: str
    purpose: str
    categories: list[str]
    handling: str
    facts: dict[str, bool | None]
    urgency: str


class PastDecision(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A recorded answer, and the same question asked again under the law held today."""

    recorded: PastLine
    digest: str
    is_same: bool
    """Whether asking again gives the recorded answer, digest for digest."""
    is_same_law: bool
    """Whether the packs of then are those held today."""
    question: Question | None = None
    """Nothing, once the draft has been erased."""
    decision: Decision | None = None


class Packs(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What law this node holds, and what it openly lacks."""

    packs: list[Pack]
    instruments: int
    provisions: int
    participations: int
    unknown: int
    sourced: float
    """The share that names where it is published or was read, from 0 to 1."""
    unverified: int
    cases: int
    gaps: list[str]


class Preview(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What would happen if a letter were sent now; nothing is written."""

    kind: str
    recipient: str
    purpose: str
    case: str
    body: dict[str, Raw]
    handling: str
    second: str
    decision: Decision


class Outcome(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of a letter.

    `sent`, `awaits-second`, `awaits-key`, `referred` or `denied`.
    """

    outcome: str
    case: str
    mid: str | None = None
    leaf: int | None = None
    act: str | None = None
    """The digest of an act of several parties; each party gets its own copy."""
    pending: str | None = None
    reference: str | None = None
    decision: Decision | None = None


class PendingLine(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An act that waits for a second person."""

    pending: str
    case: str
    kind: str
    person: str
    seat: str
    created: Moment


class PendingList(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Acts that wait for a second person, oldest first."""

    pending: list[PendingLine]


class Draft(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a second person is asked to confirm."""

    kind: str
    recipient: str
    purpose: str
    case: str
    handling: str
    body: dict[str, Raw]


class Referral(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A draft that waits for a named person."""

    reference: str
    case: str
    kind: str
    recipient: str
    person: str
    at: Moment
    due: Moment | None


class Referrals(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Drafts that wait for a named person, oldest first."""

    referrals: list[Referral]


class Assessment(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A standing answer about a partner; it counts once confirmed."""

    partner: str
    purpose: str
    fact: str
    value: bool | None
    at: Moment
    until: Moment
    by: str
    confirmed_by: str | None
    reasons: str


class Assessments(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assessments, the newest first."""

    assessments: list[Assessment]


def moment(instant: int) -> datetime:
    """Write an instant as JSON does: a time with its offset."""
    return datetime.fromtimestamp(instant / 1000, UTC)


def moment_if(instant: int | None) -> datetime | None:
    """Write an instant that may be missing."""
    return None if instant is None else moment(instant)


def instant_of(at: datetime) -> Instant:
    """Read a time from JSON."""
    return Instant(round(at.timestamp() * 1000))
