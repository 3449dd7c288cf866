"""Where a person, company or ship belongs to, and where a person was born."""

from functools import cache, lru_cache
from typing import Final

from rapidfuzz.distance import JaroWinkler

from comity.screening.evidence.states import code, named, related
from comity.screening.evidence.weights import Verdict, judge
from comity.screening.names import Sort, Token, read_name

_ALIKE: Final = 0.9
_SHORTEST: Final = 4
"""Letters from which a likeness or a shared skeleton says anything."""
_LONGEST: Final = 400
_WORDS: Final = 24
_SAYS_LITTLE: Final = frozenset(
    [
        "province",
        "region",
        "district",
        "city",
        "town",
        "village",
        "governorate",
        "county",
        "state",
        "oblast",
        "rayon",
        "area",
        "near",
        "the",
        "of",
        "and",
        "republic",
        "municipality",
        "territory",
        "department",
        "prefecture",
        "kingdom",
        "federation",
    ]
)
_NONE_STATED: Final = frozenset(["zz", "", "unknown", "xx"])


def country(family: str, asked: str, held: str) -> Verdict:
    """Compare two states, by code or by English name; a successor is near, not the same."""
    one, other = code(asked), code(held)
    if one in _NONE_STATED or other in _NONE_STATED:
        return judge(family, "not-stated")
    if one == other:
        return judge(family, "exact", one)
    return judge(family, related(one, other) or "other-value")


def place(family: str, asked: str, held: str) -> Verdict:
    """Compare two places in words, whatever script or romanisation they are written in."""
    one, other = _words(asked[:_LONGEST]), _words(held[:_LONGEST])
    if not one or not other:
        return judge(family, "not-readable")
    shorter, longer = sorted(
        (one, other), key=lambda words: (len(words), [w.text for w in words])
    )
    return judge(family, _agree(shorter, longer))


def _agree(shorter: tuple[Token, ...], longer: tuple[Token, ...]) -> str:
    left, exact, near = list(longer), 0, 0
    met: list[str] = []
    for word in shorter:
        found = _nearest(word, left)
        if found is None:
            continue
        left.remove(found)
        met.append(word.text)
        exact, near = exact + (found.text == word.text), near + (found.text != word.text)
    if not met:
        return "other-value"
    if _are_of_country(tuple(met)):
        return "same-country"
    if len(met) < len(shorter):
        return "same-region"
    return "spelling" if near else "part-of-place" if left else "exact"


def _nearest(word: Token, others: list[Token]) -> Token | None:
    likeness, place_of = max(
        ((_like(word, other), -n) for n, other in enumerate(others)), default=(0.0, 0)
    )
    return others[-place_of] if likeness else None


def _like(one: Token, other: Token) -> float:
    if one.text == other.text:
        return 2.0
    if min(len(one.text), len(other.text)) < _SHORTEST or one.text.isdigit():
        return 0.0
    if one.skeleton == other.skeleton or set(one.readings) & set(other.readings):
        return 1.0
    likeness = JaroWinkler.similarity(one.text, other.text, score_cutoff=_ALIKE)
    return float(likeness)


@lru_cache(maxsize=8192)
def _words(text: str) -> tuple[Token, ...]:
    tokens = (t for t in read_name(text, "Address").tokens if t.sort is not Sort.PARTICLE)
    return tuple(t for t in tokens if t.text not in _SAYS_LITTLE)[:_WORDS]


@cache
def _are_of_country(words: tuple[str, ...]) -> bool:
    """Whether these words, in this or another order, are the name of a state and no more."""
    return bool(named(" ".join(words)) or all(named(word) for word in words))
