"""Pages that are followed word by word, with real processes on this machine.

A block tagged `sh` after `<!-- test -->` is typed into one shell. After
`<!-- test: beside -->` it is a terminal of its own that stays open; after
`<!-- test: again -->` it is typed again until it prints what the page says. A block tagged
`text` right after it is what must be printed, in this order; `…` stands for anything.
"""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"^<!-- test(?:: (?P<way>\w+))? -->\n```sh\n(?P<typed>.*?)^```$"
    r"(?:\n\n```text\n(?P<printed>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
PAUSE = 1.5
"""Seconds before a block is typed again; each time starts programs that the nodes wait for."""
LONGEST = 300.0
"""Seconds that one block may take, being typed again included."""


@dataclass(slots=True)
class Terminals:
    """One shell in an empty folder, and what runs beside it."""

    folder: Path
    ports: dict[str, str]
    shell: subprocess.Popen[bytes]
    entering: tuple[str, ...] = ()
    """What goes before a command beside, so that it runs where the shell does."""
    beside: list[subprocess.Popen[bytes]] = field(default_factory=list)
    typed: int = 0

    def here(self, text: str) -> str:
        """Use free ports instead of the page's."""
        for told, free in self.ports.items():
            text = text.replace(told, free)
        return text

    def open(self, text: str) -> None:
        """Open a terminal that stays."""
        command = [*self.entering, *self.here(text).split()]
        self.beside.append(start(command, self.folder, "beside.txt"))

    def type(self, text: str, *, again: bool = False) -> str:
        """Type a block and return what it printed.

        Fails where a command of it does, unless it is typed again.
        """
        self.typed += 1
        mark, name = f"<done {self.typed}>", f"block-{self.typed}.sh"
        (self.folder / name).write_text(self.here(text))
        log = self.folder / "shell.txt"
        before = log.stat().st_size
        assert self.shell.stdin is not None
        self.shell.stdin.write(
            f"set {'+' if again else '-'}e; . ./{name}; echo '{mark}'\n".encode()
        )
        self.shell.stdin.flush()
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            said = log.read_bytes()[before:].decode()
            if mark in said:
                return said.replace(mark, "")
            assert self.shell.poll() is None, f"{text}\n{said}"
            time.sleep(0.05)
        pytest.fail(f"not done in {LONGEST:.0f} s:\n{text}")


def start(command: list[str], folder: Path, log: str) -> subprocess.Popen[bytes]:
    with (folder / log).open("ab") as said:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={
                "HOME": str(folder),
                "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin:/usr/sbin:/sbin",
                "PYTHONPATH": str(ROOT / "src"),
                "LANG": "C.UTF-8",
            },
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
        )


def two_free_ports() -> int:
    """Return a port that is free and whose next one is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@contextmanager
def terminals(
    folder: Path, *, ports: tuple[str, ...] = (), apart: bool = False
) -> Generator[Terminals]:
    """Open a shell in an empty folder; `apart`, with mounts and a network of its own."""
    free: dict[str, str] = {}
    for told in ports:
        port = two_free_ports()
        free |= {told: str(port), str(int(told) + 1): str(port + 1)}
    leading = ["unshare", "--mount", "--net"] if apart else []
    shell = start([*leading, "/bin/sh", "-u"], folder, "shell.txt")
    entering = ("nsenter", f"--target={shell.pid}", "--mount", "--net", "--wd") if apart else ()
    opened = Terminals(folder=folder, ports=free, shell=shell, entering=entering)
    try:
        yield opened
    finally:
        for process in (*opened.beside, shell):
            process.terminate()
        for process in (*opened.beside, shell):
            process.wait(timeout=60)
            if process.stdin is not None:
                process.stdin.close()


def is_printed(expected: str, said: str) -> bool:
    """Whether every part of what the page says was printed, in this order; `…` is anything."""
    at = 0
    for part in (part for line in expected.splitlines() for part in line.strip().split("…")):
        found = said.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def follow(opened: Terminals, found: re.Match[str]) -> None:
    """Do what one block says, and compare what it printed."""
    if found["way"] == "beside":
        opened.open(found["typed"])
        return
    expected = opened.here(found["printed"] or "")
    end = time.monotonic() + LONGEST
    is_again = found["way"] == "again"
    said = opened.type(found["typed"], again=is_again)
    while is_again and not is_printed(expected, said) and time.monotonic() < end:
        time.sleep(PAUSE)
        said = opened.type(found["typed"], again=True)
    assert is_printed(expected, said), f"{found['typed']}\nprinted\n{said}"


def blocks(page: Path) -> list[re.Match[str]]:
    """Return what a page says to type, in order."""
    return list(BLOCK.finditer(page.read_text(encoding="utf-8")))
