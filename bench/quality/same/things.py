"""One company, ship or aircraft under two names."""

from collections.abc import Callable
from functools import partial
from itertools import permutations

from bench.quality.dice import Dice
from bench.quality.drafts import Draft, Drafts, Side
from bench.quality.likeness import shared
from bench.quality.noise import Noise, companies, slips
from bench.quality.pool import Pool
from bench.quality.sources import Held, key_of

NOISES: dict[str, tuple[int, Noise]] = {
    "form-changed": (250, companies.form_changed),
    "form-dropped": (200, companies.form_dropped),
    "form-moved": (100, companies.form_moved),
    "shortened": (200, companies.shortened),
    "tail-cut": (150, companies.tail_cut),
    "company-letter-lost": (100, slips.letter_lost),
    "company-key-beside": (80, slips.key_beside),
    "company-misread": (60, slips.misread),
    "company-cut-short": (60, slips.cut_short),
}
_SHIPS: dict[str, tuple[int, Noise]] = {
    "ship-marked": (60, companies.marked_as_vessel),
    "ship-number-rewritten": (60, companies.number_rewritten),
    "ship-slip": (60, slips.letter_lost),
}


def aliases(pool: Pool) -> Drafts:
    """Yield names of one company that share most words, and its acronyms."""
    for round_ in range(3):
        for held in (*pool.companies, *pool.vessels):
            pairs = list(permutations(held.names, 2))
            if not pairs:
                continue
            asked, other = Dice("company", held.key, str(round_)).pick(pairs)
            share = shared(asked, other)
            if share >= 0.5 and key_of(asked) != key_of(other):
                kind = "company-alias" if held.schema == "Organization" else "ship-alias"
                yield _pair(held, kind, asked, other)


def acronyms(pool: Pool) -> Drafts:
    """Yield acronyms that a list gives or that the words make."""
    for held in pool.companies:
        dice = Dice("acronym", held.key)
        made = companies.acronym(held.strong[0], dice)
        if made != held.strong[0] and len(made) > 3:
            yield _pair(held, "acronym", made, held.strong[0])


def two_noises(pool: Pool) -> Drafts:
    """Yield names that met two noises."""
    noises = [noise for _, noise in NOISES.values()]
    for held in pool.companies:
        dice = Dice("two", held.key)
        name = told = dice.pick(held.strong)
        for noise in dice.shuffled(noises)[:2]:
            told = noise(told, dice)
        if told != name and len(told) > 4 and shared(told, name) >= 0.5:
            yield _pair(held, "company-two-noises", told, name)


def one_noise(kind: str, noise: Noise, pool: Pool) -> Drafts:
    """Yield names changed by one noise, on either side."""
    ships = kind.startswith("ship")
    for held in pool.vessels if ships else pool.companies:
        dice = Dice(kind, held.key)
        name = dice.pick(held.strong)
        told = noise(name, dice)
        if told != name and len(key_of(told)) > 3:
            sides = (told, name) if dice.chance(0.6) else (name, told)
            yield _pair(held, kind, *sides)


def _pair(held: Held, kind: str, asked: str, kept: str) -> Draft:
    return Draft(
        kind=kind,
        is_match=True,
        query=Side(schema=held.schema, names=(asked,), facts=held.facts),
        candidate=Side(schema=held.schema, names=(kept,), facts=held.facts),
    )


KINDS: dict[str, tuple[int, Callable[[Pool], Drafts]]] = {
    "company-alias": (800, aliases),
    "acronym": (150, acronyms),
    "company-two-noises": (200, two_noises),
    **{
        kind: (count, partial(one_noise, kind, noise))
        for kind, (count, noise) in (NOISES | _SHIPS).items()
    },
}
"""How many of each kind in `fit`, and who makes them."""
