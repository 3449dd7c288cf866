"""Small laws: packs of a few rules of any kind, written as a pack's author would write them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from hypothesis import strategies as st
from tests.law.ground import Choose, Drawn, Raw, ask, make_draft

from comity.law import Decision, Side, load_corpus
from comity.message import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One state of one instrument, as a small pack writes it."""

    instrument: str
    party: str
    in_force: str = "2000-01-01"
    until: str = ""
    status: str = "bound"


PARTIES = (
    *("instrument", "party", "signed", "bound", "in_force", "until", "status", "action"),
    *("as_of", "source"),
)
RESERVATIONS = (
    *("instrument", "party", "article", "effect", "counterpart", "until", "as_of"),
    *("source", "text"),
)
URL = "https://law.example/text"
NOTHING_MORE: Mapping[str, Raw] = {}
IN_FORCE: Mapping[str, Raw] = {"in_force": "2000-01-01"}


def table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Write a table, a cell nobody named being empty."""
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    return "".join(
        ",".join(f'"{cell}"' if "," in cell else cell for cell in line) + "\n" for line in lines
    ).encode()


def a_rule(name: str, role: str, when: Raw, **more: Raw) -> dict[str, Raw]:
    """Write one rule; what its role needs is there, and `more` outweighs it."""
    rule: dict[str, Raw] = {
        "id": name,
        "role": role,
        "text": "a rule of the test",
        "cite": f"Treaty of the Test, art. {name}",
        "evidence": "seen",
        "url": URL,
        "when": when,
    }
    if role in {"condition", "sensitivity"} or "where" in more:
        rule["lifted_by"] = ["legal"]
    return {**rule, **more}


def a_basis(name: str, when: Raw, **more: Raw) -> dict[str, Raw]:
    """Write a basis that reaches every category for one purpose."""
    reach: dict[str, Raw] = {
        "purposes": ["counter-terrorism"],
        "categories": ["identity", "travel", "event", "free-text", "biometric"],
        "between": "T",
        "articles": ["1"],
        "lifted_by": ["legal"],
    }
    return a_rule(name, "basis", when, **{**reach, **more})


def a_pack(
    rules: Iterable[dict[str, Raw]],
    *,
    rows: Iterable[Row] = (Row(instrument="T", party="FR"), Row(instrument="T", party="DE")),
    kept: Iterable[Mapping[str, str]] = (),
    treaty: Mapping[str, Raw] = IN_FORCE,
    top: Mapping[str, Raw] = NOTHING_MORE,
) -> dict[str, bytes]:
    """Write a pack with the Treaty of the Test `T` and its parties, by file name.

    What JSON writes is YAML, and quicker to write.
    """
    name = str(top.get("pack", "test"))
    instrument: dict[str, Raw] = {
        "id": "T",
        "title": "Treaty of the Test",
        "kind": "universal",
        "evidence": "seen",
        "source": "the test",
        "url": URL,
        **treaty,
    }
    group: dict[str, Raw] = {
        "id": "g",
        "members": ["FR", "NO"],
        "since": "2000-01-01",
        "until": "2026-01-01",
        "source": "the test",
    }
    listing: dict[str, Raw] = {
        "instruments": ["T"],
        "complete_until": "2026-12-31",
        "covers": ["FR", "DE", "NO"],
        "source": "the test",
    }
    head: dict[str, Raw] = {
        "pack": name,
        "version": "1",
        "title": "Test",
        "instruments": [instrument],
        "groups": [group],
        "listings": [listing],
        "tables": [f"{name}-parties.csv", f"{name}-reservations.csv"],
        "rules": list(rules),
        **top,
    }
    cells = [
        {
            "instrument": row.instrument,
            "party": row.party,
            "in_force": row.in_force,
            "until": row.until,
            "status": row.status,
            "as_of": "2020-01-01",
            "source": "the test",
        }
        for row in rows
    ]
    return {
        f"{name}.yaml": json.dumps(head, indent=1).encode(),
        f"{name}-parties.csv": table(PARTIES, cells),
        f"{name}-reservations.csv": table(
            RESERVATIONS, ({"as_of": "2020-01-01", "source": "the test", **row} for row in kept)
        ),
    }


STANDING = ("torture_risk", "persecution_risk", "minor", "third_party")
READ = (
    *STANDING,
    *("originator_consent", "special_category", "political_offence", "quality_checked"),
    *("conduct_bombing", "conduct_nuclear", "immediate_threat"),
)
REACHED = ("identity", "travel", "event", "free-text", "biometric", "asylum")
SMALL_AGENCIES = ("fr.police", "de.bka", "no.pst", "na.police", "de.other")
PLAIN_WORDS = (
    *("audience_allows", "purpose_allows", "unexpired", "owned"),
    *("same_setting", "same_member", "urgent", "exercise"),
)
LEAVES: Sequence[Raw] = (
    {"category": ["biometric", "event"]},
    {"category": ["special"]},
    {"practice": ["requests"]},
    {"kind": ["signals.share/1", "requests.answer/1"]},
    {"purpose": ["counter-terrorism"]},
    {"since": "2025-01-01"},
    {"in_force": "T"},
    {"binds_originator": "T"},
    {"binds_recipient": "T"},
    {"reserved": {"instrument": "T", "articles": ["1", "2"]}},
    {"originator": ["FR"]},
    {"recipient": ["DE", "NO"]},
    {"originator_group": "g"},
    {"recipient_group": "g"},
    {"handling_code": "H3"},
    {"tlp_at_least": "AMBER_STRICT"},
    {"level_at_least": "2"},
    *(cast("Raw", {name: "yes"}) for name in PLAIN_WORDS),
)


def make_tree(choose: Choose, facts: Sequence[str], *, depth: int = 2) -> Raw:
    """Make a predicate; facts come most often, for most of the rest is never unknown."""
    shape = choose(("fact", "fact", "fact", "leaf", "leaf", "all", "any", "not"))
    if shape == "fact" or (depth == 0 and shape != "leaf"):
        return choose(facts)
    if shape == "leaf":
        return choose(LEAVES)
    if shape == "not":
        return {"not": make_tree(choose, facts, depth=depth - 1)}
    inner = [make_tree(choose, facts, depth=depth - 1) for _ in range(choose((1, 2, 3)))]
    return inner if shape == "all" and choose((True, False)) else {shape: inner}


def make_prohibition(choose: Choose, name: str) -> dict[str, Raw]:
    """Make an absolute prohibition, a term, a condition or a sensitivity."""
    role = choose(("absolute", "term", "condition", "sensitivity"))
    facts = STANDING if role == "absolute" else READ
    more: dict[str, Raw] = {}
    if role == "condition" and choose((True, False)):
        more["unless"] = make_tree(choose, READ)
    if role == "term":
        for key in ("where", "emergency"):
            if choose((True, False)):
                more[key] = make_tree(choose, READ)
    return a_rule(name, role, make_tree(choose, facts), **more, **_reach(choose))


def _reach(choose: Choose) -> dict[str, Raw]:
    reach: dict[str, Raw] = {}
    if choose((True, False, False)):
        purposes = (["counter-terrorism"], ["operation", "counter-terrorism"])
        reach["purposes"] = list[Raw](choose(purposes))
    sides = choose((["release", "hold"], ["release"], ["hold"], list[str]()))
    if sides:
        reach["sides"] = list[Raw](sides)
    if choose((True, False, False, False)):
        reach |= {"evidence": "unverified", "gap": "not read; read it at the depositary"}
    if choose((True, False, False, False)):
        reach["from"] = choose(("2019-01-01", "2025-01-01"))
    return reach


def make_duty(choose: Choose, name: str) -> dict[str, Raw]:
    """Make an obligation."""
    duty: dict[str, Raw] = {"code": choose(("ReviewBy", "NoOnward")), "detail": name}
    if choose((True, False)):
        duty["within"] = choose(("8 h", "30 d", "1 month", "2 month"))
    if choose((True, False)):
        duty["handling"] = list[Raw](choose((["H1"], ["H2"], ["H1", "H2"])))
    return a_rule(name, "obligation", make_tree(choose, READ), obligations=[duty])


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """A small law of a few rules, and a draft it may say something of."""

    rules: list[dict[str, Raw]]
    rows: tuple[Row, ...]
    kept: tuple[Mapping[str, str], ...]
    top: dict[str, Raw]
    treaty: Mapping[str, Raw]
    draft: Draft
    side: Side

    def pack(self, *more: dict[str, Raw]) -> dict[str, bytes]:
        """Write the law, with more rules behind its own."""
        rules = [*self.rules, *more]
        return a_pack(rules, rows=self.rows, kept=self.kept, treaty=self.treaty, top=self.top)

    def asked(self, *more: dict[str, Raw], lifted: Iterable[str] = ()) -> Decision:
        """Ask a node that holds only this law."""
        return ask(self.draft, load_corpus(self.pack(*more)), self.side, lifted)


def make_small(choose: Choose) -> Small:
    """Make a small law, and a draft."""
    bases = [
        a_basis(
            f"basis{place}",
            choose(("quality_checked", make_tree(choose, READ, depth=1))),
            **_evidence(choose),
        )
        for place in range(choose((1, 1, 2, 3)))
    ]
    limits = [make_prohibition(choose, f"limit{n}") for n in range(choose((0, 1, 1, 3)))]
    duties = [make_duty(choose, f"duty{place}") for place in range(choose((0, 0, 1, 2)))]
    states = ("FR", "DE", "NO", "NA")
    rows = tuple(
        Row(instrument="T", party=state, **dict(choose(_ROWS)))
        for state in states
        if choose((True,) * 9 + (False,))
    )
    kept = tuple(
        {"instrument": "T", "party": choose(states), **dict(choose(_KEPT))}
        for _ in range(choose((0, 0, 0, 0, 1, 2)))
    )
    return Small(
        rules=[*limits, *bases, *duties],
        rows=rows,
        kept=kept,
        top=choose(
            ({}, {}, {"oldest": "78 month"}, {"oldest": "3000 d"}, {"from": "2015-01-01"})
        ),
        treaty=choose((IN_FORCE,) * 9 + _TREATIES),
        draft=make_draft(choose, agencies=SMALL_AGENCIES, doubtful=READ, categories=REACHED),
        side=choose((Side.RELEASE, Side.RELEASE, Side.HOLD)),
    )


def _evidence(choose: Choose) -> dict[str, Raw]:
    if choose((True, False, False, False)):
        return {"evidence": "unverified", "gap": "not read; read it at the depositary"}
    return {}


_TREATIES: tuple[Mapping[str, Raw], ...] = (
    *({}, {"in_force": "2025-01-01"}, {"in_force": "2000-01-01", "until": "2025-01-01"}),
)
_ROWS: Sequence[Mapping[str, str]] = (
    *({},) * 16,
    *({"in_force": "2025-01-01"}, {"until": "2025-01-01"}),
    *(
        {"in_force": "", "status": status}
        for status in ("signatory", "party", "territory", "doubtful")
    ),
)
_KEPT: Sequence[Mapping[str, str]] = (
    *({"article": "1", "effect": "excludes"}, {"article": "1", "effect": "doubt"}),
    *({"article": "2", "effect": "excludes"}, {"article": "", "effect": "doubt"}),
    {"article": "1", "effect": "excludes", "counterpart": "DE"},
    {"article": "1", "effect": "excludes", "until": "2025-01-01"},
    {"article": "1", "effect": "none"},
)


@st.composite
def small_laws(draw: st.DrawFn) -> Small:
    """Draw a small law and a draft."""
    return make_small(Drawn(draw))


@st.composite
def prohibitions(draw: st.DrawFn) -> dict[str, Raw]:
    """Draw one rule that can only stand in the way."""
    return make_prohibition(Drawn(draw), "more")
