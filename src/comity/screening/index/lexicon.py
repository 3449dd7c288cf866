"""The words of an index in memory, and which of them are near another."""

from collections.abc import Iterator
from functools import lru_cache
from heapq import nlargest
from itertools import islice

from rapidfuzz.distance import JaroWinkler

from comity.screening.index import rules
from comity.screening.index.asked import deletions
from comity.screening.names import skeleton


class Lexicon:
    """Words with their readings; a word is found by its own and by each reading's keys."""

    def __init__(self) -> None:
        """Begin empty."""
        self._readings: dict[str, set[str]] = {}
        self._words: dict[str, dict[str, None]] = {}
        self._keys: dict[str, dict[str, None]] = {}

    def __contains__(self, reading: str) -> bool:
        """Say whether something is written or read like this."""
        return reading in self._words

    def learn(self, word: tuple[str, ...]) -> None:
        """Take in a word in all its readings, the likeliest first."""
        known = self._readings.setdefault(word[0], set())
        for reading in word:
            if reading not in known:
                known.add(reading)
                self._words.setdefault(reading, {})[word[0]] = None
                for key in keys_of(reading):
                    self._keys.setdefault(key, {})[reading] = None

    def unlearn(self, text: str) -> None:
        """Drop a word, and readings that were its alone."""
        for reading in self._readings.pop(text, ()):
            words = self._words[reading]
            words.pop(text)
            if not words:
                del self._words[reading]
                for key in keys_of(reading):
                    self._keys[key].pop(reading)
                    if not self._keys[key]:
                        del self._keys[key]

    def variants(self, word: tuple[str, ...]) -> dict[str, float]:
        """Return the words near any reading of a word, with their weights."""
        found: dict[str, float] = {}
        for reading in word:
            for near, alike in self._near(reading):
                for text in self._words[near]:
                    sure = near == text and reading == word[0]
                    weight = alike * alike * (1.0 if sure else rules.READING)
                    found[text] = max(weight, found.get(text, 0.0))
        best = nlargest(rules.VARIANTS, found.items(), key=lambda each: (each[1], each[0]))
        return dict(best)

    def _near(self, reading: str) -> Iterator[tuple[str, float]]:
        candidates: dict[str, None] = {}
        for key in keys_of(reading):
            candidates.update(islice(self._keys.get(key, {}).items(), rules.PER_KEY))
        for text in candidates:
            alike = likeness(reading, text)
            if alike:
                yield text, alike


@lru_cache(maxsize=16_384)
def keys_of(word: str) -> tuple[str, ...]:
    """Return the keys under which a word is found: itself, its skeleton, one letter less."""
    shorter = deletions(word) if len(word) >= rules.DELETIONS_FROM else ()
    return tuple(dict.fromkeys((word, f"#{skeleton(word)}", *shorter)))


def likeness(one: str, other: str) -> float:
    """Return how alike two words are, from the least likeness to 1, or 0."""
    apart, alike = abs(len(one) - len(other)), JaroWinkler.similarity(one, other)
    mark = skeleton(one)
    if len(mark) > 1 and alike >= rules.LEAST_SKELETON and mark == skeleton(other):
        return max(alike, rules.SKELETON_LIKENESS) if apart <= rules.SKELETON_APART else 0.0
    return alike if alike >= rules.LEAST_LIKENESS and apart <= rules.LENGTH_APART else 0.0
