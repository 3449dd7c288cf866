"""Watches: which live, what an asker requested, and the acts of a person on one."""

from msgspec import Struct

from comity.api import answers, bodies, registers
from comity.api.answers import moment, moment_if
from comity.api.bodies import Moment, Words
from comity.api.endpoint import Call, get, post
from comity.api.screening import candidate
from comity.core.ids import CaseId
from comity.desk import Requested, WatchRow


class Renewal(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a watch is kept on."""

    reason: Words


class Watch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One living watch; whom it asks for is not told."""

    case: str
    asker: str
    purpose: str
    question: str
    started: Moment
    started_by: str
    until: Moment
    renewals: int
    renewed_by: str
    renewed_at: Moment | None


class Watches(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The living watches of this node, the first to end first."""

    watches: list[Watch]


class Weighed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule of our own law that weighed, with its provision."""

    rule: str
    outcome: str
    cite: str
    text: str


class RequestedWatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the asker of a case requested, what our own law says, and the watch, if it lives."""

    case: str
    asker: str
    question: str
    days: int
    reason: str
    is_open: bool
    """Whether a person has yet to decide on it."""
    has_ended: bool
    verdict: str
    reasons: list[Weighed]
    missing: list[str]
    watch: Watch | None


class FoundByWatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who came in and may be asked for: candidates to judge, and the question to judge by."""

    case: str
    schema: str
    properties: dict[str, list[str]]
    candidates: list[registers.Candidate]


@get("watches")
def list_watches(call: Call, asked: bodies.Nothing) -> Watches:
    """List the living watches without what they look for; oversight sees this list."""
    del asked
    return Watches(watches=[_watch(row) for row in call.desk.watches.living(call.actor)])


@get("cases/{case}/watch")
def show_watch(call: Call, asked: bodies.Nothing) -> RequestedWatch:
    """Show what the asker of a case requested, and what our own law says of it."""
    del asked
    return _requested(call.desk.watches.requested(call.actor, _case(call)))


@post("cases/{case}/watch/start")
def start_watch(call: Call, asked: bodies.Nothing) -> RequestedWatch:
    """Keep the question as its asker requested, where our own law permits it."""
    del asked
    return _requested(call.desk.watches.start(call.actor, _case(call)))


@post("cases/{case}/watch/renew", example={"reason": "The journey was put off to January."})
def renew_watch(call: Call, asked: Renewal) -> RequestedWatch:
    """Keep a watch on for a reason, once its asker has requested it anew."""
    done = call.desk.watches.renew(call.actor, _case(call), reason=asked.reason)
    return _requested(done)


@post("cases/{case}/watch/decline")
def decline_watch(call: Call, asked: bodies.Nothing) -> answers.Done:
    """Keep no watch, or not anew; its asker is told so."""
    del asked
    call.desk.watches.decline(call.actor, _case(call))
    return answers.Done()


@post("cases/{case}/watch/end")
def end_watch(call: Call, asked: bodies.Nothing) -> answers.Done:
    """End the watch of a case; what it looked for is destroyed at once."""
    del asked
    call.desk.watches.end(call.actor, _case(call))
    return answers.Done()


@post("cases/{case}/watch/found")
def show_found(call: Call, asked: bodies.Nothing) -> FoundByWatch:
    """List who came in and may be asked for; the look is in the ledger, no score is given."""
    del asked
    case = _case(call)
    query, found = call.desk.watches.found(call.actor, case)
    return FoundByWatch(
        case=case,
        schema=query.schema,
        properties={prop: list(values) for prop, values in query.properties.items()},
        candidates=[candidate(each) for each in found],
    )


def _case(call: Call) -> CaseId:
    return CaseId(call.path["case"])


def _watch(row: WatchRow) -> Watch:
    return Watch(
        case=row.case_id,
        asker=row.asker,
        purpose=row.purpose,
        question=row.question,
        started=moment(row.started),
        started_by=row.started_by,
        until=moment(row.until),
        renewals=row.renewals,
        renewed_by=row.renewed_by,
        renewed_at=moment_if(row.renewed_at),
    )


def _requested(found: Requested) -> RequestedWatch:
    decision = found.decision
    return RequestedWatch(
        case=found.case,
        asker=found.asker,
        question=found.question,
        days=found.days,
        reason=found.reason,
        is_open=found.is_open,
        has_ended=found.has_ended,
        verdict=decision.verdict.word,
        reasons=[
            Weighed(rule=each.rule, outcome=each.outcome.word, cite=each.cite, text=each.text)
            for each in decision.reasons
        ],
        missing=list(decision.missing),
        watch=None if found.row is None else _watch(found.row),
    )


WATCHING = (
    list_watches,
    show_watch,
    start_watch,
    renew_watch,
    decline_watch,
    end_watch,
    show_found,
)
