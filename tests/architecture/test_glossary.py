"""The glossary has every word of the house once, with one meaning, and code keeps to it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from comity.practice import WORDS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "glossary.md"
MODULES = sorted((ROOT / "src" / "comity").rglob("*.py"))
LINE = re.compile(r"\| \*\*(?P<word>[^*|]+)\*\* \| (?P<meaning>[^|]+) \| (?P<other>[^|]+) \|")
# The words of the style guide, section 3: names and false friends.
HOUSE = (
    "partner, originator, recipient, permit, refer, deny, refuse, reject, handling, caveat,"
    " releasable, instrument, provision, ground, obligation, seal, open, envelope, bundle,"
    " entry, checkpoint, inclusion proof, cosignature, witness, quorum, root, role, threshold,"
    " rotation, statement, entity, grade, candidate, judgement, correct, recall, challenge,"
    " screen, page, clear, hit, no-hit, ledger, journal"
)


@cache
def lines() -> list[re.Match[str]]:
    table = [line for line in PAGE.read_text().splitlines() if line.startswith("| **")]
    found = [LINE.fullmatch(line) for line in table]
    assert None not in found
    return [match for match in found if match is not None]


def words() -> list[str]:
    return [match["word"] for match in lines()]


@cache
def banned() -> set[str]:
    return {name for match in lines() for name in re.findall(r"`(\w+)`", match["other"])}


def names_in(path: Path) -> set[str]:
    """Return every name a module defines."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def parts(name: str) -> str:
    """Write `PeerNode` and `peer_node` alike."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def test_every_word_of_the_house_has_a_meaning() -> None:
    assert set(HOUSE.split(", ")) - set(words()) == set()


def test_every_right_of_the_kit_has_a_meaning() -> None:
    rights = {word for word in WORDS if "-" not in word}
    assert rights <= set(words())


def test_a_word_stands_once() -> None:
    assert len(words()) == len(set(words()))


def test_words_are_in_alphabetical_order() -> None:
    assert words() == sorted(words())


def test_no_two_words_have_one_meaning() -> None:
    meanings = [match["meaning"] for match in lines()]
    assert len(meanings) == len(set(meanings))


def test_no_word_is_explained_by_itself() -> None:
    assert [m["word"] for m in lines() if m["meaning"].startswith(m["word"] + " ")] == []


def test_no_hit_never_means_that_nothing_is_held() -> None:
    meaning = next(match["meaning"] for match in lines() if match["word"] == "no-hit")
    assert "nothing that can be given to you under this question" in meaning
    assert "never *nothing is held*" in meaning


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_bears_a_name_the_glossary_rules_out(path: Path) -> None:
    ruled_out = {
        name
        for name in names_in(path)
        for word in banned()
        if f"_{word}_" in f"_{parts(name)}_"
    }
    assert ruled_out == set()
