"""The duty post: who is on duty, whom a call wakes, and the page that rings when one comes."""

from collections.abc import Iterable, Mapping

from comity.console.parts import Act, Chip, Choice, Form, Input, Pair, Tone
from comity.console.sheet import Line, Section, Sheet
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import Instant, from_iso, iso
from comity.core.errors import InvalidInputError
from comity.core.ids import PersonId, person_id
from comity.desk import DAYS, CallView, RotaRow, Shift, Watch, clock_text
from comity.practice import Field, Need, Type

REFRESH = 20
"""Seconds after which the post that stays open asks again, with or without scripts."""
_KEEPERS = frozenset({"supervisor"})
_TONES = {"open": Tone.CRIT, "missed": Tone.CRIT, "answered": Tone.OK, "seen": Tone.OK}
_WHO = Field(name="person", type=Type.CODE, need=Need.REQUIRED)


def rota(visit: Visit) -> Answer:
    """Show the rota, who is away, the gaps, and the trials; let it be written."""
    watch, names, said = visit.desk.duty.watch(visit.actor), visit.people(), visit.said
    zone = str(visit.desk.duty.terms.zone)
    page = Sheet(
        title=said.say("duty.title"),
        lead=said.say("duty.lead"),
        acts=(Act(label=said.say("duty.post"), href="/duty/post", icon="bell-ring"),),
        sections=tuple(
            each
            for each in (
                _now(visit, watch, names),
                _gaps(visit, watch),
                Section(
                    title=said.say("duty.rota", zone=zone),
                    lead="" if watch.rota else said.say("duty.no_rota"),
                    lines=tuple(_shift(visit, row, names) for row in watch.rota),
                ),
                Section(
                    title=said.say("duty.away"),
                    lines=tuple(
                        Line(
                            text=names.get(row.person, row.person),
                            detail=f"{iso(Instant(row.since))} / {iso(Instant(row.until))}",
                        )
                        for row in watch.away
                    ),
                ),
                Section(
                    title=said.say("duty.trials"),
                    lead=said.say("duty.trials_why"),
                    lines=tuple(_call(visit, view, names) for view in watch.trials),
                ),
            )
            if each.lines or each.lead or each.pairs
        ),
        side=tuple(Section(title=f.title, forms=(f,)) for f in _forms(visit, names)),
    )
    return Shown(page=page)


def post(visit: Visit) -> Answer:
    """Show what calls now, and ring; this page asks again by itself."""
    watch, names, said = visit.desk.duty.watch(visit.actor), visit.people(), visit.said
    calls = [*(view for view in watch.trials if view.row.state == "open"), *watch.calls]
    is_unheard = any(not view.row.person for view in calls)
    page = Sheet(
        title=said.say("duty.calls", n=len(calls)) if calls else said.say("duty.quiet"),
        lead=said.say("duty.post_lead", n=REFRESH),
        back=Act(label=said.say("duty.title"), href="/duty"),
        sections=(
            *(
                Section(
                    title=said.say("duty.waiting"),
                    lines=tuple(_call(visit, view, names) for view in calls),
                )
                for _ in calls[:1]
            ),
            _now(visit, watch, names),
        ),
        sound="call.wav" if is_unheard or "sound" in visit.query else "",
        acts=(Act(label=said.say("duty.try"), href="/duty/post?sound=1", icon="bell"),),
    )
    return Shown(page=page, refresh=REFRESH)


def add(visit: Visit) -> Answer:
    """Put a person on the rota."""
    rank, until = visit.form("body.rank") or "0", visit.form("body.until@utc")
    if not rank.isascii() or not rank.isdigit():
        raise InvalidInputError("a rank is a whole number: 0 for who is on duty")
    shift = Shift(
        person=person_id(visit.form("body.person")),
        days=visit.form("body.days"),
        start=visit.form("body.start"),
        end=visit.form("body.end"),
        rank=int(rank[:3]),
        until=from_iso(f"{until}Z") if until else None,
    )
    visit.desk.duty.add(visit.actor, shift)
    return Go(href="/duty", told="on_rota")


def end(visit: Visit) -> Answer:
    """Take a shift off the rota."""
    visit.desk.duty.end(visit.actor, visit.form("shift"))
    return Go(href="/duty", told="off_rota")


def away(visit: Visit) -> Answer:
    """Say when a person is away."""
    since, until = (
        from_iso(f"{visit.form(f'body.{name}@utc')}Z") for name in ("since", "until")
    )
    person = person_id(visit.form("body.person") or visit.actor.person)
    visit.desk.duty.away(visit.actor, person, since=since, until=until)
    return Go(href="/duty", told="away")


def reach(visit: Visit) -> Answer:
    """Say where one is woken."""
    address = visit.form("body.address")
    visit.desk.duty.reach(visit.actor, PersonId(visit.actor.person), address)
    return Go(href="/duty", told="reached")


def answer(visit: Visit) -> Answer:
    """Say that one has heard a call and is looking."""
    visit.desk.duty.answer(visit.actor, visit.form("call"))
    return Go(href="/duty/post", told="heard")


def trial(visit: Visit) -> Answer:
    """Make a trial call."""
    visit.desk.duty.trial(visit.actor)
    return Go(href="/duty/post", told="trial")


