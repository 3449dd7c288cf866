"""Reading a partner's bundle: each message goes down the one road, and the answers go back.

A bundle read twice, an old one after a newer one and one that lost files are all normal; what
is refused is a bundle for another node or federation, and two that claim one number.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from comity.core import cbor, limits
from comity.core.clock import MINUTE, Instant
from comity.core.errors import ConflictError, InvalidInputError, VerificationError
from comity.core.ids import NodeId
from comity.core.keys import KeyId, PublicKey
from comity.core.store import Op, Transaction, Where, eq
from comity.exchange import inbound
from comity.exchange.bundle import (
    Ack,
    Manifest,
    read_manifest,
    read_part,
    verify_manifest,
    write_ack,
)
from comity.exchange.bundle_rows import BundleReadRow
from comity.exchange.bundling import gaps, learn_newer
from comity.exchange.consignment import Consigned
from comity.exchange.leaves import commit, pack
from comity.exchange.station import Station
from comity.ledger import (
    Checkpoint,
    LeafType,
    open_note,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    verify_consistency,
)
from comity.seal import Rejection, read_answer, verify

AHEAD = 5 * MINUTE
"""From here on a sender's clock that is ahead of ours is shown."""
_AT_ONCE = 64
_ROUNDS = 4
_NUMBER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What reading one bundle did."""

    row: BundleReadRow
    is_again: bool
    """Whether it had been read before; then only what was damaged is looked at again."""
    taken: int
    """Messages stored here, now or before."""
    rejected: int
    damaged: int
    gaps: tuple[int, ...]
    clock: int
    """Milliseconds by which the sender's clock was ahead of ours; 0 where it was not."""
    alarm: str
    """What speaks for two histories of the sender; empty where nothing does."""


def believed(data: bytes, station: Station) -> Manifest:
    """Return a manifest for this node that its sender's node signed.

    Raises `InvalidInputError` on other bytes, `VerificationError` where it is for another node
    or federation, or by no key that the directory lists.
    """
    kid, claimed = read_manifest(data)
    if claimed.to_node != station.node:
        raise VerificationError(f"this bundle is for `{claimed.to_node}`, not for this node")
    key = _key(claimed.from_node, kid, station, at=claimed.written_at)
    if key is None:
        raise VerificationError(
            f"a bundle by a key that the directory does not list of `{claimed.from_node}`"
        )
    return verify_manifest(data, key, federation=station.directory().federation)


def _key(node: NodeId, kid: KeyId, station: Station, *, at: Instant) -> PublicKey | None:
    # A clock may be years off: what counts is a key valid now, or when it says it was written.
    directory, now = station.directory(), station.clock.now()
    return directory.node_key(node, kid, at=now) or directory.node_key(
        node, kid, at=Instant(min(at, now))
    )


def take(
    data: bytes, parts: Iterable[bytes], station: Station, *, courier: str = ""
) -> Unpacked:
    """Take every message of a bundle; `parts` are its files in order, empty where one is gone.

    Raises as `believed` does, and `ConflictError` (with an `incident` leaf) where another
    bundle bore this number or follows another one than was read.
    """
    manifest = believed(data, station)
    digest = hashlib.sha256(data).digest()
    known = station.store.read(
        lambda r: r.get(BundleReadRow, manifest.from_node, manifest.number)
    )
    _check_chain(manifest, digest, known, station)
    alarm = _check_ledger(manifest, station)
    learn_newer(manifest.from_node, manifest.notice, station)
    wanted = None if known is None else frozenset(_positions(known.damaged))
    answers, damaged = _answers(manifest, parts, station, wanted=wanted)
    before = {} if known is None else dict(enumerate(_split(known.answers)))
    held = [*before.values(), *answers.values()]
    row = BundleReadRow(
        from_node=manifest.from_node,
        number=manifest.number,
        digest=digest,
        state="read",
        written_at=manifest.written_at,
        read_at=station.clock.now(),
        items=manifest.count,
        damaged=b"".join(each.to_bytes(_NUMBER, "big") for each in damaged),
        answers=b"".join(held),
        checkpoint=manifest.checkpoint,
        courier=courier or ("" if known is None else known.courier),
    )
    station.store.commit(lambda tx: tx.put(row)).result()
    rejected = sum(_is_rejection(each) for each in held)
    ahead = manifest.written_at - station.clock.now()
    return Unpacked(
        row=row,
        is_again=known is not None,
        taken=len(held) - rejected,
        rejected=rejected,
        damaged=len(damaged),
        gaps=station.store.read(lambda r: gaps(r, manifest.from_node)),
        clock=ahead if ahead > AHEAD else 0,
        alarm=alarm,
    )


def acknowledge(row: BundleReadRow, station: Station, *, notice: bytes) -> tuple[bytes, bytes]:
    """Return the signed acknowledgement of a bundle, and the answers that lie beside it."""
    ack = Ack(
        from_node=station.node,
        to_node=NodeId(row.from_node),
        number=row.number,
        digest=row.digest,
        read_at=Instant(row.read_at),
        damaged=tuple(_positions(row.damaged)),
        gaps=station.store.read(lambda r: gaps(r, NodeId(row.from_node))),
        answers=hashlib.sha256(row.answers).digest(),
        notice=notice,
    )
    federation = station.directory().federation
    return write_ack(ack, station.node_key, federation=federation), row.answers


def acknowledged(row: BundleReadRow, station: Station) -> None:
    """Record that an acknowledgement lies whole on a medium."""

    def unit(tx: Transaction) -> None:
        held = tx.get(BundleReadRow, row.from_node, row.number)
        if held is not None and held.read_at == row.read_at:
            tx.put(replace(held, state="acked"))

    station.store.commit(unit).result()


