"""Restore of a node's folder from a backup: whole or not at all, and never a forked ledger.

    verify every byte -> lay out beside -> apply the erasure list -> end every access -> rename

The restored node then asks its partners and witnesses before it serves or signs (`recovery`).
"""

import io
import shutil
import tarfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, cast

from msgspec import structs

from comity.adapters.files import (
    make_private_folder,
    read_private,
    sync_tree,
    write_private,
)
from comity.adapters.sql import SqlStore, open_sqlite
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.cbor import Value
from comity.core.clock import HOUR, Clock, Entropy, Instant, iso
from comity.core.errors import (
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    StorageError,
    VerificationError,
)
from comity.core.store import Row, Transaction, eq
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType, root
from comity.node.apart import KEPT_FOR, Entry, ErasureList
from comity.node.archive_file import SealedReader
from comity.node.backup import MANIFEST, STORE, Manifest, new_private, read_manifest
from comity.node.config import FILE, read_config, write_config
from comity.node.keyring import Keyring
from comity.node.master import open_master
from comity.node.office import ROWS
from comity.node.restored import Restored, write_restored
from comity.node.unlocking import apart_of, open_keyring
from comity.record import Safe
from comity.seal import RecordCipher
from comity.trust import SessionRow, TokenRow

CLOCK, ENTROPY = SystemClock(), SystemEntropy()
_SMALL: Final = 64 * 1024 * 1024
_FILES: Final = 20_000


