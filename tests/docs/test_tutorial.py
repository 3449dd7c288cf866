"""The tutorial is followed word by word."""

from pathlib import Path

import pytest
from tests.docs.terminals import ROOT, blocks, follow, terminals

PAGE = ROOT / "docs" / "tutorial" / "first-exchange.md"


@pytest.mark.enable_socket
def test_the_tutorial_ends_in_an_answered_question_and_a_ledger_that_holds(
    tmp_path: Path,
) -> None:
    typed = blocks(PAGE)
    assert len(typed) > 10
    with terminals(tmp_path, ports=("8701", "8711")) as opened:
        for found in typed:
            follow(opened, found)
    assert b"Traceback" not in (tmp_path / "beside.txt").read_bytes()
