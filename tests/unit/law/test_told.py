"""Told cases: where the law answers otherwise, file, line and reason are said."""

import pytest

from comity.core.errors import InvalidInputError
from comity.law import failures, load_corpus, shipped_packs, told_cases, told_of

KEPT = 'verdict: permit, rule: not terms-audience, cite: "art. 9(3)"'


def told(line: str) -> tuple[str, ...]:
    """Return what is wrong with one case told beside the originator's terms."""
    case = f"- {{case: one, {line}}}\n".encode()
    corpus = load_corpus({**shipped_packs(), "terms-cases.yaml": case})
    return failures(corpus, [each for each in told_cases(corpus) if each.pack == "terms"])


def test_a_case_answered_as_told_says_nothing() -> None:
    assert told(KEPT) == ()
    assert told(f"{KEPT}, urgency: urgent, side: release, categories: [event]") == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("verdict: deny, rule: minor, cite: x", "expected deny, the law says permit"),
        (
            'handling: "TLP:AMBER REL:xc", verdict: deny, rule: not terms-audience, cite: x',
            "`terms-audience` has to say of it",
        ),
        ("verdict: permit, rule: minor, cite: x", "`minor` has nothing to say of it"),
        ("verdict: permit, rule: not nothing, cite: x", "no rule `nothing` is held"),
        ("verdict: permit, rule: not minor, cite: x", "expected the provision `x`"),
        (f"{KEPT}, leave_out: [name]", "expected ['name'] to be left out, got ()"),
    ],
)
def test_a_case_answered_otherwise_is_named_with_its_line(line: str, said: str) -> None:
    [found] = told(line)
    assert found.startswith("terms-cases.yaml:1: `one`: ")
    assert said in found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{KEPT}, facts: {{minr: yes}}", "unknown fact `minr`"),
        (f"{KEPT}, handling: PINK", "a marking begins with its TLP label"),
        (f"{KEPT}, side: moon", "unknown side `moon`"),
        (f"{KEPT}, urgency: soon", "unknown urgency `soon`"),
        (f"{KEPT}, on: never", "expected a time like"),
        (f"{KEPT}, colour: red", "unknown key `colour`"),
    ],
)
def test_a_case_that_cannot_be_read_is_refused_in_its_place(line: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^terms-cases\.yaml:1: ") as caught:
        told(line)
    assert said in str(caught.value)


def test_the_cases_of_a_rule_are_found_by_its_name() -> None:
    corpus = load_corpus(shipped_packs())
    assert {each.rule for each in told_of(corpus, "minor")} == {"minor"}