def restore(  # noqa: PLR0913 - what a restore needs, one keyword each
    file: Path,
    folder: Path,
    *,
    words: str,
    passphrase: str | None,
    apart: Path | None,
    clock: Clock = CLOCK,
    entropy: Entropy = ENTROPY,
) -> Restored:
    """Make a node's folder from a backup, whole or not at all.

    Every byte is verified and everything erased, recalled, ended or blocked since is done again
    before the folder stands; it serves no reader until its partners were asked too. `apart` is
    where keys of the week and erasure list lie; without it no record opens.

    Raises `ConflictError` where `folder` stands, `ConfigurationError` on wrong words or list,
    `VerificationError` where a byte was changed or the end is missing.
    """
    if folder.exists():
        raise ConflictError(f"`{folder}` stands already: a restore replaces nothing")
    draft = folder.with_name(f".{folder.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)
    make_private_folder(draft)
    try:
        manifest = _unpack(file, draft, words=words)
        restored = _make_whole(
            draft, manifest, passphrase=passphrase, apart=apart, clock=clock, entropy=entropy
        )
        sync_tree(draft)
        # INVARIANT: the folder appears by this one act, verified and with its list applied.
        draft.rename(folder)
        sync_tree(folder.parent, deep=False)
    except OSError as error:
        reason = (error.strerror or "the disk failed").lower()
        raise StorageError(f"the node could not be restored: {reason}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return restored


def _unpack(file: Path, draft: Path, *, words: str) -> Manifest:
    try:
        source = file.open("rb")
    except OSError:
        raise InvalidInputError(f"cannot read a backup from `{file}`") from None
    found: Manifest | None = None
    with source:
        reader = SealedReader(source, passphrase=words)
        try:
            with tarfile.open(fileobj=cast("BinaryIO", reader), mode="r|") as tar:
                for count, info in enumerate(tar):
                    _expect_plain(info, count)
                    held = tar.extractfile(info)
                    if held is None:
                        raise InvalidInputError("the backup holds what is no file")
                    if info.name == MANIFEST:
                        found = read_manifest(held.read(_SMALL))
                    else:
                        _lay(draft / info.name, held)
        except tarfile.TarError:
            raise VerificationError("the backup is damaged inside") from None
        reader.expect_end()
    if found is None or found.name != reader.name:
        raise VerificationError("the backup's manifest belongs to another file")
    return found


def _expect_plain(info: tarfile.TarInfo, count: int) -> None:
    parts = Path(info.name).parts
    is_inside = bool(parts) and not Path(info.name).is_absolute() and ".." not in parts
    if not info.isfile() or not is_inside or count > _FILES:
        raise InvalidInputError("the backup holds a file that no node has")


def _lay(path: Path, held: io.BufferedIOBase | object) -> None:
    make_private_folder(path.parent)
    with new_private(path) as out:
        shutil.copyfileobj(cast("BinaryIO", held), out, 1 << 20)


def _make_whole(  # noqa: PLR0913 - what a restore needs, one keyword each
    draft: Path,
    manifest: Manifest,
    *,
    passphrase: str | None,
    apart: Path | None,
    clock: Clock,
    entropy: Entropy,
) -> Restored:
    config = read_config(draft)
    if config.node != manifest.node:
        raise VerificationError("the backup's files and manifest name two nodes")
    place = "" if apart is None else str(apart.resolve())
    config = replace(config, keys=structs.replace(config.keys, apart=place))
    write_private(draft / FILE, write_config(config).encode())
    master = open_master(draft, passphrase=passphrase)
    weeks = apart_of(draft) / "weeks"
    ring = open_keyring(draft, master, entropy=entropy, weeks=weeks)
    listed = _list_of(ring, manifest, apart=apart, clock=clock)
    at = clock.now()
    store = open_sqlite(draft / STORE, ROWS, readers=1)
    try:
        state = store.read(lambda r: (r.size(), root(r.size(), r.ledger_node)))
        if state != (manifest.size, manifest.root):
            raise VerificationError("the store in the backup is not the one it was made of")
        applied = _apply(store, listed, since=Instant(manifest.at - HOUR))
        _end_access(store, at=at)
        safe = _safe(ring)
        store.commit(
            lambda tx: _say_restored(tx, manifest, applied, safe=safe, ring=ring, at=at)
        ).result()
    finally:
        store.close()
    restored = Restored(
        name=manifest.name.hex(),
        backed_up=manifest.at,
        restored=at,
        size=manifest.size,
        epoch=manifest.epoch,
        applied=applied,
        had_list=listed is not None,
    )
    write_restored(draft, restored)
    return restored


def _list_of(
    ring: Keyring, manifest: Manifest, *, apart: Path | None, clock: Clock
) -> ErasureList | None:
    """Return the list the backup needs; raises `ConfigurationError` where it is another."""
    if apart is None:
        return None
    path = apart / "list" / "id"
    if not path.exists() or read_private(path) != manifest.list_id:
        raise ConfigurationError(f"`{apart}` does not hold the erasure list this backup needs")
    if manifest.at + KEPT_FOR <= clock.now():
        raise ConfigurationError(
            f"this backup of {iso(manifest.at)} is older than the erasure list reaches back"
        )
    return ErasureList(
        folder=apart / "list", master=ring.master, clock=clock, entropy=ring.entropy
    )


def _apply(store: SqlStore, listed: ErasureList | None, *, since: Instant) -> int:
    kinds: dict[str, type[Row]] = {kind.table: kind for kind in ROWS}
    applied = 0
    for entry in () if listed is None else listed.since(since):
        applied += store.commit(partial(_replay, entry, kinds)).result()
    return applied


def _replay(entry: Entry, kinds: dict[str, type[Row]], tx: Transaction) -> int:
    return entry.replay(tx, kinds)


def _end_access(store: SqlStore, *, at: Instant) -> None:
    """End every session, link and token: one may have been withdrawn since."""

    def unit(tx: Transaction) -> None:
        for session in tx.find(SessionRow, eq("ended_at", None)):
            tx.put(replace(session, ended_at=at))
        for token in tx.find(TokenRow, eq("ended_at", None)):
            tx.put(replace(token, ended_at=at))

    store.commit(unit).result()


def _safe(ring: Keyring) -> Safe:
    return Safe(
        cipher=RecordCipher(),
        weeks=ring,
        entropy=ring.entropy,
        keyed_hash=lambda text: ring.hashed(text).hex(),
    )


def _say_restored(  # noqa: PLR0913 - what the leaf commits to
    tx: Transaction,
    manifest: Manifest,
    applied: int,
    *,
    safe: Safe,
    ring: Keyring,
    at: Instant,
) -> None:
    record: dict[str, Value] = {
        "why": "restored from a backup",
        "backup": manifest.name,
        "backed_up": manifest.at,
        "size": manifest.size,
        "applied": applied,
        "at": at,
    }
    made = commit(LeafType.INCIDENT, record, at=at, entropy=ring.entropy)
    tx.append(made.leaf.encode())
    safe.keep(tx, sort="incident", plaintext=pack({}, made), at=at)
