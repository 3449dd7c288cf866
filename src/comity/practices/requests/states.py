"""How a request, a piece of information and a warning live, step by step, for both sides.

none -> open -> (questioned | interim | part-answered)*
     -> answered | no-hit | refused | withdrawn
none -> informed
none -> warned -> stood-down | ended
"""

from comity.practice import Duty, Interim, Kind, Side, Step, Timer
from comity.practices.requests import kinds, watch

_WAITING = ("open", "interim", "part-answered")
_UNANSWERED = (*_WAITING, "questioned")


def _step(before: str, kind: Kind, after: str, by: Side, *, choice: str = "") -> Step:
    return Step(before=before, kind=kind.name, after=after, by=by, choice=choice)


def _answers(before: str) -> tuple[Step, ...]:
    after = {
        "partial": "part-answered",
        "no-hit": "no-hit",
        "refused": "refused",
        "": "answered",
    }
    return tuple(
        _step(before, kinds.ANSWER, state, Side.ASKED, choice=choice)
        for choice, state in after.items()
    )


STEPS = (
    _step("none", kinds.ASK, "open", Side.OPENER),
    *(_step(state, kinds.QUESTION, "questioned", Side.ASKED) for state in _WAITING),
    _step("questioned", kinds.SUPPLY, "open", Side.OPENER),
    *(
        _step(state, kind, "interim", Side.ASKED)
        for kind in (kinds.INTERIM, kinds.LATE)
        for state in ("open", "interim")
    ),
    *(step for state in _UNANSWERED for step in _answers(state)),
    *(_step(state, kinds.WITHDRAW, "withdrawn", Side.OPENER) for state in _UNANSWERED),
    *(_step(state, kinds.LOWER, state, Side.ASKED) for state in _UNANSWERED),
    *(_step(state, kinds.REMINDER, state, Side.OPENER) for state in _UNANSWERED),
    *(_step(state, watch.WATCH_RENEW, state, Side.OPENER) for state in _UNANSWERED),
    *(_step(state, watch.WATCH_ANSWER, state, Side.ASKED) for state in _UNANSWERED),
    *(
        _step(state, kinds.CONFIRM, state, Side.ASKED)
        for state in ("answered", "part-answered")
    ),
    _step("none", kinds.INFORM, "informed", Side.OPENER),
    _step("informed", kinds.CONFIRM, "informed", Side.OPENER),
    _step("none", kinds.WARNING, "warned", Side.OPENER),
    _step("warned", kinds.CONFIRM, "warned", Side.OPENER),
    _step("warned", kinds.WARNING_ACK, "warned", Side.ASKED),
    _step("warned", kinds.WARNING_UPDATE, "warned", Side.OPENER),
    _step("warned", kinds.STAND_DOWN, "stood-down", Side.OPENER),
)
CLOSED = frozenset(
    {"answered", "no-hit", "refused", "withdrawn", "informed", "stood-down", "ended"}
)
# The clock runs from the stored time of the question and does not pause for a question back:
# the earliest reading of the Directive.
DUTIES = tuple(
    Duty(state=state, owed_by=Side.ASKED, clock="exchange-2023-977", since=kinds.ASK.name)
    for state in _UNANSWERED
)
# Protective: it names only the question, and says in codes that a person has yet to decide.
INTERIM = Interim(word=kinds.LATE.word, expected="expected")
TIMERS = (Timer(state="warned", field="until", after="ended"),)
