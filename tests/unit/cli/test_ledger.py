"""`comity ledger …`: the fixed JSON, and exit 1 that says what does not hold and where."""

from pathlib import Path

import pytest
from tests.unit.cli.terminal import Terminal
from tests.unit.node.ground import NORLAND, Town, grow, person_in

from comity.node.office import open_office


@pytest.fixture
def folder(town: Town) -> Path:
    office = open_office(town.node(NORLAND))
    grow(office, 5)
    office.chronicle.sign()
    office.close()
    return town.node(NORLAND)


def test_a_checkpoint_has_the_fixed_shape(comity: Terminal, folder: Path) -> None:
    shown = comity("ledger", "checkpoint", folder, "--json")
    assert shown.code == 0
    said = shown.json
    assert said.keys() >= {"origin", "size", "root", "vkey", "witnesses", "note"}
    assert (said["size"], said["witnesses"]) == (5, [])
    assert str(said["note"]).startswith(f"{said['origin']}\n5\n{said['root']}\n")
    assert str(said["vkey"]).startswith(f"{said['origin']}+")


def test_what_is_exported_verifies_and_a_tampered_byte_does_not(
    comity: Terminal, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert comity("ledger", "export", folder, out, "--json").json["size"] == 5
    assert comity("ledger", "verify", out, "--json").json["ok"] is True
    bundle = out / "tile" / "entries" / "000.p" / "5"
    data = bytearray(bundle.read_bytes())
    data[-1] ^= 1
    bundle.write_bytes(data)
    shown = comity("ledger", "verify", out, "--json")
    assert shown.code == 1
    assert shown.json["ok"] is False
    assert "tile/0/000.p/5" in str(shown.json["findings"])
    assert "does not hold" in shown.err


def test_a_proof_holds_offline_and_a_tampered_one_does_not(
    comity: Terminal, folder: Path, tmp_path: Path
) -> None:
    proof = tmp_path / "two.tlog-proof"
    assert comity("ledger", "prove", folder, 2, "--out", proof).code == 0
    assert comity("ledger", "verify", proof).code == 0
    proof.write_text(proof.read_text().replace("index 2", "index 3"))
    shown = comity("ledger", "verify", proof)
    assert shown.code == 1
    assert "two.tlog-proof: " in shown.err


def test_without_a_file_the_proof_goes_to_standard_output(
    comity: Terminal, folder: Path
) -> None:
    assert comity("ledger", "prove", folder, 0).out.startswith(b"c2sp.org/tlog-proof@v1\n")
    assert comity("ledger", "prove", folder, 0, "--json").json["index"] == 0


def test_an_entry_that_is_not_there_is_a_no(comity: Terminal, folder: Path) -> None:
    assert comity("ledger", "prove", folder, 5).code == 1
    assert comity("ledger", "prove", folder, "x").code == 2


def test_only_oversight_opens_a_leaf(comity: Terminal, folder: Path) -> None:
    person = person_in(folder, "legal")
    assert comity("ledger", "reveal", folder, 0, "--as", person).code == 1
    assert comity("ledger", "reveal", folder, 0, "--as", "nobody").code == 2
    overseer = person_in(folder, "oversight")
    shown = comity("ledger", "reveal", folder, 0, "--as", overseer)
    assert (shown.code, shown.out) == (1, b"")  # an entry of our own making has no evidence


@pytest.mark.parametrize("command", ["checkpoint", "export", "verify"])
def test_a_folder_that_is_no_node_and_no_evidence_is_bad_input(
    comity: Terminal, town: Town, command: str, tmp_path: Path
) -> None:
    more = [tmp_path / "out"] if command == "export" else []
    shown = comity("ledger", command, town.network, *more)
    assert (shown.code, shown.out) == (2, b"")


def test_before_joining_there_is_no_ledger_to_show(comity: Terminal, tmp_path: Path) -> None:
    init = ("--name", "N", "--member", "xn", "--kind", "police", "--url", "http://127.0.0.1:1")
    comity("node", "init", tmp_path / "n", *init, "--admin", "Ada")
    shown = comity("ledger", "checkpoint", tmp_path / "n")
    assert shown.code == 2
    assert "joined no network" in shown.err
