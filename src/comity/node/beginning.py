"""The beginning of a node: its folder, its keys, its first person, and its request to join."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from comity.adapters.files import make_private_folder, write_private
from comity.adapters.pkcs11 import Device
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import ComityError, ConfigurationError, InvalidInputError
from comity.core.ids import AgencyId, MemberId, NodeId, PersonId, agency_id, member_id, node_id
from comity.core.keys import PublicKey
from comity.ledger import KeyType, Verifier
from comity.node.bootstrap import shipped_practices
from comity.node.certificates import make_certificates, tls_certificates
from comity.node.config import FILE, Config, read_config, write_config
from comity.node.keyring import Keyring
from comity.node.mailbox import PULL
from comity.node.master import new_master
from comity.node.office import install_shipped_packs, open_office
from comity.node.settings import THRIFT
from comity.node.unlocking import new_keyring, unlock
from comity.practice import Registry
from comity.seal import SUITE, verify
from comity.trust import (
    LINK_LIFE,
    AgencyEntry,
    Contact,
    DatedKey,
    MemberDocument,
    NodeEntry,
    Sort,
)

_SIGNED = "comity/v1/join"
_CERTIFICATES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A new node: its folder, its first person, and the link to sign in with once."""

    config: Config
    admin: str
    sign_in: str


def begin_node(
    folder: Path, config: Config, *, admin: str, passphrase: str | None, life: int = LINK_LIFE
) -> Begun:
    """Make a node in an empty folder; raises `ConfigurationError` where one stands there."""
    if (folder / FILE).exists():
        raise ConfigurationError(f"`{folder}` holds a node already")
    make_private_folder(folder)
    entropy = SystemEntropy()
    with ExitStack() as opened:
        device = _device(config, pin=passphrase)
        if device is not None:
            opened.enter_context(device)
        master = new_master(folder, passphrase=passphrase, entropy=entropy, device=device)
        new_keyring(folder, master, agencies=(config.agency,), entropy=entropy, device=device)
    settings = replace(config, master=_way(config, passphrase))
    install_shipped_packs(folder)
    write_private(folder / FILE, write_config(settings).encode())
    try:
        person, secret = _first_person(folder, admin, passphrase=passphrase, life=life)
    except ComityError:
        # A node without its first person would be nobody's: it can be begun again.
        (folder / FILE).unlink()
        raise
    link = f"{config.console}/sign-in?token={secret}"
    return Begun(config=settings, admin=person, sign_in=link)


def _device(config: Config, *, pin: str | None) -> Device | None:
    keys = config.keys
    if not keys.module:
        return None
    if pin is None:
        raise ConfigurationError(f"token `{keys.token}` needs its PIN: give it as passphrase")
    return Device(module=keys.module, token=keys.token, pin=pin)


def _way(config: Config, passphrase: str | None) -> str:
    if config.keys.module:
        return "pkcs11"
    return "passphrase" if passphrase else "demonstration"


def _first_person(
    folder: Path, name: str, *, passphrase: str | None, life: int
) -> tuple[PersonId, str]:
    office = open_office(folder, passphrase=passphrase)
    try:
        person = office.desk.people.begin(name)
        return person, office.desk.people.first_link(person, life=life)
    finally:
        office.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """What a node asks the network to list about it, signed by the node's own key."""

    member: MemberId
    agency: AgencyId
    node: NodeId
    name: str
    sort: str
    url: str
    contact: Contact
    keys: Mapping[str, bytes]
    """Public keys by use: node, agency, log, log-ml-dsa, witness, witness-ml-dsa."""
    pull: bool = False
    is_thrifty: bool = False
    """Whether its line is too thin to witness for others."""
    """Whether no partner can call it: it asks for what waits."""
    tls: tuple[bytes, ...] = ()
    """Certificates of the listener for partners, DER: current and next."""

    def document(self, federation: str, *, at: Instant) -> MemberDocument:
        """Return the member's document the network would list, for its own keys to sign."""
        origin = f"{federation}/log/{self.node}/1"
        witness = f"{federation}/witness/{self.node}"
        since = Instant(at - DAY)
        log = _vkeys(origin, self.keys, "log", KeyType.ED25519)
        cosigners = _vkeys(witness, self.keys, "witness", KeyType.COSIGNATURE)
        return MemberDocument(
            member=self.member,
            name=self.name,
            agencies=(
                AgencyEntry(
                    agency=self.agency,
                    name=self.name,
                    sort=Sort(self.sort),
                    contacts=(self.contact,),
                    keys=(DatedKey(key=_ed25519(self.keys["agency"]), since=since),),
                ),
            ),
            nodes=(
                NodeEntry(
                    node=self.node,
                    url=self.url,
                    agencies=frozenset({self.agency}),
                    suites=frozenset({SUITE}),
                    kinds=Registry(shipped_practices()).offered(),
                    origin=origin,
                    log_vkeys=log,
                    witness_vkeys=() if self.is_thrifty else cosigners,
                    limits={PULL: 1} if self.pull else {},
                    tls=self.tls,
                    keys=(DatedKey(key=_ed25519(self.keys["node"]), since=since),),
                ),
            ),
        )


