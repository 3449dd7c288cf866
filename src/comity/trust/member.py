"""A member's document: its agencies, nodes, keys and contact points, as it signs them itself.

It is the target `members/<id>/member.json`; the classes below are its format, field by field.
Fields this version does not know are left alone: the signature covers them, and no meaning is
guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from comity.core import limits
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, MemberId, NodeId, agency_id, member_id, member_of, node_id
from comity.core.keys import PublicKey
from comity.trust.metadata import parse, tuf_key

Text: TypeAlias = Annotated[str, Meta(max_length=limits.NAME, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
Url: TypeAlias = Annotated[str, Meta(max_length=limits.NAME, pattern=r"\Ahttps?://[!-~]+\Z")]
Vkey: TypeAlias = Annotated[str, Meta(max_length=4 * limits.KIB, pattern=r"\A[!-~]+\Z")]
Certificate: TypeAlias = Annotated[bytes, Meta(max_length=8 * limits.KIB)]
Listed = Meta(max_length=limits.LISTED)
When: TypeAlias = Annotated[Instant, Meta(ge=0, lt=253_402_300_800_000)]
Words: TypeAlias = Annotated[tuple[Text, ...], Listed]


@unique
class Sort(Enum):
    """What an agency is."""

    POLICE = "police"
    BORDER = "border"
    FIU = "fiu"
    JUSTICE = "justice"
    MILITARY = "military"
    ORGANISATION = "organisation"
    COMPANY = "company"
    CIVIL = "civil"
    OVERSIGHT = "oversight"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How people reach an agency when machines do not."""

    telephone: Text = ""
    email: Text = ""
    hours: Text = ""
    languages: Words = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedKey:
    """A public key and when signatures by it count: from `since` to before `until`."""

    key: PublicKey
    since: When
    until: When | None = None
    revoked: When | None = None
    """When it was stolen: what it signs counts only if witnessed before (exchange.md 11)."""

    def is_valid(self, at: Instant, *, witnessed: Instant | None = None) -> bool:
        """Say whether a signature made at `at` counts.

        `witnessed` is when a quorum of witnesses had seen what was signed, if that is proven.
        """
        # INVARIANT: a thief cannot date back: a revoked key's signature needs a witness.
        is_sound = self.revoked is None or (
            at < self.revoked and witnessed is not None and witnessed < self.revoked
        )
        return is_sound and self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEntry:
    """An agency; law decides between these."""

    agency: AgencyId
    name: Text
    sort: Sort
    contacts: Annotated[tuple[Contact, ...], Listed] = ()
    keys: Annotated[tuple[DatedKey, ...], Listed] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEntry:
    """A node; bytes go between these."""

    node: NodeId
    url: Url
    agencies: Annotated[frozenset[AgencyId], Listed]
    suites: Annotated[frozenset[int], Listed]
    kinds: Annotated[frozenset[Text], Listed]
    origin: Text
    """The name of its ledger: `<federation>/log/<node>/<epoch>`."""
    log_vkeys: Annotated[tuple[Vkey, ...], Meta(min_length=1, max_length=4)]
    witness_vkeys: Annotated[tuple[Vkey, ...], Meta(max_length=4)] = ()
    tls: Annotated[tuple[Certificate, ...], Meta(max_length=4)] = ()
    """TLS certificates, the current and the next."""
    languages: Words = ()
    limits: Annotated[Mapping[Text, int], Listed] = field(default_factory=dict[str, int])
    message_life: Annotated[int, Meta(ge=1, le=60)] = 14
    """Days for which a message sealed to this node can be opened."""
    keys: Annotated[tuple[DatedKey, ...], Listed] = ()

    @property
    def member(self) -> MemberId:
        """The member whose node it is."""
        return member_of(self.node)

    @property
    def log_vkey(self) -> str:
        """The first verifier of its ledger."""
        return self.log_vkeys[0]

    @property
    def witness_vkey(self) -> str:
        """The first verifier of its cosignatures, or empty where it witnesses nobody."""
        return next(iter(self.witness_vkeys), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDocument:
    """All a member states about itself."""

    member: MemberId
    name: Text
    agencies: Annotated[tuple[AgencyEntry, ...], Listed] = ()
    nodes: Annotated[tuple[NodeEntry, ...], Listed] = ()
    leaves: When | None = None
    """When it leaves the federation, by its own act; nobody need agree."""


def read_member(data: bytes) -> MemberDocument:
    """Parse a member's document and check that it speaks only of itself.

    Raises `InvalidInputError` naming the field; every list and text is bounded.
    """
    where = "member.json"
    document = parse(data, MemberDocument, limit=limits.MEMBER_DOCUMENT, where=where)
    # INVARIANT: a member speaks for its own agencies and nodes, and one key has one use.
    agencies = [agency_id(entry.agency) for entry in document.agencies]
    nodes = [node_id(entry.node) for entry in document.nodes]
    owned = [entry.keys for entry in document.agencies]
    owned += [entry.keys for entry in document.nodes]
    keys = [tuf_key(dated.key).keyid for listed in owned for dated in listed]
    for names in (agencies, nodes, keys):
        if len(set(names)) != len(names):
            raise InvalidInputError(f"{where} lists an agency, node or key twice")
    owners = {member_of(name) for name in agencies} | {member_of(name) for name in nodes}
    if not owners <= {member_id(document.member)}:
        raise InvalidInputError(f"{where} of `{document.member}` speaks for another member")
    if any(not entry.agencies <= set(agencies) for entry in document.nodes):
        raise InvalidInputError(f"{where} has a node that serves an agency not listed")
    return document


def write_member(document: MemberDocument) -> bytes:
    """Write a member's document as deterministic JSON; raises as `read_member` does."""
    data = msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=1)
    read_member(data)
    return data
