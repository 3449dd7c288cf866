"""One person in two scripts, and under two Latin readings of one spelling."""

from collections.abc import Callable, Iterator
from functools import partial

from bench.quality.dice import Dice
from bench.quality.drafts import Draft, Drafts, Side
from bench.quality.noise import slips
from bench.quality.pool import Pool
from bench.quality.sources import fold, script_of
from bench.quality.splits import split_of_row
from bench.quality.translit import Row, forms_of, full_names, tokens

MARK = {"katakana": "・", "japanese": "・", "chinese": "·"}
_MAKEABLE = 200_000


def assembled(file: str, pool: Pool) -> Drafts:
    """Yield names of two or three tokens of one script beside one Latin reading of each."""
    for place, words in assemblies(file, pool):
        dice = Dice("assembled", file, pool.split, str(place))
        form = MARK.get(file, " ").join(word.form for word in words)
        latin = " ".join(dice.weighted(word.latin) for word in words).title()
        asked, held = (form, latin) if dice.chance(0.7) else (latin, form)
        yield _pair(f"script-{file}", asked, held)


def readings(file: str, pool: Pool) -> Drafts:
    """Yield two Latin readings of the same two or three tokens."""
    for place, words in assemblies(file, pool):
        dice = Dice("readings", file, pool.split, str(place))
        one, other = (
            " ".join(dice.weighted(word.latin) for word in words).title() for _ in range(2)
        )
        if fold(one) != fold(other):
            yield _pair(f"reading-{file}", one, other)


def whole(file: str, pool: Pool) -> Drafts:
    """Yield full names that come in both scripts."""
    found = full_names(file, pool.split)
    dice = Dice("whole", file, pool.split)
    for latin, form in dice.shuffled(found):
        asked, held = (form, latin) if dice.chance(0.7) else (latin, form)
        yield _pair(f"script-{file}", asked, held)


def original(pool: Pool) -> Drafts:
    """Yield names of the lists in their original script beside the Latin ones."""
    for held in pool.people:
        for name in held.original:
            yield _pair("script-listed", name, *held.strong[:1], facts=held.facts)
            for other in held.strong[1:3]:
                yield _pair("script-listed", name, other, facts=held.facts)


def rewritten(file: str, pool: Pool) -> Drafts:
    """Yield list people whose every word is known in the script, written in it."""
    for held in (*pool.people, *pool.synthetic):
        for name in held.strong[:3]:
            form = in_script(name, file, pool)
            if form:
                yield _pair(f"script-{file}-rewritten", form, name, facts=held.facts)


def in_script(name: str, file: str, pool: Pool) -> str:
    """Write a Latin name in a script, token by token; empty where this split lacks one."""
    known = forms_of(file)
    found = [known.get(word, ("", 0)) for word in fold(name).split()]
    if len(found) < 2 or any(
        count < 3 or split_of_row(form) != pool.split for form, count in found
    ):
        return ""
    return MARK.get(file, " ").join(form for form, _ in found)


def own_script(pool: Pool) -> Drafts:
    """Yield names in their own script, moved, cut or with one slip."""
    for held in pool.foreign:
        name = held.original[0]
        dice = Dice("own", held.key)
        told = _moved(name, dice)
        if told != name:
            yield _pair(f"own-{script_of(name)}", told, name, facts=held.facts)


def _moved(name: str, dice: Dice) -> str:
    words = name.split()
    way = dice.below(4)
    if way == 0:
        return " ".join((words[-1], *words[:-1]))
    if way == 1 and len(words) > 2:
        return " ".join((words[0], *words[2:]))
    if way == 2:
        return slips.letters_swapped(name, dice) if len(name) > 8 else name
    return "".join(words) if script_of(name) in ("cjk", "hangul", "hiragana") else name


def assemblies(file: str, pool: Pool) -> Iterator[tuple[int, list[Row]]]:
    """Yield tokens to a name, common ones more often, as names have them."""
    known = tokens(file, pool.split)
    weights = [(row, min(200, sum(count for _, count in row.latin))) for row in known]
    for place in range(_MAKEABLE):
        dice = Dice("assemble", file, pool.split, str(place))
        count = 2 if dice.chance(0.6) else 3
        wide = [
            dice.weighted(weights) if dice.chance(0.5) else dice.pick(known)
            for _ in range(count)
        ]
        if len({row.form for row in wide}) == count:
            yield place, wide


def _pair(
    kind: str, asked: str, held: str, *, facts: dict[str, tuple[str, ...]] | None = None
) -> Draft:
    known = facts or {}
    return Draft(
        kind=kind,
        is_match=True,
        query=Side(schema="Person", names=(asked,), facts=known),
        candidate=Side(schema="Person", names=(held,), facts=known),
    )


KINDS: dict[str, tuple[int, Callable[[Pool], Drafts]]] = {
    "script-arabic": (700, partial(assembled, "arabic")),
    "script-russian": (500, partial(assembled, "russian")),
    "script-chinese": (200, partial(assembled, "chinese")),
    "script-japanese": (150, partial(assembled, "japanese")),
    "script-katakana": (150, partial(assembled, "katakana")),
    "script-hebrew": (250, partial(whole, "hebrew")),
    "script-korean": (250, partial(whole, "korean")),
    "script-listed": (300, original),
    "script-arabic-rewritten": (300, partial(rewritten, "arabic")),
    "script-russian-rewritten": (200, partial(rewritten, "russian")),
    "reading-arabic": (300, partial(readings, "arabic")),
    "reading-russian": (250, partial(readings, "russian")),
    "reading-japanese": (60, partial(readings, "japanese")),
    "own-script": (300, own_script),
}
"""How many of each kind in `fit`, and who makes them."""
