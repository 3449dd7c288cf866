"""Both sides of the mailbox: giving to nodes that only ask, and asking as one of them.

A node behind a door that lets nothing in sets `pull` in its `[mailbox]` table; the directory
then says so, and its partners wait to be asked instead of calling.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol

from comity.core.clock import SECOND, Instant
from comity.core.errors import ComityError
from comity.core.ids import NodeId
from comity.exchange import Consignment, Station, delivery, mailbox, queue, read_consignment
from comity.node.deliverer import Deliverer
from comity.trust import NodeEntry

PULL: Final = "pull"
"""The limit by which a node's entry in the directory says that it can only ask."""
_AT_ONCE = 64
"""Most partners asked at the same time."""
_LONGEST = 300 * SECOND


def only_asks(entry: NodeEntry) -> bool:
    """Whether a node takes no call, so that its partners wait until it asks."""
    return entry.limits.get(PULL, 0) > 0


class Asks(Protocol):
    """Sends an asking to a partner's node."""

    def ask_mailbox(self, entry: NodeEntry, body: bytes, /, *, wait: int) -> bytes:
        """Return a consignment, after at most `wait` seconds; raises `UnreachableError`."""
        ...


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mailbox")


@dataclass(slots=True, kw_only=True)
class Mailbox:
    """What waits for partners that only ask."""

    station: Station
    deliverer: Deliverer
    may_send: Callable[[], bool]
    """Whether the clock lets anything leave."""
    journal: Callable[[str, str], None]

    def hear(self, data: bytes) -> NodeId:
        """Take an asking: write its answers down and return who asks.

        Raises `VerificationError` or `InvalidInputError`.
        """
        asking, station = mailbox.read_asking(data, self.station), self.station
        at = station.clock.now()
        station.store.commit(lambda tx: queue.heard_from(tx, asking.node, at=at)).result()
        if asking.prekey:
            entry = station.directory().node(asking.node)
            delivery.learn_prekey(entry, asking.prekey, station).result()
        pairs = station.store.read(lambda r: mailbox.answered(r, asking))
        self.deliverer.settle(asking.node, pairs)
        return asking.node

    def give(self, node: NodeId) -> bytes:
        """Return what waits for a node now; empty where nothing does, or nothing may leave."""
        return mailbox.given(node, self.station) if self.may_send() else b""


@dataclass(slots=True, kw_only=True)
class Poller:
    """Asks every partner for what waits here, each in a thread of its own."""

    station: Station
    road: Asks
    take: Callable[[Consignment], Sequence[bytes]]
    prekey: Callable[[], bytes]
    journal: Callable[[str, str], None]
    wait: int
    """Seconds one asking may stay open."""
    _pool: ThreadPoolExecutor = field(default_factory=_threads)
    _busy: set[NodeId] = field(default_factory=set[NodeId])
    _told: dict[NodeId, bytes] = field(default_factory=dict[NodeId, bytes])
    """The prekey each partner has heard of."""
    _again: dict[NodeId, tuple[int, Instant]] = field(
        default_factory=dict[NodeId, tuple[int, Instant]]
    )
    """How often asking a partner failed in a row, and when to ask again."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def round(self) -> bool:
        """Ask every partner that is not being asked already and did not fail just now."""
        now = self.station.clock.now()
        for entry in self.station.directory().nodes():
            _, at = self._again.get(entry.node, (0, now))
            if entry.node == self.station.node or only_asks(entry) or at > now:
                continue
            with self._lock:
                is_new = entry.node not in self._busy
                self._busy.add(entry.node)
            if is_new:
                self._pool.submit(self._ask_on, entry)
        return False

    def wait_for_all(self) -> None:
        """Wait until no partner is being asked any more."""
        self._pool.shutdown()
        self._pool = _threads()

    def _ask_on(self, entry: NodeEntry) -> None:
        try:
            answers: Sequence[bytes] = ()
            while answers := self.ask(entry, answers):
                pass
            self._again.pop(entry.node, None)
        except ComityError as error:
            self._failed(entry, error.code)
        except Exception as error:  # noqa: BLE001 - one partner's nonsense ends no other's asking
            self._failed(entry, type(error).__name__)
        finally:
            with self._lock:
                self._busy.discard(entry.node)

    def _failed(self, entry: NodeEntry, code: str) -> None:
        self.journal("mailbox", code)
        failures = self._again.get(entry.node, (0, Instant(0)))[0] + 1
        wait = min(_LONGEST, SECOND << min(failures, 10))
        self._again[entry.node] = (failures, Instant(self.station.clock.now() + wait))

    def ask(self, entry: NodeEntry, answers: Sequence[bytes]) -> Sequence[bytes]:
        """Ask once, bringing answers; return those to what came, empty where nothing did."""
        station, prekey = self.station, self.prekey()
        is_known = self._told.get(entry.node) == prekey
        asking = mailbox.Asking(
            node=station.node,
            asked=entry.node,
            at=station.clock.now(),
            prekey=b"" if is_known else prekey,
            answers=tuple(answers),
        )
        # With answers in hand nobody waits: the partner wants them, and there may be more.
        wait = 0 if answers else self.wait
        body = self.road.ask_mailbox(entry, mailbox.write_asking(asking, station), wait=wait)
        self._told[entry.node] = prekey
        return self.take(read_consignment(body))
