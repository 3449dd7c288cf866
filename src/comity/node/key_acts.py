"""What an engineer does with a node's keys at its machine; the node may run meanwhile."""

from pathlib import Path

from comity.adapters.files import write_private
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import Instant
from comity.node.config import read_config
from comity.node.generations import Generation
from comity.node.keyring import Keyring
from comity.node.master import change_passphrase, end_clear_master
from comity.node.register import Register
from comity.node.rotation import make_change
from comity.node.unlocking import unlock
from comity.trust import Directory


def keys_of(folder: Path, *, passphrase: str | None) -> Keyring:
    """Open a node's keys; raises `ConfigurationError`."""
    return unlock(folder, passphrase=passphrase, entropy=SystemEntropy())


def rotate_key(folder: Path, use: str, *, passphrase: str | None) -> Generation:
    """Make the next key of a use; raises `ConflictError` where one waits already."""
    return keys_of(folder, passphrase=passphrase).prepare(use, at=SystemClock().now())


def revoke_key(
    folder: Path, use: str, *, since: Instant | None, passphrase: str | None
) -> Instant:
    """Mark the key in use as lost since then, or now, and make its successor if none waits."""
    ring, now = keys_of(folder, passphrase=passphrase), SystemClock().now()
    if ring.next(use) is None:
        ring.prepare(use, at=now)
    at = since or now
    ring.mark(ring.active(use), revoked=at)
    return at


def announce_keys(folder: Path, file: Path, *, passphrase: str | None) -> None:
    """Write the change of keys that the member is to list; raises `StorageError`."""
    ring, config = keys_of(folder, passphrase=passphrase), read_config(folder)
    known = _directory(folder, config.root)
    write_private(file, make_change(ring, config.node, directory=known, at=SystemClock().now()))


def _directory(folder: Path, root: str) -> Directory | None:
    register = Register(folder, root_digest=root, clock=SystemClock())
    register.load()
    return register.current() if register.has_joined else None


def wrap_anew(folder: Path, *, old: str, new: str) -> None:
    """Change the passphrase of the master key; raises as `change_passphrase`."""
    change_passphrase(folder, old=old, new=new, entropy=SystemEntropy())


def wrap_first(folder: Path, *, new: str) -> None:
    """Give a passphrase to a node whose master key lies in clear."""
    end_clear_master(folder, passphrase=new, entropy=SystemEntropy())
