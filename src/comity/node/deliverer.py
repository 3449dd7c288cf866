"""The delivery worker: carries what waits, each partner's two lanes in threads of their own.

Urgent messages have a lane beside the others, so that a long batch on a slow line never stands
before them. A partner that is slow, silent or talks nonsense delays only its own lanes, and one
message that a partner cannot answer is set aside for those behind it. Nothing is remembered
here that a restart would miss: how much goes in one call is learnt anew.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

from comity.core.clock import DAY, MINUTE, SECOND, Entropy, Instant
from comity.core.errors import (
    ComityError,
    GarbledError,
    NotFoundError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import NodeId
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.exchange import (
    Acknowledged,
    Carrier,
    Logged,
    OutboxRow,
    Station,
    cases,
    delivery,
    queue,
)
from comity.exchange.doors import BARRED, pass_through
from comity.trust import NodeEntry

BATCH: Final = 64
"""Most messages carried in one call."""
_FIRST = 16
"""Messages in the first call to a partner, before its line is known."""
_BRISK, _SLOW = SECOND, 4 * SECOND
"""A call quicker than the one lets the next carry more, slower than the other less."""
_AT_ONCE = 32
"""Most lanes served at the same time, of partners that answer and of those that fail."""

_NOTHING = -1
_FEW = 16
"""Most messages sealed anew in one round."""

Lane = tuple[NodeId, int]
"""A partner's node and a rank."""


