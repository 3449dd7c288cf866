"""Leaving values out of a draft, and finding them."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import AgencyId, CaseId
from comity.message import Draft, Item, handling, value_at

AMBER = handling("TLP:AMBER")
BODY: Mapping[str, Value] = {
    "question": "Who?",
    "subjects": [
        {"id": "a", "properties": {"name": ["Anna", "Ann"], "religion": ["R"]}},
        {"id": "b", "properties": {"name": ["Bert"]}},
    ],
}
NAME = "subjects/0/properties/name"


def draft(*paths: str) -> Draft:
    return Draft(
        kind="requests.ask/1",
        originator=AgencyId("xn.police"),
        recipient=AgencyId("xa.border"),
        purpose="counter-terrorism",
        at=Instant(0),
        body=BODY,
        handling=AMBER,
        case=CaseId("c"),
        items=tuple(Item(path=path, category="identity", handling=AMBER) for path in paths),
    )


def test_what_is_left_out_is_gone_from_body_and_items() -> None:
    cut = draft(f"{NAME}/0", f"{NAME}/1").without({f"{NAME}/0"})
    assert value_at(cut.body, f"{NAME}/0") == "Ann"
    assert [item.path for item in cut.items] == [f"{NAME}/1"]


def test_two_values_of_one_list_are_counted_by_their_places_before_either_went() -> None:
    cut = draft().without({f"{NAME}/0", f"{NAME}/1"})
    assert "Ann" not in str(cut.body)
    assert value_at(cut.body, "subjects/1/properties/name/0") == "Bert"


def test_a_list_that_lost_everything_does_not_tell_that_it_was_there() -> None:
    assert "religion" not in str(draft().without({"subjects/0/properties/religion/0"}).body)


def test_an_empty_list_its_author_wrote_stays() -> None:
    assert Draft.without(draft(), ()).body == BODY


def test_a_whole_field_can_go_and_nothing_else_does() -> None:
    cut = draft("question").without({"question"})
    assert cut.body == {"subjects": BODY["subjects"]}
    assert cut.items == ()


@given(st.frozensets(st.sampled_from(["question", f"{NAME}/0", "subjects/1", "nowhere/3"])))
def test_leaving_out_never_changes_the_draft_itself(paths: frozenset[str]) -> None:
    whole = draft("question")
    whole.without(paths)
    assert whole == draft("question")


@pytest.mark.parametrize("path", ["nowhere", "subjects/7", "subjects/x", "question/0", ""])
def test_a_place_that_is_not_there_is_an_error(path: str) -> None:
    with pytest.raises((KeyError, IndexError, ValueError)):
        value_at(BODY, path)
