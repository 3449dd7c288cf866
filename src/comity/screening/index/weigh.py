"""The cheap score of one held name, compiled; `rough` is the same in plain Python.

A search owns one `Scratch`; the rows it keeps are unordered until the end.
"""

from typing import NamedTuple

import numpy as np

from comity.screening.index import rules
from comity.screening.index.compiled import Bytes, Floats, Ints, compiled
from comity.screening.index.tables import (
    NAME_ROW,
    NAME_START,
    NAME_WEAK,
    NAME_WORD,
    ROW_MARKS,
    WORD_NAMES,
    Tables,
    at,
    entries,
    text_at,
)

SLOTS = 2_048
PAIRS = 128
MOST_WORDS = 24
"""Words of a held name that are kept; a longer one keeps its rarest."""
KEPT, SCANNED, VERIFIED, COMMON, TIES, LOWEST = range(6)
"""Places in `Scratch.tally`."""


class Ask(NamedTuple):
    """One way to read one asked name, over one segment."""

    word: Ints
    """Variants of all its words."""
    weight: Floats
    start: Ints
    rarity: Floats
    wanted: float
    marks: int
    is_large: int
    """1 in a segment with pair buckets: what is asked must be there; 0: either way."""


class Scratch(NamedTuple):
    """What one search writes to."""

    slots: Ints
    """An open table of variants: word, entry in the question, and which word it varies."""
    gain: Floats
    pair: Ints
    marks: Floats
    """By signature byte: what the pair's first and second word add, and any further one."""
    best: Floats
    row: Ints
    tally: Ints
    graves: Bytes


@compiled
def scratch(keep: int, graves: Bytes) -> Scratch:
    """Make room for a search that keeps so many rows."""
    return Scratch(
        np.zeros((SLOTS, 3), np.int64),
        np.zeros(PAIRS, np.float64),
        np.zeros(PAIRS, np.int64),
        np.zeros((3, 256), np.float64),
        np.zeros(keep, np.float64),
        np.zeros(keep, np.int64),
        np.zeros(6, np.int64),
        graves,
    )


@compiled
def rarest(ask: Ask) -> Ints:
    """Order the asked words, the rarest first."""
    order = np.arange(len(ask.rarity))
    for end in range(1, len(order)):
        spot, asked = end, order[end]
        while spot > 0 and ask.rarity[order[spot - 1]] < ask.rarity[asked]:
            order[spot] = order[spot - 1]
            spot -= 1
        order[spot] = asked
    return order


@compiled
def prepare(ask: Ask, work: Scratch) -> None:
    """Lay the variants of a name into the open table."""
    for spot in range(SLOTS):
        work.slots[spot, 0] = -1
    for asked in range(len(ask.rarity)):
        for entry in range(ask.start[asked], ask.start[asked + 1]):
            spot = (ask.word[entry] * 40503) % SLOTS
            while work.slots[spot, 0] >= 0:
                spot = (spot + 1) % SLOTS
            work.slots[spot, 0] = ask.word[entry]
            work.slots[spot, 1] = entry
            work.slots[spot, 2] = asked


@compiled
def verify(tables: Tables, ask: Ask, work: Scratch, name: int) -> None:
    """Score a held name and offer its row."""
    if name >= entries(tables, NAME_START) - 1:
        return
    start = at(tables, NAME_START, name)
    end = min(at(tables, NAME_START, name + 1), entries(tables, NAME_WORD), start + MOST_WORDS)
    work.tally[VERIFIED] += 1
    score = _score(tables, ask, work, start, end)
    if entries(tables, NAME_WEAK) > 0 and text_at(tables, NAME_WEAK, name) > 0:
        score += rules.WEAK_ALIAS
    if score < (rules.FLOOR if ask.is_large else rules.SMALL_FLOOR):
        return
    row = at(tables, NAME_ROW, name) if entries(tables, NAME_ROW) > 0 else name
    if row < entries(tables, ROW_MARKS):
        offer(work, row, score + marks_score(ask.marks, at(tables, ROW_MARKS, row)))


