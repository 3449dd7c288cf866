"""Members that left: what ended with them, what they gave, and what we gave them."""

from collections.abc import Iterable

from comity.console.parts import Chip, Deadline, Form, Input, Tone
from comity.console.sheet import Line, Section, Sheet
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Go, Shown, Visit, one_of
from comity.core.clock import DAY, Instant, iso
from comity.core.ids import AgencyId, member_id
from comity.desk import DECIDERS, STATERS, Departure, Given
from comity.practice import Field, Need, TaskRow, Type

_WAYS = ("keep", "erase")
_TERM = 30 * DAY


def departures(visit: Visit) -> Answer:
    """List the members that left, with what a person has to say of each."""
    said = visit.said
    found = visit.desk.departures.all(visit.actor)
    page = Sheet(
        title=said.say("departure.title"),
        lead=said.say("departure.lead"),
        sections=tuple(each for gone in found for each in _sections(visit, gone)),
        condition=READY if found else Condition(state=ListState.EMPTY),
        topic="departures",
    )
    return Shown(page=page)


def state(visit: Visit) -> Answer:
    """State that something given is kept on agreed terms, or erase it."""
    mid, desk = visit.form("mid"), visit.desk.departures
    if one_of(visit.form("way"), _WAYS) == "keep":
        desk.keep(visit.actor, mid, terms=visit.form("body.terms"))
        return Go(href="/departures", told="kept")
    desk.erase(visit.actor, mid)
    return Go(href="/departures", told="erased")


def noted(visit: Visit) -> Answer:
    """Take note that a case has ended."""
    visit.desk.departures.noted(visit.actor, visit.form("case"))
    return Go(href="/departures", told="noted")


def recall(visit: Visit) -> Answer:
    """Take back all we gave a member that left."""
    done = visit.desk.departures.recall(visit.actor, member_id(visit.form("member")))
    return Go(href="/departures", told="recall_failed" if done.failed else "recalled_all")


def _sections(visit: Visit, gone: Departure) -> Iterable[Section]:
    said = visit.said
    name = said.say("departure.member", member=gone.member, at=iso(gone.since)[:10])
    lead = said.say("departure.ended", n=gone.ended)
    yield Section(
        title=name,
        lead=lead,
        lines=tuple(_told(visit, task) for task in gone.told),
    )
    if gone.given:
        yield Section(
            title=said.say("departure.given", n=len(gone.given)),
            lead=said.say("departure.given_why"),
            lines=tuple(_given(visit, each) for each in gone.given),
        )
    if gone.sent:
        may = bool(DECIDERS & visit.actor.seats)
        form = Form(
            action="/departures/recall",
            kind=f"recall-{gone.member}",
            title=said.say("departure.recall"),
            inputs=(),
            note=said.say("departure.recall_why"),
            send=said.say("departure.recall"),
            hidden=(("member", gone.member),),
            icon="rotate-ccw",
        )
        yield Section(
            title=said.say("departure.sent", n=len(gone.sent)),
            lines=tuple(
                Line(
                    text=said.kind(row.kind),
                    href=f"/cases/{row.case}/messages/{row.mid.hex()}",
                    detail=f"{visit.partner(AgencyId(row.recipient))} · {row.case}",
                )
                for row in gone.sent
            ),
            forms=(form,) if may else (),
        )


def _told(visit: Visit, task: TaskRow) -> Line:
    said = visit.said
    form = Form(
        action="/departures/noted",
        kind=f"noted-{task.case}",
        title=said.say("departure.noted"),
        inputs=(),
        send=said.say("departure.noted"),
        hidden=(("case", task.case),),
        icon="circle-check",
    )
    return Line(text=task.case, href=f"/cases/{task.case}", forms=(form,))


def _given(visit: Visit, given: Given) -> Line:
    said, row = visit.said, given.row
    mid = row.mid.hex()
    spared = Chip(text=said.say("departure.spared"), icon="lock", tone=Tone.WARN)
    ways = _WAYS[:1] if given.is_spared else _WAYS
    due = given.due
    return Line(
        text=said.kind(row.kind),
        href=f"/cases/{row.case}/messages/{mid}",
        detail=f"{visit.partner(AgencyId(row.author))} · {row.case}",
        chips=(spared,) if given.is_spared else (),
        due=None
        if due is None
        else Deadline(at=due, began=Instant(due - _TERM), now=visit.now),
        forms=tuple(_way(visit, mid, way) for way in ways)
        if STATERS & visit.actor.seats
        else (),
    )


def _way(visit: Visit, mid: str, way: str) -> Form:
    said = visit.said
    terms = Input(
        field=Field(name="terms", type=Type.LINE, need=Need.REQUIRED),
        label=said.say("departure.terms"),
    )
    return Form(
        action="/departures/state",
        kind=f"{way}-{mid}",
        title=said.say(f"departure.{way}"),
        inputs=(terms,) if way == "keep" else (),
        note=said.say(f"departure.{way}_why"),
        send=said.say(f"departure.{way}"),
        hidden=(("mid", mid), ("way", way)),
        icon="circle-check" if way == "keep" else "ban",
    )
