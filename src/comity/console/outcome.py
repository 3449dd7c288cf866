"""What became of a letter, said plainly: sent, waiting, referred to whom, denied and why."""

from collections.abc import Sequence

from comity.console import counsel
from comity.console.parts import Act
from comity.console.sheet import Section, Sheet
from comity.console.visit import Answer, Go, Shown, Visit
from comity.desk import AwaitsKey, AwaitsSecond, JointSent, NotSent, Outcome, Sent
from comity.law import Decision, Verdict


def outcome(visit: Visit, found: Outcome) -> Answer:
    """Show what became of a letter."""
    match found:
        case Sent():
            return Go(href=f"/cases/{found.case}", told="sent")
        case JointSent():
            return Go(href=f"/cases/{found.case}", told="sent")
        case AwaitsSecond():
            return Go(href=f"/pending/{found.pending}", told="waits")
        case AwaitsKey():
            return Go(href=f"/cases/{found.case}", told="waits_key")
        case NotSent(decision=decision) if decision.verdict is Verdict.REFER:
            return Go(href=f"/referrals/{found.reference}", told="referred")
        case NotSent():
            return Shown(page=denied(visit, found.decision))


def denied(visit: Visit, decision: Decision) -> Sheet:
    """Return the page of a denial: each reason with its article, and what to leave out."""
    said = visit.said
    return Sheet(
        title=said.say("outcome.denied"),
        lead=said.say("outcome.denied_lead"),
        verdict=counsel.verdict_of(decision),
        sections=sections(visit, decision),
        acts=(
            Act(label=said.say("act.write_again"), href="/compose", icon="pen-line"),
            Act(label=said.say("rail.law"), href="/law", icon="scale"),
        ),
    )


def sections(visit: Visit, decision: Decision) -> tuple[Section, ...]:
    """Return a decision part by part; empty parts are left out."""
    said = visit.said
    found: Sequence[Section] = (
        Section(
            title=said.say("law.reasons"), findings=counsel.findings(visit, decision.reasons)
        ),
        Section(
            title=said.say("law.leave_out"),
            lead=said.say("law.leave_out_why"),
            findings=counsel.leave_out(visit, decision),
        ),
        Section(
            title=said.say("law.duties"), findings=counsel.duties(visit, decision.obligations)
        ),
    )
    return tuple(section for section in found if section.findings)
