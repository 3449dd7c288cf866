"""People and seats: enrolment, links, hand-over; and a person's own choices."""

from comity.console.parts import Act, Chip, Finding, Form, Input, Pair, Tone, Verdict
from comity.console.registers import People, PersonRow, Preferences
from comity.console.sheet import Section, Sheet
from comity.console.shell import initials
from comity.console.tastes import chosen
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import Instant, from_iso, iso
from comity.core.errors import NotFoundError
from comity.core.ids import person_id
from comity.desk import PersonView
from comity.practice import Field, Need, Type
from comity.trust import Seat

SEATS = tuple(seat.value for seat in Seat)
_LANGUAGES = (("en", "English"), ("ar", "العربية"))


def people(visit: Visit) -> Answer:
    """List who holds which seat, and which seats nobody holds."""
    everyone, said = visit.desk.people.everyone(visit.actor), visit.said
    held = {row.seat for view in everyone for row in view.seats if row.is_held(visit.now)}
    page = People(
        rows=tuple(_row(visit, view) for view in everyone),
        vacant=tuple(
            Finding(
                text=said.say("people.vacant", seat=said.code("seat", seat)),
                verdict=Verdict.CONDITIONS,
            )
            for seat in SEATS
            if seat not in held
        ),
        form=_enrol_form(visit) if "admin" in visit.actor.seats else None,
    )
    return Shown(page=page)


def enrol(visit: Visit) -> Answer:
    """Add a person, who holds no seat yet."""
    person = visit.desk.people.enrol(visit.actor, visit.form("body.name"))
    return Go(href=f"/people/{person}", told="enrolled")


def person(visit: Visit) -> Answer:
    """Show one person, with what an administrator may do about them."""
    view, said = _person(visit), visit.said
    page = Sheet(
        title=view.name or view.person,
        back=Act(label=said.say("rail.people"), href="/people"),
        chips=(_state(visit, view),),
        sections=(
            Section(
                title=said.say("people.seats"),
                pairs=tuple(
                    Pair(
                        label=said.code("seat", row.seat),
                        value=_span(visit, row.since, row.until),
                    )
                    for row in view.seats
                ),
            ),
        ),
        side=tuple(
            Section(title=form.title, forms=(form,)) for form in _forms(visit, view.person)
        ),
    )
    return Shown(page=page)


def grant(visit: Visit) -> Answer:
    """Give a person a seat from now on."""
    until = visit.form("body.until@utc")
    visit.desk.people.grant(
        visit.actor,
        person_id(visit.names["person"]),
        visit.form("body.seat"),
        until=from_iso(f"{until}Z") if until else None,
    )
    return Go(href=f"/people/{visit.names['person']}", told="granted")


def end(visit: Visit) -> Answer:
    """Take a seat from a person from now on."""
    visit.desk.people.end(
        visit.actor, person_id(visit.names["person"]), visit.form("body.seat")
    )
    return Go(href=f"/people/{visit.names['person']}", told="ended")


def link(visit: Visit) -> Answer:
    """Make a one-time sign-in link and show it once."""
    secret = visit.desk.people.link(visit.actor, person_id(visit.names["person"]))
    said = visit.said
    page = Sheet(
        title=said.say("people.link"),
        lead=said.say("people.link_why"),
        back=Act(label=said.say("rail.people"), href="/people"),
        sections=(Section(title=said.say("people.link"), quote=f"/sign-in?token={secret}"),),
    )
    return Shown(page=page)


def disable(visit: Visit) -> Answer:
    """Close a person's account; open tasks go back to the seat."""
    visit.desk.people.disable(visit.actor, person_id(visit.names["person"]))
    return Go(href="/people", told="disabled")


def preferences(visit: Visit) -> Answer:
    """Show a person's own choices, and the keys."""
    languages = tuple(Pair(label=name, value=code) for code, name in _LANGUAGES)
    return Shown(page=Preferences(theme=visit.tastes.theme, languages=languages))


def prefer(visit: Visit) -> Answer:
    """Keep a person's own choices in their browser."""
    form = {name: visit.form(name) for name in ("theme", "lang", "keys")}
    return Go(href="/preferences", told="preferred", tastes=chosen(form))


def _row(visit: Visit, view: PersonView) -> PersonRow:
    said = visit.said
    held = [row for row in view.seats if row.is_held(visit.now)]
    spans = sorted({_span(visit, row.since, row.until) for row in held})
    return PersonRow(
        name=view.name,
        initials=initials(view.name),
        seats=tuple(Chip(text=said.code("seat", row.seat), tone=Tone.INFO) for row in held),
        span=", ".join(spans),
        deputy=", ".join(said.code("seat", row.seat) for row in held if row.is_deputy),
        state=_state(visit, view),
        acts=(
            Act(
                label=said.say("people.open"), href=f"/people/{view.person}", icon="pencil-line"
            ),
        ),
    )


def _span(visit: Visit, since: int, until: int | None) -> str:
    start = iso(Instant(since))[:10]
    ends = visit.said.say("people.open_end") if until is None else iso(Instant(until))[:10]
    return f"{start} / {ends}"


def _state(visit: Visit, view: PersonView) -> Chip:
    said = visit.said
    if view.is_disabled:
        return Chip(text=said.say("people.disabled"), icon="ban", tone=Tone.WARN)
    return Chip(text=said.say("people.active"), icon="circle-check", tone=Tone.OK)


def _person(visit: Visit) -> PersonView:
    everyone = visit.desk.people.everyone(visit.actor)
    for view in everyone:
        if view.person == visit.names["person"]:
            return view
    raise NotFoundError("nobody here has that id")


def _enrol_form(visit: Visit) -> Form:
    said = visit.said
    name = Field(name="name", type=Type.LINE, need=Need.REQUIRED, limit=200)
    return Form(
        action="/people",
        kind="person",
        title=said.say("people.enrol"),
        inputs=(Input(field=name, label=said.say("people.name")),),
        send=said.say("people.enrol"),
    )


def _forms(visit: Visit, person: str) -> tuple[Form, ...]:
    said = visit.said
    seat = Input(
        field=Field(name="seat", type=Type.CODE, need=Need.REQUIRED, choices=SEATS),
        label=said.say("people.seat"),
    )
    until = Input(field=Field(name="until", type=Type.INSTANT), label=said.say("people.until"))
    given = {"grant": (seat, until), "end": (seat,), "link": (), "disable": ()}
    return tuple(
        Form(
            action=f"/people/{person}/{word}",
            kind=word,
            title=said.say(f"people.{word}"),
            inputs=inputs,
            send=said.say(f"people.{word}"),
        )
        for word, inputs in given.items()
    )
