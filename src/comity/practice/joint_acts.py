"""What one numbered act does to a case of several parties, or why it does not count.

Reasons are codes that people have words for. The order of the checks is the order in which a
person would be told: is it of this case, may its author, does the state let it, is it agreed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from comity.core.clock import Instant
from comity.practice.frame import Frame
from comity.practice.joint import JointStep
from comity.practice.joint_run import Run
from comity.practice.joint_timers import due_at
from comity.practice.machine import branch
from comity.practice.model import Kind
from comity.practice.quorum import met
from comity.practice.terms import Second
from comity.practice.universal import STOP_LAPSES
from comity.practice.view import Counted, DissentMark, Met, Number, Sight, StopMark

PASSING: Final = frozenset(
    {"correct/2", "recall/2", "dissent/2", "stop/2", "stop-confirm/2", "lift/2"}
    | {"second/1", "handover/1", "succeed/1", "due/1"}
)
"""Kinds of the kit that no stop holds back; a timer that does not protect waits by itself."""


REASONS: Final = frozenset(
    {"foreign", "again", "no-step", "not-a-party", "seat", "expired", "second-person"}
    | {"stopped", "not-named", "same-person", "old-root", "revision", "wider", "overruled"}
    | {"unknown-root", "no-stop", "not-yours", "too-soon", "waiting"}
)
"""Why an act does not count, where it is not a guard of the practice that says so."""


def apply(run: Run, number: Number, frame: Frame) -> str:
    """Let an act take effect; return why it does not count, or nothing."""
    at = number.at
    run.stops = lasting(run.stops, at=at)
    run.lifts = run.lifts if run.stops else frozenset()
    reason = next((why for check in _CHECKS if (why := check(run, number, frame))), "")
    if reason:
        return reason
    effect = _EFFECTS.get(frame.kind.partition(".")[2])
    return effect(run, number, frame) if effect else _step(run, number, frame)


def lasting(stops: Sequence[StopMark], *, at: Instant) -> tuple[StopMark, ...]:
    """Return the stops that hold at `at`: confirmed ones, and others for 72 hours."""
    return tuple(each for each in stops if each.is_confirmed or each.at + STOP_LAPSES > at)


def _of_this_case(run: Run, number: Number, frame: Frame) -> str:
    if frame.case != run.case or frame.kind not in run.kinds:
        return "foreign"
    return "again" if number.act in run.index else ""


def _opens(run: Run, number: Number, frame: Frame) -> str:
    if (number.number == 1) is not (frame.kind == run.joint.opens):
        return "no-step"
    if number.number == 1:
        run.roster, run.root, run.revision = frame.roster, number.act, 1
        run.body = frame.fields
    return ""


def _by_a_party(run: Run, _number: Number, frame: Frame) -> str:
    if frame.author not in run.parties():
        return "not-a-party"
    kind = run.kinds[frame.kind]
    # The clock acts for the convenor's node: no person sits there.
    return "" if frame.seat in kind.seats or frame.kind.endswith(_CLOCK) else "seat"


def _in_time(_run: Run, number: Number, frame: Frame) -> str:
    until = frame.number("until")
    return "expired" if until is not None and until <= number.at else ""


def _by_two(run: Run, _number: Number, frame: Frame) -> str:
    if run.kinds[frame.kind].second is not Second.BEFORE:
        return ""
    return "" if frame.second and frame.second != frame.hand else "second-person"


def _not_held_back(run: Run, _number: Number, frame: Frame) -> str:
    if not run.stops:
        return ""
    kind = run.kinds[frame.kind]
    return "" if passes(kind, frame) else "stopped"


def passes(kind: Kind, frame: Frame) -> bool:
    """Whether no stop holds an act back: it protects, or warns of danger to life."""
    word = frame.kind.partition(".")[2]
    return word in PASSING or branch(kind, frame.text(kind.decides)).passes_stop


_CHECKS: tuple[Callable[[Run, Number, Frame], str], ...] = (
    *(_of_this_case, _opens, _by_a_party, _in_time, _by_two, _not_held_back),
)
_CLOCK = ".due/1"


def _step(run: Run, number: Number, frame: Frame) -> str:
    steps = [
        step
        for step in run.joint.steps
        if (step.before, step.kind) == (run.state, frame.kind)
        and step.choice in {frame.text(run.kinds[frame.kind].decides), ""}
    ]
    if not steps:
        return "no-step"
    # A step of its own choice comes before the step of every other choice.
    named = max(step.choice for step in steps)
    reason = "no-step"
    for step in (each for each in steps if each.choice == named):
        reason = _bars(run, step, number, frame)
        if not reason:
            _take(run, step, number, frame)
            break
    return reason


def _bars(run: Run, step: JointStep, number: Number, frame: Frame) -> str:
    view = run.view()
    if not view.has_role(frame.author, step.by):
        return "not-named"
    if _is_alike(run, step, frame):
        return "same-person"
    if reason := _revises(run, number, frame):
        return reason
    if not step.guard:
        return ""
    at = number.at

    def stands(name: str) -> Met:
        return met(view, run.joint.quorums[name], kinds=run.kinds, at=at)

    return run.joint.guards[step.guard](Sight(view=view, frame=frame, at=at, met=stands))


def _is_alike(run: Run, step: JointStep, frame: Frame) -> bool:
    """Whether the same person, or seat, of this agency did the earlier act."""
    return any(
        act.is_counted
        and act.frame.author == frame.author
        and (
            (act.frame.kind == step.unlike and act.frame.hand == frame.hand)
            or (act.frame.kind == step.unlike_seat and act.frame.seat == frame.seat)
        )
        for act in (run.acts if step.unlike or step.unlike_seat else ())
    )


def _revises(run: Run, number: Number, frame: Frame) -> str:
    if frame.kind not in run.joint.revises or number.number == 1:
        names_one = any(field.name == "root" for field in run.kinds[frame.kind].fields)
        # INVARIANT: what is said of a root is said of the current one, or does not count.
        return "old-root" if names_one and frame.text("root") != run.root else ""
    if (frame.number("revision"), frame.text("previous")) != (run.revision + 1, run.root):
        return "revision"
    named = {each.party for each in frame.roster}
    return "wider" if not named <= run.parties() else ""


def _take(run: Run, step: JointStep, number: Number, frame: Frame) -> None:
    act = Counted(number=number, frame=frame)
    key = (frame.author, frame.kind)
    if frame.kind in run.joint.revises and number.number > 1:
        # INVARIANT: an amendment voids what was endorsed before it.
        run.revision, run.root, run.body = run.revision + 1, number.act, frame.fields
        run.roster = frame.roster or run.roster
        run.standing.clear()
    taken_back = run.joint.withdraws.get(frame.kind)
    if taken_back:
        run.standing.pop((frame.author, taken_back), None)
    run.standing[key] = act
    for cited in frame.texts("cites"):
        run.citing.setdefault(cited, []).append(number.act)
        if cited in run.stale:
            run.stale.add(number.act)
    if step.quorum:
        quorum = run.joint.quorums[step.quorum]
        if not met(run.view(), quorum, kinds=run.kinds, at=number.at).is_met:
            return
    run.move(step.after, number.at)


def _dissent(run: Run, number: Number, frame: Frame) -> str:
    root = frame.text("root")
    if root not in run.index:
        return "unknown-root"
    run.dissents.append(
        DissentMark(party=frame.author, act=number.act, root=root, ground=frame.text("ground"))
    )
    return ""


def _stop(run: Run, number: Number, frame: Frame) -> str:
    held = next((each for each in run.stops if each.party == frame.author), None)
    if held is None or not held.is_confirmed:
        mark = StopMark(
            party=frame.author,
            act=number.act,
            at=number.at,
            hand=frame.hand,
            ground=frame.text("ground"),
        )
        run.stops = (*(each for each in run.stops if each is not held), mark)
    # Any stop asks every party to lift again.
    run.lifts = frozenset()
    return ""


def _stop_confirm(run: Run, _number: Number, frame: Frame) -> str:
    held = next((each for each in run.stops if each.party == frame.author), None)
    if held is None:
        return "no-stop"
    if held.hand == frame.hand:
        return "same-person"
    sure = replace(held, is_confirmed=True)
    run.stops = tuple(sure if each is held else each for each in run.stops)
    return ""


def _lift(run: Run, _number: Number, frame: Frame) -> str:
    if not run.stops:
        return "no-stop"
    run.lifts |= {frame.author}
    if run.lifts >= run.parties():
        run.stops, run.lifts = (), frozenset()
    return ""


def _withdraw_content(run: Run, _number: Number, frame: Frame) -> str:
    """Let a correction or recall of an act, or of one section, mark what cites it."""
    root = frame.text("root")
    named = run.index.get(root)
    if named is None:
        return "unknown-root"
    if named.frame.author != frame.author:
        return "not-yours"
    if frame.kind.endswith(".recall/2"):
        run.recalled.add((root, frame.number("section") or 0))
    todo = [root]
    while todo:
        product = todo.pop()
        if product not in run.stale:
            run.stale.add(product)
            todo += run.citing.get(product, ())
    return ""


def _second(run: Run, number: Number, frame: Frame) -> str:
    named = run.index.get(frame.text("root"))
    if named is None or named.frame.author != frame.author:
        return "not-yours"
    if named.frame.hand == frame.hand:
        return "same-person"
    if number.at > named.number.at + run.kinds[named.frame.kind].confirm_within:
        return "expired"
    sure = replace(named, second=True)
    run.index[named.digest] = sure
    run.acts[named.number.number - 1] = sure
    key = (frame.author, named.frame.kind)
    if key in run.standing and run.standing[key].digest == named.digest:
        run.standing[key] = sure
    return ""


def _due(run: Run, number: Number, frame: Frame) -> str:
    if frame.author != number.by:
        return "not-named"
    view = run.view()
    for timer in run.joint.timers:
        due = due_at(timer, view) if timer.name == frame.text("timer") else None
        if due is not None:
            if due > number.at:
                return "too-soon"
            run.move(timer.after, number.at)
            return ""
    return "no-step"


def _handed(_run: Run, _number: Number, _frame: Frame) -> str:
    """Say nothing: the chain has judged it."""
    return ""


_EFFECTS: Mapping[str, Callable[[Run, Number, Frame], str]] = {
    "dissent/2": _dissent,
    "stop/2": _stop,
    "stop-confirm/2": _stop_confirm,
    "lift/2": _lift,
    "correct/2": _withdraw_content,
    "recall/2": _withdraw_content,
    "second/1": _second,
    "due/1": _due,
    "handover/1": _handed,
    "succeed/1": _handed,
}
"""What the kit's own acts do; every other act takes a step of the declaration."""
