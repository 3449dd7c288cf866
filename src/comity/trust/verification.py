"""Verify the directory, in the order of section 5 of the TUF specification, by our own clock.

Bytes in, a `Directory` out. What is forged, turned back or mixed is refused as a whole; what is
only out of time is accepted and says so; what a member spoiled in its own delegation costs that
member its place and nobody else.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from comity.core import limits
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.core.ids import MemberId, member_id
from comity.trust.directory import Directory, MemberEntry, Pack, Seen
from comity.trust.member import NodeEntry, read_member
from comity.trust.metadata import (
    DelegatedRole,
    Loaded,
    MetaFile,
    Root,
    S,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
    digest_of,
    load,
    metadata_path,
    public_key,
    target_path,
)
from comity.trust.parties import KeySet, check_history, key_set, read_parties

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
    snapshot: Snapshot
    targets: Targets
    at: Instant
    expires: Instant


def verify_directory(
    files: Mapping[str, bytes], *, root: bytes, at: Instant, seen: Seen | None = None
) -> Directory:
    """Verify a directory served as files and return it.

    `files` maps `metadata/…` and `targets/…` to bytes, from any mirror. `root` is the pinned
    root version 1, or its SHA-256. `seen` is what this node trusted before (`Directory.seen`).

    Raises `InvalidInputError` on malformed metadata, `VerificationError` on everything that
    does not hold: threshold, oversight, version turned back, mixed files, keys changed without
    consent. An expired directory is returned: ask `Directory.is_expired`.
    """
    before = seen or Seen()
    first = _pinned(files, root)
    current = _walk_roots(files, first)
    timestamp = _timestamp(files, current.signed, before)
    snapshot = _snapshot(files, current.signed, timestamp, before)
    targets = _targets(files, current.signed, snapshot)
    parts = (current.signed, timestamp, snapshot, targets)
    content = _Content(
        files=files,
        federation=federation_of(first),
        snapshot=snapshot,
        targets=targets,
        at=at,
        expires=min(_expiry(part) for part in parts),
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


def _file(files: Mapping[str, bytes], path: str) -> bytes:
    if (data := files.get(path)) is None:
        raise VerificationError(f"the directory lacks `{path}`")
    return data


def _pinned(files: Mapping[str, bytes], root: bytes) -> bytes:
    # TUF 5.2: the trusted root came by another road, as bytes or as a digest read aloud.
    if len(root) != _DIGEST:
        return root
    data = _file(files, metadata_path("root", 1))
    if len(data) > limits.DIRECTORY_ROOT or bytes.fromhex(digest_of(data)) != root:
        raise VerificationError("root version 1 is not the one this node was given")
    return data


def _walk_roots(files: Mapping[str, bytes], first: bytes) -> Loaded[Root]:
    # TUF 5.3: each root is signed by itself and by the one before, even if that one expired.
    current = load(first, Root, where="root version 1")
    _check_root(current, current.signed, version=1)
    for version in range(2, limits.DIRECTORY_ROTATIONS + 2):
        if (data := files.get(metadata_path("root", version))) is None:
            return current
        following = load(data, Root, where=f"root version {version}")
        for signer in (current.signed, following.signed):
            _check_root(following, signer, version=version)
        current = following
    raise LimitError(f"root was rotated more than {limits.DIRECTORY_ROTATIONS} times")


def _check_root(loaded: Loaded[Root], by: Root, *, version: int) -> None:
    where = f"root version {version}"
    if loaded.signed.version != version:
        raise VerificationError(f"{where} says it is version {loaded.signed.version}")
    read_parties(by).check(_signers(by, "root", loaded), where=where)


def _signers(by: Root | Targets, role: str, loaded: Loaded[S]) -> frozenset[str]:
    """Return who signed, where the role's threshold is met; raises `VerificationError`."""
    result = by.get_verification_result(role, loaded.payload, loaded.signatures)
    if not result.verified:
        raise VerificationError(
            f"`{role}` is signed by {len(result.signed)} keys, {result.threshold} must"
        )
    return frozenset(result.signed)


