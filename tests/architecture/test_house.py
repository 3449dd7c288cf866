"""Rules of the house that no linter knows."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "comity"
MODULES = sorted(SRC.rglob("*.py"))
KERNEL = ("core", "message", "law", "trust", "seal", "ledger", "practice", "exchange", "desk")
SIZE_PAGE = ROOT / "docs" / "adr" / "0027-size-of-the-kernel-with-many-parties.md"
OUTBOUND = ("Releasable", "Marked", "Sealed", "Logged", "Acknowledged")
INBOUND = ("Received", "Verified", "Opened", "Admitted", "Filed")
STAGES = OUTBOUND + INBOUND
NO_ROOM = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
SPOKEN = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".html", ".css", ".js", ".sh", ""}
MACHINE = re.compile(r"(?<![\w.:/])/(?:work|tmp|home|root|Users|mnt)/\w|\b[A-Z]:\\\w")
PROMISE = re.compile(r"\b(INVARIANT|RISK):")


def ours() -> Iterator[Path]:
    """Walk what people wrote, leaving out what others wrote."""
    for folder in ("src", "tests", "docs", "tools", "bench", "changes"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in SPOKEN and "vendor" not in path.parts:
                yield path


def written(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def builders(source: str) -> set[str]:
    """Return the stages of the road that a module builds, under whatever name."""
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "comity.exchange"
        ):
            names |= {each.asname or each.name: each.name for each in node.names}
    built: set[str] = set()
    for call in calls(tree):
        match call.func:
            case ast.Name(id=name):
                built.add(names.get(name, ""))
            case ast.Attribute(value=ast.Name(id=room), attr=name) if room in names:
                built.add(name)
            case ast.Attribute(value=ast.Attribute(attr="exchange" | "stages"), attr=name):
                built.add(name)
            case _:
                pass
    return built & set(STAGES)


@cache
def built_where() -> dict[str, set[str]]:
    """Return the stages that each module builds."""
    return {path.relative_to(SRC).as_posix(): builders(written(path)) for path in MODULES}


def stages() -> dict[str, str]:
    """Return each stage with what its docstring says of who builds it."""
    tree = ast.parse(written(SRC / "exchange" / "stages.py"))
    return {
        node.name: ast.get_docstring(node) or ""
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_a_module_fits_on_a_desk(path: Path) -> None:
    assert len(written(path).splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(written(path)))


def test_the_kernel_stays_as_small_as_its_decision_says() -> None:
    told = re.search(r"\*\*([\d,]+) lines\*\*", written(SIZE_PAGE))
    assert told is not None
    sizes = {
        room: sum(len(written(path).splitlines()) for path in (SRC / room).rglob("*.py"))
        for room in KERNEL
    }
    assert sum(sizes.values()) <= int(told[1].replace(",", "")), sizes


def test_the_road_has_exactly_its_stages() -> None:
    assert set(STAGES) <= stages().keys()


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_step_that_a_stage_names_builds_it(stage: str) -> None:
    steps = set(re.findall(r"`(\w+)\.\w+`", stages()[stage]))
    found = {place for place, built in built_where().items() if stage in built}
    assert steps
    assert found <= {f"exchange/{step}.py" for step in steps}


@pytest.mark.parametrize(
    "source",
    [
        "from comity.exchange import Logged\nLogged()",
        "from comity.exchange.stages import Logged as Item\nItem()",
        "from comity.exchange import stages\nstages.Logged()",
        "import comity.exchange.stages\ncomity.exchange.stages.Logged()",
        "import comity.exchange\ncomity.exchange.Logged()",
    ],
)
def test_a_stage_built_off_the_road_is_found(source: str) -> None:
    assert builders(source) == {"Logged"}


def test_everything_has_a_room_of_its_own() -> None:
    names = {path.stem for path in MODULES} | {part for p in MODULES for part in p.parts}
    assert names & NO_ROOM == set()


def test_no_file_names_a_place_on_one_machine() -> None:
    placed = {
        str(path.relative_to(ROOT))
        for path in ours()
        if path != Path(__file__) and MACHINE.search(written(path))
    }
    assert placed == set()


def test_every_invariant_and_risk_is_in_the_threat_model() -> None:
    page = written(ROOT / "docs" / "explanation" / "threat-model.md")
    missing = {
        name
        for path in MODULES
        if (made := len(PROMISE.findall(written(path))))
        and page.count(name := f"`{path.relative_to(SRC).as_posix()}`") < made
    }
    assert missing == set()


def test_no_lock_file_that_names_hosts_is_kept() -> None:
    assert "uv.lock" in written(ROOT / ".gitignore").splitlines()
    git = shutil.which("git")
    if git is not None and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "ls-files", "*uv.lock"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert listed.stdout == ""
