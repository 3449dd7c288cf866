"""What a word of a name is: particle, title, legal form, generic word or number."""

from functools import cache

from comity.screening.names.data import words
from comity.screening.names.model import Name, Sort

_WIDEST = 12
PERSONS = frozenset(["Person"])
"""Schemata whose names hold no legal forms and no numbers."""
_ARTICLES = frozenset(["ad", "an", "ar", "as", "ash", "at", "az", "adh", "ath"])
"""The Arabic article before a letter it becomes one with: `ar-Rahman`, `ad-Din`."""
GIVEN_FIRST = frozenset(["ben", "van", "bin", "la", "do", "ter", "den", "da"])
"""Particles that are a name of their own when they open a name of two words."""


def sort_of(word: str, text: str, *, is_person: bool) -> tuple[Sort, str]:
    """Return the sort of a word and the form it is brought to; `text` is its first reading."""
    if not is_person:
        found = _of_organisation(word, text)
        if found:
            return found
    particles = words("particles.tsv")
    form = particles.get(word) or particles.get(text)
    if form:
        return Sort.PARTICLE, form
    if is_person:
        form = words("titles.tsv").get(word) or words("titles.tsv").get(text)
        if form:
            return Sort.TITLE, text
    if text.isdigit():
        return Sort.NUMBER, text.lstrip("0") or "0"
    return (Sort.INITIAL if len(text) == 1 else Sort.NAME), text


def _of_organisation(word: str, text: str) -> tuple[Sort, str] | None:
    for file, sort in (
        ("legal.tsv", Sort.LEGAL),
        ("generic.tsv", Sort.GENERIC),
        ("numbers.tsv", Sort.NUMBER),
    ):
        known = words(file)
        form = known.get(word) or known.get(text)
        if form:
            return sort, form
    return None


def is_article(text: str, following: str) -> bool:
    """Say whether `text` is an article that took on the sound of the word that follows."""
    return text in _ARTICLES and following[:1] == text[1:2]


@cache
def phrases() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Return the legal forms of several words by their first word, longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for written, form in words("legal.tsv").items():
        parts = tuple(written.split(" "))
        if len(parts) > 1:
            found.setdefault(parts[0], []).append((parts, form))
    for listed in found.values():
        listed.sort(key=lambda each: -len(each[0]))
    return found


def segments(word: str) -> list[str]:
    """Part a word of an organisation's name where known words stand in it."""
    known = _unspaced()
    found: list[str] = []
    rest = ""
    place = 0
    while place < len(word):
        width = next((w for w in range(_WIDEST, 1, -1) if word[place : place + w] in known), 0)
        if not width:
            rest += word[place]
            place += 1
            continue
        found += [rest, word[place : place + width]]
        rest = ""
        place += width
    return [part for part in (*found, rest) if part]


@cache
def _unspaced() -> frozenset[str]:
    every = {**words("legal.tsv"), **words("generic.tsv")}
    return frozenset(word for word in every if not word.isascii() and " " not in word)


def acronym(name: Name) -> str:
    """Return the first letters of a name's words; `ibm` of `International Business Machines`.

    Legal forms do not count, nor do `of`, `the` and particles.
    """
    counted = (
        token.text
        for token in name.tokens
        if token.sort in {Sort.NAME, Sort.INITIAL}
        or (token.sort is Sort.GENERIC and token.text not in {"of", "the", "for"})
    )
    return "".join(text[0] for text in counted)
