"""OpenRefine: the Reconciliation API 0.2, where a person picks every candidate."""

from typing import cast

import httpx2
import pytest
from tests.unit.api.matching.ground import Json, ask, form, listed, told

HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
QUESTION = {
    "query": "Ivan Petrov",
    "type": "Person",
    "limit": 3,
    "properties": [{"pid": "Person:birthDate", "v": "1961-04-17"}],
    "type_strict": "should",
}


def post(**fields: object) -> httpx2.Response:
    return ask("POST", "/reconcile/default", content=form(**fields), headers=HEADERS)


def results(question: object) -> list[Json]:
    found = told(post(queries={"q0": question}))["q0"]
    assert isinstance(found, dict)
    return listed(found["result"])


def test_the_manifest_says_what_the_service_does_under_its_own_addresses() -> None:
    response = ask("GET", "/reconcile/list-a?lang=en")
    found = told(response)
    assert found["versions"] == ["0.2"]
    assert found["name"] == "Comity: List A"
    assert {"identifierSpace", "schemaSpace", "defaultTypes", "view", "preview"} <= found.keys()
    suggest, extend = found["suggest"], found["extend"]
    assert isinstance(suggest, dict)
    assert isinstance(extend, dict)
    services = [*suggest.values(), extend["propose_properties"]]
    assert all(each["service_path"].endswith("?lang=en") for each in services)
    addresses = [each["service_url"] + each["service_path"] for each in services]
    assert all(ask("GET", address).status_code == 200 for address in addresses)
    assert "authentication" not in found


def test_a_question_is_answered_with_candidates_and_none_is_taken_without_a_person() -> None:
    first, *_ = results(QUESTION)
    assert first["id"] == "p-1"
    assert first["type"] == [{"id": "Person", "name": "People", "description": "Person"}]
    assert first["match"] is False
    assert isinstance(first["score"], float)
    assert {"id": "birthDate"}.items() <= listed(first["features"])[1].items()


@pytest.mark.parametrize(
    "question",
    [
        {"query": "Ivan Petrov"},
        {"query": "Ivan Petrov", "type": ["Person", "Company"]},
        {"query": "Ivan Petrov", "properties": [{"pid": "Person:birthDate", "v": 1961}]},
        {"query": "Ivan Petrov", "properties": [{"pid": "unheard:of", "v": "x"}]},
        {"properties": [{"pid": "Thing:name", "v": [{"id": "x", "name": "Ivan Petrov"}]}]},
        {"query": "Ivan Petrov", "properties": [{"pid": "Person:gender", "v": [True, None]}]}
        | {"type_strict": "any"},
    ],
)
def test_questions_come_in_every_form_the_specification_has(question: object) -> None:
    found = results(question)
    assert found[0]["id"] == "p-1"


def test_a_question_may_come_in_the_address() -> None:
    query = form(queries={"q": QUESTION}).decode()
    assert "q" in told(ask("GET", f"/reconcile/default?{query}"))


def test_each_question_has_its_own_limit() -> None:
    asked = {"a": {"query": "Ivan Petrov", "limit": 1}, "b": {"query": "Ivan Petrov"}}
    response = post(queries=asked)
    found = told(response)
    one, both = (cast("Json", found[key])["result"] for key in "ab")
    assert (len(listed(one)), len(listed(both))) == (1, 2)
    assert response.headers["x-batch-size"] == "2"


def test_values_are_fetched_in_words_or_as_held() -> None:
    wanted: list[Json] = [
        {"id": "Person:nationality"},
        {"id": "Thing:topics", "settings": {"limit": "1", "render": "raw"}},
        {"id": "alias", "settings": {"limit": 1}},
    ]
    found = told(post(extend={"ids": ["p-1", "nobody"], "properties": wanted}, queries={}))
    assert found["rows"] == {
        "p-1": {
            "Person:nationality": [{"str": "xa"}],
            "Thing:topics": [{"str": "sanction"}],
            "alias": [{"str": "Ivan the Grey"}],
        },
        "nobody": {},
    }
    assert [each["id"] for each in listed(found["meta"])] == [each["id"] for each in wanted]


def test_a_value_that_is_an_entity_is_told_by_its_name() -> None:
    wanted = [{"id": "Ownership:owner"}]
    found = told(post(extend={"ids": ["o-1"], "properties": wanted}))
    assert found["rows"] == {"o-1": {"Ownership:owner": [{"str": "Ivan Petrov"}]}}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"queries": {}},
        {"queries": [1]},
        {"queries": {"q": {"query": "x", "type": "Spaceship"}}},
        {"queries": {"q": {"query": ""}}},
        {"queries": {"q": {"query": "x", "limit": -1}}},
        {"queries": {str(number): {"query": "x"} for number in range(101)}},
        {"extend": {"ids": ["old-1"], "properties": [{"id": "Thing:name"}]}},
        {"extend": {"ids": ["p-1"], "properties": [{"id": "Thing:shoeSize"}]}},
        {
            "extend": {
                "ids": ["p-1"],
                "properties": [{"id": "name", "settings": {"limit": "x"}}],
            }
        },
        {
            "extend": {
                "ids": ["p-1"],
                "properties": [{"id": "name", "settings": {"render": "x"}}],
            }
        },
        {"extend": {"ids": [str(number) for number in range(501)]}},
    ],
)
def test_what_cannot_be_read_is_answered_with_what_was_expected(fields: Json) -> None:
    assert told(post(**fields), 400)["detail"]


def test_no_script_may_carry_an_answer() -> None:
    assert ask("GET", "/reconcile/default?callback=steal").status_code == 400


@pytest.mark.parametrize(
    ("what", "prefix", "first"),
    [
        ("entity", "iva", "p-1"),
        ("entity", "p-2", "p-2"),
        ("property", "birth d", "Person:birthDate"),
        ("type", "comp", "Company"),
        ("type", "Peop", "Person"),
    ],
)
def test_what_somebody_types_is_completed(what: str, prefix: str, first: str) -> None:
    found = told(ask("GET", f"/reconcile/default/suggest/{what}?prefix={prefix}"))
    assert found["prefix"] == prefix
    assert listed(found["result"])[0]["id"] == first


@pytest.mark.parametrize("what", ["entity", "property", "type"])
def test_nothing_typed_completes_to_nothing(what: str) -> None:
    assert told(ask("GET", f"/reconcile/default/suggest/{what}"))["result"] == []


def test_suggestions_go_on_from_where_they_stopped() -> None:
    path = "/reconcile/default/suggest/entity?prefix=iva&limit=1"
    first, second = (told(ask("GET", f"{path}&cursor={skip}")) for skip in (0, 1))
    assert listed(first["result"])[0]["id"] != listed(second["result"])[0]["id"]


def test_properties_are_proposed_the_telling_ones_first() -> None:
    path = "/reconcile/default/extend/property?type=Person&limit="
    few = told(ask("GET", f"{path}3"))
    assert [each["name"] for each in listed(few["properties"])] == [
        "Birth date",
        "Name",
        "Nationality",
    ]
    assert len(listed(told(ask("GET", f"{path}0"))["properties"])) > 40
    assert ask("GET", f"{path}x").status_code == 400


def test_a_preview_is_a_page_that_runs_nothing() -> None:
    response = ask("GET", "/reconcile/default/preview/p-1")
    assert "Ivan Petrov" in response.text
    assert "script" not in response.text
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
