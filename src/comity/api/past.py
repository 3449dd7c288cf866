"""The answers of a node's own law: listed, and each followed to its provisions again."""

from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct

from comity.api import answers, bodies
from comity.api.answers import instant_of, moment
from comity.api.bodies import Facts, Moment, Reference
from comity.api.endpoint import Call, get, post
from comity.api.letters import decision_out
from comity.core.ids import agency_id
from comity.desk import Changes
from comity.law import Verdict, write_inquiry


@get("cases/{case}/decisions")
def list_decisions(call: Call, asked: bodies.Nothing) -> answers.PastLines:
    """List what our own law answered in a case, the newest first."""
    del asked
    rows = call.desk.past.list(call.actor, case=call.path["case"])
    return answers.PastLines(decisions=[_line(row) for row in rows])


@get("decisions/{reference}")
def show_decision(call: Call, asked: bodies.Nothing) -> answers.PastDecision:
    """Show a recorded answer, what it was asked, and what the law says of it today."""
    del asked
    found = call.desk.past.show(call.actor, call.path["reference"])
    told = found.told
    return answers.PastDecision(
        recorded=_line(found.row),
        digest=found.row.digest.hex(),
        is_same=found.is_same,
        is_same_law=found.is_same_law,
        question=None
        if told is None
        else msgspec.convert(write_inquiry(told.draft), answers.Question),
        decision=None if told is None else decision_out(told.explanation),
    )


class OfPast(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which answers: of one case, or about one partner."""

    case: Annotated[str, Meta(max_length=200)] = ""
    partner: Annotated[str, Meta(max_length=200)] = ""


class Supposed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is otherwise; what is left out stays as it was."""

    on: Moment | None = None
    purpose: Annotated[str, Meta(max_length=80)] = ""
    recipient: Reference | None = None
    facts: Facts = {}


class OtherAnswer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A hypothesis: nothing was sent, stated or written."""

    was: str
    question: answers.Question
    decision: answers.Decision
    gone: list[str]
    """Rules that no longer say what they said."""
    new: list[str]
    facts: dict[str, list[bool | None]]
    """Each fact that is answered otherwise: before, and now."""


@get("law/past")
def list_past(call: Call, asked: OfPast) -> answers.PastLines:
    """List what our own law answered, the newest first; content-free."""
    rows = call.desk.past.list(call.actor, case=asked.case, partner=asked.partner)
    return answers.PastLines(decisions=[_line(row) for row in rows])


@post(
    "law/past/{reference}/what-if",
    example={"recipient": "xm.justice", "facts": {"torture_risk": True}},
)
def suppose_past(call: Call, asked: Supposed) -> OtherAnswer:
    """Ask a past question again with changes, and say what differs; nothing is sent."""
    changes = Changes(
        on=None if asked.on is None else instant_of(asked.on),
        purpose=asked.purpose,
        recipient=None if asked.recipient is None else agency_id(asked.recipient),
        facts=asked.facts,
    )
    found = call.desk.past.what_if(call.actor, call.path["reference"], changes)
    return OtherAnswer(
        was=found.was.verdict.word,
        question=msgspec.convert(write_inquiry(found.told.draft), answers.Question),
        decision=decision_out(found.told.explanation),
        gone=[each.rule for each in found.gone],
        new=[each.rule for each in found.new],
        facts={name: list(pair) for name, pair in found.facts.items()},
    )


class _Recorded(Protocol):
    """An answer of our own law, as the desk gives it."""

    @property
    def decision(self) -> str: ...
    @property
    def case(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def verdict(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def leaf(self) -> int: ...


def _line(row: _Recorded) -> answers.PastLine:
    return answers.PastLine(
        reference=row.decision,
        case=row.case,
        kind=row.kind,
        recipient=row.recipient,
        person=row.person,
        verdict=Verdict(row.verdict).word,
        state=row.state,
        at=moment(row.at),
        leaf=row.leaf,
    )


PAST = (list_decisions, show_decision, list_past, suppose_past)
