"""Whether enough parties did the same, and who is missing: pure over a view, at a time."""

from collections.abc import Collection, Mapping
from typing import TypeAlias

from comity.core.clock import Instant
from comity.core.ids import AgencyId
from comity.practice.frame import as_list
from comity.practice.joint import Group, JointCase, Quorum
from comity.practice.model import Kind
from comity.practice.terms import Second
from comity.practice.view import Counted, Met, View

Kinds: TypeAlias = Mapping[str, Kind]


def met(view: View, quorum: Quorum, *, kinds: Kinds, at: Instant) -> Met:
    """Say whether one group of a quorum is met at `at`, and who is missing where none is."""
    best: tuple[AgencyId, ...] | None = None
    for group in quorum.groups:
        asked = _asked(view, group)
        have = {
            party
            for party in asked
            for kind in group.kinds
            if (act := view.standing.get((party, kind))) is not None
            and counts(view, act, kinds=kinds, at=at)
        }
        need = _need(view, group, asked)
        # INVARIANT: all of nobody is not a quorum.
        if have and len(have) >= need:
            return Met(is_met=True)
        missing = tuple(sorted(asked - have))
        best = missing if best is None or len(missing) < len(best) else best
    return Met(is_met=False, missing=best or ())


def counts(view: View, act: Counted, *, kinds: Kinds, at: Instant) -> bool:
    """Whether an act still counts for a quorum: not expired, unconditional, of this root."""
    until, root = act.frame.number("until"), act.frame.text("root")
    return (
        (until is None or until > at)
        and not act.frame.number("conditions")
        and root in {"", view.root}
        and not is_unconfirmed(act, kinds=kinds, at=at)
    )


def is_unconfirmed(act: Counted, *, kinds: Kinds, at: Instant) -> bool:
    """Whether the time has passed in which an act's second person had to confirm it."""
    kind = kinds.get(act.frame.kind)
    if kind is None or kind.second is not Second.AFTER or act.second:
        return False
    return at > act.number.at + kind.confirm_within


def handover_need(joint: JointCase, parties: int) -> int:
    """Return how many parties hand the numbering over: more than half, or as declared."""
    declared = joint.quorums.get(joint.handover)
    half = parties // 2 + 1
    if declared is None:
        return half
    return max(half, *(group.need or parties for group in declared.groups))


def _asked(view: View, group: Group) -> frozenset[AgencyId]:
    if group.field:
        named = _listed(view.body.get(group.field))
        return frozenset(party for party in view.parties if party in named)
    return frozenset(party for party in view.parties if view.has_role(party, group.role))


def _need(view: View, group: Group, asked: Collection[AgencyId]) -> int:
    count = view.body.get(group.count_field) if group.count_field else group.need
    # A count that the body should say and does not is everybody; so is a name of no party.
    everybody = len(_listed(view.body.get(group.field))) if group.field else len(asked)
    return count if isinstance(count, int) and count > 0 else max(1, everybody)


def _listed(value: object) -> frozenset[object]:
    return frozenset(as_list(value))
