"""What the law says otherwise of than it did: found by asking again, decided by a person."""

from collections.abc import Mapping

from comity.console import counsel
from comity.console.chapters import tabs
from comity.console.parts import Chip, Deadline, Finding, Form, Input, Pair, Tone
from comity.console.sheet import Line, Section, Sheet
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import Instant, iso
from comity.desk import DECIDERS, Progress
from comity.desk import Finding as Found
from comity.law import Verdict
from comity.practice import Field, Type

_PLACES: Mapping[str, str] = {
    "held": "/cases/{case}/messages/{name}",
    "disclosed": "/cases/{case}/messages/{name}",
    "waiting": "/referrals/{name}",
    "pending": "/pending/{name}",
}
"""Where each sort of thing is looked at, and its acts are offered."""
_REASONS = 4_000


def changes(visit: Visit) -> Answer:
    """List what a person should look at since law, partners or readings changed."""
    said = visit.said
    found = visit.desk.sweep.findings(visit.actor)
    may_ask = bool(DECIDERS & visit.actor.seats)
    page = Sheet(
        title=said.say("changes.title"),
        lead=said.say("changes.about"),
        chips=(_progress(visit, visit.desk.sweep.progress()),),
        sections=tuple(_section(visit, each, place) for place, each in enumerate(found, 1)),
        side=(Section(title=said.say("changes.again"), forms=(_again(visit),)),)
        if may_ask
        else (),
        condition=READY if found else Condition(state=ListState.EMPTY),
        topic="changes",
        tabs=tabs(visit, "changes"),
    )
    return Shown(page=page)


def ask_again(visit: Visit) -> Answer:
    """Ask about all that is here again now; nothing moves by itself."""
    visit.desk.sweep.run(visit.actor)
    return Go(href="/law/changes", told="asked_again")


def keep(visit: Visit) -> Answer:
    """Decide that something stays as it is, for its reasons."""
    visit.desk.sweep.keep(visit.actor, visit.form("item"), reasons=visit.form("body.reasons"))
    return Go(href="/law/changes", told="kept")


def _progress(visit: Visit, progress: Progress) -> Chip:
    if progress.finished is None:
        return Chip(
            text=visit.said.say("changes.running", n=progress.seen),
            icon="hourglass",
            tone=Tone.WARN,
        )
    at = iso(progress.finished)[:16].replace("T", " ")
    return Chip(
        text=visit.said.say("changes.finished", n=progress.seen, at=at), icon="circle-check"
    )


def _section(visit: Visit, found: Found, number: int) -> Section:
    row, said = found.row, visit.said
    sort, _, name = row.item.partition("/")
    before, after = Verdict(row.before), Verdict(row.after)
    place = _PLACES[sort].format(case=row.case, name=name)
    due = (
        None
        if row.due is None
        else Deadline(at=Instant(row.due), began=Instant(row.at), now=visit.now)
    )
    open_it = Line(
        text=said.say(f"changes.do_{row.proposal}"),
        href=place,
        detail=said.say("changes.seat", seat=said.code("seat", row.seat)),
        due=due,
    )
    return Section(
        title=f"{number}. {said.say(f'changes.{sort}')}: {said.kind(row.kind)} · "
        f"{visit.partner(row.partner)}",
        pairs=(
            Pair(
                label=said.say("changes.verdict"),
                value=said.say(
                    "past.fact_changed",
                    before=said.say(f"matrix.{before.word}"),
                    after=said.say(f"matrix.{after.word}"),
                ),
            ),
            Pair(label=said.say("case.reference"), value=row.case, href=f"/cases/{row.case}"),
            Pair(label=said.say("changes.found"), value=iso(Instant(row.at))[:16]),
        ),
        findings=_rules(visit, found),
        lines=(open_it,),
        forms=(_keep(visit, row.item),) if DECIDERS & visit.actor.seats else (),
    )


def _rules(visit: Visit, found: Found) -> tuple[Finding, ...]:
    corpus = visit.desk.station.corpus()
    held = {rule.name: rule.text for rule in corpus.rules}
    return tuple(
        Finding(
            text=visit.said.say(
                "changes.now" if each.is_new else "changes.before",
                text=held.get(each.rule, each.rule),
            ),
            cite=each.cite,
            verdict=counsel.VERDICTS[each.outcome],
            rule=each.rule,
            **counsel.links(corpus, each.rule),
        )
        for each in found.rules
    )


def _keep(visit: Visit, item: str) -> Form:
    said = visit.said
    return Form(
        action="/law/changes/keep",
        kind="keep",
        title=said.say("changes.keep"),
        inputs=(
            Input(
                field=Field(name="reasons", type=Type.LINE, limit=_REASONS),
                label=said.say("changes.reasons"),
            ),
        ),
        send=said.say("changes.keep"),
        hidden=(("item", item),),
        icon="circle-x",
    )


def _again(visit: Visit) -> Form:
    said = visit.said
    return Form(
        action="/law/changes",
        kind="again",
        title=said.say("changes.again"),
        inputs=(),
        note=said.say("changes.again_why"),
        send=said.say("changes.again"),
        icon="refresh-cw",
    )
