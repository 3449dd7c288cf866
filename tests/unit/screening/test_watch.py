"""Who newly came in and may be asked for: ids alone, of what is worth a person's look."""

import pytest

from comity.core.errors import LimitError, StateError
from comity.core.ids import EntityId
from comity.screening import Profile, Query, asked_for, compare, to_look_at
from comity.screening.watch import PROFILES, QUERIES

ANNA = Query(
    schema="Person", properties={"name": ("Anna Example",), "birthDate": ("1988-04-17",)}
)


def held(name: str, number: int, born: str = "1988-04-17") -> Profile:
    return Profile(
        entity_id=EntityId(f"p-{number}"),
        dataset="own-file",
        schema="Person",
        properties={"name": (name,), "birthDate": (born,)},
    )


def test_who_may_be_asked_for_is_named_and_no_score_with_it() -> None:
    profiles = [
        held("Bertrand Quillfeather", 3, "1951-01-30"),
        held("Anna Example", 2),
        held("Anna Example", 1),
    ]
    assert compare(ANNA, profiles[1]).score > compare(ANNA, profiles[0]).score
    assert to_look_at([ANNA], profiles) == (EntityId("p-1"), EntityId("p-2"))


def test_each_question_of_a_watch_counts() -> None:
    other = Query(schema="Person", properties={"name": ("Bertrand Quillfeather",)})
    found = to_look_at([ANNA, other], [held("Bertrand Quillfeather", 3, "1951-01-30")])
    assert found == (EntityId("p-3"),)


def test_nothing_asked_or_held_finds_nobody() -> None:
    assert to_look_at([], [held("Anna Example", 1)]) == ()
    assert to_look_at([ANNA], []) == ()


def test_what_is_compared_at_once_is_bounded() -> None:
    with pytest.raises(LimitError):
        to_look_at([ANNA] * (QUERIES + 1), [])
    many = [held("Otto", number) for number in range(PROFILES + 1)]
    with pytest.raises(LimitError):
        to_look_at([ANNA], many)


def test_a_question_is_made_of_each_entity_with_a_name() -> None:
    person = {
        "schema": "Person",
        "properties": {"name": ["Anna Example"], "birthDate": ["1988"]},
    }
    plate = {"schema": "Vehicle", "properties": {"registrationNumber": ["CA-4471"]}}
    (query,) = asked_for([plate, person])
    assert (query.schema, query.names) == ("Person", ("Anna Example",))
    with pytest.raises(StateError, match="names nobody"):
        asked_for([plate])
    with pytest.raises(LimitError):
        asked_for([{"schema": "Person", "properties": {"name": ["A" * 5_000]}}])
