"""Search a segment, compiled: from expanded words to the likeliest rows.

In a small segment every word has its list of names; the lists of the rarer words are read, and
that of the last only where it could suffice alone. In a large one two common words meet in a
bucket of their pair, so that nobody reads the list of all who bear one of them (`pairs`).
"""

import numpy as np

from comity.screening.index import rules
from comity.screening.index.compiled import Bytes, Floats, Ints, compiled
from comity.screening.index.expand import Arena
from comity.screening.index.pairs import search_large
from comity.screening.index.postings import read_lone, read_postings
from comity.screening.index.tables import PAIR_NAME, Tables, entries
from comity.screening.index.weigh import (
    COMMON,
    KEPT,
    LOWEST,
    SCANNED,
    TIES,
    VERIFIED,
    Ask,
    Scratch,
    prepare,
    rarest,
    scratch,
)

WAYS = 4
"""Rows of `ways`: whose question, first word, behind the last word, marks."""


@compiled
def search_many(
    tables: Tables,
    kept: Arena,
    ways: Ints,
    words: Ints,
    graves: Bytes,
    best: Floats,
    rows: Ints,
    counts: Ints,
) -> None:
    """Search for many questions, each in one or several ways that follow one another.

    `words` are places in the arena. For each question the kept rows, unordered, are written to
    `best` and `rows`, and to `counts` how many there are and whether they are too many.
    """
    work = scratch(best.shape[1], graves)
    current = -1
    for way in range(len(ways)):
        if ways[way, 0] != current:
            _write(work, current, best, rows, counts)
            current = ways[way, 0]
            for spot in range(len(work.tally)):
                work.tally[spot] = 0
        _search(
            tables, _ask(tables, kept, words[ways[way, 1] : ways[way, 2]], ways[way, 3]), work
        )
    _write(work, current, best, rows, counts)


@compiled
def _write(work: Scratch, current: int, best: Floats, rows: Ints, counts: Ints) -> None:
    if current < 0:
        return
    kept = work.tally[KEPT]
    for spot in range(kept):
        best[current, spot], rows[current, spot] = work.best[spot], work.row[spot]
    counts[current, 0] = kept
    is_tied = False
    if work.tally[TIES] > 0:
        top = 0.0
        for spot in range(kept):
            top = max(top, work.best[spot])
        is_tied = work.best[work.tally[LOWEST]] >= top - rules.TIE
    counts[current, 1] = 1 if is_tied or work.tally[COMMON] > 0 else 0
    counts[current, 2] += work.tally[SCANNED]
    counts[current, 3] += work.tally[VERIFIED]


@compiled
def _ask(tables: Tables, kept: Arena, places: Ints, marks: int) -> Ask:
    total, wanted = 0, 0.0
    for place in places:
        total += kept.size[place]
    word, weight = np.zeros(total, np.int64), np.zeros(total, np.float64)
    start, rarity = np.zeros(len(places) + 1, np.int64), np.zeros(len(places), np.float64)
    for spot in range(len(places)):
        place = places[spot]
        first, last = start[spot], start[spot] + kept.size[place]
        for entry in range(first, last):
            word[entry] = kept.word[place, entry - first]
            weight[entry] = kept.weight[place, entry - first]
        wanted += float(kept.rarity[place])
        start[spot + 1] = last
        rarity[spot] = kept.rarity[place]
    is_large = 1 if entries(tables, PAIR_NAME) > 0 else 0
    return Ask(word, weight, start, rarity, wanted, marks, is_large)


@compiled
def _search(tables: Tables, ask: Ask, work: Scratch) -> None:
    if len(ask.word) == 0:
        return
    prepare(ask, work)
    if ask.is_large:
        search_large(tables, ask, work)
    else:
        _search_small(tables, ask, work)


@compiled
def _search_small(tables: Tables, ask: Ask, work: Scratch) -> None:
    order = rarest(ask)
    for place in range(len(order)):
        asked = order[place]
        # The rarer words have been followed: without them only this one could agree.
        share = ask.rarity[asked] / ask.wanted
        is_last = place == len(order) - 1 and place > 0
        if is_last and share < rules.LAST_SHARE:
            break
        read_postings(tables, ask, work, asked)
        read_lone(tables, ask, work, asked)
