"""Fit what screening weighs: curves of names, shares of other evidence, and the intercept.

    python -m tools.fit_scoring [--write]

Fitted on the `fit` split of `bench/quality` only, by logistic regression over straight pieces,
with curves that may only rise or fall where the meaning leaves no doubt. Nothing is drawn by
chance: the same data give the same file.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bench.quality.pairs import Pair, load

from comity.screening.evidence import weigh
from comity.screening.scoring import sort_of
from comity.screening.scoring.align import align
from comity.screening.scoring.features import features
from comity.screening.scoring.names import (
    WEAK_ALIAS,
    nearest_names,
    sort_of_names,
    whole,
)

Floats = npt.NDArray[np.float64]

OUT = Path(__file__).parents[1] / "src/comity/screening/scoring/data/calibration.json"
VERSION = "2026-11-27"
KNOTS: Mapping[str, tuple[float, ...]] = {
    "asked-answered": (0, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 1),
    "held-answered": (0, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 1),
    "less-answered": (0, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 1),
    "closeness": (0.1, 0.3, 0.5, 0.65, 0.8, 0.9, 0.96, 1),
    "worst-answer": (0, 0.1, 0.25, 0.4, 0.6, 0.8, 0.93, 1),
    "evidence": (0, 4, 8, 12, 16, 20, 28),
    "rarest-answer": (0, 4, 6, 8, 10, 12),
    "contradiction": (0, 1, 2.5, 4.5, 7, 10),
    "asked-left": (0, 2, 5, 8, 12),
    "held-left": (0, 2, 5, 8, 12, 20),
    "words-answered": (0, 1, 2, 3, 4),
    "words-fewer": (0, 1, 2, 3, 4),
    "words-missing": (0, 1, 2, 3, 4),
    "order": (0, 0.5, 1),
    "whole": (0.3, 0.5, 0.65, 0.75, 0.85, 0.93, 1),
    "numbers": (-1, -0.5, 0, 1),
    "legal-forms": (-1, 0, 1),
    "initials": (0, 0.34, 0.67),
    "by-sound": (0, 0.34, 0.67, 1),
    "letters": (2, 5, 8, 11, 14, 18, 24),
    "other-script": (0, 1),
}
FALLS = frozenset(
    ("contradiction", "asked-left", "held-left", "words-missing", "initials", "by-sound")
)
FREE = frozenset(("words-fewer", "other-script"))
"""Every other curve may only rise."""
DESIGNED = frozenset(
    ("taken-for", "near-word", "given-other", "vowel-other", "initial-other", "respelt-other")
)
NEAR_BY_DESIGN = 0.35
"""What a pair counts that was made to be taken for another: few of them meet in the world."""
SMOOTHNESS = 1.0
ROUNDS = 3
STEPS = 60
STEEPNESS = 1.5
SORTS = tuple(
    f"{sort}{way}"
    for sort in ("date", "place", "sex", "identifier", "schema")
    for way in ("", "-against")
)
LEAST, MOST = 0.5, 1.7
"""Between what a share may lie: no sort of evidence is silenced, none counts threefold."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model of names."""

    base: float
    curves: Mapping[str, Sequence[float]]

    def weigh(self, columns: Mapping[str, Floats]) -> Floats:
        """Return the weights of many names at once."""
        parts = [np.interp(columns[name], KNOTS[name], at) for name, at in self.curves.items()]
        return np.asarray(self.base + np.sum(parts, axis=0))


@dataclass(frozen=True, slots=True)
class Rows:
    """Every pair of names of every labelled pair, as columns, and to whom each belongs."""

    owner: npt.NDArray[np.int64]
    model: Sequence[str]
    weak: Floats
    columns: Mapping[str, Floats]


