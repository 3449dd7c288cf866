"""Verify the directory, in the order of section 5 of the TUF specification, by our own clock.

Bytes in, a `Directory` out. What is forged, turned back or mixed is refused as a whole; what is
only out of time is accepted and says so; what a member spoiled in its own delegation costs that
member its place and nobody else.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from comity.core import limits
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.core.ids import MemberId
from comity.trust.checks import (
    check_named,
    check_version,
    expiry_of,
    file_of,
    pack_of,
    signers_of,
    target_of,
)
from comity.trust.delegation import (
    Shared,
    delegations_of,
    member_of_role,
    shared_of,
    status_role,
)
from comity.trust.directory import Directory, MemberEntry, Pack, Seen
from comity.trust.member import NodeEntry, read_member
from comity.trust.metadata import (
    DelegatedRole,
    Loaded,
    MetaFile,
    Root,
    Snapshot,
    Targets,
    Timestamp,
    digest_of,
    load,
    metadata_path,
)
from comity.trust.parties import (
    Announced,
    Losses,
    Parties,
    check_history,
    read_delegated,
    read_parties,
)
from comity.trust.registry import SILENCE_NOTICE, Recorded, Records
from comity.trust.status import STATUS, STATUS_FILE, Closure, Status, read_status

_DIGEST = 32
_FEDERATION = 32
"""Hex digits."""
POLICY = "policy.txt"
"""The target that says who must cosign a checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """Verified metadata, before members are read."""

    files: Mapping[str, bytes]
    federation: str
    parties: Parties
    snapshot: Snapshot
    targets: Targets
    shared: Shared
    at: Instant
    expires: Instant
    records: Records
    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """What the registry log says at one instant, and which files it does not know."""

    records: Records
    at: Instant
    unrecorded: list[str] = field(default_factory=list[str])

    def recorded(self, sort: Recorded, version: int, data: bytes) -> None:
        """Note a file the log does not hold; raises where it holds another."""
        if not self.records.has(sort, version=version, digest=digest_of(data)):
            self.unrecorded.append(f"{sort.value} version {version} is not in the registry log")

    def silence(self, payload: bytes) -> Announced:
        """Return what says whether these bytes stood announced for want of oversight."""
        return lambda: self.records.is_announced(
            Recorded.SILENCE, digest_of(payload), at=self.at, notice=SILENCE_NOTICE
        )


def verify_directory(
    files: Mapping[str, bytes],
    *,
    root: bytes,
    at: Instant,
    seen: Seen | None = None,
    records: Records | None = None,
) -> Directory:
    """Verify a directory served as files and return it.

    `files` maps `metadata/…` and `targets/…` to bytes, from any mirror. `root` is the pinned
    root version 1, or its SHA-256. `seen` is what this node trusted before (`Directory.seen`),
    `records` the registry log as it holds it. What the log does not show is an alarm.

    Raises `InvalidInputError` on malformed metadata, `VerificationError` on everything that
    does not hold: threshold, oversight, version turned back, mixed files, keys changed without
    consent, a file that is not the one in the registry log. An expired directory is returned:
    ask `Directory.is_expired`.
    """
    before = seen or Seen()
    first = _pinned(files, root)
    reader = _Reader(records=records or Records(), at=at)
    current = _walk_roots(files, first, reader)
    timestamp, stamped = _timestamp(files, current.signed, before)
    snapshot, taken = _snapshot(files, current.signed, timestamp, before)
    targets = _targets(files, current.signed, snapshot, reader)
    parts = (current.signed, timestamp, snapshot, targets)
    shared = shared_of(targets)
    shared.check(federation_of(first))
    if shared.publisher and shared.publisher not in stamped & taken:
        raise VerificationError("snapshot or timestamp is not by the publisher targets names")
    content = _Content(
        files=files,
        federation=federation_of(first),
        parties=read_parties(current.signed),
        snapshot=snapshot,
        targets=targets,
        shared=shared,
        at=at,
        expires=min(expiry_of(part) for part in parts),
        records=reader.records,
        alarms=tuple(reader.unrecorded) if shared.registry is not None else (),
    )
    reached = replace(
        before,
        root=current.signed.version,
        timestamp=timestamp.version,
        snapshot=snapshot.version,
        publishers=_publishers(current.signed),
    )
    return _assemble(content, reached)


def federation_of(root: bytes) -> str:
    """Name a federation by its root version 1: 16 bytes of its SHA-256, in hex."""
    return digest_of(root)[:_FEDERATION]


def _pinned(files: Mapping[str, bytes], root: bytes) -> bytes:
    # TUF 5.2: the trusted root came by another road, as bytes or as a digest read aloud.
    if len(root) != _DIGEST:
        return root
    data = file_of(files, metadata_path("root", 1))
    if len(data) > limits.DIRECTORY_ROOT or bytes.fromhex(digest_of(data)) != root:
        raise VerificationError("root version 1 is not the one this node was given")
    return data


