"""Expand words asked for into the words of a segment that may be meant.

All fuzziness lies here, so what it costs depends on the vocabulary, not on how many are held.
"""

from typing import NamedTuple

import numpy as np

from comity.screening.index import rules
from comity.screening.index.compiled import Bytes, Floats, Ints, compiled, int64
from comity.screening.index.hashing import hash_skeleton, hash_text
from comity.screening.index.likeness import jaro_winkler, lay_out, likeness, may_be_like
from comity.screening.index.tables import (
    KEY_HASH,
    KEY_WORD,
    NAME_START,
    VOICE_START,
    VOICE_WORD,
    WORD_CLASS,
    WORD_NAMES,
    WORD_START,
    WORD_TEXT,
    Tables,
    at,
    entries,
    find,
    long_at,
)

PLACES = 16_384
"""Words whose expansion is kept in memory."""
_TABLE = 16_384
_MOST = 8_000
_NO_CLASS = -1


class Arena(NamedTuple):
    """Expansions that are kept, a row for each word: variants in the order of their class."""

    word: Ints
    weight: Floats
    size: Ints
    rarity: Floats


class Texts(NamedTuple):
    """Readings one behind the other, and their skeletons; `word` says whose they are."""

    text: Bytes
    start: Ints
    skeleton: Bytes
    skeleton_start: Ints
    word: Ints
    """First reading of each word, and behind the last."""


class Pool(NamedTuple):
    """Scratch: words found near, in an open table, and in the order they came."""

    word: Ints
    weight: Floats
    seen: Ints
    places: Ints
    """The reading that is held to others, laid out by letters."""
    counts: Ints
    """0: how many were seen; 1: class of the reading's skeleton."""


def arena(places: int = PLACES) -> Arena:
    """Make room for expansions."""
    shape = (places, rules.VARIANTS)
    return Arena(
        word=np.zeros(shape, np.int64),
        weight=np.zeros(shape, np.float64),
        size=np.zeros(places, np.int64),
        rarity=np.zeros(places, np.float64),
    )


def pool() -> Pool:
    """Make room to expand words in, one call after the other."""
    return Pool(
        word=np.full(_TABLE, -1, np.int64),
        weight=np.zeros(_TABLE, np.float64),
        seen=np.zeros(_MOST, np.int64),
        places=np.zeros(256, np.int64),
        counts=np.zeros(2, np.int64),
    )


@compiled
def expand(tables: Tables, texts: Texts, places: Ints, kept: Arena, pool: Pool) -> None:
    """Expand words, each into its place of the arena."""
    for word in range(len(places)):
        first = texts.word[word]
        for reading in range(first, texts.word[word + 1]):
            _near(tables, texts, reading, pool, 1.0 if reading == first else rules.READING)
        _keep(tables, pool, places[word], kept)


@compiled
def _near(tables: Tables, texts: Texts, reading: int, pool: Pool, factor: float) -> None:
    start, end = texts.start[reading], texts.start[reading + 1]
    bones, last = texts.skeleton_start[reading], texts.skeleton_start[reading + 1]
    lay_out(pool.places, texts.text, start, end - start)
    key = hash_skeleton(texts.skeleton, bones, last)
    pool.counts[1] = (
        _class_at(tables, find(tables, KEY_HASH, key), key) if last - bones > 1 else -1
    )
    _follow(tables, texts, reading, pool, key, factor)
    _follow(tables, texts, reading, pool, hash_text(texts.text, start, end, -1), factor)
    if end - start >= rules.DELETIONS_FROM:
        for place in range(start, end):
            if place == start or texts.text[place] != texts.text[place - 1]:
                key = hash_text(texts.text, start, end, place)
                _follow(tables, texts, reading, pool, key, factor)


@compiled
def _class_at(tables: Tables, spot: int, key: np.uint64) -> int:
    if long_at(tables, KEY_HASH, spot) != key:
        return _NO_CLASS
    word = at(tables, KEY_WORD, spot)
    return at(tables, WORD_CLASS, word) if word < entries(tables, WORD_CLASS) else _NO_CLASS


@compiled
def _follow(
    tables: Tables, texts: Texts, reading: int, pool: Pool, key: np.uint64, factor: float
) -> None:
    spot = find(tables, KEY_HASH, key)
    end = min(spot + rules.PER_KEY, entries(tables, KEY_HASH))
    while spot < end and long_at(tables, KEY_HASH, spot) == key:
        near = at(tables, KEY_WORD, spot)
        if near < entries(tables, WORD_CLASS):
            alike = _alike(tables, texts, reading, near, pool)
            if alike > 0:
                _voices(tables, pool, near, alike * alike, factor)
        spot += 1


