"""A world whose law has a gap: one basis between fictional states that nobody has read."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache

from tests.scenarios.stage import ARCADIA, FACTS, NORLAND, question

from comity.adapters.world import Resident, World, make_world
from comity.core.ids import NodeId
from comity.core.store import Store
from comity.desk import Letter
from comity.law import (
    Corpus,
    Reading,
    ReadingOutcome,
    ReadingRow,
    load_corpus,
    shipped_lexicon,
    shipped_packs,
)
from comity.node.bootstrap import shipped_practices

RULE = "gap-4"
GAP = """
pack: gap
version: "1"
title: A treaty of fictional states that nobody read
demonstration: "yes"
tables: [gap-parties.csv]
instruments:
  - {id: GAP, title: Treaty of the Gap, kind: regional, in_force: 2001-01-01, evidence: seen,
     source: demonstration}
rules:
  - id: gap-4
    role: basis
    text: parties tell each other of the taking of hostages
    cite: Treaty of the Gap, art. 4
    evidence: unverified
    gap: the text of article 4
    purposes: [counter-terrorism]
    categories: [case-data, special]
    between: GAP
    articles: ["4"]
    when: conduct_hostages
    lifted_by: [legal]
"""
PARTIES = """instrument,party,signed,bound,in_force,until,status,action,as_of,source
GAP,XN,,,2001-02-01,,bound,,2026-01-01,demonstration
GAP,XA,,,2001-02-01,,bound,,2026-01-01,demonstration
GAP,XC,,,,,doubtful,,2026-01-01,demonstration
"""


@cache
def law(**changes: tuple[str, str]) -> Corpus:
    """Load the shipped law with the gap; `gap` and `parties` replace one text by another."""
    files: Mapping[str, str] = {"gap": GAP, "parties": PARTIES}
    made = {
        name: text.replace(*changes[name]) if name in changes else text
        for name, text in files.items()
    }
    own = {"gap.yaml": made["gap"].encode(), "gap-parties.csv": made["parties"].encode()}
    return load_corpus({**shipped_packs(), **own})


@cache
def banned(side: str = "release") -> Corpus:
    """Return the same law, where a prohibition now speaks of hostages."""
    ban = f"""rules:
  - id: gap-ban
    role: condition
    text: nothing of hostages goes between the two
    cite: Treaty of the Gap, art. 9
    evidence: seen
    sides: [{side}]
    when: {{originator: XN}}
    lifted_by: [rights]
"""
    return law(gap=("rules:\n", ban))


LAW = law()


def gap_world(*, stores: Callable[[NodeId], Store] | None = None) -> World:
    return make_world(
        (NORLAND, ARCADIA), practices=shipped_practices(), corpus=LAW, stores=stores
    )


def read(row: str = RULE, outcome: str = "confirm") -> Reading:
    return Reading(
        row=row,
        outcome=ReadingOutcome(outcome),
        source="https://treaties.example/gap",
        article="art. 4",
        read=date(2026, 5, 30),
    )


def hostages() -> Letter:
    """Return a question that only the treaty of the gap could carry."""
    facts = {
        **FACTS,
        **{name: False for name in shipped_lexicon().facts if name.startswith("conduct_")},
        "conduct_hostages": True,
        "for_prevention": False,
        "for_investigation": False,
    }
    return replace(question(), facts=facts)


def confirmed(here: Resident, reading: Reading | None = None) -> ReadingRow:
    row = here.desk.readings.state(here.actor("legal"), reading or read())
    here.desk.readings.confirm(here.actor("rights"), row.row, row.at)
    return row
