"""The description of the API is true to the code."""

import re
from collections.abc import Mapping
from typing import cast

import msgspec
import pytest
from tests.unit.api.ground import Office, told

from comity.api import BASE, endpoints
from comity.api.endpoint import Endpoint
from comity.core.errors import ConfigurationError
from comity.node.bootstrap import shipped_practices
from comity.practice import kinds

ALL = endpoints(shipped_practices())


def described(office: Office) -> Mapping[str, Mapping[str, object]]:
    found = told(office.raw("GET", "/api/openapi.json"))
    return cast("Mapping[str, Mapping[str, object]]", found)


def test_every_route_is_described_and_nothing_else(office: Office) -> None:
    told_paths = {
        (path, method.upper())
        for path, methods in described(office)["paths"].items()
        for method in cast("Mapping[str, object]", methods)
    }
    served = {(f"{BASE}/{re.sub(':[a-z]+', '', each.path)}", each.method) for each in ALL}
    # Two carry files as they are, and are no endpoints of JSON.
    served |= {(f"{BASE}/files", "PUT"), (f"{BASE}/messages/{{mid}}/files/{{place}}", "GET")}
    assert told_paths == served


@pytest.mark.parametrize("each", ALL, ids=lambda each: f"{each.method} {each.path}")
def test_every_example_holds(each: Endpoint) -> None:
    data = msgspec.json.encode(each.example)
    if each.method == "POST":
        msgspec.json.decode(data, type=each.takes)


@pytest.mark.parametrize("each", ALL, ids=lambda each: f"{each.method} {each.path}")
def test_every_endpoint_says_what_it_does(each: Endpoint) -> None:
    assert each.about.endswith(".")


def test_every_reference_points_somewhere(office: Office) -> None:
    found = described(office)
    components = found["components"]
    for reference in set(re.findall(rb'"#/components/([^"]+)"', msgspec.json.encode(found))):
        section, _, name = reference.decode().partition("/")
        assert name in cast("Mapping[str, object]", components[section])


def test_every_time_says_that_it_is_one(office: Office) -> None:
    schemas = cast("Mapping[str, object]", described(office)["components"]["schemas"])
    text = msgspec.json.encode(schemas["CaseLine"])
    assert text.count(b"date-time") == 3


def test_every_kind_has_a_path_of_its_own() -> None:
    paths = {each.path for each in ALL}
    for practice in shipped_practices():
        assert {f"{practice.name}/{kind.word}" for kind in kinds(practice)} <= paths


def test_two_endpoints_of_one_path_stop_the_node() -> None:
    practices = shipped_practices()
    with pytest.raises(ConfigurationError, match="two endpoints claim"):
        endpoints([*practices, *practices])
