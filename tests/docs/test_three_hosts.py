"""The page on three hosts is followed word by word, on three network namespaces."""

import os
import shutil
from pathlib import Path

import pytest
from tests.docs.terminals import ROOT, blocks, follow, terminals

PAGE = ROOT / "docs" / "how-to" / "three-nodes-on-three-hosts.md"
NEEDED = ("ip", "unshare", "nsenter")


@pytest.mark.enable_socket
@pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, NEEDED)),
    reason="needs root, iproute2 and util-linux",
)
def test_three_hosts_share_a_watched_directory_and_a_cut_wire_loses_nothing(
    tmp_path: Path,
) -> None:
    typed = blocks(PAGE)
    assert len(typed) > 10
    with terminals(tmp_path, apart=True) as opened:
        for found in typed:
            follow(opened, found)
    assert b"Traceback" not in (tmp_path / "beside.txt").read_bytes()
