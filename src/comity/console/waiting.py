"""What waits for a person: acts without their second person, drafts the law referred."""

from comity.console import counsel
from comity.console.outcome import outcome, sections
from comity.console.parts import Act, Choice, Deadline, Form, Input, Pair
from comity.console.present_case import body_pairs, entities_of, properties_of
from comity.console.sheet import Line, Section, Sheet
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import Instant
from comity.desk import Preview
from comity.law import Verdict
from comity.message import Draft
from comity.practice import Field, Type

EMPTY = Condition(state=ListState.EMPTY)


def pending(visit: Visit) -> Answer:
    """List acts that wait for a second person, oldest first."""
    names, said = visit.people(), visit.said
    rows = visit.desk.correspondence.awaiting(visit.actor)
    lines = tuple(
        Line(
            text=said.kind(row.kind),
            href=f"/pending/{row.pending}",
            detail=f"{names.get(row.person, '')} · {row.case}",
        )
        for row in rows
    )
    return Shown(page=_list(visit, "pending", lines))


def show_pending(visit: Visit) -> Answer:
    """Show the second person what they are asked to confirm."""
    reference, said = visit.names["pending"], visit.said
    draft = visit.desk.correspondence.pending_draft(visit.actor, reference)
    page = Sheet(
        title=said.kind(draft.kind),
        lead=said.say("pending.lead"),
        back=Act(label=said.say("rail.pending"), href="/pending"),
        tlp=draft.handling.tlp.label.removeprefix("TLP:"),
        sections=_draft(visit, draft),
        side=(
            _act(visit, f"/pending/{reference}/confirm", "confirm"),
            _act(visit, f"/pending/{reference}/drop", "drop"),
        ),
    )
    return Shown(page=page, marking=draft.handling)


def confirm(visit: Visit) -> Answer:
    """Confirm another person's act and let it go on."""
    done = visit.desk.correspondence.confirm(visit.actor, visit.names["pending"])
    return outcome(visit, done)


def drop(visit: Visit) -> Answer:
    """Take back an act that still waits for its second person."""
    visit.desk.correspondence.drop(visit.actor, visit.names["pending"])
    return Go(href="/pending", told="dropped")


def referrals(visit: Visit) -> Answer:
    """List drafts that wait for a named person, oldest first."""
    names, said = visit.people(), visit.said
    rows = visit.desk.correspondence.referrals(visit.actor)
    lines = tuple(
        Line(
            text=f"{said.kind(row.kind)} · {visit.partner(row.recipient)}",
            href=f"/referrals/{row.decision}",
            detail=f"{names.get(row.person, '')} · {row.case}",
            due=None
            if row.due is None
            else Deadline(at=Instant(row.due), began=Instant(row.at), now=visit.now),
        )
        for row in rows
    )
    return Shown(page=_list(visit, "referrals", lines))


def show_referral(visit: Visit) -> Answer:
    """Show a referred draft, what the law says of it today, and what would let it go on."""
    reference, said = visit.names["reference"], visit.said
    found = visit.desk.correspondence.referral(visit.actor, reference)
    decision = found.explanation.decision
    page = Sheet(
        title=said.say("referral.title", kind=said.kind(found.draft.kind)),
        lead=said.say("referral.lead", who=counsel.seats(visit, decision)),
        back=Act(label=said.say("rail.referrals"), href="/referrals"),
        verdict=counsel.verdict_of(decision),
        sections=(*sections(visit, decision), *_draft(visit, found.draft)),
        side=(_resume(visit, found, reference), _abandon(visit, reference)),
    )
    return Shown(page=page, marking=found.draft.handling)


def resume(visit: Visit) -> Answer:
    """Ask the law again, with rules lifted or facts stated by a named seat."""
    done = visit.desk.correspondence.resume(
        visit.actor,
        visit.names["reference"],
        lift=visit.every("body.lift"),
        facts=counsel.stated(visit),
    )
    return outcome(visit, done)


def abandon(visit: Visit) -> Answer:
    """Give up a referred draft; nothing has left."""
    visit.desk.correspondence.abandon(visit.actor, visit.names["reference"])
    return Go(href="/referrals", told="dropped")


def _list(visit: Visit, name: str, lines: tuple[Line, ...]) -> Sheet:
    said = visit.said
    listed = (Section(title=said.say("list.oldest"), lines=lines),) if lines else ()
    return Sheet(
        title=said.say(f"rail.{name}"),
        lead=said.say(f"{name}.about"),
        sections=listed,
        condition=READY if lines else EMPTY,
        topic=name,
    )


def _draft(visit: Visit, draft: Draft) -> tuple[Section, ...]:
    said = visit.said
    kind = visit.desk.station.practices.kind(draft.kind)
    values = tuple(
        Pair(label=said.code("property", prop), value=", ".join(texts))
        for entity in entities_of(kind, draft.body)
        for prop, texts in properties_of(entity).items()
    )
    terms = (
        Pair(label=said.say("message.to"), value=visit.partner(draft.recipient)),
        Pair(label=said.say("message.purpose"), value=said.code("purpose", draft.purpose)),
        Pair(label=said.say("act.marking"), value=str(draft.handling)),
        Pair(label=said.say("case.reference"), value=draft.case, is_reference=True),
    )
    return (
        Section(
            title=said.say("message.said"),
            pairs=(*body_pairs(visit, kind, draft.body), *values),
        ),
        Section(title=said.say("message.terms"), pairs=terms),
    )


def _resume(visit: Visit, found: Preview, reference: str) -> Section:
    said, decision = visit.said, found.explanation.decision
    rules = tuple(
        Choice(value=each.rule, label=each.text, note=each.cite)
        for each in decision.reasons
        if each.outcome is Verdict.REFER
    )
    lifts = Input(
        field=Field(name="lift", type=Type.CODES, choices=tuple(r.value for r in rules)),
        label=said.say("referral.lift"),
        help=said.say("referral.lift_why"),
        choices=rules,
    )
    form = Form(
        action=f"/referrals/{reference}/resume",
        kind="resume",
        title=said.say("referral.resume"),
        inputs=(*counsel.questions(visit, decision), *((lifts,) if rules else ())),
        send=said.say("referral.resume"),
    )
    return Section(title=said.say("referral.resume"), forms=(form,))


def _abandon(visit: Visit, reference: str) -> Section:
    return _act(visit, f"/referrals/{reference}/abandon", "abandon")


def _act(visit: Visit, href: str, word: str) -> Section:
    said = visit.said
    form = Form(
        action=href,
        kind=word,
        title=said.say(f"act.{word}"),
        inputs=(),
        note=said.say(f"act.{word}_why"),
        send=said.say(f"act.{word}"),
        icon="circle-check" if word == "confirm" else "circle-x",
    )
    return Section(title=said.say(f"act.{word}"), forms=(form,))
