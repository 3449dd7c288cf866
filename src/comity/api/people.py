"""Persons, seats, sign-in links and personal tokens."""

from comity.api import answers, bodies, registers
from comity.api.answers import instant_of, moment, moment_if
from comity.api.endpoint import Call, get, post
from comity.core.ids import CaseId, PersonId, person_id
from comity.desk import PersonView


@get("persons")
def list_persons(call: Call, asked: bodies.Nothing) -> registers.Persons:
    """List everyone enrolled here, with their seats."""
    del asked
    return registers.Persons(
        persons=[_person(view) for view in call.desk.people.everyone(call.actor)]
    )


@post("persons", example={"name": "Bert Example"})
def enrol_person(call: Call, asked: bodies.Enrol) -> registers.Enrolled:
    """Add a person, who holds no seat yet."""
    return registers.Enrolled(person=call.desk.people.enrol(call.actor, asked.name))


@post("persons/{person:path}/seats", example={"seat": "officer"})
def grant_seat(call: Call, asked: bodies.Grant) -> answers.Done:
    """Give a person a seat from now on."""
    until = None if asked.until is None else instant_of(asked.until)
    call.desk.people.grant(call.actor, _id(call), asked.seat, until=until, deputy=asked.held_as)
    return answers.Done()


@post("persons/{person:path}/seats/end", example={"seat": "officer"})
def end_seat(call: Call, asked: bodies.EndSeat) -> answers.Done:
    """Take a seat from a person from now on."""
    call.desk.people.end(call.actor, _id(call), asked.seat)
    return answers.Done()


@post("persons/{person:path}/disable")
def disable_person(call: Call, asked: bodies.Nothing) -> registers.Disabled:
    """Close a person's account; open tasks go back to the seat."""
    del asked
    moved = call.desk.people.disable(call.actor, _id(call))
    return registers.Disabled(
        handovers=[registers.Handover(seat=each.seat.value, to=list(each.to)) for each in moved]
    )


@post("persons/{person:path}/link")
def make_link(call: Call, asked: bodies.Nothing) -> registers.Secret:
    """Make a one-time sign-in secret for another person."""
    del asked
    return registers.Secret(secret=call.desk.people.link(call.actor, _id(call)))


@post("tokens", example={"purpose": "counter-terrorism", "days": 30})
def make_token(call: Call, asked: bodies.Token) -> registers.Secret:
    """Make a token for one's own programs, or the key of a system, bound to a purpose."""
    case = None if asked.case is None else CaseId(asked.case)
    return registers.Secret(
        secret=call.desk.people.token(
            call.actor,
            purpose=asked.purpose,
            case=case,
            days=asked.days,
            system=asked.system,
        )
    )


@get("systems")
def list_systems(call: Call, asked: bodies.Nothing) -> registers.Systems:
    """List the systems that are or were given scores, and under which agreement."""
    del asked
    return registers.Systems(
        systems=[
            registers.System(
                system=row.system,
                agreement=row.agreement,
                person=row.person,
                since=moment(row.since),
                until=moment(row.until),
                ended=moment_if(row.ended_at),
            )
            for row in call.desk.systems.everything(call.actor)
        ]
    )


@post("systems", example={"system": "border-1", "agreement": "MoU 12/2026, section 4"})
def agree_system(call: Call, asked: bodies.Agree) -> answers.Done:
    """State that in a system a person judges each candidate, so that it may be given scores."""
    call.desk.systems.agree(
        call.actor, asked.system, agreement=asked.agreement, days=asked.days
    )
    return answers.Done()


@post("systems/end", example={"system": "border-1"})
def end_system(call: Call, asked: bodies.EndSystem) -> answers.Done:
    """End an agreement about a system, and every key made under it, at once."""
    call.desk.systems.end(call.actor, asked.system)
    return answers.Done()


def _id(call: Call) -> PersonId:
    return person_id(call.path["person"])


def _person(view: PersonView) -> registers.Person:
    return registers.Person(
        person=view.person,
        name=view.name,
        is_disabled=view.is_disabled,
        seats=[
            registers.Seat(
                seat=row.seat,
                since=moment(row.since),
                until=moment_if(row.until),
                is_deputy=row.is_deputy,
            )
            for row in view.seats
        ],
    )


PEOPLE = (
    list_persons,
    enrol_person,
    end_seat,
    grant_seat,
    disable_person,
    make_link,
    make_token,
    list_systems,
    agree_system,
    end_system,
)
