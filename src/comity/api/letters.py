"""Letters: preview, send, confirm, resume; and one path for every kind of every practice."""

from collections.abc import Iterable, Mapping
from typing import cast

import msgspec
from msgspec import Struct

from comity.api import answers, bodies
from comity.api.answers import moment, moment_if
from comity.api.endpoint import Call, Endpoint, get, post, read
from comity.api.fields import body_as_json, body_from, body_of, example_body, letter_type
from comity.core.cbor import Value
from comity.core.ids import CaseId, agency_id
from comity.desk import (
    AwaitsKey,
    AwaitsSecond,
    JointSent,
    Letter,
    NotSent,
    Outcome,
    Preview,
    Sent,
)
from comity.law import Decision, Explanation, Verdict, as_json
from comity.message import Draft, handling
from comity.practice import BY_CLOCK, Kind, Practice, kinds

_STOPPED = {
    Verdict.REFER: "referred",
    Verdict.DENY: "denied",
    Verdict.PERMIT: "permitted",
}
ASK = {
    "kind": "requests.ask/1",
    "body": {"question": "Did she cross at Port Halden?"},
    "handling": "TLP:AMBER H1",
    "recipient": "xa.border",
    "purpose": "counter-terrorism",
    "facts": {"political_offence": False},
}


@post("letters/preview", example=ASK)
def preview_letter(call: Call, asked: bodies.Letter) -> answers.Preview:
    """Show what our own law would say of a letter, and what is missing; nothing is written."""
    return preview_out(call, call.desk.correspondence.preview(call.actor, _letter(call, asked)))


@post("letters", example=ASK)
def send_letter(call: Call, asked: bodies.Letter) -> answers.Outcome:
    """Send a letter, or say what it waits for; a denial is an answer, not an error."""
    return outcome_out(call.desk.correspondence.send(call.actor, _letter(call, asked)))


@get("pending")
def list_pending(call: Call, asked: bodies.Nothing) -> answers.PendingList:
    """List acts that wait for a second person, oldest first."""
    del asked
    rows = call.desk.correspondence.awaiting(call.actor)
    return answers.PendingList(
        pending=[
            answers.PendingLine(
                pending=row.pending,
                case=row.case,
                kind=row.kind,
                person=row.person,
                seat=row.seat,
                created=moment(row.created),
            )
            for row in rows
        ]
    )


@get("pending/{pending}")
def show_pending(call: Call, asked: bodies.Nothing) -> answers.Draft:
    """Show the second person what they are asked to confirm."""
    del asked
    draft = call.desk.correspondence.pending_draft(call.actor, call.path["pending"])
    return answers.Draft(
        kind=draft.kind,
        recipient=draft.recipient,
        purpose=draft.purpose,
        case=draft.case,
        handling=str(draft.handling),
        body=body_as_json(_kind(call, draft), draft.body),
    )


@post("pending/{pending}/confirm")
def confirm_pending(call: Call, asked: bodies.Nothing) -> answers.Outcome:
    """Confirm another person's act and let it go on."""
    del asked
    return outcome_out(call.desk.correspondence.confirm(call.actor, call.path["pending"]))


@post("pending/{pending}/drop")
def drop_pending(call: Call, asked: bodies.Nothing) -> answers.Done:
    """Take back an act that still waits for its second person; nothing has left."""
    del asked
    call.desk.correspondence.drop(call.actor, call.path["pending"])
    return answers.Done()


@get("referrals")
def list_referrals(call: Call, asked: bodies.Nothing) -> answers.Referrals:
    """List drafts that wait for a named person, oldest first."""
    del asked
    rows = call.desk.correspondence.referrals(call.actor)
    return answers.Referrals(
        referrals=[
            answers.Referral(
                reference=row.decision,
                case=row.case,
                kind=row.kind,
                recipient=row.recipient,
                person=row.person,
                at=moment(row.at),
                due=moment_if(row.due),
            )
            for row in rows
        ]
    )


@get("referrals/{reference}")
def show_referral(call: Call, asked: bodies.Nothing) -> answers.Preview:
    """Show a referred draft and what the law says of it today."""
    del asked
    found = call.desk.correspondence.referral(call.actor, call.path["reference"])
    return preview_out(call, found)


@post(
    "referrals/{reference}/resume", example={"lift": [], "facts": {"for_investigation": True}}
)
def resume_referral(call: Call, asked: bodies.Resume) -> answers.Outcome:
    """Ask the law again, with rules lifted or facts stated by a named seat."""
    return outcome_out(
        call.desk.correspondence.resume(
            call.actor, call.path["reference"], lift=tuple(asked.lift), facts=asked.facts
        )
    )


