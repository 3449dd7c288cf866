"""The demonstration's stage: a network of fictional states, one folder and one process a node.

Everything is real but the states: keys, ceremony, law, seals, ledgers, lists.
The master keys lie beside the data, and the demonstration says so.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2

from comity.adapters.files import write_private
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import DAY, Instant
from comity.core.errors import ConfigurationError, UnreachableError
from comity.core.ids import AgencyId, PersonId, member_id
from comity.desk import Actor, Assessment
from comity.node.beginning import begin_node, identity, make_request, read_request
from comity.node.config import FILE, Config, read_config, write_config
from comity.node.loopback import HTTP
from comity.node.membership import admin_of, join_network
from comity.node.monitoring import add_token
from comity.node.network import admit, init_network, publish_network, root_digest
from comity.node.office import Office, open_office
from comity.node.readers import admit_reader
from comity.node.settings import Ledger
from comity.trust import Contact

DAY_LINK = 1 * DAY
_PAUSE = 0.1
STATES = (
    ("xn", "police", "Norland National Bureau"),
    ("xa", "border", "Arcadia Border Agency"),
    ("xc", "police", "Castalia National Bureau"),
    ("xm", "justice", "Meridia Ministry of Justice"),
    ("xt", "military", "Tharsis Military Liaison"),
    ("xq", "fiu", "Quill Financial Intelligence Unit"),
    ("xb", "police", "Boreal National Bureau"),
    ("xs", "border", "Sundara Border Agency"),
    ("xd", "police", "Dorne National Bureau"),
    ("xe", "justice", "Esker Ministry of Justice"),
    ("xf", "fiu", "Fenmark Financial Intelligence Unit"),
    ("xg", "police", "Gault National Bureau"),
)
OVERSIGHT = ("org-oversight", "oversight", "Joint Oversight Board")
MONITOR = ("org-monitor", "monitor", "Rights Monitor")
SEATS = ("officer", "officer", "supervisor", "legal", "rights")
GIVEN = (
    "Ines",
    "Milan",
    "Sofia",
    "Leo",
    "Amara",
    "Nadia",
    "Jonas",
    "Vera",
    "Tariq",
    "Elin",
    "Mateo",
    "Yuki",
    "Anouk",
)
FAMILY = (
    "Solberg",
    "Kolar",
    "Brandt",
    "Bakker",
    "Diallo",
    "Moreau",
    "Falk",
    "Lund",
    "Haddad",
    "Aalto",
    "Reyes",
)
"""Invented names; 13 and 11 share no factor, so no two people of a demonstration agree."""
LISTS = {"xa": "un-sc", "xc": "ofac-sdn"}
"""Which member holds which public list."""
TOLD = {"xa": "un-sc"}
"""The list that the story asks of."""
PURPOSES = ("counter-terrorism", "border-security", "foreign-fighters", "terrorist-financing")
STANDING = (
    ("torture_risk", False),
    ("refoulement_risk", False),
    ("persecution_risk", False),
    ("neutrality_concern", False),
    ("from_torture", False),
    ("death_penalty_risk", False),
    ("national_law_permits", True),
    ("recipient_is_competent", True),
    ("safeguards_assessed", True),
)
UNASSESSED = (("xn", "xc", "border-security", "torture_risk"),)
"""One answer Norland's legal adviser has not given, so that the story can show a referral."""


@dataclass(slots=True)
class Player:
    """One node of the demonstration, as seen from outside."""

    folder: Path
    config: Config
    number: int = 0
    sign_in: dict[str, str] = field(default_factory=dict[str, str])
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    persons: dict[str, str] = field(default_factory=dict[str, str])
    process: subprocess.Popen[bytes] | None = None

    @property
    def agency(self) -> AgencyId:
        """The agency that sits at this node."""
        return self.config.agency


@dataclass(slots=True)
class Stage:
    """All players and the folder they live in."""

    folder: Path
    players: dict[str, Player]
    network: Path
    lists: Mapping[str, str] = field(default_factory=lambda: LISTS)
    """Which member holds which public list."""

    def states(self) -> tuple[Player, ...]:
        """Return the member states' nodes."""
        return tuple(
            player for name, player in self.players.items() if not name.startswith("org-")
        )

    def start(self, player: Player) -> None:
        """Start one node in a process of its own."""
        command = [sys.executable, "-m", "comity", "node", "serve", str(player.folder)]
        if player.config.member == OVERSIGHT[0]:
            command += ["--publish", str(self.network)]
        if name := self.lists.get(player.config.member):
            command += ["--load", name]
        journal = (player.folder / "journal.log").open("ab")
        player.process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            command, stdin=subprocess.DEVNULL, stdout=journal, stderr=journal
        )
        journal.close()

    def start_all(self) -> None:
        """Start the publisher first, then everybody."""
        order = sorted(self.players.values(), key=lambda p: p.config.member != OVERSIGHT[0])
        for player in order:
            self.start(player)

    def kill(self, player: Player) -> None:
        """End one node as a power cut would."""
        if player.process is not None:
            player.process.send_signal(signal.SIGKILL)
            player.process.wait()

    def stop(self) -> None:
        """Ask every node to stop, and wait for it."""
        for player in self.players.values():
            if player.process is not None and player.process.poll() is None:
                player.process.terminate()
        for player in self.players.values():
            if player.process is not None:
                try:
                    player.process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    player.process.kill()

    def wait_ready(self, *, seconds: float = 180.0) -> None:
        """Wait until every node answers; raises `UnreachableError` naming one that does not."""
        until = time.monotonic() + seconds
        for player in self.players.values():
            wait_ready(player, until=until)


