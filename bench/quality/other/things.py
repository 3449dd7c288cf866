"""Two companies, ships or aircraft, or a person and a company named alike."""

from collections.abc import Callable, Sequence
from functools import partial

from bench.quality.dice import Dice
from bench.quality.drafts import Draft, Drafts, Side
from bench.quality.likeness import Measure, words_of
from bench.quality.likeness import nearest as near_by
from bench.quality.noise.companies import LEGAL, form_dropped, number_changed
from bench.quality.pool import Pool
from bench.quality.sources import Held, key_of
from rapidfuzz.distance import JaroWinkler

_GENERIC = (
    "Corp", "Company Ltd", "Trading Company", "General Trading LLC", "International", "Bank",
    "Holding", "Limited", "Group", "Import Export", "Shipping Co", "Foundation", "Industries",
    "JSC", "Investment Company", "Trading Co., Ltd.", "Services", "Construction Company",
)  # fmt: skip


def at_random(pool: Pool) -> Drafts:
    """Yield any two companies."""
    for held in pool.companies:
        other = Dice("random", held.key).pick(pool.companies)
        yield from _two("company-random", pool, held, other)


def nearest(kind: str, measure: Measure, pool: Pool) -> Drafts:
    """Yield a company, ship or aircraft and the nearest other of its sort."""
    entries = pool.vessels if kind.startswith("ship") else pool.companies
    names = [(held, name) for held in entries for name in held.strong]
    keys = [key_of(form_dropped(name, Dice(name))) for _, name in names]
    for held in entries:
        asked = key_of(form_dropped(held.strong[0], Dice("")))
        for at in near_by(asked, keys, measure, 15):
            drafts = list(_two(kind, pool, held, names[at][0], name=names[at][1]))
            if drafts:
                yield from drafts
                break


def generic_shared(pool: Pool) -> Drafts:
    """Yield two companies that share generic words or a land only."""
    bearers: dict[str, list[Held]] = {}
    for held in pool.companies:
        for word in words_of(held.strong[0]):
            bearers.setdefault(word, []).append(held)
    for held in pool.companies:
        dice = Dice("generic", held.key)
        known = [word for word in words_of(held.strong[0]) if len(bearers[word]) > 12]
        if known:
            yield from _two("generic-shared", pool, held, dice.pick(bearers[dice.pick(known)]))


def generic_only(pool: Pool) -> Drafts:
    """Yield a query of generic words alone and a company that bears them."""
    for held in pool.companies:
        told = Dice("only", held.key).pick(_GENERIC)
        if set(words_of(told)) & set(words_of(held.strong[0])):
            yield _pair("generic-only", ("Organization", told, {}), held, held.strong[0])


def numbers(pool: Pool) -> Drafts:
    """Yield a name with a number and the same with another."""
    for held in (*pool.vessels, *pool.companies):
        for name in held.strong:
            told = number_changed(name, Dice("number", name))
            if told != name:
                nobody = {"country": held.facts.get("country", ())}
                yield _pair("number-other", (held.schema, told, nobody), held, name)


def person_and_company(pool: Pool) -> Drafts:
    """Yield a person and a company that bears a name of theirs."""
    for held in pool.people:
        dice = Dice("person-company", held.key)
        words = [word for word in held.strong[0].split() if len(word) > 3]
        if words:
            part = held.strong[0] if dice.chance(0.25) else dice.pick(words)
            form = dice.pick(dice.pick(LEGAL)[:2]).upper()
            middle = f" {dice.pick(('Trading', 'Group', 'Shipping', 'Brothers'))}"
            name = f"{part.upper()}{middle if dice.chance(0.5) else ''} {form}"
            company = Held(
                key="", schema="Company", strong=(name,), weak=(), original=(), facts={}
            )
            if dice.chance(0.5):
                yield _pair(
                    "person-company", ("Person", held.strong[0], held.facts), company, name
                )
            else:
                yield _pair("person-company", ("Company", name, {}), held, held.strong[0])


def _two(kind: str, pool: Pool, held: Held, other: Held, *, name: str = "") -> Drafts:
    kept = name or other.strong[0]
    if pool.group[held.key] != pool.group[other.key] and _told_apart(held.names, kept):
        yield _pair(kind, (held.schema, held.strong[0], held.facts), other, kept)


def _told_apart(names: Sequence[str], kept: str) -> bool:
    """Tell whether each side has a word of its own, legal forms apart, that has no like one."""
    mine = {w for name in names for w in words_of(form_dropped(name, Dice("")))}
    theirs = set(words_of(form_dropped(kept, Dice(""))))
    return any(
        all(JaroWinkler.similarity(word, other) < 0.88 for other in mine) for word in theirs
    )


def _pair(
    kind: str, asked: tuple[str, str, dict[str, tuple[str, ...]]], other: Held, name: str
) -> Draft:
    schema, told, facts = asked
    return Draft(
        kind=kind,
        is_match=False,
        query=Side(schema=schema, names=(told,), facts=facts),
        candidate=Side(schema=other.schema, names=(name,), facts=other.facts),
    )


KINDS: dict[str, tuple[int, Callable[[Pool], Drafts]]] = {
    "company-random": (200, at_random),
    "company-nearest": (600, partial(nearest, "company-nearest", "sort")),
    "company-nearest-set": (350, partial(nearest, "company-nearest-set", "set")),
    "ship-nearest": (150, partial(nearest, "ship-nearest", "sort")),
    "generic-shared": (300, generic_shared),
    "generic-only": (60, generic_only),
    "number-other": (250, numbers),
    "person-company": (250, person_and_company),
}
"""How many of each kind in `fit`, and who makes them."""
