"""What a party sees of a case of several: who, where it stands, what counts and why not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import AgencyId
from comity.practice.frame import Frame, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """The place a convenor gave an act; `act` and `previous` are digests, 64 hex digits."""

    case: str
    epoch: int
    number: int
    previous: str
    """The act numbered before it; 64 zeros for the first."""
    act: str
    at: Instant
    """The convenor's time: expiry and timers are judged by it."""
    by: AgencyId


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A numbered act, and why it does not count where it does not."""

    number: Number
    frame: Frame
    reason: str = ""
    second: bool = False
    """Whether its second person confirmed it, before or after."""

    @property
    def digest(self) -> str:
        """The act's digest."""
        return self.number.act

    @property
    def is_counted(self) -> bool:
        """Whether it counts."""
        return not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StopMark:
    """A stop of one party: by whom, since when, and whether a second person confirmed it."""

    party: AgencyId
    act: str
    at: Instant
    hand: bytes
    ground: str
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DissentMark:
    """That a party dissents from an act; it stays, whoever may read why."""

    party: AgencyId
    act: str
    root: str
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A case of several parties, folded from what one of them holds."""

    case: str
    type: str
    state: str
    at: Instant
    number: int = 0
    """The last number folded; later ones wait."""
    epoch: int = 1
    convenor: AgencyId
    roster: tuple[Party, ...] = ()
    revision: int = 0
    root: str = ""
    """The current revision's: the digest of the act that carries it."""
    body: Mapping[str, Value] = field(default_factory=dict[str, Value])
    """The framed fields of the current revision."""
    entered: Instant
    """The convenor's time at which the state was entered."""
    acts: Sequence[Counted] = ()
    """Every act folded, in order."""
    index: Mapping[str, Counted] = field(default_factory=dict[str, Counted])
    """The same by digest."""
    standing: Mapping[tuple[AgencyId, str], Counted] = field(
        default_factory=dict[tuple[AgencyId, str], Counted]
    )
    """The newest act of each party and kind under the current revision, if not withdrawn."""
    stops: tuple[StopMark, ...] = ()
    lifts: frozenset[AgencyId] = frozenset()
    dissents: tuple[DissentMark, ...] = ()
    stale: frozenset[str] = frozenset()
    """Products that cite what was corrected or recalled, or that were themselves."""
    recalled: frozenset[tuple[str, int]] = frozenset()
    """Act and section recalled; 0 for all of it."""
    waits_for: str = ""
    """`number`, `act` or `fork` where the fold cannot go on."""

    @property
    def is_stopped(self) -> bool:
        """Whether a stop holds the case."""
        return bool(self.stops)

    @property
    def parties(self) -> frozenset[AgencyId]:
        """Every party of the current revision."""
        return frozenset(each.party for each in self.roster)

    @property
    def last(self) -> str:
        """The digest of the last act numbered; 64 zeros where there is none."""
        return self.acts[-1].digest if self.acts else "0" * 64

    def of(self, *kinds: str) -> tuple[Counted, ...]:
        """Return the acts of these kinds that count, in order."""
        return tuple(each for each in self.acts if each.is_counted and each.frame.kind in kinds)

    def has_role(self, party: AgencyId, role: str) -> bool:
        """Whether a party has a role; the empty role is everybody's."""
        if role == "convenor":
            return party == self.convenor
        found = (each for each in self.roster if each.party == party)
        return any(not role or role in each.roles for each in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Whether a quorum is met, and who is missing from the group that lacks the fewest."""

    is_met: bool
    missing: tuple[AgencyId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a guard may look at: the case before the act, the act, and the convenor's time."""

    view: View
    frame: Frame
    at: Instant
    met: Callable[[str], Met]
    """Says how a quorum of the declaration stands."""
