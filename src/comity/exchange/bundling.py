"""Writing bundles for a partner without a line, and learning what became of them.

    queued -> pack -> written -> carried -> acked | gap -> rewritten | expired

A message in a bundle stays queued until its receipt comes back, by whatever road: a lost medium
loses nothing, and whatever comes twice has one effect.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final

from comity.core import limits
from comity.core.clock import DAY, Instant
from comity.core.errors import ComityError, ConflictError, NotFoundError, VerificationError
from comity.core.ids import NodeId
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.exchange import delivery
from comity.exchange.bundle import (
    Ack,
    Manifest,
    read_ack,
    verify_ack,
    write_manifest,
    write_parts,
)
from comity.exchange.bundle_rows import BundleReadRow, BundleRow
from comity.exchange.consignment import Consignment, split
from comity.exchange.queue import as_logged
from comity.exchange.rows import OutboxRow, PrekeyRow
from comity.exchange.stages import Acknowledged, Logged
from comity.exchange.station import Station
from comity.ledger import parse_checkpoint, parse_note
from comity.seal import read_answer

PATIENCE: Final = 14 * DAY
"""How long a bundle may be on its way before what it holds is written again."""
BULK: Final = 64 * limits.KIB
"""Envelopes above this size go last."""
ON_ITS_WAY: Final = frozenset({"written", "carried"})
_MID = 16
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A bundle ready to be laid on a medium."""

    row: BundleRow
    manifest: bytes
    parts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an acknowledgement changed here."""

    number: int
    settled: int
    """Messages whose receipt or rejection is now written down."""
    doubted: int
    """Answers that prove nothing; their messages stay queued."""
    damaged: int
    gaps: tuple[int, ...]


Prove = Callable[[Reader, int, int], Sequence[bytes]]
"""Reads the consistency proof from an old size of our ledger to a newer one."""


def pack(  # noqa: PLR0913 - what a medium, a partner and a ledger ask for
    to_node: NodeId,
    station: Station,
    *,
    notice: bytes,
    prove: Prove,
    room: int,
    patience: int = PATIENCE,
) -> Packed | None:
    """Pack what waits for a node and is not on its way; `None` where nothing does or fits.

    `room` is in bytes. First what protects people and what is urgent, last what is bulky. The
    bundle is recorded as `writing`: `written` follows once its medium is known to be whole.
    """
    now = station.clock.now()
    rows = station.store.read(
        lambda r: _chosen(r, to_node, station, room=room, since=Instant(now - patience))
    )
    if not rows:
        return None
    consigned = delivery.consign([as_logged(row) for row in rows], station)
    items = Consignment(items=consigned.items)
    cut = split(items, size=limits.BUNDLE_PART, count=limits.BUNDLE_ITEMS)
    laid = list(write_parts(cut))

    last = station.store.read(lambda r: _newest(r, to_node))
    size = _size_of(consigned.checkpoint)
    old = 0 if last is None or not size else min(last.size, size)
    manifest = Manifest(
        from_node=station.node,
        to_node=to_node,
        number=1 if last is None else last.number + 1,
        written_at=now,
        previous=b"" if last is None else last.digest,
        parts=tuple(index for index, _ in laid),
        checkpoint=consigned.checkpoint,
        old_size=old,
        consistency=tuple(station.store.read(lambda r: prove(r, old, size))),
        notice=notice,
    )
    federation = station.directory().federation
    data = write_manifest(manifest, station.node_key, federation=federation)
    made = BundleRow(
        to_node=to_node,
        number=manifest.number,
        digest=hashlib.sha256(data).digest(),
        state="writing",
        at=now,
        exp=max(row.exp for row in rows),
        mids=b"".join(row.mid for row in rows),
        size=size,
    )
    # A number is used once: of two who pack at the same time, one finds it taken.
    station.store.commit(lambda tx: tx.insert(made)).result()
    return Packed(row=made, manifest=data, parts=tuple(part for _, part in laid))


def written(packed: Packed, station: Station, *, courier: str = "") -> "Future[BundleRow]":
    """Record that a bundle lies whole on a medium, and who carries it, if anybody yet does.

    `courier` names the record that holds the courier's name. What it takes over from earlier
    bundles marks those as rewritten.
    """

    def unit(tx: Transaction) -> BundleRow:
        state = "carried" if courier else "written"
        row = replace(packed.row, state=state, courier=courier)
        mids = set(_mids(row))
        for other in tx.find(BundleRow, eq("to_node", row.to_node)):
            is_open = other.state in ON_ITS_WAY or other.state in {"gap", "writing"}
            if other.number != row.number and is_open and mids & set(_mids(other)):
                tx.put(replace(other, state="rewritten"))
        tx.put(row)
        return row

    return station.store.commit(unit)


def settle_ack(
    data: bytes,
    answers: Iterable[bytes],
    station: Station,
    *,
    resend: Callable[[Logged], None],
) -> Settled:
    """Write down what an acknowledgement says; repeating it is harmless.

    `answers` are what lay beside it, one by one; each is believed for its own signature alone.
    Raises `VerificationError` where the acknowledgement is not its node's or names other bytes
    than were written, `NotFoundError` where no such bundle was.
    """
    ack = _believed(data, station)
    station.store.read(lambda r: _named(r, ack))
    learn_newer(ack.from_node, ack.notice, station)
    done = list(_settled(answers, ack, station, resend=resend))
    station.store.commit(lambda tx: _close(tx, ack, at=station.clock.now())).result()
    return Settled(
        number=ack.number,
        settled=sum(done),
        doubted=len(done) - sum(done),
        damaged=len(ack.damaged),
        gaps=ack.gaps,
    )


def learn_newer(node: NodeId, notice: bytes, station: Station) -> None:
    """Keep a prekey notice that came on a medium, unless a later one is known or it ended."""
    entry = station.directory().node(node)
    try:
        told = delivery.read_prekey(notice, entry, station)
    except ComityError:
        # A medium may have lain about: a notice that proves nothing is as good as none.
        return
    held = station.store.read(lambda r: r.get(PrekeyRow, node))
    known = station.clock.now() if held is None else max(held.until, station.clock.now())
    if told.until > known:
        delivery.learn_prekey(entry, notice, station).result()


def _chosen(
    reader: Reader, to_node: NodeId, station: Station, *, room: int, since: Instant
) -> list[OutboxRow]:
    on_the_way = {
        mid
        for row in reader.find(
            BundleRow, eq("to_node", to_node), Where("state", Op.IN, tuple(sorted(ON_ITS_WAY)))
        )
        if row.at > since
        for mid in _mids(row)
    }
    now = station.clock.now()
    queued = eq("state", "queued"), eq("to_node", to_node), Where("exp", Op.GT, now)
    limit = limits.BUNDLE_ITEMS + len(on_the_way)
    protective = Where("kind", Op.IN, station.practices.protective())
    found = {
        row.mid: (lane, row)
        for lane, more in ((1, ()), (0, (protective,)))
        for row in reader.find(
            OutboxRow, *queued, *more, order="rank,due,sent_leaf", limit=limit
        )
    }
    ordered = sorted(
        (row for _, row in found.values() if row.mid not in on_the_way),
        key=lambda row: (
            min(found[row.mid][0], row.rank),
            len(row.envelope) > BULK,
            row.created,
            row.sent_leaf,
        ),
    )
    chosen: list[OutboxRow] = []
    for row in ordered[: limits.BUNDLE_ITEMS]:
        room -= len(row.envelope) + _OVERHEAD
        if room < 0:
            break
        chosen.append(row)
    return chosen


_OVERHEAD = 8 * limits.KIB
"""Most bytes a proof and an index record are reckoned at, where room is short."""


def _newest(reader: Reader, to_node: NodeId) -> BundleRow | None:
    rows = reader.find(BundleRow, eq("to_node", to_node), order="-number", limit=1)
    return rows[0] if rows else None


def _size_of(note: bytes) -> int:
    return parse_checkpoint(parse_note(note).text).size if note else 0


def _mids(row: BundleRow) -> list[bytes]:
    return [row.mids[at : at + _MID] for at in range(0, len(row.mids), _MID)]


def _believed(data: bytes, station: Station) -> Ack:
    kid, claimed = read_ack(data)
    directory = station.directory()
    key = directory.node_key(claimed.from_node, kid, at=station.clock.now())
    if key is None or claimed.to_node != station.node:
        raise VerificationError(
            f"an acknowledgement for `{claimed.to_node}` by a key the directory does not list"
            f" of `{claimed.from_node}`, or not for this node"
        )
    return verify_ack(data, key, federation=directory.federation)


def _named(reader: Reader, ack: Ack) -> BundleRow:
    row = reader.get(BundleRow, ack.from_node, ack.number)
    if row is None:
        raise NotFoundError(f"no bundle {ack.number} was written for `{ack.from_node}`")
    if row.digest != ack.digest:
        raise ConflictError(f"bundle {ack.number} was read as other bytes than were written")
    return row


def _settled(
    answers: Iterable[bytes],
    ack: Ack,
    station: Station,
    *,
    resend: Callable[[Logged], None],
) -> Iterable[bool]:
    """Yield for each answer whether it is written down."""
    begun: list[tuple[Logged, Future[Acknowledged]]] = []
    for answer in answers:
        try:
            logged = _answered(answer, ack.from_node, station)
            if delivery.retry_after(logged, answer, station) is not None:
                yield False
                continue
            begun.append((logged, delivery.settle(logged, answer, station)))
        except ComityError:
            yield False
        if len(begun) >= _AT_ONCE:
            yield from _finished(begun, resend)
            begun = []
    yield from _finished(begun, resend)


def _finished(
    begun: Sequence[tuple[Logged, "Future[Acknowledged]"]],
    resend: Callable[[Logged], None],
) -> Iterable[bool]:
    for logged, done in begun:
        try:
            if done.result().code in delivery.AGAIN:
                resend(logged)
            yield True
        except ComityError:
            # It proves nothing, or law or a missing key holds back what is sealed anew.
            yield False


def _answered(answer: bytes, node: NodeId, station: Station) -> Logged:
    said = read_answer(answer).said
    digest = getattr(said, "digest", b"")
    rows = station.store.read(
        lambda r: r.find(OutboxRow, eq("digest", digest), eq("to_node", node), limit=1)
    )
    if not rows:
        raise NotFoundError("an answer about bytes that were not sent to this node")
    return as_logged(rows[0])


def _close(tx: Transaction, ack: Ack, *, at: Instant) -> None:
    row = _named(tx, ack)
    if row.state != "rewritten":
        tx.put(replace(row, state="gap" if ack.damaged else "acked", acked_at=at))
    for number in ack.gaps:
        missing = tx.get(BundleRow, ack.from_node, number)
        if missing is not None and missing.state in ON_ITS_WAY:
            tx.put(replace(missing, state="gap"))


def gaps(reader: Reader, from_node: NodeId) -> tuple[int, ...]:
    """Return the numbers of bundles that should have come from a node and never did."""
    rows = reader.find(BundleReadRow, eq("from_node", from_node), order="number")
    seen = {row.number for row in rows}
    most = max(seen, default=0)
    missing = (number for number in range(1, most) if number not in seen)
    return tuple(number for number, _ in zip(missing, range(limits.BUNDLE_GAPS), strict=False))
