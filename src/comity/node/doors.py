"""What a node opens to its partners, wired to its road, ledger, witness and directory."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from pathlib import Path

from comity.adapters.http import Doors
from comity.adapters.shape import LedgerReader
from comity.core.errors import InvalidInputError, NotFoundError
from comity.exchange import Consignment, Station, again, inbound
from comity.ledger import Tile, encode_bundle, parse_tile_path, read_tile
from comity.node.mailbox import Mailbox
from comity.node.office import Office
from comity.node.readers import Readers, reader_token
from comity.node.rows import WitnessedRow
from comity.node.running import Running


def doors_of(
    office: Office,
    running: Running,
    *,
    publish: Path | None,
    journal: Callable[[str, str], None],
) -> Doors:
    """Wire every door of an office."""
    readers = Readers(folder=office.folder, clock=office.clock)
    return Doors(
        inbox=lambda consignment: take(office, running.metered, consignment),
        prekeys=running.prekey_notice,
        checkpoint=lambda: _checkpoint(office),
        tile=lambda path: _tile(office, path),
        may_read_entries=lambda token: _may_read(office, readers, token),
        witness=office.chronicle.witness,
        witnessed=lambda digest: _witnessed(office, digest),
        directory=lambda path: _published(publish, office.folder, path),
        mailbox=Mailbox(
            station=office.station,
            deliverer=running.deliverer,
            may_send=running.may_send,
            journal=journal,
        ),
        blob=running.shelf.take,
        again=lambda data: again.answer(data, office.station),
        is_alive=lambda: not running.health.ails(),
        is_ready=lambda: not running.health.lacks(),
        journal=journal,
    )


def _may_read(office: Office, readers: Readers, token: str) -> bool:
    own = hmac.compare_digest(token.encode(), reader_token(office.keyring).encode())
    return own or readers.name_of(token) is not None


def take(office: Office, station: Station, consignment: Consignment) -> Sequence[bytes]:
    """Take a consignment and answer each of its envelopes, in order."""
    office.gossip.hear(consignment.checkpoint)
    # All are let in before the first is waited for: one commit may hold them all.
    answers = [inbound.take(item, station) for item in consignment.items]
    return [answer.result() for answer in answers]


def _checkpoint(office: Office) -> bytes | None:
    row = office.chronicle.newest()
    return None if row is None else row.note


def _tile(office: Office, path: str) -> bytes | None:
    newest = office.chronicle.newest()
    try:
        tile = parse_tile_path(path)
    except InvalidInputError:
        return None
    if newest is None:
        return None
    return office.store.read(lambda r: _read_tile(r, tile, newest.size))


def _read_tile(reader: LedgerReader, tile: Tile, size: int) -> bytes | None:
    first = tile.index * 256
    if tile.level is None:
        if first + tile.width > size:
            return None
        return encode_bundle(reader.entries(first, tile.width))
    if (first + tile.width) << (8 * tile.level) > size:
        return None
    try:
        return read_tile(tile, reader.ledger_node)
    except NotFoundError:
        return None


def _witnessed(office: Office, digest: str) -> bytes | None:
    rows = office.store.read(lambda r: r.find(WitnessedRow))
    for row in rows:
        if hashlib.sha256(row.origin.encode()).hexdigest() == digest:
            return row.note
    return None


def _published(publish: Path | None, folder: Path, path: str) -> bytes | None:
    """Give a file of the directory: as its publisher, or as the mirror that every node is."""
    held = folder / "directory" / "files" if publish is None else publish / "public"
    root = held.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        return None
    return file.read_bytes()
