"""A lookout: a witness, mirror or monitor that stands alone, for those who hold no node.

    lookout.toml          what it is, where it listens, and which federation it watches
    keys/                 its own keys, under a master key as a node's
    directory/  store.db  evidence/  logs/  tokens/  readers/

An oversight body runs a witness and a mirror, each in a folder and under keys of its own; civil
society may run a monitor. None of them sees content: a ledger holds commitments.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import DecodeError, Struct, toml

from comity.adapters.files import FolderLock, make_private_folder, read_private, write_private
from comity.adapters.http import Client
from comity.adapters.sql import open_sqlite
from comity.adapters.sql.store import SqlStore
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import MINUTE, Clock, Entropy, Instant
from comity.core.errors import (
    ConfigurationError,
    InvalidInputError,
    NotFoundError,
    VerificationError,
)
from comity.core.store import Transaction
from comity.ledger import KeyType, Signer, Verifier, cosign, parse_checkpoint, parse_note
from comity.node.gossip import Gossip
from comity.node.master import new_master, open_master
from comity.node.mirroring import copy_of
from comity.node.mirrors import fetch_from
from comity.node.monitoring import Monitoring, Tell
from comity.node.readers import Readers
from comity.node.register import Register
from comity.node.rows import ROWS
from comity.node.witnessing import Witness, keys_of, logs_in
from comity.seal import CheckpointSigner, RecordCipher, SigningKey

FILE = "lookout.toml"
SORTS = ("witness", "mirror", "monitor")
_CONTEXT = b"comity/v1/lookout-keys"
_SEED = 32


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a lookout is; the whole of `lookout.toml`."""

    sort: str
    name: str
    """The name its signatures bear: one word, such as `oversight.example/witness`."""
    listen: str
    """Where it listens, such as `http://127.0.0.1:8790`; a proxy in front ends TLS."""
    root: str
    """SHA-256 of the federation's root version 1 in hex, told out of band."""
    directory: tuple[str, ...]
    """Addresses or folders the directory is fetched from, the first that answers."""
    every: int = 60
    """Seconds between two rounds."""
    unwitnessed: int = 60
    """Minutes for which something may stand that no quorum has seen, before it is an alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """An opened lookout."""

    folder: Path
    settings: Settings
    signers: tuple[Signer, Signer]
    store: SqlStore
    clock: Clock
    register: Register
    gossip: Gossip
    client: Client
    readers: Readers
    _lock: FolderLock

    def as_witness(self) -> Witness:
        """Return what answers `add-checkpoint`."""
        return Witness(
            store=self.store,
            clock=self.clock,
            keys=lambda origin: keys_of(self.register.current(), origin),
            signers=lambda: self.signers,
        )

    def monitoring(self, tell: Tell) -> Monitoring:
        """Return the rounds of a mirror or monitor."""
        return Monitoring(
            folder=self.folder,
            store=self.store,
            clock=self.clock,
            gossip=self.gossip,
            client=self.client,
            directory=self.register.current,
            tell=tell,
            patience=self.settings.unwitnessed * MINUTE,
            asks_witnesses=self.settings.sort == "monitor",
        )

    def renew_directory(self) -> None:
        """Fetch the newest directory; the old one stays in force where no mirror answers."""
        held = self.register.held
        self.register.refresh_from(
            [fetch_from(each, self.client, held=held) for each in self.settings.directory]
        )

    def checkpoint(self, digest: str) -> bytes | None:
        """Return what is held of a log, by SHA-256 of its origin in hex, with our cosignature.

        A witness gives the newest it cosigned; a mirror the newest it holds whole.
        """
        origin = self._origin(digest)
        if origin is None:
            return None
        if self.settings.sort == "witness":
            row = self.as_witness().newest(origin)
            return None if row is None else self._cosigned(row.note, at=Instant(row.at))
        note = copy_of(self.folder, origin).note()
        return self._cosigned(note, at=self.clock.now()) if note else None

    def file(self, digest: str, path: str) -> bytes | None:
        """Return a tile or bundle of a log that is mirrored here."""
        origin = self._origin(digest)
        try:
            return None if origin is None else copy_of(self.folder, origin).file(path)
        except NotFoundError:
            return None

    def close(self) -> None:
        """Write what is queued, then give the folder free."""
        self.client.close()
        self.store.close()
        self._lock.release()

    def _cosigned(self, note: bytes, *, at: Instant) -> bytes:
        stated = parse_checkpoint(parse_note(note).text)
        lines = (cosign(stated, signer, at=at // 1000).line() for signer in self.signers)
        return note + "".join(lines).encode()

    def _origin(self, digest: str) -> str | None:
        if not self.register.has_joined:
            return None
        return next(
            (
                origin
                for origin in logs_in(self.register.current())
                if hashlib.sha256(origin.encode()).hexdigest() == digest
            ),
            None,
        )


def begin_lookout(
    folder: Path, settings: Settings, *, passphrase: str | None, entropy: Entropy | None = None
) -> tuple[str, ...]:
    """Make a lookout's folder and keys, and join its federation; return its public keys.

    Raises `ConfigurationError` where one stands there, `VerificationError` where the root is
    another than the one told.
    """
    if (folder / FILE).exists():
        raise ConfigurationError(f"`{folder}` holds a lookout already")
    _check(settings)
    chance = entropy or SystemEntropy()
    make_private_folder(folder)
    master = new_master(folder, passphrase=passphrase, entropy=chance)
    seeds = chance.take(2 * _SEED)
    sealed = RecordCipher().encrypt(master, seeds, context=_CONTEXT, entropy=chance)
    write_private(folder / "keys" / "lookout.key", sealed)
    client = Client()
    try:
        fetch = fetch_from(settings.directory[0], client)
        register = Register(folder, root_digest=settings.root, clock=SystemClock())
        register.join(fetch().get("metadata/1.root.json", b""))
        register.refresh(fetch)
    finally:
        client.close()
    write_private(folder / FILE, _write(settings).encode())
    return tuple(signer.verifier.text for signer in _signers(settings.name, seeds))


def open_lookout(
    folder: Path, *, passphrase: str | None, clock: Clock | None = None
) -> Lookout:
    """Open a lookout's folder; raises `ConfigurationError`, `ConflictError`, `StorageError`."""
    settings, now = read_settings(folder), clock or SystemClock()
    seeds = _open_seeds(folder, passphrase)
    lock = FolderLock(folder)
    try:
        store = open_sqlite(folder / "store.db", ROWS)
        register = Register(folder, root_digest=settings.root, clock=now)
        register.load()
    except BaseException:
        lock.release()
        raise
    gossip = Gossip(
        store=store,
        clock=now,
        folder=folder,
        keys=lambda origin: keys_of(register.current(), origin),
        accuse=_say_nothing,
    )
    return Lookout(
        folder=folder,
        settings=settings,
        signers=_signers(settings.name, seeds),
        store=store,
        clock=now,
        register=register,
        gossip=gossip,
        client=Client(),
        readers=Readers(folder=folder, clock=now),
        _lock=lock,
    )


