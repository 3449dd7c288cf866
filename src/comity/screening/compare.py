"""Compare what is asked with one held entity, value by value, each with its reason."""

from collections.abc import Callable

from rapidfuzz import fuzz

from comity.screening.model import Candidate, Evidence, Outcome, Profile, Query
from comity.screening.normal import normal, script

IDENTIFIERS = (
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
)
PLACES = ("nationality", "country", "citizenship", "jurisdiction", "flag")
_SAME_NAME = 95.0
_SIMILAR_NAME = 75.0


def compare(query: Query, profile: Profile) -> Candidate:
    """Return the candidate with all its evidence; `score` lies between 0 and 1."""
    evidence = [_name(query, profile)]
    evidence += _each(query, profile, ("birthDate", "incorporationDate"), _date)
    evidence += _each(query, profile, PLACES, _code)
    evidence += _each(query, profile, ("gender",), _code)
    evidence += _each(query, profile, ("birthPlace",), _text)
    evidence += _each(query, profile, IDENTIFIERS, _identifier)
    return Candidate(
        entity_id=profile.entity_id,
        dataset=profile.dataset,
        edition=profile.edition,
        score=_score(evidence),
        evidence=tuple(evidence),
        is_contested=profile.is_contested,
    )


def _score(evidence: list[Evidence]) -> float:
    name, *others = evidence
    total = name.weight + sum(0.25 * found.weight for found in others)
    return round(min(1.0, max(0.0, total)), 4)


def _name(query: Query, profile: Profile) -> Evidence:
    pairs = [
        (fuzz.token_sort_ratio(normal(asked), normal(held)), asked, held)
        for asked in query.names
        for held in profile.names
    ]
    best, asked, held = max(pairs, default=(0.0, query.names[0], ""))
    if held and script(asked) != script(held):
        return _found("name", asked, held, (Outcome.NOT_COMPARABLE, "other-script", 0.0))
    if normal(asked) == normal(held):
        return _found("name", asked, held, (Outcome.SAME, "exact", 1.0))
    weight = round(max(0.0, best / 100), 4)
    if best >= _SAME_NAME:
        return _found("name", asked, held, (Outcome.SAME, "word-order", weight))
    outcome = Outcome.SIMILAR if best >= _SIMILAR_NAME else Outcome.DIFFERS
    return _found("name", asked, held, (outcome, "spelling", weight))


_Judged = tuple[Outcome, str, float]


def _each(
    query: Query,
    profile: Profile,
    props: tuple[str, ...],
    judge: Callable[[str, str], _Judged],
) -> list[Evidence]:
    found: list[Evidence] = []
    for prop in props:
        asked, held = query.properties.get(prop, ()), profile.properties.get(prop, ())
        if not asked and not held:
            continue
        if not asked or not held:
            missing = "not-asked" if not asked else "not-held"
            sides = (", ".join(asked), ", ".join(held))
            found.append(_found(prop, *sides, (Outcome.NOT_COMPARABLE, missing, 0.0)))
            continue
        pairs = [(judge(one, other), one, other) for one in asked for other in held]
        judged, one, other = max(pairs, key=lambda pair: pair[0][2])
        found.append(_found(prop, one, other, judged))
    return found


def _found(prop: str, asked: str, held: str, judged: _Judged) -> Evidence:
    outcome, how, weight = judged
    return Evidence(prop=prop, asked=asked, held=held, outcome=outcome, how=how, weight=weight)


def _date(asked: str, held: str) -> _Judged:
    if asked == held:
        return Outcome.SAME, "exact", 0.8 if len(asked) > 4 else 0.3  # noqa: PLR2004 - a year alone
    if asked.startswith(held) or held.startswith(asked):
        return Outcome.SIMILAR, "partial-date", 0.3
    one, other = asked.split("-"), held.split("-")
    if len(one) == len(other) == 3 and one == [other[0], other[2], other[1]]:  # noqa: PLR2004
        return Outcome.SIMILAR, "day-month-swapped", 0.4
    if one[0] == other[0]:
        return Outcome.DIFFERS, "same-year", -0.2
    return Outcome.DIFFERS, "other-date", -0.8


def _code(asked: str, held: str) -> _Judged:
    if asked.casefold() == held.casefold():
        return Outcome.SAME, "exact", 0.2
    return Outcome.DIFFERS, "other-value", -0.2


def _text(asked: str, held: str) -> _Judged:
    one, other = normal(asked), normal(held)
    if one == other:
        return Outcome.SAME, "exact", 0.3
    if fuzz.token_set_ratio(one, other) >= _SIMILAR_NAME:
        return Outcome.SIMILAR, "spelling", 0.15
    return Outcome.DIFFERS, "other-value", -0.1


def _identifier(asked: str, held: str) -> _Judged:
    one, other = normal(asked).replace(" ", ""), normal(held).replace(" ", "")
    if one == other:
        return Outcome.SAME, "exact", 1.2
    if fuzz.ratio(one, other) >= 85:  # noqa: PLR2004 - one slip in seven characters
        return Outcome.SIMILAR, "near-miss", 0.3
    # A person may hold several documents: another number says little.
    return Outcome.DIFFERS, "other-value", -0.1
