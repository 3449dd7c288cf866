"""`comity node backup|restore|restored`: nothing is shown before it is whole."""

from pathlib import Path

import pytest
from tests.unit.cli.terminal import Shown, Terminal
from tests.unit.node.ground import ARCADIA, NORLAND, Town, person_in

from comity.core.clock import Instant
from comity.node.restored import Restored, read_restored, write_restored

WORDS = "a backup of its own"


def as_restored(folder: Path) -> Path:
    """Leave a node's folder as it stands after a restore."""
    at = Instant(1_800_000_000_000)
    found = Restored(
        name="00", backed_up=at, restored=at, size=0, epoch=1, applied=0, had_list=True
    )
    write_restored(folder, found)
    return folder


@pytest.fixture
def folder(town: Town) -> Path:
    return as_restored(town.node(NORLAND))


@pytest.mark.parametrize(
    "words",
    [
        ("person", "list", "DIR"),
        ("person", "add", "DIR", "Ines Solberg"),
        ("person", "token", "DIR", "xn.police/7f3a", "--purpose", "counter-terrorism"),
        ("ledger", "reveal", "DIR", "0", "--as", "xn.police/7f3a"),
        ("node", "register", "DIR"),
        ("law", "install", "DIR", "PACK", "--as", "xn.police/7f3a"),
        ("bundle", "list", "DIR"),
        ("bundle", "write", "DIR", "MEDIUM", "--to", ARCADIA),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_no_command_shows_anything_before_a_restored_node_is_whole(
    comity: Terminal, folder: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    places = {"DIR": folder, "MEDIUM": tmp_path, "PACK": tmp_path / "none.yaml"}
    shown = comity(*(places.get(word, word) for word in words))
    assert (shown.code, shown.out) == (2, b"")
    assert "restored on" in shown.err


def test_what_protects_and_what_looks_after_the_node_need_not_wait(
    comity: Terminal, town: Town, tmp_path: Path
) -> None:
    person = person_in(town.node(NORLAND), "officer")
    folder = as_restored(town.node(NORLAND))
    assert comity("node", "check", folder, "--json").json.keys() >= {"faults"}
    assert comity("node", "keys", "show", folder).code == 0
    assert comity("bundle", "read", folder, tmp_path).code == 0
    assert comity("bundle", "ack", folder, tmp_path).code == 0
    assert comity("person", "disable", folder, person).code == 0
    assert comity("node", "restored", folder).code == 1


def without(comity: Terminal, folder: Path, person: str, node: str = ARCADIA) -> Shown:
    return comity(
        "node", "restored", folder, "--without", node, "--as", person, "--why", "it burnt"
    )


def test_only_a_deciding_seat_does_without_a_partner(comity: Terminal, town: Town) -> None:
    folder = town.node(NORLAND)
    officer, legal = person_in(folder, "officer"), person_in(folder, "legal")
    as_restored(folder)
    assert without(comity, folder, officer).code == 1
    assert without(comity, folder, "nobody").code == 2
    assert without(comity, folder, legal, node="xz.police.n9").code == 1
    assert comity("node", "restored", folder, "--without", ARCADIA).code == 2
    assert _accepted(folder) == []
    assert without(comity, folder, legal).code == 1  # it still waits for the others
    assert _accepted(folder) == [(ARCADIA, legal)]


def _accepted(folder: Path) -> list[tuple[str, str]]:
    found = read_restored(folder)
    assert found is not None
    return [(each.node, each.person) for each in found.accepted]


def test_a_backup_is_written_and_restored_or_refused_in_words(
    comity: Terminal, town: Town, tmp_path: Path
) -> None:
    words, wrong, file = tmp_path / "words", tmp_path / "wrong", tmp_path / "norland.backup"
    words.write_text(WORDS)
    wrong.write_text("some other words here")
    option, home = "--backup-passphrase-file", town.node(NORLAND)
    made = comity("node", "backup", home, file, option, words, "--json")
    assert made.code == 0
    assert set(made.json) == {"backup", "at", "entries"}
    assert comity("node", "restore", file, tmp_path / "b", option, wrong).code != 0
    assert not (tmp_path / "b").exists()
    nothing = comity("node", "restore", tmp_path / "none", tmp_path / "b", option, words)
    assert nothing.code in {2, 3}
    assert nothing.err.startswith("comity: ")
    found = comity("node", "restore", file, tmp_path / "b", option, words)
    assert found.code == 0
    assert "disable" in found.err
    assert comity("node", "restored", tmp_path / "b", "--json").json["whole"] is False


def test_a_node_that_is_whole_says_so(comity: Terminal, town: Town) -> None:
    shown = comity("node", "restored", town.node(NORLAND))
    assert (shown.code, shown.out) == (0, b"this node is whole\n")
