"""Bundles at a node: written to a medium, read from one, acknowledged, and looked over.

For a partner that no line reaches, and for what waits while a line is down. The medium is read
by a process that can do nothing else (`adapters.media`); what it holds goes down the same road
as what comes by line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from comity.adapters.media import (
    Medium,
    Place,
    Sort,
    check_label,
    lay,
    look,
    place_name,
    room_on,
)
from comity.adapters.media.names import ACK, ANSWERS, MANIFEST, part_name
from comity.adapters.shape import LedgerReader
from comity.core.clock import DAY, Instant
from comity.core.errors import ComityError, ConfigurationError, InvalidInputError, LimitError
from comity.core.ids import NodeId, RecordId
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.exchange import Logged, OutboxRow
from comity.exchange.bundle import read_ack, read_manifest
from comity.exchange.bundle_rows import BundleReadRow, BundleRow
from comity.exchange.bundling import ON_ITS_WAY, PATIENCE, Settled, pack, settle_ack, written
from comity.exchange.unbundling import Unpacked, acknowledge, acknowledged, split_answers, take
from comity.ledger import consistency_proof
from comity.node.office import Office
from comity.node.unlocking import fresh
from comity.seal import PrekeyNotice, sign_prekey

COURIER_LIFE = 90 * DAY
"""How long the name of a courier is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one folder of a medium; `refused` says why nothing was taken from it."""

    name: str
    unpacked: Unpacked | None = None
    settled: Settled | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand with one partner's node."""

    node: NodeId
    written: Sequence[BundleRow]
    read: Sequence[BundleReadRow]
    waiting: int
    """Messages that are queued for it, on a medium or not."""
    since: Instant | None
    """When the oldest of these was written; it is not yet reached since then."""


def notice_of(office: Office) -> bytes:
    """Return our prekey notice, offered for as long as partners may be without a new one."""
    life = office.config.line.prekey_days * DAY
    prekey, until = fresh(office.keyring, office.clock, life=life)
    said = PrekeyNotice(
        node=office.config.node, key=prekey.public, since=Instant(until - life), until=until
    )
    federation = office.register.current().federation
    return sign_prekey(said, office.keyring.node, federation=federation)


def write_bundles(
    office: Office,
    medium: Path,
    to_node: NodeId,
    *,
    courier: str = "",
    patience: int = PATIENCE,
) -> list[BundleRow]:
    """Write what waits for a node to a medium, in as many bundles as it takes.

    With a `patience` in ms below the usual, what was written that long ago counts as lost and
    is written again. Raises `NotFoundError` for an unknown node, `StorageError` where the
    medium fails, `ConfigurationError` where it is not there.
    """
    office.register.current().node(to_node)
    done: list[BundleRow] = []
    record = _courier(office, courier)
    for row in _laid(office, medium, to_node, record=record, patience=patience):
        done.append(row)
        if patience < PATIENCE:
            # What was just written again is not to be written a third time.
            break
    return done


def _prove(reader: Reader, old: int, size: int) -> Sequence[bytes]:
    # Every store of a node keeps the tree beside the entries.
    return consistency_proof(old, size, cast("LedgerReader", reader).ledger_node)


def _laid(
    office: Office, medium: Path, to_node: NodeId, *, record: str, patience: int
) -> Iterator[BundleRow]:
    while True:
        packed = pack(
            to_node,
            office.station,
            notice=notice_of(office),
            prove=_prove,
            room=room_on(medium),
            patience=patience,
        )
        if packed is None:
            return
        name = place_name(Sort.BUNDLE, office.config.node, to_node, packed.row.number)
        parts = {part_name(at): part for at, part in enumerate(packed.parts, 1)}
        lay(medium, name, {**parts, MANIFEST: packed.manifest})
        yield written(packed, office.station, courier=record).result()


def read_medium(office: Office, medium: Path, *, courier: str = "") -> tuple[list[Done], int]:
    """Take every bundle and acknowledgement for this node; also count the names refused.

    What one folder holds wrongly keeps no other from being read. Raises as `look` does.
    """
    held, found = look(medium)
    own = [place for place in found.places if place.to_node == office.config.node]
    record = _courier(office, courier) if own else ""
    ordered = sorted(own, key=lambda each: (each.from_node, each.number, each.sort.value))
    return [_read(office, held, place, record=record) for place in ordered], found.refused


