"""What is remembered of bundles: which were written for whom, and which were read.

States of a bundle written: `writing` (its medium is not known to be whole), `written`,
`carried` (a courier has it), `acked`, `gap` (the reader says it never came, or in part),
`rewritten` (what it held went into a later one). Whether it has *expired* follows from `exp`.
States of a bundle read: `read`, `acked` (its acknowledgement lies on a medium).
"""

from dataclasses import dataclass
from typing import ClassVar

from comity.core.store import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRow(Row):
    """One bundle written for one partner's node; numbered from 1 without a hole."""

    table: ClassVar[str] = "bundles"
    key: ClassVar[tuple[str, ...]] = ("to_node", "number")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state", "to_node"),)

    to_node: str
    number: int
    digest: bytes
    """SHA-256 of the manifest."""
    state: str
    at: int
    exp: int
    """When the last message in it runs out."""
    mids: bytes
    """The ids of its messages, 16 bytes each, in the manifest's order."""
    size: int
    """Size of our ledger that its checkpoint states; 0 where it carries none."""
    acked_at: int | None = None
    courier: str = ""
    """The record that names the courier; personal data with a short life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleReadRow(Row):
    """One bundle of a partner's node that was read here."""

    table: ClassVar[str] = "bundles_read"
    key: ClassVar[tuple[str, ...]] = ("from_node", "number")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state", "from_node"),)

    from_node: str
    number: int
    digest: bytes
    state: str
    written_at: int
    """By the sender's clock."""
    read_at: int
    items: int
    damaged: bytes
    """Positions of items that were missing or altered, four bytes each."""
    answers: bytes
    """The receipts and rejections, as they go back."""
    checkpoint: bytes
    """The sender's checkpoint that came with it."""
    courier: str = ""
