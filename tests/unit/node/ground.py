"""Real folders of a small network, made once and copied for each test."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from comity.core.ids import AgencyId, NodeId, member_id
from comity.core.store import Transaction
from comity.ledger import Leaf, LeafType
from comity.node.beginning import Begun, begin_node, identity, make_request, read_request
from comity.node.config import Config
from comity.node.membership import admin_of, join_network
from comity.node.network import admit, init_network, publish_network, root_digest
from comity.node.office import Office, open_office
from comity.trust import Contact

CONTACT = Contact(telephone="+000 55 0100", hours="24/7", languages=("en", "fr"))
NORLAND, ARCADIA, CASTALIA = (
    NodeId(name) for name in ("xn.police.n1", "xa.border.n1", "xc.police.n1")
)
_PLANS = (("xn", "police"), ("xa", "border"), ("xc", "police"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A network's folder and the folders of its nodes, named by node."""

    folder: Path

    @property
    def network(self) -> Path:
        return self.folder / "network"

    @property
    def digest(self) -> str:
        return root_digest(self.network)

    def node(self, node: NodeId) -> Path:
        return self.folder / node


def config_of(code: str, sort: str, *, port: int = 1) -> Config:
    member, agency, node = identity(code, sort)
    return Config(
        name=f"{code} {sort}",
        member=member,
        agency=AgencyId(agency),
        node=node,
        sort=sort,
        url=f"http://127.0.0.1:{port}",
        console=f"http://127.0.0.1:{port + 1}",
    )


def begin(folder: Path, *, passphrase: str | None = None) -> Begun:
    return begin_node(folder, config_of("xn", "police"), admin="Ada", passphrase=passphrase)


def request_of(folder: Path) -> bytes:
    office = open_office(folder)
    try:
        return make_request(office.config, office.keyring, contact=CONTACT)
    finally:
        office.close()


def build_town(folder: Path) -> Town:
    town = Town(folder=folder)
    init_network(town.network, tuple(member_id(code) for code, _ in _PLANS))
    for place, (code, sort) in enumerate(_PLANS):
        config = config_of(code, sort, port=1 + 2 * place)
        home = town.node(config.node)
        begin_node(home, config, admin="Ada", passphrase=None)
        admit(town.network, read_request(request_of(home)))
    publish_network(town.network)
    for node in (NORLAND, ARCADIA, CASTALIA):
        mirror = str(town.network / "public")
        join_network(town.node(node), mirror=mirror, root_digest=town.digest)
    return town


def copy_town(town: Town, folder: Path) -> Town:
    shutil.copytree(town.folder, folder)
    return Town(folder=folder)


def enrol(office: Office, seat: str, name: str = "Ines") -> str:
    admin = admin_of(office, "")
    person = office.desk.people.enrol(admin, name)
    office.desk.people.grant(admin, person, seat)
    return person


def person_in(folder: Path, seat: str) -> str:
    office = open_office(folder)
    try:
        return enrol(office, seat)
    finally:
        office.close()


def grow(office: Office, count: int, *, mark: int = 1) -> None:
    """Append entries of our own making; two marks make two histories."""

    def unit(tx: Transaction) -> None:
        for _ in range(count):
            tx.append(leaf(mark, at=tx.size()).encode())

    office.store.commit(unit).result()


def leaf(mark: int, *, at: int) -> Leaf:
    ref, commitment = bytes([mark]) * 16, at.to_bytes(32, "big")
    return Leaf(type=LeafType.OPENED, at=1_800_000_000, ref=ref, commitment=commitment)
