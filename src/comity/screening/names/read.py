"""Read a name into words."""

from functools import lru_cache

from comity.screening.names import join
from comity.screening.names.alphabets import main_script, script_of
from comity.screening.names.fold import LONGEST, fold
from comity.screening.names.learned import variety_of
from comity.screening.names.model import Name, Token
from comity.screening.names.tokens import Setting, tokens_of
from comity.screening.names.words import PERSONS

_PLAIN = (Setting(is_person=False), Setting(is_person=True))
MOST = 48
"""Words of a name that are read; the rest is cut, and the name says so."""


def read_name(text: str, schema: str = "Person") -> Name:
    """Read a name of an entity of this schema; never raises, whatever the text holds."""
    return _read(text, schema in PERSONS)


def _setting(words: list[str], *, is_person: bool) -> Setting:
    scripts = [{script_of(char) for char in word} for word in words]
    eastern = sum(not found.isdisjoint({"han", "hangul"}) for found in scripts)
    return Setting(
        is_person=is_person,
        alone=eastern == 1,
        japanese=any("kana" in found for found in scripts),
        variety=variety_of(" ".join(words)),
        mixed=any("latin" in found for found in scripts),
    )


@lru_cache(maxsize=1 << 13)
def _read(text: str, is_person: bool) -> Name:  # noqa: FBT001 - the cache's key
    folded, warnings = fold(text, dotted=not is_person)
    words = folded.split(" ") if folded else []
    if len(words) > MOST:
        del words[MOST:]
        warnings = tuple(dict.fromkeys((*warnings, "cut")))
    setting = _PLAIN[is_person] if folded.isascii() else _setting(words, is_person=is_person)
    tokens: list[Token] = []
    for word in words:
        tokens += tokens_of(word, setting)
    return Name(
        source=text,
        script=main_script(folded),
        tokens=tuple(join.together(tokens, text[:LONGEST].lower(), is_person=is_person)),
        warnings=warnings,
    )
