"""One person under two Latin names."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, permutations, zip_longest

from bench.quality.dice import Dice
from bench.quality.drafts import Draft, Drafts, Side
from bench.quality.likeness import derives, shared
from bench.quality.noise import Noise, people, slips
from bench.quality.noise.facts import Facts
from bench.quality.noise.romanisation import custom_of, respelt
from bench.quality.pool import Pool
from bench.quality.sources import Held, key_of

NOISES: dict[str, tuple[int, Noise]] = {
    "key-beside": (160, slips.key_beside),
    "letter-lost": (220, slips.letter_lost),
    "letter-doubled": (80, slips.letter_doubled),
    "letter-added": (100, slips.letter_added),
    "letters-swapped": (160, slips.letters_swapped),
    "misread": (120, slips.misread),
    "vowel-other": (200, slips.vowel_other),
    "vowels-lost": (80, slips.vowels_lost),
    "cut-short": (80, slips.cut_short),
    "look-alikes": (120, slips.look_alikes),
    "middle-dropped": (350, people.middle_dropped),
    "end-dropped": (200, people.end_dropped),
    "initials": (180, people.initials),
    "order": (350, people.order_swapped),
    "words-mixed": (80, people.words_mixed),
    "joined": (250, people.joined),
    "parted": (220, people.parted),
    "titled": (140, people.titled),
    "nickname": (180, people.nicknamed),
    "marks": (140, people.marks_written_out),
    "written-apart": (160, people.written_apart),
}


def aliases(pool: Pool) -> Drafts:
    """Yield strong names of one person of which every word, or most, has a like one."""
    return _aliases(pool, "alias", lambda share: share > 0.6)


def partial_aliases(pool: Pool) -> Drafts:
    """Yield strong names of one person that share some words only."""
    return _aliases(pool, "alias-partial", lambda share: 0 < share <= 0.6)


def weak_aliases(pool: Pool) -> Drafts:
    """Yield weak aliases that derive from a strong name."""
    for held in pool.people:
        for weak in held.weak:
            if " " in weak and derives(weak, held.strong):
                yield _pair(held, "alias-weak", weak, held.strong)


def on_both_lists(pool: Pool) -> Drafts:
    """Yield people that both lists hold, each as its own list names them."""
    groups: dict[str, list[Held]] = {}
    for held in pool.people:
        groups.setdefault(pool.group[held.key], []).append(held)
    for members in groups.values():
        un = [held for held in members if held.key.startswith("un-")]
        us = [held for held in members if held.key.startswith("ofac-")]
        for one in un:
            for other in us:
                if _same_birth(one.facts, other.facts):
                    yield _pair(other, "two-lists", one.strong[0], other.strong[:1])


def exact(pool: Pool) -> Drafts:
    """Yield names as they are held."""
    for held in _everyone(pool):
        yield _pair(held, "exact", held.strong[0], held.strong)


def respellings(pool: Pool) -> Drafts:
    """Yield names spelt by another custom of their script."""
    for held in _everyone(pool):
        dice = Dice("respelt", held.key)
        rules = custom_of(held.countries, is_foreign=not held.key.startswith("synthetic"))
        name = dice.pick(held.strong)
        if (told := respelt(name, rules, dice)) != name:
            yield _pair(held, "respelt", _capitals(told, dice), (name,))


def two_noises(pool: Pool) -> Drafts:
    """Yield names that met two or three noises."""
    noises = [noise for _, noise in NOISES.values() if noise is not slips.look_alikes]
    for held in _everyone(pool):
        dice = Dice("two", held.key)
        name = told = dice.pick(held.strong)
        rules = custom_of(held.countries, is_foreign=not held.key.startswith("synthetic"))
        if dice.chance(0.5):
            told = _capitals(respelt(told, rules, dice), dice)
        for noise in dice.shuffled(noises)[:2]:
            told = noise(told, dice)
        if told != name and key_of(told) and shared(told, name) > 0:
            yield _pair(held, "two-noises", told, (name,))


def one_noise(kind: str, noise: Noise, pool: Pool) -> Drafts:
    """Yield names changed by one noise, either on the asked or on the held side."""
    for held in _everyone(pool, kind):
        dice = Dice(kind, held.key)
        name = dice.pick(held.strong)
        told = noise(name, dice)
        if told == name or not key_of(told):
            continue
        turned = kind.endswith("-dropped") and dice.chance(0.5)
        asked, kept = (name, told) if turned else (told, name)
        yield _pair(held, kind.replace("dropped", "added") if turned else kind, asked, (kept,))


def _aliases(pool: Pool, kind: str, fits: Callable[[float], bool]) -> Drafts:
    return _in_turn(_of_one(held, kind, fits) for held in pool.people if len(held.strong) > 1)


def _of_one(held: Held, kind: str, fits: Callable[[float], bool]) -> Drafts:
    dice = Dice(kind, held.key)
    for asked, other in dice.shuffled(list(permutations(held.strong, 2)))[:4]:
        if fits(shared(asked, other)) and key_of(asked) != key_of(other):
            rest = tuple(name for name in held.strong if name not in (asked, other))
            yield _pair(held, kind, asked, (other, *rest) if dice.chance(0.3) else (other,))


def _pair(held: Held, kind: str, asked: str, kept: tuple[str, ...]) -> Draft:
    names = kept if len(kept) < 2 or Dice("all", held.key, asked).chance(0.3) else kept[:1]
    facts: Facts = held.facts
    return Draft(
        kind=kind,
        is_match=True,
        query=Side(schema="Person", names=(asked,), facts=facts),
        candidate=Side(schema="Person", names=names, facts=facts),
    )


def _everyone(pool: Pool, seed: str = "") -> Iterator[Held]:
    """Yield people of the lists and synthetic ones in turn, from elsewhere for each kind."""
    at = Dice("everyone", seed).below(len(pool.people))
    listed = (*pool.people[at:], *pool.people[:at])
    at = Dice("made", seed).below(len(pool.synthetic))
    made = (*pool.synthetic[at:], *pool.synthetic[:at])
    return chain.from_iterable(zip(listed, made, strict=False))


def _in_turn(many: Iterable[Drafts]) -> Drafts:
    missing = None
    for round_ in zip_longest(*many, fillvalue=missing):
        yield from (draft for draft in round_ if draft is not None)


def _same_birth(one: Facts, other: Facts) -> bool:
    years = [{born[:4] for born in facts.get("birthDate", ())} for facts in (one, other)]
    return bool(years[0] & years[1])


def _capitals(name: str, dice: Dice) -> str:
    return name.title() if dice.chance(0.7) else name.upper()


KINDS: dict[str, tuple[int, Callable[[Pool], Drafts]]] = {
    "alias": (2400, aliases),
    "alias-partial": (250, partial_aliases),
    "alias-weak": (200, weak_aliases),
    "two-lists": (200, on_both_lists),
    "exact": (300, exact),
    "respelt": (700, respellings),
    "two-noises": (500, two_noises),
    **{kind: (count, partial(one_noise, kind, each)) for kind, (count, each) in NOISES.items()},
}
"""How many of each kind in `fit`, and who makes them."""
