"""`comity law verify …`: from a row nobody read to one that counts, and another's file."""

from pathlib import Path

import pytest
from tests.unit.cli.terminal import Terminal
from tests.unit.desk.ground import GAP, PARTIES, RULE
from tests.unit.node.ground import ARCADIA, NORLAND, Town, enrol

from comity.core.ids import PersonId
from comity.desk import Actor
from comity.node.office import open_office

SOURCE = ("--source", "https://treaties.example/gap", "--article", "4", "--read", "2026-01-05")


def token_of(folder: Path, seat: str, into: Path) -> tuple[str, ...]:
    """Return the options of a person in a seat."""
    office = open_office(folder)
    try:
        person = PersonId(enrol(office, seat, name=f"{seat} person"))
        actor = Actor(person=person, seats=frozenset({seat}), session="test")
        token = office.desk.people.token(actor, purpose="counter-terrorism")
    finally:
        office.close()
    path = into / f"{seat}.token"
    path.write_text(token)
    return ("--node", str(folder), "--token-file", str(path), "--as", person)


@pytest.fixture
def node(town: Town) -> Path:
    for name in (NORLAND, ARCADIA):
        packs = town.node(name) / "packs"
        (packs / "gap.yaml").write_text(GAP)
        (packs / "gap-parties.csv").write_text(PARTIES)
    return town.node(NORLAND)


def test_a_row_is_read_confirmed_exported_and_shown_elsewhere(
    comity: Terminal, town: Town, node: Path, tmp_path: Path
) -> None:
    legal = token_of(node, "legal", tmp_path)
    rights = token_of(node, "rights", tmp_path)
    work = comity("law", "worklist", "--json", *legal)
    assert RULE in str(work.json["rows"])
    assert comity("law", "readings", "confirm", RULE, *rights).code == 1
    stated = comity("law", "verify", RULE, *SOURCE, "--json", *legal)
    assert (stated.code, stated.json["row"]) == (0, RULE)
    assert comity("law", "readings", "confirm", RULE, *legal).code == 1
    assert comity("law", "readings", "confirm", RULE, *rights).code == 0
    listed = comity("law", "readings", "list", *rights)
    assert "counts" in listed.err
    file = tmp_path / "norland.readings"
    wrote = comity("law", "readings", "export", node, file, "--as", legal[-1], "--json")
    assert wrote.json["bytes"] == file.stat().st_size
    there = token_of(town.node(ARCADIA), "legal", tmp_path)
    shown = comity("law", "readings", "show", file, *there)
    assert shown.code == 0
    assert "xn.police: gap-4  confirm" in shown.err
    assert "not read" in shown.err
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert comity("law", "readings", "show", file, *there).code == 1


def test_a_folder_that_stands_still_is_asked_with_what_was_read(
    comity: Terminal, node: Path, tmp_path: Path
) -> None:
    legal, rights = (token_of(node, seat, tmp_path) for seat in ("legal", "rights"))
    asked = ("law", "packs", "--node", node, "--json")
    assert "readings-xn" not in str(comity(*asked).json["packs"])
    assert comity("law", "verify", RULE, *SOURCE, *legal).code == 0
    assert comity("law", "readings", "confirm", RULE, *rights).code == 0
    assert "readings-xn" in str(comity(*asked).json["packs"])
    (node / "readings.json").write_text("[1]")
    assert comity(*asked).code == 2
    assert comity("law", "readings", "list", *rights).code == 0
    assert "readings-xn" in str(comity(*asked).json["packs"])


def test_what_cannot_be_read_is_bad_input(comity: Terminal, node: Path, tmp_path: Path) -> None:
    legal = token_of(node, "legal", tmp_path)
    assert comity("law", "verify", RULE, *legal).code == 2
    assert comity("law", "verify", "nothing", *SOURCE, *legal).code == 2
    assert comity("law", "verify", "bombings-10", *SOURCE, *legal).code == 2
    assert comity("law", "verify", RULE, *SOURCE, "--outcome", "maybe", *legal).code == 2
    narrow = ("--outcome", "narrow", "--purposes", "counter-terrorism")
    assert comity("law", "verify", RULE, *SOURCE, *narrow, *legal).code == 0
    assert comity("law", "readings", "show", tmp_path / "nothing", *legal).code == 2


def test_a_message_that_was_never_sent_is_not_validated(
    comity: Terminal, node: Path, tmp_path: Path
) -> None:
    legal = token_of(node, "legal", tmp_path)
    assert comity("case", "validate", "0" * 32, "--reasons", "It was urgent.", *legal).code == 1
