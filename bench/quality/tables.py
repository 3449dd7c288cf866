"""The tables and the curve of the page on quality, each written from what was measured."""

from collections.abc import Callable, Iterable, Sequence

from bench.quality.gathered import OURS, SUBSETS, Gathered, scored
from bench.quality.metrics import (
    Scored,
    at_threshold,
    average_precision,
    best_f1,
    by_group,
    calibration_error,
    interval,
    recall_at_false_rate,
    reliability,
)
from bench.quality.retrieval import ALL

_DRAWS = 100
_LEAST = 20


def tables(found: Gathered) -> dict[str, str]:
    """Return every table by the name of its place on the page."""
    return {
        "data": _data(found),
        "pairs": _pairs(found),
        "aliases": _aliases(found),
        "scripts": _scripts(found),
        "calibration": _calibration(found),
        "errors": _errors(found),
        "kinds": _kinds(found),
        "speed": _speed(found),
    }


def _data(found: Gathered) -> str:
    judged, _ = found.pairs[OURS]
    rows = []
    for subset, chosen in SUBSETS.items():
        labels = [pair.is_match for pair, _ in judged if chosen(pair)]
        rows.append((subset, str(len(labels)), str(sum(labels))))
    return table(("pairs, " + found.split, "pairs", "one and the same"), rows)


def _pairs(found: Gathered) -> str:
    head = ("pairs", "scorer", "F1 at .7", "precision", "recall", "best F1", "at", "AP")
    rows = []
    for subset in SUBSETS:
        for name, (judged, _) in found.pairs.items():
            if told := scored(judged, subset):
                rows.append((subset, name, *_pair_row(told, is_ours=name == OURS)))
    return table((*head, "found at 1 % false", "at 5 %", "calibration error"), rows)


def _pair_row(told: Scored, *, is_ours: bool) -> Iterable[str]:
    fixed, best = at_threshold(told, 0.7), best_f1(told)
    yield three(fixed.f1) + (_within(told, _f1) if is_ours else "")
    yield from (three(fixed.precision), three(fixed.recall), three(best.f1))
    yield three(best.threshold)
    yield three(average_precision(told)) + (_within(told, average_precision) if is_ours else "")
    yield three(recall_at_false_rate(told, 0.01).recall)
    yield three(recall_at_false_rate(told, 0.05).recall)
    yield three(calibration_error(told))


def _aliases(found: Gathered) -> str:
    return _searched(found, list(found.searches)[:1], (ALL, "derivable"))


def _scripts(found: Gathered) -> str:
    return _searched(found, list(found.searches)[1:], ())


def _searched(found: Gathered, titles: Sequence[str], parts: Sequence[str]) -> str:
    head = ("list", "asked", "search", "names asked", "R@1", "R@10", "found at 1 % false")
    rows = []
    for title in titles:
        runs = found.searches[title]
        known = tuple(dict.fromkeys(row.part for row in next(iter(runs.values())).rows))
        for part in parts or (ALL, *known):
            for name, made in runs.items():
                it = made.figures(part)
                shares = (it.first, it.tenth, it.at_one, it.at_five, it.strangers_at)
                if it.asked >= _LEAST:
                    rows.append((title, part, name, str(it.asked), *map(three, shares)))
    return table((*head, "at 5 %", "strangers at .7"), rows)


def _calibration(found: Gathered) -> str:
    judged, _ = found.pairs[OURS]
    rows = [
        (str(part.count), three(part.said), three(part.found))
        for part in reliability(scored(judged, "all"))
    ]
    return table(("pairs", "score says", "one and the same"), rows)


def _errors(found: Gathered) -> str:
    told = ((pair.script, score, pair.is_match) for pair, score in found.pairs[OURS][0])
    return _grouped("scripts of the two names", by_group(told, 0.7))


def _kinds(found: Gathered) -> str:
    told = ((pair.kind, score, pair.is_match) for pair, score in found.pairs[OURS][0])
    return _grouped("kind", by_group(told, 0.7))


def _grouped(title: str, groups: dict[str, tuple[int, int, float, float]]) -> str:
    rows = [
        (
            group,
            str(same),
            three(missed) if same else "",
            str(other),
            three(false) if other else "",
        )
        for group, (same, other, missed, false) in groups.items()
        if same + other >= _LEAST
    ]
    return table((title, "same", "missed", "other", "wrongly suggested"), rows)


def _speed(found: Gathered) -> str:
    rows = [
        ("one comparison", name, f"{seconds * 1e6:.0f} µs")
        for name, (_, seconds) in found.pairs.items()
    ]
    for title, runs in found.searches.items():
        what = f"one search, {title} ({found.names[title]:,} names)"
        rows += [(what, name, f"{made.milliseconds:.2f} ms") for name, made in runs.items()]
    return table(("what", "by", "time of one core"), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def three(value: float) -> str:
    """Write a share with three places."""
    return f"{value:.3f}".replace("0.", ".", 1) if value < 1 else f"{value:.3f}"


def _within(told: Scored, figure: Callable[[Scored], float]) -> str:
    low, high = interval(told, figure, draws=_DRAWS)
    return f" ({three(low)} to {three(high)})"


def _f1(told: Scored) -> float:
    return at_threshold(told, 0.7).f1
