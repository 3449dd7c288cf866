"""Remember how words were expanded: the same names are asked again and again."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np

from comity.screening.index.compiled import Bytes, Ints, compiled
from comity.screening.index.expand import PLACES, Texts, arena, expand, pool
from comity.screening.index.hashing import hash_text
from comity.screening.index.tables import (
    KEY_HASH,
    KEY_WORD,
    WORD_CLASS,
    WORD_START,
    WORD_TEXT,
    Tables,
    at,
    entries,
    find,
    long_at,
    text_at,
)
from comity.screening.index.vocabulary import texts
from comity.screening.names import skeleton

_MOST_KNOWN = 65_536


class Memory:
    """Expansions of the words asked last, and which words a segment holds."""

    def __init__(self, tables: Tables, places: int = PLACES) -> None:
        """Begin empty."""
        self._tables = tables
        self.arena, self._pool = arena(places), pool()
        self._places: OrderedDict[tuple[str, ...], int] = OrderedDict()
        self._known: OrderedDict[str, bool] = OrderedDict()

    def places(self, words: Sequence[tuple[str, ...]]) -> Ints:
        """Return the place of each word in the arena, expand, pooling those that are new.

        More different words than the arena has places are the caller's error.
        """
        new: dict[tuple[str, ...], int] = {}
        for word in words:
            if word in self._places:
                self._places.move_to_end(word)
            else:
                new[word] = self._places[word] = self._free()
        if new:
            self._expand(new)
        return np.array([self._places[word] for word in words], np.int64)

    def known(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of some words that the segment holds, letter by letter."""
        asked = set(words)
        new = [word for word in asked if word not in self._known]
        if new:
            text, starts = texts(new)
            found = np.zeros(len(new), np.uint8)
            hold(self._tables, text, starts, found)
            self._known.update(zip(new, map(bool, found.tolist()), strict=True))
        held = frozenset(word for word in asked if self._known[word])
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return held

    def _free(self) -> int:
        if len(self._places) < len(self.arena.size):
            return len(self._places)
        return self._places.popitem(last=False)[1]

    def _expand(self, new: dict[tuple[str, ...], int]) -> None:
        readings = [reading for word in new for reading in word]
        text, starts = texts(readings)
        bones, bone_starts = texts([skeleton(reading) for reading in readings])
        firsts = np.zeros(len(new) + 1, np.int64)
        np.cumsum([len(word) for word in new], out=firsts[1:])
        asked = Texts(text, starts, bones, bone_starts, firsts)
        expand(
            self._tables, asked, np.array(list(new.values()), np.int64), self.arena, self._pool
        )


@compiled
def hold(tables: Tables, text: Bytes, starts: Ints, found: Bytes) -> None:
    """Mark the words that a segment holds, letter by letter."""
    for word in range(len(starts) - 1):
        key = hash_text(text, starts[word], starts[word + 1], -1)
        spot = find(tables, KEY_HASH, key)
        while spot < entries(tables, KEY_HASH) and long_at(tables, KEY_HASH, spot) == key:
            near = at(tables, KEY_WORD, spot)
            if near < entries(tables, WORD_CLASS) and _is_same(
                tables, text, starts, word, near
            ):
                found[word] = 1
            spot += 1


@compiled
def _is_same(tables: Tables, text: Bytes, starts: Ints, word: int, near: int) -> bool:
    first, last = at(tables, WORD_START, near), at(tables, WORD_START, near + 1)
    size = starts[word + 1] - starts[word]
    if last > entries(tables, WORD_TEXT) or last - first != size:
        return False
    for place in range(size):
        if text[starts[word] + place] != text_at(tables, WORD_TEXT, first + place):
            return False
    return True
