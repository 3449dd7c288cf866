"""What the index looks for: words in their readings, marks and identifiers, without payload.

Names asked and names held are read by the same functions, so that both sides meet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from comity.screening.model import Profile, Query
from comity.screening.names import Name, Sort, read_name

MOST_WORDS = 12
"""Words of one asked name that are looked up; a longer one is looked up by its first ones."""
MOST_ALTERNATIVES = 8
"""Ways of joining or parting words of one asked name that are tried."""
DATES = ("birthDate", "incorporationDate")
NUMBERS = (
    "passportNumber",
    "idNumber",
    "taxNumber",
    "registrationNumber",
    "imoNumber",
    "mmsi",
    "email",
    "phone",
    "leiCode",
    "callSign",
    "innCode",
    "ogrnCode",
    "vatCode",
    "swiftBic",
    "iban",
    "accountNumber",
    "publicKey",
    "number",
)
_PLACES = ("nationality", "citizenship", "country", "jurisdiction", "flag")
_EPOCH = 1849
_LATEST = 255
_SHORTEST_NUMBER = 4
_SHORTEST_PART = 3
_LAYERS = (
    frozenset([Sort.NAME, Sort.NUMBER, Sort.GENERIC]),
    frozenset([Sort.PARTICLE, Sort.LEGAL, Sort.TITLE]),
    frozenset([Sort.INITIAL]),
)
_TELLING = frozenset([Sort.NAME, Sort.NUMBER])

Words = tuple[tuple[str, ...], ...]
"""The words of a name that are looked up, each in all its readings, likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is cheap to compare in a scan; 0 always means unknown, or several."""

    year: int = 0
    """1 is 1850; whoever is older shares it."""
    day: int = 0
    """Month times 32 plus day."""
    sex: int = 0
    country: int = 0
    """Two letters in base 32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as the index sees it."""

    names: tuple[Words, ...]
    joins: tuple[tuple[Words, ...], ...]
    """For each name, the other ways to join or part its words."""
    marks: Marks
    numbers: tuple[str, ...]
    is_generic: bool
    """No word of any name tells one bearer from another: `corp`, `bank`, `dr`."""


def asked(query: Query) -> Asked:
    """Read a question."""
    read = [read_words(name, query.schema) for name in query.names]
    kept = dict.fromkeys(each.words[:MOST_WORDS] for each in read if each.words)
    return Asked(
        names=tuple(kept),
        joins=tuple(tuple(_alternatives(words)) for words in kept),
        marks=marks_of(query.properties),
        numbers=numbers_of(query.properties),
        is_generic=bool(kept) and not any(each.is_telling for each in read),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """A name's words for the index."""

    words: Words
    is_telling: bool


@lru_cache(maxsize=16_384)
def read_words(text: str, schema: str) -> Reading:
    """Read a name into the words looked up: particles and forms only where it has no others."""
    name = read_name(text, schema)
    layer = _layer(name)
    found: list[tuple[str, ...]] = []
    before = ""
    for token in name.tokens:
        if token.sort in layer:
            joined = (before + token.text,) if before else ()
            found.append(tuple(dict.fromkeys((*token.readings, *joined))))
        before = token.text if token.sort is Sort.PARTICLE else ""
    return Reading(tuple(found), any(token.sort in _TELLING for token in name.tokens))


def held_words(profile: Profile) -> Iterator[tuple[Words, bool]]:
    """Yield the words of each held name, each way once, and whether the alias is a weak one."""
    weak = frozenset(profile.properties.get("weakAlias", ()))
    seen: set[Words] = set()
    for name in profile.names:
        words = read_words(name, profile.schema).words
        if words and words not in seen:
            seen.add(words)
            yield words, name in weak


def marks_of(properties: Mapping[str, tuple[str, ...]]) -> Marks:
    """Read birth date, sex and country, each only where there is no doubt which."""
    dates = {date for prop in DATES for date in properties.get(prop, ())}
    years = {date[:4] for date in dates if date[:4].isdecimal()}
    places = {place.lower() for prop in _PLACES for place in properties.get(prop, ())}
    sexes = {sex[:1].lower() for sex in properties.get("gender", ())}
    return Marks(
        year=_year(years.pop()) if len(years) == 1 else 0,
        day=_day(dates.pop()) if len(dates) == 1 else 0,
        sex={"m": 1, "f": 2}.get(sexes.pop(), 0) if len(sexes) == 1 else 0,
        country=_country(places.pop()) if len(places) == 1 else 0,
    )


def numbers_of(properties: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return identifiers in one form, whatever they are called; short ones say little."""
    found = (bare(value) for prop in NUMBERS for value in properties.get(prop, ()))
    return tuple(dict.fromkeys(each for each in found if len(each) >= _SHORTEST_NUMBER))


def bare(number: str) -> str:
    """Keep letters and digits."""
    return "".join(char for char in number.casefold() if char.isalnum())


def deletions(text: str) -> Iterator[str]:
    """Yield a text without each of its characters in turn."""
    for place in range(len(text)):
        yield text[:place] + text[place + 1 :]


def _layer(name: Name) -> frozenset[Sort]:
    sorts = {token.sort for token in name.tokens}
    return next((layer for layer in _LAYERS if layer & sorts), _LAYERS[-1])


def _alternatives(words: Words) -> Iterator[Words]:
    """Join neighbours, and part long words; the parts of a shelf keep what they know."""
    for place in range(len(words) - 1):
        joined = words[place][0] + words[place + 1][0]
        yield (*words[:place], (joined,), *words[place + 2 :])
    for place, word in enumerate(words):
        text = word[0]
        for cut in range(_SHORTEST_PART, len(text) - _SHORTEST_PART + 1):
            yield (*words[:place], (text[:cut],), (text[cut:],), *words[place + 1 :])


def _year(text: str) -> int:
    return min(max(int(text) - _EPOCH, 1), _LATEST)


def _day(date: str) -> int:
    parts = date[:10].split("-")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):  # noqa: PLR2004
        return 0
    return (int(parts[1]) % 16) * 32 + int(parts[2]) % 32


def _country(code: str) -> int:
    if len(code) != 2 or not (code.isascii() and code.isalpha()):  # noqa: PLR2004
        return 0
    return (ord(code[0]) - 96) * 32 + ord(code[1]) - 96
