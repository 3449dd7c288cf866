"""A comparison cut short says the same as the whole one, or that nothing comes of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.ids import EntityId
from comity.screening import Flag, Profile, Query, compare
from comity.screening.compare import compare_above
from comity.screening.scoring import calibration

NAMES = st.sampled_from(
    ["Anna Beispiel", "Ana Beispiel", "Anna Muster", "Boris Muster", "B. Muster", "Trading Co"]
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "birthDate": st.sampled_from([("1988-04-17",), ("1988",), ("1970-01-02",)]),
        "nationality": st.sampled_from([("xn",), ("fr",)]),
        "passportNumber": st.sampled_from([("X1234567",), ("X1234568",), ("K7654321",)]),
    },
)


@given(NAMES, NAMES, FACTS, FACTS, st.sampled_from([0.05, 0.2, 0.7]))
def test_the_short_way_says_what_the_whole_says(
    asked: str,
    held: str,
    known: dict[str, tuple[str, ...]],
    facts: dict[str, tuple[str, ...]],
    least: float,
) -> None:
    query = Query(schema="Person", properties={"name": (asked,), **known})
    profile = Profile(
        entity_id=EntityId("p"),
        dataset="test",
        schema="Person",
        properties={"name": (held,), **facts},
    )
    whole = compare(query, profile)

    assert compare_above(least, query, profile) == (whole if whole.score >= least else None)


def test_an_equal_passport_is_heard_though_the_names_differ() -> None:
    facts = {"passportNumber": ("X1234567",)}
    query = Query(schema="Person", properties={"name": ("Anna Beispiel",), **facts})
    profile = Profile(
        entity_id=EntityId("p"),
        dataset="test",
        schema="Person",
        properties={"name": ("Boris Muster",), **facts},
    )

    found = compare_above(0.05, query, profile)

    assert found is not None
    assert found.score == pytest.approx(compare(query, profile).score)


@pytest.mark.parametrize(
    ("asked", "flags"), [("Corp", (Flag.TOO_COMMON,)), ("😀", (Flag.NOT_COMPARABLE,))]
)
def test_a_name_that_says_nothing_says_so(asked: str, flags: tuple[Flag, ...]) -> None:
    profile = Profile(
        entity_id=EntityId("c"),
        dataset="test",
        schema="Company",
        properties={"name": ("Beispiel Corp",)},
    )

    found = compare(Query(schema="Company", properties={"name": (asked,)}), profile)

    assert found.flags == flags
    assert found.score < 0.7


def test_weights_and_intercept_sum_to_the_logit_of_the_score() -> None:
    query = Query(
        schema="Person",
        properties={"name": ("Anna Beispiel",), "birthDate": ("1988",), "nationality": ("xn",)},
    )
    profile = Profile(
        entity_id=EntityId("p"),
        dataset="test",
        schema="Person",
        properties={
            "name": ("Ana Beispiel",),
            "birthDate": ("1988-04-17",),
            "nationality": ("fr",),
        },
    )

    found = compare(query, profile)

    logit = math.log(found.score / (1 - found.score))
    total = calibration().intercept + sum(each.weight for each in found.evidence)
    assert total == pytest.approx(logit, abs=0.01)
    name = found.evidence[0]
    assert sum(token.weight for token in name.tokens) == pytest.approx(name.weight, abs=0.01)
