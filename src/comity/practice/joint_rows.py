"""What is stored of cases of several parties: acts, numbers, copies owed, evidence.

Rows hold codes, ids, times, frames and signatures; what a person wrote lies in encrypted
records, one for each part of an act that can be erased alone.
"""

from dataclasses import dataclass
from typing import ClassVar

from comity.core.store import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class JointRow(Row):
    """One case of several parties, beside its `CaseRow`."""

    table: ClassVar[str] = "joint_cases"
    key: ClassVar[tuple[str, ...]] = ("case",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("wire",), ("convenor", "is_over"))

    case: str
    wire: str
    """The case as its parties know it: 16 random bytes, in hex digits."""
    type: str
    opening: str
    """The digest of the act that opens it."""
    convenor: str
    epoch: int
    number: int
    """The last number folded here."""
    us: str
    """Our own agency in it."""
    parent: str
    """The parent case, as its parties know it."""
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRow(Row):
    """One party of a case, and the conversation in which we write to it alone."""

    table: ClassVar[str] = "joint_parties"
    key: ClassVar[tuple[str, ...]] = ("case", "party")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("party", "conv"),)

    case: str
    party: str
    conv: bytes
    told: int
    """Numbers given out by us and told to it, counted over all epochs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRow(Row):
    """One act of a case, ours or a party's: its frame, and what its author's agency signed."""

    table: ClassVar[str] = "joint_acts"
    key: ClassVar[tuple[str, ...]] = ("case", "digest")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("case", "author", "is_numbered"), ("case", "is_ours"),
    )  # fmt: skip

    case: str
    digest: str
    author: str
    kind: str
    frame: bytes
    signed: bytes
    leaves: bytes
    """The salt of its frame and the hashes of its other leaves: what proves the frame."""
    mid: bytes
    """The message it came in; of our own, empty."""
    record_id: str
    """Our own act whole, encrypted; of a party's, empty: it lies with its message."""
    stored_at: int
    is_ours: bool
    is_numbered: bool
    is_readable: bool
    """Whether we have more of it than its frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRow(Row):
    """One section of an act that we may read: a record of its own, erased alone."""

    table: ClassVar[str] = "joint_sections"
    key: ClassVar[tuple[str, ...]] = ("case", "digest", "place")

    case: str
    digest: str
    place: int
    name: str
    record_id: str
    state: str
    """`held`, `recalled` or `erased`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow(Row):
    """One number as a convenor's node signed it; two for one place are both kept."""

    table: ClassVar[str] = "joint_numbers"
    key: ClassVar[tuple[str, ...]] = ("case", "epoch", "number", "digest")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("case", "act"),)

    case: str
    epoch: int
    number: int
    digest: bytes
    """SHA-256 of what was signed."""
    act: str
    signed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRow(Row):
    """The copy of one of our acts that one party is to get, and what became of it."""

    table: ClassVar[str] = "joint_copies"
    key: ClassVar[tuple[str, ...]] = ("case", "digest", "party")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state",),)

    case: str
    digest: str
    party: str
    state: str
    """`owed`, `sent`, `referred` to a person, `withheld` (the proof went), `denied`."""
    mid: bytes
    """The message it went in, once sent."""
    decision: str
    is_proven: bool
    """Whether the proof went, while a person decides on the act itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedRow(Row):
    """What a product of several parties rests on: a message here, or another act."""

    table: ClassVar[str] = "joint_cited"
    key: ClassVar[tuple[str, ...]] = ("cited", "case", "digest")

    cited: str
    case: str
    digest: str
    stale_at: int | None
    """When what it cites was corrected or recalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseRow(Row):
    """Evidence, complete in itself, that a convenor or author said two things for one place."""

    table: ClassVar[str] = "joint_evidence"
    key: ClassVar[tuple[str, ...]] = ("case", "digest")

    case: str
    digest: str
    """SHA-256 of the evidence, in hex digits."""
    sort: str
    """`fork`, `revision` or `left-out`."""
    by: str
    evidence: bytes
    leaf: int
    at: int


ROWS: tuple[type[Row], ...] = (
    *(JointRow, PartyRow, ActRow, SectionRow, NumberRow, CopyRow, CitedRow, FalseRow),
)
