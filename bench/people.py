"""Synthetic people for the scale of an index: no claim about quality rests on them.

Words are real given and family names (Wikidata, CC0) with written variants up to a million,
borne as names are: few by very many, most by few. `mohammed`, the first, is borne by 8.5 %.
"""

import lzma
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from comity.screening.index.arrays import Naming, Spread, fill_sections
from comity.screening.index.build import Draft, draft, year_starts
from comity.screening.index.fill import count_bearers
from comity.screening.index.vocabulary import vocabulary

DATA = Path(__file__).parent / "data" / "translit"
VOCABULARY = 1_000_000
SIZES = ((2, 0.50), (3, 0.35), (4, 0.15))
_CHUNK = 4_000_000
_FIRST = ("mohammed", "ahmed", "ali", "maria", "hassan", "khan", "singh", "hussein", "ibrahim")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_VOWELS = "aeiouy"

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class People:
    """People in the order of their birth years."""

    words: Sequence[str]
    name_start: npt.NDArray[np.uint32]
    name_word: npt.NDArray[np.uint32]
    marks: npt.NDArray[np.uint32]


def words(rng: Rng, size: int) -> list[str]:
    """Return words, the most borne first: real ones, then variants of real ones."""
    counted: Counter[str] = Counter()
    for path in sorted(DATA.glob("*_80.tsv.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                latin, _script, count = line.rstrip("\n").split("\t")
                if latin.isascii() and latin.isalpha() and 2 < len(latin) < 20:
                    counted[latin.lower()] += int(count)
    real = [
        word for word, _count in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    ]
    found = dict.fromkeys((*_FIRST, *real))
    base = list(found)
    while len(found) < size:
        found.setdefault(variant(rng, base[int(rng.integers(len(base)))]))
    return list(found)[:size]


def variant(rng: Rng, word: str) -> str:
    """Write a word as another clerk would: vowels, doubled letters, endings."""
    place = int(rng.integers(1, len(word)))
    match int(rng.integers(4)):
        case 0:
            vowel = _VOWELS[int(rng.integers(len(_VOWELS)))]
            return word[:place] + vowel + word[place + (word[place] in _VOWELS) :]
        case 1:
            return word[:place] + word[place] + word[place:]
        case 2:
            return word + ("ov", "a", "i", "yan", "son", "ski")[int(rng.integers(6))]
        case _:
            return word[:place] + _LETTERS[int(rng.integers(26))] + word[place:]


def people(rng: Rng, count: int, vocabulary_size: int = VOCABULARY) -> People:
    """Draw people; memory beyond the result stays within one chunk."""
    found = words(rng, vocabulary_size)
    table = _table(len(found))
    sizes = rng.choice(
        np.array([size for size, _share in SIZES], np.uint8),
        count,
        p=[share for _size, share in SIZES],
    )
    start = np.zeros(count + 1, np.uint32)
    np.cumsum(sizes, out=start[1:], dtype=np.uint32)
    drawn = np.empty(int(start[-1]), np.uint32)
    for first in range(0, len(drawn), _CHUNK):
        last = min(first + _CHUNK, len(drawn))
        drawn[first:last] = table[rng.integers(0, len(table), last - first)]
    return People(found, start, drawn, _marks(rng, count))


def build(found: People, *, spread: Spread, large: int | None = None) -> Draft:
    """Build a segment of people, without payload, identifiers and entity ids."""
    sections = vocabulary(found.words, {})
    bearers = np.zeros(len(found.words), np.uint32)
    count_bearers(found.name_start, found.name_word, bearers)
    kinds = np.asarray(sections["word_class"], np.uint32)
    naming = Naming(found.name_start, found.name_word, kinds, bearers)
    filled = (
        fill_sections(naming, spread=spread)
        if large is None
        else fill_sections(naming, spread=spread, large=large)
    )
    none, nobody = np.zeros(0, np.uint32), np.zeros(0, np.uint64)
    sections |= filled
    sections |= {
        "word_names": bearers,
        "name_start": found.name_start,
        "name_word": found.name_word,
        "name_row": none,
        "name_weak": np.zeros(0, np.uint8),
        "row_marks": found.marks,
        "year_start": year_starts(found.marks & np.uint32(255)),
        "number_hash": nobody,
        "number_row": none,
        "entity_hash": nobody,
        "entity_row": none,
        "payload_start": nobody,
        "payload": np.zeros(0, np.uint8),
    }
    return draft(sections)


def misspell(rng: Rng, word: str) -> str:
    """Make one slip of the hand: lose, add, change or cross letters."""
    place = int(rng.integers(len(word)))
    letter = _LETTERS[int(rng.integers(26))]
    match int(rng.integers(4)):
        case 0 if len(word) > 3:
            return word[:place] + word[place + 1 :]
        case 1:
            return word[:place] + letter + word[place:]
        case 2 if place + 1 < len(word):
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        case _:
            return word[:place] + letter + word[place + 1 :]


def _table(size: int) -> npt.NDArray[np.uint32]:
    """Return words drawn evenly from which are words drawn as they are borne."""
    ranks = np.arange(1, size + 1, dtype=np.float64)
    steep, flat = 1 / ranks, ranks**-0.7
    shares = 0.46 * steep / steep.sum() + 0.54 * flat / flat.sum()
    edges = np.cumsum(shares) / shares.sum()
    return np.searchsorted(edges, (np.arange(1 << 24) + 0.5) / (1 << 24)).astype(np.uint32)


def _marks(rng: Rng, count: int) -> npt.NDArray[np.uint32]:
    """Draw birth years 1930 to 2010 in order, 5 % unknown; day, sex and one of 60 countries."""
    years = np.sort(rng.integers(81, 162, count, dtype=np.uint8))
    years[: count // 20] = 0
    found = years.astype(np.uint32)
    known = found > 0
    found |= ((rng.integers(1, 13, count, dtype=np.uint32) << 13) * known).astype(np.uint32)
    found |= ((rng.integers(1, 29, count, dtype=np.uint32) << 8) * known).astype(np.uint32)
    found |= rng.integers(0, 3, count, dtype=np.uint32) << 17
    found |= rng.integers(33, 93, count, dtype=np.uint32) << 19
    return found.astype(np.uint32)