def _walk_roots(files: Mapping[str, bytes], first: bytes, reader: _Reader) -> Loaded[Root]:
    # TUF 5.3: each root is signed by itself and by the one before, even if that one expired.
    current = load(first, Root, where="root version 1")
    _check_root(current, current.signed, version=1, reader=reader)
    reader.recorded(Recorded.ROOT, 1, first)
    for version in range(2, limits.DIRECTORY_ROTATIONS + 2):
        if (data := files.get(metadata_path("root", version))) is None:
            return current
        following = load(data, Root, where=f"root version {version}")
        for signer in (current.signed, following.signed):
            _check_root(following, signer, version=version, reader=reader)
        read_parties(current.signed).check_growth(read_parties(following.signed))
        reader.recorded(Recorded.ROOT, version, data)
        current = following
    raise LimitError(f"root was rotated more than {limits.DIRECTORY_ROTATIONS} times")


def _check_root(loaded: Loaded[Root], by: Root, *, version: int, reader: _Reader) -> None:
    where = f"root version {version}"
    if loaded.signed.version != version:
        raise VerificationError(f"{where} says it is version {loaded.signed.version}")
    parties = read_parties(by)
    signers = signers_of(by, "root", loaded)
    parties.check(signers, where=where, silence=reader.silence(loaded.payload))


def _publishers(root: Root) -> frozenset[str]:
    return frozenset(
        key for name in ("snapshot", "timestamp") for key in root.roles[name].keyids
    )


def _timestamp(
    files: Mapping[str, bytes], root: Root, seen: Seen
) -> tuple[Timestamp, frozenset[str]]:
    # TUF 5.4: signed, and not older than the one trusted before.
    if root.version < seen.root:
        raise VerificationError(
            f"root version {root.version} is older than {seen.root}, seen before"
        )
    data = file_of(files, metadata_path("timestamp", None))
    loaded = load(data, Timestamp, where="timestamp")
    by = signers_of(root, "timestamp", loaded)
    # TUF 5.3.11: versions stated by a publisher who was replaced do not bind its successor.
    is_same = seen.publishers == _publishers(root)
    least = (seen.timestamp, seen.snapshot) if is_same else (0, 0)
    found = (loaded.signed.version, loaded.signed.snapshot_meta.version)
    if found[0] < least[0] or found[1] < least[1]:
        raise VerificationError(f"the directory goes back from version {least} to {found}")
    return loaded.signed, by


def _snapshot(
    files: Mapping[str, bytes], root: Root, timestamp: Timestamp, seen: Seen
) -> tuple[Snapshot, frozenset[str]]:
    # TUF 5.5: exactly the file the timestamp names; no role goes back or is dropped.
    meta = timestamp.snapshot_meta
    data = file_of(files, metadata_path("snapshot", meta.version))
    check_named(meta, data, "snapshot")
    loaded = load(data, Snapshot, where="snapshot")
    by = signers_of(root, "snapshot", loaded)
    check_version(loaded.signed, meta, "snapshot")
    for name, version in seen.roles.items():
        now = loaded.signed.meta.get(name)
        if now is None or now.version < version:
            raise VerificationError(f"the snapshot drops or turns back `{name}`")
    return loaded.signed, by


def _targets(
    files: Mapping[str, bytes], root: Root, snapshot: Snapshot, reader: _Reader
) -> Targets:
    # TUF 5.6, and the second check: members and oversight, not only keys.
    meta = snapshot.meta.get("targets.json", MetaFile())
    data = file_of(files, metadata_path("targets", meta.version))
    check_named(meta, data, "targets")
    loaded = load(data, Targets, where="targets")
    signers, silence = signers_of(root, "targets", loaded), reader.silence(loaded.payload)
    read_parties(root).check(signers, where="targets", silence=silence)
    check_version(loaded.signed, meta, "targets")
    reader.recorded(Recorded.TARGETS, meta.version, data)
    return loaded.signed


