"""The ceremony: pure steps that make, sign and publish the directory, on separate machines.

Every step takes and gives the bytes of a file, so that each signer works offline on a machine
of its own: somebody drafts, each signer has `describe` say in words what the file means and
then `sign`s it, the publisher collects and `publish`es. Nothing here reads a clock.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import msgspec

from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, StateError
from comity.core.ids import MemberId
from comity.core.keys import PublicKey
from comity.trust.delegation import delegations_of, member_of_role, shared_of
from comity.trust.directory import Seen
from comity.trust.growth import Step, in_force
from comity.trust.member import read_member
from comity.trust.metadata import (
    DelegatedRole,
    Delegations,
    Json,
    Metadata,
    MetaFile,
    Role,
    Root,
    S,
    Signer,
    Snapshot,
    SSlibKey,
    TargetFile,
    Targets,
    Timestamp,
    add_signature,
    digest_of,
    load,
    metadata_path,
    public_key,
    target_path,
    tuf_key,
)
from comity.trust.parties import (
    Delegated,
    KeyChange,
    KeySet,
    Losses,
    bootstrap_quorum,
    check_history,
    key_ids,
    read_delegated,
    read_history,
    read_key_change,
    read_parties,
)
from comity.trust.registry import Records
from comity.trust.standing import RegistryEntry
from comity.trust.status import STATUS
from comity.trust.verification import POLICY, verify_directory

_START = Instant(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RootPlan:
    """Who founds the federation: one offline key for each member, oversight, publishers."""

    founders: Mapping[MemberId, PublicKey]
    oversight: Sequence[PublicKey]
    publishers: Sequence[PublicKey]
    expires: Instant
    quorum: int | None = None
    """How many founders must sign; by default as declared, or more than two thirds."""
    steps: Sequence[Step] = ()
    """How the quorum grows with the members; binds the next root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsPlan:
    """What the federation says together: its members' keys, its policy, its law packs."""

    members: Mapping[MemberId, KeySet]
    expires: Instant
    policy: str = ""
    packs: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Content by path, under `packs/`."""
    changes: Sequence[bytes] = ()
    """Signed changes of members' key sets."""
    losses: Losses = field(default_factory=Losses)
    """What the registry log says of members that lost their keys."""
    candidates: frozenset[MemberId] = frozenset()
    """Members that work in exercise mode until a later targets admits them."""
    expelled: Mapping[MemberId, Instant] = field(default_factory=dict[MemberId, Instant])
    standing: bytes | None = None
    """Root, to whose parties the standing of members is delegated; `None`: to nobody."""
    registry: RegistryEntry | None = None
    publisher: PublicKey | None = None
    """Whose turn it is to publish; `None`: any publisher that root lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """All signed parts of one edition of the directory."""

    roots: Sequence[bytes]
    targets: bytes
    members: Mapping[MemberId, bytes]
    contents: Mapping[str, bytes]
    """Content by target path: `members/xn/member.json`, `packs/…`, `policy.txt`."""
    snapshot_expires: Instant
    timestamp_expires: Instant
    status: bytes | None = None
    """The signed standing of members, where any was stated."""
    records: Records = field(default_factory=Records)
    at: Instant = _START
    """The registry log and the present, for steps that had to be announced."""


def make_root(plan: RootPlan, *, previous: bytes | None = None) -> bytes:
    """Draft root metadata: version 1, or the one after `previous`; unsigned."""
    founders = {name: tuf_key(key) for name, key in plan.founders.items()}
    oversight = [tuf_key(key) for key in plan.oversight]
    online = [tuf_key(key) for key in plan.publishers]
    step = in_force(plan.steps, len(founders))
    declared = bootstrap_quorum(len(founders)) if step is None else step.quorum
    quorum = plan.quorum or declared
    threshold = quorum + 1 if step is None else min(quorum + 1, step.silent)
    offline = [key.keyid for key in (*founders.values(), *oversight)]
    keys = {key.keyid: key for key in (*founders.values(), *oversight, *online)}
    if len(keys) != len(offline) + len(online):
        raise InvalidInputError("a ceremony needs distinct keys, got one twice")
    roles = {name: Role(offline, threshold) for name in ("root", "targets")}
    roles |= {name: Role([*map(_id, plan.publishers)], 1) for name in ("snapshot", "timestamp")}
    parties = {
        "members": {name: key.keyid for name, key in founders.items()},
        "oversight": [key.keyid for key in oversight],
        "quorum": quorum,
        **({"steps": msgspec.to_builtins(tuple(plan.steps))} if plan.steps else {}),
    }
    root = Root(
        version=1
        if previous is None
        else load(previous, Root, where="root").signed.version + 1,
        expires=_date(plan.expires),
        keys={**keys},
        roles=roles,
        unrecognized_fields={"comity": parties},
    )
    read_parties(root)
    return Metadata(root).to_bytes()


def make_targets(plan: TargetsPlan, *, federation: str, previous: bytes | None = None) -> bytes:
    """Draft the federation's targets, after `previous` if there is one; unsigned.

    Raises `VerificationError` where a member's key set differs from the one in `previous`
    without a change its old keys signed: no node would take such a directory.
    """
    before = None if previous is None else load(previous, Targets, where="targets").signed
    held = (
        {} if before is None else {role.name: (role, s) for role, s in delegations_of(before)}
    )
    changes = {change.member: change for change in map(read_key_change, plan.changes)}
    keys = [tuf_key(key) for key_set in plan.members.values() for key in key_set.public_keys]
    roles: dict[str, DelegatedRole] = {}
    for member, key_set in sorted(plan.members.items()):
        name = f"members/{member}"
        known, old = held.get(name, (None, None))
        history = () if known is None else read_history(known)
        history += (changes[member],) if member in changes else ()
        said = Delegated(
            history=history,
            candidate=member in plan.candidates,
            expelled=plan.expelled.get(member),
        )
        roles[name] = _delegation(name, key_set, said)
        seen = None if old is None else old.digest
        check_history(
            roles[name], key_set, federation=federation, seen=seen, losses=plan.losses
        )
    if plan.standing is not None:
        roles[STATUS], listed = _status_role(plan.standing)
        keys += listed
    contents = {POLICY: plan.policy.encode(), **plan.packs}
    targets = Targets(
        version=1 if before is None else before.version + 1,
        expires=_date(plan.expires),
        targets={path: TargetFile.from_data(path, data) for path, data in contents.items()},
        delegations=Delegations({key.keyid: key for key in keys}, roles),
        unrecognized_fields=_shared(plan),
    )
    delegations_of(targets)
    shared_of(targets).check(federation)
    return Metadata(targets).to_bytes()


def plan_again(
    targets: bytes, *, expires: Instant, contents: Mapping[str, bytes]
) -> TargetsPlan:
    """Return a plan that says what signed targets say; change it and draft the next version.

    `contents` gives the bytes of its files by path. Raises `InvalidInputError` where one lacks.
    """
    before = load(targets, Targets, where="targets").signed
    if missing := before.targets.keys() - contents.keys():
        raise InvalidInputError(f"`{min(missing)}` of the targets before is missing")
    delegated = delegations_of(before)
    said = {member_of_role(role): read_delegated(role) for role, _ in delegated}
    ended = {member: each.expelled for member, each in said.items()}
    return TargetsPlan(
        members={member_of_role(role): keys for role, keys in delegated},
        expires=expires,
        policy=contents.get(POLICY, b"").decode(),
        packs={path: contents[path] for path in before.targets if path != POLICY},
        candidates=frozenset(member for member, each in said.items() if each.candidate),
        expelled={member: at for member, at in ended.items() if at is not None},
        registry=shared_of(before).registry,
    )


def make_member(
    document: bytes,
    *,
    expires: Instant,
    packs: Mapping[str, bytes] | None = None,
    previous: bytes | None = None,
) -> bytes:
    """Draft a member's delegation over its document and national packs, by name; unsigned."""
    member = read_member(document).member
    contents = {"member.json": document, **(packs or {})}
    paths = {f"members/{member}/{name}": data for name, data in contents.items()}
    before = None if previous is None else load(previous, Targets, where="targets").signed
    targets = Targets(
        version=1 if before is None else before.version + 1,
        expires=_date(expires),
        targets={path: TargetFile.from_data(path, data) for path, data in paths.items()},
    )
    return Metadata(targets).to_bytes()


