"""From aligned pairs to the model that ships: pieces, what follows what, whole words."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

from tools.name_learning.align import Piece, aligned, learned, tables
from tools.name_learning.corpora import Corpus, Pair

from comity.screening.names import transducer

_NOISE = 0.91
"""Share of the pairs, the best aligned, that is learned from: the rest is not one name."""
_PER_SOURCE = 14
"""Readings kept of one piece of the script."""
_MET = 2
_SHARE = 0.06
_FIRM = 1.5
_RARE = 0.004
"""Least weight of a piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of a model ships."""

    pairs: int = 9_000
    triples: int = 16_000
    whole: int = 3_000


Context = tuple[int, ...]
Rows = list[tuple[Pair, list[Piece]]]


def clean(pairs: Sequence[Pair], corpus: Corpus) -> Rows:
    """Align all pairs and leave out the worst."""
    known = tables(learned(pairs, corpus))
    found = [(*aligned(pair, corpus, known), pair) for pair in pairs]
    costs = sorted(cost for cost, _, _ in found)
    limit = costs[int(len(costs) * _NOISE)] if costs else 0.0
    return [(pair, pieces) for cost, pieces, pair in found if pieces and cost <= limit]


def model(rows: Rows, corpus: Corpus, size: Size) -> transducer.Transducer:
    """Count pieces in their contexts and turn counts into costs."""
    ids, unigrams = _chosen(rows, corpus)
    pairs: defaultdict[Context, float] = defaultdict(float)
    triples: defaultdict[Context, float] = defaultdict(float)
    for pair, pieces in rows:
        if any(piece not in ids for piece in pieces):
            continue
        weight = corpus.weight(pair)
        line = [0, 0, *(ids[piece] for piece in pieces), 0]
        for one, two, three in zip(line, line[1:], line[2:], strict=False):
            pairs[two, three] += weight
            triples[one, two, three] += weight
    total = sum(unigrams.values())
    bare = transducer.made(
        list(ids),
        [_cost(unigrams[piece], total) for piece in ids],
        _packed(_kept(pairs, size.pairs), len(ids)),
        _packed(_kept(triples, size.triples), len(ids)),
        {},
    )
    return replace(bare, whole=_whole(rows, bare, size.whole))


def _packed(costs: Mapping[Context, float], count: int) -> dict[int, float]:
    found: dict[int, float] = {}
    for context, cost in costs.items():
        key = 0
        for piece in context:
            key = key * count + piece
        found[key] = cost
    return found


def _chosen(rows: Rows, corpus: Corpus) -> tuple[dict[Piece, int], dict[Piece, float]]:
    weights: defaultdict[Piece, float] = defaultdict(float)
    for pair, pieces in rows:
        for piece in pieces:
            weights[piece] += corpus.weight(pair)
        weights["", ""] += corpus.weight(pair)
    totals: defaultdict[str, float] = defaultdict(float)
    for piece, weight in weights.items():
        totals[piece[0]] += weight
    by_source: dict[str, list[Piece]] = {}
    for piece, weight in sorted(weights.items(), key=lambda each: (-each[1], each[0])):
        firm = max(_FIRM, _RARE * totals[piece[0]])
        if piece[0] and (weight >= firm or piece[0] not in by_source):
            by_source.setdefault(piece[0], []).append(piece)
    kept = [piece for listed in by_source.values() for piece in listed[:_PER_SOURCE]]
    return {piece: place for place, piece in enumerate([("", ""), *kept])}, weights


def _cost(part: float, total: float) -> float:
    return round(min(25.5, -log(max(part, 1e-9) / total)), 1)


def _kept(counts: Mapping[Context, float], most: int) -> dict[Context, float]:
    totals: defaultdict[tuple[int, ...], float] = defaultdict(float)
    for key, weight in counts.items():
        totals[key[:-1]] += weight
    ordered = sorted(
        (key for key in counts if counts[key] >= _MET), key=lambda key: (-counts[key], key)
    )
    return {key: _cost(counts[key], totals[key[:-1]]) for key in ordered[:most]}


def _whole(rows: Rows, made: transducer.Transducer, most: int) -> dict[str, tuple[str, ...]]:
    """Keep the readings of common words that the pieces do not find first."""
    forms: dict[str, Counter[str]] = {}
    for pair, _ in rows:
        forms.setdefault(pair.source, Counter())[pair.latin] += pair.count
    common = sorted(forms, key=lambda word: (-sum(forms[word].values()), word))
    found: dict[str, tuple[str, ...]] = {}
    for word in common:
        ranked = sorted(forms[word].items(), key=lambda each: (-each[1], each[0]))
        if sum(forms[word].values()) < _MET or len(found) >= most:
            break
        usual = tuple(form for form, count in ranked if count >= _SHARE * ranked[0][1])[:4]
        if usual != tuple(made.by_pieces(word, {}, keep=len(usual))):
            found[word] = usual
    return found


def text(made: transducer.Transducer, head: Mapping[str, str]) -> str:
    """Return the model as the lines of its file."""
    lines = [f"# {key}: {value}" for key, value in head.items()]
    for (source, latin), cost in zip(made.pieces, made.costs, strict=True):
        lines.append(f"p\t{source}\t{latin}\t{round(cost * 10)}")
    count = len(made.pieces)
    for kind, table in (("2", made.pairs), ("3", made.triples)):
        contexts: dict[int, list[str]] = {}
        for key in sorted(table):
            contexts.setdefault(key // count, []).append(
                f"{key % count}.{round(table[key] * 10)}"
            )
        for context, listed in contexts.items():
            shown = str(context) if kind == "2" else f"{context // count} {context % count}"
            lines.append(f"{kind}\t{shown}\t{' '.join(listed)}")
    lines += [f"w\t{word}\t{' '.join(forms)}" for word, forms in sorted(made.whole.items())]
    return "\n".join(lines) + "\n"
