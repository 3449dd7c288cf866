"""What is kept on terms: reviews before erasure, lower renditions, assurances of states."""

from collections.abc import Iterable, Sequence

from comity.console.parts import Chip, Choice, Deadline, Form, Input, Tone
from comity.console.sheet import Line, Section, Sheet
from comity.console.views import READY, Condition, ListState, Tab
from comity.console.visit import Answer, Go, Shown, Visit, one_of
from comity.core.clock import Instant, from_iso, iso
from comity.core.ids import CaseId, EntityId, member_id
from comity.desk import (
    DECIDERS,
    RELEASERS,
    Assurance,
    AssuranceRow,
    Point,
    Tearline,
    TearlineRow,
    TimerRow,
    Treated,
)
from comity.message import Grade, handling
from comity.practice import Field, Need, Type

_TABS = ("reviews", "tearlines", "assurances")
_LEGAL = frozenset({"legal"})
_TONES = {"waiting": Tone.WARN, "made": Tone.OK, "withdrawn": Tone.PLAIN}
_SCALES = ("europol-4x4", "admiralty", "uk-3x5x2")


def reviews(visit: Visit) -> Answer:
    """List what is to be looked at again before it is erased."""
    rows = visit.desk.custody.reviews(visit.actor)
    lines = tuple(_review(visit, row, n) for n, row in enumerate(rows))
    return _page(visit, "reviews", lines)


def keep(visit: Visit) -> Answer:
    """Keep one thing longer, for a reason."""
    visit.desk.custody.keep(
        visit.actor,
        visit.form("subject"),
        until=_day(visit, "until"),
        reasons=visit.form("body.reasons"),
    )
    return Go(href="/reviews", told="kept_longer")


def tearlines(visit: Visit) -> Answer:
    """List the lower renditions made here, and make one."""
    rows = visit.desk.release.tearlines(visit.actor)
    may = bool(RELEASERS & visit.actor.seats)
    lines = tuple(_tearline(visit, row) for row in rows)
    return _page(visit, "tearlines", lines, forms=(_make_form(visit),) if may else ())


def make_tearline(visit: Visit) -> Answer:
    """Make a lower rendition, or let it wait for a second person."""
    said = Tearline(
        parent=visit.form("body.parent"),
        entity_id=EntityId(visit.form("body.entity")),
        schema="Person",
        prop="notes",
        text=visit.form("body.text"),
        handling=handling(visit.form("body.marking")),
        grade=Grade(
            scale=visit.form("body.scale"),
            source=visit.form("body.source_grade"),
            information=visit.form("body.information_grade"),
        ),
        checked={
            point: Treated(one_of(typed, [each.value for each in Treated]))
            for point in Point
            if (typed := visit.form(f"body.{_named(point)}"))
        },
        reasons=visit.form("body.reasons"),
    )
    visit.desk.release.tearline(visit.actor, said)
    return Go(href="/tearlines", told="tearline")


def confirm_tearline(visit: Visit) -> Answer:
    """Confirm another person's tearline."""
    visit.desk.release.confirm(visit.actor, visit.form("tearline"))
    return Go(href="/tearlines", told="confirmed")


def assurances(visit: Visit) -> Answer:
    """List the assurances of a case, and state one."""
    case = visit.query.get("case", "")
    rows = visit.desk.custody.assurances(visit.actor, CaseId(case)) if case else ()
    may = bool(_LEGAL & visit.actor.seats)
    lines = tuple(_assurance(visit, row) for row in rows)
    return _page(visit, "assurances", lines, forms=(_assure_form(visit, case),) if may else ())


def assure(visit: Visit) -> Answer:
    """State that a written assurance is held for a case."""
    case = visit.form("body.case")
    said = Assurance(
        case=CaseId(case),
        state=member_id(visit.form("body.state")),
        author=visit.form("body.author"),
        given_on=iso(_day(visit, "given_on"))[:10],
        until=_day(visit, "until"),
        text=visit.form("body.text"),
        monitoring=visit.form("body.monitoring"),
    )
    visit.desk.custody.assure(visit.actor, said)
    return Go(href=f"/assurances?case={case}", told="assured")


def end_assurance(visit: Visit) -> Answer:
    """Rely on an assurance no longer."""
    visit.desk.custody.end_assurance(visit.actor, visit.form("assurance"))
    return Go(href="/assurances", told="assurance_ended")


def _page(
    visit: Visit, name: str, lines: Sequence[Line], *, forms: Iterable[Form] = ()
) -> Answer:
    said = visit.said
    page = Sheet(
        title=said.say(f"custody.tab_{name}"),
        lead=said.say(f"custody.about_{name}"),
        sections=(Section(title=said.say("custody.held", n=len(lines)), lines=tuple(lines)),)
        if lines
        else (),
        side=tuple(Section(title=form.title, forms=(form,)) for form in forms),
        condition=READY if lines else Condition(state=ListState.EMPTY),
        topic=name,
        tabs=tuple(
            Tab(text=said.say(f"custody.tab_{each}"), href=f"/{each}", is_current=each == name)
            for each in _TABS
        ),
    )
    return Shown(page=page)


