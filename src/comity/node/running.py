"""A node at work: its workers, each a thread that repeats one durable step.

delivery    carries what is queued, urgent first
prekeys     offers a fresh key each day, learns partners' keys, destroys old ones
ledger      signs checkpoints and gathers cosignatures
clock       compares the clock with those of the witnesses
directory   fetches the newest directory that verifies
duties      reminds, escalates, and lets what nobody confirmed go back by itself
departures  ends cases with members that left, and restricts what they gave
law         asks again about what is here, once law, partners or the day have changed
ledgers     follows every other ledger, where the node is set to
gossip      compares the checkpoints that other logs showed us and others
watches     ends watches, compares them with what came in, tells their askers
summary     writes one leaf of what was turned away without one of its own
retention   erases what is due, rewraps living keys, destroys old keys of the week
blobs       lets go the large files that nobody needs any more
media       reads and writes removable media, when a person at the machine asks
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from comity.adapters.http import Client
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import ComityError, ConflictError, UnreachableError
from comity.core.store import Transaction
from comity.exchange import Carrier, Logged, Station, delivery, queue
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType
from comity.node import errands
from comity.node.blobs import Brings, Nowhere, Shelf
from comity.node.deliverer import Deliverer
from comity.node.gathering import Ask
from comity.node.gossiping import gossiping_of, look_out
from comity.node.health import Health
from comity.node.heeding import Heeding
from comity.node.keyring import DRAINED, MESSAGE_LIFE, PREKEY_LIFE
from comity.node.mailbox import Poller, only_asks
from comity.node.media import forget_couriers, notice_of
from comity.node.metrics import Tally
from comity.node.mirrors import fetch_from
from comity.node.network import gather_registry, restamp
from comity.node.office import Office, erasures_of
from comity.node.parting import Leases, Role
from comity.node.partners_prekeys import known_prekeys, prekeys_began
from comity.node.publishing import next_edition
from comity.node.quotas import Quotas, TurnedAway
from comity.node.recovery import compare, may_sign, recover
from comity.node.remote import witnessed_by
from comity.node.restored import is_whole
from comity.node.screening import keep_house
from comity.node.thrift import paced
from comity.node.timepiece import Timepiece, may_send
from comity.node.turning import turn_due
from comity.node.unlocking import fresh
from comity.node.watching import Watching
from comity.node.workers import Worker, stop_all
from comity.record import newest, sweep, sweep_questions
from comity.trust import NodeEntry

Journal = Callable[[str, str], None]
Step = tuple[Callable[[], bool], float]
"""One round of a worker, and the seconds between rounds with nothing to do."""

STAMP = 6 * HOUR
"""How often a publisher renews the directory's timestamp, which lasts a day."""


def _nobody(entry: NodeEntry, _asking: bytes) -> bytes:
    raise UnreachableError(f"node `{entry.node}` cannot be asked from here")


