"""A node's configuration: `node.toml`, read once, checked field by field.

Raises `ConfigurationError` naming file and field; no default is guessed for who the node is.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import DecodeError, Struct, toml

from comity.core.errors import ComityError, ConfigurationError
from comity.core.ids import AgencyId, MemberId, NodeId, agency_id, member_id, node_id

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
    """How the master key is opened: `passphrase`, or `demonstration` for a key in clear."""
    notify: tuple[tuple[str, str], ...] = ()
    """Ways to wake the person on duty: (`command` | `smtp` | `webhook`, where)."""


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
    lines += [f"{field} = {_quoted(getattr(config, field))}" for field in _FIELDS]
    lines.append(f"master = {_quoted(config.master)}")
    if config.store:
        lines.append(f"store = {_quoted(config.store)}")
    lines += ["", "[directory]", f"root = {_quoted(config.root)}"]
    lines.append("mirrors = [" + ", ".join(_quoted(url) for url in config.mirrors) + "]")
    for way, where in config.notify:
        lines += ["", "[[notify]]", f"way = {_quoted(way)}", f"where = {_quoted(where)}"]
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


class _Directory(Struct, frozen=True):
    root: str = ""
    mirrors: tuple[str, ...] = ()


class _Way(Struct, frozen=True):
    way: str
    where: str


class _File(Struct, frozen=True):
    name: str
    member: str
    agency: str
    node: str
    sort: str
    url: str
    console: str
    master: str = "passphrase"
    store: str = ""
    directory: _Directory = _Directory()
    notify: tuple[_Way, ...] = ()


def _config(data: bytes) -> Config:
    found = toml.decode(data, type=_File)
    if found.sort not in SORTS:
        raise ConfigurationError(f"`sort` is one of {', '.join(SORTS)}, got `{found.sort}`")
    if not found.name.strip():
        raise ConfigurationError("`name` is empty: people need to know whose node this is")
    for url in (found.url, found.console):
        address(url)
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
    )


_FIELDS = ("name", "member", "agency", "node", "sort", "url", "console")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if any(ord(char) < 32 for char in text):  # noqa: PLR2004 - TOML forbids control characters
        raise ConfigurationError("a setting holds a control character")
    return f'"{escaped}"'
