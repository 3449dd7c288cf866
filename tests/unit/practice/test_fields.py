"""Bodies against kinds: hostile bodies, forms, and the values the law judges one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core import limits
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError
from comity.message import OPEN, Urgency, value_at
from comity.practice import (
    Branch,
    Fault,
    Field,
    Kind,
    Need,
    Second,
    Type,
    attachment,
    choice,
    from_form,
    items,
    normal_body,
    parse_body,
    protects,
    second,
    universal,
    urgency,
)

REF = "0190a1b2c3d4e5f60718293a4b5c6d7e"
NAMES: dict[str, Value] = {"name": ["A", "B"]}
PERSON: dict[str, Value] = {"id": "p1", "schema": "Person", "properties": NAMES}
KIND = Kind(
    name="letters.write/1",
    fields=(
        Field(name="text", type=Type.TEXT, need=Need.REQUIRED, limit=10),
        Field(name="title", type=Type.LINE, limit=20, category="identity"),
        Field(name="sort", type=Type.CODE, choices=("open", "shut")),
        Field(name="tags", type=Type.CODES, limit=2),
        Field(name="known", type=Type.FLAG),
        Field(name="count", type=Type.INTEGER, limit=9),
        Field(name="when", type=Type.INSTANT, category="travel"),
        Field(name="about", type=Type.REFERENCE),
        Field(name="place", type=Type.PATH),
        Field(name="subject", type=Type.ENTITY),
        Field(name="subjects", type=Type.ENTITIES, limit=2),
        Field(name="files", type=Type.ATTACHMENTS, limit=1),
    ),
    second=Second.NONE,
    decides="sort",
    branches=(
        Branch(
            choice="shut",
            required=frozenset({"about"}),
            barred=frozenset({"subject"}),
            second=Second.BEFORE,
        ),
    ),
)
FILE = attachment("a.txt", media="text/plain", content=b"hello")


def entity(**changed: Value) -> Value:
    whole: dict[str, Value] = {"id": "p", "schema": "Person", "properties": {}}
    return whole | changed


def kit(word: str) -> Kind:
    return next(each for each in universal("letters") if each.word == word)


GOOD: list[tuple[str, Value]] = [
    ("text", "a\nb"),
    ("title", "Ünïcode ظ"),
    ("sort", "open"),
    ("tags", ["a", "b-2"]),
    ("known", False),
    ("count", 9),
    ("when", 0),
    ("about", REF),
    ("place", "entities/0/properties/birthDate/12"),
    ("subject", PERSON),
    ("subjects", (PERSON, entity())),
    ("files", [FILE]),
]
BAD: list[tuple[str, Value]] = [
    ("text", ""),
    ("text", " \n"),
    ("text", "x" * 11),
    ("text", "a\x00"),
    ("text", b"bytes"),
    ("title", "two\nlines"),
    ("title", "two\u2028lines"),
    ("title", "x" * 21),
    ("sort", "ajar"),
    ("sort", ["open"]),
    ("tags", []),
    ("tags", ["a", "a"]),
    ("tags", ["a", "b", "c"]),
    ("tags", ["Upper"]),
    ("tags", "a"),
    ("known", 1),
    ("count", True),
    ("count", 10),
    ("count", -1),
    ("when", 253_402_300_800_000),
    ("when", "2026-11-23T14:02:00Z"),
    ("about", REF.upper()),
    ("about", REF + "00"),
    ("place", "../../etc"),
    ("place", "a b"),
    ("place", "entities/0/properties/notes/1/2"),
    ("subject", None),
    ("subject", [PERSON]),
    ("subject", entity(id="")),
    ("subject", entity(id="a/b")),
    ("subject", entity(id="Ilan Torvald")),
    ("subject", entity(schema="person")),
    ("subject", entity(properties=[])),
    ("subject", entity(properties={"Name": ["x"]})),
    ("subject", entity(properties={"name": "x"})),
    ("subject", entity(properties={"name": [1]})),
    ("subject", entity(properties={"name": [""]})),
    ("subject", entity(properties={"name": ["x" * (limits.TEXT + 1)]})),
    ("subject", entity(properties={"name": ["x"] * (limits.FIELDS + 1)})),
    ("subject", entity(properties={f"p{i}": [] for i in range(limits.FIELDS + 1)})),
    ("subject", {1: "id"}),
    ("subject", entity(schema="Spaceship")),
    ("subject", entity(properties={"nationality": ["XA"]})),
    ("subject", entity(properties={"colour": ["red"]})),
    ("subject", entity(properties={"birthDate": ["tomorrow"]})),
    ("subject", entity(properties={"nationality": ["Atlantis"]})),
    ("subjects", [PERSON, entity(properties={"birthDate": ["1987-13-40"]})]),
    ("subjects", [PERSON, PERSON, PERSON]),
    ("subjects", PERSON),
    ("files", [FILE, FILE]),
    ("files", [dict(FILE) | {"digest": bytes(32)}]),
    ("files", [dict(FILE) | {"name": "../a"}]),
    ("files", [dict(FILE) | {"media": "text"}]),
    ("files", [dict(FILE) | {"content": "hello"}]),
    ("files", [attachment("a", media="a/b", content=bytes(limits.ATTACHMENT + 1))]),
    ("files", ["a.txt"]),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_a_value_of_its_type_and_within_its_limits_is_taken(name: str, value: Value) -> None:
    assert parse_body(KIND, {"text": "hi", name: value})[name] == value


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_rejected_with_the_field_named(name: str, value: Value) -> None:
    with pytest.raises(InvalidInputError, match=f"field `{name}`: expected ") as caught:
        parse_body(KIND, {"text": "hi", name: value})
    assert len(str(caught.value)) < 400


def test_the_value_itself_is_never_in_the_error() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_body(KIND, {"text": "Ilan Torvald is watched"})
    assert "Ilan" not in str(caught.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidInputError, match=r"`text`.*`sort`.*`count`"):
        parse_body(KIND, {"sort": "ajar", "count": "many"})


@pytest.mark.parametrize("body", [None, [], "text", {1: "text"}, {"text": "hi", 2: 3}])
def test_a_body_that_is_no_map_of_names_is_rejected(body: Value) -> None:
    with pytest.raises(InvalidInputError, match="map of named fields"):
        parse_body(KIND, body)


def test_a_body_of_too_many_fields_is_rejected() -> None:
    with pytest.raises(InvalidInputError, match="at most 512"):
        parse_body(KIND, {f"x{i}": 1 for i in range(limits.FIELDS + 1)})


def test_a_field_of_a_newer_version_is_kept() -> None:
    assert parse_body(KIND, {"text": "hi", "later": {"a": 1}})["later"] == {"a": 1}


def test_a_choice_may_ask_for_a_field_and_bar_another() -> None:
    with pytest.raises(InvalidInputError, match="`about`: expected the id"):
        parse_body(KIND, {"text": "hi", "sort": "shut"})
    with pytest.raises(InvalidInputError, match="`subject`: expected nothing where `sort`"):
        parse_body(KIND, {"text": "hi", "sort": "shut", "about": REF, "subject": PERSON})


def test_the_stricter_second_person_of_kind_and_choice_is_asked() -> None:
    assert second(KIND, {"sort": "open"}) is Second.NONE
    assert second(KIND, {"sort": "shut"}) is Second.BEFORE
    assert second(KIND, {"sort": ["shut"]}) is Second.NONE
    strict = Kind(name="letters.seal/1", second=Second.BEFORE, decides="sort")
    assert second(strict, {}) is Second.BEFORE


def test_a_branch_never_loosens_what_its_kind_asks() -> None:
    loose = Branch(choice="open", second=Second.NONE)
    kind = Kind(name="letters.seal/1", second=Second.BEFORE, decides="sort", branches=(loose,))
    assert second(kind, {"sort": "open"}) is Second.BEFORE


def test_urgency_needs_its_ground() -> None:
    assert urgency({"urgency_ground": "danger-to-life"}) is Urgency.URGENT
    assert urgency({}) is Urgency.NORMAL


def test_a_choice_is_read_only_where_one_decides() -> None:
    assert choice(KIND, {"sort": "open"}) == "open"
    assert choice(Kind(name="letters.end/1"), {"": "open"}) == "open"
    assert choice(KIND, {}) == ""


def test_a_form_becomes_a_body() -> None:
    form = {
        "text": " hi\r\nyou ",
        "title": "",
        "sort": "open",
        "tags": "a, b,",
        "known": "no",
        "count": "7",
        "when": "1970-01-01T00:00:01Z",
        "about": REF,
        "subject/schema": "Person",
        "subject/properties/name": "Ilan\n\n Torvald ",
        "subject/properties/alias": " ",
        "subjects/0/schema": "Vessel",
        "subjects/0/id": "v-1",
        "subjects/0/properties/name": "Maria",
        "subjects/1/schema": "Person",
    }
    filled = from_form(KIND, form, attached={"files": [FILE]})
    assert filled.faults == ()
    assert filled.body == {
        "text": "hi\nyou",
        "sort": "open",
        "tags": ["a", "b"],
        "known": False,
        "count": 7,
        "when": 1000,
        "about": REF,
        "subject": {
            "id": "subject",
            "schema": "Person",
            "properties": {"name": ["Ilan", "Torvald"]},
        },
        "subjects": [{"id": "v-1", "schema": "Vessel", "properties": {"name": ["Maria"]}}],
        "files": [FILE],
    }


def test_a_value_in_another_form_is_made_normal_for_its_author_only() -> None:
    form = {
        "text": "hi",
        "subject/schema": "Person",
        "subject/properties/nationality": "XA",
        "subject/properties/name": "Ilan   Torvald",
    }
    body = from_form(KIND, form).body
    assert value_at(body, "subject/properties/nationality/0") == "xa"
    assert value_at(body, "subject/properties/name/0") == "Ilan Torvald"


def test_what_has_no_normal_form_stays_for_its_fault_to_be_named() -> None:
    odd: dict[str, Value] = {
        "subject": entity(properties={"nationality": ["Atlantis"]}),
        "subjects": "none",
        "later": [1],
    }
    assert normal_body(KIND, odd) == odd
    assert normal_body(KIND, {"subjects": [7]}) == {"subjects": [7]}


def test_a_form_returns_every_fault_at_once() -> None:
    form = {
        "sort": "ajar",
        "known": "perhaps",
        "count": "٣",
        "when": "soon",
        "subject/properties/name": "no schema",
        "strange": "x",
    }
    filled = from_form(KIND, form, attached={"other": [1], "files": []})
    assert [fault.field for fault in filled.faults] == [
        "text",
        "sort",
        "known",
        "count",
        "when",
        "subject",
        "other",
        "strange",
    ]
    assert filled.body == {}
    assert Fault(field="known", expected="`yes` or `no`") in filled.faults


def test_an_entity_without_its_schema_is_a_fault_never_dropped() -> None:
    filled = from_form(KIND, {"text": "hi", "subjects/0/properties/name": "Ilan"})
    assert [fault.field for fault in filled.faults] == ["subjects"]


def test_entities_of_a_form_keep_their_order() -> None:
    many = Field(name="subjects", type=Type.ENTITIES, limit=20)
    form = {f"subjects/{i}/schema": "Person" for i in range(12)}
    form |= {f"subjects/{i}/properties/name": f"n{i}" for i in range(12)}
    body = from_form(Kind(name="letters.list/1", fields=(many,)), form).body
    found = [value_at(body, f"subjects/{i}/properties/name/0") for i in range(12)]
    assert found == [f"n{i}" for i in range(12)]


def test_a_very_long_number_in_a_form_is_a_fault_not_a_crash() -> None:
    filled = from_form(KIND, {"text": "hi", "count": "9" * 10_000})
    assert [fault.field for fault in filled.faults] == ["count"]


def test_each_value_is_judged_alone_with_its_category() -> None:
    body: dict[str, Value] = {
        "text": "hi",
        "title": "Ilan",
        "sort": "open",
        "when": 5,
        "about": REF,
        "subject": PERSON,
        "subjects": [entity(schema="Vessel", properties={"name": ["Maria"]})],
        "files": [FILE],
    }
    found = {item.path: item.category for item in items(KIND, body, OPEN)}
    assert found == {
        "text": "free-text",
        "title": "identity",
        "when": "travel",
        "subject/properties/name/0": "identity",
        "subject/properties/name/1": "identity",
        "subjects/0/properties/name/0": "vessel",
        "files/0": "free-text",
    }


def test_what_no_declaration_knows_is_still_judged() -> None:
    body: dict[str, Value] = {
        "later": "a name",
        "subject": entity(hidden="a name"),
    }
    found = {item.path: item.category for item in items(KIND, body, OPEN)}
    assert found == {"later": "free-text", "subject/hidden": "free-text"}


def test_a_file_cannot_smuggle_an_unjudged_member() -> None:
    body: dict[str, Value] = {"files": [dict(FILE) | {"hidden": "a name"}]}
    assert [item.path for item in items(KIND, body, OPEN)] == ["files/0"]


def test_a_correction_protects_until_it_carries_a_new_value() -> None:
    body: dict[str, Value] = {"about": REF, "ground": "wrong-value"}
    assert protects(kit("correct"), body)
    assert not protects(kit("correct"), body | {"entity": PERSON})


@pytest.mark.parametrize("word", ["recall", "stop", "expire", "challenge", "comply"])
def test_no_unknown_field_rides_on_a_protective_message(word: str) -> None:
    assert protects(kit(word), {"ground": "unlawful"} if word == "stop" else {"about": REF})
    assert not protects(kit(word), {"extra": "a name"})


def test_a_disclosing_kind_never_protects() -> None:
    assert not protects(KIND, {})
    assert not protects(kit("consent"), {"about": REF})


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 300), st.text(max_size=5), st.binary(max_size=5)
)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "schema", "properties", "name", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
bodies = st.dictionaries(
    st.sampled_from([field.name for field in KIND.fields] + ["later"]), anything, max_size=6
)


@given(body=bodies)
def test_any_body_is_taken_whole_or_rejected_by_name(body: dict[str, Value]) -> None:
    try:
        parsed = parse_body(KIND, body)
    except InvalidInputError:
        return
    assert parsed == body
    judged = {item.path.split("/")[0] for item in items(KIND, parsed, OPEN)}
    assert "later" not in parsed or "later" in judged


@given(
    form=st.dictionaries(
        st.sampled_from(
            [f.name for f in KIND.fields]
            + ["subjects/0/schema", "subjects/", "subject/properties/", "x/"]
        ),
        st.text(max_size=8),
        max_size=5,
    )
)
def test_any_form_is_a_body_or_faults(form: dict[str, str]) -> None:
    filled = from_form(KIND, form)
    assert bool(filled.faults) != bool(filled.body)
    if filled.body:
        assert parse_body(KIND, filled.body) == filled.body