def _now(visit: Visit, watch: Watch, names: Mapping[str, str]) -> Section:
    said = visit.said
    on_duty = ", ".join(names.get(each, each) for each in watch.on_duty)
    wakes = ", ".join(names.get(each, each) for each in watch.next)
    return Section(
        title=said.say("duty.now"),
        pairs=(
            Pair(label=said.say("duty.on_duty"), value=on_duty or said.say("duty.nobody")),
            Pair(label=said.say("duty.wakes"), value=wakes or said.say("duty.nobody")),
        ),
        note="" if watch.next else said.say("duty.nobody_why"),
        tone=Tone.CRIT,
    )


def _gaps(visit: Visit, watch: Watch) -> Section:
    return Section(
        title=visit.said.say("duty.gaps"),
        lines=tuple(
            Line(
                text=f"{iso(since)} / {iso(until)}",
                chips=(
                    Chip(
                        text=visit.said.say("duty.nobody"), icon="circle-alert", tone=Tone.WARN
                    ),
                ),
            )
            for since, until in watch.gaps
        ),
    )


def _shift(visit: Visit, row: RotaRow, names: Mapping[str, str]) -> Line:
    said = visit.said
    days = ", ".join(said.code("day", DAYS[int(day)]) for day in row.days)
    place = said.say("duty.deputy", n=row.rank) if row.rank else said.say("duty.first")
    form = Form(
        action="/duty/end",
        kind="end-shift",
        title=said.say("duty.end"),
        inputs=(),
        send=said.say("duty.end"),
        hidden=(("shift", row.shift),),
        icon="circle-x",
    )
    return Line(
        text=names.get(row.person, row.person),
        detail=f"{days} · {clock_text(row.start)}-{clock_text(row.end)}",
        chips=(Chip(text=place, tone=Tone.PLAIN if row.rank else Tone.INFO),),
        forms=(form,) if _KEEPERS & visit.actor.seats else (),
    )


def _call(visit: Visit, view: CallView, names: Mapping[str, str]) -> Line:
    said, row = visit.said, view.row
    woken = ", ".join(dict.fromkeys(names.get(each.person, each.person) for each in view.woken))
    is_open = row.state == "open"
    form = Form(
        action="/duty/answer",
        kind="answer-call",
        title=said.say("duty.answer"),
        inputs=(),
        send=said.say("duty.answer"),
        hidden=(("call", row.call),),
        icon="user-check",
    )
    looking = names.get(row.person, "") if is_open else ""
    detail = (
        iso(Instant(row.at)),
        said.say("duty.woken", who=woken) if woken else "",
        said.say("duty.looking", who=looking) if looking else "",
    )
    return Line(
        text=said.say(f"duty.sort_{row.sort}"),
        href=f"/cases/{row.case}/messages/{row.call}" if row.case and is_open else "",
        detail=" · ".join(filter(None, detail)),
        chips=(
            Chip(
                text=said.code("call", row.state),
                icon="bell-ring" if is_open else "",
                tone=_TONES.get(row.state, Tone.PLAIN),
            ),
        ),
        forms=(form,) if is_open else (),
    )


def _forms(visit: Visit, names: Mapping[str, str]) -> Iterable[Form]:
    said = visit.said
    people = tuple(Choice(value=each, label=name) for each, name in names.items())
    who = Input(field=_WHO, label=said.say("duty.person"), choices=people, is_compact=True)
    yield Form(
        action="/duty/reach",
        kind="reach",
        title=said.say("duty.reach"),
        note=said.say("duty.reach_why"),
        inputs=(
            Input(
                field=Field(name="address", type=Type.LINE),
                label=said.say("duty.address"),
                value=visit.desk.duty.address(visit.actor),
            ),
        ),
        send=said.say("duty.reach"),
        icon="bell",
    )
    if _KEEPERS & visit.actor.seats:
        yield _shift_form(visit, who)
    yield Form(
        action="/duty/away",
        kind="away",
        title=said.say("duty.be_away"),
        inputs=(
            *((who,) if _KEEPERS & visit.actor.seats else ()),
            *(
                Input(
                    field=Field(name=name, type=Type.INSTANT, need=Need.REQUIRED),
                    label=said.say(f"duty.{name}"),
                )
                for name in ("since", "until")
            ),
        ),
        send=said.say("duty.be_away"),
        icon="calendar-clock",
    )
    if {"supervisor", "engineer"} & visit.actor.seats:
        yield Form(
            action="/duty/trial",
            kind="trial",
            title=said.say("duty.trial"),
            inputs=(),
            send=said.say("duty.trial"),
            icon="bell-ring",
        )


def _shift_form(visit: Visit, who: Input) -> Form:
    said = visit.said
    texts = ("days", "start", "end")
    return Form(
        action="/duty/add",
        kind="shift",
        title=said.say("duty.add"),
        note=said.say("duty.add_why"),
        inputs=(
            who,
            *(
                Input(
                    field=Field(name=name, type=Type.LINE, need=Need.REQUIRED, limit=40),
                    label=said.say(f"duty.{name}_label"),
                    help=said.say(f"duty.{name}_help"),
                )
                for name in texts
            ),
            Input(
                field=Field(name="rank", type=Type.INTEGER, limit=9),
                label=said.say("duty.rank"),
                value="0",
            ),
            Input(field=Field(name="until", type=Type.INSTANT), label=said.say("duty.ends")),
        ),
        send=said.say("duty.add"),
        icon="plus",
    )