@post("referrals/{reference}/abandon")
def abandon_referral(call: Call, asked: bodies.Nothing) -> answers.Done:
    """Give up a referred draft, and erase it; nothing has left."""
    del asked
    call.desk.correspondence.abandon(call.actor, call.path["reference"])
    return answers.Done()


@post("messages/{mid}/erase")
def erase_message(call: Call, asked: bodies.Nothing) -> answers.Erased:
    """Destroy the content of a received message at once."""
    del asked
    gone = call.desk.correspondence.erase(call.actor, call.path["mid"])
    return answers.Erased(erased=gone)


@post("messages/{mid}/comply")
def comply_with_recall(call: Call, asked: bodies.Nothing) -> answers.Outcome:
    """Erase what this recall names, and tell its originator so: both or neither."""
    del asked
    return outcome_out(call.desk.correspondence.comply(call.actor, call.path["mid"]))


def of_kinds(practices: Iterable[Practice]) -> list[Endpoint]:
    """Generate one path for each kind of each practice, the universal ones included."""
    return [
        _of_kind(practice, kind)
        for practice in practices
        for kind in kinds(practice)
        if kind.word not in BY_CLOCK
    ]


def _of_kind(practice: Practice, kind: Kind) -> Endpoint:
    takes = letter_type(kind)

    def answer(call: Call, given: bytes | Mapping[str, str]) -> answers.Outcome:
        asked = read(given, takes)
        body = body_from(cast("Struct", getattr(asked, "body")))  # noqa: B009 - generated type
        plain = msgspec.structs.asdict(asked)
        letter = msgspec.convert(
            {**plain, "kind": kind.name, "body": msgspec.Raw(b"{}")}, bodies.Letter
        )
        sent = call.desk.correspondence.send(call.actor, _addressed(call, letter, body))
        return outcome_out(sent)

    return Endpoint(
        method="POST",
        path=f"{practice.name}/{kind.called}",
        name=f"{practice.name}_{kind.called}".replace("-", "_"),
        about=f"Send `{kind.name}`, or say what it waits for.",
        takes=takes,
        gives=answers.Outcome,
        answer=answer,
        example={
            "body": example_body(kind),
            "handling": "TLP:AMBER H1",
            "case": "2026-0011223344",
        },
    )


def decision_out(explanation: Explanation) -> answers.Decision:
    """Write what the law says in the fixed shape of `law explain`."""
    return msgspec.convert(as_json(explanation), answers.Decision)


def preview_out(call: Call, found: Preview) -> answers.Preview:
    """Write a preview."""
    draft = found.draft
    return answers.Preview(
        kind=draft.kind,
        recipient=draft.recipient,
        purpose=draft.purpose,
        case=draft.case,
        body=body_as_json(_kind(call, draft), draft.body),
        handling=str(draft.handling),
        second=found.second.value,
        decision=decision_out(found.explanation),
    )


def outcome_out(found: Outcome) -> answers.Outcome:
    """Write what became of a letter."""
    match found:
        case Sent():
            return answers.Outcome(
                outcome="sent", case=found.case, mid=found.mid, leaf=found.leaf
            )
        case JointSent():
            return answers.Outcome(outcome="sent", case=found.case, act=found.digest)
        case AwaitsSecond():
            return answers.Outcome(
                outcome="awaits-second", case=found.case, pending=found.pending
            )
        case AwaitsKey():
            return answers.Outcome(
                outcome="awaits-key", case=found.case, reference=found.reference
            )
        case NotSent():
            return answers.Outcome(
                outcome=_STOPPED[found.decision.verdict],
                case=found.case,
                reference=found.reference,
                decision=_told(found.decision),
            )


def _told(decision: Decision) -> answers.Decision:
    return decision_out(Explanation(decision=decision, why_not=()))


def _kind(call: Call, draft: Draft) -> Kind:
    return call.desk.station.practices.kind(draft.kind)


def _letter(call: Call, asked: bodies.Letter) -> Letter:
    kind = call.desk.station.practices.kind(asked.kind)
    return _addressed(call, asked, body_of(kind, bytes(asked.body)))


def _addressed(call: Call, asked: bodies.Letter, body: Mapping[str, Value]) -> Letter:
    return Letter(
        kind=asked.kind,
        body=call.desk.files.fill(call.actor, body),
        handling=handling(asked.handling),
        case=None if asked.case is None else CaseId(asked.case),
        recipient=None if asked.recipient is None else agency_id(asked.recipient),
        purpose=asked.purpose,
        parent=None if asked.parent is None else CaseId(asked.parent),
        facts=asked.facts,
    )


LETTERS = (
    preview_letter,
    send_letter,
    list_pending,
    show_pending,
    confirm_pending,
    drop_pending,
    list_referrals,
    show_referral,
    resume_referral,
    abandon_referral,
    erase_message,
    comply_with_recall,
)
