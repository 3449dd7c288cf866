"""An office: one node opened from its folder, with everything wired.

    node.toml  keys/  store.db  directory/  packs/  segments/  lock

Opening takes the folder's lock, so that no second process works on the same node.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from comity.adapters.files import FolderLock
from comity.adapters.sql import open_postgres, open_sqlite
from comity.adapters.sql.store import SqlStore
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import Clock, Entropy
from comity.core.errors import InvalidInputError
from comity.core.ids import EntityId
from comity.core.store import Row
from comity.desk import ROWS as DESK_ROWS
from comity.desk import Desk, open_desk
from comity.exchange import ROWS as EXCHANGE_ROWS
from comity.exchange import InForce, Station
from comity.law import ROWS as LAW_ROWS
from comity.law import Corpus, load_corpus, shipped_packs
from comity.node.bootstrap import shipped_practices
from comity.node.chronicle import Chronicle
from comity.node.config import Config, read_config
from comity.node.keyring import Keyring, open_keyring, open_master
from comity.node.readings import write_readings
from comity.node.register import Register
from comity.node.rows import ROWS as NODE_ROWS
from comity.practice import ROWS as PRACTICE_ROWS
from comity.practice import Registry
from comity.record import ROWS as RECORD_ROWS
from comity.record import Safe
from comity.screening import Found, Index, Profile, Query, Shelf
from comity.seal import RecordCipher
from comity.trust import ROWS as TRUST_ROWS
from comity.trust import Access

ROWS: tuple[type[Row], ...] = (
    *DESK_ROWS,
    *EXCHANGE_ROWS,
    *LAW_ROWS,
    *NODE_ROWS,
    *PRACTICE_ROWS,
    *RECORD_ROWS,
    *TRUST_ROWS,
)


@dataclass(slots=True)
class FirstUse:
    """An index that is built when somebody first searches, and kept in step from then on."""

    build: "BuildIndex"
    _index: Shelf | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def search(self, query: Query, /, *, limit: int = 10) -> Found:
        """Search, building first where needed."""
        return self._ready().search(query, limit=limit)

    def add(self, profiles: Iterable[Profile], /) -> None:
        """Take entities in; before the first use they will be read from the store anyway."""
        if self._index is not None:
            self._index.add(profiles)

    def forget(self, entities: Iterable[EntityId], /) -> None:
        """Drop entities at once."""
        if self._index is not None:
            self._index.forget(entities)

    def __len__(self) -> int:
        """Return how many entities can be found now."""
        return 0 if self._index is None else len(self._index)

    def _ready(self) -> Shelf:
        with self._lock:
            if self._index is None:
                self._index = Shelf(self.build())
            return self._index


class BuildIndex:
    """Reads every entity that may be found, once the desk exists to be asked."""

    def __init__(self) -> None:
        """Wait for the desk."""
        self.desk: Desk | None = None

    def __call__(self) -> Iterable[Profile]:
        """Return the profiles held now."""
        return () if self.desk is None else self.desk.holdings.profiles()


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An opened node."""

    folder: Path
    config: Config
    keyring: Keyring
    store: SqlStore
    register: Register
    station: Station
    safe: Safe
    desk: Desk
    chronicle: Chronicle
    index: Index
    clock: Clock
    entropy: Entropy
    delivery: threading.Event
    """Set when something new waits to be delivered."""
    _lock: FolderLock

    def close(self) -> None:
        """Write what is queued, then give the folder free."""
        self.store.close()
        self._lock.release()


def open_office(
    folder: Path,
    *,
    passphrase: str | None = None,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
) -> Office:
    """Open a node's folder.

    Raises `ConfigurationError` for a wrong setting, passphrase or pack, `ConflictError` where
    another process holds the folder, `StorageError` where its disk fails.
    """
    config = read_config(folder)
    lock = FolderLock(folder)
    try:
        return _open(
            folder,
            config,
            lock,
            passphrase=passphrase,
            clock=clock or SystemClock(),
            entropy=entropy or SystemEntropy(),
        )
    except BaseException:
        lock.release()
        raise


def _open(  # noqa: PLR0913 - what an office stands on
    folder: Path,
    config: Config,
    lock: FolderLock,
    *,
    passphrase: str | None,
    clock: Clock,
    entropy: Entropy,
) -> Office:
    keyring = open_keyring(folder, open_master(folder, passphrase=passphrase), entropy=entropy)
    register = Register(folder, root_digest=config.root, clock=clock)
    register.load()
    corpus = installed_corpus(folder)
    store = _store(folder, config)
    safe = Safe(
        cipher=RecordCipher(),
        weeks=keyring,
        entropy=entropy,
        keyed_hash=lambda text: keyring.hashed(text).hex(),
    )
    chronicle = Chronicle(
        store=store,
        keyring=keyring,
        clock=clock,
        origin=lambda: register.current().node(config.node).origin,
        directory=register.current,
        node=config.node,
    )
    law = InForce(
        lambda: corpus,
        store,
        safe,
        member=config.member,
        renewed=lambda readings: write_readings(folder, readings),
    )
    station = Station(
        node=config.node,
        store=store,
        safe=safe,
        clock=clock,
        entropy=entropy,
        practices=Registry(shipped_practices()),
        corpus=law,
        directory=register.current,
        node_key=keyring.node,
        agency_key=keyring.agency,
        prekey=keyring.prekey,
        origin=lambda: register.current().node(config.node).origin,
        keyed_hash=keyring.hashed,
    )
    wake = threading.Event()
    build = BuildIndex()
    index = FirstUse(build)
    access = Access(keyed_hash=keyring.token_hash, entropy=entropy)
    desk = open_desk(
        station,
        safe,
        access,
        agency=config.agency,
        law=law,
        index=lambda: index,
        kick=wake.set,
    )
    build.desk = desk
    return Office(
        folder=folder,
        config=config,
        keyring=keyring,
        store=store,
        register=register,
        station=station,
        safe=safe,
        desk=desk,
        chronicle=chronicle,
        index=index,
        clock=clock,
        entropy=entropy,
        delivery=wake,
        _lock=lock,
    )


def installed_corpus(folder: Path) -> Corpus:
    """Load the packs of a node's folder; raises `InvalidInputError` naming file and line."""
    packs = folder / "packs"
    names = sorted(path for path in packs.glob("*") if path.suffix in {".yaml", ".csv"})
    if not names:
        raise InvalidInputError(
            f"`{packs}` holds no law: install packs with `comity law install`"
        )
    return _law_of(tuple((path.name, path.read_bytes()) for path in names))


@lru_cache(maxsize=2)
def _law_of(files: tuple[tuple[str, bytes], ...]) -> Corpus:
    """Read packs once: a folder is opened often, and the same bytes are the same law."""
    return load_corpus(dict(files))


def install_shipped_packs(folder: Path) -> None:
    """Copy the packs that come with the package into a new node's folder."""
    packs = folder / "packs"
    packs.mkdir(parents=True, exist_ok=True)
    for name, data in shipped_packs().items():
        (packs / name).write_bytes(data)


def _store(folder: Path, config: Config) -> SqlStore:
    if config.store:
        return open_postgres(config.store, ROWS)
    return open_sqlite(folder / "store.db", ROWS)
