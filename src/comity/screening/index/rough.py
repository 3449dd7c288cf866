"""The cheap score of a held name, in plain Python; `scan` is the same, compiled."""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.screening.index import rules
from comity.screening.index.asked import Marks


@dataclass(frozen=True, slots=True)
class Sought:
    """A word asked for: its variants with their weights, and how rare they are together."""

    variants: dict[str, float]
    rarity: float


def name_score(sought: Sequence[Sought], held: Sequence[str], rarity: Sequence[float]) -> float:
    """Weigh how much of both names agrees, each word used once, best pairs first."""
    pairs = sorted(
        (
            (weight, asked, place)
            for asked, word in enumerate(sought)
            for place, text in enumerate(held)
            if (weight := word.variants.get(text, 0.0)) > 0
        ),
        key=lambda pair: (-pair[0] * sought[pair[1]].rarity, pair[1], pair[2]),
    )
    asked_left, held_left = set(range(len(sought))), set(range(len(held)))
    agreed = 0.0
    for weight, asked, place in pairs:
        if asked in asked_left and place in held_left:
            asked_left.discard(asked)
            held_left.discard(place)
            agreed += weight * sought[asked].rarity
    wanted = sum(word.rarity for word in sought)
    there = agreed + sum(rarity[place] for place in held_left)
    matched = len(sought) - len(asked_left)
    return both_ways(agreed, wanted, there) * _alone(matched, len(sought))


def both_ways(agreed: float, wanted: float, there: float) -> float:
    """Halve what agrees of the asked name and of the held one: the lower and the higher."""
    return (agreed / wanted + agreed / max(there, agreed)) / 2 if agreed > 0 else 0.0


def marks_score(asked: Marks, held: Marks) -> float:
    """Weigh year, day, sex and country; unknown is neutral."""
    score = 0.0
    if asked.year and held.year:
        apart = abs(asked.year - held.year)
        score += {0: rules.SAME_YEAR, 1: rules.NEXT_YEAR}.get(apart, rules.OTHER_YEAR)
        if not apart and asked.day and asked.day == held.day:
            score += rules.SAME_DAY
    if asked.sex and held.sex and asked.sex != held.sex:
        score += rules.OTHER_SEX
    if asked.country and asked.country == held.country:
        score += rules.SAME_COUNTRY
    return score


def _alone(matched: int, asked: int) -> float:
    return rules.SMALL_LONE_MATCH if matched == 1 and asked > 1 else 1.0
