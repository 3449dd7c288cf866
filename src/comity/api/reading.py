"""Cases and messages: lists, cases, one message opened, facts stated, work assigned."""

import msgspec

from comity.api import answers, bodies
from comity.api.answers import moment, moment_if
from comity.api.endpoint import Call, get, post
from comity.api.fields import body_as_json
from comity.core.ids import CaseId, person_id
from comity.desk import CaseLine, CaseView, MessageView


@get("me")
def who_am_i(call: Call, asked: bodies.Nothing) -> answers.Me:
    """Say whose token this is, which seats they hold now, and what it is bound to."""
    del asked
    return answers.Me(
        person=call.actor.person,
        name=call.signed.name,
        agency=call.desk.agency,
        seats=sorted(call.actor.seats),
        purpose=call.actor.purpose,
        case=call.actor.case,
    )


@get("cases")
def list_cases(call: Call, asked: bodies.Shown) -> answers.Cases:
    """List the cases of one view, the soonest due first."""
    reading = call.desk.reading
    return answers.Cases(
        view=asked.view,
        cases=[_line(line) for line in reading.cases(call.actor, view=asked.view)],
        counts=dict(reading.counts(call.actor)),
    )


@get("cases/{case}")
def show_case(call: Call, asked: bodies.Nothing) -> answers.Case:
    """Show a case without opening its messages."""
    del asked
    return _case(call.desk.reading.case(call.actor, CaseId(call.path["case"])))


@post("cases/{case}/assign", example={"person": None})
def assign_case(call: Call, asked: bodies.Assign) -> answers.Done:
    """Give a case to a person, or back to the seat."""
    person = None if asked.person is None else person_id(asked.person)
    call.desk.reading.assign(call.actor, CaseId(call.path["case"]), person=person)
    return answers.Done()


@get("cases/{case}/facts")
def list_facts(call: Call, asked: bodies.Nothing) -> answers.StatedFacts:
    """List the facts stated of a case."""
    del asked
    rows = call.desk.counsel.stated(call.actor, CaseId(call.path["case"]))
    return answers.StatedFacts(
        facts=[
            answers.StatedFact(
                fact=row.fact,
                value=row.value,
                person=row.person,
                seat=row.seat,
                at=moment(row.at),
            )
            for row in rows
        ]
    )


@post("cases/{case}/facts", example={"fact": "conduct_bombing", "value": True})
def state_fact(call: Call, asked: bodies.State) -> answers.Done:
    """State a fact of a case once; every later message of it inherits it."""
    case = CaseId(call.path["case"])
    call.desk.counsel.state(call.actor, case, asked.fact, value=asked.value)
    return answers.Done()


@get("messages/{mid}")
def open_message(call: Call, asked: bodies.Nothing) -> answers.Message:
    """Open one message; the first time, the ledger and its sender learn of it."""
    del asked
    found = call.desk.reading.message(call.actor, call.path["mid"])
    return _opened(call, found)


@post("messages/{mid}/release")
def release_message(call: Call, asked: bodies.Nothing) -> answers.Done:
    """Let in a message that the law held for a person."""
    del asked
    call.desk.reading.released(call.actor, call.path["mid"])
    return answers.Done()


@post("messages/{mid}/validate", example={"reasons": "The threat was real and immediate."})
def validate_message(call: Call, asked: bodies.Validate) -> answers.Done:
    """Validate what went on the emergency path; what nobody validates recalls by itself."""
    call.desk.validate(call.actor, call.path["mid"], reasons=asked.reasons)
    return answers.Done()


def _line(line: CaseLine) -> answers.CaseLine:
    row = line.case
    return answers.CaseLine(
        case=row.case,
        practice=row.practice,
        kind=line.kind,
        partner=row.partner,
        side=row.side,
        state=row.state,
        purpose=row.purpose,
        opened=moment(row.opened),
        changed=moment(row.changed),
        due=moment_if(row.due),
        owner=row.owner,
        urgency=line.urgency,
        is_unread=line.is_unread,
        is_contested=line.is_contested,
        setting=row.setting,
    )


def _case(view: CaseView) -> answers.Case:
    row = view.case
    return answers.Case(
        case=row.case,
        practice=row.practice,
        partner=row.partner,
        side=row.side,
        state=view.standing.state,
        is_stopped=view.standing.is_stopped,
        is_contested=view.is_contested,
        purpose=row.purpose,
        opened=moment(row.opened),
        changed=moment(row.changed),
        due=moment_if(row.due),
        owner=row.owner,
        messages=[_message(message) for message in view.messages],
        events=_events(view),
        tasks=_tasks(view),
        acts=[kind.name for kind in view.acts],
    )


def _events(view: CaseView) -> list[answers.Event]:
    return [
        answers.Event(
            at=moment(event.at),
            sort=event.sort,
            kind=event.kind,
            partner=event.partner,
            person=event.person,
            leaf=event.leaf,
            reference=event.reference,
            state=event.state,
        )
        for event in view.events
    ]


def _tasks(view: CaseView) -> list[answers.Task]:
    return [
        answers.Task(
            task=task.task,
            sort=task.sort,
            seat=task.seat,
            person=task.person,
            due=moment_if(task.due),
            urgency=task.urgency,
        )
        for task in view.tasks
    ]


def _message(view: MessageView) -> answers.Message:
    return answers.Message(
        mid=view.mid,
        kind=view.kind,
        is_ours=view.is_ours,
        partner=view.partner,
        at=moment(view.at),
        state=view.state,
        stored=moment_if(view.stored_at),
        seen=moment_if(view.seen_at),
        leaf=view.leaf,
        recalled=moment_if(view.recalled_at),
        complied=moment_if(view.complied_at),
        validate_by=moment_if(view.validate_by),
    )


def _opened(call: Call, view: MessageView) -> answers.Message:
    shown, content = _message(view), view.content
    if content is None:
        return shown
    kind = call.desk.station.practices.kind(view.kind)
    return msgspec.structs.replace(
        shown,
        handling=str(content.handling),
        purpose=content.purpose,
        urgency=content.urgency.value,
        basis=list(content.basis),
        obligations=list(content.obligations),
        body=body_as_json(kind, content.body),
    )


READING = (
    who_am_i,
    list_cases,
    show_case,
    assign_case,
    list_facts,
    state_fact,
    open_message,
    release_message,
    validate_message,
)