def request_of(folder: Path, contact: Contact, *, passphrase: str | None) -> bytes:
    """Write the request of a node that need not run; raises `ConfigurationError`."""
    keyring = unlock(folder, passphrase=passphrase, entropy=SystemEntropy())
    return make_request(read_config(folder), keyring, contact=contact)


def make_request(config: Config, keyring: Keyring, *, contact: Contact) -> bytes:
    """Write a signed request to join."""
    log, witness = keyring.log, keyring.witness
    keys = {
        "node": keyring.node.public.raw,
        "agency": keyring.agency(config.agency).public.raw,
        "log": log[0].public.raw,
        "log-ml-dsa": log[1].public.raw,
        "witness": witness[0].public.raw,
        "witness-ml-dsa": witness[1].public.raw,
    }
    said: dict[str, Value] = {
        "what": _SIGNED,
        "member": config.member,
        "agency": config.agency,
        "node": config.node,
        "name": config.name,
        "sort": config.sort,
        "url": config.url,
        "telephone": contact.telephone,
        "hours": contact.hours,
        "languages": list(contact.languages),
        "keys": dict(keys),
        "pull": config.mailbox.pull,
        "thrift": config.line.mode == THRIFT,
    }
    if config.listen.startswith("https:"):
        make_certificates(config, keyring, clock=SystemClock())
    if listed := tls_certificates(keyring.folder):
        said["tls"] = list(listed)
    body = cbor.encode(said)
    return cbor.encode({"request": body, "signature": keyring.node.sign(body)})


def read_request(data: bytes) -> JoinRequest:
    """Read a request to join; raises `InvalidInputError` where its signature does not hold."""
    try:
        outer = cast("Mapping[str, bytes]", cbor.decode(data))
        body = outer["request"]
        said = cast("Mapping[str, Value]", cbor.decode(body))
        keys = cast("Mapping[str, bytes]", said["keys"])
        is_signed = verify(_ed25519(keys["node"]), outer["signature"], body)
        if said["what"] != _SIGNED or not is_signed:
            raise InvalidInputError("this request to join is not signed by the node it names")
        return JoinRequest(
            member=member_id(str(said["member"])),
            agency=agency_id(str(said["agency"])),
            node=node_id(str(said["node"])),
            name=str(said["name"]),
            sort=str(said["sort"]),
            url=str(said["url"]),
            contact=Contact(
                telephone=str(said["telephone"]),
                hours=str(said["hours"]),
                languages=tuple(str(each) for each in cast("list[Value]", said["languages"])),
            ),
            keys=keys,
            pull=bool(said.get("pull", False)),
            is_thrifty=bool(said.get("thrift", False)),
            tls=tuple(cast("list[bytes]", said.get("tls", [])))[:_CERTIFICATES],
        )
    except (KeyError, TypeError, AttributeError):
        raise InvalidInputError(
            "expected a request to join, as `comity node request` writes it"
        ) from None


def identity(member: str, sort: str) -> tuple[MemberId, AgencyId, NodeId]:
    """Return the ids a member's first node of a sort has: `xn`, `xn.police`, `xn.police.n1`."""
    parsed = member_id(member.lower())
    agency = agency_id(f"{parsed}.{sort}")
    return parsed, agency, node_id(f"{agency}.n1")


def _ed25519(raw: bytes) -> PublicKey:
    return PublicKey(algorithm="ed25519", raw=raw)


def _vkeys(name: str, keys: Mapping[str, bytes], use: str, sort: KeyType) -> tuple[str, str]:
    one = Verifier(name=name, type=sort, key=_ed25519(keys[use]))
    post_quantum = PublicKey(algorithm="ml-dsa-44", raw=keys[f"{use}-ml-dsa"])
    two = Verifier(name=name, type=KeyType.ML_DSA_44, key=post_quantum)
    return one.text, two.text
