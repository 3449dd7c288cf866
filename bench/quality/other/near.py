"""Two whose names are near by design: the other word is a name too, and not the same one.

Which words are names of their own is read from what Wikidata writes in three scripts: two
common Latin words that share no form in any of them.
"""

from collections.abc import Callable
from functools import cache, partial

from bench.quality.dice import Dice
from bench.quality.drafts import Draft, Drafts, Side
from bench.quality.likeness import frame, told_apart, words_of
from bench.quality.noise.companies import number_changed
from bench.quality.pool import Pool
from bench.quality.sources import Held, fold
from bench.quality.splits import Split, split_of
from bench.quality.translit import rows
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

_FILES = ("arabic", "russian", "katakana")
_COMMON = 25
_GENERIC = (
    "trading", "shipping", "holding", "construction", "investment", "petroleum", "engineering",
    "industries", "services", "transport", "foundation", "bank", "insurance", "airlines",
    "steel", "mining", "electronics", "exchange", "marine", "export", "agricola",
    "inmobiliaria",
)  # fmt: skip


@cache
def near_words(split: Split) -> dict[str, tuple[str, ...]]:
    """Return for a word the near words that are other names, for the pairs of one split."""
    forms = _forms()
    words = sorted(word for word, (count, _) in forms.items() if count >= _COMMON)
    found: dict[str, list[str]] = {}
    for word in words:
        near = process.extract(
            word, words, scorer=JaroWinkler.similarity, limit=8, score_cutoff=0.84
        )
        for other, _score, _place in near:
            is_here = split_of("|".join(sorted((word, other)))) == split
            if is_here and _are_two(word, other, forms):
                found.setdefault(word, []).append(other)
    return {word: tuple(others) for word, others in found.items()}


def near_word(pool: Pool) -> Drafts:
    """Yield a name and the same with one word by a near one."""
    near = near_words(pool.split)
    for held in _people(pool):
        name = held.strong[0]
        words = name.split()
        places = [at for at, word in enumerate(words) if fold(word) in near]
        if places and len(words) < 5:
            dice = Dice("near-word", held.key)
            at = dice.pick(places)
            words[at] = _cased(dice.pick(near[fold(words[at])]), words[at])
            yield _pair("near-word", held, name, " ".join(words))


def one_word_other(kind: str, place: int, pool: Pool) -> Drafts:
    """Yield a name of three words or more and the same with the first or last by another."""
    people = _people(pool)
    for held in people:
        words = held.strong[0].split()
        other = Dice(kind, held.key).pick(people).strong[0].split()[place]
        if len(words) > 2 and len(other) > 2:
            words[place] = _cased(other, words[place])
            if told_apart(held.strong[0], " ".join(words)):
                yield _pair(kind, held, held.strong[0], " ".join(words))


def siblings(pool: Pool) -> Drafts:
    """Yield two people of the lists who share two words or more."""
    bearers: dict[str, list[Held]] = {}
    for held in pool.people:
        for word in set(words_of(held.strong[0])):
            bearers.setdefault(word, []).append(held)
    for held in pool.people:
        mine = set(words_of(held.strong[0]))
        near = {other.key: other for word in sorted(mine) for other in bearers[word][:200]}
        for other in near.values():
            theirs = set(words_of(other.strong[0]))
            is_two = pool.group[other.key] != pool.group[held.key] and other.key > held.key
            if is_two and len(mine & theirs) > 1 and _all_apart(held, other):
                yield _pair("siblings", held, held.strong[0], other.strong[0], other=other)


def initial_other(pool: Pool) -> Drafts:
    """Yield a name with initials that are those of somebody else."""
    for held in _people(pool):
        words = held.strong[0].split()
        if 1 < len(words) < 4 and all(len(word) > 2 for word in words):
            dice = Dice("initial-other", held.key)
            letter = dice.pick([sign for sign in "ABCDEFGHJKLMNPRSTVZ" if sign != words[0][0]])
            short = [f"{letter}.", *(f"{word[0]}." for word in words[1:-1]), words[-1]]
            yield _pair("initial-other", held, held.strong[0], " ".join(short))


