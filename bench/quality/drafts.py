"""A labelled pair on its way: two sides, what it tries, whether they are one and the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.quality.dice import Dice
from bench.quality.noise.facts import Facts, as_asked, made_alike, made_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a pair."""

    schema: str
    names: tuple[str, ...]
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A pair and what it tries."""

    kind: str
    is_match: bool
    query: Side
    candidate: Side
    always_facts: bool = False
    """Names alone would not tell: the label hangs on what else is known."""


Drafts = Iterator[Draft]
WITH_FACTS = 0.35
"""Share of pairs that carry more than names."""


def with_facts(draft: Draft, dice: Dice) -> tuple[Side, Side]:
    """Return both sides as they are asked and held: most with names only."""
    query, held = draft.query, draft.candidate
    if draft.always_facts:
        return query, held
    if not dice.chance(WITH_FACTS):
        return _bare(query), _bare(held)
    known = held.facts or _invented(held, dice)
    if draft.is_match:
        return _with(query, as_asked(known, dice)), _with(held, known)
    asked = as_asked(query.facts or _invented(query, dice), dice)
    if dice.chance(0.3):
        known = made_alike(asked, known, dice)
    return _with(query, asked), _with(held, known)


def _invented(side: Side, dice: Dice) -> Facts:
    return made_up(dice) if side.schema == "Person" else {}


def _bare(side: Side) -> Side:
    return Side(schema=side.schema, names=side.names)


def _with(side: Side, facts: Facts) -> Side:
    return Side(schema=side.schema, names=side.names, facts=facts)
