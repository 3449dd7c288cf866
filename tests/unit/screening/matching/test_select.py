"""Which entities a search means: scopes, words, orders and counts, over what is given alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import InvalidInputError, NotFoundError
from comity.screening.matching import (
    FACETS,
    Held,
    Page,
    Scope,
    are_kin,
    caption,
    check_field,
    facets,
    is_within,
    ordered,
    page,
    rank,
    sources_in,
    words_of,
)

KNOWN = ("a", "b", "c")
NAMES = st.text(alphabet="abcdé ", min_size=1, max_size=12).filter(str.strip)


def held(name: str, entity_id: str = "x", **more: object) -> Held:
    return Held(
        entity_id=entity_id,
        schema="Person",
        properties={"name": (name,), "birthDate": ("1988-04-17",)},
        datasets=("a",),
        **more,  # type: ignore[arg-type] # the fields of Held
    )


@pytest.mark.parametrize(
    ("scope", "meant"),
    [
        (Scope(dataset="default"), {"a", "b", "c"}),
        (Scope(dataset="a"), {"a"}),
        (Scope(dataset="default", include=("b",)), {"b"}),
        (Scope(dataset="a", include=("b",)), {"a", "b"}),
        (Scope(dataset="a", include=("a", "b")), {"a"}),
        (Scope(dataset="default", exclude=("b",)), {"a", "c"}),
        (Scope(dataset="a", exclude=("a",)), set()),
        (Scope(dataset="default", include=("default",)), {"a", "b", "c"}),
    ],
)
def test_a_scope_means_its_datasets(scope: Scope, meant: set[str]) -> None:
    assert sources_in(scope, KNOWN) == meant


@pytest.mark.parametrize("scope", [Scope(dataset="z"), Scope(dataset="a", exclude=("z",))])
def test_a_dataset_nobody_knows_is_not_found(scope: Scope) -> None:
    with pytest.raises(NotFoundError):
        sources_in(scope, KNOWN)


def test_an_entity_lies_in_a_scope_by_dataset_change_and_id() -> None:
    one = held("Anna", referents=("old",), last_change="2026-05-01T00:00:00")
    inside = {"a"}
    for scope, expected in (
        (Scope(dataset="a"), True),
        (Scope(dataset="a", exclude_entities=("old",)), False),
        (Scope(dataset="a", exclude_schemata=("Person",)), False),
        (Scope(dataset="a", changed_since="2026-05-01"), True),
        (Scope(dataset="a", changed_since="2026-05-02"), False),
        (Scope(dataset="a", topics=("sanction",)), False),
    ):
        assert is_within(one, scope, frozenset(inside)) is expected
    assert not is_within(one, Scope(dataset="b"), frozenset({"b"}))


@given(NAMES)
def test_a_name_fits_its_own_words_in_every_order(name: str) -> None:
    words = words_of(name)
    turned = tuple(reversed(words))
    assert rank(held(name), words) == rank(held(name), turned)
    assert rank(held(name), words) in ({3} if words else {1})


def test_all_words_must_be_there() -> None:
    one = held("Anna Maria Example")
    assert rank(one, words_of("anna example")) == 2
    assert rank(one, words_of("anna 1988-04-17")) == 1
    assert rank(one, words_of("exam* MARIA")) == 2
    assert rank(one, words_of("anna nobody")) is None


@given(
    st.lists(NAMES, max_size=6), st.sampled_from(["", "caption", "name:desc", "last_change"])
)
def test_an_order_loses_and_invents_nobody(names: list[str], term: str) -> None:
    found = [held(name, str(place)) for place, name in enumerate(names)]
    sorted_ = ordered(found, [term] if term else [])
    assert sorted(each.entity_id for each in sorted_) == sorted(e.entity_id for e in found)


def test_what_lacks_the_field_comes_last_both_ways() -> None:
    with_it = held("B", "1", last_change="2026-01-01T00:00:00")
    for term in ("last_change", "last_change:desc"):
        assert [each.entity_id for each in ordered([held("A", "2"), with_it], [term])] == [
            "1",
            "2",
        ]


@given(st.integers(0, 20), st.integers(0, 20))
def test_pages_together_are_the_list(size: int, limit: int) -> None:
    found = [held("A", str(place)) for place in range(size)]
    pages = [
        each
        for offset in range(0, size, limit or 1)
        for each in page(found, Page(limit=limit, offset=offset))
    ]
    assert pages == (found if limit else [])


def test_a_facet_counts_each_entity_once_for_each_value() -> None:
    found = [held("A", "1"), held("B", "2")]
    for facet in facets(found, FACETS, {"a": "List A"}):
        assert all(value.count <= len(found) for value in facet.values)
    (only,) = facets(found, ["datasets"], {"a": "List A"})
    assert [(value.label, value.count) for value in only.values] == [("List A", 2)]


@pytest.mark.parametrize(
    ("one", "other", "kin"),
    [
        ("Person", "LegalEntity", True),
        ("Thing", "Vessel", True),
        ("Person", "Company", False),
        ("Company", "Organization", True),
        ("Unheard", "Unheard", True),
        ("Unheard", "Person", False),
    ],
)
def test_schemata_are_kin_where_one_is_a_kind_of_the_other(
    one: str,
    other: str,
    kin: bool,  # noqa: FBT001 - a case
) -> None:
    assert are_kin(one, other) is are_kin(other, one) is kin


def test_a_field_nobody_knows_is_named_by_those_that_are() -> None:
    assert check_field("properties.birthDate") == "properties.birthDate"
    with pytest.raises(InvalidInputError, match="countries"):
        check_field("shoeSize")


def test_an_entity_without_a_name_is_called_by_its_id() -> None:
    assert caption(Held(entity_id="x", schema="Person", properties={}, datasets=())) == "x"
    assert caption(Held(entity_id="x", schema="Unheard", properties={}, datasets=())) == "x"
