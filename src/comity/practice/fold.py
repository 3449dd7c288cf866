"""Where a case of several parties stands: a pure fold of frames over the convenor's numbers.

INVARIANT: the view depends on what is held and on nothing else: not on the order of arrival,
not on what arrived twice, not on what the reader may read of an act.
"""

from collections.abc import Iterable
from dataclasses import replace

from comity.core.clock import HOUR, Instant
from comity.core.ids import AgencyId
from comity.practice import joint_acts as acts
from comity.practice.joint import JointCase
from comity.practice.joint_kinds import kinds_in
from comity.practice.joint_run import Run
from comity.practice.model import Practice
from comity.practice.quorum import handover_need
from comity.practice.sequence import Chain, Held, chain
from comity.practice.view import Counted, Number, View

CONCURRENT = 24 * HOUR
"""How far apart, in ms, two acts may be numbered whose authors did not know of each other's."""


def fold(practice: Practice, joint: JointCase, held: Held, *, at: Instant) -> View:
    """Return the view of a case from what one party holds of it, as of `at`.

    It stops before the first number that is missing, or whose act is: early acts wait.
    """
    opening = held.acts[held.opening]
    found = chain(held, need=handover_need(joint, len(opening.roster)))
    kinds = {kind.name: kind for kind in kinds_in(practice, joint)}
    overruled: dict[str, str] = {}
    refuted: set[tuple[str, str]] = set()
    while True:
        run = Run(joint, kinds, held.case, opening.author)
        new = _through(run, found, held, overruled=overruled, refuted=refuted)
        if new is not None:
            overruled[new[0]] = new[1]
            continue
        # An act that does not count in the end has overruled nothing.
        wrong = {pair for pair in overruled.items() if not run.is_counted(pair[1])}
        if not wrong:
            return _as_of(run, found, held, at=at)
        refuted |= wrong
        overruled = {act: by for act, by in overruled.items() if (act, by) not in wrong}


def _through(
    run: Run,
    found: Chain,
    held: Held,
    *,
    overruled: dict[str, str],
    refuted: set[tuple[str, str]],
) -> tuple[str, str] | None:
    """Apply every number; return an act and the more cautious one that overrules it, if new."""
    for number in found.numbers:
        frame = held.acts.get(number.act)
        if frame is None:
            return None
        seen = run.seen_by(frame, number)
        rivals = tuple(_concurrent(run, number, seen=seen))
        rank = _rank(run.joint, frame.kind)
        stricter = any(_rank(run.joint, each.frame.kind) > rank >= 0 for each in rivals)
        is_over = number.act in overruled or stricter
        reason = "overruled" if is_over else acts.apply(run, number, frame)
        run.note(Counted(number=number, frame=frame, reason=reason))
        for each in () if is_over else rivals:
            # Also where this act has no step: without the bolder one it might have had.
            pair = (each.digest, number.act)
            if 0 <= _rank(run.joint, each.frame.kind) < rank and pair not in refuted:
                return pair
    return None


def _concurrent(run: Run, number: Number, *, seen: int) -> Iterable[Counted]:
    """Yield the counted acts, of a declared caution, that an author had not seen."""
    for each in reversed(run.cautious):
        if each.number.number <= seen or number.at - each.number.at > CONCURRENT:
            break
        yield each


def _rank(joint: JointCase, kind: str) -> int:
    return joint.caution.index(kind) if kind in joint.caution else -1


def _as_of(run: Run, found: Chain, held: Held, *, at: Instant) -> View:
    view = run.view()
    done = view.number
    waits = found.waits_for
    if done < len(found.numbers):
        waits = "act" if found.numbers[done].act not in held.acts else waits
    stops = acts.lasting(view.stops, at=at)
    lifts = view.lifts if stops else frozenset[AgencyId]()
    epoch, convenor = run.epoch, run.convenor
    if done == len(found.numbers):
        epoch, convenor = found.epoch, found.convenor
    return replace(
        view,
        at=at,
        stops=stops,
        lifts=lifts,
        waits_for=waits,
        epoch=epoch,
        convenor=convenor,
    )
