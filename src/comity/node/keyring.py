"""A node's keys on disk: one file of long-lived keys, prekeys, and keys of the week.

    keys/seeds.key            every long-lived key, in generations (`generations.py`)
    keys/prekeys/<until>-<kid>.key
    keys/weeks/<n>.key        destroyed eight days after its week (exchange.md 11), or in the
                              folder kept apart that `[keys]` of node.toml names

All are wrapped by the master key (`master.py`).
"""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from comity.adapters.files import (
    destroy,
    make_private_folder,
    one_at_a_time,
    read_private,
    write_private,
)
from comity.adapters.pkcs11 import Device
from comity.core.clock import DAY, HOUR, Entropy, Instant
from comity.core.errors import (
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    VerificationError,
)
from comity.core.ids import AgencyId
from comity.core.keys import KeyId
from comity.node.generations import (
    AGENCY,
    LOG,
    NODE,
    WITNESS,
    Generation,
    Turn,
    new_generation,
    read_generations,
    write_generations,
)
from comity.seal import Prekey, RecordCipher, SigningPort, keyed_hash

WEEK = 7 * DAY
DESTROY_AFTER = 8 * DAY
PREKEY_LIFE = 1 * DAY
MESSAGE_LIFE = 14 * DAY
"""How long a prekey's private half is kept after its last day, where no directory says more."""
LONGEST_LIFE = 60 * DAY
"""The longest message life a directory admits: what was sealed before has ended."""
DRAINED = 2 * HOUR
"""How long a line must have stood open until what waited at its other end has come: twice the
longest pause between two tries of a partner (exchange.md 14)."""
RETIRED_FOR = DAY
"""How long a key that signs no more is kept, for a process that has not seen its end."""
_CONTEXT = b"comity/v1/node-keys"
SEEDS = "seeds.key"
_EVER = Instant(0)


def read_keys(path: Path, master: bytes) -> tuple[tuple[Generation, ...], bytes, bytes]:
    """Open the long-lived keys; raises `ConfigurationError` on wrong words or damage."""
    try:
        plain = RecordCipher().decrypt(master, read_private(path), context=_CONTEXT)
        return read_generations(plain)
    except (VerificationError, InvalidInputError):
        raise ConfigurationError(
            "the passphrase is wrong, or keys/seeds.key is damaged"
        ) from None


