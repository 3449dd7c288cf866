"""Two real nodes to be killed: their folders, and what one of them does until it dies.

A node is forked from a process that has read the code and the law already, so that a hundred
kills cost seconds. Its officers write in its own process: what they were told is queued goes to
`saw`, one line each, before anything else happens.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bench import pair

from comity.adapters.world import PURPOSES, STANDING
from comity.core.clock import DAY, Instant
from comity.core.errors import UnreachableError
from comity.core.ids import AgencyId, NodeId, PersonId, RecordId, member_id
from comity.core.store import eq
from comity.exchange import OutboxRow, Station
from comity.law import AssessmentRow
from comity.node import serving
from comity.node.beginning import begin_node, identity, make_request, read_request
from comity.node.config import Config, read_config
from comity.node.failpoints import VARIABLE
from comity.node.listening import bind
from comity.node.membership import join_network
from comity.node.network import admit, init_network, publish_network, root_digest
from comity.node.office import Office, open_office
from comity.node.parting import WHOLE
from comity.trust import Contact

PLANS = (("xn", "police"), ("xa", "border"))
AT_ONCE = 16
"""Letters in flight at once, in the hands of one node's officers."""
WAITING = 96
"""Most letters that wait in one node before its officers pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """One node that is killed and started again."""

    folder: Path
    node: NodeId
    agency: AgencyId
    partner: AgencyId
    port: int
    """Where it listens; partners reach it through the line."""

    @property
    def saw(self) -> Path:
        """The file of what its officers were told."""
        return self.folder.parent / f"{self.node}.saw"

    @property
    def told(self) -> Path:
        """The file that says how many letters were written, and how many wait."""
        return self.folder.parent / f"{self.node}.told"

    def written(self) -> set[bytes]:
        """Return the id of every letter that an officer was told is queued."""
        if not self.saw.exists():
            return set()
        lines = self.saw.read_text(encoding="ascii").split("\n")[:-1]
        return {bytes.fromhex(line) for line in lines}

    def progress(self) -> tuple[int, int]:
        """Return how many letters were written in all, and how many of them still wait."""
        try:
            made, waits = self.told.read_text(encoding="ascii").split()
        except (FileNotFoundError, ValueError):
            return 0, 1
        return int(made), int(waits)


def found(
    folder: Path, *, ports: tuple[int, int], lines: tuple[int, int], stores: tuple[str, str]
) -> tuple[Victim, Victim]:
    """Found a network of two nodes that know each other by the ports of two lines."""
    network = folder / "network"
    init_network(network, tuple(member_id(code) for code, _ in PLANS))
    victims: list[Victim] = []
    for place, (code, sort) in enumerate(PLANS):
        victim = _begin(folder, code, sort, lines[place], stores[place], port=ports[place])
        victims.append(replace(victim, partner=AgencyId(_agency(*PLANS[1 - place]))))
        office = open_office(victim.folder)
        try:
            admit(
                network,
                read_request(make_request(office.config, office.keyring, contact=Contact())),
            )
        finally:
            office.close()
    publish_network(network)
    for victim in victims:
        mirror = str(network / "public")
        join_network(victim.folder, mirror=mirror, root_digest=root_digest(network))
        _listen(victim, lines[victims.index(victim)])
        _assess(victim)
    return victims[0], victims[1]


def _begin(  # noqa: PLR0913 - what a node stands on
    folder: Path, code: str, sort: str, line: int, store: str, *, port: int
) -> Victim:
    member, agency, node = identity(code, sort)
    config = Config(
        name=f"{code} {sort}",
        member=member,
        agency=AgencyId(agency),
        node=node,
        sort=sort,
        url=f"http://127.0.0.1:{line}",
        console=f"http://127.0.0.1:{port + 1}",
        store=store,
    )
    home = folder / node
    begin_node(home, config, admin="Ada", passphrase=None)
    return Victim(
        folder=home, node=node, agency=config.agency, partner=config.agency, port=port
    )


def _agency(code: str, sort: str) -> str:
    return str(identity(code, sort)[1])


def _listen(victim: Victim, line: int) -> None:
    """Let a node listen behind the line that its partners call."""
    file = victim.folder / "node.toml"
    text = file.read_text(encoding="utf-8")
    changed = text.replace(f"127.0.0.1:{line}", f"127.0.0.1:{victim.port}", 1)
    file.write_text(changed, encoding="utf-8")


def _assess(victim: Victim) -> None:
    office = open_office(victim.folder)
    try:
        now = office.clock.now()
        rows = [
            AssessmentRow(
                partner=victim.partner,
                purpose=purpose,
                fact=fact,
                value=value,
                at=Instant(now - DAY),
                until=Instant(now + 300 * DAY),
                by=PersonId(f"{victim.agency}/legal"),
                confirmed_by=PersonId(f"{victim.agency}/rights"),
                record_id=RecordId(""),
            )
            for purpose in PURPOSES
            for fact, value in STANDING
        ]
        office.store.commit(lambda tx: tx.insert_many(rows)).result()
    finally:
        office.close()


def warm(victim: Victim) -> None:
    """Read once what every life would read anew: code, law, and what is made of them."""
    office = open_office(victim.folder)
    try:
        serving.make_service(office)
    finally:
        office.close()


def fork(victim: Victim, total: int, *, crash_at: str, body: int) -> int:
    """Start a node in a process of its own; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.environ[VARIABLE] = crash_at  # noqa: TID251 - as a test's shell would set it
        journal = os.open(f"{victim.folder}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(journal, sys.stderr.fileno())
        _serve(victim, total, body=body)
    except BaseException as error:  # noqa: BLE001 - the child ends here, whatever happened
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(70)
    os._exit(0)


def _serve(victim: Victim, total: int, *, body: int) -> None:
    places = bind(read_config(victim.folder), WHOLE.role)
    office = open_office(victim.folder)
    try:
        service = serving.make_service(office)
        desk = Officers(office, victim, total, body=body)
        desk.kick = lambda: service.running.kick("delivery")
        threading.Thread(target=desk.work, daemon=True).start()
        asyncio.run(serving._serve(service, places, ()))  # noqa: SLF001 - as `comity node serve`
        desk.is_over.set()
    finally:
        office.close()


@dataclass(frozen=True, slots=True)
class _Here:
    """A node as the letters of `pair` need it."""

    agency: AgencyId
    station: Station


class Officers:
    """Writes letters until there are enough, and tells what was queued."""

    def __init__(self, office: Office, victim: Victim, total: int, *, body: int) -> None:
        """Write so many letters in all, those of earlier lives among them."""
        self._office = office
        self._victim = victim
        self._total = total
        self._body = body
        self.kick: Callable[[], None] = lambda: None
        self.is_over = threading.Event()

    def work(self) -> None:
        """Write until the node ends."""
        office, victim = self._office, self._victim
        here = _Here(victim.agency, office.station)
        out = os.open(victim.saw, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        made = len(victim.written())
        while not self.is_over.is_set():
            waits = office.store.read(lambda r: r.count(OutboxRow, eq("state", "queued")))
            victim.told.write_text(f"{made} {waits}", encoding="ascii")
            count = min(AT_ONCE, self._total - made)
            if count and waits < WAITING:
                try:
                    drafts = pair.drafts(here, count, to=victim.partner, body=self._body)
                    logged = pair.send(here, drafts)
                except UnreachableError:  # the partner's prekey is not known yet
                    time.sleep(0.05)
                    continue
                os.write(out, b"".join(item.mid.hex().encode() + b"\n" for item in logged))
                made += len(logged)
                self.kick()
            else:
                time.sleep(0.02)
