"""The master key: how it is made, wrapped, opened, and how its passphrase is changed.

    keys/master.key       wrapped by a passphrase (Argon2id): 01 ‖ salt16 ‖ wrapped, or
    keys/master.device    wrapped by an AES key inside a PKCS#11 device whose PIN is asked, or
    keys/master.salt      made from a passphrase itself, as nodes before this form did, or
    keys/demonstration-master.key    in clear: demonstrations only

RISK: a demonstration's master key lies beside its data. `comity node check` says so.
"""

from pathlib import Path

from comity.adapters.files import destroy, make_private_folder, read_private, write_private
from comity.adapters.pkcs11 import Device
from comity.core.clock import Entropy
from comity.core.errors import ConfigurationError, InvalidInputError, VerificationError
from comity.node.config import read_config
from comity.seal import RecordCipher, master_from_passphrase

DEMONSTRATION = "demonstration-master.key"
WRAPPED, DEVICE, _SALTED = "master.key", "master.device", "master.salt"
LABEL = "comity-master"
"""The label of the AES key that wraps the master key in a device."""
WAYS = (WRAPPED, DEVICE, _SALTED, DEMONSTRATION)
_FORM = b"\x01"
_SALT = 16
_LEAST = 8


def new_master(
    folder: Path, *, passphrase: str | None, entropy: Entropy, device: Device | None = None
) -> bytes:
    """Make a node's master key, wrapped by a device or passphrase, or in clear without both."""
    keys = make_private_folder(folder / "keys")
    master = entropy.take(32)
    if device is not None:
        write_private(keys / DEVICE, device.wrap(LABEL, master, entropy=entropy))
    elif passphrase is None:
        write_private(keys / DEMONSTRATION, master)
    else:
        wrapped = wrap_by_passphrase(master, passphrase, entropy=entropy)
        write_private(keys / WRAPPED, wrapped)
    return master


def open_master(folder: Path, *, passphrase: str | None) -> bytes:
    """Open the master key; raises `ConfigurationError` saying what is missing or wrong."""
    keys = folder / "keys"
    if (keys / DEMONSTRATION).exists():
        return read_private(keys / DEMONSTRATION)
    if passphrase is None:
        raise ConfigurationError(
            "this node's keys need its passphrase: serve it at a terminal, or name a file"
            " with --passphrase-file (COMITY_PASSPHRASE_FILE)"
        )
    if (keys / DEVICE).exists():
        with device_of(folder, pin=passphrase) as device:
            return device.unwrap(LABEL, read_private(keys / DEVICE))
    if (keys / WRAPPED).exists():
        return unwrap_by_passphrase(read_private(keys / WRAPPED), passphrase)
    return master_from_passphrase(passphrase, read_private(keys / _SALTED))


def change_passphrase(folder: Path, *, old: str, new: str, entropy: Entropy) -> None:
    """Wrap the same master key by another passphrase; the old one opens nothing any more.

    Raises `ConfigurationError` where the old one is wrong or a device's PIN opens it.
    A backup made before still opens by the passphrase it was made with.
    """
    keys = folder / "keys"
    if not (keys / WRAPPED).exists():
        raise ConfigurationError("the master key of this node is not wrapped by a passphrase")
    check_passphrase(new)
    master = open_master(folder, passphrase=old)
    write_private(keys / WRAPPED, wrap_by_passphrase(master, new, entropy=entropy))


def check_passphrase(words: str) -> None:
    """Raise `InvalidInputError` for a passphrase too short to withstand guessing at all."""
    if len(words) < _LEAST:
        raise InvalidInputError(f"expected a passphrase of at least {_LEAST} characters")


def wrap_by_passphrase(secret: bytes, passphrase: str, *, entropy: Entropy) -> bytes:
    """Wrap a 32-byte key by a passphrase under a fresh salt."""
    salt = entropy.take(_SALT)
    outer = master_from_passphrase(passphrase, salt)
    return _FORM + salt + RecordCipher().wrap(outer, secret, entropy=entropy)


def unwrap_by_passphrase(wrapped: bytes, passphrase: str) -> bytes:
    """Return the key inside; raises `ConfigurationError` on a wrong passphrase or damage."""
    salt, rest = wrapped[1 : 1 + _SALT], wrapped[1 + _SALT :]
    wrong = ConfigurationError("the passphrase is wrong, or the wrapped key is damaged")
    if not wrapped.startswith(_FORM) or len(salt) < _SALT:
        raise wrong
    try:
        return RecordCipher().unwrap(master_from_passphrase(passphrase, salt), rest)
    except VerificationError:
        raise wrong from None


def device_of(folder: Path, *, pin: str | None) -> Device:
    """Open the PKCS#11 device that `[keys]` of node.toml names; raises `ConfigurationError`."""
    keys = read_config(folder).keys
    if not keys.module or not keys.token:
        raise ConfigurationError("`[keys]` of node.toml names no PKCS#11 module and token")
    if pin is None:
        raise ConfigurationError(f"token `{keys.token}` needs its PIN: give it as passphrase")
    return Device(module=keys.module, token=keys.token, pin=pin)


def is_demonstration(folder: Path) -> bool:
    """Whether the master key lies in clear beside the data."""
    return (folder / "keys" / DEMONSTRATION).exists()


def needs_words(folder: Path) -> bool:
    """Whether a passphrase or PIN opens this folder's keys, so that a person can be asked."""
    return any((folder / "keys" / way).exists() for way in (WRAPPED, DEVICE, _SALTED))


def end_clear_master(folder: Path, *, passphrase: str, entropy: Entropy) -> None:
    """Wrap a demonstration's master key by a passphrase and destroy the clear one.

    RISK: copies made while it lay in clear still open the node: rotate its keys as well.
    """
    keys = folder / "keys"
    check_passphrase(passphrase)
    master = read_private(keys / DEMONSTRATION)
    write_private(keys / WRAPPED, wrap_by_passphrase(master, passphrase, entropy=entropy))
    destroy(keys / DEMONSTRATION)
