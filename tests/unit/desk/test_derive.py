"""Facts read off the values: what cannot be read stays unknown."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import ANNA, N, a_world, question

from comity.core.cbor import Value
from comity.desk.derive import derived_facts
from comity.message import Draft


def draft(**body: Value) -> Draft:
    here = a_world().residents[N]
    letter = question()
    letter = replace(letter, body={**letter.body, **body})
    shown = here.desk.correspondence.preview(here.actor("officer"), letter)
    return shown.draft


def born(*dates: str) -> dict[str, Value]:
    return {**ANNA, "properties": {"name": ["Anna Example"], "birthDate": list(dates)}}


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("1988-04-17",), False),
        (("2015-04-17",), True),
        (("1988", "2015"), True),
        (("2008-06-01",), False),
        (("2008-06-02",), True),
        (("2008",), True),
        (("2008-05",), False),
        ((), None),
    ],
)
def test_the_youngest_date_decides_whether_a_person_is_a_minor(
    dates: tuple[str, ...], *, expected: bool | None
) -> None:
    assert derived_facts(draft(subjects=[born(*dates)]))["minor"] is expected


@pytest.mark.parametrize(
    ("status", "expected"), [("suspect", False), ("victim", True), ("missing", True)]
)
def test_a_stated_status_says_who_was_harmed(status: str, *, expected: bool | None) -> None:
    assert derived_facts(draft(subject_status=status))["victim"] is expected


def test_one_person_without_a_date_leaves_age_unknown() -> None:
    assert derived_facts(draft(subjects=[born("1988"), born()]))["minor"] is None


def test_what_is_passed_on_from_an_unknown_source_is_unknown() -> None:
    facts = derived_facts(draft(follows="0" * 32))
    assert facts["third_party"] is None
    assert facts["hit_only"] is None
    assert facts["from_member_state"] is None


@pytest.mark.parametrize("text", ["about 1990", "1988-13", "1988-02-30", ""])
def test_a_date_that_cannot_be_read_leaves_age_unknown(text: str) -> None:
    body = {"subjects": [born("1988", text)]}
    assert derived_facts(replace(draft(), body=body))["minor"] is None