def _answers(
    manifest: Manifest,
    parts: Iterable[bytes],
    station: Station,
    *,
    wanted: frozenset[int] | None,
) -> tuple[Mapping[int, bytes], list[int]]:
    """Return the answers by position, and the positions that were missing or altered."""
    answers: dict[int, bytes] = {}
    damaged: list[int] = []
    early: list[tuple[int, Consigned]] = []
    batch: list[tuple[int, Consigned]] = []
    for position, item in _items(manifest, parts):
        if wanted is not None and position not in wanted:
            continue
        if item is None:
            damaged.append(position)
            continue
        batch.append((position, item))
        if len(batch) >= _AT_ONCE:
            early += _taken(batch, station, answers)
            batch = []
    early += _taken(batch, station, answers)
    # What protects people lies first, and may so come before what it is about.
    for _ in range(_ROUNDS):
        before, early = len(early), list(_taken(early, station, answers))
        if len(early) == before:
            break
    return answers, damaged


def _items(
    manifest: Manifest, parts: Iterable[bytes]
) -> Iterator[tuple[int, Consigned | None]]:
    position, given = 0, iter(parts)
    for index in manifest.parts:
        for item in read_part(index, next(given, b"")):
            yield position, item
            position += 1


def _taken(
    batch: Sequence[tuple[int, Consigned]], station: Station, answers: dict[int, bytes]
) -> list[tuple[int, Consigned]]:
    """Take items, note their answers, and return those that came too early."""
    # All are let in before the first is waited for: one commit may hold them all.
    begun = [(position, item, inbound.take(item, station)) for position, item in batch]
    early: list[tuple[int, Consigned]] = []
    for position, item, future in begun:
        answers[position] = future.result()
        said = read_answer(answers[position]).said
        if isinstance(said, Rejection) and said.code == "early":
            early.append((position, item))
    return early


def _is_rejection(answer: bytes) -> bool:
    return isinstance(read_answer(answer).said, Rejection)


def _split(answers: bytes) -> list[bytes]:
    return cbor.sequence(answers, tag=18)


def split_answers(data: bytes, ack: Ack) -> list[bytes]:
    """Return the answers that lie beside an acknowledgement; none where they are damaged."""
    if len(data) > limits.ANSWER * limits.BUNDLE_ITEMS:
        return []
    if hashlib.sha256(data).digest() != ack.answers:
        return []
    try:
        return _split(data)
    except InvalidInputError:
        return []


def _positions(damaged: bytes) -> list[int]:
    return [
        int.from_bytes(damaged[at : at + _NUMBER], "big")
        for at in range(0, len(damaged), _NUMBER)
    ]


def _check_chain(
    manifest: Manifest, digest: bytes, known: BundleReadRow | None, station: Station
) -> None:
    """Refuse a second bundle of one number: its sender went back, or somebody has its key."""
    node, number = manifest.from_node, manifest.number
    before = station.store.read(lambda r: r.get(BundleReadRow, node, number - 1))
    is_fork = known is not None and known.digest != digest
    follows = before is None or before.digest == manifest.previous
    if is_fork or not follows:
        _incident(manifest, digest, station)
        raise ConflictError(
            f"bundle {number} of `{node}` is another than was read, or follows another: was an"
            " older backup restored there?"
        )


def _check_ledger(manifest: Manifest, station: Station) -> str:
    """Compare the sender's checkpoint with the one that came before; say what does not hold.

    The messages are taken all the same: they are believed by their own signatures, and nobody's
    warning waits for another's ledger.
    """
    if not manifest.checkpoint:
        return ""
    entry = station.directory().node(manifest.from_node)
    try:
        # A node may list the keys of two epochs; a key's name is the ledger it signs for.
        keys = [parse_vkey(text) for text in entry.log_vkeys]
        opened = open_note(manifest.checkpoint, keys, verify=verify)
        stated = opened.checkpoint
        if stated.origin not in {seen.verifier.name for seen in opened.seen}:
            return "its checkpoint is not signed by its ledger"
        _check_extends(manifest, stated, station)
    except InvalidInputError:
        return "its checkpoint cannot be read"
    except VerificationError:
        _incident(manifest, hashlib.sha256(manifest.checkpoint).digest(), station)
        return "its ledger does not extend what it showed before"
    return ""


def _check_extends(manifest: Manifest, stated: Checkpoint, station: Station) -> None:
    earlier = Where("number", Op.LT, manifest.number)
    rows = station.store.read(
        lambda r: r.find(
            BundleReadRow,
            eq("from_node", manifest.from_node),
            earlier,
            order="-number",
            limit=1,
        )
    )
    if not rows or not rows[0].checkpoint:
        return
    old = parse_checkpoint(parse_note(rows[0].checkpoint).text)
    # After a gap, or in a new epoch, no proof starts at what we hold: gossip compares those.
    if old.origin == stated.origin and old.size == manifest.old_size:
        verify_consistency(
            manifest.consistency,
            old=old.size,
            old_root=old.root,
            new=stated.size,
            new_root=stated.root,
        )


def _incident(manifest: Manifest, digest: bytes, station: Station) -> None:
    now = station.clock.now()
    made = commit(
        LeafType.INCIDENT,
        {"what": "bundle", "from": manifest.from_node, "number": manifest.number},
        at=now,
        entropy=station.entropy,
        digest=digest,
    )

    def unit(tx: Transaction) -> None:
        tx.append(made.leaf.encode())
        station.safe.keep(
            tx,
            sort="incident",
            plaintext=pack({"checkpoint": manifest.checkpoint}, made),
            at=now,
        )

    station.store.commit(unit).result()
