"""The duty post: the rota, the calls, and what a person says to them."""

from comity.api import answers, bodies, posts, registers
from comity.api.answers import instant_of, moment, moment_if
from comity.api.endpoint import Call, get, post
from comity.core.ids import person_id
from comity.desk import DAYS, CallView, RotaRow, Shift, clock_text

_PERSON = {"person": "xn.police/7f3a0011"}


@get("duty")
def show_duty(call: Call, asked: bodies.Nothing) -> posts.DutyPost:
    """Show who is on duty, whom a call would wake, and what calls stand."""
    del asked
    watch = call.desk.duty.watch(call.actor)
    return posts.DutyPost(
        on_duty=list(watch.on_duty),
        wakes=list(watch.next),
        rota=[_shift(row) for row in watch.rota],
        away=[
            posts.Absence(person=row.person, since=moment(row.since), until=moment(row.until))
            for row in watch.away
        ],
        calls=[_call(view) for view in watch.calls],
        trials=[_call(view) for view in watch.trials],
        gaps=[
            posts.Gap(since=moment(since), until=moment(until)) for since, until in watch.gaps
        ],
    )


@post("duty/shifts", example={**_PERSON, "days": "mon-fri", "start": "08:00", "end": "16:00"})
def put_shift(call: Call, asked: bodies.PutShift) -> registers.Made:
    """Put a person on the rota."""
    shift = Shift(
        person=person_id(asked.person),
        days=asked.days,
        start=asked.start,
        end=asked.end,
        rank=asked.rank,
        until=None if asked.until is None else instant_of(asked.until),
    )
    return registers.Made(made=call.desk.duty.add(call.actor, shift))


@post("duty/shifts/end", example={"shift": "00112233aabbccdd"})
def end_shift(call: Call, asked: bodies.EndShift) -> answers.Done:
    """Take a shift off the rota."""
    call.desk.duty.end(call.actor, asked.shift)
    return answers.Done()


@post("duty/away", example={**_PERSON, "since": "2026-12-24T08:00:00Z"})
def be_away(call: Call, asked: bodies.Away) -> answers.Done:
    """Say when a person is away, or take that back."""
    person, since = person_id(asked.person), instant_of(asked.since)
    if asked.until is None:
        call.desk.duty.back(call.actor, person, since=since)
    else:
        call.desk.duty.away(call.actor, person, since=since, until=instant_of(asked.until))
    return answers.Done()


@post("duty/reach", example={**_PERSON, "address": "+3531234567"})
def be_reached(call: Call, asked: bodies.Reach) -> answers.Done:
    """Say where a person is woken."""
    call.desk.duty.reach(call.actor, person_id(asked.person), asked.address)
    return answers.Done()


@post("duty/answer", example={"call": "019e830e1a007f7bb09b44db27528184"})
def answer_call(call: Call, asked: bodies.AnswerCall) -> answers.Done:
    """Say that one has heard a call and is looking."""
    call.desk.duty.answer(call.actor, asked.call)
    return answers.Done()


@post("duty/trial")
def make_trial(call: Call, asked: bodies.Nothing) -> registers.Made:
    """Make a trial call beside the monthly one."""
    del asked
    return registers.Made(made=call.desk.duty.trial(call.actor))


def _shift(row: RotaRow) -> posts.RotaShift:
    return posts.RotaShift(
        shift=row.shift,
        person=row.person,
        days=[DAYS[int(day)] for day in row.days],
        start=clock_text(row.start),
        end=clock_text(row.end),
        rank=row.rank,
        until=moment_if(row.until),
    )


def _call(view: CallView) -> posts.DutyCall:
    return posts.DutyCall(
        call=view.row.call,
        case=view.row.case,
        at=moment(view.row.at),
        state=view.row.state,
        person=view.row.person,
        woken=[
            posts.Woken(person=row.person, at=moment(row.at), ways=row.ways)
            for row in view.woken
        ],
    )


DUTY = (
    show_duty,
    put_shift,
    end_shift,
    be_away,
    be_reached,
    answer_call,
    make_trial,
)
