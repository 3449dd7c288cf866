"""When the timers of a case of several parties fire; only the convenor's node fires them."""

from comity.core.clock import Instant
from comity.practice.joint import JointCase, JointTimer
from comity.practice.view import View


def due_at(timer: JointTimer, view: View) -> Instant | None:
    """Return the instant at which a timer fires in this view, or `None` where it does not."""
    if timer.state != view.state or (view.is_stopped and not timer.runs_on):
        return None
    if not timer.field:
        return Instant(view.entered + timer.offset)
    since = view.body.get(timer.field)
    is_instant = isinstance(since, int) and not isinstance(since, bool)
    return Instant(int(str(since)) + timer.offset) if is_instant else None


def due_timers(joint: JointCase, view: View, *, at: Instant) -> tuple[JointTimer, ...]:
    """Return the timers the convenor has to fire now, in the order of the declaration."""
    return tuple(
        timer
        for timer in joint.timers
        if (due := due_at(timer, view)) is not None and due <= at
    )
