"""Two people, one of them in another script."""

from collections.abc import Callable, Sequence
from functools import cache, partial

from bench.quality.dice import Dice
from bench.quality.drafts import Draft, Drafts, Side
from bench.quality.likeness import nearest, told_apart
from bench.quality.pool import Pool
from bench.quality.same.scripts import MARK, assemblies, in_script
from bench.quality.sources import Held, key_of, script_of
from bench.quality.splits import Split
from bench.quality.translit import Row, full_names, tokens


def one_token_other(file: str, pool: Pool) -> Drafts:
    """Yield a name in a script and a Latin one in which one or more tokens are others.

    The other token is near in its Latin reading in half of all pairs, else any.
    """
    known = tokens(file, pool.split)
    for place, words in assemblies(file, pool):
        dice = Dice("one-other", file, pool.split, str(place))
        others = list(words)
        for at in dice.shuffled(range(len(words)))[: 1 + dice.below(2)]:
            near = _near(words[at], known, file, pool.split) if dice.chance(0.5) else None
            others[at] = near or dice.pick(known)
        one, other = (" ".join(row.latin[0][0] for row in rows) for rows in (words, others))
        if told_apart(one, other):
            form = MARK.get(file, " ").join(word.form for word in words)
            told = " ".join(dice.weighted(row.latin) for row in others).title()
            yield _pair(f"script-{file}-other", *_turned(form, told, dice))


def whole_nearest(file: str, pool: Pool) -> Drafts:
    """Yield a full name in a script and another one that shares a word or is nearest."""
    found = full_names(file, pool.split)
    keys = [key_of(latin) for latin, _ in found]
    dice = Dice("whole-other", file, pool.split)
    for at in dice.shuffled(range(len(found)))[:1500]:
        latin, form = found[at]
        near = nearest(keys[at], keys, "ratio", 6)
        choices = [found[i][0] for i in near if told_apart(latin, found[i][0])]
        if choices:
            yield _pair(f"script-{file}-other", *_turned(form, dice.pick(choices), dice))


def listed(pool: Pool) -> Drafts:
    """Yield list names in their original script and the nearest other people of the lists."""
    names = [(held, name) for held in pool.people for name in held.strong[:2]]
    keys = [key_of(name) for _, name in names]
    for held in pool.people:
        for form in held.original:
            near = nearest(key_of(held.strong[0]), keys, "sort", 15)
            others = [names[at] for at in near]
            for other, name in [(o, n) for o, n in others if _are_two(pool, held, o, n)][:3]:
                yield _pair("script-listed-other", form, name, facts=(held, other))


def rewritten(file: str, pool: Pool) -> Drafts:
    """Yield list people written in a script, and the nearest other person of the lists."""
    names = [(held, name) for held in pool.people for name in held.strong[:2]]
    keys = [key_of(name) for _, name in names]
    for held in (*pool.people, *pool.synthetic):
        name = held.strong[0]
        form = in_script(name, file, pool)
        if not form:
            continue
        for at in nearest(key_of(name), keys, "sort", 12):
            other, told = names[at]
            if _are_two(pool, held, other, told):
                yield _pair(f"script-{file}-rewritten-other", form, told, facts=(held, other))
                break


def own_script(pool: Pool) -> Drafts:
    """Yield two people in one script who share a word, or none."""
    bearers: dict[str, list[Held]] = {}
    for held in pool.foreign:
        for word in held.original[0].split():
            bearers.setdefault(word, []).append(held)
    for held in pool.foreign:
        dice = Dice("own-other", held.key)
        words = held.original[0].split()
        other = dice.pick(bearers[dice.pick(words)])
        name = other.original[0]
        if set(words) - set(name.split()) and set(name.split()) - set(words):
            yield _pair(
                f"own-{script_of(name)}-other", held.original[0], name, facts=(held, other)
            )


def _are_two(pool: Pool, held: Held, other: Held, name: str) -> bool:
    if pool.group[held.key] == pool.group[other.key]:
        return False
    return all(told_apart(known, name) for known in held.strong)


@cache
def _leading(file: str, split: Split) -> tuple[Sequence[Row], list[str]]:
    known = tokens(file, split)[:3000]
    return known, [row.latin[0][0] for row in known]


def _near(row: Row, known: Sequence[Row], file: str, split: Split) -> Row | None:
    known, latin = _leading(file, split)
    mine = {reading for reading, _ in row.latin}
    near = nearest(row.latin[0][0], latin, "winkler", 6)
    others = [
        known[at] for at in near if not mine & {reading for reading, _ in known[at].latin}
    ]
    return others[0] if others else None


def _turned(form: str, latin: str, dice: Dice) -> tuple[str, str]:
    return (form, latin) if dice.chance(0.7) else (latin, form)


def _pair(kind: str, asked: str, name: str, *, facts: tuple[Held, Held] | None = None) -> Draft:
    one, other = (facts[0].facts, facts[1].facts) if facts else ({}, {})
    return Draft(
        kind=kind,
        is_match=False,
        query=Side(schema="Person", names=(asked,), facts=one),
        candidate=Side(schema="Person", names=(name,), facts=other),
    )


KINDS: dict[str, tuple[int, Callable[[Pool], Drafts]]] = {
    "script-arabic-other": (800, partial(one_token_other, "arabic")),
    "script-russian-other": (550, partial(one_token_other, "russian")),
    "script-chinese-other": (220, partial(one_token_other, "chinese")),
    "script-japanese-other": (170, partial(one_token_other, "japanese")),
    "script-katakana-other": (170, partial(one_token_other, "katakana")),
    "script-hebrew-other": (280, partial(whole_nearest, "hebrew")),
    "script-korean-other": (280, partial(whole_nearest, "korean")),
    "script-listed-other": (350, listed),
    "script-arabic-rewritten-other": (350, partial(rewritten, "arabic")),
    "script-russian-rewritten-other": (250, partial(rewritten, "russian")),
    "own-script-other": (350, own_script),
}
"""How many of each kind in `fit`, and who makes them."""
