"""Rotation and revocation of keys: what a node asks its member to list, and when a key turns.

    prepare   the next key is made; it signs nothing
    announce  a change, signed by the old key and every new one, for the member's document
    turn      the directory has listed it for a day: the ledger says so, then it signs

A change alone alters nothing: the member signs its next document with its own keys (2 of 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, LimitError
from comity.core.ids import AgencyId, NodeId, agency_id, node_id
from comity.core.keys import PublicKey
from comity.ledger import KeyType, Verifier, parse_vkey
from comity.node.generations import AGENCY, LOG, NODE, WITNESS, Generation, Turn
from comity.node.keyring import Keyring
from comity.seal import verify
from comity.trust import AgencyEntry, DatedKey, Directory, MemberDocument, NodeEntry

LISTED_BEFORE_USE = DAY
"""How long a key is in the directory before it signs: every partner has seen it by then."""
_SAID = "comity/v1/key-change"
_ED25519, _ML_DSA = "ed25519", "ml-dsa-44"
_MOST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One key as a node asks to have it listed, under its use."""

    use: str
    public: PublicKey
    post_quantum: bytes = b""
    """The ML-DSA-44 half of a log or witness."""
    number: int
    since: Instant
    revoked: Instant | None = None
    is_proven: bool = False
    """Whether the key itself signed the change, which who takes it up anew must have done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a node asks its member to list, signed by its present and its coming keys."""

    node: NodeId
    at: Instant
    keys: tuple[Listed, ...]
    signed_by: PublicKey
    """The node's key that signed it; `with_change` wants it listed."""

    def words(self) -> tuple[str, ...]:
        """Say in words what a member lists with it."""
        return tuple(_word(each) for each in self.keys)


def _word(key: Listed) -> str:
    name = f"{key.use} key {key.number} ({key.public.kid.hex()[:12]}…)"
    if key.revoked is not None:
        return f"{name}: revoked, believe nothing it signed that was not witnessed before"
    return f"{name}: in use or next"


def make_change(
    ring: Keyring, node: NodeId, *, directory: Directory | None, at: Instant
) -> bytes:
    """Write what should be listed now: every key in use and every next one.

    A key the directory knows keeps its beginning; a new one begins a day from now, or at once
    where it takes the place of a revoked one.
    """
    keys = [
        _listed(ring, each, directory=directory, at=at)
        for each in ring.held
        if each.turn is not Turn.RETIRED
    ]
    body = cbor.encode(
        {"what": _SAID, "node": node, "at": at, "keys": [_as_map(each) for each in keys]}
    )
    # Who asks to have a key listed shows that it holds it: each new key signs the change too.
    proofs = [
        [port.public.raw, port.sign(body)]
        for each in ring.held
        if each.turn is Turn.NEXT
        for port in ring.publics(each)
    ]
    key = ring.node
    proven: list[Value] = [list(each) for each in proofs]
    return cbor.encode(
        {"change": body, "key": key.public.raw, "signature": key.sign(body), "proofs": proven}
    )


def _listed(
    ring: Keyring, key: Generation, *, directory: Directory | None, at: Instant
) -> Listed:
    one, *rest = (port.public for port in ring.publics(key))
    is_urgent = ring.active(key.use).revoked is not None
    known = None if directory is None else _known(directory, one)
    since = at if is_urgent or key.turn is Turn.ACTIVE else Instant(at + LISTED_BEFORE_USE)
    return Listed(
        use=key.use,
        public=one,
        post_quantum=rest[0].raw if rest else b"",
        number=key.number,
        since=since if known is None else known.since,
        revoked=key.revoked,
    )


def _known(directory: Directory, key: PublicKey) -> DatedKey | None:
    listed = [dated for node in directory.nodes() for dated in node.keys]
    listed += [dated for agency in directory.agencies() for dated in agency.keys]
    found = (dated for dated in listed if dated.key == key)
    return next(found, None)