def _assemble(content: _Content, seen: Seen) -> Directory:
    entries: dict[MemberId, MemberEntry] = {}
    faults: dict[MemberId, str] = {}
    packs = [pack_of(target, None) for target in content.targets.targets.values()]
    keys = dict(seen.keys)
    # INVARIANT: only versions that were verified bind later, never what a publisher claims.
    roles = {**seen.roles, "targets.json": content.targets.version}
    delegated, status = delegations_of(content.targets), _status(content, roles)
    sets = {member_of_role(role): current.digest for role, current in delegated}
    # INVARIANT: a closure for stolen keys ends with other keys, not because nobody repeats it.
    closed = {
        member: closure
        for member, closure in {**seen.closed, **status.closed}.items()
        if closure.keys == sets.get(member, closure.keys)
    }
    losses = Losses(
        records=content.records,
        at=content.at,
        closed={m: c.keys for m, c in {**seen.closed, **status.closed}.items()},
    )
    for role, current in delegated:
        member = member_of_role(role)
        check_history(
            role, current, federation=content.federation, seen=keys.get(member), losses=losses
        )
        keys[member] = current.digest
        data = _named_by_snapshot(content, role)
        try:
            entry, own = _member(content, role, data)
        except (InvalidInputError, VerificationError) as error:
            faults[member] = str(error)
            continue
        entries[member] = _as_it_stands(entry, role, status, closed.get(member))
        roles[f"{role.name}.json"] = content.snapshot.meta[f"{role.name}.json"].version
        packs += own
    return Directory(
        federation=content.federation,
        version=seen.snapshot,
        checked_at=content.at,
        expires=content.expires,
        policy=_policy(content),
        packs=tuple(pack for pack in packs if pack.member or pack.path.startswith("packs/")),
        entries=MappingProxyType(entries),
        faults=MappingProxyType(faults),
        seen=replace(seen, roles=roles, keys=keys, closed=closed),
        registry=content.shared.registry,
        alarms=content.alarms,
    )


def _as_it_stands(
    entry: MemberEntry, role: DelegatedRole, status: Status, closure: Closure | None
) -> MemberEntry:
    said, member = read_delegated(role), entry.document.member
    ends = [at for at in (said.expelled, entry.document.leaves) if at is not None]
    suspended = status.suspended.get(member)
    return replace(
        entry,
        is_candidate=said.candidate,
        suspensions=() if suspended is None else (suspended,),
        closed=None if closure is None else closure.since,
        left=min(ends, default=None),
    )


def _status(content: _Content, roles: dict[str, int]) -> Status:
    """Read the standing of members, which nobody need ever have stated."""
    role = status_role(content.targets, content.parties)
    if role is None or f"{STATUS}.json" not in content.snapshot.meta:
        return Status()
    loaded = load(_named_by_snapshot(content, role), Targets, where=STATUS)
    content.parties.check_suspension(signers_of(content.targets, STATUS, loaded))
    check_version(loaded.signed, content.snapshot.meta[f"{STATUS}.json"], STATUS)
    if loaded.signed.delegations is not None or set(loaded.signed.targets) != {STATUS_FILE}:
        raise VerificationError(f"`{STATUS}` speaks for another path than its own")
    roles[f"{STATUS}.json"] = loaded.signed.version
    return read_status(target_of(content.files, loaded.signed.targets, STATUS_FILE))


def _named_by_snapshot(content: _Content, role: DelegatedRole) -> bytes:
    meta = content.snapshot.meta.get(f"{role.name}.json")
    if meta is None:
        raise VerificationError(f"the snapshot does not name `{role.name}`")
    data = file_of(content.files, metadata_path(role.name, meta.version))
    check_named(meta, data, role.name)
    return data


def _member(
    content: _Content, role: DelegatedRole, data: bytes
) -> tuple[MemberEntry, list[Pack]]:
    # TUF 5.6.7: a delegated role speaks for its own path only, and delegates no further.
    member = member_of_role(role)
    loaded = load(data, Targets, where=role.name)
    signers_of(content.targets, role.name, loaded)
    check_version(loaded.signed, content.snapshot.meta[f"{role.name}.json"], role.name)
    own = loaded.signed.targets
    if loaded.signed.delegations is not None or not all(map(role.is_delegated_path, own)):
        raise VerificationError(f"`{role.name}` speaks for another path than its own")
    document = read_member(target_of(content.files, own, f"{role.name}/member.json"))
    if document.member != member:
        raise VerificationError(f"`{role.name}` holds the document of `{document.member}`")
    for node in document.nodes:
        _check_log(node, content.federation)
    packs = [
        pack_of(target, member) for name, target in own.items() if "/member.json" not in name
    ]
    return MemberEntry(document=document, expires=expiry_of(loaded.signed)), packs


def _check_log(node: NodeEntry, federation: str) -> None:
    # A key of another epoch is the next one, listed before it signs, or the last one's.
    stem = f"{federation}/log/{node.node}/"
    names = {vkey.partition("+")[0] for vkey in node.log_vkeys}
    is_own = all(n.startswith(stem) and n.removeprefix(stem).isdecimal() for n in names)
    if not is_own or node.origin not in names:
        raise VerificationError(f"node `{node.node}` names a ledger that is not its own")


def _policy(content: _Content) -> str:
    if POLICY not in content.targets.targets:
        return ""
    try:
        return target_of(content.files, content.targets.targets, POLICY).decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"`{POLICY}` is not UTF-8") from error
