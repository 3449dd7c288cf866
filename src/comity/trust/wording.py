"""What a file of the ceremony means, in words, for the person who is about to sign it."""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Iterable, Iterator

from comity.core import limits
from comity.core.clock import Instant, iso
from comity.core.errors import InvalidInputError
from comity.trust.delegation import delegations_of, shared_of
from comity.trust.member import DatedKey, read_member
from comity.trust.metadata import (
    Delegations,
    Root,
    Snapshot,
    Targets,
    Timestamp,
    load,
    strict_json,
)
from comity.trust.parties import read_delegated, read_key_change, read_parties
from comity.trust.status import STATUS, read_status


def describe(data: bytes, *, previous: bytes | None = None) -> str:
    """Say in words what a drafted metadata file states, and what changes against `previous`.

    Raises `InvalidInputError` on anything that is not metadata of the directory.
    """
    return _compared(_facts(data), None if previous is None else _facts(previous))


def describe_member(document: bytes, *, previous: bytes | None = None) -> str:
    """Say in words what a member's document states, and what changes against `previous`."""
    return _compared(_statements(document), None if previous is None else _statements(previous))


def describe_status(document: bytes, *, previous: bytes | None = None) -> str:
    """Say in words what the standing of members states, and what changes."""
    return _compared(_standing(document), None if previous is None else _standing(previous))


def describe_key_change(data: bytes) -> str:
    """Say in words which keys a member gives up and which it takes."""
    change = read_key_change(data)
    lines = [
        f"You are signing change {change.number + 1} of the keys of member {change.member}."
    ]
    lines += [f"Gives up key {key}" for key in change.old.keys if key not in change.new.keys]
    lines += [f"Keeps key {key}" for key in change.old.keys if key in change.new.keys]
    lines += [f"Takes key {key}" for key in change.new.keys if key not in change.old.keys]
    lines += [f"From now on {change.new.threshold} of {len(change.new.keys)} must sign."]
    return "\n".join([*lines, f"Old keys that have consented: {len(change.consent)}"])


def _compared(now: Iterable[str], before: Iterable[str] | None) -> str:
    head, *lines = now
    if before is not None:
        _, *old = before
        gone = [f"gone: {line}" for line in old if line not in lines]
        lines += [f"new: {line}" for line in lines if line not in old] + gone
    # A name that holds a line break must not write a line of its own.
    return "\n".join("".join(c if c.isprintable() else "?" for c in s) for s in [head, *lines])


def _facts(data: bytes) -> Iterator[str]:
    value = strict_json(data, limit=limits.DIRECTORY_TARGETS, where="the file to sign")
    signed = value.get("signed") if isinstance(value, dict) else None
    kind = signed.get("_type") if isinstance(signed, dict) else None
    match kind:
        case "root":
            return _root(load(data, Root, where="root").signed)
        case "targets":
            return _targets(load(data, Targets, where="targets").signed)
        case "snapshot":
            return _snapshot(load(data, Snapshot, where="snapshot").signed)
        case "timestamp":
            return _timestamp(load(data, Timestamp, where="timestamp").signed)
        case _:
            raise InvalidInputError("the file to sign is not metadata of the directory")


def _head(name: str, signed: Root | Targets | Snapshot | Timestamp) -> str:
    until = iso(Instant(int(signed.expires.timestamp() * 1000)))
    return f"You are signing {name}, version {signed.version}, which holds until {until}."


def _root(root: Root) -> Iterator[str]:
    parties = read_parties(root)
    yield _head("the root of the federation", root)
    yield f"{parties.quorum} of {len(parties.members)} members and one oversight key must sign."
    for step in parties.steps:
        yield (
            f"With {step.members} members {step.quorum} sign, {step.suspension} suspend,"
            f" {step.silent} act where no oversight body answers for 30 days"
        )
    named = {key: f"member {member}" for member, key in parties.members.items()}
    named |= dict.fromkeys(parties.oversight, "an oversight body")
    for keyid, key in sorted(root.keys.items()):
        owner = named.get(keyid, "a publisher, who signs snapshot and timestamp")
        yield f"Key {key.keyval['public']} belongs to {owner}"


def _targets(targets: Targets) -> Iterator[str]:
    is_shared = targets.delegations is not None
    yield _head("the federation's targets" if is_shared else "a member's delegation", targets)
    for path, target in sorted(targets.targets.items()):
        yield f"File {path} has SHA-256 {target.hashes.get('sha256', 'unstated')}"
    for role, keys in delegations_of(targets) if is_shared else ():
        yield f"Delegation {role.name} is signed by {keys.threshold} of {', '.join(keys.keys)}"
        said = read_delegated(role)
        if said.history:
            lost = sum(not change.consent for change in said.history)
            agreed = f"{len(said.history) - lost} times by consent"
            announced = f", {lost} times after an announced loss" if lost else ""
            yield f"Delegation {role.name} has changed its keys {agreed}{announced}"
        if said.candidate:
            yield f"Delegation {role.name} is of a candidate: exercise mode only"
        if said.expelled is not None:
            yield f"Delegation {role.name} ends: expelled from {iso(said.expelled)}"
    yield from _shared(targets) if is_shared else ()


def _shared(targets: Targets) -> Iterator[str]:
    shared, roles = shared_of(targets), (targets.delegations or Delegations({}, {})).roles or {}
    if STATUS in roles:
        yield f"Suspension and closure are signed by {roles[STATUS].threshold} parties of root"
    if shared.registry is not None:
        yield f"Every edition is recorded in the log {shared.registry.origin}"
    if shared.publisher:
        yield f"The publisher is the key named {shared.publisher}"


def _snapshot(snapshot: Snapshot) -> Iterator[str]:
    yield _head("a snapshot of the directory", snapshot)
    for name, meta in sorted(snapshot.meta.items()):
        yield f"File {name} stands at version {meta.version}"


def _timestamp(timestamp: Timestamp) -> Iterator[str]:
    yield _head("the time stamp of the directory", timestamp)
    yield f"The snapshot stands at version {timestamp.snapshot_meta.version}"


def _statements(data: bytes) -> Iterator[str]:
    document = read_member(data)
    yield f"Member {document.member} is {document.name}"
    if document.leaves is not None:
        yield f"Member {document.member} leaves the federation at {iso(document.leaves)}"
    for agency in document.agencies:
        yield f"Agency {agency.agency} is {agency.name} ({agency.sort.value})"
        yield from (_dated(agency.agency, dated) for dated in agency.keys)
    for node in document.nodes:
        yield f"Node {node.node} at {node.url} serves {', '.join(sorted(node.agencies))}"
        yield f"Node {node.node} keeps the ledger {node.origin}"
        yield from (_dated(node.node, dated) for dated in node.keys)


def _standing(data: bytes) -> Iterator[str]:
    status = read_status(data)
    yield "This says where members stand:"
    for member, held in sorted(status.suspended.items()):
        span = f"from {iso(held.since)} until {iso(held.until)}"
        yield f"Member {member} is suspended {span}, because: {held.ground}"
    for member, closure in sorted(status.closed.items()):
        yield (
            f"Member {member} is closed since {iso(closure.since)} because its keys"
            f" {closure.keys[:16]} are stolen, until it holds others: {closure.ground}"
        )


def _dated(owner: str, dated: DatedKey) -> str:
    until = "without end" if dated.until is None else f"until {iso(dated.until)}"
    if dated.revoked is not None:
        until += f", revoked from {iso(dated.revoked)}"
    return f"Key {dated.key.raw.hex()} of {owner} signs from {iso(dated.since)} {until}"
