"""How well a search finds who is asked for, and how rarely it finds somebody else.

    python -m bench.quality.retrieval [--quick] [--peer] [--environment DIR]

Works over anything that takes a name and a list and returns ids with scores.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.quality.metrics import Scored, recall_at_false_rate
from bench.quality.peers import HOME, Peer
from bench.quality.searches import Search, brute, ours, reranked
from bench.quality.trials import Asked, Trial, aliases, scripts

ALL = "all"
_FEW = 100
"""A part with fewer strangers is read at the scores that all strangers reach."""
Ranked = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one name asked for."""

    part: str
    rank: int
    """Place of the right one, ties counted against it; 0 where it was not found."""
    score: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How a search did on a trial, or a part of one."""

    asked: int
    first: float
    tenth: float
    at_one: float
    """Share found at a score that 1 % of strangers reach."""
    at_five: float
    strangers_at: float
    """Share of strangers that reach .7."""
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """All rows of a search on a trial."""

    rows: tuple[Row, ...]
    strangers: tuple[tuple[str, float], ...]
    """Part and best score."""
    milliseconds: float

    def figures(self, part: str = ALL) -> Figures:
        """Return the figures over one part, or all."""
        rows = [row for row in self.rows if part in (ALL, row.part)]
        strangers = [
            score for each, score in self.strangers if part == ALL or each in ("any", part)
        ]
        if len(strangers) < _FEW:
            strangers = [score for _, score in self.strangers]
        scored: Scored = [(row.score, True) for row in rows] + [(s, False) for s in strangers]
        return Figures(
            asked=len(rows),
            first=_share([row.rank == 1 for row in rows]),
            tenth=_share([0 < row.rank <= 10 for row in rows]),
            at_one=_found_at(scored, 0.01),
            at_five=_found_at(scored, 0.05),
            strangers_at=_share([score >= 0.7 for score in strangers]),
            milliseconds=self.milliseconds,
        )


def run(trial: Trial, search: Search) -> Run:
    """Ask for everybody, strangers too, and measure the time of a core."""
    names = [each.name for each in (*trial.asked, *trial.strangers)]
    found, took = search(names, trial.held)
    rows = [_row(each, ranked) for each, ranked in zip(trial.asked, found, strict=False)]
    rest = zip(trial.strangers, found[len(trial.asked) :], strict=True)
    strangers = [
        (each.part, max((score for _, score in ranked), default=0.0)) for each, ranked in rest
    ]
    return Run(tuple(rows), tuple(strangers), took / len(names) * 1e3)


def trials(*, is_quick: bool) -> list[Trial]:
    """Return every trial, or a smaller part of each."""
    return [aliases(most=120 if is_quick else 700), *scripts(each=40 if is_quick else 150)]


def lines(found: dict[str, Run], parts: Sequence[str]) -> list[str]:
    """Write one row for each search and part."""
    head = ("asked", "R@1", "R@10", "TPR 1%", "TPR 5%", "false .7", "ms")
    told = [" " * 44 + "".join(f"{word:>9}" for word in head)]
    for part in parts:
        for name, made in found.items():
            figures = made.figures(part)
            told.append(f"{part:22}{name:22}{_written(figures)}")
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every trial and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peer", action="store_true", help="ask nomenklatura too")
    parser.add_argument("--environment", type=Path, default=HOME)
    options = parser.parse_args(arguments, namespace=_Options())
    peer = Peer(options.environment) if options.peer else None
    for trial in trials(is_quick=options.quick):
        found = {"comity": run(trial, ours), "token_sort": run(trial, brute)}
        if peer:
            found["30 + logic-v2"] = run(trial, reranked(peer, "logic-v2"))
        print(f"{trial.title}: {trial.names} names, {len(trial.strangers)} strangers")
        parts = (ALL, *dict.fromkeys(each.part for each in trial.asked))
        print("\n".join(lines(found, parts)))
    return 0


class _Options(argparse.Namespace):
    quick: bool
    peer: bool
    environment: Path


def _row(each: Asked, ranked: Ranked) -> Row:
    own = max((score for key, score in ranked if key == each.right), default=0.0)
    before = sum(score >= own for key, score in ranked if key != each.right)
    return Row(each.part, before + 1 if own else 0, own)


def _found_at(scored: Scored, share: float) -> float:
    found = [(score, is_right) for score, is_right in scored if score > 0 or not is_right]
    same = sum(is_right for _, is_right in scored)
    reached = recall_at_false_rate(found, share)
    right = sum(is_right and score >= reached.threshold for score, is_right in scored)
    return right / same if same else 0.0


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 0.0


def _written(figures: Figures) -> str:
    told = (figures.first, figures.tenth, figures.at_one, figures.at_five, figures.strangers_at)
    shares = "".join(f"{share:>9.3f}" for share in told)
    return f"{figures.asked:>9}{shares}{figures.milliseconds:>9.2f}"


if __name__ == "__main__":
    sys.exit(main())
