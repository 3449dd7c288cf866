"""Read a name into words."""

from comity.screening.names.model import Name, Sort, Token
from comity.screening.names.skeleton import skeleton
from comity.screening.normal import normal, script

LONGEST = 400
"""Characters of a name that are read; the rest is cut, and the name says so."""
LEGAL = frozenset(["ltd", "llc", "gmbh", "inc", "sa", "ag", "ooo", "jsc", "plc", "co"])
PARTICLES = frozenset(
    [
        "al",
        "el",
        "bin",
        "ben",
        "ibn",
        "bint",
        "de",
        "del",
        "la",
        "van",
        "von",
        "der",
        "den",
        "di",
        "da",
        "dos",
        "abu",
    ]
)


def read_name(text: str, schema: str = "Person") -> Name:
    """Read a name of an entity of this schema; never raises, whatever the text holds."""
    words = [word for word in normal(text[:LONGEST]).split() if word.isascii()]
    return Name(
        source=text,
        script=script(text).lower(),
        tokens=tuple(_token(word, word, schema) for word in words),
        warnings=("cut",) if len(text) > LONGEST else (),
    )


def _token(word: str, source: str, schema: str) -> Token:
    sort = Sort.NUMBER if word.isdigit() else Sort.INITIAL if len(word) == 1 else Sort.NAME
    sort = Sort.PARTICLE if word in PARTICLES else sort
    sort = Sort.LEGAL if schema != "Person" and word in LEGAL else sort
    return Token(text=word, source=source, sort=sort, readings=(word,), skeleton=skeleton(word))
