"""What a node keeps about checkpoints, its own and others', and about its clock."""

from dataclasses import dataclass
from typing import ClassVar

from comity.core.store import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow(Row):
    """A checkpoint this node signed, with every cosignature gathered so far."""

    table: ClassVar[str] = "checkpoint"
    key: ClassVar[tuple[str, ...]] = ("size",)

    size: int
    root: bytes
    note: bytes
    at: int
    witnessed_at: int | None = None
    witnesses: int = 0
    cosigners: str = ""
    """Names of the nodes that cosigned, with spaces between."""
    met_at: int | None = None
    """By when a quorum of the policy had seen it; `None` while none has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedRow(Row):
    """The newest checkpoint cosigned for another log, stored before the answer left."""

    table: ClassVar[str] = "witnessed"
    key: ClassVar[tuple[str, ...]] = ("origin",)

    origin: str
    size: int
    root: bytes
    note: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltRow(Row):
    """Proof that we once signed what this store does not hold: nothing more is signed."""

    table: ClassVar[str] = "halt"
    key: ClassVar[tuple[str, ...]] = ("origin",)

    origin: str
    size: int
    root: bytes
    note: bytes
    """The checkpoint, under our own signature, as a witness kept it."""
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow(Row):
    """The last comparison with one witness's clock."""

    table: ClassVar[str] = "clock"
    key: ClassVar[tuple[str, ...]] = ("node",)

    node: str
    member: str
    ahead: int
    """Milliseconds by which our clock was at least ahead; below 0: behind."""
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStopRow(Row):
    """That sending is stopped because of the clock: since when, and how far off it was."""

    table: ClassVar[str] = "clock_stop"
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    ahead: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseRow(Row):
    """When the store last took a write that was made to see whether it does."""

    table: ClassVar[str] = "pulse"
    key: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow(Row):
    """The newest checkpoint another log showed us that agrees with all it showed before."""

    table: ClassVar[str] = "shown"
    key: ClassVar[tuple[str, ...]] = ("origin",)

    origin: str
    size: int
    root: bytes
    note: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnprovenRow(Row):
    """A checkpoint somebody showed us that is not yet compared with what we hold."""

    table: ClassVar[str] = "unproven"
    key: ClassVar[tuple[str, ...]] = ("origin", "digest")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("at",),)

    origin: str
    digest: bytes
    """SHA-256 of the three signed lines."""
    note: bytes
    at: int
    tried: int = 0
    next_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivocationRow(Row):
    """Evidence that a log signed two histories; whoever holds its key can check it offline."""

    table: ClassVar[str] = "equivocation"
    key: ClassVar[tuple[str, ...]] = ("digest",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("origin",), ("at",))

    digest: bytes
    """SHA-256 of both checkpoints' signed lines."""
    origin: str
    evidence: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedRow(Row):
    """How far a monitor has followed another log."""

    table: ClassVar[str] = "followed"
    key: ClassVar[tuple[str, ...]] = ("origin",)

    origin: str
    size: int
    met: int
    """The largest size a quorum of its policy was seen to have cosigned."""
    behind: int | None
    """Since when something has stood that no quorum has seen; `None` where all is seen."""
    heard: int
    """When it last answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow(Row):
    """An envelope digest in another log: what was sent, receipted and received is paired."""

    table: ClassVar[str] = "pair"
    key: ClassVar[tuple[str, ...]] = ("digest", "origin", "type")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("type", "is_paired", "at"),)

    digest: bytes
    origin: str
    type: int
    at: int
    is_paired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow(Row):
    """Something about another log that cannot be right, until it is."""

    table: ClassVar[str] = "ledger_alarm"
    key: ClassVar[tuple[str, ...]] = ("sort", "origin")

    sort: str
    origin: str
    words: str
    since: int
    cleared: int | None = None


ROWS: tuple[type[Row], ...] = (
    CheckpointRow,
    WitnessedRow,
    HaltRow,
    ClockRow,
    ClockStopRow,
    PulseRow,
    ShownRow,
    UnprovenRow,
    EquivocationRow,
    FollowedRow,
    PairRow,
    AlarmRow,
)
