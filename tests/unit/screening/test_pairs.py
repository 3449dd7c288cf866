import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core import limits
from comity.screening.pairs import Answer, Slice, Unread, answer_line, compare_slice, slices

ANNA = {"schema": "Person", "properties": {"name": ["Anna Example"], "birthDate": "1988-04-17"}}
BERT = {"schema": "Person", "properties": {"name": ["Bert Sample"]}}


def answered(**members: object) -> Answer:
    found = answer_line(msgspec.json.encode({"id": "p", **members}), number=1)
    assert isinstance(found, Answer)
    return found


def unread(line: bytes) -> Unread:
    found = answer_line(line, number=7)
    assert isinstance(found, Unread)
    return found


def test_the_same_person_scores_above_another_one() -> None:
    same, other = answered(query=ANNA, candidate=ANNA), answered(query=ANNA, candidate=BERT)
    assert same.score > other.score
    assert {each.prop for each in same.explanation.evidence} >= {"name", "birthDate"}


def test_the_reasons_sum_to_the_score_under_the_calibration_that_is_named() -> None:
    found = answered(query=ANNA, candidate=BERT)
    why = found.explanation
    logit = why.intercept + sum(each.weight for each in why.evidence)
    assert abs(math.log(found.score / (1 - found.score)) - logit) < 0.01
    assert why.calibration


def test_every_line_is_answered_in_its_place() -> None:
    lines = [
        msgspec.json.encode({"id": "a", "query": ANNA, "candidate": BERT}),
        b"nonsense",
        b"  ",
        msgspec.json.encode({"id": 3, "query": ANNA}),
        msgspec.json.encode({"id": "d", "query": ANNA, "candidate": ANNA}),
    ]
    done = compare_slice(Slice(first=10, lines=tuple(lines)))
    found = [msgspec.json.decode(line) for line in done.lines.splitlines()]
    assert [each["id"] for each in found] == ["a", None, 3, "d"]
    assert (done.pairs, done.bad) == (4, 2)
    assert found[1]["error"].startswith("line 11: expected one JSON object")
    assert found[2]["error"].startswith("line 13: `candidate` is no entity")
    assert found[3].keys() == {"id", "score", "explanation"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"", "JSON object"),
        (b"\xff\xfe{", "UTF-8"),
        (b"[" * 100_000, "JSON object"),
        (b"[1]", "`query` and `candidate`"),
        (b'{"query":{},"candidate":{}}', "`id`"),
        (b'{"id":true,"query":{},"candidate":{}}', "`id`"),
        (b'{"id":[1],"query":{},"candidate":{}}', "`id`"),
        (b'{"id":"a","query":[],"candidate":{}}', "`query` is no entity"),
        (b'{"id":"a","query":{},"candidate":{}}', "names no schema"),
        (b'{"id":"a","query":{"schema":"Wizard"},"candidate":{}}', "unknown schema `Wizard`"),
        (b'{"id":"a","query":{"schema":"Person","properties":1},"candidate":{}}', "no object"),
        (b" " * (limits.BODY + 1), "longer than"),
    ],
)
def test_a_line_that_is_no_pair_says_which_and_what_was_expected(
    line: bytes, told: str
) -> None:
    error = unread(line).error
    assert error.startswith("line 7: ")
    assert told in error


def test_a_bad_pair_keeps_its_id() -> None:
    assert unread(b'{"id":"a","query":1,"candidate":2}').id == "a"


def test_an_entity_without_a_name_is_not_comparable_and_no_crash() -> None:
    for bare in ({"schema": "Person"}, {"schema": "Person", "properties": {"name": []}}):
        for pair in ({"query": bare, "candidate": ANNA}, {"query": ANNA, "candidate": bare}):
            found = answered(**pair)
            assert found.score == 0
            assert [flag.value for flag in found.explanation.flags] == ["not-comparable"]
            assert any("has no name" in each for each in found.explanation.warnings)


def test_a_name_is_made_of_its_parts() -> None:
    parts = {"schema": "Person", "properties": {"lastName": "Example", "firstName": "Anna"}}
    whole = {"schema": "Person", "properties": {"name": "Anna Example"}}
    assert (
        answered(query=parts, candidate=whole).explanation.evidence[0].asked == "Anna Example"
    )


def test_a_schema_that_one_side_does_not_name_is_taken_from_the_other() -> None:
    bare = {"properties": {"firstName": "Anna", "lastName": "Example"}}
    assert answered(query=bare, candidate=ANNA).score > 0
    assert answered(query=ANNA, candidate=bare).score > 0


def test_what_cannot_be_compared_is_named_and_never_repeated() -> None:
    odd = {
        "name": ["Anna Example", 7, None, True, {"id": "x"}, "N" * 2_000],
        "birthDate": "SECRET-40",
        "nationality": "SECRETLAND",
        "shoeSize": ["SECRET"],
        "passportNumber": 1234,
    }
    found = answered(query={"schema": "Person", "properties": odd}, candidate=ANNA)
    told = " ".join(found.explanation.warnings)
    for word in ("`birthDate`", "`nationality`", "`shoeSize`", "no text", "`name`"):
        assert word in told
    assert "SECRET" not in told
    assert found.score > 0


def test_a_property_of_another_schema_is_compared_and_named() -> None:
    ship = {"schema": "Person", "properties": {"name": "Anna Example", "imoNumber": "9074729"}}
    found = answered(query=ship, candidate=ship)
    assert "imoNumber" in {each.prop for each in found.explanation.evidence}
    assert any("`imoNumber`" in each for each in found.explanation.warnings)


def test_only_so_many_values_are_compared_and_it_is_said() -> None:
    many = {"schema": "Person", "properties": {"name": [f"Anna {n}" for n in range(600)]}}
    told = answered(query=many, candidate=BERT).explanation.warnings
    assert any("over 500 values" in each for each in told)


@given(st.lists(st.binary(max_size=30), max_size=12), st.integers(1, 5))
def test_slices_hold_every_line_once_and_in_order(lines: list[bytes], size: int) -> None:
    cut = list(slices(lines, size=size))
    assert [line for each in cut for line in each.lines] == lines
    numbers = [each.first for each in cut]
    assert numbers == [1 + size * place for place in range(len(cut))]


def test_long_lines_make_short_slices() -> None:
    lines = [b"x" * limits.MIB] * 12
    assert max(len(each.lines) for each in slices(lines)) < 6


@given(st.recursive(st.none() | st.booleans() | st.text() | st.floats(), st.lists))
def test_whatever_is_sent_gets_an_answer(sent: object) -> None:
    members = {"id": "x", "query": sent, "candidate": {"schema": "Person", "properties": sent}}
    assert isinstance(answer_line(msgspec.json.encode(members), number=1), Unread)
    props = {
        "schema": "Person",
        "properties": {"name": "Anna", "birthDate": sent, "alias": sent},
    }
    line = msgspec.json.encode({"id": "x", "query": props, "candidate": props})
    assert isinstance(answer_line(line, number=1), Answer)
