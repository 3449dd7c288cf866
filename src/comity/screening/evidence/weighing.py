"""Weigh all evidence but the names."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, product
from typing import Final

from comity.screening.evidence.identifiers import Pair, compare_numbers, readable
from comity.screening.evidence.lines import ALIKE, LINES, Line
from comity.screening.evidence.numbers import KINDS
from comity.screening.evidence.schema import kind
from comity.screening.evidence.weights import Verdict, bounded, judge, spread
from comity.screening.model import Evidence, Outcome, Profile, Properties, Query

_DOCUMENTS: Final = (
    "passportNumber",
    "idNumber",
    "socialSecurityNumber",
    "taxNumber",
    "vatCode",
    "innCode",
    "registrationNumber",
    "ogrnCode",
    "licenseNumber",
)
"""Numbers that lists put now in one box, now in another."""
_PLACES: Final = {prop: place for place, line in enumerate(LINES) for prop in line.props}
_BORROWERS: Final = {
    line.family: tuple(other for other in LINES if set(other.borrows) & set(line.props))
    for line in LINES
}
"""Family of a line to the lines that may borrow its values."""
_LONG: Final = 6
"""Characters from which an equal number in another box says anything."""


def weigh(query: Query, profile: Profile) -> tuple[Evidence, ...]:
    """Return the evidence of everything but the names; what one side lacks weighs nothing.

    Bounded, whatever the number of values. The sum of the weights is symmetric in the two.
    """
    asked, held = query.properties, profile.properties
    present = asked.keys() | held.keys()
    found = list(kind(query.schema, profile.schema))
    for place in sorted({_PLACES[prop] for prop in _PLACES.keys() & present}):
        found += _line(LINES[place], asked, held)
    found = _once(found)
    found += [_number(prop, asked, held) for prop in KINDS if prop in present]
    return tuple(found)


def _line(line: Line, asked: Properties, held: Properties) -> Iterator[Evidence]:
    one, other = _values(line.props, asked), _values(line.props, held)
    prop = line.props[0]
    if len(line.props) > 1:
        sides = asked if one else held
        prop = next((each for each in line.props if sides.get(each)), prop)
    if one and not other and (lent := _values(line.borrows, held)):
        yield _found(prop, _best(line, one, lent, family="country"))
    elif one and other:
        yield _found(
            prop, _past(line, asked, held) or _best(line, one, other, family=line.family)
        )
    elif (one or other) and not (other and _is_lent(line, asked, held)):
        yield _missing(prop, one, other)


def _is_lent(line: Line, asked: Properties, held: Properties) -> bool:
    """Whether another line compares what this one holds."""
    return any(
        _values(other.props, asked) and not _values(other.props, held)
        for other in _BORROWERS[line.family]
    )


def _best(line: Line, asked: Sequence[str], held: Sequence[str], *, family: str) -> Pair:
    if len(asked) == len(held) == 1:
        return Pair(line.compare(family, asked[0], held[0]), asked[0], held[0])
    most, best = line.most, None
    for one, other in product(islice(asked, most), islice(held, most)):
        verdict = line.compare(family, one, other)
        if best is None or verdict.weight > best.verdict.weight:
            best = Pair(verdict, one, other)
    pair = best or Pair(judge(family, "not-readable"), "", "")
    is_cut = len(asked) > most or len(held) > most
    if is_cut and pair.verdict.outcome is Outcome.DIFFERS:
        return pair._replace(verdict=judge(family, "too-many"))
    return pair._replace(verdict=spread(pair.verdict, len(asked) * len(held)))


def _past(line: Line, asked: Properties, held: Properties) -> Pair | None:
    """Find a flag that one flies and the other flew before."""
    if line.props != ("flag",) or set(asked["flag"]) & set(held["flag"]):
        return None
    for flags, past in ((asked, held), (held, asked)):
        met = set(flags["flag"]) & set(past.get("pastFlags", ()))
        if met:
            return Pair(judge(line.family, "past-flag"), min(met), min(met))
    return None


def _number(prop: str, asked: Properties, held: Properties) -> Evidence:
    one, other = asked.get(prop, ()), held.get(prop, ())
    pair = compare_numbers(KINDS[prop], one, other) if one and other else None
    is_found = pair is not None and pair.verdict.outcome is Outcome.SAME
    if one and prop in _DOCUMENTS and not is_found:
        pair = _elsewhere(prop, asked, held) or pair
    return _found(prop, pair) if pair else _missing(prop, one, other)


def _elsewhere(prop: str, asked: Properties, held: Properties) -> Pair | None:
    """Find the number asked for as one sort of document and held as another."""
    boxes = [box for box in _DOCUMENTS if box != prop and box in held]
    if not boxes:
        return None
    numbers = {number.normal: number.text for number in readable(KINDS[prop], asked[prop])}
    for box in boxes:
        for number in readable(KINDS[prop], held[box]):
            if number.normal in numbers and len(number.normal) >= _LONG:
                said = bounded(judge(KINDS[prop].name, "other-property"), len(number.normal))
                return Pair(said, numbers[number.normal], number.text)
    return None


def _once(found: list[Evidence]) -> list[Evidence]:
    """Count what repeats one fact by half, save where it says most."""
    alike = [each for each in found if each.weight and each.prop in ALIKE]
    if len(alike) <= 1:
        return found
    most = max(alike, key=lambda each: abs(each.weight))
    return [
        replace(each, weight=each.weight / 2) if each in alike and each is not most else each
        for each in found
    ]


def _values(props: tuple[str, ...], properties: Properties) -> Sequence[str]:
    lists = [properties[prop] for prop in props if prop in properties]
    if not lists or (len(lists) == 1 and len(lists[0]) <= 1):
        return lists[0] if lists else ()
    return list(dict.fromkeys(chain.from_iterable(lists)))


def _missing(prop: str, asked: Sequence[str], held: Sequence[str]) -> Evidence:
    said = Verdict(Outcome.NOT_COMPARABLE, "not-held" if asked else "not-asked", 0.0)
    return _found(prop, Pair(said, ", ".join(asked), ", ".join(held)))


def _found(prop: str, pair: Pair) -> Evidence:
    return Evidence(
        prop=prop,
        asked=pair.asked,
        held=pair.held,
        outcome=pair.verdict.outcome,
        how=pair.verdict.how,
        weight=round(pair.verdict.weight, 4),
    )
