"""Doors: those this member closed, those closed to it, and the acts that close and open."""

from comity.console import counsel
from comity.console.parts import Act, Chip, Choice, Form, Input, Tone
from comity.console.sheet import Line, Section, Sheet
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import Instant, iso
from comity.core.ids import member_of
from comity.desk import DECIDERS, DoorView, Shut
from comity.practice import Field, Need, Type


def doors(visit: Visit) -> Answer:
    """List closed doors with what waits behind each, and let one be closed or opened."""
    said, doors = visit.said, visit.desk.doors
    ours = tuple(_ours(visit, view) for view in doors.closed(visit.actor))
    theirs = tuple(
        Line(
            text=visit.partner(each.partner),
            detail=" · ".join(
                (
                    _purpose(visit, each.purpose),
                    said.say("door.theirs_waits", n=each.waiting, at=iso(each.since)),
                )
            ),
            chips=(Chip(text=said.say("door.closed"), icon="ban", tone=Tone.WARN),),
        )
        for each in doors.told(visit.actor)
    )
    may = bool(DECIDERS & visit.actor.seats)
    page = Sheet(
        title=said.say("door.title"),
        lead=said.say("door.lead"),
        back=Act(label=said.say("rail.partners"), href="/partners"),
        sections=(
            Section(
                title=said.say("door.ours"),
                lead="" if ours else said.say("door.all_open"),
                lines=ours,
            ),
            Section(
                title=said.say("door.theirs"),
                lead="" if theirs else said.say("door.none_told"),
                lines=theirs,
            ),
        ),
        side=(Section(title=said.say("door.close"), forms=(_close_form(visit),)),)
        if may
        else (),
    )
    return Shown(page=page)


def close(visit: Visit) -> Answer:
    """Close the door at once."""
    shut = Shut(
        partner=visit.form("body.partner"),
        purpose=visit.form("body.purpose"),
        warnings=visit.form("body.reach") == "warnings-too",
        reasons=visit.form("body.reasons"),
    )
    visit.desk.doors.close(visit.actor, shut)
    return Go(href="/doors", told="door_closed")


def open_again(visit: Visit) -> Answer:
    """Open the door: the first of two asks, the second opens."""
    partner, purpose = visit.form("partner"), visit.form("purpose")
    row = visit.desk.doors.open(visit.actor, partner, purpose=purpose)
    return Go(href="/doors", told="door_asked" if row.opened_at is None else "door_open")


def _ours(visit: Visit, view: DoorView) -> Line:
    said, row = visit.said, view.row
    names = visit.people()
    form = Form(
        action="/doors/open",
        kind="open-door",
        title=said.say("door.open"),
        inputs=(),
        note=said.say("door.open_second" if view.awaits_second else "door.open_first"),
        send=said.say("door.confirm" if view.awaits_second else "door.open"),
        hidden=(("partner", row.partner), ("purpose", row.purpose)),
        icon="circle-check",
    )
    asked = (
        said.say("door.asked", who=names.get(row.reopen_by, "")) if view.awaits_second else ""
    )
    detail = (
        _purpose(visit, row.purpose),
        said.say("door.by", who=names.get(row.person, row.person), at=iso(Instant(row.at))),
        said.say("door.waits", n=view.held_back, of=view.undecided),
        asked,
        view.reasons,
    )
    return Line(
        text=visit.partner(row.partner),
        detail=" · ".join(filter(None, detail)),
        chips=(
            Chip(
                text=said.say("door.warnings_closed" if row.warnings else "door.warnings_pass"),
                icon="ban" if row.warnings else "shield-check",
                tone=Tone.CRIT if row.warnings else Tone.INFO,
            ),
        ),
        forms=(form,) if DECIDERS & visit.actor.seats else (),
    )


def _purpose(visit: Visit, purpose: str) -> str:
    every = visit.said.say("door.every_purpose")
    return visit.said.code("purpose", purpose) if purpose else every


def _close_form(visit: Visit) -> Form:
    said, own = visit.said, visit.desk.agency
    entries = [e for e in visit.directory.agencies() if e.agency != own]
    members = sorted({member_of(e.agency) for e in entries} - {member_of(own)})
    partners = (
        *(Choice(value=e.agency, label=e.name) for e in entries),
        *(Choice(value=each, label=said.say("door.member", code=each)) for each in members),
    )
    purposes = tuple(
        Choice(value=each, label=said.code("purpose", each))
        for each in counsel.lexicon(visit).purposes
    )
    reaches = ("warnings-pass", "warnings-too")
    required = Need.REQUIRED
    return Form(
        action="/doors/close",
        kind="close-door",
        title=said.say("door.close"),
        note=said.say("door.close_why"),
        inputs=(
            Input(
                field=Field(
                    name="partner",
                    type=Type.CODE,
                    need=required,
                    choices=tuple(each.value for each in partners),
                ),
                label=said.say("door.partner"),
                choices=partners,
                is_compact=True,
            ),
            Input(
                field=Field(
                    name="purpose",
                    type=Type.CODE,
                    choices=tuple(each.value for each in purposes),
                ),
                label=said.say("message.purpose"),
                choices=purposes,
                help=said.say("door.purpose_help"),
                is_compact=True,
            ),
            Input(
                field=Field(name="reach", type=Type.CODE, need=required, choices=reaches),
                label=said.say("door.warnings"),
                choices=tuple(
                    Choice(value=each, label=said.say(f"door.{each}")) for each in reaches
                ),
            ),
            Input(field=Field(name="reasons", type=Type.TEXT), label=said.say("door.reasons")),
        ),
        send=said.say("door.close"),
        icon="ban",
    )
