"""Watches and what newly came in: which held entities may be whom a living watch asks for.

No score leaves this module: an entity that fits is something for a person to look at.
"""

from collections.abc import Iterable, Sequence

from comity.core.errors import LimitError
from comity.core.ids import EntityId
from comity.screening.compare import compare
from comity.screening.model import Profile, Query, band

QUERIES = 20
"""Most persons or things one watch asks for."""
PROFILES = 500
"""Most entities compared at once."""
WORTH_A_LOOK = frozenset({"possible", "strong"})
"""Bands that are shown to a person; what is weak is left out."""


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
