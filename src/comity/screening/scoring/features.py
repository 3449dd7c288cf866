"""What of two aligned names speaks for or against one bearer: numbers the model weighs.

Every feature is between 0 and 1 but for the counts and sums, whose ranges stand beside them.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from comity.screening.model import How
from comity.screening.names import Sort
from comity.screening.scoring.align import Alignment, Pair

Features = Mapping[str, float]

NAMES: Final = (
    "asked-answered",
    "held-answered",
    "less-answered",
    "closeness",
    "worst-answer",
    "evidence",
    "rarest-answer",
    "contradiction",
    "asked-left",
    "held-left",
    "words-answered",
    "words-fewer",
    "words-missing",
    "order",
    "whole",
    "numbers",
    "legal-forms",
    "initials",
    "by-sound",
    "letters",
    "other-script",
)
"""`asked-answered`, `held-answered`: share of the rarity of a side's words that is answered.
`less-answered`: the smaller of the two. `closeness`: mean likeness of the words that answer.
`worst-answer`: least likeness among them. `evidence`: rarity that answers, 0 to about 40.
`rarest-answer`: rarity of the rarest word that answers well, 0 to about 13.
`contradiction`: rarity left over on both sides, 0 to about 13. `asked-left`, `held-left`:
rarity of the words left, a poor answer leaving part of its word. `words-answered`: 0 to 4.
`words-fewer`: words of the shorter side, 0 to 4. `words-missing`: words left on the longer
side, 0 to 4. `order`: 1 in one order. `whole`: likeness of the whole names with their words
sorted. `numbers`: -1 another number, 0 none, 1 the same. `legal-forms`: likewise. `initials`:
share answered by a first letter alone. `by-sound`: share answered by sound, nickname or edit
alone. `letters`: Latin letters of the held words that are answered, 0 to 24. `other-script`: 1
where the names are written in two scripts."""

_MOST_WORDS: Final = 4
_MOST_LETTERS: Final = 24
_GOOD: Final = 0.85
_ANSWERS: Final = 0.4
_BY_SOUND: Final = (How.PHONETIC, How.EDIT, How.NICKNAME)


def features(found: Alignment, whole: float) -> dict[str, float]:
    """Return every feature of `NAMES`; `whole` is the likeness of the sorted names."""
    sums, words = _sums(found), [pair for pair in found.pairs if not _is_form(found, pair)]
    hows = [pair.how for pair in words]
    count = len(words) or 1
    return {
        **sums,
        "less-answered": min(sums["asked-answered"], sums["held-answered"]),
        "worst-answer": min([pair.likeness for pair in words], default=0.0),
        "rarest-answer": _rarest(found, words),
        "contradiction": min(sums["asked-left"], sums["held-left"]),
        **_counts(found, words),
        "order": _order(words),
        "whole": whole,
        "numbers": _agreement(found, Sort.NUMBER),
        "legal-forms": _agreement(found, Sort.LEGAL),
        "initials": hows.count(How.INITIAL) / count,
        "by-sound": sum([hows.count(how) for how in _BY_SOUND]) / count,
        "letters": _letters(found, words),
        "other-script": float(found.is_other_script),
    }


def _sums(found: Alignment) -> dict[str, float]:
    one = other = answered = 0.0
    asked, held = found.asked, found.held
    all_asked = sum([part.rarity for part in asked])
    all_held = sum([part.rarity for part in held])
    for pair in found.pairs:
        left = sum([asked[place].rarity for place in pair.asked])
        right = sum([held[place].rarity for place in pair.held])
        one += pair.likeness * left
        other += pair.likeness * right
        answered += left + right
    return {
        "asked-answered": one / (all_asked or 1.0),
        "held-answered": other / (all_held or 1.0),
        "closeness": (one + other) / answered if answered else 0.0,
        "evidence": (one + other) / 2,
        "asked-left": all_asked - one,
        "held-left": all_held - other,
    }


def _is_form(found: Alignment, pair: Pair) -> bool:
    return found.asked[pair.asked[0]].is_form and found.held[pair.held[0]].is_form


def _counts(found: Alignment, words: list[Pair]) -> dict[str, float]:
    asked = sum([not part.is_form for part in found.asked])
    held = sum([not part.is_form for part in found.held])
    answered = [pair for pair in words if pair.likeness >= _ANSWERS]
    left = max(
        asked - sum([len(pair.asked) for pair in answered]),
        held - sum([len(pair.held) for pair in answered]),
        0,
    )
    return {
        "words-answered": float(min(_MOST_WORDS, len(answered))),
        "words-fewer": float(min(_MOST_WORDS, asked, held)),
        "words-missing": float(min(_MOST_WORDS, left)),
    }


def _rarest(found: Alignment, words: list[Pair]) -> float:
    good = [pair.asked[0] for pair in words if pair.likeness >= _GOOD]
    return max([found.asked[place].rarity for place in good], default=0.0)


def _letters(found: Alignment, words: list[Pair]) -> float:
    held = [place for pair in words if pair.likeness >= _ANSWERS for place in pair.held]
    return float(min(_MOST_LETTERS, sum([len(found.held[place].token.text) for place in held])))


def _order(words: list[Pair]) -> float:
    if len(words) < 2:  # noqa: PLR2004 - one word stands in every order
        return 1.0
    places = [pair.held[0] for pair in sorted(words, key=_asked_place)]
    steps = list(pairwise(places))
    return sum([one < other for one, other in steps]) / len(steps)


def _asked_place(pair: Pair) -> int:
    return pair.asked[0]


def _agreement(found: Alignment, sort: Sort) -> float:
    one = {part.token.text for part in found.asked if part.token.sort is sort}
    other = {part.token.text for part in found.held if part.token.sort is sort}
    if not one or not other:
        return -0.5 if (one or other) and sort is Sort.NUMBER else 0.0
    return 1.0 if one == other else -1.0
