"""The data category of each property: what nobody knows is judged as the widest."""

import importlib.resources
from typing import cast

import pytest
import yaml

from comity.message import vocabulary
from comity.practice import categories, category

# The data categories of the law's list of facts.
CODES = {
    "biometric",
    "communication",
    "contact",
    "criminal-record",
    "ethnicity",
    "event",
    "financial",
    "free-text",
    "identity",
    "image",
    "location",
    "opinion-or-belief",
    "organisation",
    "technical",
    "travel",
    "travel-document",
    "vessel",
}


@pytest.mark.parametrize(
    ("schema", "prop", "code"),
    [
        ("Person", "name", "identity"),
        ("Person", "birthDate", "identity"),
        ("Person", "religion", "opinion-or-belief"),
        ("Person", "ethnicity", "ethnicity"),
        ("Person", "passportNumber", "travel-document"),
        ("Company", "name", "organisation"),
        ("Company", "notes", "free-text"),
        ("Vessel", "flag", "vessel"),
        ("Person", "topics", "criminal-record"),
        ("BankAccount", "iban", "financial"),
        ("Company", "email", "contact"),
        ("Airplane", "registrationNumber", "technical"),
        ("Trip", "startDate", "travel"),
        ("Event", "name", "event"),
        ("Passport", "country", "travel-document"),
        ("Document", "author", "free-text"),
        ("Invented", "name", "free-text"),
        ("Person", "invented", "free-text"),
    ],
)
def test_a_property_has_its_category(schema: str, prop: str, code: str) -> None:
    assert category(schema, prop) == code
    assert code in CODES


def test_every_category_used_is_one_the_law_knows() -> None:
    facts = importlib.resources.files("comity.law") / "data" / "facts.yaml"
    law = cast("dict[str, dict[str, object]]", yaml.safe_load(facts.read_bytes()))
    tables = ("_BY_PROPERTY", "_BY_TYPE", "_BY_SCHEMA")
    used = {code for name in tables for code in vars(categories)[name].values()}
    assert used <= CODES <= law["categories"].keys()


def test_every_name_in_the_tables_is_a_word_of_the_vocabulary() -> None:
    schemata = vocabulary.schemata()
    props = [prop for schema in schemata.values() for prop in schema.properties.values()]
    tables = vars(categories)
    assert set(tables["_BY_SCHEMA"]) <= set(schemata)
    assert set(tables["_BY_PROPERTY"]) <= {prop.name for prop in props}
    assert set(tables["_BY_TYPE"]) <= {prop.type for prop in props}


def test_a_sensitive_property_is_sensitive_under_every_schema() -> None:
    for schema in ("Person", "Company", "Invented"):
        assert category(schema, "religion") == "opinion-or-belief"
