"""What an engineer does to keep a node in service, on its folder."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from comity.adapters.files import FolderLock
from comity.adapters.sql import SCHEMA, Migration, Wish, migrate_store
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import Clock
from comity.node.certificates import (
    PROXY,
    listed_certificates,
    make_certificates,
    rotate_certificate,
    tls_certificates,
)
from comity.node.config import read_config
from comity.node.office import ROWS
from comity.node.parting import LeaseRow
from comity.node.register import Register
from comity.node.rows import ClockRow, ClockStopRow, PulseRow
from comity.node.unlocking import unlock

__all__ = ["SCHEMA", "Shown", "Wish", "certificates", "migrate_node"]

LIGHT = frozenset(kind.table for kind in (ClockRow, ClockStopRow, PulseRow, LeaseRow))
"""Tables that say only how a process does now: going back may always drop them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One TLS certificate of a node: which, its SHA-256 in hex, whether partners know it."""

    use: str
    digest: str
    is_listed: bool


def certificates(
    folder: Path, *, passphrase: str | None, rotate: bool, clock: Clock | None = None
) -> tuple[Shown, ...]:
    """Make what is missing of a node's TLS certificates, or go on to the next; return both.

    The node may run meanwhile. Raises `ConflictError` where the next one is not listed yet.
    """
    config, time = read_config(folder), clock or SystemClock()
    listed: tuple[bytes, ...] = ()
    register = Register(folder, root_digest=config.root, clock=time)
    register.load()
    if register.has_joined:
        listed = listed_certificates(register.current(), config.node)
    is_proxys = (folder / "keys" / "tls" / PROXY[0]).exists()
    is_whole = is_proxys or len(tls_certificates(folder)) == 2  # noqa: PLR2004 - and next
    if rotate or not is_whole:
        ring = unlock(folder, passphrase=passphrase, entropy=SystemEntropy())
        if rotate:
            rotate_certificate(config, ring, listed=listed, clock=time)
        else:
            make_certificates(config, ring, clock=time)
    return tuple(
        Shown(use=use, digest=hashlib.sha256(each).hexdigest(), is_listed=each in listed)
        for use, each in zip(("current", "next"), tls_certificates(folder), strict=False)
    )


def migrate_node(folder: Path, wish: Wish) -> Migration:
    """Bring the store of a node that does not run to a layout, or rehearse it.

    Raises `ConflictError` where the node runs, or where something would be lost that `wish`
    does not name; `StorageError` where what was migrated cannot be read: nothing changed then.
    """
    config = read_config(folder)
    where = config.store or folder / "store.db"
    with FolderLock(folder):
        return migrate_store(where, ROWS, replace(wish, lose=wish.lose | LIGHT))
