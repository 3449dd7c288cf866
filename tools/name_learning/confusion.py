"""Which spellings are one name: weights learned from what shares a source and what does not.

Two Latin forms of one Arabic, Russian … word are one name written in two ways. Two forms that
are nearly equal and never share a word in any script are two names.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from itertools import combinations
from math import log

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA, JaroWinkler
from tools.name_learning.corpora import CORPORA, is_held_out, pairs

from comity.screening.names.alike import features
from comity.screening.names.skeleton import skeleton

Labelled = list[tuple[str, str, float, float]]
"""Two forms, 1 for one name or 0 for two, and how much the pair weighs."""
_ROUNDS = 200
_RATE = 0.5
_DECAY = 2e-5
_RARE = 10
_MOST = 60_000
_TYPED = 3.5
"""Weight of a slip: about that of a pair met a dozen times."""
_ONE, _TWO = 0.2, 0.02
"""Least overlap of the sources of one name, and most of two."""
_SHORT = 4
_SMALL = 0.05
_COMMON = 15
"""How often both forms of a pair were met that is kept as it is."""
_SLIPS = ("lost", "swapped", "changed")
_NEAR = 0.72, 0.4
"""Least likeness by Jaro-Winkler and by edits of a pair that says anything."""
_TOLD = ("arabic", "hebrew", "cyrillic")
"""Scripts that tell names apart: kana have no `l`, and Han few sounds."""
Shares = dict[str, dict[str, Counter[str]]]
"""How often each form stands for each word, by script."""


def labelled() -> Labelled:
    """Return the pairs that are learned from, in a fixed order, as many of each kind."""
    shares = _shares()
    judged: dict[float, list[tuple[str, str, float]]] = {0.0: [], 1.0: []}
    for one, other in sorted(_candidates(shares)):
        common = _overlap(shares[one], shares[other])
        if common is None or _TWO < common < _ONE:
            continue
        weight = 1 + log(min(_total(shares[one]), _total(shares[other])))
        judged[1.0 if common >= _ONE else 0.0].append((one, other, weight))
    take = min(len(judged[0.0]), len(judged[1.0]), _MOST)
    found = [(*pair, label) for label, listed in judged.items() for pair in _some(listed, take)]
    found += [(*pair, 1.0) for pair in _some(_typed(sorted(shares)), take // 4)]
    return [(one, other, label, weight) for one, other, weight, label in found]


def exceptions(
    known: Labelled, judge: Callable[[str, str], float]
) -> list[tuple[str, str, float]]:
    """Return the pairs of common forms that the weights judge wrongly: kept as they are.

    Forms with the same consonants by sound are never told apart: passports confuse them.
    """
    return [
        (one, other, label)
        for one, other, label, weight in known
        if weight >= 1 + log(_COMMON)
        and (judge(one, other) > 0) != bool(label)
        and (label or skeleton(one) != skeleton(other))
    ]


def _shares() -> Shares:
    found: Shares = {}
    for corpus in CORPORA:
        if corpus.name in _TOLD:
            for pair in pairs(corpus):
                forms = found.setdefault(pair.latin, {})
                forms.setdefault(corpus.name, Counter())[pair.source] += pair.count
    return found


def _total(forms: Mapping[str, Counter[str]]) -> int:
    return sum(words.total() for words in forms.values())


def _overlap(
    one: Mapping[str, Counter[str]], other: Mapping[str, Counter[str]]
) -> float | None:
    """Return which share of what two forms stand for is the same, over the scripts of both."""
    common = [script for script in _TOLD if script in one and script in other]
    if not common:
        return None
    shared = 0.0
    for script in common:
        mine, theirs = one[script], other[script]
        shared += sum(
            min(count / mine.total(), theirs[word] / theirs.total())
            for word, count in mine.items()
        )
    return shared / len(common)


def _candidates(shares: Shares) -> set[tuple[str, str]]:
    """Return pairs of forms that share a word or are nearly equal."""
    blocks: defaultdict[str, list[str]] = defaultdict(list)
    for form in sorted(shares):
        for script, words in shares[form].items():
            for word in words:
                blocks[f"{script} {word}"].append(form)
        blocks[f"#{skeleton(form)}"].append(form)
        for place in range(len(form)):
            blocks[form[:place] + form[place + 1 :]].append(form)
    found: set[tuple[str, str]] = set()
    for listed in blocks.values():
        top = sorted(set(listed), key=lambda form: (-_total(shares[form]), form))[:10]
        found.update(pair for pair in combinations(sorted(top), 2) if _is_near(*pair))
    return found


def _is_near(one: str, other: str) -> bool:
    winkler, edits = _NEAR
    return (
        JaroWinkler.similarity(one, other) > winkler
        and OSA.normalized_similarity(one, other) > edits
    )


def _typed(forms: Iterable[str]) -> list[tuple[str, str, float]]:
    """Return forms beside themselves with one letter lost, swapped or changed."""
    found: list[tuple[str, str, float]] = []
    for form in forms:
        if len(form) < _SHORT:
            continue
        chance = sha256(form.encode()).digest()
        place = 1 + chance[0] % (len(form) - 1)
        slip = _SLIPS[chance[1] % len(_SLIPS)]
        wrong = form[:place] + form[place + 1 :]
        if slip == "swapped":
            wrong = form[: place - 1] + form[place] + form[place - 1] + form[place + 1 :]
        elif slip == "changed":
            wrong = form[:place] + chr(97 + chance[2] % 26) + form[place + 1 :]
        if wrong != form:
            found.append((form, wrong, _TYPED))
    return found


def _some(found: Iterable[tuple[str, str, float]], most: int) -> list[tuple[str, str, float]]:
    def order(pair: tuple[str, str, float]) -> tuple[float, bytes]:
        return -pair[2], sha256("|".join(pair[:2]).encode()).digest()

    return sorted(found, key=order)[:most]


def weights(known: Labelled) -> dict[str, float]:
    """Fit a logistic regression by descent in a fixed order."""
    described = [list(features(one, other)) for one, other, _, _ in known]
    met = Counter(name for each in described for name, _ in each)
    names = sorted(name for name, count in met.items() if count >= _RARE)
    place = {name: index for index, name in enumerate(names)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, each in enumerate(described):
        for name, value in each:
            if name in place:
                rows.append(row)
                columns.append(place[name])
                values.append(value)
    matrix = (np.array(rows), np.array(columns), np.array(values, dtype=np.float64))
    truth = np.array([label for _, _, label, _ in known], dtype=np.float64)
    shares = np.array([weight for _, _, _, weight in known], dtype=np.float64)
    fitted = _descend(matrix, truth, shares / shares.sum(), len(names))
    return {name: round(float(fitted[place[name]]), 2) for name in names}


Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def _descend(
    matrix: tuple[Places, Places, Numbers], truth: Numbers, shares: Numbers, count: int
) -> Numbers:
    rows, columns, values = matrix
    fitted, squares = np.zeros(count), np.full(count, 1e-6)
    for _ in range(_ROUNDS):
        sums = np.bincount(rows, values * fitted[columns], len(truth))
        wrong = shares * (1 / (1 + np.exp(-sums)) - truth)
        slope = np.bincount(columns, values * wrong[rows], count) + _DECAY * fitted
        squares += slope**2
        fitted -= _RATE * slope / np.sqrt(squares)
    return fitted


def parted(known: Labelled) -> tuple[Labelled, Labelled]:
    """Part pairs into those to learn from and those whose forms are held out."""
    kept: Labelled = []
    held: Labelled = []
    for each in known:
        (held if is_held_out(each[0]) or is_held_out(each[1]) else kept).append(each)
    return kept, held


def area(judge: Callable[[str, str], float], known: Labelled) -> float:
    """Return the chance that a pair of one name is judged nearer than a pair of two."""
    judged = sorted((judge(one, other), label) for one, other, label, _ in known)
    right = below = 0.0
    for _, label in judged:
        right += below * label
        below += 1 - label
    return right / max(1.0, below * (len(known) - below))


def listed(kept: list[tuple[str, str, float]], head: Mapping[str, str]) -> str:
    """Return the exceptions as the lines of their file."""
    lines = [f"# {key}: {value}" for key, value in head.items()]
    lines += [f"{one}\t{other}\t{label:.0f}" for one, other, label in sorted(kept)]
    return "\n".join(lines) + "\n"


def text(known: Mapping[str, float], head: Mapping[str, str]) -> str:
    """Return the weights as the lines of their file."""
    lines = [f"# {key}: {value}" for key, value in head.items()]
    kept = sorted(name for name, weight in known.items() if abs(weight) >= _SMALL)
    lines += [f"{name}\t{known[name]}" for name in kept]
    return "\n".join(lines) + "\n"
