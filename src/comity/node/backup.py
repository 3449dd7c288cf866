"""Backup of a node's folder: whole while the node runs.

    manifest, node.toml, store.db, keys/*, directory/, packs/, readers/ …

Never in it: prekeys, keys of the week, the erasure list, segments (exchange.md 11). So a backup
alone opens no record; with the medium kept apart it opens what was not erased since.
"""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from comity.adapters.files import (
    destroy,
    sync_tree,
    write_private,
)
from comity.adapters.sql import open_sqlite, snapshot
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Clock, Entropy, Instant
from comity.core.errors import (
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    StorageError,
)
from comity.ledger import root
from comity.node.archive_file import SealedWriter
from comity.node.config import read_config
from comity.node.keyring import Keyring
from comity.node.office import ROWS, erasures_of
from comity.node.unlocking import unlock

CLOCK, ENTROPY = SystemClock(), SystemEntropy()
STAMP: Final = "backup.json"
"""Written beside the node: when it was last backed up, for `comity node check`."""
MANIFEST: Final = "manifest"
STORE: Final = "store.db"
_FOLDERS = ("directory", "packs", "readers")
_TOP = (".toml", ".yaml", ".json", ".csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is of, and where its ledger stood."""

    name: bytes
    node: str
    at: Instant
    size: int
    root: bytes
    epoch: int
    list_id: bytes
    """The erasure list without which it is not made whole."""

    def encode(self) -> bytes:
        """Write it as deterministic CBOR."""
        said: dict[str, Value] = {
            "at": self.at,
            "epoch": self.epoch,
            "list": self.list_id,
            "name": self.name,
            "node": self.node,
            "root": self.root,
            "size": self.size,
        }
        return cbor.encode(said)


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest; raises `InvalidInputError`."""
    try:
        said = cast("dict[str, Value]", cbor.decode(data))
        return Manifest(
            name=cast("bytes", said["name"]),
            node=cast("str", said["node"]),
            at=Instant(cast("int", said["at"])),
            size=cast("int", said["size"]),
            root=cast("bytes", said["root"]),
            epoch=cast("int", said["epoch"]),
            list_id=cast("bytes", said["list"]),
        )
    except (KeyError, TypeError):
        raise InvalidInputError("the backup's manifest lacks a field") from None


def back_up(  # noqa: PLR0913 - what a backup is made from, one keyword each
    folder: Path,
    file: Path,
    *,
    passphrase: str | None,
    words: str,
    clock: Clock = CLOCK,
    entropy: Entropy = ENTROPY,
) -> Manifest:
    """Write a sealed backup of a node that may run meanwhile; `words` will open it again.

    Raises `ConflictError` where the file stands already, `ConfigurationError` for a store in
    PostgreSQL (its own tools copy that) or a wrong passphrase, `StorageError` from the disk;
    nothing is left behind then.
    """
    _expect_room(folder, file)
    ring = unlock(folder, passphrase=passphrase, entropy=entropy)
    list_id, at = erasures_of(folder, ring, clock=clock).begin(), clock.now()
    copy, draft = (file.with_name(f".{file.name}.{end}") for end in ("store", "draft"))
    copy.unlink(missing_ok=True)
    try:
        snapshot(folder / STORE, copy)
        with new_private(draft) as out:
            writer = SealedWriter(out, passphrase=words, entropy=entropy)
            manifest = _stand(folder, copy, ring, name=writer.name, list_id=list_id, at=at)
            _pack(writer, folder, manifest, store=copy)
        sync_tree(draft)
        draft.replace(file)
    except OSError as error:
        reason = (error.strerror or "the disk failed").lower()
        raise StorageError(f"the backup could not be written: {reason}") from error
    finally:
        draft.unlink(missing_ok=True)
        destroy(copy)
    stamp = f'{{"at": {at}, "backup": "{manifest.name.hex()}"}}\n'
    write_private(folder / STAMP, stamp.encode())
    return manifest


def _expect_room(folder: Path, file: Path) -> None:
    if file.exists():
        raise ConflictError(f"`{file}` stands already: a backup replaces nothing")
    if read_config(folder).store:
        raise ConfigurationError(
            "this node's store is in PostgreSQL: back that up with its own tools, and the"
            " folder beside it"
        )


def _stand(  # noqa: PLR0913 - what a manifest says
    folder: Path, copy: Path, ring: Keyring, *, name: bytes, list_id: bytes, at: Instant
) -> Manifest:
    store = open_sqlite(copy, ROWS, readers=1)
    try:
        size, head = store.read(lambda r: (r.size(), root(r.size(), r.ledger_node)))
    finally:
        store.close()
    return Manifest(
        name=name,
        node=read_config(folder).node,
        at=at,
        size=size,
        root=head,
        epoch=ring.epoch,
        list_id=list_id,
    )


def _pack(writer: SealedWriter, folder: Path, manifest: Manifest, *, store: Path) -> None:
    with tarfile.open(fileobj=cast("BinaryIO", writer), mode="w|") as tar:
        _add(tar, MANIFEST, manifest.encode())
        tar.add(store, STORE, recursive=False)
        for path in _files(folder):
            _add(tar, path.relative_to(folder).as_posix(), path.read_bytes())
    writer.finish()


def _files(folder: Path) -> Iterator[Path]:
    """Give every file a backup holds, and none of those it must not hold."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in _TOP and path.name != STAMP:
            yield path
    for path in sorted((folder / "keys").iterdir()):
        if path.is_file() and path.name != "lock" and not path.name.startswith("."):
            yield path
    for name in _FOLDERS:
        yield from (p for p in sorted((folder / name).rglob("*")) if p.is_file())


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))


def new_private(path: Path) -> BinaryIO:
    """Open a new file only its owner may read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    return path.open("wb")
