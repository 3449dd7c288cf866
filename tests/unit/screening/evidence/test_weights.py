import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.screening.evidence.told import evidence

from comity.screening import Outcome
from comity.screening.evidence import HOW, OUTCOMES, entries, head
from comity.screening.evidence.lines import LINES
from comity.screening.evidence.numbers import KINDS

PROPS = (*dict.fromkeys(prop for line in LINES for prop in line.props), *KINDS)
FAMILIES = sorted({line.family for line in LINES} | {kind.name for kind in KINDS.values()})
PRIORS = Path(__file__).parents[4] / "tools/evidence_priors.json"

texts = st.text(max_size=40) | st.from_regex(
    r"[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}", fullmatch=True
)
told = st.dictionaries(st.sampled_from(PROPS), st.lists(texts, max_size=3), max_size=6)


@example({"passportNumber": ["0000¼"]}, {"registrationNumber": ["0000¼"]}, "Person")
@example(
    {"passportNumber": ["K1234567"], "idNumber": ["Z7654321"]},
    {"passportNumber": ["P5550123"], "idNumber": ["K1234567"]},
    "Person",
)
@example(
    {"passportNumber": ["K1234567"]},
    {"idNumber": ["K1234567"], "taxNumber": ["K1234567"]},
    "Person",
)
@example(
    {"passportNumber": ["K1234567"], "idNumber": ["Z7654321"]},
    {"passportNumber": ["Z7654321"], "idNumber": ["K1234567"]},
    "Person",
)
@example({"nationality": ["xa"]}, {"jurisdiction": ["xa"]}, "Person")
@example({"nationality": ["xa"], "flag": ["xa"]}, {"country": ["xa"]}, "Vessel")
@example({"nationality": ["xa"], "country": ["xa"]}, {"nationality": ["xa"]}, "Person")
@given(asked=told, held=told, schema=st.sampled_from(["Person", "Vessel", "Company", "?"]))
def test_no_text_raises_and_the_sum_is_the_same_both_ways_round(
    asked: dict[str, str | list[str]], held: dict[str, str | list[str]], schema: str
) -> None:
    there = evidence(asked, held, schema=schema)
    back = evidence(held, asked, other=schema)
    assert sum(e.weight for e in there) == pytest.approx(sum(e.weight for e in back), abs=0.01)
    assert {each.how for each in there} <= set(HOW)


@given(prop=st.sampled_from(PROPS), text=texts)
def test_a_value_beside_itself_never_speaks_against(prop: str, text: str) -> None:
    assert all(each.weight >= 0 for each in evidence({prop: text}, {prop: text}))


@given(asked=told, held=told)
def test_what_cannot_be_compared_weighs_nothing(
    asked: dict[str, str | list[str]], held: dict[str, str | list[str]]
) -> None:
    for each in evidence(asked, held):
        assert each.outcome is OUTCOMES.get(each.how, each.outcome)
        assert each.weight == 0 or each.outcome is not Outcome.NOT_COMPARABLE


def test_every_weight_says_where_it_comes_from() -> None:
    assert head()["version"]
    for family in FAMILIES:
        for how, entry in entries(family).items():
            assert how in HOW
            assert -8 <= entry["weight"] <= 12
            counted = min(entry["same"][0], entry["other"][0])
            assert entry["source"] in ("counted", "blended", "prior")
            assert (entry["source"] == "counted") == (counted >= 10)
            assert (entry["source"] == "prior") == (entry["same"][0] == entry["other"][0] == 0)


def test_a_weight_without_counts_is_the_prior_that_gives_its_reason() -> None:
    priors = json.loads(PRIORS.read_text("utf-8"))
    for family in FAMILIES:
        assert priors[family]["reason"]
        for how, entry in entries(family).items():
            if entry["source"] == "prior":
                assert entry["weight"] == priors[family]["weights"][how]
