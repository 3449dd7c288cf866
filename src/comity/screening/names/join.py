"""What several written words make together: `abd al rahman`, `limited liability company`."""

from collections.abc import Sequence

from comity.screening.names import abd, tails
from comity.screening.names.eastern import given_joined
from comity.screening.names.lattice import distinct
from comity.screening.names.model import Sort, Token
from comity.screening.names.skeleton import skeleton
from comity.screening.names.words import GIVEN_FIRST, is_article, phrases

_TAILS = frozenset([*tails.FAITH, *tails.WITH_ARTICLE])
_ROMAN = {"i": "1", "v": "5", "x": "10"}
"""Roman numbers of one letter: only at the end of a name."""


def together(tokens: list[Token], written: str, *, is_person: bool) -> list[Token]:
    """Join tokens that are one word, and settle what only their place can tell."""
    if not is_person:
        tokens = _legal(tokens)
    tokens = _abd(tokens)
    _articles(tokens)
    tokens = _tailed(tokens)
    if is_person and len(tokens) == 3:  # noqa: PLR2004 - a family and two syllables of a given name
        tokens = given_joined(tokens, written)
    _ends(tokens, is_person=is_person)
    return tokens


def _ends(tokens: list[Token], *, is_person: bool) -> None:
    """Settle the first word of `Ben Affleck` and the last of `Star V`."""
    if is_person and len(tokens) == 2 and tokens[0].source in GIVEN_FIRST:  # noqa: PLR2004
        source = tokens[0].source
        readings = distinct((source, *tokens[0].readings))
        tokens[0] = Token(source, source, Sort.NAME, readings, skeleton(source))
    last = tokens[-1] if not is_person and len(tokens) > 1 else None
    if last and last.text in _ROMAN:
        number = _ROMAN[last.text]
        tokens[-1] = Token(number, last.source, Sort.NUMBER, (number, last.text), number)


def _articles(tokens: list[Token]) -> None:
    for place in range(len(tokens) - 1):
        here = tokens[place]
        if len(here.text) < 4 and is_article(here.text, tokens[place + 1].text):  # noqa: PLR2004
            readings = distinct(("al", *here.readings))
            tokens[place] = Token("al", here.source, Sort.PARTICLE, readings, skeleton("al"))


def _tailed(tokens: list[Token]) -> list[Token]:
    """Join `saad al din` and `rahmat allah`."""
    if not any(token.text in _TAILS for token in tokens[1:]):
        return tokens
    made: list[Token] = []
    for token in tokens:
        tail = tails.WITH_ARTICLE.get(token.text, "")
        stems = 1
        if token.text in tails.FAITH and made and made[-1].text == "al":
            tail, stems = "uddin", 2
        if tail and len(made) >= stems and made[-stems].sort is Sort.NAME:
            parts = [*made[-stems:], token]
            del made[-stems:]
            made.append(_with_tail(parts, tail))
        else:
            made.append(token)
    return made


def _with_tail(parts: Sequence[Token], tail: str) -> Token:
    stem = parts[0]
    readings = distinct(
        (*(f"{each}{tail}" for each in stem.readings[:6]), stem.text + parts[-1].text)
    )
    source = " ".join(part.source for part in parts)
    return Token(readings[0], source, Sort.NAME, readings, skeleton(readings[0]))


def _abd(tokens: list[Token]) -> list[Token]:
    if not any(token.text in abd.HEADS for token in tokens[:-1]):
        return tokens
    made: list[Token] = []
    place = 0
    while place < len(tokens):
        width = _reach(tokens, place)
        made.append(_one(tokens[place : place + width]) if width > 1 else tokens[place])
        place += width
    return made


def _reach(tokens: Sequence[Token], place: int) -> int:
    """Return how many tokens the name that begins here takes; one where it takes no other."""
    head = tokens[place]
    if head.text not in abd.HEADS:
        return 1
    rest = tokens[place + 1 : place + 3]
    if rest and (rest[0].text == "al" or _assimilated(rest)):
        return 3 if len(rest) > 1 and rest[1].sort is Sort.NAME else 1
    if head.text in {"abdu", "abdou"} or not rest:
        return 1
    return 2 if rest[0].sort is Sort.NAME else 1


def _assimilated(rest: Sequence[Token]) -> bool:
    return len(rest) > 1 and is_article(rest[0].text, rest[1].text)


def _one(parts: Sequence[Token]) -> Token:
    head, last = parts[0], parts[-1]
    readings = distinct(
        (
            *(abd.joined(head.text, each) for each in last.readings),
            "".join(part.text for part in parts),
            f"abd{last.text}",
        )
    )
    source = " ".join(part.source for part in parts)
    return Token(readings[0], source, Sort.NAME, readings, skeleton(readings[0]))


def _legal(tokens: list[Token]) -> list[Token]:
    known = phrases()
    if not any(token.source in known or token.text in known for token in tokens):
        return tokens
    made: list[Token] = []
    place = 0
    while place < len(tokens):
        width, form = _phrase(tokens, place)
        made.append(_as_legal(tokens[place : place + width], form) if form else tokens[place])
        place += width
    return made


def _phrase(tokens: Sequence[Token], place: int) -> tuple[int, str]:
    first = tokens[place]
    known = phrases()
    for parts, form in (*known.get(first.source, ()), *known.get(first.text, ())):
        asked = tokens[place : place + len(parts)]
        if len(asked) == len(parts) and all(
            part in {token.source, *token.readings}
            for part, token in zip(parts, asked, strict=True)
        ):
            return len(parts), form
    return 1, ""


def _as_legal(parts: Sequence[Token], form: str) -> Token:
    readings = distinct((form, "".join(part.readings[-1] for part in parts)))
    source = " ".join(part.source for part in parts)
    return Token(form, source, Sort.LEGAL, readings, skeleton(form))
