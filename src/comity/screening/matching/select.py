"""Which entities a search means, in which order, and how they spread: pure, over what is given.

What is given is what the reader may know: nothing here can count what they may not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from comity.core.errors import InvalidInputError, NotFoundError
from comity.message import vocabulary
from comity.screening.matching.model import (
    Facet,
    FacetValue,
    Held,
    Joined,
    Page,
    Scope,
    TextSearch,
)
from comity.screening.model import names_in
from comity.screening.normal import normal

DEFAULT = "default"
"""The dataset that holds all others."""
FACETS: Mapping[str, str] = {
    "datasets": "Data sources",
    "schema": "Entity types",
    "countries": "Countries",
    "identifiers": "Identifiers",
    "topics": "Topics",
    "genders": "Genders",
}
_GROUPS = {
    "countries": "country",
    "identifiers": "identifier",
    "topics": "topic",
    "genders": "gender",
    "dates": "date",
    "names": "name",
}
_TIMES = {"first_seen", "last_seen", "last_change"}
_PROSE = 1_000
"""Longer values are prose, not names or numbers: their words are not searched."""
_VALUES = 100
"""Most values of one facet that are told."""


def caption(held: Held) -> str:
    """Return what an entity is called: its first value that serves as a caption, or its id."""
    for prop in schema_of(held).caption:
        for value in held.properties.get(prop, ()):
            return value
    return next(iter(names_in(held.properties)), held.entity_id)


def schema_of(held: Held) -> vocabulary.Schema:
    """Return the schema of an entity; `Thing` for one this vocabulary lacks."""
    known = vocabulary.schemata()
    return known.get(held.schema, known["Thing"])


def sources_in(scope: Scope, known: Iterable[str]) -> frozenset[str]:
    """Return the datasets a scope means; raises `NotFoundError` for one that is not known.

    Included datasets narrow the one in the address, as yente has it; where they lie beside
    it, both are meant: a client writes `datasets=["a", "b"]` so.
    """
    names = frozenset(known)
    named = {scope.dataset, *scope.include, *scope.exclude} - {DEFAULT}
    if unknown := sorted(named - names):
        raise NotFoundError(f"no dataset `{unknown[0][:80]}` that can be searched here")
    whole = names if scope.dataset == DEFAULT else frozenset({scope.dataset})
    included = frozenset(scope.include) - {DEFAULT}
    wanted = (whole & included or whole | included) if included else whole
    return wanted - frozenset(scope.exclude)


def is_within(held: Held, scope: Scope, sources: frozenset[str]) -> bool:
    """Whether an entity lies in a scope that means these datasets."""
    excluded = set(scope.exclude_entities)
    return (
        not sources.isdisjoint(held.datasets)
        and held.schema not in scope.exclude_schemata
        and excluded.isdisjoint((held.entity_id, *held.referents))
        and (not scope.topics or not set(scope.topics).isdisjoint(values(held, "topics")))
        and (not scope.changed_since or held.last_change > scope.changed_since)
    )


def is_wanted(held: Held, wanted: TextSearch) -> bool:
    """Whether an entity meets the conditions of a search other than its words and scope."""
    conditions: dict[str, list[str]] = {}
    for name, value in wanted.fields:
        conditions.setdefault(name, []).append(value)
    for name, found in (("countries", wanted.countries), ("datasets", wanted.datasets)):
        if found:
            conditions.setdefault(name, []).extend(found)
    is_kind = wanted.schema in schema_of(held).ancestors or wanted.schema == held.schema
    return is_kind and all(
        _meets(values(held, name), asked, wanted.joined) for name, asked in conditions.items()
    )


def _meets(held: Sequence[str], asked: Sequence[str], joined: Joined) -> bool:
    found = {value.casefold() for value in held}
    each = [value.casefold() in found for value in asked]
    return all(each) if joined is Joined.ALL else any(each)


def are_kin(one: str, other: str) -> bool:
    """Whether two schemata may mean one and the same: one is a kind of the other."""
    known = vocabulary.schemata()
    if one not in known or other not in known:
        return one == other
    return one in known[other].ancestors or other in known[one].ancestors


def values(held: Held, name: str) -> tuple[str, ...]:
    """Return the values of a field: a property, a group of them, or `datasets`, `schema`."""
    match name:
        case "datasets":
            return held.datasets
        case "schema":
            return (held.schema,)
        case "topics":
            return held.properties.get("topics", ())
        case _ if name in _GROUPS:
            props = _of_type(held.schema, _GROUPS[name])
        case _:
            props = (name.removeprefix("properties."),)
    found = (value for prop in props for value in held.properties.get(prop, ()))
    return tuple(dict.fromkeys(found))


@cache
def _of_type(schema: str, sort: str) -> tuple[str, ...]:
    found = vocabulary.schemata().get(schema)
    held = () if found is None else found.properties.values()
    return tuple(prop.name for prop in held if prop.type == sort)


def check_field(name: str) -> str:
    """Return the name of a field that can be filtered by; raises `InvalidInputError`."""
    prop = name.removeprefix("properties.")
    if name in FACETS or name in _GROUPS or prop in _properties():
        return name
    raise InvalidInputError(f"expected a property or one of {', '.join(FACETS)} in `filter`")


@cache
def _properties() -> frozenset[str]:
    return frozenset(
        name for each in vocabulary.schemata().values() for name in each.properties
    )


def names_in_words(held: Held) -> frozenset[str]:
    """Return every word of every name, in the form words are compared in."""
    return frozenset(
        word for name in names_in(held.properties) for word in normal(name).split()
    )


def words_in(held: Held) -> frozenset[str]:
    """Return every word of every value but long texts."""
    found = (
        value for each in held.properties.values() for value in each if len(value) <= _PROSE
    )
    return frozenset(word for value in found for word in normal(value).split())


def rank(held: Held, words: Sequence[str]) -> int | None:
    """Say how well an entity fits words that must all be there; `None` where one is not.

    3: a name is exactly these words; 2: all are in its names; 1: some stand elsewhere.
    """
    if not words:
        return 1
    named = names_in_words(held)
    if all(_has(named, word) for word in words):
        whole = {word.removesuffix("*") for word in words}
        same = any(set(normal(name).split()) == whole for name in names_in(held.properties))
        return 3 if same else 2
    everything = words_in(held) | named
    return 1 if all(_has(everything, word) for word in words) else None


def _has(known: frozenset[str], word: str) -> bool:
    if word.endswith("*"):
        return any(each.startswith(word[:-1]) for each in known)
    return word in known


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a search; one that ends in `*` means every word beginning so."""
    found: list[str] = []
    for part in text.split():
        words = normal(part).split()
        if words and part.endswith("*"):
            words[-1] += "*"
        found += words
    return tuple(dict.fromkeys(found))


