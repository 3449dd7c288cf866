"""The law explained, the packs held, and standing answers about partners."""

import msgspec

from comity.api import answers, bodies, posts
from comity.api.answers import instant_of, moment
from comity.api.endpoint import Call, get, post
from comity.api.letters import decision_out
from comity.core.ids import agency_id
from comity.desk import Assessment, DoorView, Shut
from comity.law import AssessmentRow, packs_report

_EXPLAIN = {
    "originator": "xn.police",
    "recipient": "xa.border",
    "on": "2026-11-23",
    "kind": "requests.ask/1",
    "purpose": "counter-terrorism",
    "categories": ["identity"],
    "handling": {"tlp": "AMBER"},
    "facts": {"torture_risk": False},
}
_DOOR = {"partner": "xa.border", "purpose": "counter-terrorism"}
_ASSESSMENT = {"partner": "xa.border", "purpose": "counter-terrorism", "fact": "torture_risk"}


@post("law/explain", example=_EXPLAIN)
def explain_law(call: Call, asked: bodies.Inquiry) -> answers.Decision:
    """Say what the law would say, with every reason and why-not; nothing is disclosed."""
    return decision_out(call.desk.counsel.explain(msgspec.json.encode(asked)))


@get("law/packs")
def list_packs(call: Call, asked: bodies.Nothing) -> answers.Packs:
    """Count what law is held, sourced and openly missing."""
    del asked
    return msgspec.convert(packs_report(call.desk.station.corpus()), answers.Packs)


@get("assessments")
def list_assessments(call: Call, asked: bodies.Nothing) -> answers.Assessments:
    """List standing answers about partners, the newest first, with their reasons."""
    del asked
    counsel = call.desk.counsel
    return answers.Assessments(
        assessments=[
            _assessment(row, counsel.reasons(call.actor, row))
            for row in counsel.assessments(call.actor)
        ]
    )


@post(
    "assessments",
    example={
        **_ASSESSMENT,
        "value": False,
        "until": "2027-06-01T00:00:00Z",
        "reasons": "No finding in the last reports of the Committee and of two courts.",
    },
)
def state_assessment(call: Call, asked: bodies.Assess) -> answers.Assessment:
    """State a standing fact; it counts once the rights officer has confirmed it."""
    row = call.desk.counsel.assess(
        call.actor,
        Assessment(
            partner=agency_id(asked.partner),
            purpose=asked.purpose,
            fact=asked.fact,
            value=asked.value,
            until=instant_of(asked.until),
            reasons=asked.reasons,
        ),
    )
    return _assessment(row, asked.reasons)


@post("assessments/confirm", example={**_ASSESSMENT, "at": "2026-11-23T14:02:00.123Z"})
def confirm_assessment(call: Call, asked: bodies.ConfirmAssessment) -> answers.Done:
    """Confirm another person's assessment: it counts, and the ledger says so."""
    call.desk.counsel.confirm(
        call.actor,
        partner=asked.partner,
        purpose=asked.purpose,
        fact=asked.fact,
        at=instant_of(asked.at),
    )
    return answers.Done()


@get("doors")
def list_doors(call: Call, asked: bodies.Nothing) -> posts.Doors:
    """List the doors that this member closed, and the partners whose doors are closed to it."""
    del asked
    doors = call.desk.doors
    return posts.Doors(
        doors=[_door(view) for view in doors.closed(call.actor)],
        closed_to_us=[
            posts.TurnedBack(
                partner=each.partner,
                purpose=each.purpose,
                since=moment(each.since),
                waiting=each.waiting,
            )
            for each in doors.told(call.actor)
        ],
    )


@post("doors/close", example={**_DOOR, "warnings": False, "reasons": "No answer since May."})
def close_door(call: Call, asked: bodies.CloseDoor) -> answers.Done:
    """Close this member's door to a partner, alone and at once."""
    call.desk.doors.close(
        call.actor,
        Shut(
            partner=asked.partner,
            purpose=asked.purpose,
            warnings=asked.warnings,
            reasons=asked.reasons,
        ),
    )
    return answers.Done()


@post("doors/open", example=_DOOR)
def open_door(call: Call, asked: bodies.Door) -> posts.Opening:
    """Open a closed door: the first of two persons asks, the second opens."""
    row = call.desk.doors.open(call.actor, asked.partner, purpose=asked.purpose)
    return posts.Opening(is_open=row.opened_at is not None)


def _door(view: DoorView) -> posts.ClosedDoor:
    row = view.row
    return posts.ClosedDoor(
        partner=row.partner,
        purpose=row.purpose,
        person=row.person,
        at=moment(row.at),
        warnings=row.warnings,
        reasons=view.reasons,
        held_back=view.held_back,
        undecided=view.undecided,
        opened_by=row.reopen_by if view.awaits_second else "",
    )


def _assessment(row: AssessmentRow, reasons: str) -> answers.Assessment:
    return answers.Assessment(
        partner=row.partner,
        purpose=row.purpose,
        fact=row.fact,
        value=row.value,
        at=moment(row.at),
        until=moment(row.until),
        by=row.by,
        confirmed_by=row.confirmed_by,
        reasons=reasons,
    )


COUNSEL = (
    explain_law,
    list_packs,
    list_assessments,
    state_assessment,
    confirm_assessment,
    list_doors,
    close_door,
    open_door,
)
