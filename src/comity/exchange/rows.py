"""What the road leaves behind: decisions, outbox, inbox, prekeys, case events.

Rows hold ids, codes, times and sealed bytes; whatever a person wrote is in an encrypted record.
"""

from dataclasses import dataclass
from typing import ClassVar

from comity.core.store import Row
from comity.exchange.bundle_rows import BundleReadRow, BundleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow(Row):
    """One answer of our own law, written with its leaf before anything leaves (TX-D)."""

    table: ClassVar[str] = "decision"
    key: ClassVar[tuple[str, ...]] = ("decision",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state", "at"), ("case",))

    decision: str
    case: str
    kind: str
    recipient: str
    person: str
    at: int
    verdict: int
    digest: bytes
    packs: bytes
    """Digest of the packs it was made under; `log` checks they still hold."""
    directory: int
    leaf: int
    commitment: bytes
    record_id: str
    """The draft, the act and the explanation, encrypted."""
    state: str
    """`open`, `used` (permits); `waiting`, `resumed`, `dropped` (referrals); `denied`.

    A permit whose partner revoked its key is `awaits-key`, and ends as `resumed` or `dropped`.
    """
    due: int | None = None
    """When a waiting referral must have been decided, or a kept permit is worth a try."""
    rules: str = ""
    """What each rule came to, in codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow(Row):
    """One sealed copy for one recipient (TX-L), until receipted, rejected or expired (TX-R)."""

    table: ClassVar[str] = "outbox"
    key: ClassVar[tuple[str, ...]] = ("mid",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("state", "to_node", "aside", "rank", "due", "sent_leaf"),
        ("state", "to_node", "sent_leaf"),
        ("state", "exp"),
        ("state", "code", "next_at"),
        ("case",),
        ("digest",),
    )

    mid: bytes
    to_node: str
    recipient: str
    digest: bytes
    envelope: bytes
    case: str
    kind: str
    decision: str
    person: str
    created: int
    exp: int
    rank: int
    """0 for urgent, 1 for normal: the order within a partner's queue."""
    state: str
    """`queued`, `barred` (by our own door), `receipted`, `rejected`, `expired`."""
    next_at: int
    """When a message set aside is tried again."""
    attempts: int
    """How often it was set aside."""
    sent_leaf: int
    record_id: str
    """Our own copy of what was said, encrypted."""
    receipt: bytes | None = None
    stored_at: int | None = None
    seen_at: int | None = None
    code: str = ""
    recalled_at: int | None = None
    complied_at: int | None = None
    replaces: bytes | None = None
    """The message this one carries anew, because its partner could not open it in time."""
    replaced_by: bytes | None = None
    due: int = 0
    """When it should be with its partner; the order among messages of one rank."""
    aside: bool = False
    """Whether it waits beside its partner's queue, until `next_at`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow(Row):
    """One message filed or held here (TX-F), unique by (sending node, message id)."""

    table: ClassVar[str] = "inbox"
    key: ClassVar[tuple[str, ...]] = ("from_node", "mid")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("mid",),
        ("case",),
        ("state", "stored_at"),
    )

    from_node: str
    mid: bytes
    digest: bytes
    author: str
    recipient: str
    case: str
    kind: str
    urgency: str
    state: str
    """`filed`, `held` (for a person; `filed` once let in), `restricted` (of a member
    that left; `filed` again on agreed terms), `recalled`, `erased`."""
    stored_at: int
    exp: int
    leaf: int
    receipt: bytes
    record_id: str
    items: int
    seen_at: int | None = None
    seen_by: str | None = None
    rules: str = ""
    """What each rule of our own law came to when it came, in codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrekeyRow(Row):
    """The newest prekey a partner's node signed, as it signed it."""

    table: ClassVar[str] = "prekey"
    key: ClassVar[tuple[str, ...]] = ("node",)

    node: str
    kid: bytes
    notice: bytes
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRow(Row):
    """A door this member closed to a partner, for one purpose or, where empty, for all."""

    table: ClassVar[str] = "doors"
    key: ClassVar[tuple[str, ...]] = ("partner", "purpose")

    partner: str
    """An agency, or a whole member."""
    purpose: str
    person: str
    at: int
    warnings: bool = False
    """Whether warnings of danger to life are closed out as well."""
    record_id: str = ""
    """Why, in words, encrypted."""
    reopen_by: str = ""
    """The first of the two who open it."""
    reopen_at: int | None = None
    opened_at: int | None = None
    """When two persons opened it; the row goes once what it held back has gone on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow(Row):
    """A call for a person's eyes: to an urgent message here, about one we sent, or a trial."""

    table: ClassVar[str] = "calls"
    key: ClassVar[tuple[str, ...]] = ("call",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state", "next_at"), ("sort", "at"))

    call: str
    """The message's id, or `test-` and the month of a trial."""
    case: str
    sort: str
    """`here`, `sent` or `test`."""
    at: int
    next_at: int
    """When the next person is woken, or the sender looks whether anybody has seen it."""
    step: int = 0
    """How many have been woken in this round."""
    state: str = "open"
    """`open`; `seen`, `answered` (a trial), `missed` by all, or `gone` with its message."""
    person: str = ""
    """Who saw it, or has said that they are looking."""
    ended: int | None = None
    missed_at: int | None = None
    """When everybody had been woken and nobody had come; the round begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow(Row):
    """One line of a case's timeline: who did what when, and the leaf that proves it."""

    table: ClassVar[str] = "event"
    key: ClassVar[tuple[str, ...]] = ("case", "event")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("at",),)

    case: str
    event: str
    at: int
    sort: str
    """`permitted`, `sent`, `received`, `receipted`, `opened`, `judged` …: the leaf's word."""
    kind: str
    partner: str
    person: str
    leaf: int | None
    reference: str
    """What it is about: a message id, decision or record, never content."""
    state: str
    """The case's state after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainRow(Row):
    """A message queued again for a restored node; with no message, that it asked at all."""

    table: ClassVar[str] = "again"
    key: ClassVar[tuple[str, ...]] = ("node", "restore", "mid")

    node: str
    restore: bytes
    mid: bytes
    at: int


ROWS: tuple[type[Row], ...] = (
    BundleReadRow,
    BundleRow,
    AgainRow,
    DecisionRow,
    OutboxRow,
    InboxRow,
    PrekeyRow,
    DoorRow,
    CallRow,
    EventRow,
)
