"""The delegated role `status`: suspensions for conduct, closures for stolen keys.

Fewer sign it than an expulsion wants: protecting the network must be quicker than ending a
membership. What it says cannot be abused for long: a suspension lapses within 14 days, a
closure ends as soon as the member holds new keys.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.core import limits
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import MemberId, member_id
from comity.trust.metadata import Metadata, TargetFile, Targets, load, parse
from comity.trust.standing import Suspension

STATUS = "status"
"""The role's name."""
STATUS_FILE = "status/standing.json"
"""Its one target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Closes a member whose keys are stolen, until it holds others."""

    since: Instant
    keys: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    """Digest of the stolen key set."""
    ground: Annotated[str, Meta(max_length=1_000)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the role says about members by name."""

    suspended: Annotated[Mapping[MemberId, Suspension], Meta(max_length=limits.LISTED)] = field(
        default_factory=dict[MemberId, Suspension]
    )
    closed: Annotated[Mapping[MemberId, Closure], Meta(max_length=limits.LISTED)] = field(
        default_factory=dict[MemberId, Closure]
    )


def read_status(data: bytes) -> Status:
    """Read the role's target; raises `InvalidInputError`."""
    found = parse(data, Status, limit=limits.MEMBER_DOCUMENT, where=STATUS_FILE)
    for name in (*found.suspended, *found.closed):
        member_id(name)
    return found


def write_status(status: Status) -> bytes:
    """Write the role's target as deterministic JSON; raises as `read_status` does."""
    data = msgspec.json.format(msgspec.json.encode(status, order="deterministic"), indent=1)
    read_status(data)
    return data


def make_status(document: bytes, *, expires: Instant, previous: bytes | None = None) -> bytes:
    """Draft the role's metadata over its document; unsigned."""
    read_status(document)
    version = 1
    if previous is not None:
        before = load(previous, Targets, where=STATUS).signed
        if STATUS_FILE not in before.targets:
            raise InvalidInputError("the previous file is not the standing of members")
        version = before.version + 1
    targets = Targets(
        version=version,
        expires=datetime.fromtimestamp(expires // 1000, UTC),
        targets={STATUS_FILE: TargetFile.from_data(STATUS_FILE, document)},
    )
    return Metadata(targets).to_bytes()
