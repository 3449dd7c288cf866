import json
from pathlib import Path

import pytest
from tests.unit.cli.terminal import Terminal

ANNA = {"schema": "Person", "properties": {"name": ["Anna Example"]}}


def pair(key: object) -> str:
    return json.dumps({"id": key, "query": ANNA, "candidate": ANNA})


def answers(data: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in data.splitlines()]


def test_pairs_are_answered_in_order_into_a_file_of_its_owner(
    comity: Terminal, tmp_path: Path
) -> None:
    pairs, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    pairs.write_text("\n".join(pair(key) for key in range(5)))
    shown = comity("screening", "compare", "--pairs", pairs, "--out", out, "--json")
    assert (shown.code, shown.json) == (0, {"pairs": 5, "bad": 0})
    assert [each["id"] for each in answers(out.read_bytes())] == [0, 1, 2, 3, 4]
    assert out.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))


def test_a_bad_line_is_answered_in_its_place_and_the_exit_code_says_so(
    comity: Terminal,
) -> None:
    asked = f"\N{BYTE ORDER MARK}{pair('a')}\nnonsense\n\n{pair('b')}\n".encode()
    shown = comity("screening", "compare", "--pairs", "-", "--out", "-", stdin=asked)
    assert shown.code == 2
    assert [each["id"] for each in answers(shown.out)] == ["a", None, "b"]
    assert "1 lines are no pairs" in shown.err


def test_an_empty_file_has_no_answers(comity: Terminal, tmp_path: Path) -> None:
    shown = comity("screening", "compare", "--pairs", "-", "--out", tmp_path / "out")
    assert shown.code == 0
    assert (tmp_path / "out").read_bytes() == b""


def test_the_file_that_is_read_is_never_written(comity: Terminal, tmp_path: Path) -> None:
    pairs = tmp_path / "in.jsonl"
    pairs.write_text(pair("a"))
    shown = comity("screening", "compare", "--pairs", pairs, "--out", pairs)
    assert (shown.code, pairs.read_text()) == (2, pair("a"))


@pytest.mark.parametrize(
    ("pairs", "out", "told"),
    [
        ("missing.jsonl", "out", "cannot read"),
        (".", "out", "cannot read"),
        ("in.jsonl", "no/out", "cannot write"),
        ("wide.jsonl", "out", "UTF-16"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    comity: Terminal, tmp_path: Path, pairs: str, out: str, told: str
) -> None:
    (tmp_path / "in.jsonl").write_text(pair("a"))
    (tmp_path / "wide.jsonl").write_text(pair("a"), "utf-16")
    shown = comity("screening", "compare", "--pairs", tmp_path / pairs, "--out", tmp_path / out)
    assert shown.code == 2
    assert told in shown.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("named", ["wizard:x", "csv:missing.csv", "ofac-sdn:missing"])
def test_a_list_that_cannot_be_loaded_ends_the_service_with_words(
    comity: Terminal, named: str
) -> None:
    shown = comity("screening", "serve", "--load", named)
    assert shown.code == 2
    assert shown.err.startswith("comity: ")
