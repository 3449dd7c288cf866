"""What is held of an instrument and of a rule, written for programs: `law show`, the API."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

from comity.core.cbor import Value
from comity.law.corpus import Corpus
from comity.law.logic import Predicate
from comity.law.model import Instrument, Rule, Told
from comity.law.participation import Party, Reservation
from comity.law.told import told_of
from comity.law.view import Test

_Row = TypeVar("_Row")


def instrument_record(held: Instrument, corpus: Corpus) -> dict[str, Value]:
    """Write what is held of an instrument, without its rows."""
    rules = rules_of(corpus, held.id)
    return {
        "id": held.id,
        "title": held.title,
        "kind": held.kind,
        "adopted": held.adopted,
        "in_force": _day(held.in_force),
        "until": _day(held.until),
        "evidence": held.evidence.value,
        "url": held.url,
        "source": held.source,
        "gap": held.gap,
        "needs_local_assessment": held.needs_local_assessment,
        "is_fictional": held.is_fictional,
        "pack": held.pack,
        "rules": [rule.name for rule in rules],
        "unread": sum(not rule.is_verified for rule in rules),
    }


def rule_record(rule: Rule, corpus: Corpus) -> dict[str, Value]:
    """Write a rule with its source, its conditions and its told cases."""
    tests = {"when": rule.test, "unless": rule.unless, "where": rule.where}
    tests["emergency"] = rule.emergency
    return {
        "rule": rule.name,
        "role": rule.role.value,
        "text": rule.text,
        "cite": rule.cite,
        "instrument": rule.instrument,
        "url": rule.url,
        "evidence": rule.evidence.value,
        "gap": rule.gap,
        "read": rule.read,
        "pack": rule.pack,
        "place": rule.place,
        "purposes": sorted(rule.purposes or ()),
        "categories": sorted(rule.categories),
        "articles": sorted(rule.articles),
        "sides": sorted(side.value for side in rule.sides),
        "lifted_by": sorted(rule.lifted_by),
        "since": "" if rule.since == date.min else rule.since.isoformat(),
        "until": "" if rule.until == date.max else rule.until.isoformat(),
        "conditions": {name: list(_words(test)) for name, test in tests.items() if test},
        "facts": list(rule.reads),
        "duties": [duty.detail for duty in rule.duties],
        "told": [_told(each) for each in told_of(corpus, rule.name)],
    }


def rules_of(corpus: Corpus, instrument: str) -> tuple[Rule, ...]:
    """Return the rules found in an instrument, or that rest on it."""
    return tuple(r for r in corpus.rules if instrument in {r.instrument, r.between})


def is_open(corpus: Corpus, held: Instrument) -> bool:
    """Whether something of an instrument, or of a rule found in it, is openly missing."""
    is_short = bool(held.gap) or held.in_force is None or held.evidence.value == "unverified"
    return is_short or any(not rule.is_verified for rule in rules_of(corpus, held.id))


def rows_of(
    kept: Mapping[tuple[str, str], Sequence[_Row]], instrument: str
) -> tuple[_Row, ...]:
    """Return an instrument's rows, by party."""
    return tuple(row for key in sorted(kept) if key[0] == instrument for row in kept[key])


def party_record(row: Party) -> dict[str, Value]:
    """Write one row of a treaty list."""
    return {
        "party": row.party,
        "status": row.status,
        "signed": _day(row.signed),
        "bound": _day(row.bound),
        "in_force": _day(row.in_force),
        "until": _day(row.until),
        "as_of": _day(row.as_of),
        "source": row.source,
    }


def reservation_record(row: Reservation) -> dict[str, Value]:
    """Write what a party kept back."""
    return {
        "party": row.party,
        "article": row.article,
        "effect": row.effect,
        "counterpart": row.counterpart,
        "until": _day(row.until),
        "source": row.source,
        "text": row.text,
    }


def _words(test: Test) -> Sequence[str]:
    """Write a test line by line, what it joins set in beneath it."""
    if not isinstance(test, Predicate):
        return []
    if not test.join:
        return [" ".join(test.says or sorted(test.reads))]
    return [f"{test.join}:", *(f"  {line}" for part in test.parts for line in _words(part))]


def _told(each: Told) -> dict[str, Value]:
    return {
        "case": each.name,
        "verdict": each.verdict.word,
        "is_kept": each.is_kept,
        "cite": each.cite,
        "place": each.place,
    }


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
