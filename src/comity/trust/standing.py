"""Where a member stands: candidate, member, suspended, closed for compromise, or gone.

A suspension is for conduct and lapses by itself; a closure is for stolen keys and never does.
"""

from dataclasses import dataclass
from enum import Enum, unique
from typing import Annotated

from msgspec import Meta

from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError

SUSPENSION = 14 * DAY
"""Longest that one suspension holds, in ms."""


@unique
class Standing(Enum):
    """What a member may do in the federation."""

    CANDIDATE = "candidate"
    """Works in exercise mode only, until a threshold of members admits it."""
    MEMBER = "member"
    SUSPENDED = "suspended"
    """Protective messages and warnings of danger to life pass, nothing else."""
    CLOSED = "closed"
    """Its keys are stolen: nothing passes until a new key ceremony of that member."""
    LEFT = "left"
    """It left or was expelled: its proofs stay verifiable, protective messages pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Holds a member back from `since` to before `until`, at most 14 days."""

    since: Instant
    until: Instant
    ground: Annotated[str, Meta(max_length=1_000)]

    def __post_init__(self) -> None:
        """Refuse one that would not lapse in time."""
        if not 0 <= self.since < self.until <= self.since + SUSPENSION:
            raise InvalidInputError("expected a suspension of at most 14 days")

    def holds(self, at: Instant) -> bool:
        """Say whether it stands at `at`."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """The federation's registry log: every root and targets version, every announcement."""

    origin: str
    """`<federation>/log/registry/<epoch>`."""
    vkeys: tuple[str, ...]
    urls: tuple[str, ...] = ()
    """Addresses below which its mirrors serve `registry/…`."""
