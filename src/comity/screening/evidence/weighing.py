"""Weigh all evidence but the names."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, product
from typing import Final

from comity.screening.evidence.documents import elsewhere
from comity.screening.evidence.identifiers import Pair, compare_numbers
from comity.screening.evidence.lines import ALIKE, LINES, Line
from comity.screening.evidence.numbers import KINDS
from comity.screening.evidence.schema import kind
from comity.screening.evidence.weights import Verdict, judge, spread
from comity.screening.model import Evidence, Outcome, Profile, Properties, Query

_PLACES: Final = {prop: place for place, line in enumerate(LINES) for prop in line.props}
_COUNTRY: Final = next(line for line in LINES if line.family == "country")
_LENDERS: Final = tuple(line for line in LINES if set(line.props) & set(_COUNTRY.borrows))
"""Lines of which each may stand beside a country where the other side has none of its own."""


def weigh(query: Query, profile: Profile) -> tuple[Evidence, ...]:
    """Return the evidence of everything but the names; what one side lacks weighs nothing.

    Bounded, whatever the number of values. The sum of the weights is symmetric in the two.
    """
    asked, held = query.properties, profile.properties
    present = asked.keys() | held.keys()
    found = list(kind(query.schema, profile.schema))
    borrowed = _borrowed(asked, held)
    found += _states(borrowed, asked, held)
    for place in sorted({_PLACES[prop] for prop in _PLACES.keys() & present}):
        if LINES[place] not in borrowed:
            found += _line(LINES[place], asked, held)
    found = _once(found)
    found += _numbers(asked, held)
    return tuple(found)


def _line(line: Line, asked: Properties, held: Properties) -> Iterator[Evidence]:
    one, other = _values(line.props, asked), _values(line.props, held)
    prop = _said(line, asked if one else held)
    if one and other:
        yield _found(prop, _past(line, asked, held) or _best(line, one, other))
    elif one or other:
        yield _missing(prop, one, other)


def _said(line: Line, side: Properties) -> str:
    return next((prop for prop in line.props if side.get(prop)), line.props[0])


def _borrowed(asked: Properties, held: Properties) -> tuple[Line, ...]:
    """Return the lines of which one side has the country and the other what stands for it."""
    for one, other in ((asked, held), (held, asked)):
        lent = tuple(line for line in _LENDERS if _has_alone(line, other, one))
        if lent and _has_alone(_COUNTRY, one, other):
            return (*lent, _COUNTRY)
    return ()


def _has_alone(line: Line, one: Properties, other: Properties) -> bool:
    return bool(_values(line.props, one)) and not _values(line.props, other)


def _states(lines: tuple[Line, ...], asked: Properties, held: Properties) -> Iterator[Evidence]:
    """Compare a country with all that stands for it, as one line and the same both ways."""
    if lines:
        props = tuple(prop for line in lines for prop in line.props)
        said = next(line for line in lines if _values(line.props, asked))
        one = _values(props, asked)
        other = _values(props, held)
        yield _found(_said(said, asked), _best(_COUNTRY, one, other))


def _best(line: Line, asked: Sequence[str], held: Sequence[str]) -> Pair:
    family = line.family
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


def _numbers(asked: Properties, held: Properties) -> Iterator[Evidence]:
    own = {prop: _number(prop, asked, held) for prop in KINDS if prop in asked or prop in held}
    for prop, pair in {**own, **elsewhere(asked, held, own)}.items():
        one, other = asked.get(prop, ()), held.get(prop, ())
        yield _found(prop, pair) if pair else _missing(prop, one, other)


def _number(prop: str, asked: Properties, held: Properties) -> Pair | None:
    one, other = asked.get(prop, ()), held.get(prop, ())
    return compare_numbers(KINDS[prop], one, other) if one and other else None


def _once(found: list[Evidence]) -> list[Evidence]:
    """Count what repeats one fact by half, save where it says most."""
    alike = [each for each in found if each.weight and each.prop in ALIKE]
    if len(alike) <= 1:
        return found
    most = max(alike, key=lambda each: (abs(each.weight), each.weight))
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
