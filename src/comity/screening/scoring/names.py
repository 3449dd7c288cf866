"""Weigh the names of what is asked against the names of what is held.

The best pair of names counts, within limits: a weak alias counts less, and an alias in another
script does not carry what the name in the asked script contradicts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Final

from rapidfuzz import fuzz

from comity.screening.model import Evidence, How, Outcome, Profile, Query, TokenMatch
from comity.screening.names import Name, Sort, read_name
from comity.screening.scoring.align import Alignment, Pair, align
from comity.screening.scoring.features import features
from comity.screening.scoring.weights import calibration

NOTHING: Final = -8.0
"""The least a name weighs: even names without a letter in common may be one person's."""
GENERIC: Final = -3.0
"""Weight where one side says only what sort of thing it is: `Trading Company`."""
WEAK_ALIAS: Final = 1.0
"""What a weak alias loses: lists call it useful for recall only (OFAC, on weak aliases)."""
CONTRADICTED: Final = 1.5
"""The most an alias in another script weighs above the best name in the asked script."""
_PAIRS: Final = 4
"""Pairs of names that are aligned whole, after the nearest are chosen by their letters."""
_NAMES: Final = 200
"""Names of one side that are read; more is bounded, the first ones first."""
_ORDER: Final = ("name", "alias", "previousName", "weakAlias")


@dataclass(frozen=True, slots=True)
class Weighed:
    """Two names, how they lie beside each other, and what that weighs."""

    asked: Name
    held: Name
    alignment: Alignment
    weight: float
    is_weak: bool


@dataclass(frozen=True, slots=True)
class Best:
    """What the names weigh together, and the pair that weighs most, if any can be read."""

    weight: float
    pair: Weighed | None
    unweighed: Evidence | None = None
    """The evidence, where there is no pair to weigh."""


def weigh_names(query: Query, profile: Profile) -> Best:
    """Weigh the names; the weight lies between `NOTHING` and about 12."""
    nearest = nearest_names(query, profile)
    if not nearest:
        held = profile.names[0] if profile.names else ""
        return Best(0.0, None, _evidence(query.names[0], held, "unreadable"))
    if all(_is_generic(one, other) for one, (other, _) in nearest):
        (first, (beside, _)) = nearest[0]
        said = _evidence(first.source, beside.source, "too-common")
        return Best(GENERIC, None, replace(said, weight=GENERIC))
    sort = sort_of_names(query, profile)
    weighed = [
        weigh_pair(one, other, sort=sort, is_weak=weak) for one, (other, weak) in nearest
    ]
    best = max(weighed, key=lambda each: (each.weight, not each.is_weak))
    return Best(_limited(best, weighed), best)


def explain(best: Best) -> Evidence:
    """Say word by word what the best pair of names weighs."""
    if best.pair is None:
        return best.unweighed or _evidence("", "", "unreadable")
    return _explained(best.pair, best.weight)


def weigh_pair(asked: Name, held: Name, *, sort: str, is_weak: bool) -> Weighed:
    """Weigh one asked name beside one held name."""
    found = align(asked, held)
    model = calibration().models[sort]
    weight = max(NOTHING, model.weigh(features(found, whole(asked, held))))
    discount = WEAK_ALIAS if is_weak and weight > 0 else 0.0
    return Weighed(asked, held, found, weight - discount, is_weak)


_SAYS_WHICH = frozenset({Sort.NAME, Sort.NUMBER, Sort.INITIAL})


def _is_generic(asked: Name, held: Name) -> bool:
    """Whether one side has only words of kind, and the other has others."""
    return (_says_kind(asked) or _says_kind(held)) and sorted_text(asked) != sorted_text(held)


@lru_cache(maxsize=100_000)
def _says_kind(name: Name) -> bool:
    return all(token.sort not in _SAYS_WHICH for token in name.tokens)


def whole(asked: Name, held: Name) -> float:
    """Return the likeness, 0 to 1, of two names with their words sorted."""
    return fuzz.ratio(sorted_text(asked), sorted_text(held)) / 100


def sort_of_names(query: Query, profile: Profile) -> str:
    """Return whose names are compared: `person`, or `other`."""
    return "person" if "Person" in {query.schema, profile.schema} else "other"


def _held(profile: Profile) -> Iterator[tuple[Name, bool]]:
    seen: set[str] = set()
    for prop in _ORDER:
        for name in profile.properties.get(prop, ()):
            if name not in seen and len(seen) < _NAMES:
                seen.add(name)
                yield read_name(name, profile.schema), prop == "weakAlias"


_Held = tuple[Name, bool]


