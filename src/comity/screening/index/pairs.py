"""Search a large segment: pairs of words in buckets, and the lists of rare words.

A name must agree in words that hold enough of the asked name's rarity. Each set of words that
does holds a pair, or a rare word; the cheapest pairs and lists that meet every such set are
read. In a bucket a posting is the name and four bytes of signature: a byte for each of the
pair's words, and for the third and fourth word of the name. They bound the score from above, so
most postings are left after one look; the names of the others are read and scored.

Names are numbered in the order of birth years, so that a bucket is sorted by year as it is.
"""

import numpy as np

from comity.screening.index import rules
from comity.screening.index.compiled import Floats, Ints, compiled, int64
from comity.screening.index.hashing import bucket_of, mark_of
from comity.screening.index.postings import listed, read_lone, read_postings
from comity.screening.index.tables import (
    BUCKET_START,
    NAME_START,
    PAIR_MARK,
    PAIR_NAME,
    WORD_CLASS,
    WORD_NAMES,
    YEAR_START,
    Tables,
    at,
    entries,
)
from comity.screening.index.weigh import (
    COMMON,
    KEPT,
    LOWEST,
    SCANNED,
    TIES,
    VERIFIED,
    Ask,
    Scratch,
    most_marks,
    rarest,
    verify,
)

MOST_ASKED = 8
"""Words of an asked name that are followed here: its rarest."""
HEAVY = 1_500
"""Postings from which a bucket is read only near the asked year, and where it is unknown."""
YEARS_APART = 2
SEVERAL = 255
LEFT, RIGHT, REST = range(3)
_LIST_COST = 60.0
_PROBE_COST = 100.0


@compiled
def search_large(tables: Tables, ask: Ask, work: Scratch) -> None:
    """Search for one way to read a name."""
    order = rarest(ask)[:MOST_ASKED]
    _set_rest(ask, work, order)
    chosen, is_whole = _plan(tables, ask, order)
    for item in chosen:
        if item < 0:
            break
        one, other = item // MOST_ASKED, item % MOST_ASKED
        if one == other:
            read_postings(tables, ask, work, int64(order[one]))
        else:
            _read_pair(tables, ask, work, int64(order[one]), int64(order[other]))
    if not is_whole:
        work.tally[COMMON] = 1
    for asked in order:
        if ask.rarity[asked] / ask.wanted >= rules.FLOOR:
            read_lone(tables, ask, work, asked)
            if not is_whole:
                read_postings(tables, ask, work, asked)


@compiled
def _set_rest(ask: Ask, work: Scratch, order: Ints) -> None:
    for mark in range(256):
        work.marks[REST, mark] = 0.0
    for asked in order:
        for spot in range(ask.start[asked], ask.start[asked + 1]):
            mark = mark_of(ask.word[spot])
            gain = ask.weight[spot] * ask.rarity[asked]
            work.marks[REST, mark] = max(work.marks[REST, mark], gain)


