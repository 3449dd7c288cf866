"""Country names to codes, by exact comparison with a reviewed table, never by likeness.

The table is the vocabulary's own English names and the other spellings below, each taken from a
list that uses it. What is not here is rejected with its reason, and a person decides.
"""

from functools import cache
from typing import Final

from comity.core.errors import InvalidInputError
from comity.message import vocabulary

_ALSO: Final = {
    "bahamas, the": "bs",
    "bolivia (plurinational state of)": "bo",
    "brunei darussalam": "bn",
    "burma": "mm",
    "cabo verde": "cv",
    "china, hong kong special administrative region": "hk",
    "congo, democratic republic of the": "cd",
    "congo": "cg",
    "congo, republic of the": "cg",
    "cote d ivoire": "ci",
    "cote d'ivoire": "ci",
    "czech republic": "cz",
    "democratic people's republic of korea": "kp",
    "democratic republic of the congo": "cd",
    "former soviet union": "suhh",
    "hong kong": "hk",
    "iran (islamic republic of)": "ir",
    "korea, north": "kp",
    "korea, south": "kr",
    "lao people's democratic republic": "la",
    "macau": "mo",
    "macedonia, the former yugoslav republic of": "mk",
    "man, isle of": "im",
    "palestinian": "ps",
    "region: crimea": "ua-cri",
    "region: gaza": "ps",
    "region: northern mali": "ml",
    "republic of korea": "kr",
    "republic of moldova": "md",
    "russian federation": "ru",
    "st. kitts & nevis": "kn",
    "st. vincent and the grenadines": "vc",
    "state of palestine": "ps",
    "syrian arab republic": "sy",
    "the gambia": "gm",
    "turkey": "tr",
    "united kingdom of great britain and northern ireland": "gb",
    "united republic of tanzania": "tz",
    "united states of america": "us",
    "venezuela (bolivarian republic of)": "ve",
    "viet nam": "vn",
    "virgin islands, british": "vg",
    "west bank": "ps",
}


def country_code(name: str) -> str:
    """Return the code of a country; raises `InvalidInputError` where the table has none."""
    code = _table().get(" ".join(name.replace("\u2019", "'").split()).casefold())
    if code is None:
        raise InvalidInputError("expected a country of the table")
    return code


@cache
def _table() -> dict[str, str]:
    english = {name.casefold(): code for code, name in vocabulary.names("country").items()}
    return english | _ALSO