def _review(visit: Visit, row: TimerRow, number: int) -> Line:
    said = visit.said
    form = Form(
        action="/reviews/keep",
        kind=f"keep-{number}",
        title=said.say("custody.keep"),
        inputs=(_day_input(visit, "until"), _text(visit, "reasons", Type.TEXT)),
        note=said.say("custody.keep_why"),
        send=said.say("custody.keep"),
        hidden=(("subject", row.subject),),
        icon="hourglass",
    )
    return Line(
        text=f"{said.say(f'custody.sort_{row.sort}')} {row.subject[:12]}",
        href=f"/cases/{row.case}" if row.case else "",
        detail=row.regime,
        due=Deadline(at=Instant(row.erase_by), began=Instant(row.started), now=visit.now),
        forms=(form,) if DECIDERS & visit.actor.seats else (),
    )


def _tearline(visit: Visit, row: TearlineRow) -> Line:
    said = visit.said
    may = row.state == "waiting" and row.by != visit.actor.person
    form = Form(
        action="/tearlines/confirm",
        kind=f"confirm-{row.tearline[:8]}",
        title=said.say("custody.confirm"),
        inputs=(),
        send=said.say("custody.confirm"),
        hidden=(("tearline", row.tearline),),
        icon="circle-check",
    )
    return Line(
        text=row.tearline[:12],
        detail=iso(Instant(row.at))[:10],
        chips=(Chip(text=said.say(f"custody.is_{row.state}"), tone=_TONES[row.state]),),
        forms=(form,) if may and RELEASERS & visit.actor.seats else (),
    )


def _assurance(visit: Visit, row: AssuranceRow) -> Line:
    said = visit.said
    is_held = row.ended_at is None and row.until > visit.now
    form = Form(
        action="/assurances/end",
        kind=f"end-{row.record_id[:8]}",
        title=said.say("custody.end"),
        inputs=(),
        send=said.say("custody.end"),
        hidden=(("assurance", row.record_id),),
        icon="ban",
    )
    state = "held" if is_held else "over"
    tone = Tone.OK if is_held else Tone.PLAIN
    return Line(
        text=f"{row.state} · {row.given_on}",
        detail=iso(Instant(row.until))[:10],
        chips=(Chip(text=said.say(f"custody.is_{state}"), tone=tone),),
        forms=(form,) if is_held and _LEGAL & visit.actor.seats else (),
    )


def _make_form(visit: Visit) -> Form:
    said = visit.said
    points = tuple(
        _choice(visit, _named(point), [(each.value, f"is_{each.value}") for each in Treated])
        for point in Point
    )
    scale = Input(
        field=Field(name="scale", type=Type.CODE, need=Need.REQUIRED, choices=_SCALES),
        label=said.say("custody.scale"),
    )
    return Form(
        action="/tearlines/make",
        kind="tearline",
        title=said.say("custody.make"),
        inputs=(
            _text(visit, "parent"),
            _text(visit, "entity"),
            _text(visit, "text", Type.TEXT),
            _text(visit, "marking"),
            scale,
            _text(visit, "source_grade"),
            _text(visit, "information_grade"),
            *points,
            _text(visit, "reasons", Type.TEXT),
        ),
        note=said.say("custody.make_why"),
        send=said.say("custody.make"),
        icon="pen-line",
    )


def _assure_form(visit: Visit, case: str) -> Form:
    said = visit.said
    return Form(
        action="/assurances/state",
        kind="assurance",
        title=said.say("custody.assure"),
        inputs=(
            _text(visit, "case", value=case),
            _text(visit, "state"),
            _text(visit, "author"),
            _day_input(visit, "given_on"),
            _day_input(visit, "until"),
            _text(visit, "text", Type.TEXT),
            _text(visit, "monitoring", Type.TEXT),
        ),
        note=said.say("custody.assure_why"),
        send=said.say("custody.assure"),
        icon="scale",
    )


def _named(point: Point) -> str:
    return f"point_{point.value.replace('-', '_')}"


def _choice(visit: Visit, name: str, pairs: Sequence[tuple[str, str]]) -> Input:
    codes = tuple(code for code, _ in pairs)
    return Input(
        field=Field(name=name, type=Type.CODE, need=Need.REQUIRED, choices=codes),
        label=visit.said.say(f"custody.{name}"),
        choices=tuple(
            Choice(value=code, label=visit.said.say(f"custody.{word}")) for code, word in pairs
        ),
        is_compact=True,
    )


def _text(visit: Visit, name: str, sort: Type = Type.LINE, *, value: str = "") -> Input:
    return Input(
        field=Field(name=name, type=sort, need=Need.REQUIRED),
        label=visit.said.say(f"custody.{name}"),
        value=value,
    )


def _day_input(visit: Visit, name: str) -> Input:
    return Input(
        field=Field(name=name, type=Type.INSTANT, need=Need.REQUIRED),
        label=visit.said.say(f"custody.{name}"),
        is_day=True,
    )


def _day(visit: Visit, name: str) -> Instant:
    return from_iso(f"{visit.form(f'body.{name}')}T00:00:00Z")
