"""A terminal, and a small network made once and copied for each test."""

from pathlib import Path

import pytest
from tests.unit.cli.terminal import Terminal
from tests.unit.node.ground import Town, build_town, copy_town


@pytest.fixture
def comity(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.delenv("COMITY_NODE", raising=False)
    monkeypatch.delenv("COMITY_PASSPHRASE_FILE", raising=False)
    return Terminal(monkeypatch)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build_town(tmp_path_factory.mktemp("built"))


@pytest.fixture
def town(built: Town, tmp_path: Path) -> Town:
    return copy_town(built, tmp_path / "town")