def read_change(data: bytes) -> Change:
    """Read a change; raises `InvalidInputError` where any key named did not sign it."""
    wrong = InvalidInputError(
        "expected a change of keys, as `comity node keys announce` writes it"
    )
    if len(data) > limits.MEMBER_DOCUMENT:
        raise LimitError(f"expected a change of at most {limits.MEMBER_DOCUMENT} bytes")
    try:
        outer = cast("Mapping[str, Value]", cbor.decode(data))
        body, signature = cast("bytes", outer["change"]), cast("bytes", outer["signature"])
        said = cast("Mapping[str, Value]", cbor.decode(body))
        key = PublicKey(algorithm=_ED25519, raw=cast("bytes", outer["key"]))
        if said["what"] != _SAID or not verify(key, signature, body):
            raise InvalidInputError("this change of keys is not signed by a key of the node")
        proofs = cast("Sequence[Sequence[bytes]]", outer["proofs"])
        keys = tuple(_from_map(each) for each in cast("Sequence[Value]", said["keys"]))
        change = Change(
            node=node_id(str(said["node"])),
            at=Instant(_int(said["at"])),
            keys=keys,
            signed_by=key,
        )
        proven = {bytes(raw): bytes(by) for raw, by in proofs}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise wrong from None
    if len(keys) > _MOST:
        raise LimitError(f"expected at most {_MOST} keys in a change")
    return replace(change, keys=tuple(_shown(each, proven, body) for each in keys))


def _shown(key: Listed, proven: Mapping[bytes, bytes], body: bytes) -> Listed:
    """Check the proof that a coming key is held."""
    halves = [key.public]
    if key.post_quantum:
        halves.append(PublicKey(algorithm=_ML_DSA, raw=key.post_quantum))
    for half in halves:
        if half.raw in proven and not verify(half, proven[half.raw], body):
            raise InvalidInputError(f"the {key.use} key {key.number} did not sign this change")
    return replace(key, is_proven=all(half.raw in proven for half in halves))


def with_change(document: MemberDocument, change: Change) -> MemberDocument:
    """Return the member's document with a node's change taken in; nothing else is touched.

    An old key stays listed until what was signed with it has ended: message life and a day
    after the new one begins. Raises `InvalidInputError` where the document lists no such node,
    or not the key that signed the change.
    """
    entry = next((each for each in document.nodes if each.node == change.node), None)
    if entry is None:
        raise InvalidInputError(f"this document lists no node `{change.node}`")
    if not any(dated.key == change.signed_by for dated in entry.keys):
        raise InvalidInputError("the change is signed by a key this document does not list")
    grace = (entry.message_life + 1) * DAY
    agencies = tuple(_agency(each, change, entry, grace) for each in document.agencies)
    nodes = tuple(
        _node(each, change, grace) if each.node == change.node else each
        for each in document.nodes
    )
    return replace(document, agencies=agencies, nodes=nodes)


def _agency(entry: AgencyEntry, change: Change, node: NodeEntry, grace: int) -> AgencyEntry:
    if entry.agency not in node.agencies:
        return entry
    return replace(entry, keys=_dated(entry.keys, change, f"{AGENCY}{entry.agency}", grace))


def _node(entry: NodeEntry, change: Change, grace: int) -> NodeEntry:
    logs = [each for each in change.keys if each.use == LOG]
    federation = entry.origin.partition("/")[0]
    base = f"{federation}/log/{entry.node}"
    names = {each.number: f"{base}/{each.number}" for each in logs}
    vkeys = [vkey for each in logs for vkey in _vkeys(names[each.number], each, LOG)]
    # The epoch before stays listed, so that what it signed last is verified by anybody.
    vkeys += [old for old in entry.log_vkeys if old not in vkeys][: max(0, 4 - len(vkeys))]
    for each in logs:
        if not set(_vkeys(names[each.number], each, LOG)) <= set(entry.log_vkeys):
            _expect_proof(each)
    first = next((names[each.number] for each in logs), entry.origin)
    witness = f"{federation}/witness/{entry.node}"
    cosigners = [
        vkey
        for each in change.keys
        if each.use == WITNESS and each.revoked is None
        for vkey in _vkeys(witness, each, WITNESS)
    ]
    for each in change.keys:
        if each.use == WITNESS and not set(_vkeys(witness, each, WITNESS)) <= set(
            entry.witness_vkeys
        ):
            _expect_proof(each)
    return replace(
        entry,
        keys=_dated(entry.keys, change, NODE, grace),
        origin=first,
        log_vkeys=tuple(vkeys) or entry.log_vkeys,
        witness_vkeys=tuple(cosigners) or entry.witness_vkeys,
    )