@compiled
def offer(work: Scratch, row: int, score: float) -> None:
    """Keep a row where it is not buried and among the best, once."""
    kept = work.tally[KEPT]
    if kept == len(work.best) and score <= work.best[work.tally[LOWEST]]:
        work.tally[TIES] += 1
        return
    if (work.graves[row >> 3] >> (row & 7)) & 1:
        return
    for spot in range(kept):
        if work.row[spot] == row:
            if score > work.best[spot]:
                work.best[spot] = score
                _find_lowest(work)
            return
    if kept < len(work.best):
        spot = kept
        work.tally[KEPT] += 1
    else:
        spot = work.tally[LOWEST]
        work.tally[TIES] += 1
    work.row[spot], work.best[spot] = row, score
    _find_lowest(work)


@compiled
def marks_score(asked: int, held: int) -> float:
    """Weigh year, day, sex and country; unknown is neutral."""
    score = 0.0
    year, other = asked & 255, held & 255
    if year and other:
        apart = abs(year - other)
        if apart == 0:
            score += rules.SAME_YEAR
            day = (asked >> 8) & 511
            if day and day == (held >> 8) & 511:
                score += rules.SAME_DAY
        else:
            score += rules.NEXT_YEAR if apart == 1 else rules.OTHER_YEAR
    sex, other = (asked >> 17) & 3, (held >> 17) & 3
    if sex and other and sex != other:
        score += rules.OTHER_SEX
    country = asked >> 19
    if country and country == held >> 19:
        score += rules.SAME_COUNTRY
    return score


@compiled
def most_marks(asked: int) -> float:
    """Return the most that marks can add to a name's score."""
    most = rules.SAME_YEAR if asked & 255 else 0.0
    if asked & 255 and (asked >> 8) & 511:
        most += rules.SAME_DAY
    return most + (rules.SAME_COUNTRY if asked >> 19 else 0.0)


@compiled
def _find_lowest(work: Scratch) -> None:
    lowest = 0
    for spot in range(1, work.tally[KEPT]):
        if work.best[spot] < work.best[lowest]:
            lowest = spot
    work.tally[LOWEST] = lowest


@compiled
def _score(tables: Tables, ask: Ask, work: Scratch, start: int, end: int) -> float:
    pairs = _pairs(tables, ask, work, start, end)
    asked_used, held_used, matched, agreed = 0, 0, 0, 0.0
    while True:
        best, gain = -1, 0.0
        for pair in range(pairs):
            asked, held = work.pair[pair] >> 8, work.pair[pair] & 255
            is_free = not (asked_used >> asked) & 1 and not (held_used >> held) & 1
            if is_free and work.gain[pair] > gain:
                best, gain = pair, work.gain[pair]
        if best < 0:
            break
        asked_used |= 1 << (work.pair[best] >> 8)
        held_used |= 1 << (work.pair[best] & 255)
        matched += 1
        agreed += gain
    if ask.is_large:
        return agreed / ask.wanted - rules.UNMATCHED * (end - start - matched)
    return _both_ways(tables, ask, agreed, matched, (start, end, held_used))


@compiled
def _pairs(tables: Tables, ask: Ask, work: Scratch, start: int, end: int) -> int:
    pairs = 0
    for place in range(start, end):
        word = at(tables, NAME_WORD, place)
        spot = (word * 40503) % SLOTS
        while work.slots[spot, 0] >= 0 and pairs < PAIRS:
            if work.slots[spot, 0] == word:
                asked = work.slots[spot, 2]
                work.gain[pairs] = ask.weight[work.slots[spot, 1]] * ask.rarity[asked]
                work.pair[pairs] = (asked << 8) + place - start
                pairs += 1
            spot = (spot + 1) % SLOTS
    return pairs


@compiled
def _both_ways(
    tables: Tables, ask: Ask, agreed: float, matched: int, held: tuple[int, int, int]
) -> float:
    if agreed <= 0:
        return 0.0
    start, end, used = held
    there, names = agreed, max(float(entries(tables, NAME_START) - 1), 1.0)
    for place in range(start, end):
        word = at(tables, NAME_WORD, place)
        if not (used >> (place - start)) & 1 and word < entries(tables, WORD_NAMES):
            there += np.log(names / max(float(at(tables, WORD_NAMES, word)), 1.0)) + 1.0
    score = (agreed / ask.wanted + agreed / there) / 2
    return score * rules.SMALL_LONE_MATCH if matched == 1 and len(ask.rarity) > 1 else score
