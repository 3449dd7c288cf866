"""An office: one node opened from its folder, with everything wired.

    node.toml  keys/  store.db  directory/  packs/  segments/  lock

Opening takes the folder's lock, so that no second process works on the same node.
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from comity.adapters.files import FolderLock
from comity.adapters.screening.findable import Findable
from comity.adapters.sql import open_postgres, open_sqlite
from comity.adapters.sql.store import SqlStore
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core import limits
from comity.core.clock import MINUTE, Clock, Entropy
from comity.core.errors import InvalidInputError
from comity.core.ids import member_of
from comity.core.store import Row
from comity.desk import ROWS as DESK_ROWS
from comity.desk import Desk, Terms, open_desk
from comity.exchange import ROWS as EXCHANGE_ROWS
from comity.exchange import InForce, Station
from comity.law import ROWS as LAW_ROWS
from comity.law import Corpus, load_corpus, shipped_packs
from comity.node.apart import ErasureList
from comity.node.blobs import Shelf
from comity.node.bootstrap import shipped_practices
from comity.node.chronicle import Chronicle
from comity.node.config import Config, read_config
from comity.node.failpoints import Failpoints, armed
from comity.node.gossip import Gossip, accuser
from comity.node.keyring import Keyring
from comity.node.parting import WHOLE, LeaseRow, Part, Role, check_part
from comity.node.quorum import limit_of, policy_of, why_not
from comity.node.readings import write_readings
from comity.node.register import Register
from comity.node.restored import expect_whole
from comity.node.rows import ROWS as NODE_ROWS
from comity.node.screening import Screening
from comity.node.settings import zone_of
from comity.node.unlocking import apart_of, unlock
from comity.node.witnessing import keys_of
from comity.practice import ROWS as PRACTICE_ROWS
from comity.practice import Registry
from comity.record import ROWS as RECORD_ROWS
from comity.record import Safe
from comity.seal import RecordCipher
from comity.trust import ROWS as TRUST_ROWS
from comity.trust import Access

ROWS: tuple[type[Row], ...] = (
    *DESK_ROWS,
    *EXCHANGE_ROWS,
    *LAW_ROWS,
    *NODE_ROWS,
    LeaseRow,
    *PRACTICE_ROWS,
    *RECORD_ROWS,
    *TRUST_ROWS,
)


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
    gossip: Gossip
    """What other logs showed us, compared."""
    screening: Screening
    clock: Clock
    entropy: Entropy
    delivery: threading.Event
    """Set when something new waits to be delivered."""
    failpoints: Failpoints
    """Where this process dies when a test says so; nowhere in service."""
    part: Part
    """What this process does for the node."""
    _lock: FolderLock

    def shelf(self) -> Shelf:
        """Return the large files of this node, sent and received."""
        return _shelf(self.folder, self.config, self.station)

    def close(self) -> None:
        """Write what is queued, then give the folder free."""
        self.screening.close()
        self.store.close()
        self._lock.release()


def open_office(  # noqa: PLR0913 - how, as what and when a folder is opened
    folder: Path,
    *,
    passphrase: str | None = None,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    part: Part = WHOLE,
    before_whole: bool = False,
) -> Office:
    """Open a node's folder, alone or as one of several processes over a PostgreSQL store.

    INVARIANT: a restored node that is not whole opens for nobody who does not say that it must
    (`before_whole`): serving, checking, and what shows no personal data.

    Raises `ConfigurationError` for a wrong setting, passphrase or pack and for a restored node
    that is not whole, `ConflictError` where another process holds the folder, `StorageError`
    where its disk fails.
    """
    config = read_config(folder)
    check_part(part, config)
    lock = FolderLock(folder, is_shared=part.role is not Role.ALL)
    try:
        if not before_whole:
            expect_whole(folder)
        return _open(
            folder,
            config,
            lock,
            part=part,
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
    part: Part,
    passphrase: str | None,
    clock: Clock,
    entropy: Entropy,
) -> Office:
    keyring = unlock(folder, passphrase=passphrase, entropy=entropy)
    register = Register(folder, root_digest=config.root, clock=clock)
    register.load()
    corpus = installed_corpus(folder)
    store, points = _store(folder, config), armed()
    store.keep_apart(erasures_of(folder, keyring, clock=clock).guard)
    safe = Safe(
        cipher=RecordCipher(),
        weeks=keyring,
        entropy=entropy,
        keyed_hash=lambda text: keyring.hashed(text).hex(),
    )

    def origin() -> str:
        # The name goes with the key: both change in one act, never by the directory alone.
        return f"{register.current().federation}/log/{config.node}/{keyring.epoch}"

    chronicle = Chronicle(
        store=store,
        keyring=keyring,
        clock=clock,
        origin=origin,
        directory=register.current,
        node=config.node,
    )
    bounds = [limit_of(text) for text in config.ledger.unwitnessed]
    gossip = Gossip(
        store=store,
        clock=clock,
        folder=folder,
        keys=lambda origin: keys_of(register.current(), origin),
        accuse=accuser(safe, entropy),
        own=chronicle.origin,
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
        store=points.store(store),
        safe=safe,
        clock=clock,
        entropy=entropy,
        practices=Registry(shipped_practices()),
        corpus=law,
        directory=register.current,
        signer=lambda: keyring.node,
        agency_key=keyring.agency,
        prekey=keyring.prekey,
        origin=origin,
        keyed_hash=keyring.hashed,
        checkpoint=chronicle.shown,
        proof=chronicle.dated,
        policy=lambda node: policy_of(register.current(), node),
        is_called=lambda entry: entry.node not in config.line.media,
        unwitnessed=lambda reader, handling: why_not(reader, handling, bounds, at=clock.now()),
    )
    wake = threading.Event()
    findable = Findable(station, safe, member=member_of(config.agency))
    screening = Screening(folder, findable, process=part.name)
    access = Access(keyed_hash=keyring.token_hash, entropy=entropy)
    desk = open_desk(
        station,
        safe,
        access,
        agency=config.agency,
        law=law,
        finder=lambda: screening,
        kick=wake.set,
        duty=_terms(config),
        keeps=_shelf(folder, config, station),
    )
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
        gossip=gossip,
        screening=screening,
        clock=clock,
        entropy=entropy,
        delivery=wake,
        failpoints=points,
        part=part,
        _lock=lock,
    )


def _shelf(folder: Path, config: Config, station: Station) -> Shelf:
    quota = config.limits.blobs * limits.MIB
    return Shelf(station=station, folder=folder / "blobs", quota=quota)


def _terms(config: Config) -> Terms:
    duty = config.duty
    return Terms(
        zone=zone_of(duty),
        seen_within=duty.next_after * MINUTE,
        again_after=duty.again_after * MINUTE,
        test_date=duty.test_date,
        test_hour=duty.test_hour,
    )


def erasures_of(folder: Path, keyring: Keyring, *, clock: Clock) -> ErasureList:
    """Return a node's erasure list, begun; raises `StorageError`."""
    found = ErasureList(
        folder=apart_of(folder) / "list",
        master=keyring.master,
        clock=clock,
        entropy=keyring.entropy,
    )
    found.begin()
    return found


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
        return open_postgres(config.store, ROWS, readers=config.service.connections)
    return open_sqlite(folder / "store.db", ROWS, readers=config.service.connections)