def _dated(
    held: Sequence[DatedKey], change: Change, use: str, grace: int
) -> tuple[DatedKey, ...]:
    named = [each for each in change.keys if each.use == use]
    if not named:
        return tuple(held)
    begins = max(each.since for each in named)
    asked = {each.public: each for each in named}
    kept: list[DatedKey] = []
    for dated in held:
        said = asked.pop(dated.key, None)
        is_last = said is not None and said.number == max(each.number for each in named)
        until = dated.until if is_last else dated.until or Instant(begins + grace)
        revoked = dated.revoked if said is None else said.revoked or dated.revoked
        kept.append(replace(dated, until=until, revoked=revoked))
    for said in asked.values():
        _expect_proof(said)
        kept.append(DatedKey(key=said.public, since=said.since))
    return tuple(kept)


def _expect_proof(key: Listed) -> None:
    if not key.is_proven:
        raise InvalidInputError(f"the {key.use} key {key.number} did not sign this change")


def _vkeys(name: str, key: Listed, use: str) -> tuple[str, ...]:
    sort = KeyType.ED25519 if use == LOG else KeyType.COSIGNATURE
    second = PublicKey(algorithm=_ML_DSA, raw=key.post_quantum)
    one = Verifier(name=name, type=sort, key=key.public)
    return one.text, Verifier(name=name, type=KeyType.ML_DSA_44, key=second).text


def since_of(
    key: Generation, ring: Keyring, directory: Directory, node: NodeId
) -> Instant | None:
    """Return from when the directory lets a key of this node sign; `None` where it does not."""
    one = ring.publics(key)[0].public
    entry = directory.node(node)
    if key.use in {LOG, WITNESS}:
        vkeys = entry.log_vkeys if key.use == LOG else entry.witness_vkeys
        return Instant(0) if any(parse_vkey(text).key == one for text in vkeys) else None
    agency = key.use.removeprefix(AGENCY)
    listed = entry.keys if key.use == NODE else directory.agency(AgencyId(agency)).keys
    return next((dated.since for dated in listed if dated.key == one), None)


def due(
    ring: Keyring,
    directory: Directory,
    node: NodeId,
    *,
    at: Instant,
    stopped: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Say whose next key has its turn now; a key seen listed for the first time is marked.

    INVARIANT: a key signs only once the directory has listed it for a day, so that no partner
    meets a key it has not heard of; at once only where the one before it is revoked or, as
    `stopped` says, signs no more.
    """
    ready: list[str] = []
    for use in ring.uses():
        new, old = ring.next(use), ring.active(use)
        since = None if new is None else since_of(new, ring, directory, node)
        if new is None or since is None:
            continue
        seen = new.listed
        if seen is None:
            seen = at
            ring.mark(new, listed=at)
        is_urgent = old.revoked is not None or use in stopped
        waited = 0 if is_urgent else LISTED_BEFORE_USE
        if since <= at and seen + waited <= at:
            ready.append(use)
    return tuple(ready)


def _as_map(key: Listed) -> Value:
    return {
        "use": key.use,
        "key": key.public.raw,
        "ml-dsa": key.post_quantum,
        "number": key.number,
        "since": key.since,
        "revoked": key.revoked,
    }


def _from_map(value: Value) -> Listed:
    said = cast("Mapping[str, Value]", value)
    use, revoked = str(said["use"]), said["revoked"]
    if use.startswith(AGENCY):
        agency_id(use.removeprefix(AGENCY))
    elif use not in {NODE, LOG, WITNESS}:
        raise InvalidInputError("a change of keys names a use this release does not know")
    return Listed(
        use=use,
        public=PublicKey(algorithm=_ED25519, raw=cast("bytes", said["key"])),
        post_quantum=cast("bytes", said["ml-dsa"]),
        number=_int(said["number"]),
        since=Instant(_int(said["since"])),
        revoked=None if revoked is None else Instant(_int(revoked)),
    )


def _int(value: Value) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value
