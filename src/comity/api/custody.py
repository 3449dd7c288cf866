"""What is kept on terms: reviews, assurances, tearlines."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from comity.api import answers, bodies
from comity.api.answers import instant_of, moment, moment_if
from comity.api.bodies import Code, Marking, Moment, Reference, Words
from comity.api.endpoint import Call, get, post
from comity.core.ids import CaseId, EntityId, member_id
from comity.desk import (
    Assurance,
    AssuranceRow,
    Point,
    Tearline,
    TearlineRow,
    TimerRow,
    Treated,
)
from comity.message import Grade, handling

_ID = "019e830e1a007f7bb09b44db27528184"
_CASE = "2026-2d3400e7b6"


class Keep(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is kept until when, and why; a message or a statement by its id."""

    subject: Reference
    until: Moment
    reasons: Words


class Assured(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A state's written assurance: its author, its day, its text and who watches over it."""

    case: Reference
    state: Reference
    author: Words
    given_on: date
    until: Moment
    text: Words
    monitoring: Words


class EndAssurance(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which assurance is no longer relied on."""

    assurance: Reference


class Graded(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How reliable, in the source's own scale."""

    scale: Literal["europol-4x4", "admiralty", "uk-3x5x2"]
    source: Annotated[str, Meta(min_length=1, max_length=1)]
    information: Annotated[str, Meta(min_length=1, max_length=1)]


_Treated = Literal["absent", "removed", "generalised", "kept"]


class Lower(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A lower rendition of a message or statement, with every point of its checklist."""

    parent: Reference
    entity: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}$")]
    schema: Code = "Person"
    prop: Code = "notes"
    text: Words
    handling: Marking
    grade: Graded
    checked: dict[
        Literal["source", "method", "precision", "other-persons", "third-party", "wording"],
        _Treated,
    ]
    reasons: Words


class ConfirmTearline(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which tearline a second person confirms."""

    tearline: Reference


class Review(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a message or statement is looked at again, and erased where nobody decides."""

    subject: str
    sort: str
    case: str
    regime: str
    started: Moment
    review_by: Moment
    erase_by: Moment
    decision: str
    decided_by: str


class Reviews(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be looked at again, the first to be erased first."""

    reviews: list[Review]


class HeldAssurance(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An assurance that is, or was, held for a case."""

    assurance: str
    case: str
    state: str
    given_on: str
    until: Moment
    by: str
    ended_at: Moment | None


class Assurances(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The assurances of a case, oldest first."""

    assurances: list[HeldAssurance]


class Made(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tearline: `waiting` for a second person, `made` or `withdrawn`."""

    tearline: str
    state: str
    commitment: str
    by: str
    second: str
    at: Moment


class Tearlines(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The tearlines made here, the newest first."""

    tearlines: list[Made]


@get("reviews")
def list_reviews(call: Call, asked: bodies.Nothing) -> Reviews:
    """List what is to be looked at again before it is erased."""
    del asked
    return Reviews(reviews=[_review(row) for row in call.desk.custody.reviews(call.actor)])


@post(
    "reviews/keep",
    example={
        "subject": _ID,
        "until": "2027-06-01T00:00:00Z",
        "reasons": "The appeal of the trial it is evidence in is open until May.",
    },
)
def keep_longer(call: Call, asked: Keep) -> Review:
    """Keep one message or statement for one more period at most, for a reason."""
    return _review(
        call.desk.custody.keep(
            call.actor, asked.subject, until=instant_of(asked.until), reasons=asked.reasons
        )
    )


@get("cases/{case}/assurances")
def list_assurances(call: Call, asked: bodies.Nothing) -> Assurances:
    """List the assurances against the death penalty held for a case."""
    del asked
    rows = call.desk.custody.assurances(call.actor, CaseId(call.path["case"]))
    return Assurances(assurances=[_assurance(row) for row in rows])


@post(
    "assurances",
    example={
        "case": _CASE,
        "state": "xa",
        "author": "Ministry of Justice",
        "given_on": "2026-11-20",
        "until": "2027-11-20T00:00:00Z",
        "text": "No sentence of death is sought or carried out.",
        "monitoring": "The consul attends every hearing and visits each month.",
    },
)
def state_assurance(call: Call, asked: Assured) -> HeldAssurance:
    """State that a written assurance is held for a case."""
    said = Assurance(
        case=CaseId(asked.case),
        state=member_id(asked.state),
        author=asked.author,
        given_on=asked.given_on.isoformat(),
        until=instant_of(asked.until),
        text=asked.text,
        monitoring=asked.monitoring,
    )
    return _assurance(call.desk.custody.assure(call.actor, said))


@post("assurances/end", example={"assurance": _ID})
def end_assurance(call: Call, asked: EndAssurance) -> answers.Done:
    """Rely on an assurance no longer."""
    call.desk.custody.end_assurance(call.actor, asked.assurance)
    return answers.Done()


@get("tearlines")
def list_tearlines(call: Call, asked: bodies.Nothing) -> Tearlines:
    """List the lower renditions made here; their parents are not named."""
    del asked
    return Tearlines(tearlines=[_made(row) for row in call.desk.release.tearlines(call.actor)])


@post(
    "tearlines",
    example={
        "parent": _ID,
        "entity": "tear-1",
        "text": "She travelled by sea in the first week of the month.",
        "handling": "TLP:GREEN REL:xn,xc",
        "grade": {"scale": "europol-4x4", "source": "X", "information": "3"},
        "checked": {
            "source": "removed",
            "method": "removed",
            "precision": "generalised",
            "other-persons": "absent",
            "third-party": "absent",
            "wording": "removed",
        },
        "reasons": "The border post may not read the whole.",
    },
)
def make_tearline(call: Call, asked: Lower) -> Made:
    """Make a lower rendition on its own terms, or let it wait for a second person."""
    said = Tearline(
        parent=asked.parent,
        entity_id=EntityId(asked.entity),
        schema=asked.schema,
        prop=asked.prop,
        text=asked.text,
        handling=handling(asked.handling),
        grade=Grade(
            scale=asked.grade.scale,
            source=asked.grade.source,
            information=asked.grade.information,
        ),
        checked={Point(name): Treated(value) for name, value in asked.checked.items()},
        reasons=asked.reasons,
    )
    return _made(call.desk.release.tearline(call.actor, said))


@post("tearlines/confirm", example={"tearline": _ID})
def confirm_tearline(call: Call, asked: ConfirmTearline) -> Made:
    """Confirm another person's tearline."""
    return _made(call.desk.release.confirm(call.actor, asked.tearline))


def _review(row: TimerRow) -> Review:
    return Review(
        subject=row.subject,
        sort=row.sort,
        case=row.case,
        regime=row.regime,
        started=moment(row.started),
        review_by=moment(row.review_by),
        erase_by=moment(row.erase_by),
        decision=row.decision,
        decided_by=row.decided_by,
    )


def _assurance(row: AssuranceRow) -> HeldAssurance:
    return HeldAssurance(
        assurance=row.record_id,
        case=row.case,
        state=row.state,
        given_on=row.given_on,
        until=moment(row.until),
        by=row.by,
        ended_at=moment_if(row.ended_at),
    )


def _made(row: TearlineRow) -> Made:
    return Made(
        tearline=row.tearline,
        state=row.state,
        commitment=row.commitment.hex(),
        by=row.by,
        second=row.second,
        at=moment(row.at),
    )


CUSTODY = (
    list_reviews,
    keep_longer,
    list_assurances,
    state_assurance,
    end_assurance,
    list_tearlines,
    make_tearline,
    confirm_tearline,
)
