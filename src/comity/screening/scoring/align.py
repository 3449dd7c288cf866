"""Lay two names side by side: which word answers which, how well, and what is left over.

Each word is used once. Likelier pairs of rarer words are settled first, so that a shared
`mohammed` never takes the place that a shared family name should have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from comity.screening.model import How
from comity.screening.names import Name, Sort, Token, matches, near, rarity

LEAST: Final = 0.1
"""Least likeness for two words to answer each other."""
_SORTED_RARITY: Final = {
    Sort.INITIAL: 1.5,
    Sort.PARTICLE: 0.4,
    Sort.TITLE: 0.3,
    Sort.LEGAL: 0.8,
    Sort.NUMBER: 4.0,
}
_FORMS: Final = frozenset({Sort.LEGAL, Sort.PARTICLE, Sort.TITLE})
_JOINABLE = frozenset({Sort.NAME, Sort.PARTICLE, Sort.GENERIC, Sort.LEGAL})
_GENERIC_MOST: Final = 2.5
_MOST_TOKENS: Final = 16
"""Words of a name that are aligned; a longer name is a list of names, not a name."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Words that answer each other; several on one side where they are written as one."""

    asked: tuple[int, ...]
    held: tuple[int, ...]
    likeness: float
    """Between `LEAST` and 1."""
    how: How


@dataclass(frozen=True, slots=True)
class Part:
    """One word with what it is worth: ln(N / count) + 1, less for what distinguishes few."""

    token: Token
    rarity: float
    is_form: bool
    """Whether it says little of whose name this is: a particle, title or legal form."""
    may_join: bool
    """Whether it may be written as one with its neighbour."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two names side by side."""

    asked: tuple[Part, ...]
    held: tuple[Part, ...]
    pairs: tuple[Pair, ...]
    is_other_script: bool
    asked_only: tuple[int, ...]
    """Places of asked words that nothing answers."""
    held_only: tuple[int, ...]


def align(asked: Name, held: Name) -> Alignment:
    """Align two names read by `read_name`; either may be without words."""
    one, other = parts_of(asked), parts_of(held)
    pairs = _acronym(asked, held, one, other) or _settled(one, other)
    return Alignment(
        asked=one,
        held=other,
        pairs=pairs,
        is_other_script=_group(asked.script) != _group(held.script),
        asked_only=_left(len(one), [place for pair in pairs for place in pair.asked]),
        held_only=_left(len(other), [place for pair in pairs for place in pair.held]),
    )


@lru_cache(maxsize=200_000)
def parts_of(name: Name) -> tuple[Part, ...]:
    """Return the words that are aligned; titles go where other words remain."""
    kept = [token for token in name.tokens if token.sort is not Sort.TITLE] or name.tokens
    return tuple(
        Part(token, _worth(token), token.sort in _FORMS, token.sort in _JOINABLE)
        for token in kept[:_MOST_TOKENS]
    )


def _worth(token: Token) -> float:
    if token.sort is Sort.GENERIC:
        return min(_GENERIC_MOST, rarity(token.text))
    fixed = _SORTED_RARITY.get(token.sort)
    return rarity(token.text) if fixed is None else fixed


def _group(script: str) -> str:
    """Scripts of one writing system: Japanese is written in three."""
    return "han" if script in {"hiragana", "katakana"} else script


def _left(size: int, used: Sequence[int]) -> tuple[int, ...]:
    return tuple(place for place in range(size) if place not in used)


def _settled(one: Sequence[Part], other: Sequence[Part]) -> tuple[Pair, ...]:
    possible = _single(one, other)
    possible += _joined(one, other, is_turned=False)
    possible += _joined(other, one, is_turned=True)
    possible.sort(key=lambda scored: -scored[0])
    used_asked: set[int] = set()
    used_held: set[int] = set()
    settled: list[Pair] = []
    for _, pair in possible:
        if used_asked.isdisjoint(pair.asked) and used_held.isdisjoint(pair.held):
            used_asked.update(pair.asked)
            used_held.update(pair.held)
            settled.append(pair)
    return tuple(settled)


_Scored = tuple[float, Pair]


def _single(one: Sequence[Part], other: Sequence[Part]) -> list[_Scored]:
    found: list[_Scored] = []
    for i, left in enumerate(one):
        for j, right in enumerate(other):
            likeness, how = matches(left.token, right.token)
            if likeness >= LEAST:
                worth = likeness * likeness * (left.rarity + right.rarity)
                # Of equals, those in the same place: `ali hassan ali` answers itself in order.
                worth -= 0.001 * abs(i - j)
                found.append((worth, Pair((i,), (j,), likeness, how)))
    return found


_JOINED_LEAST: Final = 0.9
_JOINED_SHORTEST: Final = 4


def _joined(one: Sequence[Part], other: Sequence[Part], *, is_turned: bool) -> list[_Scored]:
    """Find neighbours in `one` that stand as one word in `other`."""
    found: list[_Scored] = []
    for i in range(len(one) - 1):
        if not (one[i].may_join and one[i + 1].may_join):
            continue
        both = one[i].token.text + one[i + 1].token.text
        for j, whole in enumerate(other):
            text = whole.token.text
            if len(text) < _JOINED_SHORTEST or abs(len(text) - len(both)) > 1:
                continue
            likeness = 1.0 if both == text else near(both, text)
            if likeness >= _JOINED_LEAST:
                worth = likeness * (one[i].rarity + one[i + 1].rarity + whole.rarity)
                places = (i, i + 1), (j,)
                asked, held = places[::-1] if is_turned else places
                found.append((worth, Pair(asked, held, likeness, How.JOINED)))
    return found


def _acronym(
    asked: Name, held: Name, one: Sequence[Part], other: Sequence[Part]
) -> tuple[Pair, ...]:
    """Find one name that is the initials of the other: `UNDP`."""
    for short, long, is_turned in ((one, held, False), (other, asked, True)):
        letters = [part for part in short if part.token.sort is not Sort.LEGAL]
        if len(letters) != 1 or len(letters[0].token.text) < 3:  # noqa: PLR2004 - two letters say nothing
            continue
        if letters[0].token.text in _initials(long):
            here = (short.index(letters[0]),)
            there = tuple(range(len(other if not is_turned else one)))
            asked_places, held_places = (there, here) if is_turned else (here, there)
            return (Pair(asked_places, held_places, 0.85, How.ACRONYM),)
    return ()


@lru_cache(maxsize=20_000)
def _initials(name: Name) -> frozenset[str]:
    """Return the first letters of a name: of all its words, and of those that distinguish."""
    words = [token for token in name.tokens if token.sort is not Sort.TITLE]
    whole = [token for token in words if token.sort not in _FORMS]
    full = [token for token in whole if token.sort is not Sort.INITIAL]
    return frozenset("".join(map(_first, each)) for each in (words, whole, full))


def _first(token: Token) -> str:
    """Return the first letter as it stands: words of kind are read into one word for all."""
    letter = token.source[:1].lower()
    return letter if letter.isascii() and letter.isalnum() else token.text[0]