def _publishers(root: Root) -> frozenset[str]:
    return frozenset(
        key for name in ("snapshot", "timestamp") for key in root.roles[name].keyids
    )


def _timestamp(files: Mapping[str, bytes], root: Root, seen: Seen) -> Timestamp:
    # TUF 5.4: signed, and not older than the one trusted before.
    if root.version < seen.root:
        raise VerificationError(
            f"root version {root.version} is older than {seen.root}, seen before"
        )
    data = _file(files, metadata_path("timestamp", None))
    loaded = load(data, Timestamp, where="timestamp")
    _signers(root, "timestamp", loaded)
    # TUF 5.3.11: versions stated by a publisher who was replaced do not bind its successor.
    is_same = seen.publishers == _publishers(root)
    least = (seen.timestamp, seen.snapshot) if is_same else (0, 0)
    found = (loaded.signed.version, loaded.signed.snapshot_meta.version)
    if found[0] < least[0] or found[1] < least[1]:
        raise VerificationError(f"the directory goes back from version {least} to {found}")
    return loaded.signed


def _snapshot(
    files: Mapping[str, bytes], root: Root, timestamp: Timestamp, seen: Seen
) -> Snapshot:
    # TUF 5.5: exactly the file the timestamp names; no role goes back or is dropped.
    meta = timestamp.snapshot_meta
    data = _file(files, metadata_path("snapshot", meta.version))
    _matches(meta, data, "snapshot")
    loaded = load(data, Snapshot, where="snapshot")
    _signers(root, "snapshot", loaded)
    _check_version(loaded.signed, meta, "snapshot")
    for name, version in seen.roles.items():
        now = loaded.signed.meta.get(name)
        if now is None or now.version < version:
            raise VerificationError(f"the snapshot drops or turns back `{name}`")
    return loaded.signed


def _targets(files: Mapping[str, bytes], root: Root, snapshot: Snapshot) -> Targets:
    # TUF 5.6, and the second check: members and oversight, not only keys.
    meta = snapshot.meta.get("targets.json", MetaFile())
    data = _file(files, metadata_path("targets", meta.version))
    _matches(meta, data, "targets")
    loaded = load(data, Targets, where="targets")
    read_parties(root).check(_signers(root, "targets", loaded), where="targets")
    _check_version(loaded.signed, meta, "targets")
    return loaded.signed


def _matches(meta: MetaFile | TargetFile, data: bytes, where: str) -> None:
    # INVARIANT: every file but the timestamp is named by digest: nothing can be mixed in.
    if meta.length != len(data) or (meta.hashes or {}).get("sha256") != digest_of(data):
        raise VerificationError(f"`{where}` is not the file that the directory names")


def _check_version(signed: Snapshot | Targets, meta: MetaFile, where: str) -> None:
    if signed.version != meta.version:
        raise VerificationError(
            f"`{where}` has version {signed.version}, expected {meta.version}"
        )


def _expiry(signed: Root | Timestamp | Snapshot | Targets) -> Instant:
    return Instant(int(signed.expires.timestamp() * 1000))


def _assemble(content: _Content, seen: Seen) -> Directory:
    entries: dict[MemberId, MemberEntry] = {}
    faults: dict[MemberId, str] = {}
    packs = [_pack(target, None) for target in content.targets.targets.values()]
    keys = dict(seen.keys)
    # INVARIANT: only versions that were verified bind later, never what a publisher claims.
    roles = {**seen.roles, "targets.json": content.targets.version}
    for role, current in delegations_of(content.targets):
        member = _member_of(role)
        check_history(role, current, federation=content.federation, seen=keys.get(member))
        keys[member] = current.digest
        data = _named_by_snapshot(content, role)
        try:
            entries[member], own = _member(content, role, data)
        except (InvalidInputError, VerificationError) as error:
            faults[member] = str(error)
            continue
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
        seen=replace(seen, roles=roles, keys=keys),
    )


