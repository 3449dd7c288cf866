"""A node's keys made and opened: master key, device, long-lived keys, medium kept apart."""

from collections.abc import Iterable
from pathlib import Path

from comity.adapters.pkcs11 import Device
from comity.core.clock import Clock, Entropy, Instant
from comity.core.errors import ConfigurationError
from comity.core.ids import AgencyId
from comity.node.config import read_config
from comity.node.generations import first_generations
from comity.node.keyring import PREKEY_LIFE, SEEDS, Keyring, read_keys
from comity.node.master import device_of, open_master
from comity.seal import Prekey

_EVER = Instant(0)


def new_keyring(  # noqa: PLR0913 - what a keyring is made of
    folder: Path,
    master: bytes,
    *,
    agencies: Iterable[AgencyId],
    entropy: Entropy,
    device: Device | None = None,
    at: Instant = _EVER,
    weeks: Path | None = None,
) -> Keyring:
    """Make every key of a new node and write them under its master key."""
    held = first_generations(agencies, entropy=entropy, device=device, owner=folder.name, at=at)
    ring = Keyring(
        folder=folder,
        master=master,
        held=held,
        hash_key=entropy.take(32),
        session_key=entropy.take(32),
        entropy=entropy,
        device=device,
        weeks=weeks or folder / "keys" / "weeks",
    )
    ring.write(held)
    return ring


def open_keyring(
    folder: Path,
    master: bytes,
    *,
    entropy: Entropy,
    device: Device | None = None,
    weeks: Path | None = None,
) -> Keyring:
    """Open a node's keys; raises `ConfigurationError` on a wrong passphrase or damaged file."""
    path = folder / "keys" / SEEDS
    held, hash_key, session_key = read_keys(path, master)
    ring = Keyring(
        folder=folder,
        master=master,
        held=held,
        hash_key=hash_key,
        session_key=session_key,
        entropy=entropy,
        device=device,
        weeks=weeks or folder / "keys" / "weeks",
    )
    ring.refresh()
    ring.load_prekeys()
    return ring


def unlock(folder: Path, *, passphrase: str | None, entropy: Entropy) -> Keyring:
    """Open the master key and every key of a node's folder, with its device where it has one.

    Raises `ConfigurationError` where passphrase, device or the medium kept apart is missing.
    """
    master = open_master(folder, passphrase=passphrase)
    device = device_of(folder, pin=passphrase) if read_config(folder).keys.module else None
    return open_keyring(
        folder, master, entropy=entropy, device=device, weeks=apart_of(folder) / "weeks"
    )


def apart_of(folder: Path) -> Path:
    """Return where keys of the week and erasure list lie: `keys/`, or what `[keys]` names.

    Raises `ConfigurationError` where that medium is not there: nothing is made in its place.
    """
    named = read_config(folder).keys.apart
    if not named:
        return folder / "keys"
    apart = folder / named
    if not apart.is_dir():
        raise ConfigurationError(f"the folder kept apart is not there: `{apart}`")
    return apart


def fresh(ring: Keyring, clock: Clock, *, life: int = PREKEY_LIFE) -> tuple[Prekey, Instant]:
    """Return a prekey with at least half its life left, making one where there is none."""
    now = clock.now()
    newest = ring.newest_prekey(now)
    if newest is None or newest[1] - now < life // 2:
        return ring.new_prekey(now, life=life)
    return newest
