"""Read a name into words."""

from functools import lru_cache

from comity.screening.names import join
from comity.screening.names.alphabets import main_script
from comity.screening.names.fold import fold
from comity.screening.names.model import Name, Token
from comity.screening.names.tokens import tokens_of
from comity.screening.names.words import PERSONS

MOST = 48
"""Words of a name that are read; the rest is cut, and the name says so."""


def read_name(text: str, schema: str = "Person") -> Name:
    """Read a name of an entity of this schema; never raises, whatever the text holds."""
    return _read(text, schema in PERSONS)


@lru_cache(maxsize=1 << 13)
def _read(text: str, is_person: bool) -> Name:  # noqa: FBT001 - the cache's key
    folded, warnings = fold(text, dotted=not is_person)
    words = folded.split(" ") if folded else []
    if len(words) > MOST:
        del words[MOST:]
        warnings = tuple(dict.fromkeys((*warnings, "cut")))
    tokens: list[Token] = []
    for word in words:
        tokens += tokens_of(word, is_person)
    return Name(
        source=text,
        script=main_script(folded),
        tokens=tuple(join.together(tokens, is_person=is_person)),
        warnings=warnings,
    )
