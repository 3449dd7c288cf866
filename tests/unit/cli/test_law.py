"""`comity law …`: the fixed JSON, exit 2 for an unknown name, exit 1 for a step back."""

import json
from pathlib import Path
from typing import cast

import pytest
from tests.unit.cli.terminal import Terminal
from tests.unit.node.ground import NORLAND, Town, begin, person_in

from comity.law import shipped_corpus, shipped_packs

ASK: dict[str, object] = {
    "originator": "xn.police",
    "recipient": "xa.border",
    "on": "2026-11-23",
    "kind": "requests.ask/1",
    "purpose": "counter-terrorism",
    "categories": ["identity"],
    "handling": {"tlp": "AMBER", "codes": ["H1"]},
    "facts": {"conduct_bombing": True, "torture_risk": None, "political_offence": False},
}


# The version of the pack that ships, and the one after it.
HELD = next(version for name, version, _ in shipped_corpus().packs if name == "terms")
NEXT = str(int(HELD) + 1)


def asked(**changes: object) -> bytes:
    return json.dumps({**ASK, **changes}).encode()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "packs" / "terms.yaml"
    path.parent.mkdir()
    for name in ("terms.yaml", "terms-cases.yaml"):
        (path.parent / name).write_bytes(shipped_packs()[name])
    return path


def newer(pack: Path) -> Path:
    path = pack.parent / "new" / pack.name
    path.parent.mkdir()
    cases = pack.with_name("terms-cases.yaml")
    path.with_name(cases.name).write_bytes(cases.read_bytes())
    text = pack.read_text("utf-8")
    assert f'version: "{HELD}"' in text
    path.write_text(text.replace(f'version: "{HELD}"', f'version: "{NEXT}"'), "utf-8")
    return path