@compiled
def _alike(tables: Tables, texts: Texts, reading: int, near: int, pool: Pool) -> float:
    start, second = texts.start[reading], at(tables, WORD_START, near)
    length = min(texts.start[reading + 1] - start, 255)
    last = min(at(tables, WORD_START, near + 1), entries(tables, WORD_TEXT))
    is_kin = at(tables, WORD_CLASS, near) == pool.counts[1]
    if last <= second or not may_be_like(abs(length - last + second), is_kin):
        return 0.0
    lengths = (length << 8) + min(last - second, 255)
    place = tables.where[WORD_TEXT, 0] + second
    alike = jaro_winkler(pool.places, texts.text, start, tables.texts, place, lengths)
    return likeness(alike, is_kin)


@compiled
def _voices(tables: Tables, pool: Pool, near: int, weight: float, factor: float) -> None:
    """Take a word near, or the words of which it is a reading."""
    if at(tables, WORD_NAMES, near) > 0:
        _take(pool, near, weight * factor)
    first = at(tables, VOICE_START, near)
    last = min(at(tables, VOICE_START, near + 1), entries(tables, VOICE_WORD))
    for spot in range(first, last):
        word = at(tables, VOICE_WORD, spot)
        if word < entries(tables, WORD_CLASS):
            _take(pool, word, weight * rules.READING)


@compiled
def _take(pool: Pool, word: int, weight: float) -> None:
    spot = (word * 40503) % _TABLE
    while pool.word[spot] >= 0 and pool.word[spot] != word:
        spot = (spot + 1) % _TABLE
    if pool.word[spot] == word:
        pool.weight[spot] = max(pool.weight[spot], weight)
    elif pool.counts[0] < _MOST:
        pool.word[spot] = word
        pool.weight[spot] = weight
        pool.seen[pool.counts[0]] = spot
        pool.counts[0] += 1


@compiled
def _keep(tables: Tables, pool: Pool, place: int, kept: Arena) -> None:
    """Keep the best variants, in the order of their class, and empty the pool."""
    size, bearers = 0, 0.0
    order = np.zeros(rules.VARIANTS, np.float64)
    for seen in range(pool.counts[0]):
        spot = pool.seen[seen]
        word, weight = int64(pool.word[spot]), float(pool.weight[spot])
        rank = weight + rules.COMMON_BONUS * float(np.log(1.0 + at(tables, WORD_NAMES, word)))
        size = _insert(kept, place, order, size, (word, weight, rank))
        pool.word[spot] = -1
    pool.counts[0] = 0
    for spot in range(size):
        bearers += kept.weight[place, spot] * at(tables, WORD_NAMES, kept.word[place, spot])
    _by_class(tables, kept, place, size)
    kept.size[place] = size
    names = max(float(entries(tables, NAME_START) - 1), 1.0)
    kept.rarity[place] = max(np.log(names / max(bearers, 1.0)), 0.0) + 1.0


@compiled
def _insert(
    kept: Arena, place: int, order: Floats, size: int, new: tuple[int, float, float]
) -> int:
    word, weight, rank = new
    if size == rules.VARIANTS and rank <= order[size - 1]:
        return size
    spot = min(size, rules.VARIANTS - 1)
    while spot > 0 and order[spot - 1] < rank:
        order[spot] = order[spot - 1]
        kept.word[place, spot] = kept.word[place, spot - 1]
        kept.weight[place, spot] = kept.weight[place, spot - 1]
        spot -= 1
    order[spot], kept.word[place, spot], kept.weight[place, spot] = rank, word, weight
    return min(size + 1, rules.VARIANTS)


@compiled
def _by_class(tables: Tables, kept: Arena, place: int, size: int) -> None:
    words, weights = kept.word[place], kept.weight[place]
    for end in range(1, size):
        word, weight = words[end], weights[end]
        spot = end
        while spot > 0 and at(tables, WORD_CLASS, words[spot - 1]) > at(
            tables, WORD_CLASS, word
        ):
            words[spot], weights[spot] = words[spot - 1], weights[spot - 1]
            spot -= 1
        words[spot], weights[spot] = word, weight
