"""A small index in memory, in plain Python: what is fresh, and everything where little is held.

It finds by the same rules as a segment (whole words, one letter lost, added or changed, one
skeleton, every reading), and reads names only when somebody first searches.
"""

from collections.abc import Iterable, Iterator
from heapq import nlargest
from itertools import islice
from math import log

from comity.core.ids import EntityId
from comity.screening.index import rules
from comity.screening.index.asked import (
    MOST_ALTERNATIVES,
    Asked,
    Marks,
    Words,
    deletions,
    held_words,
    marks_of,
    numbers_of,
)
from comity.screening.index.lexicon import Lexicon
from comity.screening.index.port import Retrieved
from comity.screening.index.rough import Sought, marks_score, name_score
from comity.screening.model import Profile

_Held = tuple[tuple[tuple[Words, bool], ...], Marks]


class Delta:
    """Entities by the words of their names and by their numbers."""

    def __init__(self) -> None:
        """Begin empty."""
        self._profiles: dict[EntityId, Profile] = {}
        self._unread: dict[EntityId, None] = {}
        self._held: dict[EntityId, _Held] = {}
        self._bearers: dict[str, dict[EntityId, None]] = {}
        self._numbers: dict[str, dict[EntityId, None]] = {}
        self._lexicon = Lexicon()

    def __len__(self) -> int:
        """Return how many entities are held."""
        return len(self._profiles)

    def __iter__(self) -> Iterator[Profile]:
        """Yield what is held, in the order it came."""
        return iter(tuple(self._profiles.values()))

    def __contains__(self, entity: EntityId) -> bool:
        """Say whether an entity is held."""
        return entity in self._profiles

    def add(self, profile: Profile) -> None:
        """Take in an entity, replacing one with the same id."""
        self.forget(profile.entity_id)
        self._profiles[profile.entity_id] = profile
        self._unread[profile.entity_id] = None

    def forget(self, entity: EntityId) -> None:
        """Drop an entity and every key that led to it alone."""
        profile = self._profiles.pop(entity, None)
        self._unread.pop(entity, None)
        held = self._held.pop(entity, None)
        if profile is None or held is None:
            return
        for text in {word[0] for words, _weak in held[0] for word in words}:
            if _let_go(self._bearers, text, entity):
                self._lexicon.unlearn(text)
        for key in _number_keys(profile):
            _let_go(self._numbers, key, entity)

    def profile(self, entity: EntityId) -> Profile:
        """Return one entity that is held."""
        return self._profiles[entity]

    def retrieve(self, asked: Asked, *, keep: int) -> tuple[Retrieved, tuple[EntityId, ...]]:
        """Return the likeliest rows, which count the ids beside them."""
        self._read()
        best: dict[EntityId, float] = {}
        for key in {key for number in asked.numbers for key in _keys_of_number(number)}:
            best.update(dict.fromkeys(self._numbers.get(key, ()), 1.0))
        for words, others in zip(asked.names, asked.joins, strict=True):
            for way in (words, *islice(self._known(words, others), MOST_ALTERNATIVES)):
                self._search(way, asked.marks, best)
        top = nlargest(keep, best.items(), key=lambda found: (found[1], found[0]))
        cut = len(best) > len(top) and top[0][1] - top[-1][1] < rules.TIE
        rows = tuple((score, row) for row, (_entity, score) in enumerate(top))
        return Retrieved(rows, too_common=cut), tuple(entity for entity, _score in top)

    def _search(self, words: Words, marks: Marks, best: dict[EntityId, float]) -> None:
        sought = sorted((self._sought(word) for word in words), key=lambda word: -word.rarity)
        wanted = sum(word.rarity for word in sought)
        tried: set[EntityId] = set()
        for place, word in enumerate(sought):
            is_last = place == len(sought) - 1
            # The rarer words have been followed: without them only this one could agree.
            if place and is_last and word.rarity / wanted < rules.LAST_SHARE:
                break
            for text in word.variants:
                tried.update(self._bearers[text])
        for entity in tried:
            score = self._score(sought, entity, marks)
            if score > best.get(entity, 0.0):
                best[entity] = score

    def _score(self, sought: list[Sought], entity: EntityId, marks: Marks) -> float:
        names, held_marks = self._held[entity]
        best = max(self._name(sought, words, is_weak=weak) for words, weak in names)
        return best + marks_score(marks, held_marks) if best >= rules.SMALL_FLOOR else 0.0

    def _name(self, sought: list[Sought], words: Words, *, is_weak: bool) -> float:
        rarity = [self._rarity(len(self._bearers[word[0]])) for word in words]
        score = name_score(sought, [word[0] for word in words], rarity)
        return score + (rules.WEAK_ALIAS if is_weak else 0.0)

    def _sought(self, word: tuple[str, ...]) -> Sought:
        variants = self._lexicon.variants(word)
        bearers = sum(len(self._bearers[text]) * weight for text, weight in variants.items())
        return Sought(variants, self._rarity(bearers))

    def _rarity(self, bearers: float) -> float:
        return max(log(max(len(self._held), 1) / max(bearers, 1.0)), 0.0) + 1

    def _known(self, words: Words, others: Iterable[Words]) -> Iterator[Words]:
        """Keep the ways in which every new word is held; only what is not held is parted."""
        for other in others:
            lost = [word for word in words if word not in other]
            parted = len(other) > len(words)
            if parted and any(word[0] in self._lexicon for word in lost):
                continue
            if all(word[0] in self._lexicon for word in other if word not in words):
                yield other

    def _read(self) -> None:
        """Index what came since the last search."""
        for entity in self._unread:
            profile = self._profiles[entity]
            names = tuple(held_words(profile))
            self._held[entity] = (names, marks_of(profile.properties))
            for word in {word for words, _weak in names for word in words}:
                self._bearers.setdefault(word[0], {})[entity] = None
                self._lexicon.learn(word)
            for key in _number_keys(profile):
                self._numbers.setdefault(key, {})[entity] = None
        self._unread.clear()


def _number_keys(profile: Profile) -> set[str]:
    numbers = numbers_of(profile.properties)
    return {key for number in numbers for key in _keys_of_number(number)}


def _keys_of_number(number: str) -> tuple[str, ...]:
    is_long = len(number) >= rules.NUMBER_DELETIONS_FROM
    return (number, *(deletions(number) if is_long else ()))


def _let_go(index: dict[str, dict[EntityId, None]], key: str, entity: EntityId) -> bool:
    """Take an entity from a key; return whether the key is gone with it."""
    bearers = index[key]
    bearers.pop(entity, None)
    if not bearers:
        del index[key]
    return not bearers