def _read(office: Office, medium: Medium, place: Place, *, record: str) -> Done:
    try:
        if place.sort is Sort.ACK:
            return Done(name=place.name, settled=_settle(office, medium, place))
        data = medium.manifest(place)
        _, manifest = read_manifest(data)
        _check_name(place, manifest.from_node, manifest.number)
        office.gossip.hear(manifest.checkpoint)
        parts = medium.parts(place, len(manifest.parts))
        unpacked = take(data, parts, office.station, courier=record)
        return Done(name=place.name, unpacked=unpacked)
    except ConfigurationError:
        # This machine cannot read media at all: nothing to do with what lies on this one.
        raise
    except ComityError as error:
        return Done(name=place.name, refused=str(error))


def _settle(office: Office, medium: Medium, place: Place) -> Settled:
    data, beside = medium.ack(place)
    _, ack = read_ack(data)
    _check_name(place, ack.from_node, ack.number)

    def resend(logged: Logged) -> None:
        office.desk.correspondence.resend(logged.mid.hex())

    return settle_ack(data, split_answers(beside, ack), office.station, resend=resend)


def _check_name(place: Place, from_node: NodeId, number: int) -> None:
    if (place.from_node, place.number) != (from_node, number):
        raise InvalidInputError("what is signed inside names another bundle than its folder")


def write_acks(office: Office, medium: Path, *, again: Sequence[NodeId] = ()) -> list[str]:
    """Acknowledge on a medium every bundle read and not acknowledged; return their names.

    Those of the nodes in `again` are written even where they were: the medium may be lost.
    """
    rows = office.store.read(lambda r: r.find(BundleReadRow, order="from_node,number"))
    names: list[str] = []
    for row in rows:
        if row.state != "read" and row.from_node not in again:
            continue
        ack, answers = acknowledge(row, office.station, notice=notice_of(office))
        name = place_name(Sort.ACK, office.config.node, NodeId(row.from_node), row.number)
        _make_room(medium, len(ack) + len(answers))
        lay(medium, name, {ANSWERS: answers, ACK: ack})
        acknowledged(row, office.station)
        names.append(name)
    return names


def _make_room(medium: Path, size: int) -> None:
    if (room := room_on(medium)) < size:
        raise LimitError(f"`{medium}` has room for {room} bytes, {size} are needed")


def standings(office: Office) -> list[Standing]:
    """Say for every partner's node how its bundles stand and since when it is not reached."""
    return [
        _standing(office, entry.node)
        for entry in office.register.current().nodes()
        if entry.node != office.config.node
    ]


def _standing(office: Office, node: NodeId) -> Standing:
    queued = eq("state", "queued"), eq("to_node", node)
    oldest = office.store.read(lambda r: r.find(OutboxRow, *queued, order="created", limit=1))
    return Standing(
        node=node,
        written=office.store.read(
            lambda r: r.find(BundleRow, eq("to_node", node), order="-number", limit=50)
        ),
        read=office.store.read(
            lambda r: r.find(BundleReadRow, eq("from_node", node), order="-number", limit=50)
        ),
        waiting=office.store.read(lambda r: r.count(OutboxRow, *queued)),
        since=Instant(oldest[0].created) if oldest else None,
    )


def state_of(row: BundleRow, *, at: Instant) -> str:
    """Return the state of a bundle written, *expired* once nothing in it can still arrive."""
    return "expired" if row.state in ON_ITS_WAY and row.exp <= at else row.state


def _courier(office: Office, name: str) -> str:
    if not name:
        return ""
    plain, at = check_label(name).encode(), office.clock.now()

    def unit(tx: Transaction) -> RecordId:
        return office.safe.keep(tx, sort="courier", plaintext=plain, at=at)

    return office.store.commit(unit).result()


def forget_couriers(office: Office) -> int:
    """Erase the names of couriers whose time is over; return how many."""
    at = office.clock.now()
    named, old = Where("courier", Op.NE, ""), Instant(at - COURIER_LIFE)
    wrote = office.store.read(lambda r: r.find(BundleRow, named, Where("at", Op.LT, old)))
    took = office.store.read(
        lambda r: r.find(BundleReadRow, named, Where("read_at", Op.LT, old))
    )
    records = {row.courier for row in wrote} | {row.courier for row in took}

    def unit(tx: Transaction) -> int:
        return sum(office.safe.erase(tx, RecordId(each), at=at) for each in sorted(records))

    return office.store.commit(unit).result() if records else 0


def courier_of(office: Office, record: str) -> str:
    """Return a courier's name; empty where none was named or it has been erased."""
    if not record:
        return ""
    found = office.store.read(lambda r: office.safe.open(r, RecordId(record)))
    return "" if found is None else found.decode()