@dataclass(slots=True, kw_only=True)
class Deliverer:
    """Delivers what is queued.

    A message is never dropped: it ends as receipted, rejected or visibly expired.
    """

    station: Station
    carrier: Carrier
    entropy: Entropy
    resend: Callable[[Logged], None]
    """Seals a message anew for a partner whose prekey has changed."""
    journal: Callable[[str, str], None]
    """Takes the worker's name and an error's code."""
    is_called: Callable[[NodeEntry], bool] = lambda _entry: True
    """Whether a node takes calls; what waits for another stays until it asks."""
    bring: Callable[[NodeEntry, Logged], bool] = lambda _entry, _logged: True
    """Brings what a message names beside itself; says whether all of it is there."""
    _sound: ThreadPoolExecutor = field(default_factory=lambda: _pool("delivery"))
    _failing: ThreadPoolExecutor = field(default_factory=lambda: _pool("retry"))
    """Lines that failed last wait for their time-outs apart from those that answer."""
    _busy: set[Lane] = field(default_factory=set[Lane])
    _pace: dict[Lane, int] = field(default_factory=dict[Lane, int])
    """How many messages go in one call, by how long the last one took."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def round(self) -> bool:
        """Serve every lane that has something due and is not being served already."""
        station, now = self.station, self.station.clock.now()
        self._expire(now)
        self._again(now)
        nodes = [entry.node for entry in station.directory().nodes() if self.is_called(entry)]
        for lane in station.store.read(lambda r: queue.due_lanes(r, nodes, at=now)):
            with self._lock:
                is_new = lane not in self._busy
                self._busy.add(lane)
            if is_new:
                self._pool_of(lane[0]).submit(self._serve_all, lane)
        return False

    def wait(self) -> None:
        """Wait until no lane is being served any more; for an orderly end, and for tests."""
        for pool in (self._sound, self._failing):
            pool.shutdown()
        self._sound, self._failing = _pool("delivery"), _pool("retry")

    def _pool_of(self, node: NodeId) -> ThreadPoolExecutor:
        line = self.station.store.read(lambda r: queue.line_of(r, node))
        return self._failing if line.failures else self._sound

    def _serve_all(self, lane: Lane) -> None:
        try:
            while self.serve(lane):
                pass
        except ComityError as error:
            self.journal("delivery", error.code)
        except Exception as error:  # noqa: BLE001 - a lane that breaks is served again next round
            self.journal("delivery", type(error).__name__)
        finally:
            with self._lock:
                self._busy.discard(lane)

    def serve(self, lane: Lane) -> bool:
        """Carry one batch of one lane; say whether it is worth going on at once."""
        node, rank = lane
        station, now = self.station, self.station.clock.now()
        size = self._pace.get(lane, _FIRST)
        logged = station.store.read(
            lambda r: queue.waiting(r, node, at=now, limit=size, rank=rank)
        )
        if not logged:
            return False
        return self._carry(lane, logged)

    def _carry(self, lane: Lane, waiting: Sequence[Logged]) -> bool:
        node, station, now = lane[0], self.station, self.station.clock.now()
        logged = waiting
        try:
            entry = station.directory().node(node)
            logged = pass_through(waiting, station)
            # What waits for its files lets those behind it go first.
            logged = [item for item in logged if self.bring(entry, item)]
            if not logged:
                return True
            answers = delivery.deliver(logged, self.carrier, entry, station=station)
        except (GarbledError, VerificationError) as error:
            return self._garbled(lane, logged, error)
        except (UnreachableError, NotFoundError):
            self._failed(node)
            return False
        self._pace[lane] = _paced(
            self._pace.get(lane, _FIRST), sent=len(logged), took=station.clock.now() - now
        )
        return self.settle(node, list(zip(logged, answers, strict=True)))

    def settle(self, node: NodeId, answered: Sequence[tuple[Logged, bytes]]) -> bool:
        """Write down what a node answered; say whether it is worth going on at once."""
        # All are handed to the store before the first is waited for: one commit may hold them.
        begun = [(item, self._begin(item, answer)) for item, answer in answered]
        return self._finish_all(node, begun)

    def _garbled(self, lane: Lane, logged: Sequence[Logged], error: ComityError) -> bool:
        """Find the message a partner chokes on by halves, and set it aside for the others."""
        if len(logged) > 1:
            self._pace[lane] = len(logged) // 2
            return True
        self.journal("delivery", error.code)
        self._set_aside(logged, wait=0)
        # INVARIANT: a partner that chokes on everything is asked less and less often.
        self._failed(lane[0])
        return False

    def _begin(self, item: Logged, answer: bytes) -> "Future[Acknowledged] | int":
        """Begin to write one answer down; or return how long the partner asks us to wait.

        In ms; 0 where only this message waits, `_NOTHING` where the answer proves nothing.
        """
        try:
            asked = delivery.later(item, answer, self.station)
            if asked is None:
                return delivery.settle(item, answer, self.station)
        except ComityError as error:
            self.journal("delivery", error.code)
            self._set_aside((item,), wait=0)
            return _NOTHING
        wait = min((asked.retry_after or 0) * SECOND, DAY)
        if asked.code == "quota":
            return wait
        self._set_aside((item,), wait=wait, code=asked.code)
        return 0

    def _finish_all(
        self, node: NodeId, begun: "Sequence[tuple[Logged, Future[Acknowledged] | int]]"
    ) -> bool:
        done = sum(self._finish(item, step) for item, step in begun if isinstance(step, Future))
        wait = max((step for _, step in begun if isinstance(step, int)), default=0)
        if wait > 0:
            until = Instant(self.station.clock.now() + wait)
            self._commit(lambda tx: queue.asked_to_wait(tx, node, until=until))
        elif not done and wait == _NOTHING:
            # Not one answer held: the line is as good as silent.
            self._failed(node)
        return wait == 0

    def _finish(self, item: Logged, done: "Future[Acknowledged]") -> int:
        try:
            if done.result().code in delivery.AGAIN:
                self.resend(item)
        except ComityError as error:
            self.journal("delivery", error.code)
            self._set_aside((item,), wait=0)
            return 0
        return 1

    def _set_aside(self, logged: Sequence[Logged], *, wait: int, code: str = "") -> None:
        spread, at = self._spread(), self.station.clock.now()

        def unit(tx: Transaction) -> None:
            for item in logged:
                row = tx.get(OutboxRow, item.mid)
                if row is None or row.state != "queued":
                    continue
                later = queue.set_aside(row, at=at, wait=wait, spread=spread)
                later = replace(later, code=code or row.code)
                tx.put(later)
                if queue.is_stuck(later):
                    cases.settled(tx, later, is_stored=False, at=at)

        self._commit(unit)

    def _failed(self, node: NodeId) -> None:
        spread, at = self._spread(), self.station.clock.now()

        def unit(tx: Transaction) -> None:
            queue.failed(tx, node, at=at, spread=spread)

        self._commit(unit)

    def _commit(self, unit: Callable[[Transaction], None]) -> None:
        self.station.store.commit(unit).result()

    def _spread(self) -> float:
        return int.from_bytes(self.entropy.take(2), "big") / 65_536

    def _again(self, now: Instant) -> None:
        """Seal anew what could not be when it was rejected: the partner was gone again."""
        for row in self.station.store.read(lambda r: _unreplaced(r, now)):
            try:
                self.resend(queue.as_logged(row))
                self._put(replace(row, next_at=row.exp))
            except ComityError as error:
                self.journal("delivery", error.code)
                spread = self._spread()
                later = queue.set_aside(row, at=now, wait=MINUTE, spread=spread)
                self._put(replace(later, aside=row.aside))

    def _put(self, row: OutboxRow) -> None:
        def unit(tx: Transaction) -> None:
            held = tx.get(OutboxRow, row.mid)
            if held is not None and held.replaced_by is None:
                tx.put(row)

        self._commit(unit)

    def _expire(self, now: Instant) -> None:
        rows = self.station.store.read(
            lambda r: r.find(
                OutboxRow,
                Where("state", Op.IN, ("queued", BARRED)),
                Where("exp", Op.LE, now),
                limit=BATCH,
            )
        )
        for ended in [delivery.expire(row, self.station) for row in rows]:
            ended.result()


def _paced(size: int, *, sent: int, took: int) -> int:
    """Return how many messages the next call carries: a slow line carries few at a time."""
    if took < _BRISK:
        return min(BATCH, max(size, 2 * sent))
    return max(1, sent // 2) if took > _SLOW else size


def _unreplaced(reader: Reader, now: Instant) -> Sequence[OutboxRow]:
    return reader.find(
        OutboxRow,
        eq("state", "rejected"),
        Where("code", Op.IN, tuple(delivery.AGAIN)),
        eq("replaced_by", None),
        Where("next_at", Op.LE, now),
        Where("exp", Op.GT, now),
        order="next_at",
        limit=_FEW,
    )


def _pool(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=name)