def trade_other(pool: Pool) -> Drafts:
    """Yield a company and one of the same name in another trade."""
    for held in pool.companies:
        words = held.strong[0].split()
        places = [at for at, word in enumerate(words) if fold(word) in _GENERIC]
        if places and len(words) < 6:
            dice = Dice("trade", held.key)
            at = dice.pick(places)
            words[at] = dice.pick([w for w in _GENERIC if w != fold(words[at])]).upper()
            yield _pair("trade-other", held, held.strong[0], " ".join(words))


def company_family(pool: Pool) -> Drafts:
    """Yield two companies of the lists that share a rare word."""
    bearers: dict[str, list[Held]] = {}
    for held in pool.companies:
        for word in set(words_of(held.strong[0])):
            bearers.setdefault(word, []).append(held)
    for word, found in sorted(bearers.items()):
        if 1 < len(found) < 9 and len(word) > 3:
            one, other = Dice("family", word).shuffled(found)[:2]
            if pool.group[one.key] != pool.group[other.key] and _all_apart(one, other):
                yield _pair("company-family", one, one.strong[0], other.strong[0], other=other)


def numbered(pool: Pool) -> Drafts:
    """Yield two companies or ships of one name and two numbers."""
    for held in (*pool.companies, *pool.vessels):
        dice = Dice("numbered", held.key)
        name = held.strong[0]
        number = dice.pick(("2", "3", "12", "II", "III", "2015", "2018", "No. 4", "7"))
        if len(name.split()) < 5 and not any(map(str.isdigit, name)):
            one = f"{name} {number}"
            other = number_changed(one, dice)
            if one != other:
                yield _pair("numbered", held, one, other)


def _all_apart(one: Held, other: Held) -> bool:
    return all(
        told_apart(name, kept)
        and set(words_of(name)) - set(words_of(kept))
        and set(words_of(kept)) - set(words_of(name))
        for name in one.strong
        for kept in other.strong
    )


def _are_two(word: str, other: str, forms: dict[str, tuple[int, frozenset[str]]]) -> bool:
    if forms[word][1] & forms[other][1] or frame(word) == frame(other):
        return False
    short, long = sorted((word, other), key=len)
    return not (long.startswith(short) and len(long) - len(short) < 3)


@cache
def _forms() -> dict[str, tuple[int, frozenset[str]]]:
    """Return for a Latin word how often Russian writes it and every form in any script."""
    count: dict[str, int] = {}
    forms: dict[str, set[str]] = {}
    for file in _FILES:
        for latin, form, met in rows(file):
            word = fold(latin)
            if word.isascii() and word.isalpha() and len(word) > 3:
                forms.setdefault(word, set()).add(form)
                count[word] = count.get(word, 0) + (met if file == "russian" else 0)
    return {word: (count[word], frozenset(forms[word])) for word in forms}


@cache
def _people(pool: Pool) -> tuple[Held, ...]:
    both = zip(pool.people, pool.synthetic, strict=False)
    return tuple(held for pair in both for held in pair)


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.capitalize()


def _pair(kind: str, held: Held, asked: str, kept: str, *, other: Held | None = None) -> Draft:
    """Turn every second pair, so that the changed name stands on either side."""
    names = (
        (kept, asked)
        if other is None and Dice("turn", asked, kept).chance(0.5)
        else (asked, kept)
    )
    return Draft(
        kind=kind,
        is_match=False,
        query=Side(schema=held.schema, names=names[:1], facts=held.facts),
        candidate=Side(
            schema=held.schema, names=names[1:], facts=other.facts if other else _kept(held)
        ),
    )


def _kept(held: Held) -> dict[str, tuple[str, ...]]:
    """Of one that does not exist, only the land is known; people are given facts later."""
    if held.schema == "Person":
        return {}
    return {prop: held.facts[prop] for prop in ("country", "flag") if prop in held.facts}


KINDS: dict[str, tuple[int, Callable[[Pool], Drafts]]] = {
    "near-word": (1300, near_word),
    "given-other": (600, partial(one_word_other, "given-other", 0)),
    "surname-other": (500, partial(one_word_other, "surname-other", -1)),
    "siblings": (600, siblings),
    "initial-other": (200, initial_other),
    "trade-other": (250, trade_other),
    "company-family": (450, company_family),
    "numbered": (300, numbered),
}
"""How many of each kind in `fit`, and who makes them."""
