"""The frame of an act of several parties: what every party of the case may know of it.

Codes, ids, times and counts; no content. It is the first leaf of the act, and the fold of a
case reads nothing else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, agency_id

HAND = 16
"""Bytes of a person's mark within one case: a keyed hash that means nothing elsewhere."""
_CASE = 16
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LAST = 253_402_300_800_000
_MARKS = (0, HAND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One party of a case, with its roles in it."""

    party: AgencyId
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every party of a case may know of an act; `case` and `parent` are 32 hex digits."""

    case: str
    kind: str
    author: AgencyId
    at: Instant
    """When its author made it, as it says."""
    hand: bytes
    """The person's mark in this case."""
    seat: str
    epoch: int
    seen: int
    """The last number its author had seen."""
    second: bytes = b""
    """The mark of the second person who confirmed it beforehand."""
    parent: str = ""
    fields: Mapping[str, Value]

    def text(self, name: str) -> str:
        """Return a framed code or digest, or nothing."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """Return a framed count or instant, if there is one."""
        value = self.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a framed list of digests or agencies; empty without one."""
        value = self.fields.get(name)
        return tuple(each for each in as_list(value) if isinstance(each, str))

    @property
    def roster(self) -> tuple[Party, ...]:
        """The parties it names, in order; empty where it names none."""
        return roster(self.fields.get("parties")) or ()

    def encode(self) -> bytes:
        """Write canonical CBOR."""
        known: dict[str, Value] = {
            "case": bytes.fromhex(self.case),
            "kind": self.kind,
            "author": self.author,
            "at": self.at,
            "hand": self.hand,
            "seat": self.seat,
            "epoch": self.epoch,
            "seen": self.seen,
            "second": self.second,
            "parent": bytes.fromhex(self.parent),
            "fields": self.fields,
        }
        return cbor.encode(known)


def read_frame(data: bytes) -> Frame:
    """Read a frame; members a newer version added stay in its bytes. Raises as `cbor.decode`.

    Raises `LimitError`, `InvalidInputError` where one member is not what it must be.
    """
    found = cbor.decode(data) if len(data) <= limits.FRAME else None
    part = as_map(found)
    fields = part.get("fields")
    if not isinstance(fields, Mapping) or len(fields) > limits.FIELDS:
        raise InvalidInputError(f"expected a frame of at most {limits.FRAME} bytes")
    return Frame(
        case=_octets(part, "case", (_CASE,)).hex(),
        kind=_text(part, "kind"),
        author=agency_id(_text(part, "author")),
        at=Instant(_count(part, "at")),
        hand=_octets(part, "hand", (HAND,)),
        seat=_text(part, "seat"),
        epoch=_count(part, "epoch"),
        seen=_count(part, "seen"),
        second=_octets(part, "second", _MARKS),
        parent=_octets(part, "parent", (0, _CASE)).hex(),
        fields=cast("Mapping[str, Value]", fields),
    )


def as_map(value: object) -> Mapping[str, Value]:
    """Return a decoded value as a map of named values; empty where it is none."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, Value]", value)
    return dict[str, Value]()


def as_list(value: object) -> Sequence[Value]:
    """Return a decoded value as a list; empty where it is none."""
    if isinstance(value, (list, tuple)):
        return cast("Sequence[Value]", value)
    return ()


def roster(value: Value) -> tuple[Party, ...] | None:
    """Read a roster: 2 to `limits.PARTIES` agencies in order, each with roles; or `None`."""
    listed = as_list(value)
    if not 2 <= len(listed) <= limits.PARTIES:  # noqa: PLR2004 - fewer are no case of several
        return None
    found = [party for each in listed if (party := _party(each)) is not None]
    names = [party.party for party in found]
    is_whole = len(found) == len(listed) and names == sorted(set(names))
    return tuple(found) if is_whole else None


def is_digest(value: Value) -> bool:
    """Whether a value is the digest of an act."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _party(value: Value) -> Party | None:
    match value:
        case {"party": str(party), "roles": [*roles], **rest} if not rest:
            words = [role for role in roles if isinstance(role, str) and _CODE.fullmatch(role)]
            if len(words) != len(roles) or words != sorted(set(words)):
                return None
            try:
                return Party(party=agency_id(party), roles=frozenset(words))
            except InvalidInputError:
                return None
        case _:
            return None


def _octets(part: Mapping[str, Value], name: str, lengths: Sequence[int]) -> bytes:
    value = part.get(name)
    if not isinstance(value, bytes) or len(value) not in lengths:
        raise InvalidInputError(f"expected `{name}` of {lengths[-1]} bytes in a frame")
    return value


def _text(part: Mapping[str, Value], name: str) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= limits.CODE:
        raise InvalidInputError(f"expected a code as `{name}` in a frame")
    return value


def _count(part: Mapping[str, Value], name: str) -> int:
    value = part.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LAST:
        raise InvalidInputError(f"expected a whole number as `{name}` in a frame")
    return value