def main(arguments: Sequence[str]) -> int:
    """Fit, say how well, and write where asked to."""
    pairs = load("fit")
    labels = np.asarray([float(pair.is_match) for pair in pairs])
    rows = rows_of(pairs)
    bare = np.asarray([pair.is_names_only for pair in pairs])
    counts = np.asarray([NEAR_BY_DESIGN if pair.kind in DESIGNED else 1.0 for pair in pairs])
    models, weights = fit_names(rows, labels, bare * counts)
    tempers = fit_tempers(pairs, weights, labels)
    true = float(np.average(labels, weights=bare * counts))
    prevalence = float(np.log(true / (1 - true)))
    made = document(models, tempers, prevalence)
    print(f"{len(pairs)} pairs, {labels.mean():.3f} true; tempers {tempers}")
    if "--write" in arguments:
        OUT.write_text(json.dumps(made, indent=1) + "\n")
    return 0


def rows_of(pairs: Sequence[Pair]) -> Rows:
    """Lay every pair of names of every labelled pair side by side."""
    owner: list[int] = []
    names: list[str] = []
    weak: list[float] = []
    found: list[dict[str, float]] = []
    for place, pair in enumerate(pairs):
        query, profile = pair.asked(), pair.held()
        sort = sort_of_names(query, profile)
        for asked, (held, is_weak) in nearest_names(query, profile):
            laid = align(asked, held)
            owner.append(place)
            names.append(sort)
            weak.append(WEAK_ALIAS * is_weak)
            found.append(features(laid, whole(asked, held)))
    columns = {name: np.asarray([each[name] for each in found]) for name in KNOTS}
    return Rows(np.asarray(owner), names, np.asarray(weak), columns)


def fit_names(rows: Rows, labels: Floats, counts: Floats) -> tuple[dict[str, Fitted], Floats]:
    """Fit each model on the pair of names that weighs most, chosen anew each round.

    Only pairs of which nothing but names is known teach it: the others hold namesakes that
    only their facts tell apart.
    """
    kinds = np.asarray(rows.model)
    weights = rows.columns["less-answered"] + rows.columns["closeness"]
    models: dict[str, Fitted] = {}
    for _ in range(ROUNDS):
        chosen = best_of(rows.owner, weights - rows.weak * 0.1)
        for kind in sorted(set(rows.model)):
            here = chosen[(kinds[chosen] == kind) & (counts[rows.owner[chosen]] > 0)]
            columns = {name: values[here] for name, values in rows.columns.items()}
            owner = rows.owner[here]
            models[kind] = fit_curves(columns, labels[owner], counts[owner])
        weights = np.empty(len(kinds))
        for kind, model in models.items():
            here = np.flatnonzero(kinds == kind)
            weights[here] = model.weigh({k: v[here] for k, v in rows.columns.items()})
        weights = weights - rows.weak * (weights > 0)
    chosen = best_of(rows.owner, weights)
    best = np.full(len(labels), -8.0)
    best[rows.owner[chosen]] = np.maximum(-8.0, weights[chosen])
    return models, best


def best_of(owner: npt.NDArray[np.int64], weights: Floats) -> npt.NDArray[np.int64]:
    """Return for each owner the row that weighs most; the first of equals."""
    order = np.lexsort((np.arange(len(owner)), -weights, owner))
    first = np.unique(owner[order], return_index=True)[1]
    return order[first]


def fit_curves(columns: Mapping[str, Floats], labels: Floats, counts: Floats) -> Fitted:
    """Fit the curves of one model; the loss is the mean logistic loss."""
    pieces = [_pieces(name, columns[name]) for name in KNOTS]
    signs = np.concatenate(
        [np.full(each.shape[1], _sign(n)) for n, each in zip(KNOTS, pieces, strict=True)]
    )
    full = np.column_stack([*pieces, np.ones(len(labels))])
    *slopes, base = descend(full, labels, np.append(signs, 0.0), counts=counts)
    curves: dict[str, Sequence[float]] = {}
    place = 0
    for name in KNOTS:
        size = len(KNOTS[name]) - 1
        rises = np.concatenate([[0.0], np.cumsum(slopes[place : place + size])])
        curves[name] = [float(each) for each in rises]
        place += size
    return Fitted(float(base), curves)


def _sign(name: str) -> float:
    return -1.0 if name in FALLS else 0.0 if name in FREE else 1.0


def _pieces(name: str, values: Floats) -> Floats:
    """Return how far into each piece of a curve each value reaches, 0 to 1."""
    knots = np.asarray(KNOTS[name], dtype=float)
    low, high = knots[:-1], knots[1:]
    return np.asarray(np.clip((values[:, None] - low) / (high - low), 0.0, 1.0))


