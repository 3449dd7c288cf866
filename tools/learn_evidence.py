"""Learn what each agreement weighs, and write it into the data of `screening/evidence`.

    PYTHONPATH=. python tools/learn_evidence.py

Same persons: those who stand on both public lists, OFAC's and the Security Council's, linked
by a whole name of two words or more that is one record's alone on either list, or by an equal
document. Where one list copied the other, disagreement is understated; the prior holds
against that. Different persons: pairs within one list, and within `negatives_global.csv.xz`,
at random and among those who share a word of their names, because evidence is asked for where
names are alike.

With d the share of one person's records whose value has nothing to do with the other's
(another document, another nationality, a false entry: Copas and Hilton's hit-miss model), the
counts weigh ln((1 - d) m / u + d): no contradiction weighs more than ln d. This is drawn to
the prior by the variances, 1 for the prior, 1/(same + ½) + 1/(other + ½) for the counts. What
no list can tell of (calendars, accounts, ships) is the prior alone, and says so.

How exactly dates are given differs between lists, so whole days are counted among pairs of
whole days, years among pairs of years, a day in a year among pairs of both.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from math import log
from pathlib import Path
from typing import TypedDict

from bench.likeness import Pair, at_random, linked, namesakes, nations, ofac, strangers

from comity.core.ids import EntityId
from comity.screening import Outcome, Profile, Query
from comity.screening.evidence.identifiers import readable, slip
from comity.screening.evidence.lines import LINES
from comity.screening.evidence.numbers import KINDS, Kind
from comity.screening.evidence.weighing import weigh

OUT = Path(__file__).parents[1] / "src/comity/screening/evidence/data/weights.json"
CAP = (-8.0, 12.0)
PAIRS = 30_000
"""Pairs of different persons of each sort and source."""
FEW = 10
"""Below so many of either sort, counts do not stand without the prior."""
_WHOLE = 10
_IN_PART = {
    "exact-year": ", in part",
    "exact-month": ", in part",
    "placeholder-day": ", in part",
    "partial-date": ", mixed",
}
_YEARS_APART = ("near-year", "near-years", "other-date")


class Told(TypedDict):
    """What is held of a family before anything is counted."""

    reason: str
    unrelated: float
    weights: dict[str, float]


PRIORS: Mapping[str, Told] = json.loads(
    (Path(__file__).parent / "evidence_priors.json").read_text("utf-8")
)
Counts = dict[str, Counter[str]]
"""Family to how, and how often."""


def main() -> None:
    """Choose pairs of values by the priors alone, count, weigh, write."""
    lists, others = (ofac(), nations()), strangers()
    people = [[each for each in held if each.schema == "Person"] for held in lists]
    write(weighed({}, {}), {})
    same = count(linked(*people))
    groups = (*people, others)
    other = count(
        chain.from_iterable((*namesakes(g, PAIRS), *at_random(g, PAIRS)) for g in groups)
    )
    count_numbers(other, people[0])
    write(weighed(same, other), frequencies((*people[0], *people[1]), others))


def count(pairs: Iterable[Pair]) -> Counts:
    """Count how each sort of evidence agrees, one line at a time."""
    sorts = {line.family: line.props for line in LINES if line.family != "otherDate"}
    sorts |= {kind.name: (prop,) for prop, kind in reversed(list(KINDS.items()))}
    found: Counts = defaultdict(Counter)
    for one, other in pairs:
        for family, props in sorts.items():
            sides = [
                {p: e.properties[p] for p in props if p in e.properties} for e in (one, other)
            ]
            if all(sides):
                found[_precise(family, sides)].update(_how(*sides))
    return found


def _precise(family: str, sides: Sequence[Mapping[str, tuple[str, ...]]]) -> str:
    """Part whole days, years on both sides, and one beside the other."""
    are_part = {
        len(date) < _WHOLE or date.endswith("-01-01")
        for side in sides
        for date in side.get("birthDate", ())
    }
    suffix = {(True,): ", in part", (False, True): ", mixed"}
    return family + suffix.get(tuple(sorted(are_part)), "")


def _how(
    one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    query = Query(schema="Person", properties={"name": ("-",), **one})
    held = Profile(entity_id=EntityId("-"), dataset="", schema="Person", properties=other)
    found = weigh(query, held)
    yield from (e.how for e in found if e.outcome is not Outcome.NOT_COMPARABLE)


def count_numbers(counts: Counts, people: Sequence[Profile]) -> None:
    """Count documents among all pairs of a list, since a sample would meet no equal ones."""
    for prop in ("passportNumber", "idNumber", "taxNumber"):
        kind = KINDS[prop]
        read = (readable(kind, each.properties.get(prop, ())) for each in people)
        held = [[number.normal for number in numbers] for numbers in read if numbers]
        hows = Counter(_document(kind, *pair) for pair in combinations(held, 2))
        counts[kind.name] = Counter(hows)


def _document(kind: Kind, one: list[str], other: list[str]) -> str:
    if not set(one).isdisjoint(other):
        return "exact"
    return next(filter(None, (slip(kind, a, b) for a in one for b in other)), "other-number")


def weighed(same: Counts, other: Counts) -> dict[str, dict[str, object]]:
    """Return every weight with where it comes from."""
    return {
        family: {
            how: _entry(how, told, _counts(family, how, same), _counts(family, how, other))
            for how in told["weights"]
        }
        for family, told in PRIORS.items()
    }


def _counts(family: str, how: str, counts: Counts) -> tuple[int, int]:
    """Return how often this was met, and among how many pairs of dates as exact as these."""
    if how in _IN_PART:
        part = counts.get(family + _IN_PART[how], Counter())
        return part[how], part.total()
    suffixes = ("", ", mixed", ", in part") if how in _YEARS_APART else ("", ", mixed")
    found = [counts.get(family + suffix, Counter()) for suffix in suffixes]
    return sum(each[how] for each in found), sum(each.total() for each in found)


def _entry(how: str, told: Told, same: tuple[int, int], other: tuple[int, int]) -> object:
    weight, source = told["weights"][how], "prior"
    if same[0] or other[0]:
        ratio = (same[0] + 0.5) / (same[1] + 1) / ((other[0] + 0.5) / (other[1] + 1))
        counted = log((1 - told["unrelated"]) * ratio + told["unrelated"])
        variance = 1 / (same[0] + 0.5) + 1 / (other[0] + 0.5)
        weight = (counted / variance + weight) / (1 / variance + 1)
        source = "counted" if min(same[0], other[0]) >= FEW else "blended"
    return {
        "weight": round(min(CAP[1], max(CAP[0], weight)), 2),
        "source": source,
        "same": list(same),
        "other": list(other),
    }


def frequencies(
    listed: Iterable[Profile], others: Iterable[Profile]
) -> dict[str, dict[str, float]]:
    """Return how common each birth year and nationality is, lists and people by halves."""
    shares = {
        "year": (("birthDate",), 4),
        "country": (("nationality", "citizenship"), 9),
    }
    found: dict[str, dict[str, float]] = {}
    listed, others = list(listed), list(others)
    for name, (props, length) in shares.items():
        counted = [
            Counter(v[:length] for e in group for p in props for v in e.properties.get(p, ()))
            for group in (listed, others)
        ]
        found[name] = _shares(counted)
    found["year"] = _smooth(found["year"])
    return found


def _shares(groups: list[Counter[str]]) -> dict[str, float]:
    keys = sorted(set().union(*groups))
    shares = {
        key: sum((group[key] + 1) / (group.total() + len(keys)) for group in groups)
        / len(groups)
        for key in keys
    }
    mean = sum(share * share for share in shares.values())
    rare = min(shares.values())
    return {"mean": round(mean, 6), "*": round(rare, 6)} | {
        k: round(v, 6) for k, v in shares.items()
    }


def _smooth(shares: dict[str, float]) -> dict[str, float]:
    """Take each year with the two before and after it."""
    smooth = {
        year: round(
            sum(shares.get(str(int(year) + n), shares["*"]) for n in range(-2, 3)) / 5, 6
        )
        for year in shares
        if year.isdigit()
    }
    return {"mean": shares["mean"], "*": shares["*"]} | smooth


def write(
    weights: Mapping[str, Mapping[str, object]], shares: Mapping[str, Mapping[str, float]]
) -> None:
    """Write the file, one entry a line."""
    head = {
        "version": "2026-11-27",
        "script": "tools/learn_evidence.py",
        "licence": "counts are facts; OFAC's list is in the public domain, the population MIT",
        "sources": [
            "OFAC SDN list, Security Council consolidated list: as shipped in comity.interop",
            "bench/data/negatives_global.csv.xz, MIT, OpenSanctions Datenbanken GmbH",
            "priors: tools/evidence_priors.json, each with its reason",
        ],
        "method": "ln(m/u) of the counts, drawn to a prior of variance 1; nobody held out",
    }
    parts = {"weights": weights, "frequencies": shares}
    lines = [f' "head": {json.dumps(head)}']
    lines += [f' "{name}": {{{_members(part)}\n }}' for name, part in parts.items()]
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _members(part: Mapping[str, Mapping[str, object]]) -> str:
    """Write each family on a line of its own, and each of its members under it."""
    return ",".join(
        f'\n  "{family}": {{'
        + ",".join(f'\n   "{k}": {json.dumps(v)}' for k, v in held.items())
        + "}"
        for family, held in part.items()
    )


if __name__ == "__main__":
    main()
