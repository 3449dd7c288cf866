"""Late envelopes: how a partner proves that what arrives today was sent when it says.

After a day a signing time counts only if the sender's ledger proves it: the envelope comes with
the `.tlog-proof` of its `sent` leaf, under a checkpoint that somebody dated soon after. The
leaf itself stands in the proof's `extra` line; it names the envelope's digest and no content.

INVARIANT: nobody dates back. The checkpoint's time must lie within a day of the signing time;
where the key has ended or was revoked since, a quorum of witnesses must have dated it, not only
the sender's own log, whose keys a thief of the whole node would hold too.
"""

from dataclasses import dataclass, replace

from comity.core.clock import DAY, MINUTE, SECOND, Instant, signing_time
from comity.core.errors import InvalidInputError, NotFoundError, VerificationError
from comity.core.ids import NodeId
from comity.exchange.stages import Received
from comity.exchange.station import Station
from comity.ledger import (
    LeafType,
    OpenedNote,
    Policy,
    Verifier,
    decode_leaf,
    leaf_hash,
    open_note,
    parse_proof,
    parse_vkey,
    verify_inclusion,
)
from comity.seal import Envelope, verify
from comity.trust import DatedKey

BEHIND = DAY
AHEAD = 5 * MINUTE
"""Signing times accepted without proof: a day behind to five minutes ahead of our clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """By when an envelope's `sent` leaf verifiably stood in its sender's ledger."""

    logged: Instant | None
    """As the sender's own log says; `None` where none of its signatures carries a time."""
    witnessed: Instant | None
    """As a quorum of witnesses says; `None` where none has cosigned."""


def proof_of(leaf: int, station: Station) -> bytes:
    """Return the proof of one of our own leaves, with the leaf in it; empty if none yet."""
    found = station.proof(leaf)
    if not found:
        return b""
    (entry,) = station.store.read(lambda r: r.entries(leaf, 1))
    return replace(parse_proof(found), extra=entry).encode()


def dated(proof: bytes, envelope: Envelope, station: Station) -> Dated:
    """Check the proof beside a late envelope.

    Raises `VerificationError` or `InvalidInputError` where it is not one of a `sent` leaf with
    this envelope's digest, in the log of the node that signed the envelope.
    """
    sender = envelope.header.from_node
    found = parse_proof(proof)
    leaf = decode_leaf(found.extra)
    if leaf.type is not LeafType.SENT or leaf.digest != envelope.digest:
        raise VerificationError("the proof is of another leaf")
    logs, policy = _logs(sender, station), station.policy(sender)
    opened = open_note(found.note, (*logs, *policy.verifiers), verify=verify)
    own = [one for one in opened.seen if one.verifier in logs]
    if not any(one.verifier.name == opened.checkpoint.origin for one in own):
        raise VerificationError("the checkpoint is not of the sender's own log")
    stated = opened.checkpoint
    verify_inclusion(
        leaf_hash(found.extra),
        found.hashes,
        index=found.index,
        size=stated.size,
        root=stated.root,
    )
    times = [one.at for one in own if one.at is not None]
    logged = Instant(min(times) * SECOND) if times else None
    return Dated(logged=logged, witnessed=_witnessed(policy, opened))


def _logs(node: NodeId, station: Station) -> tuple[Verifier, ...]:
    try:
        entry = station.directory().node(node)
    except NotFoundError:
        return ()
    return tuple(parse_vkey(text) for text in entry.log_vkeys)


def _witnessed(policy: Policy, opened: OpenedNote) -> Instant | None:
    # A policy that asks for no witness dates nothing.
    at = policy.met_at(opened)
    return Instant(at * SECOND) if at else None


def is_soon(at: Instant | None, created: Instant) -> bool:
    """Whether a checkpoint was dated soon enough after a signing time to vouch for it."""
    return at is not None and created - AHEAD <= at <= created + BEHIND


def vouched(proof: bytes, envelope: Envelope, station: Station) -> Dated | None:
    """Return what a proof says of when its envelope was signed; `None` where it says nothing.

    Both times are kept only where they lie soon after the signing time.
    """
    try:
        found = dated(proof, envelope, station)
    except (VerificationError, InvalidInputError):
        return None
    created = signing_time(envelope.header.mid)
    logged = found.logged if is_soon(found.logged, created) else None
    witnessed = found.witnessed if is_soon(found.witnessed, created) else None
    if logged is None and witnessed is None:
        return None
    return Dated(logged=logged, witnessed=witnessed)


def weigh(received: Received, key: DatedKey, station: Station) -> Dated | str:
    """Let in what was signed in time by a key that counted then, else say by which code not.

    exchange.md 5.2; the node's signature has been checked before.
    """
    envelope, now = received.envelope, received.at
    created = signing_time(envelope.header.mid)
    is_late = created < now - BEHIND
    if not is_late and key.is_valid(created):
        return Dated(logged=None, witnessed=None)
    if is_late and not received.proof:
        return "stale"
    found = vouched(received.proof, envelope, station) if received.proof else None
    seen = None if found is None else found.witnessed
    if not key.is_valid(created, witnessed=seen):
        return "unknown-sender"
    # Of a key that has ended only witnesses can say when it signed.
    if is_late and (found is None or (seen is None and not key.is_valid(now))):
        return "stale"
    return Dated(logged=None, witnessed=seen)
