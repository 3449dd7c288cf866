"""Two people whose Latin names are far apart, near, or share their common words."""

from collections.abc import Callable, Iterator
from functools import cache, partial

from bench.quality.dice import Dice
from bench.quality.drafts import Draft, Drafts, Side
from bench.quality.likeness import Measure, told_apart, words_of
from bench.quality.likeness import nearest as near_by
from bench.quality.noise.facts import as_asked, contradicting
from bench.quality.noise.people import middle_dropped, order_swapped
from bench.quality.noise.romanisation import custom_of, respelt
from bench.quality.noise.slips import vowel_other
from bench.quality.noise.words import COMMON, TAKEN_FOR
from bench.quality.pool import Pool
from bench.quality.sources import Held, fold, key_of
from bench.quality.splits import split_of


def at_random(pool: Pool) -> Drafts:
    """Yield any two people."""
    for held in _mixed(pool):
        other = Dice("random", held.key).pick(_everyone(pool))
        yield from _told_apart("random", pool, held, other)


def sharing(kind: str, place: int, pool: Pool) -> Drafts:
    """Yield two people whose first (0) or last (-1) words are one."""
    bearers: dict[str, list[Held]] = {}
    for held in _everyone(pool):
        bearers.setdefault(words_of(held.strong[0])[place], []).append(held)
    for held in _mixed(pool):
        others = bearers.get(words_of(held.strong[0])[place], [])
        if len(others) > 1:
            yield from _told_apart(kind, pool, held, Dice(kind, held.key).pick(others))


def nearest(kind: str, measure: Measure, pool: Pool) -> Drafts:
    """Yield a person and the nearest other by a plain measure."""
    names, bearers = _spoken(pool)
    for held in _mixed(pool):
        asked = Dice(kind, held.key).pick(held.strong)
        for at in near_by(key_of(asked), names, measure, 12):
            other, name = bearers[at]
            if pool.group[other.key] != pool.group[held.key] and told_apart(asked, name):
                yield _pair(kind, held, asked, other, name)
                break


def taken_for(pool: Pool) -> Drafts:
    """Yield a name and one in which a word is another, much like it."""
    swaps = {a: b for pair in TAKEN_FOR for a, b in (pair, pair[::-1])}
    for held in _everyone(pool):
        words = held.strong[0].split()
        known = [at for at, word in enumerate(words) if word.lower() in swaps]
        if known and len(words) < 5:
            at = Dice("taken", held.key).pick(known)
            other = (*words[:at], swaps[words[at].lower()].capitalize(), *words[at + 1 :])
            yield _pair("taken-for", held, held.strong[0], _nobody(), " ".join(other))


def father_and_son(pool: Pool) -> Drafts:
    """Yield a name and that of a child: another given name before the father's."""
    people = _everyone(pool)
    for held in people:
        words = held.strong[0].split()
        dice = Dice("family", held.key)
        kin = pool.people if not held.key.startswith("synthetic") else pool.synthetic
        given = dice.pick(kin).strong[0].split()[0]
        if len(words) == 3 and fold(given) != fold(words[0]):
            child = (given, *words[:2]) if dice.chance(0.6) else (given, *words[1:])
            if told_apart(held.strong[0], " ".join(child)):
                yield _pair("father-son", held, held.strong[0], _nobody(), " ".join(child))


def common(pool: Pool) -> Drafts:
    """Yield two names put together of very common words, sharing one or two."""
    for place in range(40_000):
        dice = Dice("common", str(place))
        given, family = COMMON[dice.pick(sorted(COMMON))]
        one = [
            dice.pick(given),
            *([dice.pick(family)] if dice.chance(0.4) else []),
            dice.pick(family),
        ]
        at = dice.below(len(one))
        other = list(one)
        other[at] = dice.pick(given if at == 0 else family)
        if dice.chance(0.3):
            other = [*other[1:], other[0]]
        names = " ".join(one), " ".join(other)
        if split_of(key_of(names[0])) == pool.split and told_apart(*names):
            yield _pair("common", _nobody(), names[0], _nobody(), names[1])


