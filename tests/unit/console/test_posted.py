"""What a generated form posts is what the practice kit reads."""

from comity.console.parts import Input
from comity.console.posted import posted
from comity.practice import Field, Kind, Need, Type, from_form

KIND = Kind(
    name="tests.ask/1",
    fields=(
        Field(name="subject", type=Type.ENTITY, need=Need.REQUIRED),
        Field(name="categories", type=Type.CODES, choices=("identity", "travel")),
        Field(name="until", type=Type.INSTANT),
    ),
)


def test_a_filled_form_is_read_back_by_the_kit() -> None:
    subject, categories, until = (Input(field=field, label="x") for field in KIND.fields)
    filled = from_form(
        KIND,
        posted(
            [
                ("csrf", "7c"),
                (f"{subject.name}/schema", "Person"),
                (f"{subject.name}/properties/name", "Andrii Petrenko"),
                (f"{subject.name}/more", "name: Андрій Петренко\nbirthPlace: Port Halden"),
                (categories.name, "identity"),
                (categories.name, "travel"),
                (until.name, "2026-11-23T14:02"),
            ]
        ),
    )
    assert filled.faults == ()
    assert filled.body["subject"] == {
        "id": "subject",
        "schema": "Person",
        "properties": {
            "name": ["Andrii Petrenko", "Андрій Петренко"],
            "birthPlace": ["Port Halden"],
        },
    }
    assert filled.body["categories"] == ["identity", "travel"]
    assert filled.body["until"] == 1_795_442_520_000


def test_a_line_that_is_no_property_is_named_as_a_fault_and_not_dropped() -> None:
    form = posted([("body.subject/schema", "Person"), ("body.subject/more", "tall man")])
    assert form["subject/properties/more"] == "tall man"
    assert from_form(KIND, form).faults


def test_an_empty_time_stays_empty() -> None:
    assert posted([("body.until@utc", "")]) == {"until": ""}
