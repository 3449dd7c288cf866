"""Every example in the documents runs as it stands.

The blocks tagged `python` of one page are one program, or one session where they show a prompt.
A block tagged `console` is run in an empty folder where the line before it is `<!-- test -->`:
each line after `$ ` is a command that must succeed, and each other line must be in what is
printed, in this order; `…` stands for anything.
"""

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"^(?P<mark><!-- test -->\n+)?```(?P<tag>python|console)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
LONGEST = 120
"""Seconds that one block may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    page: str
    line: int
    tag: str
    text: str
    is_marked: bool


def examples() -> list[Example]:
    return [
        Example(
            page=path.relative_to(ROOT).as_posix(),
            line=text.count("\n", 0, found.start("text")),
            tag=found["tag"],
            text=found["text"],
            is_marked=found["mark"] is not None,
        )
        for path in sorted((ROOT / "docs").rglob("*.md"))
        for text in [path.read_text(encoding="utf-8")]
        for found in BLOCK.finditer(text)
    ]


EXAMPLES = examples()
# A program that wants arguments is run by the test that makes them.
ELSEWHERE = {"docs/how-to/verify-a-ledger.md": "tests/oracle/test_tlog.py"}
PAGES = sorted({each.page for each in EXAMPLES if each.tag == "python"} - ELSEWHERE.keys())
FOLDERS = ("docs/tutorial/", "docs/how-to/")


def program(blocks: list[Example]) -> str:
    """Join the blocks of a page; each keeps its line, so that a traceback names it."""
    lines: list[str] = []
    for block in blocks:
        lines += [""] * (block.line - len(lines)) + block.text.splitlines()
    return "\n".join(lines)


def commands(text: str) -> str:
    """Return a shell script of the lines after `$ `, with those that continue them."""
    script, goes_on = [], False
    for line in text.splitlines():
        if goes_on or line.startswith("$ "):
            script.append(line if goes_on else line[2:])
            goes_on = line.endswith("\\")
    return "\n".join(script)


def printed(text: str) -> re.Pattern[str]:
    """Return the pattern of what a block says is printed."""
    lines, goes_on = [], False
    for line in text.splitlines():
        is_command = goes_on or line.startswith("$ ")
        goes_on = is_command and line.endswith("\\")
        if line.strip() and not is_command:
            lines.append(re.escape(line.strip()).replace("…", ".*"))
    return re.compile(".*".join(lines), re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(page: str, tmp_path: Path) -> None:
    blocks = [each for each in EXAMPLES if (each.page, each.tag) == (page, "python")]
    if any(block.text.startswith(">>> ") for block in blocks):
        arguments = ["-m", "doctest", str(ROOT / page)]
    else:
        arguments = ["-c", program(blocks)]
    done = run([sys.executable, "-W", "error", *arguments], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("page", "test"), ELSEWHERE.items())
def test_a_page_run_elsewhere_is_run_there(page: str, test: str) -> None:
    assert page in (ROOT / test).read_text(encoding="utf-8")


def test_every_marked_console_example_prints_what_it_says(tmp_path: Path) -> None:
    for number, each in enumerate(EXAMPLES):
        if each.is_marked and each.tag == "console" and each.page.startswith(FOLDERS):
            folder = tmp_path / str(number)
            folder.mkdir()
            done = run(["/bin/sh", "-euc", commands(each.text)], folder)
            assert done.returncode == 0, f"{each.page}:{each.line} {done.stderr}"
            assert printed(each.text).search(done.stdout + done.stderr), each.page


def test_a_marked_block_is_found_and_read() -> None:
    text = "<!-- test -->\n```console\n$ echo one \\\n  two\none … two\n```\n"
    found = BLOCK.search(text)
    assert found is not None
    assert shlex.split(commands(found["text"])) == ["echo", "one", "\n", "two"]
    assert printed(found["text"]).search("one and two")
    assert not printed(found["text"]).search("two")


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run in a folder of its own, with this environment's programs and nothing else."""
    return subprocess.run(
        command,
        cwd=folder,
        env={
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT / "src"),
            "LANG": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
