"""Told cases: what the shipped packs answer, each citing the provision that answers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
import yaml

from comity.core.clock import from_iso
from comity.core.ids import CaseId, agency_id
from comity.law import Decision, Role, Side, Verdict, decide, holds, shipped_corpus
from comity.message import Draft, Item, handling

FOLDER = Path(__file__).parent / "cases"
ANSWER = {"yes": True, "no": False, "unknown": None}
# What an officer has answered in an ordinary case between two assessed partners.
ORDINARY = {
    **dict.fromkeys(
        (
            *("torture_risk", "refoulement_risk", "persecution_risk", "neutrality_concern"),
            *("from_torture", "death_penalty_risk", "flagrant_denial", "political_offence"),
            *("free_text_sensitive", "minor", "victim", "special_category"),
            *("automated_origin", "third_party", "from_member_state", "recipient_is_origin"),
        ),
        False,
    ),
    **dict.fromkeys(
        name for name in shipped_corpus().lexicon.facts if name.startswith("conduct_")
    ),
    **dict.fromkeys(
        ("conduct_hostages", "conduct_nuclear", "conduct_protected_person", "conduct_travel"),
        False,
    ),
    **dict.fromkeys(("conduct_financing_treaty", "conduct_financing_acts"), False),
    **dict.fromkeys(("for_investigation", "suspect_fled"), False),
    **dict.fromkeys(
        (
            *(
                "national_law_permits",
                "conduct_bombing",
                "for_prevention",
                "accurate_and_verified",
            ),
            *("necessary_for_law_enforcement", "recipient_is_competent", "safeguards_assessed"),
            "quality_checked",
        ),
        True,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One told case."""

    name: str
    draft: Draft
    side: Side
    verdict: str
    rule: str
    cite: str
    lifted: tuple[str, ...] = ()
    leave_out: tuple[str, ...] | None = field(default=None)


def _told(raw: Mapping[str, object]) -> Told:
    text = cast("Mapping[str, str]", raw)
    stated = cast("Mapping[str, str]", raw.get("facts", {}))
    marking = handling(text.get("handling", "TLP:AMBER"))
    items = cast("Mapping[str, str]", raw.get("items", {}))
    left = raw.get("leave_out")
    return Told(
        name=text["case"],
        side=Side(text.get("side", "release")),
        verdict=text["verdict"],
        rule=text["rule"],
        cite=text["cite"],
        lifted=tuple(cast("list[str]", raw.get("lifted", []))),
        leave_out=None if left is None else tuple(cast("list[str]", left)),
        draft=Draft(
            kind=text.get("kind", "requests.ask/1"),
            originator=agency_id(text.get("from", "xn.police")),
            recipient=agency_id(text.get("to", "xa.border")),
            purpose=text.get("purpose", "counter-terrorism"),
            at=from_iso(text.get("on", "2026-11-23") + "T12:00:00Z"),
            body=dict.fromkeys(items, "x"),
            handling=handling(text.get("message_handling", text.get("handling", "TLP:AMBER"))),
            case=CaseId("told"),
            categories=frozenset(
                cast("list[str]", raw.get("categories", ["identity", "travel"]))
            )
            if not items
            else frozenset(items.values()),
            items=tuple(
                Item(path=path, category=category, handling=marking)
                for path, category in items.items()
            ),
            facts={**ORDINARY, **{name: ANSWER[value] for name, value in stated.items()}},
            is_protective=text.get("protective") == "yes",
        ),
    )


def _cases() -> list[Told]:
    found: list[Told] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        read = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - strings only
        found += [_told(raw) for raw in cast("list[Mapping[str, object]]", read)]
    return found


CASES = _cases()


def _asked(told: Told) -> Decision:
    ask = decide if told.side is Side.RELEASE else holds
    return ask(told.draft, shipped_corpus(), lifted=told.lifted)


@pytest.mark.parametrize("told", CASES, ids=lambda told: told.name)
def test_a_told_case_is_answered_with_its_provision(told: Told) -> None:
    decision = _asked(told)
    said = {reason.rule: reason for reason in decision.reasons}
    assert decision.verdict.word == told.verdict
    if told.rule.startswith("not "):
        assert told.rule.removeprefix("not ") not in {
            name for name, reason in said.items() if reason.outcome is not Verdict.PERMIT
        }
        rule = next(
            r for r in shipped_corpus().rules if r.name == told.rule.removeprefix("not ")
        )
        assert told.cite in rule.cite
    else:
        assert told.rule in said
        assert told.cite in said[told.rule].cite
    if told.leave_out is not None:
        assert decision.smallest_set == told.leave_out


def test_every_rule_is_told_once_kept_and_once_broken() -> None:
    told: dict[str, set[Verdict | None]] = defaultdict(set)
    for case in CASES:
        decision = _asked(case)
        weighed = {reason.rule: reason.outcome for reason in decision.reasons}
        for rule in shipped_corpus().rules:
            outcome = weighed.get(rule.name)
            is_limit = rule.role not in {Role.BASIS, Role.OBLIGATION}
            if outcome is None and is_limit and decision.verdict is Verdict.PERMIT:
                # A limit that has nothing to say of a permitted case is kept in it.
                outcome = Verdict.PERMIT
            told[rule.name].add(outcome)
    rules = [r for r in shipped_corpus().rules if r.role is not Role.MANDATE]
    one_sided = {r.name for r in rules if not {Verdict.PERMIT} < told[r.name]}
    assert one_sided == set()


def test_the_packs_state_how_many_cases_are_told() -> None:
    assert shipped_corpus().told_cases == len(CASES)
    assert len(CASES) >= 60
    assert len({told.name for told in CASES}) == len(CASES)
