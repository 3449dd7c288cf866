"""What a node keeps about checkpoints: its own, those it cosigned, and why it stopped."""

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


ROWS: tuple[type[Row], ...] = (CheckpointRow, WitnessedRow, HaltRow)
