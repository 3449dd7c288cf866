"""Pairs of records of one person and of different persons, from open lists, to learn from.

Nobody of the `held-out` split is among them.
"""

import csv
import hashlib
import io
import lzma
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from bench.quality.splits import split_of
from bench.samples import COLLECTED, profiles

from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, EntityId
from comity.interop import Terms, country_code, import_un, sample_un
from comity.message import handling
from comity.node.loading import UNKNOWN
from comity.screening import Profile
from comity.screening.normal import normal

Pair = tuple[Profile, Profile]
_NEGATIVES = Path(__file__).parent / "data/negatives_global.csv.xz"
_SPELT = {
    "South Korea": "kr",
    "North Korea": "kp",
    "Hong Kong": "hk",
    "Taiwan": "tw",
    "Russia": "ru",
    "Iran": "ir",
    "Syria": "sy",
    "Vietnam": "vn",
    "Ivory Coast": "ci",
}
_GROUP = 200
"""A word that more bear than this makes nobody a namesake."""


def ofac() -> list[Profile]:
    """Return what OFAC's list holds, but for the held-out."""
    return [each for each in profiles() if split_of(each.entity_id) != "held-out"]


def nations() -> list[Profile]:
    """Return what the Security Council's list holds."""
    terms = Terms(
        dataset="un-sc",
        originator=AgencyId("xn.police"),
        grade=UNKNOWN,
        handling=handling("TLP:CLEAR"),
        basis="public-list",
        purpose="counter-terrorism",
        collected=COLLECTED,
        retain_until=Instant(COLLECTED + 365 * DAY),
        identify=lambda text: hashlib.sha256(text.encode()).hexdigest(),
    )
    held: dict[EntityId, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    schemata: dict[EntityId, str] = {}
    for said in import_un(sample_un().files["un_sc.xml"], terms=terms).statements:
        schemata[said.entity_id] = said.schema
        held[said.entity_id][said.prop].append(said.value)
    found = (_profile(str(key), schemata[key], props) for key, props in held.items())
    return [each for each in found if each.names]


def strangers() -> list[Profile]:
    """Return the synthetic people, but for the held-out."""
    rows = csv.DictReader(io.StringIO(lzma.decompress(_NEGATIVES.read_bytes()).decode()))
    return [
        _profile(str(number), "Person", _properties(row))
        for number, row in enumerate(rows)
        if split_of(row["full_name"]) != "held-out"
    ]


def linked(one: Sequence[Profile], other: Sequence[Profile]) -> list[Pair]:
    """Link records of one person: a whole name or a document, one record's on each list."""
    keys, others = _keys(one), _keys(other)
    found = {
        (mine[0].entity_id, theirs[0].entity_id): (mine[0], theirs[0])
        for key, mine in keys.items()
        if len(mine) == 1 and len(theirs := others.get(key, [])) == 1
    }
    return list(found.values())


def namesakes(people: Sequence[Profile], most: int) -> Iterator[Pair]:
    """Yield pairs of different persons who share a word of their names."""
    groups: dict[str, list[Profile]] = defaultdict(list)
    for each in people:
        for word in {word for word in normal(each.names[0]).split() if len(word) > 3}:
            groups[word].append(each)
    fit = [group for group in groups.values() if 1 < len(group) <= _GROUP]
    pairs = [pair for group in fit for pair in pairwise(group)]
    yield from pairs[:: max(1, len(pairs) // most)]


def at_random(people: Sequence[Profile], most: int) -> Iterator[Pair]:
    """Yield pairs of different persons without regard to their names."""
    for number in range(min(most, len(people) * 10)):
        one, other = (
            number % len(people),
            (number * 7919 + 1 + number // len(people)) % len(people),
        )
        if one != other:
            yield people[one], people[other]


def _keys(people: Iterable[Profile]) -> dict[str, list[Profile]]:
    found: dict[str, list[Profile]] = defaultdict(list)
    for each in people:
        names = (*each.properties.get("name", ()), *each.properties.get("alias", ()))
        keys = {" ".join(sorted(normal(name).split())) for name in names}
        papers = (each.properties.get(p, ()) for p in ("passportNumber", "idNumber"))
        keys = {key for key in keys if " " in key}
        keys |= {"#" + normal(paper).replace(" ", "") for held in papers for paper in held}
        for key in keys:
            found[key].append(each)
    return found


def _properties(row: Mapping[str, str]) -> dict[str, list[str]]:
    held = {
        "name": row["full_name"],
        "gender": row["gender"],
        "birthDate": row["date_of_birth"],
        "birthPlace": row["place_of_birth"],
        "nationality": _code(row["nationality"]),
    }
    return {prop: [value] for prop, value in held.items() if value}


def _code(name: str) -> str:
    try:
        return _SPELT.get(name) or country_code(name)
    except InvalidInputError:
        return ""


def _profile(key: str, schema: str, properties: Mapping[str, Sequence[str]]) -> Profile:
    return Profile(
        entity_id=EntityId(key),
        dataset="",
        schema=schema,
        properties={prop: tuple(values) for prop, values in properties.items()},
    )
