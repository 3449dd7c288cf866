"""The directory as the rest of the house sees it: verified, immutable, quick to ask."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from comity.core import limits
from comity.core.clock import Instant
from comity.core.errors import NotFoundError, VerificationError
from comity.core.ids import AgencyId, MemberId, NodeId
from comity.core.keys import KeyId, PublicKey
from comity.trust.member import AgencyEntry, DatedKey, MemberDocument, NodeEntry
from comity.trust.metadata import digest_of, parse
from comity.trust.standing import RegistryEntry, Standing, Suspension
from comity.trust.status import Closure


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A law pack named by the directory; its bytes are checked when they are installed."""

    path: str
    digest: str
    """SHA-256 in hex."""
    length: int
    member: MemberId | None = None
    """The member whose national law it is; `None` under the federation's threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEntry:
    """A member's verified document, the end of its delegation, and what the others said."""

    document: MemberDocument
    expires: Instant
    is_candidate: bool = False
    suspensions: tuple[Suspension, ...] = ()
    closed: Instant | None = None
    """Since when its keys count as stolen."""
    left: Instant | None = None
    """When it leaves or left, by its own act or by expulsion."""

    def standing(self, at: Instant) -> Standing:
        """Return where it stands at `at`; the hardest that holds."""
        if self.closed is not None and self.closed <= at:
            return Standing.CLOSED
        if self.left is not None and self.left <= at:
            return Standing.LEFT
        if any(each.holds(at) for each in self.suspensions):
            return Standing.SUSPENDED
        return Standing.CANDIDATE if self.is_candidate else Standing.MEMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What this node has trusted so far; kept so that nobody can turn back time."""

    root: int = 1
    timestamp: int = 0
    snapshot: int = 0
    roles: Mapping[str, int] = field(default_factory=dict[str, int])
    """Versions of `targets.json` and every `members/<id>.json`."""
    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digest of each member's key set; never forgotten, not even after an expulsion."""
    closed: Mapping[MemberId, Closure] = field(default_factory=dict[MemberId, Closure])
    """Closures for stolen keys that stand; each ends when the member holds other keys."""
    publishers: frozenset[str] = frozenset()
    """The keys that signed time stamps and snapshots (TUF 5.3.11)."""

    def as_bytes(self) -> bytes:
        """Write it for keeping; `read_seen` reads it back."""
        return msgspec.json.encode(self, order="deterministic")


def read_seen(data: bytes) -> Seen:
    """Read back what `Seen.as_bytes` wrote on this node; raises `InvalidInputError`."""
    return parse(data, Seen, limit=limits.DIRECTORY_TARGETS, where="the versions seen")