def short(pool: Pool) -> Drafts:
    """Yield two short names that are near one another."""
    people = [h for h in _everyone(pool) if len(key_of(h.strong[0])) < 12]
    names = [key_of(held.strong[0]) for held in people]
    for held in people:
        for at in near_by(key_of(held.strong[0]), names, "winkler", 6)[1:]:
            if told_apart(held.strong[0], people[at].strong[0]):
                yield _pair("short", held, held.strong[0], people[at], people[at].strong[0])
                break


def namesakes(pool: Pool) -> Drafts:
    """Yield one name, or nearly, of two people whom only other facts tell apart."""
    for held in _mixed(pool):
        born = held.facts.get("birthDate", ())
        if not born or len(born[0]) < 10:
            continue
        dice = Dice("namesake", held.key)
        name = held.strong[0]
        told = dice.pick((lambda n, _: n, vowel_other, middle_dropped, order_swapped))(
            name, dice
        )
        asked = as_asked(held.facts, dice) | {"birthDate": born[:1]}
        yield Draft(
            kind="namesake",
            is_match=False,
            query=Side(schema="Person", names=(told,), facts=asked),
            candidate=Side(
                schema="Person", names=(name,), facts=contradicting(held.facts, dice)
            ),
            always_facts=True,
        )


def respelt_other(pool: Pool) -> Drafts:
    """Yield a respelt name and another person who shares a word with it."""
    bearers: dict[str, list[Held]] = {}
    for held in _everyone(pool):
        for word in words_of(held.strong[0]):
            bearers.setdefault(word, []).append(held)
    for held in _mixed(pool):
        dice = Dice("respelt-other", held.key)
        name = dice.pick(held.strong)
        others = bearers.get(dice.pick(words_of(name)), [held])
        told = respelt(name, custom_of(held.countries, is_foreign=True), dice).title()
        for draft in _told_apart("respelt-other", pool, held, dice.pick(others)):
            if told_apart(told, draft.candidate.names[0]):
                yield _pair(
                    "respelt-other", held, told, dice.pick(others), draft.candidate.names[0]
                )


def _told_apart(kind: str, pool: Pool, held: Held, other: Held) -> Drafts:
    dice = Dice("other-name", kind, held.key)
    asked = held.strong[0] if kind.startswith("same") else dice.pick(held.strong)
    name = other.strong[0]
    if pool.group[held.key] != pool.group[other.key] and told_apart(asked, name):
        yield _pair(kind, held, asked, other, name)


def _pair(kind: str, held: Held, asked: str, other: Held, name: str) -> Draft:
    return Draft(
        kind=kind,
        is_match=False,
        query=Side(schema="Person", names=(asked,), facts=held.facts),
        candidate=Side(schema="Person", names=(name,), facts=other.facts),
    )


def _nobody() -> Held:
    return Held(key="", schema="Person", strong=(), weak=(), original=(), facts={})


@cache
def _everyone(pool: Pool) -> tuple[Held, ...]:
    return (*pool.people, *pool.synthetic[: len(pool.people)])


def _mixed(pool: Pool) -> Iterator[Held]:
    for listed, made in zip(pool.people, pool.synthetic, strict=False):
        yield listed
        if made.key[-1] in "012":
            yield made


@cache
def _spoken(pool: Pool) -> tuple[list[str], list[tuple[Held, str]]]:
    bearers = [(held, name) for held in _everyone(pool) for name in held.strong]
    return [key_of(name) for _, name in bearers], bearers


KINDS: dict[str, tuple[int, Callable[[Pool], Drafts]]] = {
    "random": (600, at_random),
    "same-surname": (700, partial(sharing, "same-surname", -1)),
    "same-given": (700, partial(sharing, "same-given", 0)),
    "nearest-sorted": (800, partial(nearest, "nearest-sorted", "ratio")),
    "nearest-winkler": (450, partial(nearest, "nearest-winkler", "winkler")),
    "nearest-set": (400, partial(nearest, "nearest-set", "set")),
    "taken-for": (500, taken_for),
    "father-son": (450, father_and_son),
    "common": (700, common),
    "short": (300, short),
    "namesake": (500, namesakes),
    "respelt-other": (500, respelt_other),
}
"""How many of each kind in `fit`, and who makes them."""
