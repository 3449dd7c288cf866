"""A draft: everything an agency means to say to one partner, before the law has been asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, unique
from typing import Final, cast

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import AgencyId, CaseId
from comity.message.handling import Handling

_GONE: Final = b"\x00left out\x00"
# Compared by identity: no value a partner can send is this very object.

Facts = Mapping[str, bool | None]
"""Facts of the law by name: `True`, `False` or `None` for unknown; an absent one is unknown."""


@unique
class Urgency(Enum):
    """How soon, as the asker states it (Directive (EU) 2023/977, article 5)."""

    URGENT = "urgent"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One value of a draft that the law judges alone and that can be left out alone.

    `path` finds it in the body: `subject/birthDate/0`. `category` is a data category of
    `law/data/facts.yaml`; `facts` are those derived from this value.
    """

    path: str
    category: str
    handling: Handling
    facts: Facts = field(default_factory=dict[str, bool | None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message as its author wrote it, to one recipient.

    `facts` holds what is known of the whole message, its case and its partner; `items` the
    values judged one by one. `is_protective` marks recall, stop, expire, challenge and
    acknowledgements that name only what the partner already holds.
    """

    kind: str
    originator: AgencyId
    recipient: AgencyId
    purpose: str
    at: Instant
    """The instant the law is asked about."""
    body: Mapping[str, Value]
    handling: Handling
    case: CaseId
    categories: frozenset[str] = frozenset()
    items: tuple[Item, ...] = ()
    facts: Facts = field(default_factory=dict[str, bool | None])
    urgency: Urgency = Urgency.NORMAL
    is_protective: bool = False

    def without(self, paths: Collection[str]) -> "Draft":
        """Return this draft with the named values left out of body and items."""
        body = _kept(self.body, frozenset(paths), ())
        kept = tuple(item for item in self.items if item.path not in paths)
        return replace(self, body=body, items=kept)


def value_at(body: Mapping[str, Value], path: str) -> Value:
    """Return the value at `subject/birthDate/0`; raises `KeyError` or `IndexError`."""
    found: Value = body
    for part in path.split("/"):
        if isinstance(found, Mapping):
            found = cast("Mapping[str, Value]", found)[part]
        elif isinstance(found, Sequence) and not isinstance(found, (str, bytes)):
            found = found[int(part)]
        else:
            raise KeyError(path)
    return found


def _kept(
    value: Mapping[str, Value], paths: frozenset[str], at: tuple[str, ...]
) -> Mapping[str, Value]:
    pairs = ((name, _pruned(child, paths, (*at, name))) for name, child in value.items())
    return {name: child for name, child in pairs if child is not _GONE}


def _pruned(value: Value, paths: frozenset[str], at: tuple[str, ...]) -> Value:
    if "/".join(at) in paths:
        return _GONE
    if isinstance(value, Mapping):
        return _kept(cast("Mapping[str, Value]", value), paths, at)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        # Paths count places in the original list, so all are judged before any is dropped.
        children = (_pruned(child, paths, (*at, str(i))) for i, child in enumerate(value))
        kept = [child for child in children if child is not _GONE]
        # A list left empty would tell that something was there.
        return kept if kept or not value else _GONE
    return value
