"""One office for each test."""

import pytest
from tests.unit.api.ground import Office, open_office


@pytest.fixture
def office() -> Office:
    return open_office()
