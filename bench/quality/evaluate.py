"""Judge one scorer on the labelled pairs of one split.

    python -m bench.quality.evaluate [--split tune] [--scorer NAME] [--kinds] [--worst 40]

`--scorer` is a name of `SCORERS`, or `package.module:function` taking a Query and a Profile and
returning a number; default is `compare`, which is what screening ships. Choose settings on
`tune`; look at `held-out` only for figures to be shown.
"""

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Sequence
from typing import cast

from bench.quality.metrics import (
    at_threshold,
    average_precision,
    best_f1,
    by_group,
    calibration_error,
    recall_at_false_rate,
)
from bench.quality.pairs import Pair, load
from bench.quality.sources import fold
from bench.quality.splits import SPLITS, Split
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

from comity.screening import Profile, Query, compare

Scorer = Callable[[Query, Profile], float]
Judged = list[tuple[Pair, float]]


def ours(query: Query, profile: Profile) -> float:
    """Score as screening does."""
    return compare(query, profile).score


def token_sort(query: Query, profile: Profile) -> float:
    """Compare folded names with their words in order."""
    return _best(query, profile, fuzz.token_sort_ratio) / 100


def token_set(query: Query, profile: Profile) -> float:
    """Compare the words that folded names have in common."""
    return _best(query, profile, fuzz.token_set_ratio) / 100


def levenshtein(query: Query, profile: Profile) -> float:
    """Compare folded names letter by letter."""
    return _best(query, profile, Levenshtein.normalized_similarity)


def winkler(query: Query, profile: Profile) -> float:
    """Compare folded names with their words in order by Jaro-Winkler."""
    return max(
        JaroWinkler.similarity(_ordered(one), _ordered(other))
        for one in query.names
        for other in profile.names
    )


SCORERS: dict[str, Scorer] = {
    "compare": ours,
    "token_sort": token_sort,
    "token_set": token_set,
    "levenshtein": levenshtein,
    "winkler": winkler,
}


def judge(pairs: Sequence[Pair], scorer: Scorer) -> Judged:
    """Score every pair."""
    return [(pair, scorer(pair.asked(), pair.held())) for pair in pairs]


def report(judged: Judged) -> list[str]:
    """Write the figures of a scorer, over all pairs and over those with names only."""
    head = ("pairs", "F1 .7", "P", "R", "best F1", "at", "AP", "TPR 1%", "TPR 5%", "ECE")
    lines = [" " * 12 + "".join(f"{word:>8}" for word in head)]
    names = [each for each in judged if each[0].is_names_only]
    parts = {
        "all": judged,
        "names only": names,
        "  latin": [each for each in names if each[0].script == "latin"],
        "  scripts": [each for each in names if each[0].script != "latin"],
        "with facts": [each for each in judged if not each[0].is_names_only],
    }
    return lines + [_line(name, part) for name, part in parts.items() if part]


def errors(judged: Judged, of: Callable[[Pair], str], threshold: float) -> list[str]:
    """Write for each group the share missed and the share wrongly reached."""
    told = ((of(pair), score, pair.is_match) for pair, score in judged)
    lines = [f"{'at ' + str(threshold):34}{'same':>6}{'missed':>8}{'other':>7}{'false':>8}"]
    for group, (same, others, missed, false) in by_group(told, threshold).items():
        lines.append(
            f"{group:34}{same or '-':>6}{f'{missed:.3f}' if same else '-':>8}"
            f"{others or '-':>7}{f'{false:.3f}' if others else '-':>8}"
        )
    return lines


def worst(judged: Judged, count: int) -> list[str]:
    """Write the pairs that are furthest from their label."""
    far = sorted(judged, key=lambda each: -abs(each[1] - each[0].is_match))[:count]
    return [
        f"{score:.3f} {'same ' if pair.is_match else 'other'} {pair.kind}: "
        f"{dict(pair.query.properties)} | {dict(pair.candidate.properties)}"
        for pair, score in far
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the options, judge and print."""
    options = _options(arguments)
    pairs, scorer = load(options.split), scorer_of(options.scorer)
    began = time.process_time()
    judged = judge(pairs, scorer)
    took = (time.process_time() - began) / len(pairs) * 1e6
    lines = [f"{options.scorer} on {options.split}: {took:.0f} us a pair", *report(judged)]
    if options.kinds:
        lines += errors(judged, lambda pair: pair.script, options.threshold)
        lines += errors(judged, lambda pair: pair.kind, options.threshold)
    for line in lines + worst(judged, options.worst):
        print(line)
    return 0


def scorer_of(name: str) -> Scorer:
    """Return a scorer by its name, or by module and function."""
    if name in SCORERS:
        return SCORERS[name]
    module, _, function = name.partition(":")
    return cast("Scorer", getattr(importlib.import_module(module), function))


class _Options(argparse.Namespace):
    split: Split
    scorer: str
    threshold: float
    worst: int
    kinds: bool


def _options(arguments: Sequence[str] | None) -> _Options:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=SPLITS, default="tune")
    parser.add_argument("--scorer", default="compare")
    parser.add_argument("--threshold", type=float, default=0.7)
    parser.add_argument("--worst", type=int, default=0, help="how many bad pairs to show")
    parser.add_argument("--kinds", action="store_true", help="errors by script and by kind")
    return parser.parse_args(arguments, namespace=_Options())


def _line(name: str, judged: Judged) -> str:
    scored = [(score, pair.is_match) for pair, score in judged]
    fixed, best = at_threshold(scored, 0.7), best_f1(scored)
    one, five = recall_at_false_rate(scored, 0.01), recall_at_false_rate(scored, 0.05)
    figures = (
        fixed.f1,
        fixed.precision,
        fixed.recall,
        best.f1,
        best.threshold,
        average_precision(scored),
        one.recall,
        five.recall,
        calibration_error(scored),
    )
    return f"{name:12}{len(scored):>8}" + "".join(f"{figure:>8.3f}" for figure in figures)


def _best(query: Query, profile: Profile, measure: Callable[[str, str], float]) -> float:
    return max(
        measure(fold(one), fold(other)) for one in query.names for other in profile.names
    )


def _ordered(name: str) -> str:
    return " ".join(sorted(fold(name).split()))


if __name__ == "__main__":
    sys.exit(main())