def test_an_explanation_has_the_fixed_shape(comity: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "ask.json"
    path.write_bytes(asked())
    shown = comity("law", "explain", "--request", path, "--json")
    assert shown.code == 0
    said = shown.json
    assert said.keys() >= {
        *("verdict", "reasons", "why_not", "obligations", "missing", "smallest_set"),
        *("packs", "digest"),
    }
    assert said["verdict"] == "refer"
    assert "torture_risk" in str(said["missing"])


def test_a_denial_is_an_answer(comity: Terminal) -> None:
    shown = comity(
        "law", "explain", "--request", "-", "--json", stdin=asked(recipient="xm.fiu")
    )
    assert shown.code == 0
    assert shown.json["verdict"] in {"deny", "refer"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recipient", "zz.police"),
        ("purpose", "curiosity"),
        ("categories", ["gossip"]),
        ("facts", {"is_guilty": True}),
        ("facts", {"torture_risk": "no"}),
        ("handling", {"tlp": "PINK"}),
        ("handling", {"secret": "yes"}),
        ("kind", "requests"),
        ("on", "yesterday"),
        ("colour", "red"),
        ("originator", None),
    ],
)
def test_an_unknown_name_is_bad_input(comity: Terminal, name: str, value: object) -> None:
    shown = comity("law", "explain", "--request", "-", stdin=asked(**{name: value}))
    assert (shown.code, shown.out) == (2, b"")


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{", b"[" * 60_000, b" " * 100_000])
def test_what_is_no_question_is_bad_input(comity: Terminal, data: bytes) -> None:
    assert comity("law", "explain", "--request", "-", stdin=data).code == 2


def test_a_question_that_is_not_there_is_bad_input(comity: Terminal, tmp_path: Path) -> None:
    assert comity("law", "explain", "--request", tmp_path / "nothing").code == 2
    assert comity("law", "explain").code == 2


def test_the_law_of_a_node_is_asked_without_opening_it(comity: Terminal, town: Town) -> None:
    node = ("--node", town.node(NORLAND))
    said = comity("law", "explain", "--request", "-", "--json", *node, stdin=asked()).json
    assert said["verdict"] == "refer"
    assert comity("law", "packs", "--node", town.network).code == 2


def test_what_is_held_is_counted_in_the_fixed_shape(comity: Terminal) -> None:
    said = comity("law", "packs", "--json").json
    counts = ("instruments", "provisions", "participations", "unknown", "sourced", "cases")
    assert all(isinstance(said[name], (int, float)) for name in counts)
    assert said["sourced"] == 1
    assert isinstance(said["packs"], list)


def test_an_authors_error_is_bad_input_with_file_and_line(comity: Terminal, pack: Path) -> None:
    assert comity("law", "check", pack, "--json").json["pack"] == "terms"
    pack.write_text(pack.read_text("utf-8").replace("role: ", "role: guess ", 1), "utf-8")
    shown = comity("law", "check", pack)
    assert shown.code == 2
    assert "terms.yaml:" in shown.err
    assert comity("law", "check", pack.parent / "nothing.yaml").code == 2


def test_a_difference_is_told(comity: Terminal, pack: Path) -> None:
    said = comity("law", "diff", pack, newer(pack), "--json").json
    assert (said["old"], said["new"], said["changed"]) == (HELD, NEXT, [])


def held_by(comity: Terminal, node: Path) -> list[str]:
    packs = cast(
        "list[dict[str, str]]", comity("law", "packs", "--node", node, "--json").json["packs"]
    )
    return [f"{pack['name']} {pack['version']}" for pack in packs]


def test_law_is_installed_by_a_named_person_and_never_back(
    comity: Terminal, pack: Path, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    begin(node)
    person = person_in(node, "legal")
    assert comity("law", "install", node, newer(pack)).code == 2  # nobody named
    words = ("law", "install", node, pack.parent / "new", "--as", person)
    asked = comity(*words)
    assert asked.code == 1
    assert f'+version: "{NEXT}"' in asked.err
    assert "nothing was installed" in asked.err
    assert f"terms {HELD}" in held_by(comity, node)
    shown = comity(*words, "--yes", "--json")
    assert f'+version: "{NEXT}"' in shown.err
    assert shown.code == 0
    assert f"terms {NEXT}" in str(shown.json["packs"])
    assert f"terms {NEXT}" in held_by(comity, node)
    back = comity("law", "install", node, pack, "--as", person, "--yes")
    assert back.code == 1
    assert "step back" in back.err
    assert comity("law", "install", node, pack, "--as", person_in(node, "officer")).code == 1


def test_a_network_refuses_packs_it_does_not_name(
    comity: Terminal, pack: Path, town: Town
) -> None:
    node = town.node(NORLAND)
    person = person_in(node, "legal")
    shown = comity("law", "install", node, newer(pack), "--as", person)
    assert shown.code == 1
    assert "not the one the directory names" in shown.err


def test_every_reason_is_said_with_its_official_address(comity: Terminal) -> None:
    shown = comity("law", "explain", "--request", "-", stdin=asked())
    assert "The law leaves this to a person." in shown.err
    assert "https://treaties.un.org" in shown.err
    assert "a standing assessment answers it" in shown.err
    said = comity("law", "explain", "--request", "-", "--json", stdin=asked()).json
    reasons = said["reasons"]
    assert isinstance(reasons, list)
    assert any(each["url"] for each in reasons)


def test_a_rule_is_shown_with_its_source_and_told_cases(comity: Terminal) -> None:
    shown = comity("law", "show", "bombings-10", "--json")
    assert shown.json["cite"] == "Bombings Convention, art. 10"
    assert "told cases" in shown.err
    assert str(shown.json["url"]) in shown.err


def test_an_instrument_is_shown_with_what_is_held_of_it(comity: Terminal) -> None:
    shown = comity("law", "show", "UN-BOMBINGS-1997", "--json")
    assert "bombings-10" in str(shown.json["rules"])
    assert isinstance(shown.json["parties"], list)
    assert "official address" in shown.err


def test_a_name_nobody_holds_is_answered_with_those_alike(comity: Terminal) -> None:
    shown = comity("law", "show", "bombing-10")
    assert shown.code == 1
    assert "`bombings-10`" in shown.err
    assert comity("law", "show").code == 2


def test_packs_say_the_share_with_a_source_and_each_gap(comity: Terminal) -> None:
    assert "with a named source" in comity("law", "packs").err
    assert len(comity("law", "packs", "--gaps").err) > len(comity("law", "packs").err)


def test_every_fault_of_a_pack_is_told_at_once(comity: Terminal, pack: Path) -> None:
    pack.write_text(pack.read_text("utf-8").replace("role: ", "role: guess ", 3), "utf-8")
    shown = comity("law", "check", pack)
    assert shown.code == 2
    assert shown.err.count("terms.yaml:") == 3
