"""Who must have seen a checkpoint before it counts as witnessed, and since when none has.

The federation's own policy file decides. Where it states none, the rule of a beginning holds:
at least half of the members, rounded up, and an oversight body where there is one. A log's own
member never counts for it, and a node counts only with both of its cosignatures: the older form
does not commit to a name, so that a copied key would otherwise count twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from comity.core.clock import MINUTE, Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import MemberId, NodeId, member_of
from comity.core.store import Op, Reader, Where
from comity.ledger import KeyType, OpenedNote, Policy, Verifier, decode_leaf, parse_policy
from comity.ledger import parse_vkey as read_key
from comity.message import Handling, Tlp
from comity.node.rows import CheckpointRow
from comity.trust import Directory, NodeEntry, Sort, Standing

_WATCHERS = {Sort.OVERSIGHT, Sort.MONITOR, Sort.COMPANY, Sort.CIVIL}
"""Whose members are no states: of these only oversight cosigns for a quorum."""
_BOTH = (KeyType.COSIGNATURE, KeyType.ML_DSA_44)
STATES, OVERSIGHT, QUORUM = "members", "oversight", "members-and-oversight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How far a ledger has been witnessed under its policy."""

    size: int
    """Entries that stand."""
    covered: int
    """Entries under the newest checkpoint that met the policy."""
    since: Instant | None
    """When the first entry that no quorum has seen was written; `None` where all are seen."""
    met_at: Instant | None
    """By when a quorum had seen the newest such checkpoint; `None` where there is none."""
    witnesses: tuple[str, ...]
    """Who cosigned the newest checkpoint of all."""

    def unwitnessed(self, at: Instant) -> int:
        """Return for how long something has stood that no quorum has seen, in ms."""
        return 0 if self.since is None else max(0, at - self.since)


def policy_of(directory: Directory, node: NodeId) -> Policy:
    """Return who must cosign a node's ledger; raises `InvalidInputError` on a broken file."""
    entry = directory.node(node)
    logs = tuple(read_key(text) for text in entry.log_vkeys)
    stated = _stated(directory, own=entry.member)
    return stated if stated.logs else replace(stated, logs=logs)


def registry_policy(directory: Directory) -> Policy | None:
    """Return who must cosign the federation's registry log; `None` where it keeps none."""
    registry = directory.registry
    if registry is None:
        return None
    logs = tuple(read_key(text) for text in registry.vkeys)
    return replace(_stated(directory, own=None), logs=logs)