def wait_ready(player: Player, *, until: float) -> None:
    """Wait for one node's `/readyz`; raises `UnreachableError`."""
    while time.monotonic() < until:
        if player.process is not None and player.process.poll() is not None:
            tail = (player.folder / "journal.log").read_text("utf-8", "replace")[-800:]
            raise UnreachableError(f"node {player.config.node} ended at once:\n{tail}")
        try:
            if HTTP.get(f"{player.config.url}/readyz", timeout=2).is_success:
                return
        except httpx2.HTTPError:
            pass  # not listening yet
        time.sleep(_PAUSE)
    raise UnreachableError(f"node {player.config.node} did not answer in time")


def free_ports(first: int, count: int) -> None:
    """Check that ports are free; raises `ConfigurationError` naming the first that is not."""
    for port in range(first, first + count):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise ConfigurationError(
                    f"port {port} is in use: choose another with --port"
                ) from None


def build_stage(folder: Path, *, nodes: int, port: int) -> Stage:
    """Make every folder of the demonstration: nodes, ceremony, people, assessments."""
    plans = (*STATES[:nodes], OVERSIGHT, MONITOR)
    free_ports(port, 2 * len(plans))
    network = folder / "network"
    clock, entropy = SystemClock(), SystemEntropy()
    members = tuple(member_id(code) for code, _, _ in STATES[:nodes])
    init_network(network, members, clock=clock, entropy=entropy)
    stage = Stage(folder=folder, players={}, network=network)
    for place, plan in enumerate(plans):
        player = _player(folder, plan, port + 2 * place)
        player.number = place
        stage.players[plan[0]] = player
    for player in stage.players.values():
        _admit(player, network)
    publish_network(network, clock=clock)
    digest = root_digest(network)
    mirror = stage.players[OVERSIGHT[0]].config.url
    for player in stage.players.values():
        join_network(
            player.folder, mirror=str(network / "public"), root_digest=digest, clock=clock
        )
        _use_mirror(player, mirror)
    _open_ledgers(stage)
    for player in stage.players.values():
        _settle(stage, player)
    return stage


def _open_ledgers(stage: Stage) -> None:
    """Let oversight and monitor read every ledger's entries, each by a token of its own."""
    watchers = [player for code, player in stage.players.items() if code.startswith("org-")]
    for watcher in watchers:
        for player in stage.players.values():
            if player is not watcher:
                token, _ = admit_reader(player.folder, watcher.config.member, days=30)
                add_token(watcher.folder, player.config.node, token)


def _player(folder: Path, plan: tuple[str, str, str], port: int) -> Player:
    code, sort, name = plan
    member, agency, node = identity(code, sort)
    config = Config(
        name=name,
        member=member,
        agency=agency,
        node=node,
        sort=sort,
        url=f"http://127.0.0.1:{port}",
        console=f"http://127.0.0.1:{port + 1}",
        ledger=Ledger(monitor=code.startswith("org-")),
    )
    home = folder / node
    begun = begin_node(home, config, admin="Node admin", passphrase=None, life=DAY_LINK)
    player = Player(folder=home, config=begun.config)
    player.sign_in["admin"] = begun.sign_in
    player.persons["admin"] = begun.admin
    return player


def _admit(player: Player, network: Path) -> None:
    office = open_office(player.folder)
    try:
        contact = Contact(telephone="+000 55 0100", hours="24/7", languages=("en",))
        data = make_request(office.config, office.keyring, contact=contact)
    finally:
        office.close()
    admit(network, read_request(data), clock=SystemClock(), entropy=SystemEntropy())


def _use_mirror(player: Player, mirror: str) -> None:
    config = replace(read_config(player.folder), mirrors=(mirror,))
    write_private(player.folder / FILE, write_config(config).encode())
    player.config = config


def _settle(stage: Stage, player: Player) -> None:
    office = open_office(player.folder)
    try:
        _enrol(office, player)
        if not player.config.member.startswith("org-"):
            _assess(office, player, stage)
    finally:
        office.close()


def _enrol(office: Office, player: Player) -> None:
    admin, people = admin_of(office, ""), office.desk.people
    is_state = not player.config.member.startswith("org-")
    first = player.number * len(SEATS)
    for place, seat in enumerate(SEATS if is_state else ("oversight",)):
        name = f"{GIVEN[(first + place) % len(GIVEN)]} {FAMILY[(first + place) % len(FAMILY)]}"
        label = seat if seat not in player.persons else f"{seat}-{place + 1}"
        person = people.enrol(admin, name)
        people.grant(admin, person, seat)
        secret = people.first_link(person, life=DAY_LINK)
        actor = Actor(person=person, seats=frozenset({seat}), session="stage")
        player.persons[label] = person
        player.sign_in[label] = f"{player.config.console}/sign-in?token={secret}"
        player.tokens[label] = people.token(actor, purpose="counter-terrorism", days=2)


def _assess(office: Office, player: Player, stage: Stage) -> None:
    legal = _actor(player, "legal")
    rights = _actor(player, "rights")
    until = Instant(office.clock.now() + 180 * DAY)
    for partner in stage.states():
        if partner.agency == player.agency:
            continue
        for purpose in PURPOSES:
            for fact, value in STANDING:
                key = (player.config.member, partner.config.member, purpose, fact)
                if key in UNASSESSED:
                    continue
                said = Assessment(
                    partner=partner.agency,
                    purpose=purpose,
                    fact=fact,
                    value=value,
                    until=until,
                    reasons="Demonstration: fictional states, invented findings.",
                )
                row = office.desk.counsel.assess(legal, said)
                office.desk.counsel.confirm(
                    rights, partner=row.partner, purpose=purpose, fact=fact, at=row.at
                )


def _actor(player: Player, seat: str) -> Actor:
    person = PersonId(player.persons[seat])
    return Actor(person=person, seats=frozenset({seat}), session="stage")
