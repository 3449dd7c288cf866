"""A node's ledger as its inspectors read it: tiles, entries, newest checkpoint and its keys.

A node that runs holds its folder's lock; then it is read through its own listener, like anyone
else would, with the reader's token that only the holder of the node's keys can make.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from comity.adapters.http import Client
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core import limits
from comity.core.errors import (
    AuthorisationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnreachableError,
    VerificationError,
)
from comity.ledger import (
    Checkpoint,
    Tile,
    decode_bundle,
    encode_bundle,
    node_hash,
    open_note,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    read_tile,
)
from comity.node.config import Config, read_config
from comity.node.office import Office, open_office
from comity.node.readers import reader_token
from comity.node.register import Register
from comity.node.unlocking import unlock
from comity.seal import verify
from comity.trust import Directory, NodeEntry

_WIDTH = 256
_HEIGHT = 8
_KEPT = 8
"""Tiles kept in memory: one for each level of a tree of any size we can read."""
_LARGEST = _WIDTH * (limits.LEDGER_ENTRY + 2)
_OK, _FORBIDDEN, _MISSING = 200, 403, 404

GiveTile = Callable[[Tile], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vkeys:
    """The keys that signed a checkpoint: the log's own, and those of its witnesses."""

    log: tuple[str, ...]
    """Ed25519 first, then ML-DSA-44."""
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One ledger up to one signed checkpoint; what grows after it is not seen."""

    signed: bytes
    vkeys: Vkeys
    give: GiveTile
    _tiles: dict[str, bytes] = field(default_factory=dict[str, bytes], repr=False)

    def note(self) -> bytes:
        """Return the signed checkpoint with every cosignature gathered."""
        return self.signed

    def checkpoint(self) -> Checkpoint:
        """Return what the note states."""
        return parse_checkpoint(parse_note(self.signed).text)

    def read(self, level: int, index: int) -> bytes:
        """Return the hash of the complete node (level, index); raises `NotFoundError`."""
        tall, low = divmod(level, _HEIGHT)
        first, size = index << low, self.checkpoint().size >> _HEIGHT * tall
        if not 0 <= first < first + (1 << low) <= size:
            raise NotFoundError(f"no complete node ({level}, {index}) under this checkpoint")
        place = first % _WIDTH
        row = self._tile(self._at(tall, first // _WIDTH))
        hashes = [row[at * 32 : at * 32 + 32] for at in range(place, place + (1 << low))]
        while len(hashes) > 1:
            pairs = zip(hashes[::2], hashes[1::2], strict=True)
            hashes = [node_hash(left, right) for left, right in pairs]
        return hashes[0]

    def entries(self, first: int, count: int) -> Sequence[bytes]:
        """Return stored entries in order; raises `NotFoundError` beyond the checkpoint."""
        size = self.checkpoint().size
        if not 0 <= first <= first + count <= size:
            raise NotFoundError(f"the checkpoint covers {size} entries")
        found: list[bytes] = []
        for number in range(first // _WIDTH, -(-(first + count) // _WIDTH)):
            tile = self._at(None, number)
            found += decode_bundle(self._tile(tile), tile.width)
        skipped = first % _WIDTH
        return found[skipped : skipped + count]

    def _at(self, level: int | None, index: int) -> Tile:
        size = self.checkpoint().size >> _HEIGHT * (level or 0)
        return Tile(level=level, index=index, width=min(_WIDTH, size - index * _WIDTH))

    def _tile(self, tile: Tile) -> bytes:
        found = self._tiles.get(tile.path)
        if found is None:
            found = self.give(tile)
            if tile.level is not None and len(found) != tile.width * 32:
                raise UnreachableError(f"`{tile.path}` has another length than its tile")
            while len(self._tiles) >= _KEPT:
                self._tiles.pop(next(iter(self._tiles)))
            self._tiles[tile.path] = found
        return found


@contextmanager
def open_archive(folder: Path, passphrase: str | None) -> Generator[Archive]:
    """Read a node's ledger: from its folder, or from the node itself where it runs.

    Raises `ConfigurationError` before the node joined a network, `UnreachableError` where
    another process holds the folder and the node's listener does not answer.
    """
    office = _free_office(folder, passphrase)
    if office is None:
        client = Client()
        try:
            yield _running(folder, passphrase, client)
        finally:
            client.close()
        return
    try:
        yield _standing(office)
    finally:
        office.close()


def _free_office(folder: Path, passphrase: str | None) -> Office | None:
    try:
        return open_office(folder, passphrase=passphrase, before_whole=True)
    except ConflictError:
        return None


def _standing(office: Office) -> Archive:
    # What stands is shown; a store that was restored must not sign before it asked witnesses.
    newest = office.chronicle.newest() or office.chronicle.sign()
    note = newest.note

    def give(tile: Tile) -> bytes:
        if tile.level is None:
            first = tile.index * _WIDTH
            held = office.store.read(lambda r: r.entries(first, tile.width))
            return encode_bundle(held)
        return office.store.read(lambda r: read_tile(tile, r.ledger_node))

    return _archive(office.config, office.register.current(), note, give)


def _running(folder: Path, passphrase: str | None, client: Client) -> Archive:
    config = read_config(folder)
    token = reader_token(unlock(folder, passphrase=passphrase, entropy=SystemEntropy()))
    register = Register(folder, root_digest=config.root, clock=SystemClock())
    register.load()
    entry = register.current().node(config.node)
    base = f"{config.url.rstrip('/')}/log"

    def fetch(path: str) -> bytes:
        reply = client.get(f"{base}/{path}", tls=entry.tls, limit=_LARGEST)
        return _body(reply.status, reply.body, path=path.rpartition(token)[2])

    def give(tile: Tile) -> bytes:
        return fetch(f"r/{token}/{tile.path}" if tile.level is None else tile.path)

    note = fetch("checkpoint")
    _demand_own(note, entry)
    return _archive(config, register.current(), note, give)


def _demand_own(note: bytes, entry: NodeEntry) -> None:
    """Demand that this node itself signed; another may listen at its address by now."""
    keys = [parse_vkey(text) for text in entry.log_vkeys]
    try:
        opened = open_note(note, keys, verify=verify)
    except (InvalidInputError, VerificationError):
        opened = None
    if opened is None or not opened.seen or opened.checkpoint.origin != entry.origin:
        raise UnreachableError("what answers at this node's address is not this node")


def _body(status: int, body: bytes, *, path: str) -> bytes:
    if status == _OK:
        return body
    if status == _MISSING:
        raise NotFoundError(f"the running node has no `{path.lstrip('/')}` yet")
    if status == _FORBIDDEN:
        raise AuthorisationError("the running node does not take this folder's reader's token")
    raise UnreachableError(f"the running node answers {status}: is its address right?")


def _archive(config: Config, directory: Directory, note: bytes, give: GiveTile) -> Archive:
    entry = directory.node(config.node)
    return Archive(signed=note, vkeys=_vkeys(note, entry, directory), give=give)


def _vkeys(note: bytes, entry: NodeEntry, directory: Directory) -> Vkeys:
    """Return whose signatures the note bears, of all the keys the directory knows."""
    signed = {(line.name, line.id) for line in parse_note(note).signatures}
    known = (text for other in directory.nodes() for text in other.witness_vkeys)
    cosigners = [text for text in known if _name_of(text) in signed]
    return Vkeys(log=entry.log_vkeys, witnesses=tuple(cosigners))


def _name_of(vkey: str) -> tuple[str, bytes]:
    key = parse_vkey(vkey)
    return key.name, key.id
