"""What our own people read of the law, what they should read next, and another's beside it."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from comity.api import answers, bodies
from comity.api.answers import instant_of, moment, moment_if
from comity.api.bodies import Code, Moment, Reference, Words
from comity.api.endpoint import Call, get, post
from comity.core import limits
from comity.desk import ReadingView
from comity.law import Reading, ReadingOutcome

_ROW = {"row": "hostages-4"}


class Read(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was read of a row: address, article, day, and what the text says of it.

    `row` is a rule, `INSTRUMENT/PARTY` or `INSTRUMENT/PARTY/ARTICLE`.
    """

    row: Reference
    source: Annotated[str, Meta(min_length=1, max_length=400)]
    article: Reference
    read: date
    outcome: Literal["confirm", "narrow", "reject"] = "confirm"
    purposes: list[Code] = []
    categories: list[Code] = []
    needs: Annotated[str, Meta(max_length=80)] = ""
    until: date | None = None
    in_force: date | None = None
    reasons: Words | None = None


class ConfirmRead(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which reading a second person confirms; `at` is when it was stated."""

    row: Reference
    at: Moment


class SignedReadings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another member's file of readings, in base64."""

    content: Annotated[bytes, Meta(max_length=limits.BODY)]


class WhatWasRead(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody read of one row."""

    row: str
    outcome: str
    source: str
    article: str
    read: date
    purposes: list[str]
    categories: list[str]
    needs: str
    until: date | None
    in_force: date | None


class OneReading(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One reading of ours: `waits`, `counts`, `replaced` or `outdated`."""

    reading: WhatWasRead
    state: str
    at: Moment
    by: str
    confirmed_by: str | None
    confirmed_at: Moment | None
    reasons: str


class AllReadings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Readings, the newest first."""

    readings: list[OneReading]


class ToRead(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A row nobody has read, and how many decisions it referred in the last month."""

    row: str
    referred: int
    text: str
    cite: str
    gap: str
    url: str
    waits: bool


class WorkList(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to read, first what referred most."""

    rows: list[ToRead]


class TwoReadings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What another agency read of a row, and what counts here."""

    agency: str
    theirs: WhatWasRead
    ours: OneReading | None


class Compared(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A verified file beside our own readings; nothing of it counts here."""

    rows: list[TwoReadings]


@get("law/worklist")
def list_unread(call: Call, asked: bodies.Nothing) -> WorkList:
    """List the rows of the law nobody has read, those that referred most decisions first."""
    del asked
    return WorkList(
        rows=[
            ToRead(
                row=each.row,
                referred=each.referred,
                text=each.text,
                cite=each.cite,
                gap=each.gap,
                url=each.url,
                waits=each.waits,
            )
            for each in call.desk.readings.work_list(call.actor)
        ]
    )


@get("law/readings")
def list_readings(call: Call, asked: bodies.Nothing) -> AllReadings:
    """List what our people read, the newest first, and whether it counts."""
    del asked
    return AllReadings(
        readings=[_reading(each) for each in call.desk.readings.list(call.actor)]
    )


@post(
    "law/readings",
    example={
        **_ROW,
        "source": "https://treaties.un.org/Pages/ViewDetails.aspx?src=TREATY&mtdsg_no=XVIII-5",
        "article": "4(b)",
        "read": "2026-11-23",
        "outcome": "confirm",
    },
)
def state_reading(call: Call, asked: Read) -> answers.Stated:
    """State what was read of a row; it counts once another person has confirmed it."""
    row = call.desk.readings.state(
        call.actor,
        Reading(
            row=asked.row,
            outcome=ReadingOutcome(asked.outcome),
            source=asked.source,
            article=asked.article,
            read=asked.read,
            purposes=frozenset(asked.purposes),
            categories=frozenset(asked.categories),
            needs=asked.needs,
            until=asked.until,
            in_force=asked.in_force,
        ),
        reasons=asked.reasons or "",
    )
    return answers.Stated(row=row.row, at=moment(row.at))


@post("law/readings/confirm", example={**_ROW, "at": "2026-11-23T14:02:00.123Z"})
def confirm_reading(call: Call, asked: ConfirmRead) -> answers.Done:
    """Confirm another person's reading: it counts from now on, and the ledger says so."""
    call.desk.readings.confirm(call.actor, asked.row, instant_of(asked.at))
    return answers.Done()


@post("law/readings/beside", example={"content": "0oRY"})
def compare_readings(call: Call, asked: SignedReadings) -> Compared:
    """Verify another member's file of readings and show it beside ours; none of it counts."""
    found = call.desk.readings.beside(call.actor, asked.content)
    return Compared(
        rows=[
            TwoReadings(
                agency=each.agency,
                theirs=_read(each.theirs),
                ours=None if each.ours is None else _reading(each.ours),
            )
            for each in found
        ]
    )


def _reading(view: ReadingView) -> OneReading:
    row = view.row
    return OneReading(
        reading=_read(view.reading),
        state=view.state,
        at=moment(row.at),
        by=row.by,
        confirmed_by=row.confirmed_by,
        confirmed_at=moment_if(row.confirmed_at),
        reasons=view.reasons,
    )


def _read(reading: Reading) -> WhatWasRead:
    return WhatWasRead(
        row=reading.row,
        outcome=reading.outcome.value,
        source=reading.source,
        article=reading.article,
        read=reading.read,
        purposes=sorted(reading.purposes),
        categories=sorted(reading.categories),
        needs=reading.needs,
        until=reading.until,
        in_force=reading.in_force,
    )


READINGS = (list_unread, list_readings, state_reading, confirm_reading, compare_readings)
