"""What of two aligned names speaks for or against one bearer: numbers the model weighs.

Every feature is between 0 and 1 but for the counts and sums, whose ranges stand beside them.
"""

from collections.abc import Mapping
from typing import Final

from comity.screening.model import How
from comity.screening.names import Sort
from comity.screening.scoring.align import Alignment, Pair, Part

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
)
"""`asked-answered`, `held-answered`: share of the rarity of a side's words that is answered.
`less-answered`: the smaller of the two. `closeness`: mean likeness of the words that answer.
`worst-answer`: least likeness among them. `evidence`: rarity that answers, 0 to about 40.
`rarest-answer`: rarity of the rarest word that answers well, 0 to about 13.
`contradiction`: rarity left over on both sides, 0 to about 13. `asked-left`, `held-left`: rarity
of the words left. `words-answered`: 0 to 4. `words-fewer`: words of the shorter side, 0 to 4.
`words-missing`: words left on the longer side, 0 to 4. `order`: 1 where they stand in one order.
`whole`: likeness of the whole names with their words sorted. `numbers`: -1 another number, 0
none, 1 the same. `legal-forms`: likewise. `initials`: share answered by a first letter alone.
`by-sound`: share answered by sound, nickname or edit alone."""

_MOST_WORDS: Final = 4
_GOOD: Final = 0.85
_BY_SOUND = frozenset({How.PHONETIC, How.EDIT, How.NICKNAME})


def features(found: Alignment, whole: float) -> dict[str, float]:
    """Return every feature of `NAMES`; `whole` is the likeness of the sorted names."""
    asked, held, pairs = found.asked, found.held, found.pairs
    sums = _Sums(found)
    words = [pair for pair in pairs if not _is_form(asked, pair)]
    left = _words(asked, found.asked_only()), _words(held, found.held_only())
    count = min(_words(asked, range(len(asked))), _words(held, range(len(held))))
    return {
        "asked-answered": sums.asked,
        "held-answered": sums.held,
        "less-answered": min(sums.asked, sums.held),
        "closeness": sums.closeness,
        "worst-answer": min((pair.likeness for pair in words), default=0.0),
        "evidence": sums.evidence,
        "rarest-answer": max(
            (_rarity(found, pair) for pair in words if pair.likeness >= _GOOD), default=0.0
        ),
        "contradiction": min(sums.asked_left, sums.held_left),
        "asked-left": sums.asked_left,
        "held-left": sums.held_left,
        "words-answered": float(min(_MOST_WORDS, len(words))),
        "words-fewer": float(min(_MOST_WORDS, count)),
        "words-missing": float(min(_MOST_WORDS, max(left))),
        "order": _order(words),
        "whole": whole,
        "numbers": _agreement(found, Sort.NUMBER),
        "legal-forms": _agreement(found, Sort.LEGAL),
        "initials": _share(words, frozenset({How.INITIAL})),
        "by-sound": _share(words, _BY_SOUND),
    }


class _Sums:
    """The rarities of an alignment, summed."""

    __slots__ = ("asked", "asked_left", "closeness", "evidence", "held", "held_left")

    def __init__(self, found: Alignment) -> None:
        asked = sum(part.rarity for part in found.asked) or 1.0
        held = sum(part.rarity for part in found.held) or 1.0
        one = other = weighed = answered = 0.0
        for pair in found.pairs:
            left = sum(found.asked[place].rarity for place in pair.asked)
            right = sum(found.held[place].rarity for place in pair.held)
            one += pair.likeness * left
            other += pair.likeness * right
            weighed += pair.likeness * (left + right)
            answered += left + right
        self.asked = one / asked
        self.held = other / held
        self.closeness = weighed / answered if answered else 0.0
        self.evidence = weighed / 2
        self.asked_left = sum(found.asked[place].rarity for place in found.asked_only())
        self.held_left = sum(found.held[place].rarity for place in found.held_only())


_FORMS = frozenset({Sort.LEGAL, Sort.PARTICLE, Sort.TITLE})


def _is_form(asked: tuple[Part, ...], pair: Pair) -> bool:
    return all(asked[place].token.sort in _FORMS for place in pair.asked)


def _words(parts: tuple[Part, ...], places: "range | tuple[int, ...]") -> int:
    return sum(parts[place].token.sort not in _FORMS for place in places)


def _rarity(found: Alignment, pair: Pair) -> float:
    return max(found.asked[place].rarity for place in pair.asked)


def _order(words: list[Pair]) -> float:
    if len(words) < 2:  # noqa: PLR2004 - one word stands in every order
        return 1.0
    places = [pair.held[0] for pair in sorted(words, key=lambda pair: pair.asked[0])]
    steps = list(zip(places, places[1:], strict=False))
    return sum(one < other for one, other in steps) / len(steps)


def _share(words: list[Pair], hows: frozenset[How]) -> float:
    return sum(pair.how in hows for pair in words) / len(words) if words else 0.0


def _agreement(found: Alignment, sort: Sort) -> float:
    one = {part.token.text for part in found.asked if part.token.sort is sort}
    other = {part.token.text for part in found.held if part.token.sort is sort}
    if not one or not other:
        return -0.5 if (one or other) and sort is Sort.NUMBER else 0.0
    return 1.0 if one == other else -1.0