@dataclass(frozen=True, slots=True)
class _Index:
    agencies: dict[AgencyId, AgencyEntry] = field(default_factory=dict[AgencyId, AgencyEntry])
    nodes: dict[NodeId, NodeEntry] = field(default_factory=dict[NodeId, NodeEntry])
    servers: dict[AgencyId, tuple[NodeEntry, ...]] = field(
        default_factory=dict[AgencyId, tuple[NodeEntry, ...]]
    )
    keys: dict[tuple[str, KeyId], DatedKey] = field(
        default_factory=dict[tuple[str, KeyId], DatedKey]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Members, agencies, nodes and keys, as a threshold of members signed them.

    An expired directory is still a directory: receiving and decrypting go on with the keys
    valid at signing time, because a partner's urgent message must not wait for a publisher.
    What stops is sending to keys that changed: ask `may_send` with the last directory that was
    fresh. The caller raises the alarm and logs the grace.
    """

    federation: str
    version: int
    """Version of the snapshot: it grows when content changes, not when time is stamped."""
    checked_at: Instant
    expires: Instant
    """The earliest end of root, targets, snapshot and timestamp."""
    policy: str
    """Who must cosign a checkpoint, as a C2SP tlog-policy."""
    packs: tuple[Pack, ...]
    entries: Mapping[MemberId, MemberEntry]
    faults: Mapping[MemberId, str]
    """Members whose own delegation or document does not hold: absent, while the rest stands."""
    seen: Seen
    registry: RegistryEntry | None = None
    """The log of every root and targets version; `None` where the federation keeps none."""
    alarms: tuple[str, ...] = ()
    """What this directory rests on and the registry log does not show."""
    _index: _Index = field(init=False, repr=False, compare=False, default_factory=_Index)

    def __post_init__(self) -> None:
        """Build the look-ups."""
        for entry in self.entries.values():
            closed = entry.closed
            for agency in entry.document.agencies:
                self._index.agencies[agency.agency] = agency
                self._index.keys.update(_keyed(agency.agency, agency.keys, closed=closed))
            for node in entry.document.nodes:
                self._index.nodes[node.node] = node
                self._index.keys.update(_keyed(node.node, node.keys, closed=closed))
                for name in node.agencies:
                    self._index.servers[name] = (*self._index.servers.get(name, ()), node)

    def is_expired(self, at: Instant) -> bool:
        """Say whether nobody has vouched for this directory at `at`."""
        return at >= self.expires

    def members(self) -> tuple[MemberId, ...]:
        """Return every member whose document holds, in order."""
        return tuple(sorted(self.entries))

    def agencies(self) -> tuple[AgencyEntry, ...]:
        """Return every agency, in order of its id."""
        return tuple(entry for _, entry in sorted(self._index.agencies.items()))

    def nodes(self) -> tuple[NodeEntry, ...]:
        """Return every node, in order of its id."""
        return tuple(entry for _, entry in sorted(self._index.nodes.items()))

    def agency(self, agency: AgencyId) -> AgencyEntry:
        """Return an agency; raises `NotFoundError`."""
        if (found := self._index.agencies.get(agency)) is None:
            raise NotFoundError(f"no agency `{agency}` in the directory")
        return found

    def node(self, node: NodeId) -> NodeEntry:
        """Return a node; raises `NotFoundError`."""
        if (found := self._index.nodes.get(node)) is None:
            raise NotFoundError(f"no node `{node}` in the directory")
        return found

    def nodes_for(self, agency: AgencyId) -> tuple[NodeEntry, ...]:
        """Return the nodes that serve an agency, in its member's order."""
        return self._index.servers.get(agency, ())

    def serves(self, node: NodeId, agency: AgencyId) -> bool:
        """Say whether the directory lists `agency` at `node`."""
        entry = self._index.nodes.get(node)
        return entry is not None and agency in entry.agencies

    def standing(self, member: MemberId, *, at: Instant) -> Standing:
        """Return where a member stands at `at`; raises `NotFoundError` where it is unknown."""
        if (found := self.entries.get(member)) is None:
            raise NotFoundError(f"no member `{member}` in the directory")
        return found.standing(at)

    def node_key(
        self, node: NodeId, kid: KeyId, *, at: Instant, witnessed: Instant | None = None
    ) -> PublicKey | None:
        """Return a node's key by name, if signatures made at `at` by it count.

        A revoked key counts only for what is proven `witnessed` before its revocation.
        """
        return self._key(node, kid, at=at, witnessed=witnessed)

    def agency_key(
        self, agency: AgencyId, kid: KeyId, *, at: Instant, witnessed: Instant | None = None
    ) -> PublicKey | None:
        """Return an agency's key by name, as `node_key` does a node's."""
        return self._key(agency, kid, at=at, witnessed=witnessed)

    def dated_key(self, owner: NodeId | AgencyId, kid: KeyId) -> DatedKey | None:
        """Return a key of a node or agency with its dates, valid or not."""
        return self._index.keys.get((owner, kid))

    def current_node_keys(self, node: NodeId, *, at: Instant) -> tuple[PublicKey, ...]:
        """Return the keys with which a node may sign at `at`."""
        return self._current(node, self.node(node).keys, at=at)

    def current_agency_keys(self, agency: AgencyId, *, at: Instant) -> tuple[PublicKey, ...]:
        """Return the keys with which an agency may sign at `at`."""
        return self._current(agency, self.agency(agency).keys, at=at)

    def may_send(self, node: NodeId, *, at: Instant, fresh: "Directory | None") -> bool:
        """Say whether a message may be sealed to `node` now.

        Yes while the directory and the member's delegation are in time; after that only to a
        node that stands unchanged in `fresh`, the last directory this node held in its time.
        """
        entry = self.node(node)
        if at < min(self.expires, self.entries[entry.member].expires):
            return True
        return fresh is not None and entry in fresh.nodes()

    def check_pack(self, path: str, data: bytes) -> Pack:
        """Return the pack these bytes are; raises `NotFoundError` or `VerificationError`."""
        found = next((pack for pack in self.packs if pack.path == path), None)
        if found is None:
            raise NotFoundError(f"no pack `{path[:200]}` in the directory")
        if len(data) != found.length or digest_of(data) != found.digest:
            raise VerificationError(f"pack `{found.path}` is not the one the directory names")
        return found

    def _current(
        self, owner: str, keys: Iterable[DatedKey], *, at: Instant
    ) -> tuple[PublicKey, ...]:
        found = (self._key(owner, dated.key.kid, at=at, witnessed=None) for dated in keys)
        return tuple(key for key in found if key is not None)

    def _key(
        self, owner: str, kid: KeyId, *, at: Instant, witnessed: Instant | None
    ) -> PublicKey | None:
        dated = self._index.keys.get((owner, kid))
        is_valid = dated is not None and dated.is_valid(at, witnessed=witnessed)
        return dated.key if dated is not None and is_valid else None


def _keyed(
    owner: str, keys: Iterable[DatedKey], *, closed: Instant | None
) -> Iterator[tuple[tuple[str, KeyId], DatedKey]]:
    for dated in keys:
        ends = [each for each in (dated.revoked, closed) if each is not None]
        # INVARIANT: a member closed for compromise has every key revoked from that instant.
        yield (owner, dated.key.kid), replace(dated, revoked=min(ends, default=None))
