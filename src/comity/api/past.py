"""The answers of a node's own law: listed, and each followed to its provisions again."""

from typing import Protocol

import msgspec

from comity.api import answers, bodies
from comity.api.answers import moment
from comity.api.endpoint import Call, get
from comity.api.letters import decision_out
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


PAST = (list_decisions, show_decision)
