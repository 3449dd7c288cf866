"""Read a word by learned pieces: which Latin letters each piece became, and after what.

A piece ("graphone") is one or two letters of the script with the Latin letters they align to.
The model knows what each piece costs after the two before it; `read` finds the cheapest
sequences. What was never seen is read by the rules of its letters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from comity.screening.names import data
from comity.screening.names.lattice import LONGEST, distinct
from comity.screening.names.skeleton import skeleton

BACKOFF = 1.0
"""Cost of knowing one piece of context less."""
UNSEEN = 9.0
_BEAM = 14
_WIDEST = 2
_CONSIDERED = 24
_LIKELIEST = 5
_Path = tuple[float, int, int, str]
"""Cost, the two pieces before, what is read so far."""


@dataclass(frozen=True, slots=True)
class Transducer:
    """What was learned of one script; piece 0 is the edge of a word."""

    pieces: Sequence[tuple[str, str]]
    costs: Sequence[float]
    pairs: Mapping[int, float]
    """Cost of a piece after one: `before * len(pieces) + piece`."""
    triples: Mapping[int, float]
    """Cost of a piece after two, likewise."""
    whole: Mapping[str, tuple[str, ...]]
    """Words whose usual readings the pieces would not find first."""
    by_source: Mapping[str, Sequence[int]]

    def read(self, word: str, fallback: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Return the readings of a word, likeliest first."""
        found = self.by_pieces(word, fallback, keep=_CONSIDERED)
        return spread((*self.whole.get(word, ()), *found))

    def by_pieces(
        self, word: str, fallback: Mapping[str, tuple[str, ...]], *, keep: int = 8
    ) -> list[str]:
        """Return the readings that the pieces make, words known as a whole left aside."""
        word = word[:LONGEST]
        paths: list[list[_Path]] = [[] for _ in range(len(word) + 1)]
        paths[0] = [(0.0, 0, 0, "")]
        for place in range(len(word)):
            here = nsmallest(_BEAM, paths[place])
            for width, options in self._options(word, place, fallback):
                paths[place + width] += self._grown(here, options)
        ended: dict[str, float] = {}
        for cost, before, last, made in paths[-1]:
            total = cost + self._cost(before, last, 0)
            ended[made] = min(total, ended.get(made, total))
        return nsmallest(keep, ended, key=lambda made: (ended[made], made))

    def _options(
        self, word: str, place: int, fallback: Mapping[str, tuple[str, ...]]
    ) -> Iterable[tuple[int, Sequence[tuple[int, str, float]]]]:
        for width in range(1, _WIDEST + 1):
            known = self.by_source.get(word[place : place + width], ())
            if known and place + width <= len(word):
                yield width, [(piece, self.pieces[piece][1], 0.0) for piece in known]
            elif width == 1:
                ruled = fallback.get(word[place], ("",))
                yield 1, [(-1, text, UNSEEN + rank) for rank, text in enumerate(ruled)]

    def _grown(
        self, here: list[_Path], options: Sequence[tuple[int, str, float]]
    ) -> Iterable[_Path]:
        count = len(self.pieces)
        triples, pairs, costs = self.triples.get, self.pairs.get, self.costs
        for cost, before, last, made in here:
            pair = last * count
            triple = (before * count + last) * count
            for piece, text, extra in options:
                if piece < 0:
                    yield cost + extra, 0, 0, made + text
                    continue
                found = triples(triple + piece)
                if found is None:
                    found = pairs(pair + piece)
                    if found is None:
                        found = 2 * BACKOFF + costs[piece]
                    else:
                        found += BACKOFF
                yield cost + found, last, piece, made + text

    def _cost(self, before: int, last: int, piece: int) -> float:
        count = len(self.pieces)
        pair = last * count + piece
        found = self.triples.get(before * count * count + pair)
        if found is not None:
            return found
        found = self.pairs.get(pair)
        if found is not None:
            return BACKOFF + found
        return 2 * BACKOFF + self.costs[piece]


def spread(readings: Sequence[str]) -> tuple[str, ...]:
    """Return the likeliest readings, then those that sound otherwise, then the rest."""
    first = distinct(readings, keep=_LIKELIEST)
    heard = {skeleton(each) for each in first}
    others: list[str] = []
    for each in readings[_LIKELIEST:]:
        kept = skeleton(each)
        if kept not in heard:
            heard.add(kept)
            others.append(each)
    return distinct((*first, *others, *readings))


def load(name: str) -> Transducer:
    """Read a shipped model; its head says what it was learned from."""
    return of_rows(data.rows(name))


def of_rows(rows: Iterable[Sequence[str]]) -> Transducer:
    """Read a model from the rows of its file."""
    pieces: list[tuple[str, str]] = []
    costs: list[float] = []
    tables: dict[str, dict[int, float]] = {"2": {}, "3": {}}
    whole: dict[str, tuple[str, ...]] = {}
    for kind, *fields in rows:
        if kind == "p":
            pieces.append((fields[0], fields[1]))
            costs.append(int(fields[2]) / 10)
        elif kind == "w":
            whole[fields[0]] = tuple(fields[1].split(" "))
        else:
            _fill(tables[kind], fields, len(pieces))
    return made(pieces, costs, tables["2"], tables["3"], whole)


def made(
    pieces: list[tuple[str, str]],
    costs: list[float],
    pairs: dict[int, float],
    triples: dict[int, float],
    whole: dict[str, tuple[str, ...]],
) -> Transducer:
    """Make a transducer of its tables."""
    by_source: dict[str, list[int]] = {}
    for piece, (source, _) in enumerate(pieces):
        if source:
            by_source.setdefault(source, []).append(piece)
    return Transducer(pieces, costs, pairs, triples, whole, by_source)


def _fill(table: dict[int, float], fields: Sequence[str], count: int) -> None:
    """Read one row: the pieces before, then each piece that follows with its cost."""
    context = 0
    for each in fields[0].split(" "):
        context = context * count + int(each)
    for each in fields[1].split(" "):
        piece, _, cost = each.partition(".")
        table[context * count + int(piece)] = int(cost) / 10
