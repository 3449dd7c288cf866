"""What a party may do now in a case of several: asked before anything is sent."""

from dataclasses import replace

from comity.core.clock import Instant
from comity.core.ids import AgencyId
from comity.practice.fold import fold
from comity.practice.frame import Frame
from comity.practice.joint import JointCase
from comity.practice.joint_kinds import kinds_in
from comity.practice.model import Kind, Practice
from comity.practice.sequence import FIRST, Held
from comity.practice.view import Number, View

_OF_STOP = {"stop-confirm/2", "lift/2"}
_CLOCKS = {"due/1", "succeed/1"}


def may(
    practice: Practice, joint: JointCase, held: Held, *, act: tuple[str, Frame], at: Instant
) -> str:
    """Return why an act would not count if the convenor numbered it now; empty where it would.

    `act` is a digest and its frame; the act that opens a case is the opening of `held`.
    """
    digest, frame = act
    acts = {**held.acts, digest: frame}
    if digest == held.opening:
        number = Number(
            case=held.case,
            epoch=1,
            number=1,
            previous=FIRST,
            act=digest,
            at=at,
            by=frame.author,
        )
        asked = replace(held, acts=acts, numbers=(number,))
    else:
        view = fold(practice, joint, held, at=at)
        last = view.acts[-1].number.at if view.acts else at
        number = Number(
            case=held.case,
            epoch=view.epoch,
            number=view.number + 1,
            previous=view.last,
            act=digest,
            at=max(at, last),
            by=view.convenor,
        )
        known = (each.number for each in view.acts)
        asked = replace(held, acts=acts, numbers=(*known, number))
    found = fold(practice, joint, asked, at=at).index.get(digest)
    return "waiting" if found is None else found.reason


def open_kinds(
    practice: Practice, joint: JointCase, view: View, *, party: AgencyId
) -> tuple[Kind, ...]:
    """Return the kinds a party may send now, as far as state, role and stops say."""
    return tuple(
        kind for kind in kinds_in(practice, joint) if _is_open(joint, view, kind, party)
    )


def _is_open(joint: JointCase, view: View, kind: Kind, party: AgencyId) -> bool:
    if kind.name in joint.kinds:
        return _has_step(joint, view, kind, party)
    return _fits(view, kind)


def _has_step(joint: JointCase, view: View, kind: Kind, party: AgencyId) -> bool:
    passes = not view.is_stopped or any(each.passes_stop for each in kind.branches)
    return passes and any(
        (step.before, step.kind) == (view.state, kind.name) and view.has_role(party, step.by)
        for step in joint.steps
    )


def _fits(view: View, kind: Kind) -> bool:
    word = kind.name.partition(".")[2]
    return word not in _CLOCKS and (view.is_stopped or word not in _OF_STOP)
