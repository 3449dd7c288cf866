"""A node's configuration: `node.toml`, read once, checked field by field.

Raises `ConfigurationError` naming file and field; no default is guessed for who the node is.
"""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from msgspec import DecodeError, Struct, toml

from comity.core.errors import ComityError, ConfigurationError
from comity.core.ids import AgencyId, MemberId, NodeId, agency_id, member_id, node_id
from comity.node.settings import (
    Duty,
    Keys,
    Ledger,
    Limits,
    Line,
    Post,
    Record,
    Service,
    Web,
    check_duty,
    check_ledger,
    check_limits,
    check_line,
    check_post,
    check_service,
    check_web,
)

SORTS = (
    "police",
    "border",
    "fiu",
    "justice",
    "military",
    "organisation",
    "company",
    "civil",
    "oversight",
    "monitor",
)
FILE = "node.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Who a node is and where it listens.

    `url` is what partners call, `console` what its own people call; they are two listeners.
    `mirrors` are the addresses or folders the directory is fetched from, `root` the SHA-256 of
    the first root, known out of band; both are empty until the node has joined a network.
    """

    name: str
    member: MemberId
    agency: AgencyId
    node: NodeId
    sort: str
    url: str
    console: str
    mirrors: tuple[str, ...] = ()
    root: str = ""
    store: str = ""
    """A PostgreSQL address; empty for the SQLite file in the folder."""
    master: str = "passphrase"
    """How the master key is opened: `passphrase`, `pkcs11` by the PIN of the device that
    `[keys]` names, or `demonstration` for a key in clear. The files in `keys/` decide."""
    notify: tuple[tuple[str, str], ...] = ()
    """Ways to wake the person on duty: (`command` | `smtp` | `webhook`, where)."""
    web: Web = field(default_factory=Web)
    service: Service = field(default_factory=Service)
    duty: Duty = field(default_factory=Duty)
    record: Record = field(default_factory=Record)
    mailbox: Post = field(default_factory=Post)
    keys: Keys = field(default_factory=Keys)
    ledger: Ledger = field(default_factory=Ledger)
    limits: Limits = field(default_factory=Limits)
    line: Line = field(default_factory=Line)

    @property
    def listen(self) -> str:
        """Where the listener for partners binds."""
        return self.web.listen or self.url

    @property
    def people(self) -> str:
        """Where the listener for the node's own people binds."""
        return self.web.people or self.console


def read_config(folder: Path) -> Config:
    """Read `node.toml` of a node's folder."""
    path = folder / FILE
    try:
        return _config(path.read_bytes())
    except FileNotFoundError:
        raise ConfigurationError(
            f"`{folder}` holds no {FILE}: make a node there with `comity node init`"
        ) from None
    except (OSError, UnicodeDecodeError, DecodeError, ComityError) as error:
        raise ConfigurationError(f"{path}: {error}") from None


def write_config(config: Config) -> str:
    """Write a configuration as TOML."""
    lines = ["# A Comity node. `url` is what partners call; `console` is for its own people."]
    lines += [f"{name} = {_quoted(getattr(config, name))}" for name in _FIELDS]
    lines.append(f"master = {_quoted(config.master)}")
    if config.store:
        lines.append(f"store = {_quoted(config.store)}")
    lines += ["", "[directory]", f"root = {_quoted(config.root)}"]
    lines.append("mirrors = [" + ", ".join(_quoted(url) for url in config.mirrors) + "]")
    for way, where in config.notify:
        lines += ["", "[[notify]]", f"way = {_quoted(way)}", f"where = {_quoted(where)}"]
    for each in fields(config):
        value: object = getattr(config, each.name)
        if isinstance(value, Struct):
            lines += _table(each.name, value)
    return "\n".join(lines) + "\n"


