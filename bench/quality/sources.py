"""Who and what is on the lists and among the synthetic people, as the laboratory sees them.

Names are folded here by a few lines of their own, not by those of screening: what is measured
must not choose its own questions.
"""

import csv
import hashlib
import io
import lzma
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.samples import COLLECTED, imported

from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId
from comity.interop import Terms, country_code, import_un, sample_un
from comity.message import Statement, handling
from comity.node.loading import UNKNOWN

DATA = Path(__file__).parents[1] / "data"
STRONG, WEAK = ("name", "alias", "previousName"), ("weakAlias",)
FACTS = (
    "birthDate",
    "gender",
    "nationality",
    "citizenship",
    "country",
    "passportNumber",
    "idNumber",
    "taxNumber",
    "registrationNumber",
    "imoNumber",
    "flag",
    "birthPlace",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One person or thing: its Latin names, its names in another script, and what is known."""

    key: str
    schema: str
    strong: tuple[str, ...]
    weak: tuple[str, ...]
    original: tuple[str, ...]
    """Names in another script."""
    facts: dict[str, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """Every Latin name, the strong ones first."""
        return (*self.strong, *self.weak)

    @property
    def countries(self) -> frozenset[str]:
        """Every country it is known to have to do with."""
        props = ("nationality", "citizenship", "country", "flag")
        return frozenset(code for prop in props for code in self.facts.get(prop, ()))


def fold(name: str) -> str:
    """Lower a name, strip its marks, and part its words by single spaces."""
    apart = unicodedata.normalize("NFKD", name.replace("ß", "ss")).casefold()
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w]+", " ", re.sub(r"['`’‘]", "", bare)).split())  # noqa: RUF001


def key_of(name: str) -> str:
    """Return the words of a folded name in order: two orders of one name have one key."""
    return " ".join(sorted(fold(name).split()))


def script_of(name: str) -> str:
    """Name the script of most letters, such as `latin`, `arabic`, `cjk`, `hiragana`."""
    found = [unicodedata.name(sign, "").partition(" ")[0] for sign in name if sign.isalpha()]
    return max(sorted(set(found)), key=found.count).lower() if found else ""


@cache
def ofac() -> tuple[Held, ...]:
    """Return the people and things of the shipped list of OFAC."""
    return _held(imported().statements)


@cache
def united_nations() -> tuple[Held, ...]:
    """Return the people and organisations of the shipped part of the UN's list."""
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
    return _held(import_un(sample_un().files["un_sc.xml"], terms=terms).statements)


@cache
def synthetic() -> tuple[Held, ...]:
    """Return the 50,000 synthetic people, each name in its own script."""
    text = lzma.decompress((DATA / "negatives_global.csv.xz").read_bytes()).decode()
    rows = csv.DictReader(io.StringIO(text))
    return tuple(_synthetic(place, row) for place, row in enumerate(rows))


def _synthetic(place: int, row: dict[str, str]) -> Held:
    name, gender = row["full_name"], row["gender"]
    facts = {
        "birthDate": (row["date_of_birth"],),
        "birthPlace": (row["place_of_birth"],),
        "nationality": _country(row["nationality"]),
        "gender": (gender,) if gender in ("male", "female") else (),
    }
    is_latin = script_of(name) == "latin"
    return Held(
        key=f"synthetic-{place}",
        schema="Person",
        strong=(name,) if is_latin else (),
        weak=(),
        original=() if is_latin else (name,),
        facts={prop: values for prop, values in facts.items() if values},
    )


@cache
def _country(name: str) -> tuple[str, ...]:
    try:
        return (country_code(name),)
    except InvalidInputError:
        return ()


def _held(statements: Iterable[Statement]) -> tuple[Held, ...]:
    gathered: dict[str, dict[str, list[str]]] = {}
    schemata: dict[str, str] = {}
    for each in statements:
        if each.schema not in ("Sanction", "UnknownLink"):
            schemata[each.entity_id] = each.schema
            gathered.setdefault(each.entity_id, {}).setdefault(each.prop, []).append(each.value)
    made = (_one(key, schemata[key], gathered[key]) for key in sorted(gathered))
    return tuple(each for each in made if each.names)


def _one(key: str, schema: str, values: dict[str, list[str]]) -> Held:
    strong = _named(values, STRONG)
    return Held(
        key=key,
        schema=schema,
        strong=tuple(name for name in strong if script_of(name) == "latin"),
        weak=tuple(name for name in _named(values, WEAK) if script_of(name) == "latin"),
        original=tuple(name for name in strong if script_of(name) not in ("latin", "")),
        facts={prop: tuple(dict.fromkeys(values[prop])) for prop in FACTS if prop in values},
    )


def _named(values: dict[str, list[str]], props: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for prop in props for name in values.get(prop, ())))
