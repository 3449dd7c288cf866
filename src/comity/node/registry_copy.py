"""The registry log as a node holds it: whole, checked entry by entry, never turned back.

A node keeps every entry, so it needs no proof but the log's own root; what it saw once must be
the beginning of all it is shown later. Two histories of the log are kept as evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from comity.adapters.registry import (
    CHECKPOINT,
    PREFIX,
    announcements,
    bundles,
    proof_path,
    read_entries,
)
from comity.core.clock import Instant
from comity.core.errors import (
    ComityError,
    InvalidInputError,
    VerificationError,
)
from comity.ledger import (
    Frontier,
    OpenedNote,
    Policy,
    compare,
    leaf_hash,
    open_note,
    parse_policy,
    parse_proof,
    parse_vkey,
    verify_proof,
)
from comity.node.registry_log import tree_of
from comity.seal import verify
from comity.trust import Claim, Noted, Records, RegistryEntry, read_record


class ForkError(VerificationError):
    """The registry log showed two histories; `evidence` proves it to anybody."""

    evidence: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A registry log that verified, and when this node first saw each of its entries."""

    origin: str
    note: bytes
    entries: tuple[bytes, ...]
    is_witnessed: bool
    seen: tuple[Instant, ...]
    proven: Mapping[int, Instant]
    """When a quorum of witnesses had seen an announcement, by index."""

    def records(self) -> Records:
        """Return what the log holds, with the earliest time each entry is known to stand."""
        return Records(
            tuple(
                Noted(
                    record=record, seen=min(self.seen[at], self.proven.get(at, self.seen[at]))
                )
                for at, record in enumerate(map(read_record, self.entries))
            )
        )

    def names(self) -> frozenset[str]:
        """Return the files it consists of, without partial bundles of older states."""
        paths = [tile.path for tile in bundles(self.note)]
        paths += [proof_path(index) for index in announcements(self.entries)]
        return frozenset({CHECKPOINT, *(PREFIX + path for path in paths)})

    def times(self) -> bytes:
        """Write down when each entry was first seen; `take_copy` reads it back."""
        return msgspec.json.encode({"origin": self.origin, "seen": self.seen})


class _Times(msgspec.Struct):
    origin: str
    seen: tuple[Instant, ...]


def take_copy(
    files: Mapping[str, bytes],
    claim: Claim,
    *,
    held: Mapping[str, bytes],
    times: bytes,
    at: Instant,
) -> Copy | None:
    """Check the registry log among fetched files; `None` where none is claimed or served.

    `held` is what verified before and `times` what `Copy.times` wrote then. An older state of
    the same log gives way to the one held. Raises `ForkError` on two histories,
    `VerificationError` and `InvalidInputError` on everything else that does not hold.
    """
    if claim.registry is None:
        return None
    policy = _policy(claim.policy)
    theirs, ours = (_state(each, claim.registry, policy) for each in (files, held))
    found = [state for state in (theirs, ours) if state is not None]
    if not found:
        return None
    # The longer wins, then the better witnessed; a copy as good as ours replaces it.
    chosen = max(found, key=lambda state: (len(state.entries), len(state.opened.seen)))
    if theirs is not None and ours is not None:
        _check_one_history(ours.note, theirs.note, claim.registry, longer=chosen.entries)
    source = held if chosen is ours else files
    return Copy(
        origin=claim.registry.origin,
        note=chosen.note,
        entries=chosen.entries,
        is_witnessed=policy is None or policy.met_at(chosen.opened) is not None,
        seen=_seen(times, claim.registry.origin, len(chosen.entries), at=at),
        proven={} if policy is None else _proven(source, chosen.entries, policy),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """One state of the log, signed and whole."""

    note: bytes
    opened: OpenedNote
    entries: tuple[bytes, ...]


def _state(
    files: Mapping[str, bytes], entry: RegistryEntry, policy: Policy | None
) -> _State | None:
    if (note := files.get(CHECKPOINT)) is None:
        return None
    keys = [parse_vkey(text) for text in entry.vkeys]
    witnesses = () if policy is None else policy.verifiers
    opened = open_note(note, (*keys, *witnesses), verify=verify)
    stated, signers = opened.checkpoint, {each.verifier for each in opened.seen}
    if stated.origin != entry.origin or not signers & set(keys):
        raise VerificationError("the registry log is not signed by the keys targets name")
    entries, frontier = read_entries(files, note), Frontier()
    for each in entries:
        frontier.append(leaf_hash(each))
    if frontier.root() != stated.root:
        raise VerificationError("the registry log states another root than its entries lead to")
    return _State(note=note, opened=opened, entries=tuple(entries))


def _check_one_history(
    ours: bytes, theirs: bytes, entry: RegistryEntry, *, longer: Sequence[bytes]
) -> None:
    verifiers = [parse_vkey(text) for text in entry.vkeys]
    found = compare(ours, theirs, keys=verifiers, read=tree_of(longer))
    if found is not None:
        error = ForkError("the registry log shows two histories: its publisher lies")
        error.evidence = found.encode()
        raise error


def _policy(text: bytes) -> Policy | None:
    try:
        found = parse_policy(text) if text else None
    except InvalidInputError:
        return None
    return found if found is not None and found.witnesses else None


def _seen(times: bytes, origin: str, count: int, *, at: Instant) -> tuple[Instant, ...]:
    try:
        kept = msgspec.json.decode(times, type=_Times)
    except msgspec.DecodeError:
        kept = _Times(origin="", seen=())
    known = kept.seen[:count] if kept.origin == origin else ()
    return (*known, *([at] * (count - len(known))))


def _proven(
    files: Mapping[str, bytes], entries: Sequence[bytes], policy: Policy
) -> dict[int, Instant]:
    found: dict[int, Instant] = {}
    for index in announcements(entries):
        data = files.get(PREFIX + proof_path(index))
        if data is None:
            continue
        try:
            proof = parse_proof(data)
            met = policy.met_at(verify_proof(proof, entries[index], policy, verify=verify))
        except ComityError:
            # A proof that does not hold proves nothing; the entry counts from when we saw it.
            continue
        if met and proof.index == index:
            found[index] = Instant(met * 1000)
    return found
