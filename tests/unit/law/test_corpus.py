"""Clocks, dockets and digests of the packs in force."""

from dataclasses import replace
from datetime import date

import pytest

from comity.core.clock import HOUR, Instant, from_iso, iso
from comity.core.errors import InvalidInputError, NotFoundError
from comity.law import (
    Span,
    deadline,
    load_corpus,
    shipped_corpus,
    shipped_packs,
    told_cases,
)
from comity.law.lexicon import read_lexicon
from comity.law.model import Side
from comity.law.source import read_yaml
from comity.law.view import View
from comity.message import Urgency

CORPUS = shipped_corpus()
AT = from_iso("2026-11-23T10:00:00Z")


@pytest.mark.parametrize(
    ("urgency", "accessibility", "hours"),
    [
        (Urgency.URGENT, None, 8),
        (Urgency.URGENT, "direct", 8),
        (Urgency.URGENT, "indirect", 72),
        (Urgency.NORMAL, None, 168),
        (Urgency.NORMAL, "direct", 168),
        (Urgency.NORMAL, "indirect", 168),
    ],
)
def test_the_shorter_clock_runs_until_accessibility_is_stated(
    urgency: Urgency, accessibility: str | None, hours: int
) -> None:
    due = deadline(CORPUS, urgency=urgency, accessibility=accessibility, stored_at=AT)
    assert due == Instant(AT + hours * HOUR)


def test_an_accessibility_nobody_knows_is_no_clock() -> None:
    with pytest.raises(NotFoundError, match="no legal clock"):
        deadline(CORPUS, urgency=Urgency.URGENT, accessibility="psychic", stored_at=AT)


def test_a_clock_says_length_start_and_what_silence_means() -> None:
    clock = CORPUS.clock("exchange-2023-977.urgent-direct")
    assert (clock.length, clock.unit, clock.starts) == (8, "h", "stored")
    assert clock.on_expiry
    assert CORPUS.clock("exchange-2023-977", on=date(1999, 1, 1)).length == 168


def test_a_clock_that_changed_is_read_by_its_date() -> None:
    old = CORPUS.clock("retention-review")
    new = replace(old, span=Span(length=12, unit="month"), since=date(2030, 1, 1))
    corpus = replace(CORPUS, clocks={"c": (old, new)})
    assert corpus.clock("c", on=date(2029, 12, 31)).length == 36
    assert corpus.clock("c", on=date(2030, 1, 1)).length == 12


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-01-31T10:00:00Z", 1, "2026-02-28T10:00:00Z"),
        ("2024-01-31T10:00:00Z", 1, "2024-02-29T10:00:00Z"),
        ("2026-11-23T10:00:00Z", 2, "2027-01-23T10:00:00Z"),
        ("2026-12-31T23:59:59Z", 12, "2027-12-31T23:59:59Z"),
    ],
)
def test_months_count_by_the_calendar(start: str, length: int, end: str) -> None:
    assert iso(Span(length=length, unit="month").after(from_iso(start))) == end


def test_months_beyond_the_calendar_end_with_it() -> None:
    late = from_iso("9999-12-01T00:00:00Z")
    assert iso(Span(length=2, unit="month").after(late)) == "9999-12-31T23:59:59Z"


def test_milliseconds_survive_and_days_are_days() -> None:
    assert Span(length=1, unit="month").after(Instant(AT + 7)) % 1000 == 7
    assert Span(length=2, unit="d").after(AT) == AT + 48 * HOUR


def test_a_changed_byte_of_a_pack_or_table_changes_its_digest() -> None:
    packs = shipped_packs()
    table = packs["universal-parties.csv"].replace(b"2015-03-14", b"2015-03-15", 1)
    other = load_corpus({**packs, "universal-parties.csv": table})
    changed = {name for name, _, digest in other.packs} & {
        name for (name, _, digest) in set(other.packs) - set(CORPUS.packs)
    }
    assert changed == {"universal"}
    assert other.digest != CORPUS.digest


def test_a_rule_counts_between_its_dates() -> None:
    rule = replace(CORPUS.rules[0], since=date(2030, 1, 1), until=date(2031, 1, 1))
    corpus = replace(CORPUS, rules=(rule,))
    held = [
        bool(corpus.live(Side.RELEASE, "operation", on=day))
        for day in (date(2029, 12, 31), date(2030, 1, 1), date(2031, 1, 1))
    ]
    assert held == [False, True, False]


def test_dockets_are_forgotten_before_they_fill_the_memory() -> None:
    corpus = replace(CORPUS, rules=CORPUS.rules[:1])
    draft = told_cases(CORPUS)[0].draft
    for number in range(5_000):
        view = View(replace(draft, kind=f"k{number}"), corpus.treaties, day=date(2026, 1, 1))
        corpus.docket(view, Side.HOLD)
    assert len(corpus._dockets) < 1_025


LEXICON = """
countries: FR
signs: {asylum: a}
purposes: {p: p}
categories: {c: {text: c, implies: {f: 'no'}}}
sets: {s: [c]}
facts:
  f: {home: derived, provision: p, text: t, true_is: harm}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("implies: {f: 'no'}", "implies: {g: 'no'}", "unknown fact `g`"),
        ("implies: {f: 'no'}", "implies: {f: maybe}", "unknown answer `maybe`"),
        ("home: derived", "home: hotel", "unknown home `hotel`"),
        ("true_is: harm", "true_is: odd", "unknown sense `odd`"),
        ("[c]", "[d]", "unknown data category `d`"),
        ("true_is: harm", "true_is: harm, unknown_on: [omen]", "unknown contrary sign `omen`"),
        (
            "home: derived",
            "home: case, absolute: 'yes'",
            "an absolute prohibition reads only standing or derived facts",
        ),
    ],
)
def test_a_bad_list_of_facts_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    assert read_lexicon(read_yaml("facts.yaml", LEXICON.encode())).facts
    with pytest.raises(InvalidInputError, match=r"^facts\.yaml:\d+: ") as caught:
        read_lexicon(read_yaml("facts.yaml", LEXICON.replace(old, new).encode()))
    assert said in str(caught.value)