def _member_of(role: DelegatedRole) -> MemberId:
    return member_id(str(role.name).removeprefix("members/"))


def delegations_of(targets: Targets) -> list[tuple[DelegatedRole, KeySet]]:
    """Return each member's delegation and keys; raises where one reaches beyond its path."""
    delegations = targets.delegations
    roles = {} if delegations is None else delegations.roles or {}
    if delegations is None or len(roles) > limits.DIRECTORY_MEMBERS:
        raise VerificationError("targets delegates to nobody, or to too many")
    used = [key for role in roles.values() for key in role.keyids]
    if len(set(used)) != len(used) or not set(used) <= set(delegations.keys):
        raise VerificationError(
            "targets gives one key to two members, or names an unlisted one"
        )
    found: list[tuple[DelegatedRole, KeySet]] = []
    for role in roles.values():
        # A role of another shape is one this version cannot enforce: refuse it, do not skip it.
        own = f"members/{_member_of(role)}"
        if role.name != own or role.paths != [f"{own}/*"] or not role.terminating:
            raise VerificationError(f"the delegation to `{own}` reaches beyond its path")
        listed = [
            public_key(str(delegations.keys[key].keyval["public"])) for key in role.keyids
        ]
        found.append((role, key_set(listed, threshold=role.threshold)))
    return found


def _named_by_snapshot(content: _Content, role: DelegatedRole) -> bytes:
    meta = content.snapshot.meta.get(f"{role.name}.json")
    if meta is None:
        raise VerificationError(f"the snapshot does not name `{role.name}`")
    data = _file(content.files, metadata_path(role.name, meta.version))
    _matches(meta, data, role.name)
    return data


def _member(
    content: _Content, role: DelegatedRole, data: bytes
) -> tuple[MemberEntry, list[Pack]]:
    # TUF 5.6.7: a delegated role speaks for its own path only, and delegates no further.
    member = _member_of(role)
    loaded = load(data, Targets, where=role.name)
    _signers(content.targets, role.name, loaded)
    _check_version(loaded.signed, content.snapshot.meta[f"{role.name}.json"], role.name)
    own = loaded.signed.targets
    if loaded.signed.delegations is not None or not all(map(role.is_delegated_path, own)):
        raise VerificationError(f"`{role.name}` speaks for another path than its own")
    document = read_member(_target(content.files, own, f"{role.name}/member.json"))
    if document.member != member:
        raise VerificationError(f"`{role.name}` holds the document of `{document.member}`")
    for node in document.nodes:
        _check_log(node, content.federation)
    packs = [
        _pack(target, member) for name, target in own.items() if "/member.json" not in name
    ]
    return MemberEntry(document=document, expires=_expiry(loaded.signed)), packs


def _check_log(node: NodeEntry, federation: str) -> None:
    stem, _, epoch = node.origin.rpartition("/")
    is_own = stem == f"{federation}/log/{node.node}" and epoch.isdecimal()
    if not is_own or any(not vkey.startswith(f"{node.origin}+") for vkey in node.log_vkeys):
        raise VerificationError(f"node `{node.node}` names a ledger that is not its own")


def _target(files: Mapping[str, bytes], targets: Mapping[str, TargetFile], path: str) -> bytes:
    if (target := targets.get(path)) is None:
        raise VerificationError(f"the directory does not name `{path}`")
    data = files.get(target_path(path, _pack(target, None).digest))
    if data is None:
        raise VerificationError(f"the directory lacks `{path}`")
    _matches(target, data, path)
    return data


def _pack(target: TargetFile, member: MemberId | None) -> Pack:
    if (digest := target.hashes.get("sha256")) is None:
        raise VerificationError(f"`{target.path[:200]}` is named without its SHA-256")
    return Pack(path=target.path, digest=digest, length=target.length, member=member)


def _policy(content: _Content) -> str:
    if POLICY not in content.targets.targets:
        return ""
    try:
        return _target(content.files, content.targets.targets, POLICY).decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"`{POLICY}` is not UTF-8") from error