def descend(
    full: Floats,
    labels: Floats,
    signs: Floats,
    *,
    offset: Floats | float = 0.0,
    counts: Floats | float = 1.0,
) -> Floats:
    """Minimise the logistic loss by Newton steps on the slopes that may move.

    Slopes with a sign stay on its side: those at 0 that would cross are held there for a step.
    """
    penalty = np.full(full.shape[1], SMOOTHNESS)
    slopes = np.zeros(full.shape[1])
    offset = np.zeros(len(labels)) + offset
    counts = np.zeros(len(labels)) + counts
    for _ in range(STEPS):
        share = _share(offset + full @ slopes)
        gradient = full.T @ (counts * (share - labels)) + penalty * slopes
        curved = (full * (counts * share * (1 - share))[:, None]).T @ full + np.diag(penalty)
        free = ~((slopes == 0) & (signs * gradient > 0))
        move = np.zeros(len(slopes))
        move[free] = -np.linalg.solve(curved[np.ix_(free, free)], gradient[free])
        fresh = _lower(_Loss(full, labels, penalty, offset, counts), signs, slopes, move)
        is_done = float(np.abs(fresh - slopes).max()) < 1e-5  # noqa: PLR2004 - nothing moves
        slopes = fresh
        if is_done:
            break
    return slopes


@dataclass(frozen=True, slots=True)
class _Loss:
    """The summed logistic loss of slopes, with its penalty."""

    full: Floats
    labels: Floats
    penalty: Floats
    offset: Floats
    counts: Floats

    def __call__(self, slopes: Floats) -> float:
        logits = self.offset + self.full @ slopes
        loss = np.sum(self.counts * (np.logaddexp(0, logits) - self.labels * logits))
        return float(loss + 0.5 * self.penalty @ slopes**2)


def _lower(loss: _Loss, signs: Floats, slopes: Floats, move: Floats) -> Floats:
    """Go along a step as far as the loss falls."""
    before, length = loss(slopes), 1.0
    while length > 1e-6:  # noqa: PLR2004 - no shorter step is worth taking
        fresh = slopes + length * move
        fresh = np.where(signs * fresh < 0, 0.0, fresh)
        if loss(fresh) < before:
            return fresh
        length /= 2
    return slopes


def _share(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))))


def fit_tempers(pairs: Sequence[Pair], names: Floats, labels: Floats) -> dict[str, float]:
    """Fit what share of each sort of other evidence counts, beside the names as they stand."""
    gate = _share(STEEPNESS * names)
    columns = np.zeros((len(pairs), len(SORTS)))
    for place, pair in enumerate(pairs):
        for each in weigh(pair.asked(), pair.held()):
            sort = sort_of(each)
            counts = each.weight < 0 or sort == "identifier"
            columns[place, SORTS.index(sort)] += each.weight * (1.0 if counts else gate[place])
    slopes = descend(columns, labels, np.ones(len(SORTS)), offset=names)
    return {
        sort: round(float(min(MOST, max(LEAST, share))), 3)
        for sort, share in zip(SORTS, slopes, strict=True)
    }


def document(
    models: Mapping[str, Fitted], tempers: Mapping[str, float], prevalence: float
) -> dict[str, object]:
    """Return the file: weights are log-likelihood ratios, so the prevalence is taken out."""
    return {
        "about": "Weights in natural units; see docs/explanation/screening-quality.md.",
        "source": (
            "split `fit` of bench/quality: OFAC and UN lists (public), Wikidata names (CC0),"
            " synthetic people (MIT)"
        ),
        "made_by": "tools/fit_scoring.py",
        "version": VERSION,
        "intercept": round(prevalence, 4),
        "tempers": dict(tempers),
        "models": {
            name: {
                "base": round(model.base - prevalence, 4),
                "curves": {
                    feature: {"at": list(KNOTS[feature]), "weights": [round(v, 4) for v in at]}
                    for feature, at in model.curves.items()
                },
            }
            for name, model in sorted(models.items())
        },
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
