"""How many must agree as a federation grows: steps declared beforehand, a veto for nobody.

A network starts with two members and one oversight seat. Each root declares the steps that bind
the next one, so that no quorum is chosen for the occasion.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.core.errors import VerificationError

_LEAST, _BODIES_FROM = 2, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What holds from so many members on."""

    members: int
    quorum: int
    """Members that sign root and targets, beside an oversight key."""
    suspension: int
    """Parties that suspend a member, of whom one may be an oversight body."""
    silent: int
    """Members that suffice where no oversight body answered for 30 days."""
    bodies: int = 1
    """Oversight bodies that the root lists at least; any one signs."""

    def check(self) -> None:
        """Refuse a step by which few could act for many; raises `VerificationError`."""
        is_most = 2 * self.members <= 3 * self.quorum <= 3 * self.members
        is_more = min(self.quorum + 1, self.members) <= self.silent <= self.members
        is_fair = _LEAST <= self.suspension <= max(_LEAST, self.quorum)
        if not (is_most and is_more and is_fair and self.bodies >= 1):
            raise VerificationError(f"the declared step to {self.members} members is unfair")


def step_for(members: int) -> Step:
    """Return the customary step: two thirds, a third to suspend, all but one in silence."""
    quorum = max(_LEAST, -(-2 * members // 3))
    return Step(
        members=members,
        quorum=quorum,
        suspension=max(_LEAST, -(-members // 3)),
        silent=min(members, max(quorum + 1, members - 1)),
        bodies=2 if members >= _BODIES_FROM else 1,
    )


def declared_steps(most: int = 12) -> tuple[Step, ...]:
    """Return the customary steps from two members to `most`."""
    return tuple(step_for(count) for count in range(_LEAST, most + 1))


def in_force(steps: Sequence[Step], members: int) -> Step | None:
    """Return the step that binds so many members; raises where none was declared for them."""
    if not steps:
        return None
    below = [step for step in steps if step.members <= members]
    if not below:
        raise VerificationError(f"no step is declared for {members} members")
    return max(below, key=lambda step: step.members)