@dataclass(slots=True)
class Keyring:
    """The opened keys of one node. Implements the key-of-the-week port of `record`."""

    folder: Path
    master: bytes
    held: tuple[Generation, ...]
    hash_key: bytes
    session_key: bytes
    entropy: Entropy
    weeks: Path
    """Where the keys of the week lie; outside the folder on a node that keeps them apart."""
    device: Device | None = None
    cipher: RecordCipher = field(default_factory=RecordCipher)
    _written: int = 0
    _signers: dict[str, tuple[SigningPort, ...]] = field(
        default_factory=dict[str, tuple[SigningPort, ...]]
    )
    _weeks: dict[int, bytes] = field(default_factory=dict[int, bytes])
    _prekeys: dict[KeyId, Prekey] = field(default_factory=dict[KeyId, Prekey])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def node(self) -> SigningPort:
        """The key that signs envelopes, receipts and prekeys now: ask anew for each."""
        return self._ports(self.active(NODE))[0]

    def agency(self, agency: AgencyId) -> SigningPort:
        """Return the key with which an agency of this node answers for content now."""
        if not any(each.use == AGENCY + agency for each in self.held):
            raise NotFoundError(f"this node holds no key of `{agency}`")
        return self._ports(self.active(AGENCY + agency))[0]

    @property
    def log(self) -> tuple[SigningPort, SigningPort]:
        """The keys that sign this node's checkpoints now: Ed25519 and ML-DSA-44."""
        one, two = self._ports(self.active(LOG))
        return one, two

    @property
    def epoch(self) -> int:
        """The last part of the ledger's name: the generation of its key."""
        return self.active(LOG).number

    @property
    def witness(self) -> tuple[SigningPort, SigningPort]:
        """The keys that cosign other nodes' checkpoints: Ed25519 and ML-DSA-44."""
        one, two = self._ports(self.active(WITNESS))
        return one, two

    def uses(self) -> tuple[str, ...]:
        """Return every use this node has a key for."""
        return tuple(dict.fromkeys(each.use for each in self.held))

    def active(self, use: str) -> Generation:
        """Return the key in use; raises `NotFoundError`."""
        self.refresh()
        found = self._of(use, Turn.ACTIVE)
        if found is None:
            raise NotFoundError(f"this node has no key `{use[:60]}`")
        return found

    def next(self, use: str) -> Generation | None:
        """Return the key that waits for its turn, if one was made."""
        return self._of(use, Turn.NEXT)

    def _of(self, use: str, turn: Turn) -> Generation | None:
        held = (each for each in self.held if each.use == use and each.turn is turn)
        return next(held, None)

    def _ports(self, key: Generation) -> tuple[SigningPort, ...]:
        ports = self._signers.get(key.name)
        if ports is None:
            ports = (key.signer(self.device),)
            if key.ml_dsa:
                ports = (*ports, key.checkpoint_signer())
            self._signers[key.name] = ports
        return ports

    def publics(self, key: Generation) -> tuple[SigningPort, ...]:
        """Return the ports of one generation, to name it and to prove that it is held."""
        return self._ports(key)

    def prepare(self, use: str, *, at: Instant) -> Generation:
        """Make the next key of a use; it signs nothing until `turn`.

        Raises `ConflictError` where one waits already, `NotFoundError` for an unknown use.
        """
        with self._changing():
            now = self.active(use)
            if self.next(use) is not None:
                raise ConflictError(f"the next key of `{use}` waits already: have it listed")
            made = new_generation(
                use,
                now.number + 1,
                turn=Turn.NEXT,
                at=at,
                entropy=self.entropy,
                device=self.device,
                owner=self.folder.name,
            )
            self.write((*self.held, made))
            return made

    def mark(
        self,
        key: Generation,
        *,
        listed: Instant | None = None,
        revoked: Instant | None = None,
    ) -> Generation:
        """Write down when a key was first seen listed, or from when it is revoked."""
        marked = replace(key, listed=listed or key.listed, revoked=revoked or key.revoked)
        with self._changing():
            self.write(tuple(marked if each == key else each for each in self.held))
        return marked

    def turn(self, use: str, *, at: Instant) -> Generation:
        """Let the next key of a use sign from now on; the one before it signs no more.

        Raises `NotFoundError` where none waits.
        """
        with self._changing():
            old, new = self.active(use), self.next(use)
            if new is None:
                raise NotFoundError(f"no next key of `{use}` was made")
            turned = {
                old.name: replace(old, turn=Turn.RETIRED, turned=at),
                new.name: replace(new, turn=Turn.ACTIVE, turned=at),
            }
            self.write(tuple(turned.get(each.name, each) for each in self.held))
            return turned[new.name]

    def destroy_retired(self, at: Instant) -> int:
        """Destroy keys that have signed nothing for a day; return how many."""
        with self._changing():
            gone = [
                each
                for each in self.held
                if each.turn is Turn.RETIRED and each.turned + RETIRED_FOR <= at
            ]
            if gone:
                self.write(tuple(each for each in self.held if each not in gone))
        for each in gone:
            self._signers.pop(each.name, None)
            if each.label and self.device is not None:
                self.device.destroy(each.label)
        return len(gone)

    @contextmanager
    def _changing(self) -> Generator[None]:
        """Change the keys from what lies on disk now, and let no other process do so."""
        with one_at_a_time(self.folder / "keys" / "lock"):
            self.refresh()
            yield

    def write(self, held: tuple[Generation, ...]) -> None:
        """Write the keys anew, whole or not at all; raises `StorageError`."""
        plain = write_generations(held, hash_key=self.hash_key, session_key=self.session_key)
        sealed = self.cipher.encrypt(self.master, plain, context=_CONTEXT, entropy=self.entropy)
        path = make_private_folder(self.folder / "keys") / SEEDS
        write_private(path, sealed)
        self.held, self._written = held, path.stat().st_mtime_ns

    def refresh(self) -> None:
        """Take up what another process of this node wrote: a key may have had its turn."""
        path = self.folder / "keys" / SEEDS
        try:
            written = path.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if written != self._written:
            self.held = read_keys(path, self.master)[0]
            self._written = written

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
            key = self._weeks.get(week) or self._read_week(week) or self._new_week(week)
            self._weeks[week] = key
        return week, key

    def _new_week(self, week: int) -> bytes:
        """Make a week's key; of several processes of this node, the first one's stands."""
        path = self._week_path(week)
        with one_at_a_time(path.with_name("lock")):
            made = self._read_week(week)
            if made is None:
                made = self.entropy.take(32)
                wrapped = self.cipher.wrap(self.master, made, entropy=self.entropy)
                write_private(path, wrapped)
            return made

    def follow(self) -> None:
        """Forget what another process of this node destroyed; learn the prekeys it made."""
        there = {
            KeyId(bytes.fromhex(path.stem.partition("-")[2]))
            for path in (self.folder / "keys" / "prekeys").glob("*.key")
        }
        with self._lock:
            for kid in [kid for kid in self._prekeys if kid not in there]:
                del self._prekeys[kid]
            for week in [week for week in self._weeks if not self._week_path(week).exists()]:
                del self._weeks[week]
            is_behind = not there <= set(self._prekeys)
        if is_behind:
            self.load_prekeys()

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
        for path in sorted(self.weeks.glob("*.key")):
            week = int(path.stem)
            if (week + 1) * WEEK + DESTROY_AFTER <= at:
                destroy(path)
                with self._lock:
                    self._weeks.pop(week, None)
                gone += 1
        return gone

    def new_prekey(self, at: Instant, *, life: int = PREKEY_LIFE) -> tuple[Prekey, Instant]:
        """Make and store a prekey to be offered for `life` ms: a day, or longer by media."""
        prekey, until = Prekey.generate(self.entropy), Instant(at + life)
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
            found = self._prekeys.get(kid)
        if found is None:  # another process of this node may have made it since
            self.follow()
            found = self._prekeys.get(kid)
        return found

    def newest_prekey(self, at: Instant) -> tuple[Prekey, Instant] | None:
        """Return the prekey now offered, with its end, if one is still in time."""
        paths = sorted((self.folder / "keys" / "prekeys").glob("*.key"))
        if not paths or int(paths[-1].stem.partition("-")[0]) <= at:
            return None
        until, _, kid = paths[-1].stem.partition("-")
        prekey = self.prekey(KeyId(bytes.fromhex(kid)))
        return None if prekey is None else (prekey, Instant(int(until)))

    def destroy_prekeys(
        self,
        at: Instant,
        *,
        life: int = MESSAGE_LIFE,
        is_drained: Callable[[Instant], bool] = lambda _until: True,
    ) -> int:
        """Destroy prekeys past their message life; return how many.

        INVARIANT: none goes before what was sealed to it has come: `is_drained` tells, of the
        end of its last day, whether every partner has been in contact since; only past the
        longest life a message may have is it gone without.
        """
        gone = 0
        for path in sorted((self.folder / "keys" / "prekeys").glob("*.key")):
            end, _, kid = path.stem.partition("-")
            until = Instant(int(end))
            if until + life > at or not (until + LONGEST_LIFE <= at or is_drained(until)):
                continue
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
        return make_private_folder(self.weeks) / f"{week}.key"

    def _read_week(self, week: int) -> bytes | None:
        path = self._week_path(week)
        if not path.exists():
            return None
        return self.cipher.unwrap(self.master, read_private(path))
