"""`/search`, `/entities`, `/catalog` and the rest: yente's shapes without any score."""

import pytest
from tests.unit.api.matching.ground import ask, listed, matcher, told

from comity.api.matching import matching_app


def ids(path: str) -> list[object]:
    return [each["id"] for each in listed(told(ask("GET", path))["results"])]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ivan", ["p-1"]),
        ("q=ivan*", ["p-1", "p-2"]),
        ("q=PETROV+Ivan", ["p-1"]),
        ("q=grey", ["c-1", "p-1"]),
        ("q=ivan+1961-04-17", ["p-1"]),
        ("q=ivan+nobody", []),
        ("q=petrof&fuzzy=true", ["p-1", "p-2"]),
        ("", ["c-1", "p-1", "p-2"]),
        ("schema=Person", ["p-1", "p-2"]),
        ("schema=Ownership", ["o-1"]),
        ("countries=xc", ["p-2"]),
        ("countries=xc&countries=xa&schema=Person", ["p-1", "p-2"]),
        ("countries=xc&countries=xa&filter_op=AND", []),
        ("topics=sanction", ["p-1"]),
        ("datasets=list-b", ["p-2"]),
        ("filter=gender:female", ["p-2"]),
        ("filter=genders:male&filter=countries:xa", ["p-1"]),
        ("changed_since=2025-06-01", ["p-1"]),
        ("exclude_schema=Person", ["c-1"]),
        ("sort=last_change:desc", ["p-1", "p-2", "c-1"]),
        ("sort=last_change", ["p-2", "p-1", "c-1"]),
        ("limit=1&offset=1", ["p-1"]),
        ("limit=0", []),
    ],
)
def test_a_search_finds_by_words_and_conditions(query: str, found: list[str]) -> None:
    assert ids(f"/search/default?{query}") == found


def test_a_search_carries_no_score() -> None:
    assert "score" not in ask("GET", "/search/default?q=ivan").text


def test_an_exact_name_comes_before_one_that_holds_more() -> None:
    assert ids("/search/default?q=ivan+the+grey") == ["p-1"]


def test_facets_count_what_was_found_and_say_it_in_words() -> None:
    found = told(ask("GET", "/search/default?facets=schema&facets=genders&facets=datasets"))
    assert found["facets"] == {
        "schema": {
            "label": "Entity types",
            "values": [
                {"name": "Person", "label": "People", "count": 2},
                {"name": "Company", "label": "Companies", "count": 1},
            ],
        },
        "genders": {
            "label": "Genders",
            "values": [
                {"name": "female", "label": "female", "count": 1},
                {"name": "male", "label": "male", "count": 1},
            ],
        },
        "datasets": {
            "label": "Data sources",
            "values": [
                {"name": "list-a", "label": "List A", "count": 2},
                {"name": "list-b", "label": "List B", "count": 1},
            ],
        },
    }
    assert found["total"] == {"value": 3, "relation": "eq"}


@pytest.mark.parametrize(
    "query",
    [
        "schema=Spaceship",
        "offset=9500",
        "limit=501",
        "facets=shoes",
        "filter=gender",
        "filter=shoes:red",
        "filter_op=XOR",
        "fuzzy=perhaps",
        "simple=perhaps",
        "sort=a+b",
        "countries=x%00",
        "sort=name:upwards",
        "changed_since=2026-13",
        f"q={'x' * 1_001}",
    ],
)
def test_a_wrong_search_is_answered_with_what_was_expected(query: str) -> None:
    assert "expected" in str(told(ask("GET", f"/search/default?{query}"), 400)["detail"])


def test_an_entity_comes_with_those_beside_it() -> None:
    found = told(ask("GET", "/entities/p-1"))
    properties = found["properties"]
    assert isinstance(properties, dict)
    (owned,) = listed(properties["ownershipOwner"])
    edge = owned["properties"]
    assert isinstance(edge, dict)
    assert edge["owner"] == ["p-1"]
    assert edge["asset"][0]["caption"] == "Grey Harbour Trading"


def test_an_entity_alone_has_plain_values() -> None:
    found = told(ask("GET", "/entities/o-1?nested=false"))
    assert found["properties"] == {"owner": ["p-1"], "asset": ["c-1"]}


def test_an_older_id_leads_to_the_newer_one() -> None:
    for rest in ("", "/adjacent", "/adjacent/ownershipOwner"):
        response = ask("GET", f"/entities/old-1{rest}?limit=1")
        assert response.status_code == 308
        assert response.headers["location"].endswith(f"/entities/p-1{rest}?limit=1")


@pytest.mark.parametrize(
    "path", ["/entities/x", "/entities/x%00", "/entities/x/adjacent", "/entities/x/adjacent/y"]
)
def test_who_is_not_held_is_not_found(path: str) -> None:
    assert ask("GET", path).status_code == 404


def test_what_stands_beside_an_entity_comes_by_property_and_page() -> None:
    found = told(ask("GET", "/entities/p-1/adjacent"))
    adjacent = found["adjacent"]
    assert isinstance(adjacent, dict)
    assert adjacent["ownershipOwner"]["total"] == {"value": 1, "relation": "eq"}
    one = told(ask("GET", "/entities/p-1/adjacent/ownershipOwner?limit=1"))
    assert [each["id"] for each in listed(one["results"])] == ["o-1"]
    assert ask("GET", "/entities/p-1/adjacent/name").status_code == 404
    assert told(ask("GET", "/entities/p-1/adjacent/addressEntity"))["results"] == []


def test_the_catalog_is_told_once_while_it_stays_the_same() -> None:
    response = ask("GET", "/catalog")
    found = told(response)
    assert found["current"] == ["default", "list-a", "list-b"]
    assert listed(found["datasets"])[0]["children"] == ["list-a", "list-b"]
    assert "private" in response.headers["cache-control"]
    tag = response.headers["etag"]
    for known in (tag, f'"x", W/{tag}', "*"):
        again = ask("GET", "/catalog", headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    assert ask("GET", "/catalog", headers={"If-None-Match": '"x"'}).status_code == 200


def test_the_algorithm_says_what_a_score_is_not() -> None:
    found = told(ask("GET", "/algorithms"))
    (one,) = listed(found["algorithms"])
    assert found["default"] == found["best"] == one["name"]
    assert "NOT the chance" in str(one["description"])
    assert "10%" in str(one["description"])


def test_readiness_is_told_apart_from_health() -> None:
    opening = matcher()
    opening.is_open = False
    app = matching_app(opening)
    assert ask("GET", "/healthz", app=app).status_code == 200
    assert ask("GET", "/readyz", app=app).status_code == 503
    opening.is_open = True
    assert told(ask("GET", "/readyz", app=app)) == {"status": "ok"}


@pytest.mark.parametrize(
    "path", ["/statements", "/match", "/match/a/b", "/entities", "/catalog/x"]
)
def test_what_is_not_served_is_not_found_in_json(path: str) -> None:
    assert isinstance(told(ask("GET", path), 404)["detail"], str)


def test_pages_of_this_machine_may_read_and_others_may_not() -> None:
    for origin, may in (
        ("http://127.0.0.1:3333", True),
        ("http://localhost", True),
        ("https://elsewhere.example", False),
        ("null", False),
        ("http://[", False),
    ):
        response = ask("OPTIONS", "/reconcile/default", headers={"Origin": origin})
        assert response.status_code == 204
        assert ("access-control-allow-origin" in response.headers) is may


def test_no_page_reaches_it_under_a_name_of_its_own() -> None:
    response = ask("GET", "/catalog", headers={"Host": "rebound.example"})
    assert response.status_code == 400
