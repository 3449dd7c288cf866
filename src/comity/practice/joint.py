"""Cases of several parties, as data: steps, quorums, guards, timers, children.

Where an act stands is decided by numbers and frames alone (`fold`), so that every party comes
to the same view whatever it may read. What a guard, a quorum or a timer reads is framed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from comity.practice.view import Sight

Guard = Callable[[Sight], str]
"""Says why an act may not take a step, in a code people have words for; empty where it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The same act from so many: of all parties, of a role, or of those the body names."""

    kinds: tuple[str, ...]
    """Kinds that count, together."""
    need: int = 0
    """How many; 0 for all who are named."""
    role: str = ""
    """Whose acts count: parties with this role of the roster; empty for every party."""
    field: str = ""
    """The framed field of the current revision that names them, in place of a role."""
    count_field: str = ""
    """The framed field of the current revision that says how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """Groups of which one suffices."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JointStep:
    """One lawful step of a case of several parties."""

    before: str
    kind: str
    after: str
    choice: str = ""
    """The choice of the framed deciding field that takes this step; empty for every other."""
    by: str = ""
    """Who may take it: any party, the `convenor`, or a role of the roster."""
    guard: str = ""
    quorum: str = ""
    """Taken by the act that completes this quorum; until then acts are collected."""
    unlike: str = ""
    """The kind whose author, as a person, must be another."""
    unlike_seat: str = ""
    """The kind that must have come from another seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTimer:
    """What the convenor's node does once an instant is past, as a numbered act."""

    name: str
    state: str
    after: str
    field: str = ""
    """The framed instant of the current revision it counts from; empty: entering the state."""
    offset: int = 0
    """In ms; negative before the instant."""
    runs_on: bool = False
    """Whether it protects, and so runs on while the case is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """How a parent reads the states of its child cases of one type."""

    case: str
    done: frozenset[str]
    failed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class JointCase:
    """One type of case of several parties, with its states and who moves them."""

    name: str
    opens: str
    """The kind that opens it and frames its roster, `parties`; its author is the convenor."""
    steps: tuple[JointStep, ...]
    initial: str = "none"
    closed: frozenset[str] = frozenset()
    revises: frozenset[str] = frozenset()
    """Kinds that carry a revision of the body: they frame `revision` and `previous`."""
    withdraws: Mapping[str, str] = field(default_factory=dict[str, str])
    """Kinds that take back what their author did for the same root, and what they take back."""
    quorums: Mapping[str, Quorum] = field(default_factory=dict[str, Quorum])
    guards: Mapping[str, Guard] = field(default_factory=dict[str, Guard])
    timers: tuple[JointTimer, ...] = ()
    caution: tuple[str, ...] = ()
    """Kinds of which the more cautious wins where neither author knew of the other's act."""
    handover: str = ""
    """The quorum that hands the numbering over; empty: more than half of the parties."""
    children: tuple[Children, ...] = ()

    @property
    def states(self) -> frozenset[str]:
        """Every state a case of this type can be in."""
        steps = {step.after for step in self.steps} | {timer.after for timer in self.timers}
        return frozenset({self.initial} | steps)

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind that moves or is collected in it."""
        return frozenset({self.opens} | {step.kind for step in self.steps})


def fold_children(children: Children, states: Sequence[str], *, hidden: int = 0) -> bool | None:
    """Say whether all children are done: `True`, `False` where one failed, `None` for unknown.

    `hidden` is how many there are that this party may not see. No child at all is unknown.
    """
    if any(state in children.failed for state in states):
        return False
    is_known = bool(states) and not hidden
    return True if is_known and all(state in children.done for state in states) else None
