"""`comity directory …`: a ceremony in one folder, and requests that are not what they seem."""

from pathlib import Path

import pytest
from tests.unit.cli.terminal import Terminal
from tests.unit.node.ground import NORLAND, Town

FOUNDERS = ("--member", "XN", "--member", "xa", "--member", "xc")


def test_a_ceremony_goes_from_founding_to_joining(comity: Terminal, tmp_path: Path) -> None:
    network, node = tmp_path / "network", tmp_path / "node"
    at = ("--dir", network)
    assert comity("directory", "init", *FOUNDERS, *at).code == 0
    comity(
        *("node", "init", node, "--name", "N", "--member", "xn", "--kind", "police"),
        *("--url", "http://127.0.0.1:1", "--admin", "Ada"),
    )
    (tmp_path / "join.cbor").write_bytes(comity("node", "request", node).out)
    assert comity("directory", "admit", tmp_path / "join.cbor", *at).code == 0
    assert comity("directory", "publish", *at).code == 0
    assert comity("directory", "sign", *at).code == 0
    verified = comity("directory", "verify", *at, "--json").json
    assert verified["members"] == ["xn"]
    shown = comity("directory", "show", *at, "--json").json
    assert "xn.police.n1" in str(shown["nodes"])
    joined = ("--mirror", network / "public", "--root", shown["root"])
    assert comity("node", "join", node, *joined).code == 0


@pytest.mark.parametrize(
    "data", [None, b"", b"\xff" * 100, b"\xa0", b"<html>", b"\x00" * 5_000]
)
def test_a_malformed_request_is_bad_input(
    comity: Terminal, town: Town, tmp_path: Path, data: bytes | None
) -> None:
    path = tmp_path / "join.cbor"
    if data is not None:
        path.write_bytes(data)
    shown = comity("directory", "admit", path, "--dir", town.network)
    assert (shown.code, shown.out) == (2, b"")


def test_a_request_cut_short_or_changed_is_bad_input(
    comity: Terminal, town: Town, tmp_path: Path
) -> None:
    data = comity("node", "request", town.node(NORLAND)).out
    path = tmp_path / "join.cbor"
    for wrong in (data[:-1], data + b"\x00", data.replace(b"xn.police", b"xa.police")):
        path.write_bytes(wrong)
        assert comity("directory", "admit", path, "--dir", town.network).code == 2


@pytest.mark.parametrize("members", [("x n",), ("",), ("xn", "xa", "XN"), ("../..",)])
def test_wrong_founders_found_nothing(
    comity: Terminal, tmp_path: Path, members: tuple[str, ...]
) -> None:
    said = [part for code in members for part in ("--member", code)]
    shown = comity("directory", "init", *said, "--dir", tmp_path / "network")
    assert shown.code == 2
    assert not (tmp_path / "network" / "root.json").exists()


def test_a_network_is_founded_once(comity: Terminal, town: Town) -> None:
    assert comity("directory", "init", *FOUNDERS, "--dir", town.network).code == 1


@pytest.mark.parametrize("command", ["publish", "sign", "verify", "show"])
def test_a_folder_without_a_network_is_bad_input(
    comity: Terminal, tmp_path: Path, command: str
) -> None:
    shown = comity("directory", command, "--dir", tmp_path)
    assert (shown.code, shown.out) == (2, b"")


def test_a_forged_directory_does_not_verify(comity: Terminal, town: Town) -> None:
    path = town.network / "public" / "metadata" / "timestamp.json"
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":2'))
    assert comity("directory", "verify", "--dir", town.network).code == 1
