"""Workers: threads that repeat one durable step each, and hold no state of their own.

A worker that fails says so in the journal, by error code and never by content, waits and tries
again; restarting it loses nothing, because everything starts from committed rows.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from comity.core.clock import HOUR, MINUTE, SECOND, Entropy, Instant
from comity.core.errors import (
    ComityError,
    NotFoundError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import NodeId
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.exchange import Acknowledged, Carrier, Logged, OutboxRow, Station, delivery
from comity.exchange.doors import BARRED, pass_through
from comity.trust import NodeEntry

BATCH = 64
"""Most messages carried in one call."""
AT_ONCE = 8
"""Most partners served at the same time."""
CAP = {0: 5 * MINUTE, 1: HOUR}
"""Longest wait between tries: five minutes for urgent messages, an hour for others."""


@dataclass(slots=True)
class Worker:
    """One repeated step in a thread of its own; `kick` makes it run at once."""

    name: str
    step: Callable[[], bool]
    """Does one round; returns whether it made progress and should run again at once."""
    every: float
    """Seconds between rounds when there is nothing to do."""
    journal: Callable[[str, str], None]
    """Takes worker name and error code."""
    eager: int = 0
    """How many first rounds come a second apart: a network starts all at once."""
    _wake: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin in the background."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def kick(self) -> None:
        """Run a round now instead of at the next beat."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the round under way and end."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                is_busy = self.step()
            except ComityError as error:
                self.journal(self.name, error.code)
                is_busy = False
            except Exception as error:  # noqa: BLE001 - a worker's loop must outlive one bad round
                self.journal(self.name, type(error).__name__)
                is_busy = False
            if not is_busy and not self._stop.is_set():
                is_early, self.eager = self.eager > 0, self.eager - 1
                self._wake.wait(min(1.0, self.every) if is_early else self.every)


@dataclass(slots=True, kw_only=True)
class Deliverer:
    """Delivers what is queued, each partner in a thread of its own, urgent first.

    A partner that is slow or silent delays only its own queue. A message is never dropped: it
    ends as receipted, rejected or visibly expired.
    """

    station: Station
    carrier: Carrier
    entropy: Entropy
    resend: Callable[[Logged], None]
    """Seals a message anew for a partner whose prekey has changed."""
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(AT_ONCE, thread_name_prefix="delivery")
    )
    _busy: set[NodeId] = field(default_factory=set[NodeId])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def round(self) -> bool:
        """Serve every partner that has something due and is not being served already."""
        now = self.station.clock.now()
        self._expire(now)
        nodes = self.station.directory().nodes()
        for node in self.station.store.read(lambda r: _due_nodes(r, nodes, now)):
            with self._lock:
                is_new = node not in self._busy
                self._busy.add(node)
            if is_new:
                self._pool.submit(self._serve_all, node)
        return False

    def _serve_all(self, node: NodeId) -> None:
        try:
            while self._serve(node, self.station.clock.now()):
                pass
        finally:
            with self._lock:
                self._busy.discard(node)

    def _serve(self, node: NodeId, now: Instant) -> bool:
        station = self.station
        logged = station.store.read(lambda r: delivery.waiting(r, node, at=now, limit=BATCH))
        if not logged:
            return False
        free = pass_through(logged, station)
        return self._carry(free, node, now) if free else True

    def _carry(self, logged: Sequence[Logged], node: NodeId, now: Instant) -> bool:
        station = self.station
        try:
            entry = station.directory().node(node)
            answers = delivery.deliver(logged, self.carrier, entry, station=station)
        except (UnreachableError, VerificationError, NotFoundError):
            self._postpone(logged, now)
            return False
        # All are handed to the store before the first is waited for: one commit may hold them.
        begun = [
            (item, self._begin(item, answer, now))
            for item, answer in zip(logged, answers, strict=True)
        ]
        return sum(self._finish(item, done, now) for item, done in begun) > 0

    def _begin(
        self, item: Logged, answer: bytes, now: Instant
    ) -> "Future[Acknowledged] | None":
        try:
            wait = delivery.retry_after(item, answer, self.station)
            if wait is None:
                return delivery.settle(item, answer, self.station)
            self._postpone((item,), Instant(now + wait * SECOND - SECOND))
        except ComityError:
            # What the partner sent proves nothing; the message stays queued.
            self._postpone((item,), now)
        return None

    def _finish(self, item: Logged, done: "Future[Acknowledged] | None", now: Instant) -> int:
        if done is None:
            return 0
        try:
            if done.result().code in delivery.AGAIN:
                self.resend(item)
        except ComityError:
            self._postpone((item,), now)
            return 0
        return 1

    def _postpone(self, logged: Sequence[Logged], now: Instant) -> None:
        spread = int.from_bytes(self.entropy.take(2), "big") / 65_536

        def unit(tx: Transaction) -> None:
            for item in logged:
                row = tx.get(OutboxRow, item.mid)
                if row is None or row.state != "queued":
                    continue
                tx.put(delivery.postponed(row, at=now, cap=CAP[row.rank], spread=spread))

        self.station.store.commit(unit).result()

    def _expire(self, now: Instant) -> None:
        rows = self.station.store.read(
            lambda r: r.find(
                OutboxRow,
                Where("state", Op.IN, ("queued", BARRED)),
                Where("exp", Op.LE, now),
                limit=BATCH,
            )
        )
        for row in rows:
            delivery.expire(row, self.station).result()


def _due_nodes(reader: Reader, nodes: Sequence[NodeEntry], now: Instant) -> list[NodeId]:
    """Return the partners with something due; counted, so that no envelope is read for it."""
    due = Where("next_at", Op.LE, now)
    queued = eq("state", "queued")
    return [
        entry.node
        for entry in nodes
        if reader.count(OutboxRow, queued, eq("to_node", entry.node), due)
    ]
