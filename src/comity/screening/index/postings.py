"""Read the lists of who bears one word: all of them, unless the word is a common one."""

import numpy as np

from comity.screening.index import rules
from comity.screening.index.compiled import compiled, int64
from comity.screening.index.tables import (
    LONE,
    POST_NAME,
    POST_START,
    WORD_NAMES,
    Tables,
    at,
    entries,
    find,
    long_at,
)
from comity.screening.index.weigh import COMMON, SCANNED, VERIFIED, Ask, Scratch, verify


@compiled
def read_postings(tables: Tables, ask: Ask, work: Scratch, asked: int) -> None:
    """Score everyone who bears a variant of one asked word, where it has a list."""
    for entry in range(ask.start[asked], ask.start[asked + 1]):
        word = ask.word[entry]
        first = at(tables, POST_START, word)
        last = min(at(tables, POST_START, word + 1), entries(tables, POST_NAME))
        work.tally[SCANNED] += max(last - first, 0)
        for spot in range(first, last):
            if work.tally[VERIFIED] >= rules.VERIFIED:
                work.tally[COMMON] = 1
                return
            verify(tables, ask, work, at(tables, POST_NAME, spot))


@compiled
def read_lone(tables: Tables, ask: Ask, work: Scratch, asked: int) -> None:
    """Score who bears a common word and nothing else; such words have no list."""
    for entry in range(ask.start[asked], ask.start[asked + 1]):
        word = ask.word[entry]
        spot = find(tables, LONE, np.uint64(word) << np.uint64(32))
        while (
            spot < entries(tables, LONE)
            and int64(long_at(tables, LONE, spot) >> np.uint64(32)) == word
        ):
            if work.tally[VERIFIED] >= rules.VERIFIED:
                work.tally[COMMON] = 1
                return
            verify(
                tables, ask, work, int64(long_at(tables, LONE, spot) & np.uint64(0xFFFFFFFF))
            )
            spot += 1


@compiled
def listed(tables: Tables, ask: Ask, asked: int) -> int:
    """Count the bearers in the lists of a word's variants, or -1 where one has no list."""
    total = 0
    for entry in range(ask.start[asked], ask.start[asked + 1]):
        word = ask.word[entry]
        size = at(tables, POST_START, word + 1) - at(tables, POST_START, word)
        if size <= 0 and at(tables, WORD_NAMES, word) > 0:
            return -1
        total += size
    return total
