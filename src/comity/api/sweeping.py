"""What the law says otherwise of than it did: asked again, found, kept by a person."""

from typing import Annotated

from msgspec import Meta, Struct

from comity.api import answers, bodies
from comity.api.answers import moment, moment_if
from comity.api.bodies import Moment, Reference
from comity.api.endpoint import Call, get, post
from comity.desk import Finding, Progress
from comity.law import Verdict


class Keep(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What stays as it is though the law says otherwise, and why."""

    item: Reference
    reasons: Annotated[str, Meta(max_length=4_000)] = ""


class ChangedRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one rule came to, or comes to now (`is_new`), and its provision."""

    rule: str
    cite: str
    outcome: str
    is_new: bool


class Found(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing of which the law says otherwise; content-free."""

    item: str
    case: str
    kind: str
    partner: str
    at: Moment
    before: str
    after: str
    rules: list[ChangedRule]
    proposal: str
    seat: str
    due: Moment | None


class Findings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far the newest sweep has come, and what a person should look at."""

    started: Moment
    finished: Moment | None
    seen: int
    found: int
    findings: list[Found]


@get("law/sweep")
def list_findings(call: Call, asked: bodies.Nothing) -> Findings:
    """List what the law says otherwise of than it did, the newest first."""
    del asked
    sweep = call.desk.sweep
    return _findings(sweep.progress(), sweep.findings(call.actor))


@post("law/sweep")
def run_sweep(call: Call, asked: bodies.Nothing) -> Findings:
    """Ask the law again about what is held, waits or was disclosed; nothing moves by itself."""
    del asked
    progress = call.desk.sweep.run(call.actor)
    return _findings(progress, call.desk.sweep.findings(call.actor))


@post(
    "law/sweep/keep",
    example={
        "item": "disclosed/019e830e1a007f7bb09b44db27528184",
        "reasons": "Lives hang on it.",
    },
)
def keep_found(call: Call, asked: Keep) -> answers.Done:
    """Decide that something stays as it is though the law says otherwise, for its reasons."""
    call.desk.sweep.keep(call.actor, asked.item, reasons=asked.reasons)
    return answers.Done()


def _findings(progress: Progress, found: tuple[Finding, ...]) -> Findings:
    return Findings(
        started=moment(progress.started),
        finished=moment_if(progress.finished),
        seen=progress.seen,
        found=progress.found,
        findings=[_found(each) for each in found],
    )


def _found(each: Finding) -> Found:
    row = each.row
    return Found(
        item=row.item,
        case=row.case,
        kind=row.kind,
        partner=row.partner,
        at=moment(row.at),
        before=Verdict(row.before).word,
        after=Verdict(row.after).word,
        rules=[
            ChangedRule(
                rule=rule.rule,
                cite=rule.cite,
                outcome=rule.outcome.word,
                is_new=rule.is_new,
            )
            for rule in each.rules
        ],
        proposal=row.proposal,
        seat=row.seat,
        due=moment_if(row.due),
    )


SWEEPING = (list_findings, run_sweep, keep_found)