def read_settings(folder: Path) -> Settings:
    """Read `lookout.toml`; raises `ConfigurationError` naming file and field."""
    path = folder / FILE
    try:
        settings = toml.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        raise ConfigurationError(f"`{folder}` holds no {FILE}: make one with `init`") from None
    except (OSError, UnicodeDecodeError, DecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    _check(settings)
    return settings


def _write(settings: Settings) -> str:
    """Write settings as TOML: words, numbers and lists are spelt there as in JSON."""
    return "".join(
        f"{name} = {msgspec.json.encode(getattr(settings, name)).decode()}\n"
        for name in settings.__struct_fields__
    )


def _check(settings: Settings) -> None:
    if settings.sort not in SORTS:
        raise ConfigurationError(f"`sort` is one of {', '.join(SORTS)}")
    parts = urlsplit(settings.listen)
    if parts.scheme != "http" or not parts.hostname or not parts.port:
        raise ConfigurationError("`listen` is an address like http://127.0.0.1:8790")
    if not settings.directory:
        raise ConfigurationError("`directory` names no place to fetch the directory from")
    if settings.every < 1 or settings.unwitnessed < 0:
        raise ConfigurationError("`every` is at least 1 second, `unwitnessed` at least 0")


def _open_seeds(folder: Path, passphrase: str | None) -> bytes:
    master = open_master(folder, passphrase=passphrase)
    try:
        sealed = read_private(folder / "keys" / "lookout.key")
        return RecordCipher().decrypt(master, sealed, context=_CONTEXT)
    except VerificationError:
        raise ConfigurationError("keys/lookout.key is damaged") from None


def _signers(name: str, seeds: bytes) -> tuple[Signer, Signer]:
    one, two = SigningKey.from_raw(seeds[:_SEED]), CheckpointSigner.from_raw(seeds[_SEED:])
    try:
        first = Verifier(name=name, type=KeyType.COSIGNATURE, key=one.public)
        second = Verifier(name=name, type=KeyType.ML_DSA_44, key=two.public)
    except InvalidInputError as error:
        raise ConfigurationError(f"`name` of a lookout: {error}") from None
    return Signer(verifier=first, sign=one.sign), Signer(verifier=second, sign=two.sign)


def _say_nothing(_tx: Transaction, _origin: str, _digest: bytes, _at: Instant) -> None:
    """Write nothing: a lookout has no ledger of its own, its evidence is the file."""
