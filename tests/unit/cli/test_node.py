"""`comity node …` and `person …`: what goes wrong is said in words, with its exit code."""

from pathlib import Path
from typing import cast

import pytest
from tests.unit.cli.terminal import Terminal
from tests.unit.node.ground import NORLAND, Town

from comity.node.config import read_config
from comity.node.office import open_office

URL = "http://127.0.0.1:1"


def options(**changes: str) -> list[str]:
    said = {"name": "Norland", "member": "XN", "kind": "police", "url": URL, "admin": "Ada"}
    return [
        part for name, value in {**said, **changes}.items() for part in (f"--{name}", value)
    ]


def test_a_node_is_made_and_its_console_takes_the_next_port(
    comity: Terminal, tmp_path: Path
) -> None:
    shown = comity("node", "init", tmp_path / "n", *options(), "--json")
    assert shown.code == 0
    assert shown.json["node"] == "xn.police.n1"
    assert str(shown.json["sign_in"]).startswith("http://127.0.0.1:2/sign-in?token=")
    assert "unfit for service" in shown.err
    assert comity("node", "init", tmp_path / "n", *options()).code == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"member": "x n"},
        {"member": "../xn"},
        {"member": ""},
        {"kind": "guild"},
        {"url": "127.0.0.1"},
        {"url": "ftp://h:1"},
        {"url": "http://127.0.0.1:65535"},
        {"admin": " "},
        {"admin": "x" * 500},
        {"name": "a\nb"},
        {"name": " "},
    ],
    ids=str,
)
def test_a_wrong_line_is_refused_and_leaves_no_node(
    comity: Terminal, tmp_path: Path, changes: dict[str, str]
) -> None:
    shown = comity("node", "init", tmp_path / "n", *options(**changes))
    assert shown.code == 2
    assert comity("node", "check", tmp_path / "n").code == 2


def test_a_passphrase_comes_from_a_file(comity: Terminal, tmp_path: Path) -> None:
    words, other = tmp_path / "words", tmp_path / "other"
    words.write_text("right words\n")
    other.write_text("wrong words\n")
    with_words = ("--passphrase-file", words)
    assert comity("node", "init", tmp_path / "n", *options(), *with_words).code == 0
    assert comity("node", "request", tmp_path / "n", *with_words).code == 0
    wrong = comity("node", "request", tmp_path / "n", "--passphrase-file", other)
    assert (wrong.code, wrong.out) == (2, b"")
    assert "passphrase is wrong" in wrong.err
    assert comity("node", "request", tmp_path / "n").code == 2


@pytest.mark.parametrize("data", [None, b"", b" \n", b"\xff"])
def test_a_passphrase_file_that_holds_none_is_bad_input(
    comity: Terminal, town: Town, tmp_path: Path, data: bytes | None
) -> None:
    path = tmp_path / "words"
    if data is not None:
        path.write_bytes(data)
    shown = comity("node", "check", town.node(NORLAND), "--passphrase-file", path)
    assert shown.code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("node", "check"),
        ("node", "request"),
        ("node", "serve"),
        ("person", "list"),
        ("law", "packs", "--node"),
        ("ledger", "checkpoint"),
    ],
    ids=" ".join,
)
def test_a_folder_without_a_node_is_bad_input(
    comity: Terminal, tmp_path: Path, words: tuple[str, ...]
) -> None:
    for folder in (tmp_path, tmp_path / "nothing"):
        shown = comity(*words, folder)
        assert (shown.code, shown.out) == (2, b"")


@pytest.mark.enable_socket
def test_a_second_serve_on_one_folder_is_told_who_holds_it(
    comity: Terminal, town: Town
) -> None:
    office = open_office(town.node(NORLAND))
    try:
        shown = comity("node", "serve", town.node(NORLAND))
    finally:
        office.close()
    assert shown.code == 1
    assert "another process (pid" in shown.err


def test_joining_under_another_root_is_a_no(comity: Terminal, town: Town) -> None:
    comity("node", "init", town.folder / "n", *options())
    mirror = ("--mirror", town.network / "public")
    shown = comity("node", "join", town.folder / "n", *mirror, "--root", "ab" * 32)
    assert shown.code == 1
    assert read_config(town.folder / "n").root == ""
    assert comity("node", "join", town.folder / "n", *mirror, "--root", town.digest).code == 0
    away = comity("node", "join", town.folder / "n", "--mirror", town.folder / "nowhere")
    assert away.code == 2


def test_what_is_wrong_is_said_and_is_a_no(comity: Terminal, town: Town) -> None:
    shown = comity("node", "check", town.node(NORLAND), "--json")
    assert (shown.code, shown.json["ok"]) == (1, False)
    assert "`officer`" in str(shown.json["faults"])


def test_the_command_prints_it_and_is_a_no_while_something_is_missing(
    comity: Terminal, town: Town
) -> None:
    shown = comity("node", "register", town.node(NORLAND))
    assert shown.code == 1
    assert shown.out.decode().startswith("# Record of processing: xn.police.n1")
    told = comity("node", "register", town.node(NORLAND), "--json").json
    assert told["is_whole"] is False
    (first, *_) = cast("list[dict[str, object]]", told["entries"])
    assert {"field", "led", "gdpr", "words", "source", "missing"} <= first.keys()


def added(comity: Terminal, folder: Path, seat: str) -> str:
    shown = comity("person", "add", folder, "Ines Solberg", "--seat", seat, "--json")
    assert shown.code == 0
    return str(shown.json["person"])


def test_persons_are_enrolled_seated_and_disabled(comity: Terminal, town: Town) -> None:
    folder = town.node(NORLAND)
    person = added(comity, folder, "officer")
    assert comity("person", "seat", folder, person, "supervisor").code == 0
    assert comity("person", "seat", folder, person, "officer", "--end").code == 0
    assert "['supervisor']" in str(comity("person", "list", folder, "--json").json)
    token = comity("person", "token", folder, person, "--purpose", "counter-terrorism")
    assert token.code == 0
    assert token.out.strip().isalnum()
    assert comity("person", "disable", folder, person).code == 0
    gone = comity("person", "token", folder, person, "--purpose", "counter-terrorism")
    assert (gone.code, gone.out) == (2, b"")


@pytest.mark.parametrize("name", [" ", "x" * 500])
def test_nobody_without_a_name_is_enrolled(comity: Terminal, town: Town, name: str) -> None:
    assert comity("person", "add", town.node(NORLAND), name).code == 2


def test_a_wrong_act_on_persons_is_refused(comity: Terminal, town: Town) -> None:
    folder = town.node(NORLAND)
    person, purpose = added(comity, folder, "officer"), ("--purpose", "counter-terrorism")
    assert comity("person", "add", folder, "Ines", "--seat", "throne").code == 2
    assert comity("person", "seat", folder, person, "throne").code == 2
    assert comity("person", "seat", folder, "no one", "officer").code == 2
    assert comity("person", "token", folder, "no one", *purpose).code == 2
    assert comity("person", "token", folder, person, *purpose, "--days", "9999").out == b""
