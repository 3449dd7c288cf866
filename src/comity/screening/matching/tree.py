"""An entity with those beside it: what it names, and what names it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from comity.message import vocabulary
from comity.screening.matching.model import Held, Tree

WIDEST = 500
"""Most entities told beside one by one property."""
_DEPTH = 2
"""An edge is one step, what lies at its other end the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """How neighbours are found, as one reader may know them."""

    held: Callable[[str], Held | None]
    """An entity by id."""
    pointing_at: Callable[[str], Iterable[Held]]
    """Entities that name this id in some property."""


def tree(root: Held, near: Near) -> Tree:
    """Return an entity with its neighbours, and with what lies at the other end of each."""
    return _grown(root, near, path=frozenset({root.entity_id}), depth=0)


def _grown(held: Held, near: Near, *, path: frozenset[str], depth: int) -> Tree:
    if depth == _DEPTH:
        return Tree(held=held)
    found: dict[str, dict[str, Held]] = {}
    for prop, entity_id in _named(held):
        other = None if entity_id in path else near.held(entity_id)
        if other is not None:
            found.setdefault(prop, {})[other.entity_id] = other
    if depth == 0:
        for other in near.pointing_at(held.entity_id):
            for prop in _reverse(other, held.entity_id):
                found.setdefault(prop, {})[other.entity_id] = other
    nested = {
        prop: tuple(
            _grown(other, near, path=path | {other.entity_id}, depth=depth + 1)
            for other in sorted(others.values(), key=lambda each: each.entity_id)[:WIDEST]
        )
        for prop, others in found.items()
    }
    return Tree(held=held, nested=nested)


def _named(held: Held) -> list[tuple[str, str]]:
    return [
        (prop.name, value)
        for prop in pointers(held.schema)
        for value in held.properties.get(prop.name, ())[:WIDEST]
    ]


def _reverse(held: Held, entity_id: str) -> list[str]:
    return [
        prop.reverse
        for prop in pointers(held.schema)
        if prop.reverse and entity_id in held.properties.get(prop.name, ())
    ]


def pointers(schema: str) -> tuple[vocabulary.Property, ...]:
    """Return the properties of a schema that name other entities."""
    found = vocabulary.schemata().get(schema)
    held = () if found is None else found.properties.values()
    return tuple(prop for prop in held if prop.type == "entity")


@cache
def reverses() -> frozenset[str]:
    """Return the properties through which an entity stands beside one that it names."""
    known = vocabulary.schemata().values()
    held = (prop for each in known for prop in each.properties.values())
    return frozenset(prop.name for prop in held if prop.reverse)


def links(schema: str) -> frozenset[str]:
    """Return the properties by which entities can stand beside one of this schema."""
    known = vocabulary.schemata()
    kinds = known[schema].ancestors if schema in known else frozenset({schema})
    turned = {
        prop.reverse
        for each in known.values()
        for prop in each.properties.values()
        if prop.reverse and prop.range in kinds
    }
    return frozenset(prop.name for prop in pointers(schema)) | turned
