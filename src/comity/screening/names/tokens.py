"""One written word to its tokens: its script, its readings, its sort."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from comity.screening.names import abd, han, hangul, tails
from comity.screening.names.alphabets import script_of
from comity.screening.names.data import words
from comity.screening.names.lattice import LONGEST, combine, distinct
from comity.screening.names.learned import readings
from comity.screening.names.lookalikes import CASED, looks
from comity.screening.names.model import Sort, Token
from comity.screening.names.skeleton import skeleton
from comity.screening.names.words import segments, sort_of

_FORMS = ("jsc", "ojsc", "pjsc", "cjsc", "ooo", "oao", "zao", "pao", "llc", "ltd", "gmbh")
"""Legal forms that are found stuck to the name that follows."""
_LEAST = 4
_ARTICLE = "ال"
_ABD = "عبدال"
_DIGITS = str.maketrans("013456789", "oieasgtbg")
"""Digits that stand for a letter in a person's name, as in `0bama`."""
_UNPARTED = frozenset(["han", "kana", "hangul", "thai"])
"""Scripts that write the words of an organisation's name without spaces."""


class Setting(NamedTuple):
    """What the rest of the name says of each of its words."""

    is_person: bool
    alone: bool = False
    """The only word in a script of East Asia: it holds family and given name."""
    japanese: bool = False
    """Kana stand in the name."""
    variety: str = ""
    """The language whose own letters stand in a Cyrillic name."""
    mixed: bool = False
    """Words in Latin letters stand beside words in others."""


@lru_cache(maxsize=1 << 16)
def tokens_of(word: str, setting: Setting) -> tuple[Token, ...]:
    """Return the tokens of a folded word; none where it holds nothing that can be read."""
    if word.isascii():
        word = word[:LONGEST]
        read: tuple[str, ...] = (word,)
        if setting.is_person and not word.isalpha() and not word.isdigit():
            read = distinct((word, word.translate(_DIGITS)))
        return (made(word, read, is_person=setting.is_person),)
    return tuple(_tokens(word, setting))


def _tokens(word: str, setting: Setting) -> Iterator[Token]:
    runs = _runs(word)
    if len(runs) > 1 and all(
        script in CASED or script in {"", "georgian"} for _, script in runs
    ):
        mixed = combine([readings(run, script) or ("",) for run, script in runs])
        runs = []
        if mixed:
            yield made(word, mixed, is_person=setting.is_person)
    for run, script in runs:
        for source, found in _parts(run, script, setting):
            read = found
            if setting.mixed and script in CASED:
                # A word of look-alikes among Latin words may be a disguise: both are read.
                read = distinct((*read[:6], looks(source), *read))
            if read:
                yield made(source, read, is_person=setting.is_person)


def _runs(word: str) -> list[tuple[str, str]]:
    """Part a word where its script changes; digits and marks stay with what they follow."""
    scripts: list[str] = []
    for char in word:
        scripts.append(script_of(char) or (scripts[-1] if scripts else ""))
    pairs = groupby(zip(word, scripts, strict=True), key=lambda pair: pair[1])
    return [("".join(char for char, _ in group), script) for script, group in pairs]


def _parts(word: str, script: str, setting: Setting) -> Iterable[han.Part]:
    if not setting.is_person and script in _UNPARTED:
        for part in segments(word):
            yield from _one(part, script, setting)
    else:
        yield from _one(word, script, setting)


def _one(word: str, script: str, setting: Setting) -> Iterable[han.Part]:
    alone = setting.alone and setting.is_person
    if script == "han":
        yield from han.parts(word, alone=alone, japanese=setting.japanese)
    elif script == "hangul" and setting.is_person:
        yield from _korean(word, alone=alone)
    elif script == "arabic":
        yield from _arabic(word, is_person=setting.is_person)
    else:
        yield word, readings(word, script, setting.variety)


def _korean(word: str, *, alone: bool) -> Iterable[han.Part]:
    family, given = hangul.parted(word) if alone else ("", word)
    if not family and hangul.surname(word):
        family, given = word, ""
    if family:
        yield family, distinct((*hangul.surname(family), *hangul.hangul(family)))
    if given:
        yield given, spelled_and_learned(given)


def spelled_and_learned(word: str) -> tuple[str, ...]:
    """Return how a Korean word is romanised, by rule where it is short, else as learned."""
    ruled, learned = hangul.hangul(word), readings(word, "hangul")
    if len(word) <= 2:  # noqa: PLR2004 - a given name; longer words are mostly foreign
        return distinct((*ruled[:5], *learned[:3], *ruled))
    return distinct((*learned[:6], *ruled[:2], *learned))


def _arabic(word: str, *, is_person: bool) -> Iterable[han.Part]:
    if sort_of(word, "", is_person=is_person)[0] in {Sort.NAME, Sort.INITIAL}:
        if word.startswith(_ABD) and len(word) - len(_ABD) >= _LEAST - 1:
            rest = readings(word[len(_ABD) :], "arabic")
            yield word, distinct(f"abdul{each}" for each in rest) or ("abd",)
            return
        if word.startswith(_ARTICLE) and len(word) > _LEAST and word not in words("known.tsv"):
            yield _ARTICLE, ("al",)
            word = word[len(_ARTICLE) :]
    yield word, readings(word, "arabic")


def made(source: str, read: tuple[str, ...], *, is_person: bool) -> Token:
    """Make a token of its readings, the likeliest first, with the sort the word has."""
    first = read[0]
    sort, form = sort_of(source, first, is_person=is_person)
    if sort is Sort.NAME:
        form = tails.whole(abd.whole(first))
        read = (*read, *_freed(first, is_person=is_person))
    form = form[:LONGEST]
    if form != first:
        read = (form, *read)
    if read[1:]:
        read = distinct(read)
    return Token(form, source, sort, read, skeleton(form))


def _freed(text: str, *, is_person: bool) -> tuple[str, ...]:
    """Return the name that a legal form is stuck to, as in `JSCARGUMENT`."""
    if is_person:
        return ()
    return tuple(
        text[len(form) :]
        for form in _FORMS
        if text.startswith(form) and len(text) - len(form) >= _LEAST
    )
