"""`comity law sweep`: asked again at a node that stands still, and what nobody found kept."""

from pathlib import Path

from tests.unit.cli.terminal import Terminal
from tests.unit.cli.test_verifying import token_of
from tests.unit.node.ground import NORLAND, Town

from comity.cli.say import Document
from comity.cli.sweeping import KEEP, _lines


def test_an_empty_node_is_swept_and_nothing_is_found(
    comity: Terminal, town: Town, tmp_path: Path
) -> None:
    node = town.node(NORLAND)
    legal = token_of(node, "legal", tmp_path)
    shown = comity("law", "sweep", "--json", *legal)
    assert (shown.code, shown.json["findings"]) == (0, [])
    assert shown.json["finished"]
    assert "nothing was recalled" in shown.err
    assert comity("law", "keep", "disclosed/00", *legal).code == 1
    officer = token_of(node, "officer", tmp_path)
    assert comity("law", "sweep", *officer).code == 1


def test_a_finding_says_what_changed_and_who_decides() -> None:
    rule: Document = {"rule": "gap-ban", "cite": "Treaty of the Gap, art. 9", "outcome": "deny"}
    found: Document = {
        "item": "disclosed/00",
        "before": "permit",
        "after": "deny",
        "proposal": "recall",
        "seat": "supervisor",
        "due": "2026-11-27T00:00:00Z",
        "rules": [{**rule, "is_new": True}, {**rule, "outcome": "permit", "is_new": False}],
    }
    said = "\n".join(_lines(found))
    assert "permit before, deny now: recall, supervisor by 2026-11-27" in said
    assert "now deny: gap-ban  Treaty of the Gap, art. 9" in said
    assert "was permit: gap-ban" in said
    assert KEEP.word == "keep"
