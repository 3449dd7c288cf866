"""Which letters belong to which: expectation and maximisation over pairs of words."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import log

from tools.name_learning.corpora import Corpus, Pair

Piece = tuple[str, str]
Weights = dict[Piece, float]
_TINY = 1e-7
_TINY_COUNT = 1e-3
_WIDE = 0.1
_ROUNDS = 4
_SAMPLE = 6_000
"""Pairs that the weights are estimated on; all are aligned with them afterwards."""


def learned(pairs: Sequence[Pair], corpus: Corpus) -> Weights:
    """Return the probability of each piece, from a fixed part of the pairs."""
    step = max(1, len(pairs) // _SAMPLE)
    sample = [pair for pair in pairs[::step] if _fits(pair, corpus)]
    weights: Weights = {}
    for _ in range(_ROUNDS):
        counts: defaultdict[Piece, float] = defaultdict(float)
        for pair in sample:
            _expect(pair, corpus, weights, counts)
        weights = _maximised(counts)
    return weights


def _fits(pair: Pair, corpus: Corpus) -> bool:
    return len(pair.latin) <= len(pair.source) * corpus.longest and len(pair.latin) <= 20  # noqa: PLR2004


def _maximised(counts: dict[Piece, float]) -> Weights:
    """Return shares; a wide piece pays for being one where others are two."""
    total = sum(counts.values())
    return {
        piece: count / total * _WIDE ** (len(piece[0]) - 1)
        for piece, count in counts.items()
        if count > _TINY_COUNT
    }


def _start(source: str, latin: str) -> float:
    """Weigh a piece before anything is known: narrow ones first, silent ones last."""
    return 0.5 ** (2 * (len(source) - 1) + abs(len(latin) - len(source))) * (
        0.2 if not latin else 1
    )


def _edges(
    pair: Pair, corpus: Corpus, weights: Weights
) -> Iterator[tuple[int, int, int, int, float]]:
    """Yield every piece the pair could hold: where it begins, its widths, its weight."""
    source, latin = pair.source, pair.latin
    for i in range(len(source)):
        for j in range(len(latin) + 1):
            for width in range(1, corpus.widest + 1):
                if i + width > len(source):
                    continue
                part = source[i : i + width]
                for length in range(min(corpus.longest, len(latin) - j) + 1):
                    text = latin[j : j + length]
                    if width > 1 and length == 0:
                        continue
                    weight = weights.get((part, text), _TINY) if weights else _start(part, text)
                    yield i, j, width, length, weight


def _expect(pair: Pair, corpus: Corpus, weights: Weights, counts: dict[Piece, float]) -> None:
    edges = list(_edges(pair, corpus, weights))
    columns = len(pair.latin) + 1
    size = (len(pair.source) + 1) * columns
    ahead, back = [0.0] * size, [0.0] * size
    ahead[0] = back[-1] = 1.0
    moves = [
        (i * columns + j, (i + w) * columns + j + n, weight) for i, j, w, n, weight in edges
    ]
    for start, end, weight in moves:
        ahead[end] += ahead[start] * weight
    for start, end, weight in reversed(moves):
        back[start] += back[end] * weight
    total = ahead[-1]
    if total <= 0:
        return
    for (i, j, width, length, weight), (start, end, _) in zip(edges, moves, strict=True):
        share = ahead[start] * weight * back[end] / total
        if share > 1e-3:  # noqa: PLR2004 - what is less changes nothing
            counts[pair.source[i : i + width], pair.latin[j : j + length]] += share


Tables = dict[str, dict[str, float]]
"""Logarithms of the weights, by the letters of the script."""


def tables(weights: Weights) -> Tables:
    """Arrange weights for `aligned`."""
    found: Tables = {}
    for (source, latin), weight in weights.items():
        found.setdefault(source, {})[latin] = log(weight)
    return found


def aligned(pair: Pair, corpus: Corpus, known: Tables) -> tuple[float, list[Piece]]:
    """Return the likeliest pieces of a pair and their mean cost; no pieces where none fit."""
    source, latin = pair.source, pair.latin
    best: list[dict[int, tuple[float, int, int]]] = [{} for _ in range(len(source) + 1)]
    best[0][0] = 0.0, 0, 0
    for i in range(len(source)):
        for width in range(1, min(corpus.widest, len(source) - i) + 1):
            texts = known.get(source[i : i + width])
            if texts:
                _advance(best[i], best[i + width], texts, (latin, width, corpus.longest))
    if len(latin) not in best[-1]:
        return 99.0, []
    pieces: list[Piece] = []
    i, j = len(source), len(latin)
    while i:
        _, width, length = best[i][j]
        pieces.append((source[i - width : i], latin[j - length : j]))
        i, j = i - width, j - length
    cost = -best[-1][len(latin)][0] / max(len(latin), len(source))
    return cost, pieces[::-1]


def _advance(
    here: dict[int, tuple[float, int, int]],
    there: dict[int, tuple[float, int, int]],
    texts: dict[str, float],
    limits: tuple[str, int, int],
) -> None:
    latin, width, longest = limits
    for j, (value, _, _) in here.items():
        for length in range(longest + 1):
            gain = texts.get(latin[j : j + length])
            if gain is None or j + length > len(latin):
                continue
            total = value + gain
            if j + length not in there or total > there[j + length][0]:
                there[j + length] = total, width, length
