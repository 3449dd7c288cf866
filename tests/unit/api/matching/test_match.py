"""`/match`: yente's shape, our reasons, and every mistake named."""

import math
from typing import TypedDict, cast

import pytest
from tests.unit.api.matching.ground import (
    HELD,
    answer,
    ask,
    listed,
    match,
    matcher,
    profile,
    question,
    told,
)

from comity.api.matching import matching_app
from comity.screening import Shelf
from comity.screening.matching import method


class Reason(TypedDict):
    score: float


class Candidate(TypedDict):
    score: float
    explanations: dict[str, Reason]


IVAN = question(name="Ivan Petrov", birthDate=["1961-04-17"])


def test_a_candidate_comes_with_its_reasons_and_the_threshold_beside_the_suggestion() -> None:
    first = listed(answer(match(IVAN))["results"])[0]
    assert first["id"] == "p-1"
    assert first["caption"] == "Ivan Petrov"
    assert first["match"] is first["suggested"] is True
    assert first["threshold"] == 0.7
    explained = first["explanations"]
    assert isinstance(explained, dict)
    assert explained["birthDate"]["query"] == "1961-04-17"
    assert explained["birthDate"]["outcome"] == "same"
    assert {"score", "detail", "query", "candidate", "tokens"} <= explained["name"].keys()


def test_a_suggestion_is_a_score_that_reaches_the_threshold_and_no_more() -> None:
    found = listed(answer(match(IVAN, "?threshold=1&cutoff=0.5"))["results"])
    assert [each["match"] for each in found] == [each["score"] == 1 for each in found]
    assert {each["threshold"] for each in found} == {1.0}


def test_the_total_counts_what_the_limit_cut_off() -> None:
    found = answer(match(question(name="Ivan Petrov"), "?limit=1&cutoff=0.5"))
    assert len(listed(found["results"])) == 1
    assert found["total"] == {"value": 2, "relation": "eq"}


def test_results_at_the_cutoff_are_left_out_and_the_cutoff_sinks_to_the_threshold() -> None:
    everything = "?threshold=0&cutoff=1&limit=500"
    assert len(listed(answer(match(question(name="Ivan Petrov"), everything))["results"])) == 2
    nothing = answer(match(question(name="Ivan Petrov"), "?threshold=1&cutoff=1"))
    assert nothing["results"] == []


def test_unknown_properties_and_values_out_of_form_are_named_and_never_repeated() -> None:
    response = match(question(name="Ivan Petrov", shoeSize="SECRET", gender="SECRET"))
    found = answer(response)
    assert found["unknown"] == ["shoeSize"]
    assert found["unread"] == {
        "gender": "`gender` of `Person` expects a code of the gender table"
    }
    assert "SECRET" not in response.text


def test_a_name_is_put_together_from_its_parts() -> None:
    found = answer(match(question(firstName="Ivan", lastName="Petrov")))
    assert listed(found["results"])[0]["id"] == "p-1"
    query = found["query"]
    assert isinstance(query, dict)
    assert query["properties"]["name"] == ["Ivan Petrov"]


def test_the_callers_id_is_echoed_and_nothing_else_of_it_is_used() -> None:
    body = {
        "queries": {
            "q": {"id": "mine", "schema": "Person", "properties": {"name": "Ivan Petrov"}}
        }
    }
    query = answer(match(body))["query"]
    assert isinstance(query, dict)
    assert query["id"] == "mine"