@dataclass(slots=True)
class Running:
    """The workers of one open office."""

    office: Office
    carrier: Carrier
    client: Client
    ask: Ask
    journal: Journal
    notify: Callable[[str], int]
    """Wakes whoever is at an address, or the duty post where it is empty."""
    timepiece: Timepiece
    health: Health
    tally: Tally
    workers: list[Worker] = field(default_factory=list[Worker])
    brings: Brings = field(default_factory=Nowhere)
    """Carries pieces of large files."""
    ask_again: Callable[[NodeEntry, bytes], bytes] = _nobody
    publish: Path | None = None
    """A network's folder whose directory this node publishes."""
    witnessed_at: Instant | None = None
    has_looked_back: bool = False
    up_since: Instant | None = None
    """When the line to partners was opened."""
    stamped_at: int = 0
    published_at: int = 0
    leases: Leases | None = None
    poller: Poller | None = None
    """Asks partners for what waits here, where none of them can call this node."""
    heeding: Heeding = field(init=False)
    deliverer: Deliverer = field(init=False)
    away: TurnedAway = field(init=False)
    shelf: Shelf = field(init=False)
    """Large files, sent and received."""
    metered: Station = field(init=False)
    """The station as the partners' listener sees it: each has its share, and no more."""

    def __post_init__(self) -> None:
        """Make the delivery worker: the mailbox settles through it too."""
        office, bounds = self.office, self.office.config.limits
        self.heeding = Heeding(office)
        quotas = Quotas(clock=office.clock, share=bounds.share, common=bounds.common)
        self.away = TurnedAway(office.station)
        self.metered = replace(office.station, allow=quotas.allow, turned_away=self.away.count)
        self.shelf = office.shelf()
        self.deliverer = Deliverer(
            station=self.office.station,
            carrier=self.carrier,
            entropy=self.office.entropy,
            resend=self.resend,
            journal=self.journal,
            is_called=self.is_called,
            bring=self.bring,
        )

    def bring(self, entry: NodeEntry, logged: Logged) -> bool:
        """Bring the files a message names; say whether all are with the partner's node."""
        return self.shelf.bring(entry, logged, self.brings)

    def start(self) -> None:
        """Begin every worker."""
        deliverer, poller = self.deliverer, self.poller
        duties: Mapping[str, Step] = {
            "restored": (self.restored, 10.0),
            "prekeys": (self.prekeys, 30.0),
            "delivery": (self.when_whole(lambda: self.may_send() and deliverer.round()), 1.0),
            "ledger": (self.ledger, 2.0),
            "clock": (self.timepiece.work, 60.0),
            "directory": (self.directory, 60.0),
            "duties": (self.when_whole(self.duties), 15.0),
            "departures": (self.when_whole(self.office.desk.departures.work), 60.0),
            "law": (self.when_whole(self.office.desk.sweep.work), 60.0),
            "watches": (self.when_whole(self.watches), 5.0),
            "gossip": (self.when_whole(gossiping_of(self.office, self.client).work), 10.0),
            "ledgers": (lambda: look_out(self.office, self.client, self.journal), 60.0),
            "retention": (self.retention, 3600.0),
            "summary": (self.away.work, 60.0),
            "media": (self.media, 2.0),
            "blobs": (self.shelf.sweep, 600.0),
        }
        if poller is not None:
            duties = {**duties, "mailbox": (poller.round, 1.0)}
        for name, (step, every) in self._parted(duties).items():
            beat = paced(name, step, line=self.office.config.line, clock=self.office.clock)
            watched = self.health.pulse.beating(name, beat)
            worker = Worker(
                name=name, step=watched, every=every, journal=self.journal, eager=20
            )
            self.workers.append(worker)
            worker.start()

    def is_called(self, entry: NodeEntry) -> bool:
        """Whether a line reaches a partner's node: it neither only asks nor goes by media."""
        return not only_asks(entry) and entry.node not in self.office.config.line.media

    def _parted(self, duties: Mapping[str, Step]) -> Mapping[str, Step]:
        """Return what this process does: all, what nobody else does now, or only follow."""
        office, part = self.office, self.office.part
        if part.role is Role.ALL:
            return duties
        follow: Step = (self.follow, 2.0)
        if part.role is Role.WEB:
            return {"follow": follow, "retention": (self.tidy, 3600.0)}
        life = office.config.service.lease
        self.leases = Leases(
            store=office.store,
            clock=office.clock,
            holder=f"{part.name}-{office.entropy.take(4).hex()}",
            life=life,
        )
        held = {
            name: (self.leases.holding(name, step), every)
            for name, (step, every) in duties.items()
        }
        return {"follow": follow, "leases": (self.leases.renew, life / 3), **held}

    def kick(self, name: str) -> None:
        """Let one worker run at once."""
        for worker in self.workers:
            if worker.name == name:
                worker.kick()

    def stop(self) -> None:
        """Let every worker finish its round and end."""
        stop_all(self.workers)
        self._sign_last()
        if self.leases is not None:
            self.leases.release()

    def _sign_last(self) -> None:
        """Sign what was committed since the last round, so that a stopped node shows it."""
        try:
            if self.has_looked_back:
                self.office.chronicle.sign()
        except ComityError as error:
            self.journal("ledger", error.code)

    def when_whole(self, step: Callable[[], bool]) -> Callable[[], bool]:
        """Let a step rest while this node is restored and not yet whole."""
        return lambda: is_whole(self.office.folder) and step()

    def restored(self) -> bool:
        """Ask partners what a restored store lacks, until the node is whole."""
        if not self.office.register.has_joined:
            return False
        return recover(self.office, self.ask_again, self.journal)

    def prekey_notice(self) -> bytes:
        """Return the prekey offered today, signed."""
        return notice_of(self.office)

    def prekeys(self) -> bool:
        """Keep our own prekey fresh and learn those of partners that are missing or ending."""
        office, now = self.office, self.office.clock.now()
        if not office.register.has_joined:
            return False
        fresh(office.keyring, office.clock)
        known = office.store.read(lambda r: known_prekeys(r, office.station))
        self._destroy_prekeys(now)
        for entry in office.register.current().nodes():
            is_ours = entry.node == office.config.node or not self.is_called(entry)
            if is_ours or known.get(entry.node, 0) - now > PREKEY_LIFE // 4:
                continue
            try:
                notice = self.carrier.prekey(entry)
                delivery.learn_prekey(entry, notice, office.station).result()
            except ComityError as error:
                self.journal("prekeys", error.code)
        return False

    def may_send(self) -> bool:
        """Whether the clock allows sending; what waits stays queued, and receiving goes on."""
        now = self.office.clock.now()
        return self.office.store.read(lambda r: may_send(r, at=now))

    def _destroy_prekeys(self, now: Instant) -> None:
        """Destroy prekeys whose message life is over and whose messages have come."""
        office = self.office
        entries, own = office.register.current().nodes(), office.config.node
        life = next((e.message_life * DAY for e in entries if e.node == own), MESSAGE_LIFE)
        others = [entry.node for entry in entries if entry.node != own]
        self.up_since = self.up_since or now
        began = office.store.read(prekeys_began)
        lines = office.store.read(lambda r: [queue.line_of(r, node) for node in others])
        # Whoever gave us a prekey, a message or a receipt was there then.
        contact = [max(line.heard_at, began.get(line.node, 0)) for line in lines]

        def is_drained(until: Instant) -> bool:
            # Each has spoken with us since, and has had as long as it pauses between two
            # tries to bring what it sealed before.
            has_stood_open = now - (self.up_since or now) >= DRAINED
            return has_stood_open and all(since >= until for since in contact)

        office.keyring.destroy_prekeys(now, life=life, is_drained=is_drained)

    def resend(self, logged: Logged) -> None:
        """Learn a partner's new prekey, and let the message re-enter the road at `decide`."""
        entry = self.office.register.current().node(logged.to_node)
        if self.is_called(entry):  # any other node brings its prekey itself
            notice = self.carrier.prekey(entry)
            delivery.learn_prekey(entry, notice, self.office.station).result()
        self.office.desk.correspondence.resend(logged.mid.hex())

    def ledger(self) -> bool:
        """Sign the committed size and ask the witnesses."""
        office = self.office
        if not office.register.has_joined:
            return False
        if not self.has_looked_back:
            self._look_back()
        for use in turn_due(office):
            self.journal("keys", f"turned:{use}")
        if not may_sign(office):
            return False
        office.chronicle.sign()
        if office.chronicle.gather(self.timepiece.listen, self.recall):
            self.witnessed_at = office.clock.now()
        return False

    def _look_back(self) -> None:
        """Ask witnesses what they last saw of us; a restored node waits for every one."""
        office = self.office
        try:
            if may_sign(office):
                office.chronicle.look_back(self.recall)
            else:
                compare(office, self.recall)
        except ConflictError:
            # What it found is stored: this epoch signs no more, the next one may.
            self.has_looked_back = True
            raise
        except UnreachableError as error:
            self.journal("ledger", error.code)
        else:
            self.has_looked_back = True

    def recall(self, entry: NodeEntry, origin: str) -> bytes | None:
        """Ask a witness for the newest checkpoint of ours it cosigned."""
        return witnessed_by(self.client, entry, origin)

    def directory(self) -> bool:
        """Fetch the newest directory; the old one stays in force where no mirror answers."""
        if self.publish is not None:
            self._renew(self.publish)
        register = self.office.register
        if self.office.config.mirrors:
            mirrors = self.office.config.mirrors
            fetches = [fetch_from(each, self.client, held=register.held) for each in mirrors]
            self.heeding.follow(fetches)
        if self.publish is not None and register.has_joined:
            gather_registry(self.publish, register.current(), self.ask)
        return False

    def _renew(self, network: Path) -> None:
        """Keep what we publish in time: a fresh stamp each six hours, an edition each day."""
        now = self.office.clock.now()
        if self.published_at == 0:
            self.published_at = self.stamped_at = now
        elif now - self.published_at > DAY:
            next_edition(network, clock=self.office.clock)
            self.published_at = self.stamped_at = now
        elif now - self.stamped_at > STAMP:
            restamp(network, clock=self.office.clock)
            self.stamped_at = now

    def duties(self) -> bool:
        """Remind people of what is due; wake the person on duty for what is urgent."""
        duty = self.office.desk.duty
        is_busy = self.office.desk.overdue(lambda: duty.rouse(self.notify))
        return duty.run(self.notify) or is_busy

    def watches(self) -> bool:
        """Let watches end on their day, and find who came in meanwhile."""
        office = self.office
        return Watching(desk=office.desk, member=office.config.member).work()

    def media(self) -> bool:
        """Do what people at the machine ask about removable media."""
        return errands.serve(self.office) > 0

    def retention(self) -> bool:
        """Erase what is due, certify it in the ledger, and rewrap living keys."""
        office, now = self.office, self.office.clock.now()

        def unit(tx: Transaction) -> None:
            swept = sweep(tx, safe=office.safe, at=now)
            certificates = (*swept.certificates, *sweep_questions(tx, safe=office.safe, at=now))
            for certificate in certificates:
                made = commit(
                    LeafType.ERASED,
                    {"record": certificate.record_id, "why": certificate.why, "at": now},
                    at=now,
                    entropy=office.entropy,
                )
                tx.append(made.leaf.encode())
                office.safe.keep(tx, sort="erased", plaintext=pack({}, made), at=now)

        office.store.commit(unit).result()
        office.screening.renew()
        while office.desk.custody.erase_due():
            pass
        while office.store.commit(lambda tx: office.safe.rewrap(tx, now, limit=2_000)).result():
            pass
        forget_couriers(office)
        office.keyring.destroy_weeks(now)
        erasures_of(office.folder, office.keyring, clock=office.clock).prune(now)
        office.store.truncate_log()
        return self.tidy()

    def tidy(self) -> bool:
        """See to it that what was forgotten leaves this process's screening files in time."""
        office = self.office
        keep_house(
            office.screening,
            newest=lambda: office.store.read(newest),
            at=office.clock.now(),
        )
        return False

    def follow(self) -> bool:
        """Take up what another process of this node has changed: directory and keys."""
        self.office.register.follow()
        self.office.keyring.follow()
        return False
