"""Regional law, assistance and notices beyond one told case: what no answer can open."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest

from comity.core.clock import utc_date
from comity.core.ids import AgencyId
from comity.law import (
    Decision,
    Denied,
    Evidence,
    Permitted,
    Referred,
    Role,
    Rule,
    Told,
    answer,
    decide,
    shipped_corpus,
    told_cases,
)
from comity.message import Draft

CORPUS: Final = shipped_corpus()
CASES: Final[Mapping[str, Told]] = {each.name: each for each in told_cases(CORPUS)}
RULES: Final[Mapping[str, Rule]] = {rule.name: rule for rule in CORPUS.rules}
NOTICE: Final = CASES["a reviewed red notice leaves"].draft
EXTRADITION: Final = CASES["never judged before"].draft
COLOURS: Final = ("red", "blue", "green", "orange", "un-special", "diffusion", "propose", "new")
GATES: Final = sorted(
    name for name, fact in CORPUS.lexicon.facts.items() if fact.asked_with == "notice_gate"
)
RED_GATES: Final = sorted(
    name for name, fact in CORPUS.lexicon.facts.items() if fact.asked_with == "red_gate"
)
GROUNDS: Final = sorted(
    name for name, fact in CORPUS.lexicon.facts.items() if fact.asked_with == "grounds"
)
REVIEWED: Final = ("interpol-review=xn.police/7f3a",)
WITHOUT_A_LIST: Final = ("AU-ALGIERS-1999", "SAARC-1987", "ARAB-1998", "OIC-1999", "SCO-2001")
WIDE: Final = [
    rule
    for rule in CORPUS.rules
    if rule.role is Role.BASIS and CORPUS.instruments[rule.between].needs_local_assessment
]


def stating(draft: Draft, **facts: bool | None) -> Draft:
    return replace(draft, facts={**draft.facts, **facts})


def due(decision: Decision) -> dict[str, str | None]:
    return {each.code: each.due for each in decision.obligations}


@pytest.mark.parametrize("instrument", WITHOUT_A_LIST)
def test_membership_of_an_organisation_makes_nobody_a_party(instrument: str) -> None:
    codes = ("NG", "KE", "EG", "SA", "IN", "PK", "KZ", "CN", "DE")
    on = utc_date(NOTICE.at)
    assert {CORPUS.treaties.binds(instrument, code, on=on) for code in codes} == {None}


@pytest.mark.parametrize("rule", WIDE, ids=lambda rule: rule.name)
@pytest.mark.parametrize("stands", [False, None])
def test_no_wide_convention_carries_anything_without_a_local_assessment(
    rule: Rule, *, stands: bool | None
) -> None:
    lifted = next(each for each in CASES.values() if each.rule == rule.name and each.lifted)
    assert isinstance(answer(lifted, CORPUS), Permitted)
    draft = stating(lifted.draft, local_assessment_stands=stands)
    assert not isinstance(decide(draft, CORPUS), Permitted)


@pytest.mark.parametrize("colour", COLOURS)
def test_no_notice_leaves_before_a_legal_adviser_has_reviewed_it(colour: str) -> None:
    draft = replace(NOTICE, kind=f"notices.{colour}/1")
    assert isinstance(decide(draft, CORPUS), Referred)


@pytest.mark.parametrize("name", GATES)
def test_every_gate_before_a_record_holds_for_a_diffusion_too(name: str) -> None:
    draft = replace(NOTICE, kind="notices.diffusion/1")
    assert isinstance(decide(draft, CORPUS, lifted=REVIEWED), Permitted)
    for value in (False, None):
        held = decide(stating(draft, **{name: value}), CORPUS, lifted=REVIEWED)
        assert isinstance(held, Referred)


@pytest.mark.parametrize("kind", ["red", "propose", "diffusion"])
@pytest.mark.parametrize("name", RED_GATES)
def test_no_red_notice_passes_an_open_gate_under_any_name(name: str, kind: str) -> None:
    draft = stating(replace(NOTICE, kind=f"notices.{kind}/1"), **{name: None})
    assert not isinstance(decide(draft, CORPUS, lifted=REVIEWED), Permitted)


def test_a_text_nobody_read_never_denies_a_notice() -> None:
    for rule in CORPUS.rules:
        if rule.pack == "interpol" and rule.evidence is Evidence.UNVERIFIED:
            broken = [each for each in CASES.values() if each.rule == rule.name]
            assert broken, rule.name
            assert not any(isinstance(answer(each, CORPUS), Denied) for each in broken)


def test_a_notice_ends_in_silence_after_five_years() -> None:
    decision = decide(NOTICE, CORPUS, lifted=REVIEWED)
    assert due(decision)["EraseBy"] == "2031-11-23T12:00:00Z"
    assert due(decision)["ReviewBy"] == "2029-11-23T12:00:00Z"


@pytest.mark.parametrize("name", GROUNDS)
def test_no_ground_against_assistance_is_passed_over(name: str) -> None:
    assert isinstance(decide(EXTRADITION, CORPUS), Permitted)
    for value in (True, None):
        held = decide(stating(EXTRADITION, **{name: value}), CORPUS)
        assert not isinstance(held, Permitted)


def test_bank_secrecy_and_a_fiscal_offence_are_grounds_for_nobody() -> None:
    facts = {fact for rule in CORPUS.rules for fact in rule.reads}
    assert not any("fiscal" in fact or "secrecy" in fact for fact in facts)
    for name in ("financing-12-2", "financing-13"):
        assert RULES[name].role is Role.MANDATE


def test_what_a_unit_gives_goes_no_further_and_is_told_so() -> None:
    decision = answer(CASES["unit asks unit"], CORPUS)
    held = {each.code: each.handling for each in decision.obligations}
    assert held["NoOnward"] == {"H2"}


@pytest.mark.parametrize("to", ["xa.police", "xa.border", "xn.police", "xa.justice", "xa.fiu"])
def test_what_a_unit_had_from_another_reaches_nobody_without_consent(to: str) -> None:
    told = CASES["a unit hands another unit's report to the police with consent"].draft
    for consent in (False, None):
        draft = replace(told, recipient=AgencyId(to))
        assert isinstance(decide(stating(draft, originator_consent=consent), CORPUS), Denied)


def test_every_retention_regime_ends_in_silence() -> None:
    kept = {
        name: dated for name, dated in CORPUS.clocks.items() if name.startswith("retention")
    }
    assert len(kept) >= 12
    ends = {clock.on_expiry for dated in kept.values() for clock in dated}
    assert ends == {"erase", "mask"}
    masked = [name for name, dated in kept.items() if dated[-1].on_expiry == "mask"]
    assert masked == ["retention-passenger-clear"]
