"""The worker that compares: what partners showed us, and what other witnesses were shown.

A log that shows one history to us and another to somebody else is found by asking that
somebody. Each round asks one partner what it cosigned of one log; over the rounds everybody is
asked about everybody. A log that answers slowly delays only its own comparison.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from comity.adapters.http import Client
from comity.core.clock import MINUTE
from comity.core.errors import UnreachableError
from comity.node.monitoring import Monitoring, Tell
from comity.node.office import Office
from comity.node.remote import remote_log, witnessed_by
from comity.node.rows import UnprovenRow
from comity.node.witnessing import logs_in
from comity.trust import NodeEntry

AT_ONCE = 4
"""Most logs whose tiles are read at the same time."""


@dataclass(slots=True, kw_only=True)
class Gossiping:
    """Compares for one open office."""

    office: Office
    client: Client
    every: int = 10 * MINUTE
    """How often one partner is asked what it cosigned of one log, in ms; 0 never asks."""
    asked_at: int = 0
    turn: int = 0
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gossip")
    )
    _busy: set[str] = field(default_factory=set[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self) -> bool:
        """Compare what waits, and ask one partner where its turn has come."""
        if not self.office.register.has_joined:
            return False
        now = self.office.clock.now()
        if self.every and now - self.asked_at >= self.every:
            self.asked_at = now
            self.ask_one()
        for row in self.office.gossip.due():
            with self._lock:
                is_new = row.origin not in self._busy
                self._busy.add(row.origin)
            if is_new:
                self._pool.submit(self._compare, row)
        return False

    def ask_one(self) -> None:
        """Ask the partner whose turn it is what it cosigned of the log whose turn it is."""
        pairs = self._pairs()
        if pairs:
            entry, origin = pairs[self.turn % len(pairs)]
            self.turn += 1
            try:
                note = witnessed_by(self.client, entry, origin)
            except UnreachableError:
                return
            if note is not None:
                self.office.gossip.hear(note)

    def _pairs(self) -> list[tuple[NodeEntry, str]]:
        directory, own = self.office.register.current(), self.office.config.node
        return [
            (entry, origin)
            for origin in sorted(logs_in(directory))
            for entry in directory.nodes()
            if entry.node != own
            and entry.witness_vkeys
            and f"/log/{own}/" not in origin
            and f"/log/{entry.node}/" not in origin
        ]

    def _compare(self, row: UnprovenRow) -> None:
        try:
            log = remote_log(self.office.register.current(), row.origin, self.client)
            self.office.gossip.compare(row, log.read)
        finally:
            with self._lock:
                self._busy.discard(row.origin)


def gossiping_of(office: Office, client: Client) -> Gossiping:
    """Return what compares the checkpoints that other logs show, as the node is set to."""
    every = office.config.ledger.gossip_minutes * MINUTE
    return Gossiping(office=office, client=client, every=every)


def look_out(office: Office, client: Client, tell: Tell) -> bool:
    """Follow every other ledger once, where the node is set to."""
    if not office.config.ledger.monitor or not office.register.has_joined:
        return False
    return Monitoring(
        folder=office.folder,
        store=office.store,
        clock=office.clock,
        gossip=office.gossip,
        client=client,
        directory=office.register.current,
        tell=lambda sort, _origin: tell("ledgers", sort),
        own=office.config.node,
        patience=office.config.ledger.alarm_minutes * MINUTE,
    ).round()
