"""Compare what is asked with one held entity, value by value, each with its reason."""

from comity.screening.evidence import weigh
from comity.screening.evidence.numbers import KINDS
from comity.screening.model import Candidate, Evidence, Flag, Profile, Query
from comity.screening.scoring import (
    Best,
    explain,
    may_reach,
    probability,
    tempered,
    weigh_names,
)


def compare(query: Query, profile: Profile) -> Candidate:
    """Return the candidate with all its evidence, the names first.

    The weights and the intercept of the calibration sum to the logit of `score`.
    """
    return _candidate(query, profile, weigh_names(query, profile))


def compare_above(least: float, query: Query, profile: Profile) -> Candidate | None:
    """Return the candidate, or nothing where its score stays below `least`.

    The same answer as `compare`, sooner where the names alone leave no chance.
    """
    best = weigh_names(query, profile)
    shared = KINDS & query.properties.keys() & profile.properties.keys()
    if not may_reach(least, best.weight, by_identifier=bool(shared)):
        return None
    found = _candidate(query, profile, best)
    return found if found.score >= least else None


def _candidate(query: Query, profile: Profile, best: Best) -> Candidate:
    name = explain(best)
    evidence = (name, *tempered(name, weigh(query, profile)))
    return Candidate(
        entity_id=profile.entity_id,
        dataset=profile.dataset,
        edition=profile.edition,
        score=round(probability(evidence), 6),
        evidence=evidence,
        is_contested=profile.is_contested,
        flags=_flags(name, profile),
    )


def _flags(name: Evidence, profile: Profile) -> tuple[Flag, ...]:
    flags = (
        (Flag.TOO_COMMON, name.how == "too-common"),
        (Flag.NOT_COMPARABLE, name.how == "unreadable"),
        (Flag.CONTESTED, profile.is_contested),
    )
    return tuple(flag for flag, holds in flags if holds)