def _stated(directory: Directory, *, own: MemberId | None) -> Policy:
    if directory.policy.strip():
        return parse_policy(directory.policy.encode())
    states: dict[MemberId, list[NodeEntry]] = {}
    overseers: dict[MemberId, list[NodeEntry]] = {}
    for entry in directory.nodes():
        if entry.member != own and _counts(directory, entry):
            side = overseers if _is_oversight(directory, entry) else states
            if side is overseers or not _sorts(directory, entry) & _WATCHERS:
                side.setdefault(entry.member, []).append(entry)
    every = len(states) + (own is not None and _is_state(directory, own))
    return _rule(states, overseers, least=min(-(-every // 2), len(states)))


def _rule(
    states: Mapping[MemberId, Sequence[NodeEntry]],
    overseers: Mapping[MemberId, Sequence[NodeEntry]],
    *,
    least: int,
) -> Policy:
    witnesses: dict[str, Verifier] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    for member, entries in (*states.items(), *overseers.items()):
        for entry in entries:
            forms = {sort: _named(entry, sort) for sort in _BOTH}
            for sort, named in forms.items():
                witnesses |= named
                groups[f"{entry.node}/{sort:02}"] = (1, tuple(named))
            groups[entry.node] = (
                len(forms),
                tuple(f"{entry.node}/{sort:02}" for sort in forms),
            )
        groups[member] = (1, tuple(entry.node for entry in entries))
    top: list[str] = []
    if states:
        groups[STATES] = (least, tuple(states))
        top.append(STATES)
    if overseers:
        groups[OVERSIGHT] = (1, tuple(overseers))
        top.append(OVERSIGHT)
    if not top:
        return Policy(logs=(), witnesses={}, groups={}, quorum="none")
    groups[QUORUM] = (len(top), tuple(top))
    return Policy(logs=(), witnesses=witnesses, groups=groups, quorum=QUORUM)


def write_policy(policy: Policy) -> str:
    """Write a policy as a C2SP tlog-policy, for people and programs that have no node."""
    lines = [f"log {log.text}" for log in policy.logs]
    lines += [f"witness {name} {key.text}" for name, key in policy.witnesses.items()]
    lines += [
        f"group {name} {least} {' '.join(members)}"
        for name, (least, members) in policy.groups.items()
    ]
    return "\n".join([*lines, f"quorum {policy.quorum}"]) + "\n"


def in_words(policy: Policy) -> str:
    """Say in words who must have seen a checkpoint."""
    if policy.quorum == "none":
        return "no witness is asked for"
    least, members = policy.groups.get(policy.quorum, (1, (policy.quorum,)))
    if policy.quorum == QUORUM:
        told = [f"{policy.groups[name][0]} of {_listed(policy, name)}" for name in members]
        return " and ".join(told)
    return f"{least} of {', '.join(members)}"


def _listed(policy: Policy, name: str) -> str:
    return f"{name} ({', '.join(policy.groups[name][1])})"


def newest_met(reader: Reader) -> CheckpointRow | None:
    """Return the newest checkpoint of ours that met the policy."""
    is_met = Where("met_at", Op.GE, 0)
    rows = reader.find(CheckpointRow, is_met, order="-size", limit=1)
    return rows[0] if rows else None


def earliest_met(reader: Reader, index: int) -> CheckpointRow | None:
    """Return the earliest checkpoint of ours that met the policy and covers an entry."""
    has_it, is_met = Where("size", Op.GT, index), Where("met_at", Op.GE, 0)
    rows = reader.find(CheckpointRow, has_it, is_met, order="size", limit=1)
    return rows[0] if rows else None


def earliest(reader: Reader, index: int) -> CheckpointRow | None:
    """Return the earliest checkpoint of ours that covers an entry, witnessed or not."""
    rows = reader.find(CheckpointRow, Where("size", Op.GT, index), order="size", limit=1)
    return rows[0] if rows else None


def watched(reader: Reader) -> Watched:
    """Read how far our own ledger has been witnessed."""
    met, size = newest_met(reader), reader.size()
    covered = 0 if met is None else met.size
    since = None
    if covered < size:
        # The first entry no quorum has seen says itself since when.
        (entry,) = reader.entries(covered, 1)
        since = Instant(decode_leaf(entry).at * 1000)
    newest = reader.find(CheckpointRow, order="-size", limit=1)
    return Watched(
        size=size,
        covered=covered,
        since=since,
        met_at=None if met is None or met.met_at is None else Instant(met.met_at),
        witnesses=_cosigners(newest[0]) if newest else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """For how long a ledger may stand unwitnessed while something is sent under a marking."""

    tlp: Tlp
    level: int
    longest: int
    """In ms."""


def limit_of(text: str) -> Limit:
    """Read a limit such as `TLP:RED=60` or `L2=30`; raises `InvalidInputError`."""
    marking, _, minutes = text.partition("=")
    tlp = next((each for each in Tlp if each.label == marking), None)
    level = int(marking[1:]) if marking in {"L1", "L2", "L3", "L4"} else 0
    if (tlp is None and not level) or not minutes.isascii() or not minutes.isdigit():
        raise InvalidInputError(
            f"expected a marking and minutes like `TLP:RED=60` or `L2=30`, got `{text[:40]}`"
        )
    return Limit(tlp=tlp or Tlp.CLEAR, level=level, longest=int(minutes[:6]) * MINUTE)


def why_not(reader: Reader, handling: Handling, limits: Sequence[Limit], *, at: Instant) -> str:
    """Say why nothing is sent under a marking now; empty where nothing keeps it back."""
    binding = [
        each.longest
        for each in limits
        if handling.tlp >= each.tlp and handling.level >= each.level
    ]
    if not binding:
        return ""
    stands = watched(reader).unwitnessed(at)
    if stands <= min(binding):
        return ""
    return (
        f"no quorum of witnesses has seen this ledger for {stands // MINUTE} minutes; under"
        f" this marking nothing goes after {min(binding) // MINUTE}: try again once they have"
    )


def met_at(policy: Policy, opened: OpenedNote) -> Instant | None:
    """Return by when a quorum had seen a checkpoint; `None` where none has."""
    at = policy.met_at(opened)
    return None if at is None else Instant(at * 1000)


def _cosigners(row: CheckpointRow) -> tuple[str, ...]:
    return tuple(name for name in row.cosigners.split(" ") if name)


def _counts(directory: Directory, entry: NodeEntry) -> bool:
    """Whether a node's cosignatures count: of a member in standing, and in both forms."""
    standing = directory.standing(entry.member, at=directory.checked_at)
    is_in = standing in {Standing.MEMBER, Standing.SUSPENDED}
    return is_in and {key.type for key in _keys(entry)} == set(_BOTH)


def _named(entry: NodeEntry, sort: KeyType) -> dict[str, Verifier]:
    """Name a witness's keys of one form; there are two while it changes them."""
    keys = [key for key in _keys(entry) if key.type is sort]
    return {f"{entry.node}/{sort:02}/{place}": key for place, key in enumerate(keys, start=1)}


def _keys(entry: NodeEntry) -> tuple[Verifier, ...]:
    try:
        return tuple(read_key(text) for text in entry.witness_vkeys)
    except InvalidInputError:
        return ()


def _sorts(directory: Directory, entry: NodeEntry) -> set[Sort]:
    return {directory.agency(agency).sort for agency in entry.agencies}


def _is_oversight(directory: Directory, entry: NodeEntry) -> bool:
    return Sort.OVERSIGHT in _sorts(directory, entry)


def _is_state(directory: Directory, member: MemberId) -> bool:
    entries = [entry for entry in directory.nodes() if member_of(entry.node) == member]
    return any(not _sorts(directory, entry) & _WATCHERS for entry in entries)
