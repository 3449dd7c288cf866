"""European law beyond one told case: what follows, what is asked, and what has ended."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from comity.console.counsel import ASKED_OF_OFFICERS, MOST, open_questions
from comity.core.clock import from_iso
from comity.core.ids import AgencyId
from comity.law import (
    Decision,
    Denied,
    Permitted,
    Referred,
    Role,
    Told,
    Verdict,
    answer,
    decide,
    holds,
    shipped_corpus,
    told_cases,
)
from comity.message import Draft, Facts

CORPUS: Final = shipped_corpus()
PACKS: Final = frozenset({"council-of-europe", "eu", "data-protection"})
CASES: Final[Mapping[str, Told]] = {each.name: each for each in told_cases(CORPUS)}
INSIDE: Final = CASES["member states exchange what is held already"].draft
OUTSIDE: Final = CASES["adequacy has ended"].draft
OFFICERS: Final = {
    name: fact for name, fact in CORPUS.lexicon.facts.items() if fact.home in ASKED_OF_OFFICERS
}


def stating(draft: Draft, **facts: bool | None) -> Draft:
    return replace(draft, facts={**draft.facts, **facts})


def due(decision: Decision) -> dict[str, str | None]:
    return {each.code: each.due for each in decision.obligations}


def test_what_went_in_an_emergency_is_validated_within_two_days() -> None:
    decision = answer(CASES["an immediate threat cannot wait for it"], CORPUS)
    assert isinstance(decision, Permitted)
    owed = due(decision)
    for code in ("ValidateAfterwards", "NotifyOriginator", "ReportToSupervisor"):
        assert owed[code] == "2026-11-25T12:00:00Z"


def test_without_an_emergency_nothing_is_validated_afterwards() -> None:
    decision = answer(CASES["another member state has authorised"], CORPUS)
    assert "ValidateAfterwards" not in due(decision)


def test_adequacy_that_ends_takes_the_transfer_with_it_on_that_day() -> None:
    before = replace(OUTSIDE, at=from_iso("2026-06-29T23:59:59Z"))
    assert isinstance(decide(before, CORPUS), Permitted)
    assert isinstance(decide(OUTSIDE, CORPUS), Denied)


def test_what_is_given_between_member_states_is_not_given_as_evidence() -> None:
    decision = decide(INSIDE, CORPUS)
    [court] = [each for each in decision.obligations if each.code == "CourtUseNeedsConsent"]
    assert court.handling == {"H1"}


def test_conditions_bind_whoever_accepted_them_and_travel_as_a_caveat() -> None:
    decision = answer(CASES["conditions the partner accepted bind the use"], CORPUS)
    [bound] = [each for each in decision.obligations if each.code == "PurposeBound"]
    assert "H2" in bound.handling


@pytest.mark.parametrize("name", ["disclosure_endangers", "quality_checked", "third_party"])
def test_what_is_not_known_between_member_states_goes_to_a_person(name: str) -> None:
    assert isinstance(decide(stating(INSIDE, **{name: None}), CORPUS), Referred)


@pytest.mark.parametrize("recipient", ["xm.police", "us.police", "xw.police"])
def test_an_act_of_the_union_is_no_basis_outside_it(recipient: str) -> None:
    draft = stating(replace(INSIDE, recipient=AgencyId(recipient)), conduct_bombing=False)
    decision = decide(draft, CORPUS)
    acts = {rule.name for rule in CORPUS.rules if rule.pack == "eu"}
    said = {each.rule for each in decision.reasons if each.outcome is not Verdict.PERMIT}
    assert decision.verdict is not Verdict.PERMIT
    assert not said & acts


def test_what_came_on_the_basis_towards_europol_is_held_by_europol_alone() -> None:
    for recipient, is_europol in (("org-europol.centre", True), ("xv.police", False)):
        draft = replace(INSIDE, recipient=AgencyId(recipient))
        held = {each.rule for each in holds(draft, CORPUS).reasons}
        assert ("decision-2005-671-2-3" in held) is is_europol


@pytest.mark.parametrize("state", ["DK", "CH", "NO"])
def test_a_state_whose_part_in_the_exchange_is_in_doubt_is_unknown(state: str) -> None:
    treaties = CORPUS.treaties
    assert treaties.binds("EU-2023-977", state, on=date(2025, 3, 1)) is None
    assert treaties.binds("EU-2023-977", "US", on=date(2025, 3, 1)) is False


def test_the_second_protocol_on_cybercrime_is_not_known_to_bind_anybody() -> None:
    assert CORPUS.treaties.binds("COE-224-2022", "RS", on=date(2026, 11, 23)) is None


@pytest.mark.parametrize("draft", [INSIDE, stating(OUTSIDE, safeguards_assessed=True)])
def test_the_law_of_the_union_asks_an_officer_five_questions_at_most(draft: Draft) -> None:
    investigation = {"for_investigation": True, "for_prevention": False}
    ordinary: Facts = {
        **{name: fact.ordinary or False for name, fact in OFFICERS.items()},
        **investigation,
    }
    draft = replace(draft, categories=draft.categories | {"free-text"})
    facts: Facts = {name: value for name, value in draft.facts.items() if name not in OFFICERS}
    asked: list[str] = []
    while True:
        decision = decide(replace(draft, facts=facts), CORPUS)
        if decision.verdict is Verdict.PERMIT:
            break
        name = open_questions(CORPUS.lexicon, decision)[0]
        assert name not in asked
        asked.append(name)
        facts = {**facts} | {
            fact: ordinary[fact]
            for fact, held in OFFICERS.items()
            if (held.asked_with or fact) == name
        }
    assert len(asked) <= MOST, asked


def test_every_rule_not_read_says_where_to_read_it() -> None:
    rules = [rule for rule in CORPUS.rules if rule.pack in PACKS]
    assert all(rule.url.startswith("https://") for rule in rules)
    assert all("read" in rule.gap for rule in rules if not rule.is_verified)


def test_every_rule_is_told_by_its_own_name_kept_and_broken() -> None:
    """A case that only happens to meet a rule tells nobody what the rule is for."""
    for rule in CORPUS.rules:
        if rule.pack in PACKS and rule.role is not Role.MANDATE:
            told = [each for each in CASES.values() if each.rule == rule.name]
            is_duty = rule.role is Role.OBLIGATION
            outcomes = {
                each.is_kept or (not is_duty and each.verdict is Verdict.PERMIT)
                for each in told
            }
            assert outcomes == {True, False}, rule.name
