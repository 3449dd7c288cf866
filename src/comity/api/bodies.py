"""What requests say: one frozen type each; a field nobody declared is refused by its name."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from comity.core import limits

Moment = Annotated[datetime, Meta(tz=True)]
Code = Annotated[str, Meta(min_length=1, max_length=80)]
Reference = Annotated[str, Meta(min_length=1, max_length=200)]
Words = Annotated[str, Meta(min_length=1, max_length=4_000)]
Marking = Annotated[str, Meta(min_length=1, max_length=1_000, examples=["TLP:AMBER H1"])]
Name = Annotated[str, Meta(min_length=1, max_length=limits.NAME)]
Facts = dict[Code, bool | None]
Properties = dict[Code, Annotated[list[Name], Meta(max_length=limits.FIELDS)]]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Nothing(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request that needs no words."""


class Shown(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which list of cases: `to-do`, `mine`, `second`, `waiting` or `closed`."""

    view: Code = "to-do"


class Within(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The case a look-up is for."""

    case: Reference


class Assign(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who takes a case; `null` gives it back to the seat."""

    person: Reference | None


class State(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fact of the law stated of a case; `null` is *unknown*."""

    fact: Code
    value: bool | None


class Letter(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A message: `case` continues one, `recipient` and `purpose` open one.

    `body` holds the fields its kind declares; `facts` answers what the law asks.
    """

    kind: Code
    body: Raw
    handling: Marking
    case: Reference | None = None
    recipient: Reference | None = None
    purpose: Annotated[str, Meta(max_length=80)] = ""
    parent: Reference | None = None
    """The case here whose child it opens, where it opens one of several parties."""
    facts: Facts = {}


class Resume(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a named seat adds to a referred draft: rules lifted, facts now known."""

    lift: Annotated[list[Reference], Meta(max_length=100)] = []
    facts: Facts | None = None


class Validate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why what went on the emergency path may stay; kept with the act."""

    reasons: Annotated[str, Meta(max_length=4_000)] = ""


class Search(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is looked for: a FollowTheMoney schema and properties, at least one name."""

    schema: Code
    properties: Properties


class List(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of people before any of it is compared: what of, how many, and what binds it.

    `salt` is 32 random bytes; `end` is the SHA-256 chain over it and every slice of rows.
    """

    sort: Literal["passengers", "customers", "persons"]
    rows: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    salt: Digest
    end: Digest


class Rows(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The next rows of a list; `before` is the chain of all that came before them."""

    before: Digest
    rows: Annotated[list[Search], Meta(min_length=1, max_length=1_000)]
    least: Literal["weak", "possible", "strong"] = "possible"


class Lift(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule whose referral a named seat lifts, and why; kept with the act."""

    rule: Reference
    reasons: Words


class Opinion(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A view on a candidate; `seen` is the digest of the comparison it was formed on."""

    schema: Code
    properties: Properties
    seen: Digest
    view: Literal["same", "different", "unsure"]
    reason: Words


class File(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file, its bytes in base64."""

    name: Annotated[str, Meta(pattern=r"^[^/\\\x00-\x1f\x7f]{1,255}$")]
    content: bytes


FILE = r"^[^/\\\x00-\x1f\x7f]{1,255}$"
MEDIA = "^[a-z]{1,20}/[a-z0-9.+-]{1,80}$"
FileName = Annotated[str, Meta(pattern=FILE)]
MediaType = Annotated[str, Meta(pattern=MEDIA)]


class Attachment(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of a message: its bytes in base64, or a large one that was brought before."""

    name: FileName
    media: MediaType
    content: Annotated[bytes, Meta(max_length=limits.ATTACHMENT)] | None = None
    file: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None


class Subject(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One FollowTheMoney entity."""

    id: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}$")] = "subject"
    schema: Annotated[str, Meta(pattern="^[A-Z][A-Za-z]{0,60}$")] = "Person"
    properties: Properties


class Party(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One party of a case of several, with its roles in it."""

    party: Reference
    roles: Annotated[list[Code], Meta(max_length=16)] = []


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One section of an act, under its own marking; no audience means every party."""

    name: Code
    handling: Marking
    audience: Annotated[list[Reference], Meta(max_length=64)] = []
    body: dict[str, str | int | bool | list[str] | Subject]


class Import(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Files to bring in, and on what terms. `edition` makes them an edition of a list."""

    format: Literal["ofac-sdn", "un-sc", "ftm", "csv"]
    files: Annotated[list[File], Meta(min_length=1, max_length=16)]
    marking: Marking
    basis: Reference
    purpose: Code
    dataset: Code
    edition: Annotated[str, Meta(max_length=80)] = ""
    published: Moment | None = None
    retain_until: Moment | None = None


class Commit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same import, with the digest of the preview a person looked at."""

    incoming: Import
    previewed: Digest


class Inquiry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question to the law, of no real person; nothing is disclosed by asking it."""

    originator: Reference
    recipient: Reference
    on: Annotated[str, Meta(min_length=10, max_length=40)]
    kind: Code
    purpose: Code
    categories: list[Code] = []
    handling: str | dict[str, str | int | bool | list[str]] = {}
    facts: Facts = {}
    urgency: Literal["normal", "urgent"] = "normal"


class Assess(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A standing answer about a partner, for a purpose, until a day, with its reasons."""

    partner: Reference
    purpose: Code
    fact: Code
    value: bool | None
    until: Moment
    reasons: Words


class ConfirmAssessment(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which assessment a second person confirms; `at` is when it was stated."""

    partner: Reference
    purpose: Code
    fact: Code
    at: Moment


class Door(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A door to a partner: for one purpose or, where empty, for all."""

    partner: Reference
    purpose: Annotated[str, Meta(max_length=80)] = ""


class CloseDoor(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A door to close: to an agency or a whole member, for one purpose or, empty, for all.

    With `warnings` not even a warning of danger to life passes.
    """

    partner: Reference
    purpose: Annotated[str, Meta(max_length=80)] = ""
    warnings: bool = False
    reasons: Annotated[str, Meta(max_length=4_000)] = ""


class PutShift(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A weekly shift: `mon-fri` from `08:00` to `16:00` on the wall; rank 0 is on duty."""

    person: Reference
    days: Annotated[str, Meta(min_length=3, max_length=40)]
    start: Annotated[str, Meta(min_length=3, max_length=5)]
    end: Annotated[str, Meta(min_length=3, max_length=5)]
    rank: Annotated[int, Meta(ge=0, le=9)] = 0
    until: Moment | None = None


class EndShift(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shift to take off the rota."""

    shift: Reference


class Away(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a person is away; without an end, the absence that began then is taken back."""

    person: Reference
    since: Moment
    until: Moment | None = None


class Reach(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a person is woken; empty forgets it."""

    person: Reference
    address: Annotated[str, Meta(max_length=100)]


class AnswerCall(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A call that one has heard."""

    call: Reference


class Enrol(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person to add."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]


class Grant(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A seat to give from now on."""

    seat: Code
    until: Moment | None = None
    held_as: Literal["holder", "deputy"] = "holder"


class EndSeat(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A seat to take back from now on."""

    seat: Code


class Token(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a token is bound to, for how long, and the system that holds it, if one does."""

    purpose: Code
    case: Reference | None = None
    days: Annotated[int, Meta(ge=1, le=366)] = 30
    system: Annotated[str, Meta(max_length=64)] = ""


class Agree(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That a person judges each candidate in a system, where it is agreed, and for how long."""

    system: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9.-]{0,63}$")]
    agreement: Annotated[str, Meta(min_length=1, max_length=200)]
    days: Annotated[int, Meta(ge=1, le=366)] = 366


class EndSystem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The system whose agreement ends, with every key made under it."""

    system: Annotated[str, Meta(min_length=1, max_length=64)]
