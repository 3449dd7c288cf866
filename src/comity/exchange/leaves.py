"""Leaves of the road: what a unit commits to, never what it says.

A leaf's record names its own type, so that one salt and one record cannot serve two leaves.
Salt and record go into the Safe together; erasing them leaves a commitment without meaning.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Entropy, Instant
from comity.ledger import Leaf, LeafType, commit_to
from comity.message import Content, Handling, decode_content


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A salted record and the entry that commits to it."""

    leaf: Leaf
    salt: bytes
    record: bytes

    def evidence(self) -> Value:
        """Return what opens this leaf to an inspector."""
        return {"salt": self.salt, "record": self.record}


def commit(  # noqa: PLR0913 - one keyword for each field of a leaf
    sort: LeafType,
    record: Mapping[str, Value],
    *,
    at: Instant,
    entropy: Entropy,
    digest: bytes | None = None,
    follows: int | None = None,
) -> Commitment:
    """Make one leaf over `record` with a fresh salt and reference."""
    drawn = entropy.take(48)
    salt = drawn[:32]
    sealed = cbor.encode({**record, "leaf": int(sort)})
    leaf = Leaf(
        type=sort,
        at=at // 1000,
        ref=drawn[32:],
        commitment=commit_to(salt, sealed),
        digest=digest,
        follows=follows,
    )
    return Commitment(leaf=leaf, salt=salt, record=sealed)


def pack(content: Mapping[str, Value], *commitments: Commitment) -> bytes:
    """Write what the Safe keeps for one unit: its content and the evidence of its leaves."""
    return cbor.encode({**content, "evidence": [made.evidence() for made in commitments]})


def marking_of(handling: Handling) -> bytes:
    """Return the digest of a marking, as the author signs it beside the content."""
    return hashlib.sha256(str(handling).encode()).digest()


def content_of(kept: bytes) -> Content:
    """Read the content out of what a unit kept; raises `InvalidInputError` without one."""
    members = cast("Mapping[str, Value]", cbor.decode(kept))
    return decode_content(cast("bytes", members["content"]))
