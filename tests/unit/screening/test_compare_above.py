"""A comparison cut short says the same as the whole one, or that nothing comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.ids import EntityId
from comity.screening import Profile, Query, compare
from comity.screening.compare import compare_above

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
