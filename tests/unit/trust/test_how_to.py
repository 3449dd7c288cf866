"""The ceremony in the documentation runs as written."""

import doctest
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_ceremony_runs_as_written() -> None:
    page = ROOT / "docs" / "how-to" / "run-a-ceremony.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert result.failed == 0
    assert result.attempted > 20
