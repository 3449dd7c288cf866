"""Audiences: what may be found by whom, kept apart before anything is looked for.

What every reader of this node may find stands in one index; what is kept to a purpose stands in
an index of that purpose beside it, as that purpose's readers see it.

INVARIANT: a search touches the open index and the one of its own purpose and no other, so that
what its reader may not see changes no candidate, no rank, no count and no flag.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from comity.core.ids import EntityId
from comity.screening.index import Index
from comity.screening.model import Candidate, Flag, Found, Profile, Query

OPEN = ""
"""The audience of what no purpose restricts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One entity as each audience may find it; without a view it can be found no more."""

    entity_id: EntityId
    views: Mapping[str, Profile]
    """By audience: `OPEN`, and each purpose that sees more than that."""


class Finder(Protocol):
    """Finds candidates among what one purpose may find; in step with what is held."""

    def search(self, query: Query, /, *, purpose: str, limit: int) -> Found:
        """Return the likeliest candidates, at most `limit`."""
        ...

    def search_many(
        self, queries: Sequence[Query], /, *, purpose: str, limit: int
    ) -> tuple[Found, ...]:
        """Answer many questions, in order, without making single ones wait for them."""
        ...

    def renew(self) -> None:
        """Take in what changed; what is no longer held can be found no more from here on."""
        ...


class Audiences:
    """One index for each audience, made when it first has something to hold."""

    def __init__(self, make: Callable[[str], Index]) -> None:
        """Begin with none; `make` opens the index of an audience."""
        self._make = make
        self._indexes: dict[str, Index] = {}

    def open(self, audience: str) -> Index:
        """Return an audience's index, made or opened where it is not open yet."""
        found = self._indexes.get(audience)
        if found is None:
            found = self._indexes[audience] = self._make(audience)
        return found

    def __len__(self) -> int:
        """Return how many views can be found, over all audiences."""
        return sum(len(index) for index in self._indexes.values())

    def take(self, held: Iterable[Held], /) -> None:
        """Let each entity be found as it is held now, and in no other way."""
        entities = tuple(held)
        views: dict[str, list[Profile]] = {}
        for each in entities:
            for audience, profile in each.views.items():
                views.setdefault(audience, []).append(profile)
        for audience in {*views, *self._indexes}:
            index, profiles = self.open(audience), views.get(audience, [])
            seen = {profile.entity_id for profile in profiles}
            index.forget(each.entity_id for each in entities if each.entity_id not in seen)
            index.add(profiles)

    def search(self, query: Query, /, *, purpose: str, limit: int) -> Found:
        """Return the likeliest candidates of the open index and the purpose's own."""
        names = dict.fromkeys((OPEN, purpose))
        own = [self._indexes[name] for name in names if name in self._indexes]
        # An index of nothing still says what can be said of the question itself.
        found = [index.search(query, limit=limit) for index in own or [self.open(OPEN)]]
        return joined(found, limit=limit)


def joined(found: Sequence[Found], /, *, limit: int) -> Found:
    """Join answers into one: each entity once, as the likeliest of its views."""
    if len(found) == 1:
        return found[0]
    best: dict[EntityId, Candidate] = {}
    for candidate in (each for answer in found for each in answer.candidates):
        known = best.get(candidate.entity_id)
        if known is None or known.score < candidate.score:
            best[candidate.entity_id] = candidate
    ranked = sorted(best.values(), key=lambda each: (-each.score, each.entity_id))
    flags = {flag for answer in found for flag in answer.flags}
    return Found(
        candidates=tuple(ranked[:limit]), flags=tuple(flag for flag in Flag if flag in flags)
    )
