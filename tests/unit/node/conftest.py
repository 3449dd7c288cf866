"""One network for all tests of a process, a copy of it for each that asks."""

from pathlib import Path

import pytest
from tests.unit.node.ground import Town, build_town, copy_town


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build_town(tmp_path_factory.mktemp("built"))


@pytest.fixture
def town(built: Town, tmp_path: Path) -> Town:
    return copy_town(built, tmp_path / "town")
