"""A key of a ceremony: one file on one machine, opened by the passphrase of its keeper.

The file holds an Ed25519 seed under a key that Argon2id makes of the passphrase. It never
leaves its machine; what others need is the public key, which is printed and compared aloud.
"""

from pathlib import Path
from typing import Literal

import msgspec

from comity.adapters.files import make_private_folder, read_private, write_private
from comity.adapters.system import SystemEntropy
from comity.core.clock import Entropy
from comity.core.errors import ConfigurationError, ConflictError, VerificationError
from comity.seal import RecordCipher, master_from_passphrase
from comity.trust import directory_key

_CONTEXT = b"comity/v1/ceremony-key"
_SEED, _SALT = 32, 16


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    comity: Literal["ceremony-key/1"] = "ceremony-key/1"
    public: str
    salt: bytes
    sealed: bytes


def make_key(path: Path, *, passphrase: str, entropy: Entropy | None = None) -> str:
    """Make a key and return its public half in hex; raises `ConflictError` over another."""
    if path.exists():
        raise ConflictError(f"`{path}` holds a key already: nobody overwrites a key")
    chance = SystemEntropy() if entropy is None else entropy
    seed, salt = chance.take(_SEED), chance.take(_SALT)
    public = directory_key(seed).raw.hex()
    master = master_from_passphrase(passphrase, salt)
    context = _CONTEXT + bytes.fromhex(public)
    sealed = RecordCipher().encrypt(master, seed, context=context, entropy=chance)
    make_private_folder(path.parent)
    write_private(path, msgspec.json.encode(_File(public=public, salt=salt, sealed=sealed)))
    return public


def open_key(path: Path, *, passphrase: str) -> bytes:
    """Return the seed; raises `ConfigurationError` on a wrong passphrase or damaged file."""
    file = _read(path)
    master = master_from_passphrase(passphrase, file.salt)
    try:
        context = _CONTEXT + bytes.fromhex(file.public)
        seed = RecordCipher().decrypt(master, file.sealed, context=context)
    except (ValueError, VerificationError):
        raise ConfigurationError(f"the passphrase is wrong, or `{path}` is damaged") from None
    return seed


def public_of(path: Path) -> str:
    """Return the public half that a key file states, in hex."""
    return _read(path).public


def _read(path: Path) -> _File:
    try:
        return msgspec.json.decode(read_private(path), type=_File)
    except msgspec.DecodeError:
        raise ConfigurationError(f"`{path}` is no key of a ceremony") from None
