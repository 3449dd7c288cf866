"""Lists held in memory, searched by whoever runs them: what stands behind `screening serve`.

Everything loaded may be known to everyone who can reach it; a node's own holdings are never
served from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from comity.core.errors import NotFoundError
from comity.screening import Index, Query
from comity.screening.matching import (
    Answered,
    Batch,
    Catalog,
    Found,
    Held,
    Method,
    Near,
    Scope,
    Scored,
    Source,
    TextSearch,
    Tree,
    are_kin,
    caption,
    facets,
    is_wanted,
    is_within,
    names_in_words,
    ordered,
    page,
    pointers,
    rank,
    sources_in,
    tree,
    words_in,
    words_of,
)
from comity.screening.normal import normal

_FIRST = 12
"""How many candidates the index is first asked for; more where filters leave too few."""
_MOST = 2_000
"""From how many on counting stops."""
_FUZZY = 500
"""Most entities a fuzzy search of names finds."""


@dataclass(slots=True)
class ListMatcher:
    """A matcher over lists in memory and an index that holds the same entities."""

    index: Index
    sources: tuple[Source, ...]
    describe: Method
    version: str = "1"
    """Of what is loaded."""
    is_open: bool = True
    _held: dict[str, Held] = field(default_factory=dict[str, Held])
    _merged: dict[str, str] = field(default_factory=dict[str, str])
    _words: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    _pointing: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def load(self, found: Iterable[Held]) -> None:
        """Take entities in; the index takes their profiles from whoever loads it."""
        for held in found:
            self._held[held.entity_id] = held
            self._merged.update(dict.fromkeys(held.referents, held.entity_id))
            for word in names_in_words(held) | words_in(held):
                self._words.setdefault(word, set()).add(held.entity_id)
            for prop in pointers(held.schema):
                for value in held.properties.get(prop.name, ()):
                    self._pointing.setdefault(value, set()).add(held.entity_id)

    def __len__(self) -> int:
        """Return how many entities are held."""
        return len(self._held)

    def match(self, batch: Batch, /) -> Mapping[str, Answered]:
        """Score every question of a batch, by key."""
        sources = self._sources(batch.scope)
        return {ask.key: self._answer(ask.query, batch, sources) for ask in batch.asks}

    def search(self, wanted: TextSearch, /) -> Found:
        """Find entities by words."""
        sources = self._sources(wanted.scope)
        words = words_of(wanted.text)
        ranked = [
            (place, held)
            for held in self._possible(wanted, words)
            if is_within(held, wanted.scope, sources) and is_wanted(held, wanted)
            for place in (rank(held, words) if not wanted.is_fuzzy else 0,)
            if place is not None
        ]
        places = {held.entity_id: place for place, held in ranked}
        found = ordered((held for _, held in ranked), wanted.page.sort)
        if not wanted.page.sort:
            found.sort(key=lambda held: -places[held.entity_id])
        titles = {source.name: source.title for source in self.sources}
        return Found(
            results=page(found, wanted.page),
            total=len(found),
            facets=facets(found, wanted.facets, titles),
        )

    def entity(self, entity_id: str, /) -> Tree:
        """Return one entity with those beside it; raises `NotFoundError`."""
        held = self._known(entity_id)
        if held is None:
            raise NotFoundError("no entity of this id that can be shown")
        return tree(held, self._near())

    def extend(self, entities: tuple[str, ...], /) -> Mapping[str, Tree]:
        """Return those of the entities that can be shown."""
        found = {name: self._known(name) for name in entities}
        near = self._near()
        return {name: tree(held, near) for name, held in found.items() if held is not None}

    def suggest(self, scope: Scope, prefix: str, /, *, limit: int) -> tuple[Held, ...]:
        """Return entities a name of which begins so, the shortest captions first."""
        sources = self._sources(scope)
        words = words_of(prefix + "*")
        own = self._known(prefix)
        found = [
            held
            for held in self._bearing(words)
            if is_within(held, scope, sources) and (rank(held, words) or 0) > 1
        ]
        found.sort(key=lambda held: (len(caption(held)), held.entity_id))
        if own is not None and is_within(own, scope, sources):
            found.insert(0, own)
        return tuple({held.entity_id: held for held in found}.values())[:limit]

    def catalog(self) -> Catalog:
        """Return the lists that are loaded."""
        return Catalog(sources=self.sources, version=self.version)

    def method(self) -> Method:
        """Return how scores are made."""
        return self.describe

    def is_ready(self) -> bool:
        """Whether everything is loaded."""
        return self.is_open

    def _sources(self, scope: Scope) -> frozenset[str]:
        return sources_in(scope, (source.name for source in self.sources))

    def _known(self, entity_id: str) -> Held | None:
        return self._held.get(self._merged.get(entity_id, entity_id))

    def _near(self) -> Near:
        return Near(
            held=self._known,
            pointing_at=lambda name: [
                self._held[each] for each in self._pointing.get(name, ())
            ],
        )

    def _possible(self, wanted: TextSearch, words: tuple[str, ...]) -> Iterable[Held]:
        if not words:
            return () if normal(wanted.text) or wanted.text.strip() else self._held.values()
        if not wanted.is_fuzzy:
            return self._bearing(words)
        query = Query(schema=wanted.schema, properties={"name": (wanted.text,)})
        found = self.index.search(query, limit=_FUZZY).candidates
        near = [self._held[each.entity_id] for each in found if each.entity_id in self._held]
        return {held.entity_id: held for held in [*near, *self._bearing(words)]}.values()

    def _bearing(self, words: tuple[str, ...]) -> list[Held]:
        if not words:
            return []
        found = [self._ids(word) for word in words]
        common = set[str].intersection(*sorted(found, key=len))
        return [self._held[name] for name in sorted(common)]

    def _ids(self, word: str) -> set[str]:
        if not word.endswith("*"):
            return self._words.get(word, set())
        begins = word[:-1]
        return {
            name
            for each, names in self._words.items()
            if each.startswith(begins)
            for name in names
        }

    def _answer(self, query: Query, batch: Batch, sources: frozenset[str]) -> Answered:
        asked = max(_FIRST, 2 * batch.limit)
        while True:
            found = self.index.search(query, limit=asked)
            kept = [
                Scored(held=held, candidate=each)
                for each in found.candidates
                if each.score > batch.cutoff
                for held in (self._held.get(each.entity_id),)
                if held is not None
                and is_within(held, batch.scope, sources)
                and are_kin(query.schema, held.schema)
            ]
            is_all = len(found.candidates) < asked or found.candidates[-1].score <= batch.cutoff
            if is_all or asked >= _MOST:
                return Answered(
                    candidates=tuple(kept[: batch.limit]),
                    total=len(kept),
                    flags=found.flags,
                    is_complete=is_all,
                )
            asked *= 4
