"""Figures of a scorer: how it ranks, how it decides, and whether it means its numbers.

Everything takes scores and labels side by side. Ties are never broken in our favour: a
threshold takes all pairs of one score or none.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt

Scored = Sequence[tuple[float, bool]]
"""Score and whether the pair is one and the same."""
BINS = 15


@dataclass(frozen=True, slots=True)
class Rates:
    """What a threshold does."""

    threshold: float
    precision: float
    recall: float
    false_rate: float
    """Share of the pairs that are two and reach the threshold."""

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs of like score: what the scorer says, and how many are one and the same."""

    count: int
    said: float
    found: float


def curve(scored: Scored) -> list[Rates]:
    """Return the rates at every score that occurs, highest first."""
    same = sum(is_match for _, is_match in scored)
    others = len(scored) - same
    true, false, rates = 0, 0, list[Rates]()
    ordered = sorted(scored, key=lambda pair: -pair[0])
    for score, tied in groupby(ordered, key=lambda pair: pair[0]):
        labels = [is_match for _, is_match in tied]
        true, false = true + sum(labels), false + len(labels) - sum(labels)
        rates.append(
            Rates(
                score,
                true / (true + false),
                true / same if same else 0.0,
                _share(false, others),
            )
        )
    return rates


def at_threshold(scored: Scored, threshold: float) -> Rates:
    """Return the rates when every pair at or above `threshold` is taken."""
    reached = [rates for rates in curve(scored) if rates.threshold >= threshold]
    return reached[-1] if reached else Rates(threshold, 0.0, 0.0, 0.0)


def best_f1(scored: Scored) -> Rates:
    """Return the rates where F1 is highest."""
    return max(curve(scored), key=lambda rates: rates.f1)


def average_precision(scored: Scored) -> float:
    """Return the precision, averaged over recall in steps (no interpolation)."""
    before, area = 0.0, 0.0
    for rates in curve(scored):
        area += (rates.recall - before) * rates.precision
        before = rates.recall
    return area


def recall_at_false_rate(scored: Scored, share: float) -> Rates:
    """Return the rates at the lowest threshold that at most `share` of all others reach."""
    allowed = [rates for rates in curve(scored) if rates.false_rate <= share]
    return allowed[-1] if allowed else Rates(float("inf"), 0.0, 0.0, 0.0)


def reliability(scored: Scored, bins: int = BINS) -> list[Bin]:
    """Return bins of equal mass by score, lowest first."""
    ordered = sorted(scored)
    edges = [round(place * len(ordered) / bins) for place in range(bins + 1)]
    parts = (ordered[low:high] for low, high in pairwise(edges))
    return [
        Bin(
            len(part),
            sum(score for score, _ in part) / len(part),
            sum(is_match for _, is_match in part) / len(part),
        )
        for part in parts
        if part
    ]


def calibration_error(scored: Scored, bins: int = BINS) -> float:
    """Return the expected calibration error over bins of equal mass."""
    parts = reliability(scored, bins)
    whole = sum(part.count for part in parts)
    return (
        sum(part.count * abs(part.said - part.found) for part in parts) / whole
        if whole
        else 0.0
    )


def interval(
    scored: Scored, figure: Callable[[Scored], float], *, draws: int = 200, level: float = 0.95
) -> tuple[float, float]:
    """Return a bootstrap interval of a figure; the same on every run."""
    generator = np.random.default_rng(0)
    found = sorted(
        figure([scored[place] for place in _drawn(generator, len(scored))])
        for _ in range(draws)
    )
    cut = round(draws * (1 - level) / 2)
    return found[cut], found[draws - 1 - cut]


def by_group(
    scored: Iterable[tuple[str, float, bool]], threshold: float
) -> dict[str, tuple[int, int, float, float]]:
    """Return for each group: same, other, share missed, share wrongly reached.

    A share over nothing is 0.
    """
    groups: dict[str, list[tuple[float, bool]]] = {}
    for group, score, is_match in scored:
        groups.setdefault(group, []).append((score, is_match))
    return {group: _errors(found, threshold) for group, found in sorted(groups.items())}


def _errors(scored: Scored, threshold: float) -> tuple[int, int, float, float]:
    same = [score for score, is_match in scored if is_match]
    others = [score for score, is_match in scored if not is_match]
    missed = sum(score < threshold for score in same)
    false = sum(score >= threshold for score in others)
    return len(same), len(others), _share(missed, len(same)), _share(false, len(others))


def _drawn(generator: np.random.Generator, count: int) -> npt.NDArray[np.int64]:
    return generator.integers(0, count, count)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