def sign(data: bytes, signer: Signer) -> bytes:
    """Add one signature to drafted metadata; show its `describe` to the signer first."""
    return add_signature(data, signer)


def start_key_change(member: MemberId, *, new: KeySet, targets: bytes) -> bytes:
    """Draft a member's change to `new` keys from those in `targets`; raises `StateError`."""
    for role, old in delegations_of(load(targets, Targets, where="targets").signed):
        if role.name == f"members/{member}":
            number = len(read_history(role))
            change = KeyChange(member=member, number=number, old=old, new=new, consent={})
            return msgspec.json.encode(change)
    raise StateError(f"`{member}` has no keys to change")


def sign_key_change(data: bytes, signer: Signer, *, federation: str) -> bytes:
    """Add the consent of one old key to a change; raises `StateError` for any other key."""
    change = read_key_change(data)
    key = next((k for k in change.old.public_keys if tuf_key(k) == signer.public_key), None)
    if key is None:
        raise StateError("only a key that is being replaced may consent")
    signature = signer.sign(change.statement(federation)).signature
    consent = {**change.consent, key.raw.hex(): signature}
    return msgspec.json.encode(replace(change, consent=consent))


def sign_objection(data: bytes, signer: Signer, *, federation: str) -> bytes:
    """Add one old key's refusal of new keys; raises `StateError` for any other key."""
    change = read_key_change(data)
    key = next((k for k in change.old.public_keys if tuf_key(k) == signer.public_key), None)
    if key is None:
        raise StateError("only a key that would be replaced may object")
    signature = signer.sign(change.refusal(federation)).signature
    consent = {**change.consent, key.raw.hex(): signature}
    return msgspec.json.encode(replace(change, consent=consent))


