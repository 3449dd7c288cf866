"""Watches and what newly came in: which held entities may be whom a living watch asks for.

No score leaves this module: an entity that fits is something for a person to look at.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from comity.core.errors import LimitError, StateError
from comity.core.ids import EntityId
from comity.screening.compare import compare
from comity.screening.model import Profile, Query, band

QUERIES = 20
"""Most persons or things one watch asks for."""
PROFILES = 500
"""Most entities compared at once."""
WORTH_A_LOOK = frozenset({"possible", "strong"})
"""Bands that are shown to a person; what is weak is left out."""


def asked_for(subjects: Iterable[Mapping[str, object]]) -> tuple[Query, ...]:
    """Return a question for each entity that has a name; raises `StateError` where none has."""
    found = list[Query]()
    for subject in subjects:
        held = cast("Mapping[str, Sequence[str]]", subject["properties"])
        if held.get("name"):
            properties = {prop: tuple(values) for prop, values in held.items()}
            found.append(Query(schema=str(subject["schema"]), properties=properties))
    if not found:
        raise StateError("a watch is kept for somebody by name: the question names nobody")
    return tuple(found)


def to_look_at(queries: Sequence[Query], profiles: Iterable[Profile]) -> tuple[EntityId, ...]:
    """Return the entities that may be one of those asked for, in the order of their ids.

    Raises `LimitError` over `QUERIES` or `PROFILES`: who has more calls again.
    """
    held = tuple(profiles)
    if len(queries) > QUERIES or len(held) > PROFILES:
        raise LimitError(f"at most {QUERIES} questions beside {PROFILES} entities at once")
    found = {
        profile.entity_id
        for profile in held
        if any(band(compare(query, profile).score) in WORTH_A_LOOK for query in queries)
    }
    return tuple(sorted(found))
