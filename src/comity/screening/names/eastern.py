"""Chinese and Korean given names in Latin letters: two syllables are one name either way."""

from collections.abc import Sequence
from functools import cache

from comity.screening.names.data import rows, words
from comity.screening.names.lattice import distinct
from comity.screening.names.model import Sort, Token
from comity.screening.names.skeleton import skeleton

_LONGEST = 6


def given_joined(tokens: list[Token], written: str) -> list[Token]:
    """Return `Kim Jong Un` and `Xiao Ping Deng` with their given names joined.

    Only three short words count, each a syllable of one of the two languages, the first or the
    last of them a family name; a hyphen in the name, as `written` in small letters, decides.
    """
    if not all(_is_syllable(token) for token in tokens):
        return tokens
    first, middle, last = tokens
    if f"{middle.text}-{last.text}" in written:
        return [first, _joined((middle, last))]
    if f"{first.text}-{middle.text}" in written:
        return [_joined((first, middle)), last]
    opening, closing = _families().get(first.text), _families().get(last.text)
    if opening is None and closing is None:
        return tokens
    if closing is None or (opening is not None and opening <= closing):
        return [first, _joined((middle, last))]
    return [_joined((first, middle)), last]


def _is_syllable(token: Token) -> bool:
    return (
        token.sort is Sort.NAME
        and len(token.text) <= _LONGEST
        and token.source.isascii()
        and (token.text in words("syllables.tsv") or token.text in _families())
    )


def _joined(parts: Sequence[Token]) -> Token:
    text = "".join(part.text for part in parts)
    source = " ".join(part.source for part in parts)
    return Token(text, source, Sort.NAME, distinct((text,)), skeleton(text))


@cache
def _families() -> dict[str, int]:
    """Return family names in Latin letters with their place among the commonest."""
    found: dict[str, int] = {}
    for file in ("surnames_han.tsv", "surnames_hangul.tsv"):
        for place, row in enumerate(rows(file)):
            for each in row[1].split(" "):
                found[each] = min(place, found.get(each, place))
    return found
