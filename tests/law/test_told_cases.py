"""Told cases: what the shipped packs answer, each citing the provision that answers."""

from collections import defaultdict

import pytest

from comity.law import (
    Role,
    Told,
    Verdict,
    answer,
    failures,
    shipped_corpus,
    told_cases,
)

CASES = told_cases(shipped_corpus())


@pytest.mark.parametrize("told", CASES, ids=lambda told: told.name)
def test_a_told_case_is_answered_with_its_provision(told: Told) -> None:
    assert failures(shipped_corpus(), [told]) == ()


def test_every_rule_is_told_once_kept_and_once_broken() -> None:
    told: dict[str, set[Verdict | None]] = defaultdict(set)
    rules = [rule for rule in shipped_corpus().rules if rule.role is not Role.MANDATE]
    for case in CASES:
        decision = answer(case, shipped_corpus())
        weighed = {reason.rule: reason.outcome for reason in decision.reasons}
        for rule in rules:
            outcome = weighed.get(rule.name)
            is_limit = rule.role not in {Role.BASIS, Role.OBLIGATION}
            if outcome is None and is_limit and decision.verdict is Verdict.PERMIT:
                # A limit that has nothing to say of a permitted case is kept in it.
                outcome = Verdict.PERMIT
            told[rule.name].add(outcome)
    # What nobody read can only refer: it is broken where it refers or says nothing.
    one_sided = {
        rule.name
        for rule in rules
        if (rule.is_verified and Verdict.PERMIT not in told[rule.name])
        or not told[rule.name] - {Verdict.PERMIT}
    }
    assert one_sided == set()


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({told.name for told in CASES}) == len(CASES)
