"""Schemata and properties as OpenRefine speaks of them: types and qualified names."""

from collections.abc import Sequence
from functools import cache

from comity.api.matching import asked
from comity.api.matching.reconcile_shapes import Property, Type
from comity.core.errors import InvalidInputError
from comity.message import vocabulary
from comity.screening.matching import Held, Tree, caption, values

_CODED = {"country", "gender", "topic", "language"}


def kind(names: Sequence[str], brought: Sequence[str]) -> str:
    """Return the schema a question is about: its first type, or what its properties belong to.

    Raises `InvalidInputError` on a type that is not known or cannot be looked for.
    """
    if names:
        return asked.matchable(names[0])
    known = vocabulary.schemata()
    found = (name for name in brought if name in known and known[name].is_matchable)
    return next(found, "Thing")


@cache
def types() -> tuple[Type, ...]:
    """Return every type that can be looked for."""
    found = vocabulary.schemata().values()
    return tuple(type_of(each.name) for each in found if each.is_matchable)


def type_of(name: str) -> Type:
    """Tell a schema as a type."""
    found = vocabulary.schemata().get(name)
    if found is None:
        return Type(id=name, name=name, description="")
    return Type(id=name, name=found.plural, description=found.label)


@cache
def properties() -> tuple[tuple[Property, str], ...]:
    """Return every property that can be asked about, each with its plain name."""
    known = vocabulary.schemata()
    found: dict[str, tuple[Property, str]] = {}
    for sort in types():
        for prop in known[sort.id].properties.values():
            if prop.type != "entity":
                found.setdefault(qualified(prop), (_property(prop), prop.name))
    return tuple(found.values())


def _property(prop: vocabulary.Property) -> Property:
    of = vocabulary.schemata()[prop.schema]
    return Property(id=qualified(prop), name=prop.label, description=f"of {of.plural}")


def qualified(prop: vocabulary.Property) -> str:
    """Name a property with the schema that brings it."""
    return f"{prop.schema}:{prop.name}"


def property_of(name: str) -> vocabulary.Property:
    """Find a property by its qualified name, or by a plain one; raises `InvalidInputError`."""
    sort, colon, plain = name.partition(":")
    known = vocabulary.schemata()
    if colon and sort in known and plain in known[sort].properties:
        return known[sort].properties[plain]
    if not colon:
        for each in known.values():
            if sort in each.properties:
                return each.properties[sort]
    raise InvalidInputError("expected a property such as `Person:birthDate`")


def about(held: Held) -> str:
    """Say in a few words what distinguishes an entity from its namesakes."""
    label = type_of(held.schema).description
    born = next(iter(values(held, "dates")), "")
    countries = ", ".join(values(held, "countries")[:3])
    contested = "contested" if held.is_contested else ""
    parts = (label, born, countries, ", ".join(held.datasets[:3]), contested)
    return " · ".join(part for part in parts if part)


def cells(tree: Tree, prop: vocabulary.Property, *, is_raw: bool) -> list[str]:
    """Return the values of a property: codes and ids as such, or in words."""
    found = list(tree.held.properties.get(prop.name, ()))
    if is_raw:
        return found
    if prop.type in _CODED:
        return [vocabulary.names(prop.type).get(value, value) for value in found]
    near = {each.held.entity_id: caption(each.held) for each in tree.nested.get(prop.name, ())}
    return [near.get(value, value) for value in found]
