"""A member's document: its agencies, nodes, keys and contact points, as it signs them itself.

It is the target `members/<id>/member.json`. Fields this version does not know are left alone:
the signature covers them, and no meaning is guessed.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import TypeVar

from comity.core import limits
from comity.core.clock import Instant, from_iso, iso
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, MemberId, NodeId, agency_id, member_id, member_of, node_id
from comity.core.keys import PublicKey
from comity.trust.metadata import Json, public_key, strict_json

T = TypeVar("T")
_TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")
_PEM = re.compile(r"[\n\r -~]*")
_URL = re.compile(r"https?://[!-~]+")
_LONGEST_LIFE = 60
_CERTIFICATES = 4


@unique
class Sort(Enum):
    """What an agency is."""

    POLICE = "police"
    BORDER = "border"
    FIU = "fiu"
    JUSTICE = "justice"
    MILITARY = "military"
    ORGANISATION = "organisation"
    COMPANY = "company"
    CIVIL = "civil"
    OVERSIGHT = "oversight"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How people reach an agency when machines do not."""

    telephone: str = ""
    email: str = ""
    hours: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedKey:
    """A public key and when signatures by it count: from `since` to before `until`."""

    key: PublicKey
    since: Instant
    until: Instant | None = None

    def is_valid(self, at: Instant) -> bool:
        """Say whether a signature made at `at` counts."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEntry:
    """An agency; law decides between these."""

    agency: AgencyId
    name: str
    sort: Sort
    contacts: tuple[Contact, ...] = ()
    keys: tuple[DatedKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEntry:
    """A node; bytes go between these. `tls` holds PEM certificates, the current and the next."""

    node: NodeId
    url: str
    agencies: frozenset[AgencyId]
    suites: frozenset[int]
    kinds: frozenset[str]
    origin: str
    log_vkeys: tuple[str, ...]
    witness_vkeys: tuple[str, ...] = ()
    tls: tuple[bytes, ...] = ()
    languages: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    message_life: int = 14
    """Days for which a message sealed to this node can be opened (1 to 60)."""
    keys: tuple[DatedKey, ...] = ()

    @property
    def member(self) -> MemberId:
        """The member whose node it is."""
        return member_of(self.node)

    @property
    def log_vkey(self) -> str:
        """The first verifier of its ledger."""
        return self.log_vkeys[0]

    @property
    def witness_vkey(self) -> str:
        """The first verifier of its cosignatures, or empty where it witnesses nobody."""
        return next(iter(self.witness_vkeys), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDocument:
    """All a member states about itself."""

    member: MemberId
    name: str
    agencies: tuple[AgencyEntry, ...]
    nodes: tuple[NodeEntry, ...]


def read_member(data: bytes) -> MemberDocument:
    """Parse a member's document and check that it speaks only of itself.

    Raises `InvalidInputError` naming the field; every list and text is bounded.
    """
    fields = _Fields(
        strict_json(data, limit=limits.MEMBER_DOCUMENT, where="member.json"), "member"
    )
    document = MemberDocument(
        member=member_id(fields.text("member")),
        name=fields.text("name"),
        agencies=fields.each("agencies", _agency),
        nodes=fields.each("nodes", _node),
    )
    _check_own(document)
    return document


def write_member(document: MemberDocument) -> bytes:
    """Write a member's document as deterministic JSON; what `read_member` reads back."""
    value: Json = {
        "member": document.member,
        "name": document.name,
        "agencies": [_agency_json(agency) for agency in document.agencies],
        "nodes": [_node_json(node) for node in document.nodes],
    }
    data = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode()
    read_member(data)
    return data


def _check_own(document: MemberDocument) -> None:
    # INVARIANT: a member speaks for its own agencies and nodes, and one key has one use.
    agencies = [entry.agency for entry in document.agencies]
    nodes = [entry.node for entry in document.nodes]
    keys = [dated.key.raw for entry in document.agencies for dated in entry.keys]
    keys += [dated.key.raw for entry in document.nodes for dated in entry.keys]
    for names in (agencies, nodes, keys):
        if len(set(names)) != len(names):
            raise InvalidInputError("member.json lists an agency, node or key twice")
    owners = {member_of(name) for name in agencies} | {member_of(name) for name in nodes}
    if not owners <= {document.member}:
        raise InvalidInputError(f"member.json of `{document.member}` speaks for another member")
    for node in document.nodes:
        if not node.agencies <= set(agencies):
            raise InvalidInputError(f"node `{node.node}` serves an agency that is not listed")


