"""A node's keys on disk: one file of seeds, prekeys and keys of the week, under a master key.

    keys/seeds.key            every long-lived seed, one purpose each
    keys/prekeys/<until>-<kid>.key
    keys/weeks/<n>.key        destroyed eight days after its week (exchange.md 11)
    keys/master.salt          salt of the passphrase, or
    keys/demonstration-master.key    the master key in clear: demonstrations only

RISK: a demonstration's master key lies beside its data. `comity node check` says so.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from comity.adapters.files import destroy, make_private_folder, read_private, write_private
from comity.core import cbor
from comity.core.clock import DAY, Clock, Entropy, Instant
from comity.core.errors import ConfigurationError, NotFoundError, VerificationError
from comity.core.ids import AgencyId
from comity.core.keys import KeyId
from comity.seal import (
    CheckpointSigner,
    Prekey,
    RecordCipher,
    SigningKey,
    SigningPort,
    keyed_hash,
    master_from_passphrase,
)
from comity.trust import NodeKeys, new_node_keys, node_keys

WEEK = 7 * DAY
DESTROY_AFTER = 8 * DAY
PREKEY_LIFE = 1 * DAY
MESSAGE_LIFE = 14 * DAY
"""How long a prekey's private half is kept after its last day: the message life we declare."""
_CONTEXT = b"comity/v1/node-keys"
DEMONSTRATION = "demonstration-master.key"


def new_master(folder: Path, *, passphrase: str | None, entropy: Entropy) -> bytes:
    """Make a node's master key, from a passphrase or, for demonstrations, in clear."""
    keys = make_private_folder(folder / "keys")
    if passphrase is None:
        master = entropy.take(32)
        write_private(keys / DEMONSTRATION, master)
        return master
    salt = entropy.take(16)
    write_private(keys / "master.salt", salt)
    return master_from_passphrase(passphrase, salt)


def open_master(folder: Path, *, passphrase: str | None) -> bytes:
    """Open the master key; raises `ConfigurationError` saying what is missing."""
    keys = folder / "keys"
    if (keys / DEMONSTRATION).exists():
        return read_private(keys / DEMONSTRATION)
    if passphrase is None:
        raise ConfigurationError(
            "this node's keys need its passphrase: set COMITY_PASSPHRASE_FILE"
        )
    return master_from_passphrase(passphrase, read_private(keys / "master.salt"))


def is_demonstration(folder: Path) -> bool:
    """Whether the master key lies in clear beside the data."""
    return (folder / "keys" / DEMONSTRATION).exists()