def publish(
    release: Release, *, signer: Signer, previous: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """Write snapshot and timestamp and lay out every file of the directory.

    The result is verified as any node would, after `previous` (the files published before):
    raises `VerificationError` where a node would, and `StateError` where a member is at fault.
    """
    files = {metadata_path("root", n): data for n, data in enumerate(release.roots, 1)}
    seen, meta = Seen(), dict[str, MetaFile]()
    if previous is not None:
        seen = verify_directory(
            previous, root=release.roots[0], at=release.at, records=release.records
        ).seen
        old = load(
            previous[metadata_path("snapshot", seen.snapshot)], Snapshot, where="snapshot"
        )
        meta = old.signed.meta
    parts = {f"members/{name}": data for name, data in release.members.items()}
    if release.status is not None:
        parts[STATUS] = release.status
    for name, data in {"targets": release.targets, **parts}.items():
        version = load(data, Targets, where=name).signed.version
        files[metadata_path(name, version)] = data
        meta[f"{name}.json"] = MetaFile.from_data(version, data, ["sha256"])
    for path, data in release.contents.items():
        files[target_path(path, digest_of(data))] = data
    snapshot = Snapshot(
        version=seen.snapshot + 1, expires=_date(release.snapshot_expires), meta=meta
    )
    data = add_signature(Metadata(snapshot).to_bytes(), signer)
    files[metadata_path("snapshot", snapshot.version)] = data
    timestamp = Timestamp(
        version=seen.timestamp + 1,
        expires=_date(release.timestamp_expires),
        snapshot_meta=MetaFile.from_data(snapshot.version, data, ["sha256"]),
    )
    files[metadata_path("timestamp", None)] = _signed(timestamp, signer)
    after = seen if previous is not None else None
    found = verify_directory(
        files, root=release.roots[0], at=release.at, seen=after, records=release.records
    )
    if found.faults:
        raise StateError(f"cannot publish: {'; '.join(found.faults.values())}")
    return files


def stamp(files: Mapping[str, bytes], *, signer: Signer, expires: Instant) -> dict[str, bytes]:
    """Renew the timestamp over an unchanged snapshot, several times a day."""
    path = metadata_path("timestamp", None)
    old = load(files[path], Timestamp, where="timestamp").signed
    renewed = Timestamp(
        version=old.version + 1, expires=_date(expires), snapshot_meta=old.snapshot_meta
    )
    return {**files, path: _signed(renewed, signer)}


def _status_role(root: bytes) -> tuple[DelegatedRole, list[SSlibKey]]:
    signed = load(root, Root, where="root").signed
    parties = read_parties(signed)
    owned = [*parties.members.values(), *parties.oversight]
    role = DelegatedRole(
        name=STATUS,
        keyids=owned,
        threshold=parties.suspension,
        terminating=True,
        paths=[f"{STATUS}/*"],
    )
    return role, [tuf_key(public_key(str(signed.keys[k].keyval["public"]))) for k in owned]


def _shared(plan: TargetsPlan) -> dict[str, Json]:
    said: dict[str, Json] = {}
    if plan.registry is not None:
        said["registry"] = msgspec.to_builtins(plan.registry)
    if plan.publisher is not None:
        said["publisher"] = _id(plan.publisher)
    return {"comity": said} if said else {}


def _delegation(name: str, keys: KeySet, said: Delegated) -> DelegatedRole:
    stated = cast("dict[str, Json]", msgspec.to_builtins(said))
    kept = {name: value for name, value in stated.items() if value}
    fields = {"comity": kept} if kept else {}
    return DelegatedRole(
        name=name,
        keyids=key_ids(keys),
        threshold=keys.threshold,
        terminating=True,
        paths=[f"{name}/*"],
        unrecognized_fields={**fields},
    )


def _signed(signed: S, signer: Signer) -> bytes:
    return add_signature(Metadata(signed).to_bytes(), signer)


def _id(key: PublicKey) -> str:
    return tuf_key(key).keyid


def _date(instant: Instant) -> datetime:
    return datetime.fromtimestamp(instant // 1000, UTC)