def ordered(found: Iterable[Held], sort: Sequence[str]) -> list[Held]:
    """Order by `field` or `field:desc`; what lacks it comes last, ties by name and id."""
    held = sorted(found, key=lambda each: (caption(each).casefold(), each.entity_id))
    for term in reversed(sort):
        name, _, direction = term.partition(":")
        with_value = [each for each in held if _key(each, name)]
        without = [each for each in held if not _key(each, name)]
        with_value.sort(key=lambda each: _key(each, name), reverse=direction == "desc")
        held = with_value + without
    return held


def _key(held: Held, name: str) -> str:
    if name in _TIMES:
        return str(getattr(held, name))
    if name in ("caption", "name"):
        return caption(held).casefold()
    return min(values(held, name), default="").casefold()


def page(found: Sequence[Held], wanted: Page) -> tuple[Held, ...]:
    """Cut one page out of a list."""
    return tuple(found[wanted.offset : wanted.offset + wanted.limit])


def facets(
    found: Sequence[Held], names: Iterable[str], titles: Mapping[str, str]
) -> tuple[Facet, ...]:
    """Count the values of each facet over what was found; `titles` name the datasets."""
    return tuple(_facet(found, name, titles) for name in dict.fromkeys(names))


def _facet(found: Sequence[Held], name: str, titles: Mapping[str, str]) -> Facet:
    counts = Counter(value for held in found for value in values(held, name))
    commonest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_VALUES]
    told = tuple(
        FacetValue(name=value, label=_label(name, value, titles), count=count)
        for value, count in commonest
    )
    return Facet(name=name, label=FACETS[name], values=told)


def _label(name: str, value: str, titles: Mapping[str, str]) -> str:
    match name:
        case "datasets":
            return titles.get(value, value)
        case "schema":
            found = vocabulary.schemata().get(value)
            return value if found is None else found.plural
        case "countries" | "topics" | "genders":
            return vocabulary.names(_GROUPS[name]).get(value, value)
        case _:
            return value
