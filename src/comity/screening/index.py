"""The index: which held entities could bear this name.

`Index` is the face every engine keeps; `NameIndex` is the first: rapidfuzz over normalised
names, held in memory. It finds names in the script they are held in; another script is said
to be *not comparable*, never *different*.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from rapidfuzz import fuzz, process

from comity.core.ids import EntityId
from comity.screening.compare import compare
from comity.screening.model import Flag, Found, Profile, Query
from comity.screening.normal import normal

CUTOFF = 70.0
"""Least likeness of a name, of 100, to be compared further."""
FLOOR = 0.45
"""Least score of a candidate that is shown."""


class Index(Protocol):
    """Finds candidates among the entities it was given."""

    def search(self, query: Query, /, *, limit: int = 10) -> Found:
        """Return the likeliest candidates, at most `limit`, with what must be said of them."""
        ...

    def add(self, profiles: Iterable[Profile], /) -> None:
        """Take in entities, replacing those with the same id."""
        ...

    def forget(self, entities: Iterable[EntityId], /) -> None:
        """Drop entities at once; they cannot be found from here on."""
        ...

    def __len__(self) -> int:
        """Return how many entities can be found."""
        ...


class NameIndex:
    """An index in memory over normalised names."""

    def __init__(self, profiles: Iterable[Profile] = ()) -> None:
        """Take in `profiles`."""
        self._profiles: dict[EntityId, Profile] = {}
        self._names: dict[str, set[EntityId]] = {}
        self._choices: Sequence[str] | None = None
        self.add(profiles)

    def __len__(self) -> int:
        """Return how many entities can be found."""
        return len(self._profiles)

    def add(self, profiles: Iterable[Profile], /) -> None:
        """Take in entities, replacing those with the same id."""
        for profile in profiles:
            self.forget((profile.entity_id,))
            self._profiles[profile.entity_id] = profile
            for name in profile.names:
                self._names.setdefault(_sorted(name), set()).add(profile.entity_id)
        self._choices = None

    def forget(self, entities: Iterable[EntityId], /) -> None:
        """Drop entities at once; they cannot be found from here on."""
        for entity_id in entities:
            known = self._profiles.pop(entity_id, None)
            for name in known.names if known else ():
                holders = self._names.get(_sorted(name), set())
                holders.discard(entity_id)
                if not holders:
                    self._names.pop(_sorted(name), None)
        self._choices = None

    def search(self, query: Query, /, *, limit: int = 10) -> Found:
        """Return the likeliest candidates, at most `limit`, with what must be said of them."""
        found = [compare(query, self._profiles[key]) for key in self._possible(query, limit)]
        shown = [candidate for candidate in found if candidate.score >= FLOOR]
        shown.sort(key=lambda candidate: (-candidate.score, candidate.entity_id))
        unread = not any(normal(name) for name in query.names)
        flags = (Flag.NOT_COMPARABLE,) if unread else ()
        return Found(candidates=tuple(shown[:limit]), flags=flags)

    def _possible(self, query: Query, limit: int) -> set[EntityId]:
        choices = self._choices
        if choices is None:
            choices = self._choices = tuple(self._names)
        keys: set[EntityId] = set()
        for name in query.names:
            near = process.extract(
                _sorted(name),
                choices,
                scorer=fuzz.ratio,
                score_cutoff=CUTOFF,
                limit=5 * limit,
            )
            for choice, _score, _place in near:
                keys |= self._names.get(choice, set())
        return keys


def _sorted(name: str) -> str:
    return " ".join(sorted(normal(name).split()))
