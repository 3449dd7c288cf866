"""What the registry log holds: every root and targets version, and what must be told before.

Its entries are small JSON documents; the tree around them is a ledger in C2SP formats, which
the node checks. Here they are read and asked: was this version recorded, this step announced?
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.core import limits
from comity.core.clock import DAY, Instant
from comity.core.errors import VerificationError
from comity.core.ids import MemberId
from comity.trust.metadata import parse

LOSS_NOTICE = 7 * DAY
"""How long the new keys of a member that lost its own stand announced before they count."""
SILENCE_NOTICE = 30 * DAY
"""How long a root or targets stands announced before it counts without an oversight key."""


@unique
class Recorded(Enum):
    """What an entry of the registry log is about."""

    ROOT = "root"
    TARGETS = "targets"
    LOSS = "loss"
    """Announces keys for a member that lost its own; `digest` names the new key set."""
    OBJECTION = "objection"
    """The old keys of that member say no; `digest` names the key set they refuse."""
    SILENCE = "silence"
    """Announces that oversight did not answer; `digest` is of the bytes to be signed."""


Digest = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry of the registry log."""

    sort: Recorded
    at: Instant
    """When the publisher says it was entered; what counts is when it was seen."""
    digest: Digest
    """SHA-256 in hex of the file, key set or bytes it is about."""
    version: int = 0
    member: MemberId | None = None
    consent: Annotated[Mapping[str, str], Meta(max_length=16)] = field(
        default_factory=dict[str, str]
    )
    """Signatures of an objection in hex, by public key in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A record, and since when it is known to stand in the log for all to see."""

    record: Record
    seen: Instant | None


@dataclass(frozen=True, slots=True)
class Records:
    """The registry log as this reader holds it, oldest first."""

    noted: tuple[Noted, ...] = ()

    def has(self, sort: Recorded, *, version: int, digest: str) -> bool:
        """Say whether this file is recorded; raises `VerificationError` where another is."""
        found = {
            each.record.digest
            for each in self.noted
            if each.record.sort is sort and each.record.version == version
        }
        # INVARIANT: one version has one text: a second one in the log refuses the directory.
        if found - {digest}:
            raise VerificationError(
                f"the registry log shows another {sort.value} under version {version}"
            )
        return bool(found)

    def is_announced(
        self, sort: Recorded, digest: str, *, at: Instant, notice: int, member: str = ""
    ) -> bool:
        """Say whether this step has stood announced for `notice` ms at `at`."""
        return any(
            each.seen is not None and each.seen + notice <= at
            for each in self.noted
            if each.record.sort is sort
            and each.record.digest == digest
            and (each.record.member or "") == member
        )

    def objections(self, member: MemberId, digest: str) -> tuple[Record, ...]:
        """Return what a member's old keys said against a key set."""
        return tuple(
            each.record
            for each in self.noted
            if each.record.sort is Recorded.OBJECTION
            and (each.record.member, each.record.digest) == (member, digest)
        )


def write_record(record: Record) -> bytes:
    """Write an entry as deterministic JSON; raises as `read_record` does."""
    data = msgspec.json.encode(record, order="deterministic")
    read_record(data)
    return data


def read_record(data: bytes) -> Record:
    """Read an entry of the registry log; raises `InvalidInputError`."""
    return parse(data, Record, limit=limits.REGISTRY_ENTRY, where="a registry entry")