class _Fields:
    """One JSON object, read field by field; errors name the path."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            raise InvalidInputError(f"expected an object at `{where}`")
        self._value = value
        self._where = where

    def text(
        self, name: str, shape: re.Pattern[str] = _TEXT, *, most: int = limits.NAME
    ) -> str:
        return _text(self._value.get(name), self._at(name), shape, most=most)

    def optional(self, name: str) -> str:
        return self.text(name) if name in self._value else ""

    def integer(self, name: str, *, most: int) -> int:
        return _integer(self._value.get(name), self._at(name), most=most)

    def instant(self, name: str) -> Instant:
        return from_iso(self.text(name))

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None

    def each(self, name: str, read: "Callable[[_Fields], T]") -> tuple[T, ...]:
        return tuple(read(_Fields(item, where)) for item, where in self._items(name))

    def words(
        self, name: str, shape: re.Pattern[str] = _TEXT, *, most: int = limits.NAME
    ) -> list[str]:
        return [_text(item, where, shape, most=most) for item, where in self._items(name)]

    def numbers(self, name: str, *, most: int) -> list[int]:
        return [_integer(item, where, most=most) for item, where in self._items(name)]

    def amounts(self, name: str) -> dict[str, int]:
        inner = _Fields(self._value.get(name, {}), self._at(name))
        if len(inner._value) > limits.LISTED:
            raise InvalidInputError(f"more than {limits.LISTED} entries at `{self._at(name)}`")
        return {key: inner.integer(key, most=2**53) for key in inner._value}

    def _items(self, name: str) -> list[tuple[Json, str]]:
        items = self._value.get(name, [])
        if not isinstance(items, list) or len(items) > limits.LISTED:
            raise InvalidInputError(
                f"expected a list of at most {limits.LISTED} at `{self._at(name)}`"
            )
        return [(item, f"{self._at(name)}/{at}") for at, item in enumerate(items)]

    def _at(self, name: str) -> str:
        return f"{self._where}/{name[:40]}"


def _text(value: Json, where: str, shape: re.Pattern[str], *, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or not shape.fullmatch(value):
        raise InvalidInputError(f"expected a text of at most {most} characters at `{where}`")
    return value


def _integer(value: Json, where: str, *, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise InvalidInputError(f"expected a whole number from 0 to {most} at `{where}`")
    return value


def _key(fields: _Fields) -> DatedKey:
    until = fields.instant("until") if fields.has("until") else None
    return DatedKey(
        key=public_key(fields.text("public")), since=fields.instant("since"), until=until
    )


def _contact(fields: _Fields) -> Contact:
    return Contact(
        telephone=fields.optional("telephone"),
        email=fields.optional("email"),
        hours=fields.optional("hours"),
        languages=tuple(fields.words("languages")),
    )


def _agency(fields: _Fields) -> AgencyEntry:
    sort = fields.text("sort")
    if sort not in {known.value for known in Sort}:
        raise InvalidInputError(f"unknown sort of agency `{sort[:40]}`")
    return AgencyEntry(
        agency=agency_id(fields.text("agency")),
        name=fields.text("name"),
        sort=Sort(sort),
        contacts=fields.each("contacts", _contact),
        keys=fields.each("keys", _key),
    )


def _node(fields: _Fields) -> NodeEntry:
    tls = fields.words("tls", _PEM, most=8 * limits.KIB)
    vkeys = fields.words("log_vkeys", most=4 * limits.KIB)
    if not vkeys or len(tls) > _CERTIFICATES:
        raise InvalidInputError(
            f"a node lists a log_vkey and at most {_CERTIFICATES} certificates"
        )
    return NodeEntry(
        node=node_id(fields.text("node")),
        url=fields.text("url", _URL),
        agencies=frozenset(agency_id(name) for name in fields.words("agencies")),
        suites=frozenset(fields.numbers("suites", most=255)),
        kinds=frozenset(fields.words("kinds")),
        origin=fields.text("origin"),
        log_vkeys=tuple(vkeys),
        witness_vkeys=tuple(fields.words("witness_vkeys", most=4 * limits.KIB)),
        tls=tuple(text.encode() for text in tls),
        languages=tuple(fields.words("languages")),
        limits=fields.amounts("limits"),
        message_life=fields.integer("message_life_days", most=_LONGEST_LIFE),
        keys=fields.each("keys", _key),
    )


def _key_json(dated: DatedKey) -> Json:
    value: dict[str, Json] = {"public": dated.key.raw.hex(), "since": iso(dated.since)}
    return value if dated.until is None else value | {"until": iso(dated.until)}


def _agency_json(entry: AgencyEntry) -> Json:
    return {
        "agency": entry.agency,
        "name": entry.name,
        "sort": entry.sort.value,
        "contacts": [
            {
                "telephone": contact.telephone,
                "email": contact.email,
                "hours": contact.hours,
                "languages": list(contact.languages),
            }
            for contact in entry.contacts
        ],
        "keys": [_key_json(dated) for dated in entry.keys],
    }


def _node_json(entry: NodeEntry) -> Json:
    return {
        "node": entry.node,
        "url": entry.url,
        "agencies": list[Json](sorted(entry.agencies)),
        "suites": list[Json](sorted(entry.suites)),
        "kinds": list[Json](sorted(entry.kinds)),
        "origin": entry.origin,
        "log_vkeys": list(entry.log_vkeys),
        "witness_vkeys": list(entry.witness_vkeys),
        "tls": [certificate.decode() for certificate in entry.tls],
        "languages": list(entry.languages),
        "limits": dict(entry.limits),
        "message_life_days": entry.message_life,
        "keys": [_key_json(dated) for dated in entry.keys],
    }
