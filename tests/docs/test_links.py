"""Every link, test, command and source file that the documents name is there."""

import ast
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md")]
    + [
        path
        for folder in ("docs", "changes", "src/comity", "bench")
        for path in (ROOT / folder).rglob("*.md")
    ]
)
COMMANDS = ROOT / "docs" / "reference" / "commands.md"
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
NAMED_TEST = re.compile(r"`(tests/[\w/.-]+)(?:::(\w+))?`")
NAMED_COMMAND = re.compile(r"`(comity(?: [a-z][a-z-]*)+)`")
FAR = ("http://", "https://", "mailto:")


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def prose(path: Path) -> str:
    """Read a page without its fenced blocks."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def links(path: Path) -> set[str]:
    # What stands between backticks is code, not a link.
    text = re.sub(r"`[^`\n]*\]\([^`\n]*`", "", prose(path))
    return {one or two for one, two in LINK.findall(text)}


@cache
def anchors(path: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", prose(path), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
        if found[slug]:
            found[f"{slug}-{found[slug]}"] = 0
    return frozenset(found)


@cache
def defined_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if link.startswith(FAR):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        is_heading = target.suffix != ".md" or not anchor or anchor in anchors(target)
        if not (target.exists() and is_heading):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_no_link_leaves_the_tree(page: Path) -> None:
    inside = [link for link in links(page) if not link.startswith((*FAR, "#"))]
    far = [link for link in inside if not (page.parent / link).resolve().is_relative_to(ROOT)]
    assert far == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_test_a_page_names_is_there(page: Path) -> None:
    lost = []
    for place, test in NAMED_TEST.findall(prose(page)):
        path = ROOT / place
        is_there = path.exists() and (not test or test in defined_in(path))
        if not is_there:
            lost.append(f"{place}::{test}")
    assert lost == []


def test_every_command_the_needs_page_names_is_there() -> None:
    needs = prose(ROOT / "docs" / "explanation" / "what-cooperation-needs.md")
    if find_spec("comity.cli.main") is None:
        assert not COMMANDS.exists()
        return
    known = re.findall(r"^## (comity.*)$", prose(COMMANDS), re.MULTILINE)
    assert set(NAMED_COMMAND.findall(needs)) - set(known) == set()


def test_the_index_has_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in links(index)}
    every = {path for path in (ROOT / "docs").rglob("*.md") if path.name != "README.md"}
    assert every - listed == set()