def address(url: str) -> tuple[str, int]:
    """Return host and port of a listener's address; raises `ConfigurationError`."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port is None:
        raise ConfigurationError(f"expected an address like http://127.0.0.1:8701, got `{url}`")
    return parts.hostname, port


class DirectoryTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The network the node has joined; `comity node join` writes it."""

    root: str = ""
    """SHA-256 of root version 1 in hex, told out of band; empty before the node joined."""
    mirrors: tuple[str, ...] = ()
    """Addresses or folders the directory is fetched from, the first that answers."""


class NotifyTable(Struct, frozen=True, forbid_unknown_fields=True):
    """One way to wake the person on duty; the words sent are fixed and name nothing."""

    way: str
    """`command`, `smtp` or `webhook`."""
    where: str
    """A command line, `smtp://host:port?from=…&to=…` (`smtps` for TLS), or an https address.
    `{reach}` in a command or as `to` stands for where the person on duty is reached."""


class File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who the node is; these stand at the top of the file."""

    name: str
    """What people call the node."""
    member: str
    """The member's code: `xn`, `org-interpol`."""
    agency: str
    """The agency the node serves: `xn.police`."""
    node: str
    """The node's own id: `xn.police.n1`."""
    sort: str
    """What the agency is: police, border, fiu, justice, military, organisation, company, civil,
    oversight or monitor."""
    url: str
    """What partners call, with its port; the directory lists it. `https://…`, or `http://…` on
    loopback."""
    console: str
    """What the node's own people call, with its port; sign-in links begin with it."""
    master: str = "passphrase"
    """How the master key is opened: `passphrase`, `pkcs11` by the PIN of the device that
    `[keys]` names, or `demonstration` for a key in clear. The files in `keys/` decide."""
    store: str = ""
    """A PostgreSQL address, `postgresql://…`; empty for the SQLite file in the folder."""
    directory: DirectoryTable = DirectoryTable()
    notify: tuple[NotifyTable, ...] = ()
    web: Web = Web()
    service: Service = Service()
    duty: Duty = Duty()
    record: Record = Record()
    mailbox: Post = Post()
    keys: Keys = Keys()
    ledger: Ledger = Ledger()
    limits: Limits = Limits()
    line: Line = Line()


def _config(data: bytes) -> Config:
    found = toml.decode(data, type=File)
    if found.sort not in SORTS:
        raise ConfigurationError(f"`sort` is one of {', '.join(SORTS)}, got `{found.sort}`")
    if not found.name.strip():
        raise ConfigurationError("`name` is empty: people need to know whose node this is")
    for url in (found.url, found.console):
        address(url)
    for url in filter(None, (found.web.listen, found.web.people)):
        address(url)
    check_web(found.web)
    check_service(found.service)
    check_duty(found.duty)
    check_post(found.mailbox)
    check_ledger(found.ledger)
    check_limits(found.limits)
    check_line(found.line)
    return Config(
        name=found.name,
        member=member_id(found.member),
        agency=agency_id(found.agency),
        node=node_id(found.node),
        sort=found.sort,
        url=found.url,
        console=found.console,
        root=found.directory.root,
        mirrors=found.directory.mirrors,
        store=found.store,
        master=found.master,
        notify=tuple((each.way, each.where) for each in found.notify),
        web=found.web,
        service=found.service,
        duty=found.duty,
        record=found.record,
        mailbox=found.mailbox,
        keys=found.keys,
        ledger=found.ledger,
        limits=found.limits,
        line=found.line,
    )


_FIELDS = ("name", "member", "agency", "node", "sort", "url", "console")


def _table(title: str, table: Struct) -> list[str]:
    """Write what a table says beside its defaults; nothing where it says nothing."""
    plain = type(table)()
    said = [
        f"{name} = {_value(getattr(table, name))}"
        for name in table.__struct_fields__
        if getattr(table, name) != getattr(plain, name)
    ]
    return ["", f"[{title}]", *said] if said else []


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case tuple():
            return (
                "["
                + ", ".join(_value(each) for each in cast("tuple[object, ...]", value))
                + "]"
            )
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if any(ord(char) < 32 for char in text):  # noqa: PLR2004 - TOML forbids control characters
        raise ConfigurationError("a setting holds a control character")
    return f'"{escaped}"'
