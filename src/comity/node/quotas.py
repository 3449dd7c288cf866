"""Fair shares at the inbox: what a partner may bring, and a summary of what was turned away.

Each partner has a share of its own that nobody else can use up; beyond it all draw on one
common pot. Who finds both empty is told when to come again, and nothing else happens: a
flooding partner empties the pot and its own share, never another's.
"""

import hashlib
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from comity.core.cbor import Value
from comity.core.clock import MINUTE, SECOND, Clock, Instant
from comity.core.ids import NodeId
from comity.core.limits import KIB
from comity.core.store import Transaction
from comity.exchange import Station
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType

EVERY = 10 * MINUTE
"""How often what was turned away is summed up in the ledger, if anything was."""
_UNIT = 64 * KIB
"""Bytes that count as one message more."""
_LONGEST = 60


@dataclass(slots=True)
class Bucket:
    """Tokens that come back at `rate` per second, up to `most`."""

    rate: float
    most: float
    level: float
    at: Instant

    def refill(self, now: Instant) -> None:
        """Add what came back since; a clock set back adds nothing."""
        gone = max(0, now - self.at) / SECOND
        self.level = min(self.most, self.level + gone * self.rate)
        self.at = now


@dataclass(slots=True)
class Quotas:
    """Buckets of every partner's node, and the common pot; `rate`s are messages per second."""

    clock: Clock
    share: int
    common: int
    _shares: dict[NodeId, Bucket] = field(default_factory=dict[NodeId, Bucket])
    _pot: Bucket | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allow(self, node: NodeId, size: int) -> int:
        """Count one message of `size` bytes; return 0, or the seconds after which to come."""
        cost, now = 1.0 + size // _UNIT, self.clock.now()
        with self._lock:
            if self._pot is None:
                self._pot = _full(self.common, seconds=10, at=now)
            if node not in self._shares:
                self._shares[node] = _full(self.share, seconds=20, at=now)
            own, pot = self._shares[node], self._pot
            for bucket in (own, pot):
                bucket.refill(now)
                if bucket.level >= min(cost, bucket.most):
                    bucket.level -= cost
                    return 0
            return max(1, min(_LONGEST, math.ceil((cost - own.level) / own.rate)))


def _full(rate: int, *, seconds: int, at: Instant) -> Bucket:
    most = float(max(1, rate) * seconds)
    return Bucket(rate=max(1, rate), most=most, level=most, at=at)


@dataclass(slots=True)
class TurnedAway:
    """Counts what got no leaf of its own, and writes one leaf for all of an interval.

    RISK: what was counted since the last leaf is lost with the process; strangers' bytes are
    all it is about, and a leaf for each would let them grow our ledger.
    """

    station: Station
    _codes: dict[str, int] = field(default_factory=dict[str, int])
    _digest: bytes = bytes(32)
    _since: Instant | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, code: str, digest: bytes) -> None:
        """Count bytes turned away under a code; the order of their digests is kept too."""
        with self._lock:
            self._codes[code] = self._codes.get(code, 0) + 1
            self._digest = hashlib.sha256(self._digest + digest).digest()
            if self._since is None:
                self._since = self.station.clock.now()

    def work(self) -> bool:
        """Write the summary leaf once the interval is over; for a worker."""
        now = self.station.clock.now()
        with self._lock:
            if self._since is None or now < self._since + EVERY:
                return False
            record: dict[str, Value] = {
                "since": self._since,
                "until": now,
                "codes": dict(sorted(self._codes.items())),
                "digests": self._digest,
            }
            self._codes, self._digest, self._since = {}, bytes(32), None
        self.station.store.commit(_summary(record, self.station, now)).result()
        return False


def _summary(
    record: dict[str, Value], station: Station, at: Instant
) -> Callable[[Transaction], None]:
    made = commit(LeafType.REJECTED_SUMMARY, record, at=at, entropy=station.entropy)

    def unit(tx: Transaction) -> None:
        tx.append(made.leaf.encode())
        station.safe.keep(tx, sort="rejected-summary", plaintext=pack({}, made), at=at)

    return unit