@compiled
def _plan(tables: Tables, ask: Ask, order: Ints) -> tuple[Ints, bool]:
    """Choose lists and pairs so that every set of words that may suffice meets one of them."""
    size = len(order)
    cost = _costs(tables, ask, order)
    open_sets = _open_sets(ask, order)
    chosen = np.full(MOST_ASKED * MOST_ASKED, -1, np.int64)
    for step in range(len(chosen)):
        best, best_price = -1, np.inf
        for item in range(len(cost)):
            mask = (1 << (item // MOST_ASKED)) | (1 << (item % MOST_ASKED))
            if cost[item] < np.inf and item // MOST_ASKED < size and item % MOST_ASKED < size:
                met = _met(open_sets, mask)
                if met > 0 and cost[item] / met < best_price:
                    best, best_price = item, cost[item] / met
        if best < 0:
            break
        chosen[step] = best
        _close(open_sets, (1 << (best // MOST_ASKED)) | (1 << (best % MOST_ASKED)))
    return chosen, _met(open_sets, 0) == 0


@compiled
def _open_sets(ask: Ask, order: Ints) -> Ints:
    """Mark the sets of words that hold enough; a set around one that does is met with it."""
    size = len(order)
    enough = np.zeros(1 << size, np.int64)
    for mask in range(1, 1 << size):
        share = 0.0
        for spot in range(size):
            if (mask >> spot) & 1 and ask.start[order[spot] + 1] > ask.start[order[spot]]:
                share += ask.rarity[order[spot]] / ask.wanted
        enough[mask] = 1 if share >= rules.FLOOR else 0
    for mask in range((1 << size) - 1, 0, -1):
        for spot in range(size):
            if (mask >> spot) & 1 and enough[mask ^ (1 << spot)]:
                enough[mask] = 0
    return enough


@compiled
def _met(open_sets: Ints, item: int) -> int:
    met = 0
    for mask in range(len(open_sets)):
        if open_sets[mask] and (mask & item) == item:
            met += 1
    return met


@compiled
def _close(open_sets: Ints, item: int) -> None:
    for mask in range(len(open_sets)):
        if (mask & item) == item:
            open_sets[mask] = 0


@compiled
def _costs(tables: Tables, ask: Ask, order: Ints) -> Floats:
    cost = np.full(MOST_ASKED * MOST_ASKED, np.inf)
    names = float(entries(tables, NAME_START))
    bearers, classes = np.zeros(MOST_ASKED), np.zeros(MOST_ASKED)
    for spot in range(len(order)):
        first, last = ask.start[order[spot]], ask.start[order[spot] + 1]
        previous = int64(-1)
        for entry in range(first, last):
            bearers[spot] += at(tables, WORD_NAMES, ask.word[entry])
            kin = at(tables, WORD_CLASS, ask.word[entry])
            classes[spot] += 1.0 if kin != previous else 0.0
            previous = kin
        size = listed(tables, ask, order[spot])
        if size >= 0:
            cost[spot * MOST_ASKED + spot] = 1.0 + size * _LIST_COST
    for one in range(len(order)):
        for other in range(one + 1, len(order)):
            probes = classes[one] * classes[other] * _PROBE_COST
            scanned = 2.0 * bearers[one] * bearers[other] / names
            cost[one * MOST_ASKED + other] = 1.0 + probes + scanned
    return cost


@compiled
def _read_pair(tables: Tables, ask: Ask, work: Scratch, one: int, other: int) -> None:
    """Probe the buckets of every pair of classes among the variants of two asked words."""
    first, end = ask.start[one], ask.start[one + 1]
    while first < end:
        last, most = _class_end(tables, ask, first, end)
        _set(ask, work, LEFT, first, last, ask.rarity[one])
        second, end_other = ask.start[other], ask.start[other + 1]
        while second < end_other:
            last_other, most_other = _class_end(tables, ask, second, end_other)
            missed = (1 - most) * ask.rarity[one] + (1 - most_other) * ask.rarity[other]
            if 1 - missed / ask.wanted >= rules.FLOOR:
                _set(ask, work, RIGHT, second, last_other, ask.rarity[other])
                _probe(tables, ask, work, ask.word[first], ask.word[second])
                _set(ask, work, RIGHT, second, last_other, 0.0)
            second = last_other
        _set(ask, work, LEFT, first, last, 0.0)
        first = last


@compiled
def _class_end(tables: Tables, ask: Ask, first: int, end: int) -> tuple[int, float]:
    """Return where the variants of one class end, and the best weight among them."""
    kin, last, most = at(tables, WORD_CLASS, ask.word[first]), first, 0.0
    while last < end and at(tables, WORD_CLASS, ask.word[last]) == kin:
        most = max(most, ask.weight[last])
        last += 1
    return last, most


@compiled
def _set(ask: Ask, work: Scratch, side: int, first: int, last: int, rarity: float) -> None:
    for entry in range(first, last):
        mark = mark_of(ask.word[entry])
        gain = ask.weight[entry] * rarity
        work.marks[side, mark] = max(work.marks[side, mark], gain) if rarity > 0 else 0.0


@compiled
def _probe(tables: Tables, ask: Ask, work: Scratch, word: int, word_other: int) -> None:
    kin, kin_other = at(tables, WORD_CLASS, word), at(tables, WORD_CLASS, word_other)
    shift = 64
    while (1 << (64 - shift)) < entries(tables, BUCKET_START) - 1:
        shift -= 1
    bucket = bucket_of(min(kin, kin_other), max(kin, kin_other), shift)
    first = at(tables, BUCKET_START, bucket)
    last = min(at(tables, BUCKET_START, bucket + 1), entries(tables, PAIR_NAME))
    order = 0 if kin < kin_other else 1 if kin > kin_other else 2
    year = ask.marks & 255
    if not year or last - first <= HEAVY:
        _read_range(tables, ask, work, first, last, order)
        return
    unknown = _place(tables, first, last, 1)
    near = _place(tables, unknown, last, max(year - YEARS_APART, 1))
    far = _place(tables, near, last, min(year + YEARS_APART + 1, 256))
    _read_range(tables, ask, work, near, far, order)
    _read_range(tables, ask, work, first, unknown, order)


@compiled
def _place(tables: Tables, first: int, last: int, year: int) -> int:
    """Find where the names of a year begin in a bucket."""
    wanted = at(tables, YEAR_START, year)
    while first < last:
        middle = (first + last) >> 1
        if at(tables, PAIR_NAME, middle) < wanted:
            first = middle + 1
        else:
            last = middle
    return first


@compiled
def _read_range(
    tables: Tables, ask: Ask, work: Scratch, first: int, last: int, order: int
) -> None:
    """Look at the signatures of a part of a bucket; read and score what may suffice."""
    work.tally[SCANNED] += max(last - first, 0)
    if work.tally[SCANNED] > rules.SCANNED:
        work.tally[COMMON] = 1
        return
    most = most_marks(ask.marks)
    for spot in range(first, last):
        bound = _bound(ask, work, at(tables, PAIR_MARK, spot), order)
        if bound < rules.FLOOR:
            continue
        if work.tally[KEPT] == len(work.best) and bound + most <= work.best[work.tally[LOWEST]]:
            work.tally[TIES] += 1
            continue
        if work.tally[VERIFIED] >= rules.VERIFIED:
            work.tally[COMMON] = 1
            return
        verify(tables, ask, work, at(tables, PAIR_NAME, spot))


@compiled
def _bound(ask: Ask, work: Scratch, mark: int, order: int) -> float:
    """Return the most a name with this signature can score, marks apart."""
    lower, higher = mark & 255, (mark >> 8) & 255
    pair = _both(work, lower, higher, order)
    if pair <= 0:
        return 0.0
    third, fourth = (mark >> 16) & 255, mark >> 24
    if third == SEVERAL:
        return 1.0
    more = float(work.marks[REST, third] + work.marks[REST, fourth])
    held = (1 if third and work.marks[REST, third] <= 0 else 0) + (
        1 if fourth and work.marks[REST, fourth] <= 0 else 0
    )
    return float(min((pair + more) / ask.wanted, 1.0)) - rules.UNMATCHED * held


@compiled
def _both(work: Scratch, lower: int, higher: int, order: int) -> float:
    """Return what the pair's own words add; both must be variants. Order 2: one class."""
    one, other = float(work.marks[LEFT, lower]), float(work.marks[RIGHT, higher])
    best = one + other if one * other > 0 and order != 1 else 0.0
    one, other = float(work.marks[LEFT, higher]), float(work.marks[RIGHT, lower])
    crossed = one + other if one * other > 0 and order != 0 else 0.0
    return max(best, crossed)
