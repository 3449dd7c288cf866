import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import InvalidInputError, LimitError
from comity.message.vocabulary import names, property_of, schema, schemata, validate


def test_a_person_inherits_what_every_thing_has() -> None:
    person = schema("Person")
    assert {"LegalEntity", "Thing", "Person"} <= person.ancestors
    assert (person.properties["name"].schema, person.properties["birthDate"].schema) == (
        "Thing",
        "Person",
    )
    assert person.is_matchable
    assert not person.is_abstract


def test_the_frozen_vocabulary_is_whole() -> None:
    assert len(schemata()) == 71
    for kind in schemata().values():
        for prop in kind.properties.values():
            assert prop.range == "" or prop.range in schemata()


def test_a_reverse_property_takes_no_value() -> None:
    assert property_of("Sanction", "entity").reverse == "sanctions"
    with pytest.raises(InvalidInputError):
        property_of("Thing", "sanctions")


@pytest.mark.parametrize(
    ("kind", "prop", "value", "normal"),
    [
        ("Person", "name", "  Anna\t Example ", "Anna Example"),
        ("Person", "name", "Jose\u0301", "José"),
        ("Person", "birthDate", "1951-03", "1951-03"),
        ("Person", "birthDate", "1951-03-20T10:15", "1951-03-20T10:15"),
        ("Person", "nationality", "IR", "ir"),
        ("Person", "nationality", "XN", "xn"),
        ("Person", "gender", "Male", "male"),
        ("Person", "topics", "crime.terror", "crime.terror"),
        ("Person", "email", "a@example.org", "a@example.org"),
        ("Person", "phone", "+44 (20) 7946-0000", "+442079460000"),
        ("Person", "website", "http://example.org/x", "http://example.org/x"),
        ("Person", "notes", "one\ntwo", "one\ntwo"),
        ("Vessel", "imoNumber", "IMO 9187631", "IMO9187631"),
        ("Vessel", "tonnage", "99,087", "99,087"),
        ("Organization", "swiftBic", "havigb2l", "HAVIGB2L"),
        ("Organization", "leiCode", "529900T8BM49AURSDO55", "529900T8BM49AURSDO55"),
        ("Organization", "registrationNumber", "HRB 1", "HRB 1"),
        ("UserAccount", "ipAddress", "2001:DB8::1", "2001:db8::1"),
        ("Document", "contentHash", "A" * 40, "a" * 40),
        ("Document", "mimeType", "Text/Plain", "text/plain"),
        ("Document", "processingError", "x", "x"),
        ("Sanction", "entity", "un-7", "un-7"),
        ("Message", "metadata", '{"a": 1}', '{"a": 1}'),
    ],
)
def test_a_good_value_comes_back_in_its_normal_form(
    kind: str, prop: str, value: str, normal: str
) -> None:
    assert validate(kind, prop, value) == normal
    assert validate(kind, prop, normal) == normal


@pytest.mark.parametrize(
    ("kind", "prop", "value"),
    [
        ("Person", "name", " "),
        ("Person", "name", "A\x00B"),
        ("Person", "name", "A\udcffB"),
        ("Person", "birthDate", "20.3.1951"),
        ("Person", "birthDate", "1951-02-30"),
        ("Person", "birthDate", "١٩٥١"),
        ("Person", "nationality", "Iran"),
        ("Person", "nationality", "x1"),
        ("Person", "gender", "m"),
        ("Person", "email", "nobody"),
        ("Person", "phone", "020 7946 0000"),
        ("Person", "website", "javascript:alert(1)"),
        ("Vessel", "imoNumber", "IMO 9187632"),
        ("Vessel", "tonnage", "heavy"),
        ("Organization", "leiCode", "529900T8BM49AURSDO56"),
        ("UserAccount", "ipAddress", "300.1.1.1"),
        ("Document", "contentHash", "z"),
        ("Sanction", "entity", "an id"),
        ("Person", "shoeSize", "42"),
        ("Robot", "name", "R2"),
        ("Message", "metadata", "{not json"),
    ],
)
def test_a_bad_value_is_rejected_without_repeating_it(kind: str, prop: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        validate(kind, prop, value)
    assert len(value) < 4 or value not in str(caught.value)


@pytest.mark.parametrize("length", [385, 10_000])
def test_a_value_has_a_limit(length: int) -> None:
    with pytest.raises(LimitError):
        validate("Person", "name", "x" * length)


@given(st.text(max_size=80))
def test_normal_forms_stay_as_they_are(value: str) -> None:
    try:
        normal = validate("Person", "name", value)
    except InvalidInputError:
        return
    assert validate("Person", "name", normal) == normal


def test_codes_have_names() -> None:
    assert names("country")["ir"] == "Iran"
