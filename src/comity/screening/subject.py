"""A FollowTheMoney entity as somebody sent it, read so that whatever can be compared is.

Nothing in it is fatal but a shape that is no entity: what cannot be compared is left out and
named, never the value itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from comity.core.errors import InvalidInputError
from comity.core.ids import EntityId
from comity.core.limits import NAME
from comity.message import vocabulary
from comity.screening.model import Profile, Properties, Query

VALUES: Final = 500
"""Most values of one property that are compared."""
_NAMES: Final = frozenset({"name", "alias", "previousName", "weakAlias"})
_STRICT: Final = frozenset({"date", "country", "gender"})
"""Types of which a malformed value would look like a contradiction."""
_PARTS: Final = (
    ("title", "firstName", "secondName", "middleName"),
    ("fatherName", "motherName"),
    ("lastName", "nameSuffix"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An entity that can be compared, and what of it cannot."""

    entity_id: str
    schema: str
    properties: Properties
    warnings: tuple[str, ...]

    @property
    def is_named(self) -> bool:
        """Whether it has a name to be compared."""
        return any(self.properties.get(prop) for prop in _NAMES)

    def query(self) -> Query:
        """Return it as what is asked; raises `InvalidInputError` where it has no name."""
        return Query(schema=self.schema, properties=self.properties)

    def profile(self, *, dataset: str = "") -> Profile:
        """Return it as what is held."""
        return Profile(
            entity_id=EntityId(self.entity_id),
            dataset=dataset,
            schema=self.schema,
            properties=self.properties,
        )


def read_subject(sent: object, *, where: str, schema: str = "") -> Subject:
    """Read an entity `{id?, schema, properties}`; `schema` stands in where it names none.

    Raises `InvalidInputError` on what is no entity, or has an unknown schema.
    """
    if not isinstance(sent, dict):
        raise InvalidInputError(f"`{where}` is no entity, expected `schema` and `properties`")
    members = cast("Mapping[str, object]", sent)
    kind = members.get("schema") or schema
    if not isinstance(kind, str) or not kind:
        raise InvalidInputError(f"`{where}` names no schema, expected one such as `Person`")
    vocabulary.schema(kind)
    held = members.get("properties", {})
    if not isinstance(held, dict):
        raise InvalidInputError(f"`properties` of `{where}` is no object")
    warnings = dict[str, None]()
    taken = _taken(cast("Mapping[str, object]", held), kind, where, warnings)
    known = members.get("id")
    return Subject(
        entity_id=known if isinstance(known, str) else "",
        schema=kind,
        properties=_named(taken),
        warnings=tuple(warnings),
    )


def _taken(
    held: Mapping[str, object], kind: str, where: str, warnings: dict[str, None]
) -> dict[str, tuple[str, ...]]:
    taken = dict[str, tuple[str, ...]]()
    for prop, sent in held.items():
        try:
            vocabulary.property_of(kind, prop)
        except InvalidInputError as error:
            warnings[f"{where}: {error}"] = None
            if prop not in _known():
                continue
        values = list[str]()
        for text in _texts(sent, f"{where}: `{prop[:40]}`", warnings):
            try:
                values.append(_value(kind, prop, text))
            except InvalidInputError as error:
                warnings[f"{where}: {error}"] = None
        if values:
            taken[prop] = tuple(dict.fromkeys(values))
    return taken


@cache
def _known() -> frozenset[str]:
    """Return every property that some schema has: it is compared whatever the schema."""
    schemata = vocabulary.schemata().values()
    return frozenset(prop for schema in schemata for prop in schema.properties)


def _texts(sent: object, where: str, warnings: dict[str, None]) -> Iterator[str]:
    listed = cast("list[object]", sent) if isinstance(sent, list) else [sent]
    if len(listed) > VALUES:
        warnings[f"{where} has over {VALUES} values, the first {VALUES} are compared"] = None
    for each in listed[:VALUES]:
        if isinstance(each, str):
            yield each
        elif isinstance(each, int | float) and not isinstance(each, bool):
            yield str(each)
        elif each is not None:
            warnings[f"{where} has a value that is no text, left out"] = None


def _value(kind: str, prop: str, text: str) -> str:
    if prop in _NAMES and len(text) > NAME:
        raise InvalidInputError(f"`{prop}` has over {NAME} characters, left out")
    if prop not in vocabulary.schema(kind).properties:
        return text
    try:
        return vocabulary.validate(kind, prop, text)
    except InvalidInputError:
        if vocabulary.property_of(kind, prop).type in _STRICT or not text.strip():
            raise
        return text


def _named(taken: dict[str, tuple[str, ...]]) -> Properties:
    """Make a name of its parts where there is no name at all."""
    if any(taken.get(prop) for prop in _NAMES):
        return taken
    words = [taken[prop][0] for group in _PARTS for prop in group if taken.get(prop)]
    return {**taken, "name": (" ".join(words)[:NAME],)} if words else taken
