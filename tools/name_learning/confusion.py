"""Which spellings are one name: weights learned from what shares a source and what does not.

Two Latin forms of one Arabic, Russian … word are one name written in two ways. Two forms that
are nearly equal and never share a word in any script are two names.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from itertools import combinations

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA, JaroWinkler
from tools.name_learning.corpora import CORPORA, is_held_out, pairs

from comity.screening.names.alike import features
from comity.screening.names.skeleton import skeleton

Labelled = list[tuple[str, str, float]]
"""Two forms, and 1 for one name or 0 for two."""
_ROUNDS = 150
_RATE = 0.5
_DECAY = 2e-5
_RARE = 12
_MOST = 45_000
_ONCE = 2
_SMALL = 0.05
_SHORT = 4
_SLIPS = ("lost", "swapped", "changed")
_NEAR = 0.72, 0.4
"""Least likeness by Jaro-Winkler and by edits of a pair that says anything."""


def labelled() -> Labelled:
    """Return the pairs that are learned from, in a fixed order, as many of each kind."""
    groups, sources = _groups()
    same = _same(groups)
    other = _other(sources, same)
    typed = _typed(sorted(sources))
    take = min(len(same), len(other), _MOST)
    found = [(*pair, 1.0) for pair in _some(same, take)]
    found += [(*pair, 0.0) for pair in _some(other, take)]
    return found + [(*pair, 1.0) for pair in _some(typed, take // 6)]


def _is_near(one: str, other: str) -> bool:
    winkler, edits = _NEAR
    return (
        JaroWinkler.similarity(one, other) > winkler
        and OSA.normalized_similarity(one, other) > edits
    )


Groups = dict[tuple[str, str], Counter[str]]


def _groups() -> tuple[Groups, dict[str, set[tuple[str, str]]]]:
    """Return the Latin forms of each word, and the words of each form met twice or more."""
    groups: Groups = {}
    for corpus in CORPORA:
        if corpus.name in {"han", "kanji", "hangul"}:
            continue
        for pair in pairs(corpus):
            groups.setdefault((corpus.name, pair.source), Counter())[pair.latin] += pair.count
    totals: Counter[str] = Counter()
    sources: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for key, forms in groups.items():
        for form, count in forms.items():
            totals[form] += count
            sources[form].add(key)
    return groups, {form: keys for form, keys in sources.items() if totals[form] > _ONCE}


def _same(groups: Groups) -> set[tuple[str, str]]:
    """Return forms of one word; kana, which hold no `l` and few consonants, do not count."""
    found: set[tuple[str, str]] = set()
    for (script, _), forms in groups.items():
        if script == "kana":
            continue
        top = [form for form, count in forms.most_common(8) if count > 0.02 * forms.total()]
        for one, other in combinations(sorted(top), 2):
            if _is_near(one, other):
                found.add((one, other))
    return found


def _other(
    sources: Mapping[str, set[tuple[str, str]]], same: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Return forms near to each other that meet in a script and share no word in any."""
    blocks: defaultdict[str, list[str]] = defaultdict(list)
    for form in sorted(sources):
        blocks[skeleton(form) + "#"].append(form)
        for place in range(len(form)):
            blocks[form[:place] + form[place + 1 :]].append(form)
    found: set[tuple[str, str]] = set()
    for listed in blocks.values():
        for one, other in combinations(listed[:12], 2):
            if (one, other) in same or one == other or sources[one] & sources[other]:
                continue
            scripts = {script for script, _ in sources[one]} & {s for s, _ in sources[other]}
            if scripts and _is_near(one, other):
                found.add((one, other))
    return found


def _typed(forms: Iterable[str]) -> set[tuple[str, str]]:
    """Return forms beside themselves with one letter lost, swapped or changed."""
    found: set[tuple[str, str]] = set()
    for form in forms:
        if len(form) < _SHORT:
            continue
        chance = sha256(form.encode()).digest()
        place = 1 + chance[0] % (len(form) - 1)
        kind = chance[1] % len(_SLIPS)
        wrong = form[:place] + form[place + 1 :]
        if _SLIPS[kind] == "swapped":
            wrong = form[: place - 1] + form[place] + form[place - 1] + form[place + 1 :]
        elif _SLIPS[kind] == "changed":
            wrong = form[:place] + chr(97 + chance[2] % 26) + form[place + 1 :]
        if wrong != form:
            found.add((form, wrong) if form < wrong else (wrong, form))
    return found


def _some(found: Iterable[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    def order(pair: tuple[str, str]) -> bytes:
        return sha256("|".join(pair).encode()).digest()

    return sorted(found, key=order)[:most]


def weights(known: Labelled) -> dict[str, float]:
    """Fit a logistic regression by descent in a fixed order."""
    described = [list(features(one, other)) for one, other, _ in known]
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
    truth = np.array([label for _, _, label in known], dtype=np.float64)
    fitted = _descend(matrix, truth, len(names))
    return {name: round(float(fitted[place[name]]), 2) for name in names}


Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def _descend(matrix: tuple[Places, Places, Numbers], truth: Numbers, count: int) -> Numbers:
    rows, columns, values = matrix
    fitted, squares = np.zeros(count), np.full(count, 1e-6)
    for _ in range(_ROUNDS):
        sums = np.bincount(rows, values * fitted[columns], len(truth))
        wrong = 1 / (1 + np.exp(-sums)) - truth
        slope = np.bincount(columns, values * wrong[rows], count) / len(truth) + _DECAY * fitted
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
    judged = sorted((judge(one, other), label) for one, other, label in known)
    right = below = 0.0
    for _, label in judged:
        right += below * label
        below += 1 - label
    return right / max(1.0, below * (len(known) - below))


def text(known: Mapping[str, float], head: Mapping[str, str]) -> str:
    """Return the weights as the lines of their file."""
    lines = [f"# {key}: {value}" for key, value in head.items()]
    kept = sorted(name for name, weight in known.items() if abs(weight) >= _SMALL)
    lines += [f"{name}\t{known[name]}" for name in kept]
    return "\n".join(lines) + "\n"
