"""`comity review`, `assurance`, `tearline`: the acts of custody from a terminal."""

from pathlib import Path

from tests.unit.cli.terminal import Terminal
from tests.unit.cli.test_verifying import token_of
from tests.unit.node.ground import NORLAND, Town

POINTS = ("source", "method", "precision", "other-persons", "third-party", "wording")
LOWER = (
    *("--entity", "tear-1", "--text", "She travelled by sea.", "--marking", "TLP:GREEN"),
    *("--grade", "europol-4x4:X3", "--reasons", "The border post may not read the whole."),
)


def test_nothing_is_due_on_a_new_node(comity: Terminal, town: Town, tmp_path: Path) -> None:
    legal = token_of(town.node(NORLAND), "legal", tmp_path)
    assert "silence erases" in comity("review", "list", *legal).err
    assert comity("review", "list", "--json", *legal).json == {"reviews": []}
    assert comity("tearline", "list", "--json", *legal).json == {"tearlines": []}
    assert comity("assurance", "list", "2026-0000000000", *legal).code == 1


def test_acts_on_nothing_are_refused(comity: Terminal, town: Town, tmp_path: Path) -> None:
    legal = token_of(town.node(NORLAND), "legal", tmp_path)
    until = ("--until", "2099-01-01T00:00:00Z")
    assert comity("review", "keep", "0" * 32, *until, "--reasons", "Trial.", *legal).code == 1
    assert comity("review", "keep", "0" * 32, *until, *legal).code == 2
    points = [word for point in POINTS for word in ("--point", f"{point}=removed")]
    assert comity("tearline", "make", "0" * 32, *LOWER, *points, *legal).code == 1
    assert comity("tearline", "make", "0" * 32, *LOWER, "--point", "source", *legal).code == 2
    assert comity("tearline", "confirm", "0" * 32, *legal).code == 1
    assert comity("assurance", "end", "0" * 32, *legal).code == 1
    assurance = (
        "--author",
        "Ministry",
        "--given-on",
        "2026-01-20",
        "--text",
        "None is sought.",
    )
    stated = (*assurance, *until, "--monitoring", "The consul.")
    assert comity("assurance", "state", "2026-0000000000", "xa", *stated, *legal).code == 1