@dataclass(slots=True)
class Keyring:
    """The opened keys of one node. Implements the key-of-the-week port of `record`."""

    folder: Path
    master: bytes
    seeds: NodeKeys
    hash_key: bytes
    session_key: bytes
    entropy: Entropy
    cipher: RecordCipher = field(default_factory=RecordCipher)
    _weeks: dict[int, bytes] = field(default_factory=dict[int, bytes])
    _prekeys: dict[KeyId, Prekey] = field(default_factory=dict[KeyId, Prekey])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def node(self) -> SigningPort:
        """The key that signs envelopes, receipts and prekeys."""
        return SigningKey.from_raw(self.seeds.node)

    def agency(self, agency: AgencyId) -> SigningPort:
        """Return the key with which an agency of this node answers for content."""
        seed = self.seeds.agencies.get(agency)
        if seed is None:
            raise NotFoundError(f"this node holds no key of `{agency}`")
        return SigningKey.from_raw(seed)

    @property
    def log(self) -> tuple[SigningPort, SigningPort]:
        """The keys that sign this node's checkpoints."""
        seeds = self.seeds
        return SigningKey.from_raw(seeds.log), CheckpointSigner.from_raw(seeds.log_ml_dsa)

    @property
    def witness(self) -> tuple[SigningPort, SigningPort]:
        """The keys that cosign other nodes' checkpoints."""
        one, two = self.seeds.witness, self.seeds.witness_ml_dsa
        return SigningKey.from_raw(one), CheckpointSigner.from_raw(two)

    def hashed(self, text: str) -> bytes:
        """Hash a searchable value under a key of this node."""
        return keyed_hash(self.hash_key, text)

    def token_hash(self, token: bytes) -> bytes:
        """Hash a token or session secret, so that the store never holds one."""
        return keyed_hash(self.session_key, token.hex())

    def current(self, at: Instant, /) -> tuple[int, bytes]:
        """Return the week of `at` and its key, making it on its first use."""
        week = at // WEEK
        with self._lock:
            key = self._weeks.get(week) or self._read_week(week)
            if key is None:
                key = self.entropy.take(32)
                wrapped = self.cipher.wrap(self.master, key, entropy=self.entropy)
                write_private(self._week_path(week), wrapped)
            self._weeks[week] = key
        return week, key

    def key(self, week: int, /) -> bytes | None:
        """Return the key of a past week, or `None` once it is destroyed."""
        with self._lock:
            key = self._weeks.get(week) or self._read_week(week)
            if key is not None:
                self._weeks[week] = key
            return key

    def destroy_weeks(self, at: Instant) -> int:
        """Destroy keys of weeks that ended more than eight days ago; return how many."""
        gone = 0
        for path in sorted((self.folder / "keys" / "weeks").glob("*.key")):
            week = int(path.stem)
            if (week + 1) * WEEK + DESTROY_AFTER <= at:
                destroy(path)
                with self._lock:
                    self._weeks.pop(week, None)
                gone += 1
        return gone

    def new_prekey(self, at: Instant) -> tuple[Prekey, Instant]:
        """Make and store a prekey to be offered for a day."""
        prekey, until = Prekey.generate(self.entropy), Instant(at + PREKEY_LIFE)
        sealed = self.cipher.encrypt(
            self.master, prekey.raw, context=_CONTEXT + b"/prekey", entropy=self.entropy
        )
        name = f"{until:016d}-{prekey.public.kid.hex()}.key"
        write_private(make_private_folder(self.folder / "keys" / "prekeys") / name, sealed)
        with self._lock:
            self._prekeys[prekey.public.kid] = prekey
        return prekey, until

    def prekey(self, kid: KeyId) -> Prekey | None:
        """Return the private half a message was sealed to, if it still exists."""
        with self._lock:
            return self._prekeys.get(kid)

    def newest_prekey(self, at: Instant) -> tuple[Prekey, Instant] | None:
        """Return the prekey now offered, with its end, if one is still in time."""
        paths = sorted((self.folder / "keys" / "prekeys").glob("*.key"))
        if not paths or int(paths[-1].stem.partition("-")[0]) <= at:
            return None
        until, _, kid = paths[-1].stem.partition("-")
        prekey = self.prekey(KeyId(bytes.fromhex(kid)))
        return None if prekey is None else (prekey, Instant(int(until)))

    def destroy_prekeys(self, at: Instant) -> int:
        """Destroy prekeys past their message life; return how many."""
        gone = 0
        for path in sorted((self.folder / "keys" / "prekeys").glob("*.key")):
            until, _, kid = path.stem.partition("-")
            if int(until) + MESSAGE_LIFE <= at:
                destroy(path)
                with self._lock:
                    self._prekeys.pop(KeyId(bytes.fromhex(kid)), None)
                gone += 1
        return gone

    def load_prekeys(self) -> None:
        """Read every stored prekey into memory."""
        for path in sorted((self.folder / "keys" / "prekeys").glob("*.key")):
            raw = self.cipher.decrypt(
                self.master, read_private(path), context=_CONTEXT + b"/prekey"
            )
            prekey = Prekey.from_raw(raw)
            self._prekeys[prekey.public.kid] = prekey

    def _week_path(self, week: int) -> Path:
        return make_private_folder(self.folder / "keys" / "weeks") / f"{week}.key"

    def _read_week(self, week: int) -> bytes | None:
        path = self._week_path(week)
        if not path.exists():
            return None
        return self.cipher.unwrap(self.master, read_private(path))


def new_keyring(
    folder: Path, master: bytes, *, agencies: Iterable[AgencyId], entropy: Entropy
) -> Keyring:
    """Make every seed of a new node and write them under its master key."""
    seeds = new_node_keys(agencies, entropy=entropy)
    hash_key, session_key = entropy.take(32), entropy.take(32)
    plain = cbor.encode({**seeds.as_mapping(), "hash": hash_key, "session": session_key})
    sealed = RecordCipher().encrypt(master, plain, context=_CONTEXT, entropy=entropy)
    write_private(make_private_folder(folder / "keys") / "seeds.key", sealed)
    return Keyring(
        folder=folder,
        master=master,
        seeds=seeds,
        hash_key=hash_key,
        session_key=session_key,
        entropy=entropy,
    )


def open_keyring(folder: Path, master: bytes, *, entropy: Entropy) -> Keyring:
    """Open a node's keys; raises `ConfigurationError` on a wrong passphrase or damaged file."""
    try:
        plain = RecordCipher().decrypt(
            master, read_private(folder / "keys" / "seeds.key"), context=_CONTEXT
        )
    except VerificationError:
        raise ConfigurationError(
            "the passphrase is wrong, or keys/seeds.key is damaged"
        ) from None
    named = cast("Mapping[str, bytes]", cbor.decode(plain))
    ring = Keyring(
        folder=folder,
        master=master,
        seeds=node_keys(named),
        hash_key=named["hash"],
        session_key=named["session"],
        entropy=entropy,
    )
    ring.load_prekeys()
    return ring


def fresh(ring: Keyring, clock: Clock) -> tuple[Prekey, Instant]:
    """Return a prekey with at least half its day left, making one where there is none."""
    now = clock.now()
    newest = ring.newest_prekey(now)
    if newest is None or newest[1] - now < PREKEY_LIFE // 2:
        return ring.new_prekey(now)
    return newest