def nearest_names(query: Query, profile: Profile) -> list[tuple[Name, _Held]]:
    """Return the pairs of readable names to weigh, the held one with whether it is weak."""
    read = [read_name(name, query.schema) for name in query.names[:_NAMES]]
    asked = [name for name in read if name.tokens]
    held = [(name, weak) for name, weak in _held(profile) if name.tokens]
    if len(asked) * len(held) <= _PAIRS:
        return [(one, other) for one in asked for other in held]
    near = _by_letters(asked, held)
    chosen = [(asked[place], held[other]) for _, place, other in near[:_PAIRS]]
    if any(one.script == other.script for one, (other, _) in chosen):
        return chosen
    # What the names in the asked script say must be heard as well.
    same = ((asked[p], held[o]) for _, p, o in near if asked[p].script == held[o][0].script)
    return chosen + list(islice(same, 1))


def _by_letters(asked: Sequence[Name], held: Sequence[_Held]) -> list[tuple[float, int, int]]:
    """Return likeness and places of every pair of names, the nearest by their words first."""
    texts = [sorted_text(name) for name, _ in held]
    near = [
        (likeness, place, other)
        for place, one in enumerate(asked)
        for other, likeness in enumerate(_likenesses(sorted_text(one), texts))
    ]
    near.sort(key=lambda found: (-found[0], found[1], found[2]))
    return near


def _likenesses(text: str, texts: Sequence[str]) -> list[float]:
    return [fuzz.token_set_ratio(text, each) + fuzz.ratio(text, each) for each in texts]


@lru_cache(maxsize=100_000)
def sorted_text(name: Name) -> str:
    """Return the words of a name in the order of the alphabet, in one text."""
    return " ".join(sorted(token.text for token in name.tokens))


def _limited(best: Weighed, weighed: Sequence[Weighed]) -> float:
    """Hold an alias in another script to what the names in the asked script say."""
    if not best.alignment.is_other_script:
        return best.weight
    same = [each.weight for each in weighed if not each.alignment.is_other_script]
    return min(best.weight, max(same) + CONTRADICTED) if same else best.weight


def _evidence(asked: str, held: str, how: str) -> Evidence:
    return Evidence(
        prop="name",
        asked=asked,
        held=held,
        outcome=Outcome.NOT_COMPARABLE,
        how=how,
        weight=0.0,
    )


_LOOSEST: Final = (
    How.ACRONYM,
    How.INITIAL,
    How.NICKNAME,
    How.EDIT,
    How.PHONETIC,
    How.TRANSLITERATION,
    How.JOINED,
)


def _explained(best: Weighed, weight: float) -> Evidence:
    found = best.alignment
    hows = {pair.how for pair in found.pairs}
    is_whole = not found.asked_only and not found.held_only
    how = next((each.value for each in _LOOSEST if each in hows), "exact")
    if how == "exact" and is_whole and not _in_order(found.pairs):
        how = "word-order"
    outcome = Outcome.DIFFERS if weight < 0 else Outcome.SIMILAR
    if is_whole and how in {"exact", "word-order", "joined"}:
        outcome = Outcome.SAME
    if how == "exact" and not is_whole:
        how = "part-of-name" if found.pairs else "other-name"
    return Evidence(
        prop="name",
        asked=best.asked.source,
        held=best.held.source,
        outcome=outcome,
        how=how,
        weight=round(weight, 4),
        tokens=_tokens(found, weight),
    )


def _in_order(pairs: Sequence[Pair]) -> bool:
    places = [pair.held for pair in sorted(pairs, key=lambda pair: pair.asked)]
    return places == sorted(places)


def _tokens(found: Alignment, weight: float) -> tuple[TokenMatch, ...]:
    """Share the weight out by rarity: what is answered pulls up, what is left pulls down."""
    raw = [_match(found, pair) for pair in sorted(found.pairs, key=lambda pair: pair.asked)]
    raw += [_alone(found, place, is_asked=True) for place in found.asked_only]
    raw += [_alone(found, place, is_asked=False) for place in found.held_only]
    pulls = [match.weight for match in raw]
    scale = sum(abs(pull) for pull in pulls) or 1.0
    rest = (weight - sum(pulls)) / scale
    return tuple(
        TokenMatch(
            asked=match.asked,
            held=match.held,
            how=match.how,
            rarity=round(match.rarity, 2),
            weight=round(match.weight + abs(match.weight) * rest, 4),
        )
        for match in raw
    )


def _match(found: Alignment, pair: Pair) -> TokenMatch:
    rarity = max(found.asked[place].rarity for place in pair.asked)
    return TokenMatch(
        asked=" ".join(found.asked[place].token.source for place in pair.asked),
        held=" ".join(found.held[place].token.source for place in pair.held),
        how=pair.how,
        rarity=rarity,
        weight=rarity * pair.likeness / 2,
    )


def _alone(found: Alignment, place: int, *, is_asked: bool) -> TokenMatch:
    part = (found.asked if is_asked else found.held)[place]
    source = part.token.source
    return TokenMatch(
        asked=source if is_asked else "",
        held="" if is_asked else source,
        how=How.ASKED_ONLY if is_asked else How.HELD_ONLY,
        rarity=part.rarity,
        weight=-part.rarity / 2,
    )
