"""One written word to its tokens: its script, its readings, its sort."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from comity.screening.names import abd, hangul
from comity.screening.names.alphabets import script_of
from comity.screening.names.lattice import LONGEST, combine, distinct
from comity.screening.names.letters import ruled
from comity.screening.names.lookalikes import CASED
from comity.screening.names.model import Sort, Token
from comity.screening.names.skeleton import skeleton
from comity.screening.names.words import sort_of

_FORMS = ("jsc", "ojsc", "pjsc", "cjsc", "ooo", "oao", "zao", "pao", "llc", "ltd", "gmbh")
"""Legal forms that are found stuck to the name that follows."""
_LEAST = 4
_ABD = "عبدال"


@lru_cache(maxsize=1 << 16)
def tokens_of(word: str, is_person: bool) -> tuple[Token, ...]:  # noqa: FBT001 - the cache's key
    """Return the tokens of a folded word; none where it holds nothing that can be read."""
    if word.isascii():
        word = word[:LONGEST]
        return (made(word, (word,), is_person=is_person),)
    runs = _runs(word)
    if len(runs) > 1 and all(
        script in CASED or script in {"", "georgian"} for _, script in runs
    ):
        readings = combine([ruled(run, script) or ("",) for run, script in runs])
        return (made(word, readings, is_person=is_person),) if readings else ()
    found: list[Token] = []
    for run, script in runs:
        found += _run(run, script, is_person=is_person)
    return tuple(found)


def _runs(word: str) -> list[tuple[str, str]]:
    """Part a word where its script changes; digits and marks stay with what they follow."""
    scripts: list[str] = []
    for char in word:
        script = script_of(char) or (scripts[-1] if scripts else "")
        scripts.append(script)
    pairs = groupby(zip(word, scripts, strict=True), key=lambda pair: pair[1])
    return [("".join(char for char, _ in group), script) for script, group in pairs]


def _run(word: str, script: str, *, is_person: bool) -> Iterable[Token]:
    if script == "hangul" and is_person:
        return _korean(word)
    if script == "arabic":
        return _arabic(word, is_person=is_person)
    readings = ruled(word, script)
    return (made(word, readings, is_person=is_person),) if readings else ()


def _korean(word: str) -> Iterable[Token]:
    family, given = hangul.parted(word)
    if not family and hangul.surname(word):
        family, given = word, ""
    if family:
        yield made(family, hangul.surname(family), is_person=True)
    readings = ruled(given, "hangul")
    if readings:
        yield made(given, readings, is_person=True)


def _arabic(word: str, *, is_person: bool) -> Iterable[Token]:
    sort, _ = sort_of(word, "", is_person=is_person)
    if word.startswith(_ABD) and len(word) - len(_ABD) >= _LEAST - 1:
        # "abd" and the article are one head here, as in Latin.
        readings = distinct(f"abdul{each}" for each in ruled(word[len(_ABD) :], "arabic"))
        yield made(word, readings or ("abd",), is_person=is_person)
        return
    rest = word[2:] if word.startswith("ال") and sort in {Sort.NAME, Sort.INITIAL} else ""
    if len(rest) >= _LEAST - 1 and word != "الله":
        yield made("ال", ("al",), is_person=is_person)
        word = rest
    readings = ruled(word, "arabic")
    if readings:
        yield made(word, readings, is_person=is_person)


def made(source: str, readings: tuple[str, ...], *, is_person: bool) -> Token:
    """Make a token of its readings, the likeliest first, with the sort the word has."""
    first = readings[0]
    sort, form = sort_of(source, first, is_person=is_person)
    if sort is Sort.NAME:
        form = abd.whole(first)
        readings = (*readings, *_freed(first, is_person=is_person))
    form = form[:LONGEST]
    if form != first:
        readings = (form, *readings)
    if readings[1:]:
        readings = distinct(readings)
    return Token(form, source, sort, readings, skeleton(form))


def _freed(text: str, *, is_person: bool) -> tuple[str, ...]:
    """Return the name that a legal form is stuck to, as in `JSCARGUMENT`."""
    if is_person:
        return ()
    return tuple(
        text[len(form) :]
        for form in _FORMS
        if text.startswith(form) and len(text) - len(form) >= _LEAST
    )
