"""Schemathesis reads the API's description and looks for a request that proves it wrong."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.unit.api.ground import open_office

schemathesis = pytest.importorskip("schemathesis", reason="needs the group `oracle`")
from_asgi = schemathesis.openapi.from_asgi
conformance = pytest.importorskip("schemathesis.specs.openapi.checks")
CHECKS = [
    pytest.importorskip("schemathesis.checks").not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
    conformance.unsupported_method,
    conformance.ignored_auth,
    conformance.negative_data_rejection,
]
OFFICE = open_office()
SCHEMA = from_asgi("/api/openapi.json", OFFICE.app)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
SEATS = {"persons": "admin", "assessments": "legal"}


@pytest.mark.parametrize("label", sorted(OPERATIONS))
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_the_api_answers_as_it_is_described(
    request: pytest.FixtureRequest, label: str, mode: object
) -> None:
    room = label.partition("/api/v1/")[2].partition("/")[0]
    token = OFFICE.tokens[SEATS.get(room, "officer")]

    @settings(
        max_examples=3 if not request.config.getoption("soak") else 200,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[label].as_strategy(mode))
    def check(case: object) -> None:
        asked = getattr(case, "call_and_validate")  # noqa: B009 - of a library without types
        asked(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    check()
