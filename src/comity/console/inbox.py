"""The inbox in its views, one case beside it; finding a case; taking cases on."""

from collections.abc import Sequence

from comity.console.parts import Act, Chip, Form, Tone
from comity.console.present_case import deadline, groups, parties, state_words
from comity.console.sheet import Section, Sheet
from comity.console.views import READY, Condition, Inbox, ListState, Preview, Tab
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import Instant
from comity.core.ids import CaseId
from comity.desk import LINE, READERS, VIEWS, CaseLine, CaseView

EMPTY = Condition(state=ListState.EMPTY)


def inbox(visit: Visit) -> Answer:
    """Show one view of the cases, and the chosen one beside it."""
    if not visit.actor.seats & READERS:
        return Shown(page=_welcome(visit))
    view, chosen = visit.query.get("view", VIEWS[0]), visit.query.get("open", "")
    lines = visit.desk.reading.cases(visit.actor, view=view)
    case = visit.desk.reading.case(visit.actor, CaseId(chosen)) if chosen else None
    page = Inbox(
        tabs=_tabs(visit, view),
        groups=groups(visit, lines, href=f"/?view={view}", chosen=chosen),
        condition=READY if lines else EMPTY,
        preview=None if case is None else preview(visit, case),
        write_href=_write_href(visit),
    )
    return Shown(page=page)


def all_cases(visit: Visit) -> Answer:
    """Lead to the view of every open case."""
    del visit
    return Go(href="/?view=waiting")


def find(visit: Visit) -> Answer:
    """Find cases by reference, partner, purpose or kind; lists hold no content to search."""
    words = visit.form("words").strip().casefold()[:200]
    lines = {line.case.case: line for view in VIEWS for line in _lines(visit, view)}
    found = [line for line in lines.values() if words and words in _searched(visit, line)]
    page = Inbox(
        tabs=_tabs(visit, ""),
        groups=groups(visit, found, href="/?view=to-do", chosen=""),
        condition=READY if found else EMPTY,
        write_href=_write_href(visit),
    )
    return Shown(page=page)


def assign(visit: Visit) -> Answer:
    """Take the chosen cases on."""
    for case in visit.every("case"):
        visit.desk.reading.assign(visit.actor, CaseId(case), person=visit.actor.person)
    return Go(href=visit.form("back") or "/?view=mine", told="assigned")


def preview(visit: Visit, view: CaseView) -> Preview:
    """Return one case beside the list; nothing is opened by looking at it here."""
    row, said = view.case, visit.said
    newest = view.messages[-1] if view.messages else None
    title = said.kind(newest.kind) if newest else said.say("case.untitled")
    return Preview(
        title=title,
        sender=visit.partner(row.partner),
        reference=row.case,
        at=Instant(row.changed),
        chips=(Chip(text=state_words(visit, row), tone=Tone.INFO),),
        deadline=deadline(row, visit.now),
        if_silent=said.say("case.if_silent"),
        pairs=parties(visit, row),
        acts=_acts(visit, view),
    )


def take_on(visit: Visit, case: str, *, back: str) -> Form:
    """Return the form by which a person takes a case on."""
    said = visit.said
    return Form(
        action="/assign",
        kind="assign",
        title=said.say("act.assign"),
        inputs=(),
        send=said.say("act.assign"),
        hidden=(("case", case), ("back", back)),
        icon="user-plus",
    )


def _acts(visit: Visit, view: CaseView) -> tuple[Act, ...]:
    said, case = visit.said, view.case.case
    unseen = [m for m in view.messages if not m.is_ours and m.state == "filed"]
    opened = tuple(
        Act(
            label=said.say("act.open_message"),
            href=f"/cases/{case}/messages/{message.mid}",
            icon="eye",
            key="R",
            is_main=True,
        )
        for message in unseen[-1:]
    )
    to_case = Act(label=said.say("act.open_case"), href=f"/cases/{case}", icon="folder-open")
    return (*opened, to_case)


def _write_href(visit: Visit) -> str:
    return "/compose" if visit.actor.seats & LINE else ""


def _tabs(visit: Visit, view: str) -> tuple[Tab, ...]:
    counts = visit.desk.reading.counts(visit.actor)
    return tuple(
        Tab(
            text=visit.said.say(f"view.{name}"),
            href=f"/?view={name}",
            count=counts[name],
            is_current=name == view,
        )
        for name in VIEWS
    )


def _lines(visit: Visit, view: str) -> Sequence[CaseLine]:
    return visit.desk.reading.cases(visit.actor, view=view)


def _searched(visit: Visit, line: CaseLine) -> str:
    row, said = line.case, visit.said
    words = (row.case, visit.partner(row.partner), row.partner, said.kind(line.kind))
    return " ".join((*words, said.code("purpose", row.purpose))).casefold()


def _welcome(visit: Visit) -> Sheet:
    """Return what a person sees whose seat reads no cases."""
    said = visit.said
    text = Section(title=said.say("welcome.seats"), lead=said.say("welcome.no_cases"))
    return Sheet(title=visit.window.office.config.name, sections=(text,))
