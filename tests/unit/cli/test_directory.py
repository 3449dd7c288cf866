"""`comity directory …`: a ceremony in one folder, and requests that are not what they seem."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.cli.terminal import Terminal
from tests.unit.node.ground import NORLAND, Town, begin, request_of

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


@dataclass(frozen=True)
class Machines:
    """One machine for each signer; keys stay on theirs, sheets go by copy."""

    comity: Terminal
    folder: Path

    @property
    def secret(self) -> tuple[str, Path]:
        path = self.folder / "words"
        path.write_text("three words of Ada\n")
        return "--passphrase-file", path

    def key(self, name: str) -> Path:
        return self.folder / name.partition("-")[0] / f"{name}.key"

    def make(self, name: str) -> str:
        shown = self.comity("directory", "key", self.key(name), *self.secret, "--json")
        return str(shown.json["public"])

    def sign(self, sheet: Path, *names: str) -> None:
        for name in names:
            copy = self.key(name).with_name(sheet.name)
            shutil.copy(sheet, copy)
            assert self.comity("directory", "read", copy).code == 0
            key = ("--key", self.key(name), *self.secret)
            # Nobody is at this terminal to say that the words were read: nothing is signed.
            assert self.comity("directory", "sign", copy, *key).code != 0
            assert self.comity("directory", "sign", copy, *key, "--yes").code == 0
            assert self.comity("directory", "collect", sheet, copy).code == 0

    def draft(self, sort: str, sheet: Path, *said: str | Path) -> None:
        assert self.comity("directory", "draft", sort, sheet, *said).code == 0
        assert self.comity("directory", "draft", sort, sheet, *said).code == 1


SIGNERS = ("xa-root", "xn-root", "eye-root")


def test_a_federation_is_founded_on_separate_machines(comity: Terminal, tmp_path: Path) -> None:
    room, office = Machines(comity, tmp_path), tmp_path / "publisher"
    keys = {name: room.make(name) for name in (*SIGNERS, "xn-0", "xn-1")}
    publisher = str(comity("directory", "publisher", office, "--json").json["public"])
    root, targets, member = (tmp_path / f"{name}.sheet" for name in ("root", "targets", "xn"))
    founders = [f"--member={code}={keys[f'{code}-root']}" for code in ("xa", "xn")]
    others = ("--oversight", keys["eye-root"], "--publisher", publisher)
    room.draft("root", root, *founders, *others)
    room.sign(root, *SIGNERS)
    admit = f"--admit=xn={keys['xn-0']},{keys['xn-1']}"
    room.draft("targets", targets, admit, "--root", root, "--registry", office)
    begin(tmp_path / "node")
    (tmp_path / "join.cbor").write_bytes(request_of(tmp_path / "node"))
    room.draft("member", member, "--request", tmp_path / "join.cbor", "--root", root)
    room.sign(member, "xn-0", "xn-1")
    at = ("--dir", office)
    # What too few signed is not published, and nothing is there that a node could fetch.
    assert comity("directory", "publish", root, targets, member, *at).code == 1
    assert not (office / "public" / "metadata").exists()
    room.sign(targets, *SIGNERS)
    assert comity("directory", "publish", root, targets, member, *at).code == 0
    assert comity("directory", "sign", *at).code == 0
    assert comity("directory", "publish", *at).code == 0
    assert comity("directory", "verify", *at, "--json").json["version"] == 2
    shown = comity("directory", "show", *at, "--json").json
    joined = ("--mirror", office / "public", "--root", shown["root"])
    assert comity("node", "join", tmp_path / "node", *joined).code == 0


@pytest.mark.parametrize(
    "said",
    [
        ("root", "--member=xa", "--oversight=0", "--publisher=0"),
        ("root", f"--member=xa={'g' * 64}", f"--oversight={'a' * 64}", "--publisher=0"),
        ("root", "--member=xa=ab", "--oversight=0", "--publisher=0"),
        ("status", "--suspend=xn"),
        ("member",),
    ],
)
def test_a_draft_of_bad_words_is_bad_input(
    comity: Terminal, tmp_path: Path, said: tuple[str, ...]
) -> None:
    sort, *rest = said
    assert comity("directory", "draft", sort, tmp_path / "sheet", *rest).code == 2
    assert not (tmp_path / "sheet").exists()


def test_members_stand_leave_and_change_keys_by_sheets(
    comity: Terminal, town: Town, tmp_path: Path
) -> None:
    room, public = Machines(comity, tmp_path), ("--from", town.network / "public")
    stand = ("--suspend", "xa", "--close", "xc", "--ground", "conduct", *public)
    room.draft("status", tmp_path / "status", *stand)
    assert "xa is suspended" in comity("directory", "read", tmp_path / "status").err
    room.draft("leave", tmp_path / "leave", "xn", "--on", "2099-01-31", *public)
    away = ("xn", "--on", "never", *public)
    assert comity("directory", "draft", "leave", tmp_path / "x", *away).code == 2
    new = ("xn", "--new", "aa" * 32, "--new", "bb" * 32, *public)
    room.draft("keys", tmp_path / "loss", *new, "--lost")
    at = ("--dir", town.network)
    assert comity("directory", "announce", tmp_path / "loss", *at).code == 0
    room.draft("objection", tmp_path / "objection", tmp_path / "loss")
    room.draft("targets", tmp_path / "targets", "--expel", "xa", *public)
    document = town.network / "documents" / "xn.json"
    room.draft("member", tmp_path / "member", "--document", document, *public)
    change = tmp_path / "change.cbor"
    assert comity("node", "keys", "announce", town.node(NORLAND), change).code == 0
    room.draft("member", tmp_path / "changed", "--change", change, *public)
    # Without a key named nothing is signed.
    assert comity("directory", "sign", tmp_path / "status").code == 2