def test_a_batch_is_counted_in_a_header() -> None:
    example = {"schema": "Person", "properties": {"name": "Ivan Petrov"}}
    response = match({"queries": {str(number): example for number in range(100)}})
    assert response.headers["x-batch-size"] == "100"
    assert (
        match({"queries": {str(number): example for number in range(101)}}).status_code == 400
    )


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("?cutoff=0.5", ["p-1", "p-2"]),
        ("?cutoff=0.5&exclude_dataset=list-a", ["p-2"]),
        ("?cutoff=0.5&include_dataset=list-a", ["p-1"]),
        ("?cutoff=0.5&exclude_entity_ids=p-1", ["p-2"]),
        ("?cutoff=0.5&exclude_entity_ids=old-1", ["p-2"]),
        ("?cutoff=0.5&topics=sanction", ["p-1"]),
        ("?cutoff=0.5&exclude_schema=Person", []),
        ("?cutoff=0.5&changed_since=2026-01-01", ["p-1"]),
    ],
)
def test_filters_narrow_who_is_found(query: str, ids: list[str]) -> None:
    found = answer(match(question(name="Ivan Petrov"), query))
    assert [each["id"] for each in listed(found["results"])] == ids
    assert found["total"] == {"value": len(ids), "relation": "eq"}


def test_a_dataset_beside_the_one_in_the_address_is_looked_in_too() -> None:
    response = match(
        question(name="Ivan Petrov"), "?cutoff=0.5&include_dataset=list-b", dataset="list-a"
    )
    assert len(listed(answer(response)["results"])) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "queries"),
        ({"queries": {}}, "at least one query"),
        (question("Spaceship", name="X"), "schema"),
        (question("Ownership", name="X"), "Thing"),
        (question(birthDate="1961"), "name"),
        (question(name=7), "str"),
        (question(name="x" * 1_001), "characters"),
        ({**IVAN, "config": {"nm_number_mismatch": 1}}, "config"),
        ({**IVAN, "weights": {"name_match": 1.0}}, "weights"),
        ([], "object"),
    ],
)
def test_a_wrong_body_is_answered_with_what_was_expected(body: object, words: str) -> None:
    response = match(body)
    assert response.status_code == 400
    assert words in str(told(response, 400)["detail"])


@pytest.mark.parametrize(
    "query",
    [
        "?algorithm=logic-v1",
        "?limit=501",
        "?limit=-1",
        "?limit=many",
        "?threshold=2",
        "?cutoff=nan",
        "?changed_since=yesterday",
        "?exclude_schema=Spaceship",
        "?" + "&".join(f"exclude_entity_ids={number}" for number in range(51)),
    ],
)
def test_a_wrong_parameter_is_answered_with_what_was_expected(query: str) -> None:
    assert "expected" in str(told(match(IVAN, query), 400)["detail"])


@pytest.mark.parametrize("query", ["", "?include_dataset=list-z", "?exclude_dataset=list-z"])
def test_an_unknown_dataset_is_not_found(query: str) -> None:
    dataset = "default" if query else "list-z"
    assert match(IVAN, query, dataset=dataset).status_code == 404


def test_only_posting_matches() -> None:
    response = ask("GET", "/match/default")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


def test_no_person_equals_a_company_by_one_word() -> None:
    assert answer(match(question("Company", name="Ivan Petrov")))["results"] == []


def test_too_large_a_body_is_refused() -> None:
    response = ask("POST", "/match/default", content=b"[" * (2 * 1024 * 1024 + 1))
    assert "bytes" in str(told(response, 400)["detail"])


def test_the_reasons_sum_to_the_score() -> None:
    """What `/algorithms` promises of every score, on the scores that are served."""
    served = matcher()
    served.index = Shelf(profile(each) for each in HELD if each.schema == "Person")
    served.describe = method()
    app = matching_app(served)
    intercept = listed(told(ask("GET", "/algorithms", app=app))["algorithms"])[0]["intercept"]
    asked = question(name="Ivan Petrof", birthDate="1961-04-17", nationality="xa")
    found = told(ask("POST", "/match/default?cutoff=0&threshold=0", app=app, body=asked))
    candidates = cast("dict[str, dict[str, list[Candidate]]]", found["responses"])["q"][
        "results"
    ]
    assert candidates
    for each in candidates:
        weights = [one["score"] for one in each["explanations"].values()]
        logit = float(str(intercept)) + sum(weights)
        assert each["score"] == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-3)
