"""Real nodes under `kill -9` and a line that fails: nothing is lost, nothing comes twice."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

ROOT = Path(__file__).parents[2]


def killed(folder: Path, *options: str, messages: int, kills: int) -> dict[str, object]:
    """Run the loop in a process that has no threads, and return what it reports."""
    command = [sys.executable, "-m", "bench.kill_loop", "--json", "--folder", str(folder)]
    command += ["--messages", str(messages), "--kills", str(kills), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    report = cast("dict[str, object]", json.loads(done.stdout))
    assert report["findings"] == [], report
    assert report["settled"], report
    assert done.returncode == 0
    return report


def check(report: dict[str, object], *, messages: int, kills: int) -> None:
    assert (report["lost"], report["duplicated"]) == (0, 0)
    assert report["written"] == messages
    assert report["kills"] == kills
    sent = cast("int", report["sent"])
    assert report["states"] == {"receipted": sent}
    assert report["stored"] == sent >= messages
    assert cast("dict[str, int]", report["deaths"]).get("by itself", 0) == 0


def test_kills_lose_nothing_on_sqlite(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    size = (100_000, 500) if pytestconfig.getoption("soak") else (300, 8)
    messages, kills = size
    report = killed(tmp_path, messages=messages, kills=kills)
    check(report, messages=messages, kills=kills)
    deaths = cast("dict[str, int]", report["deaths"])
    assert deaths["kill -9"] >= 1
    assert len(deaths) >= 2  # at a failpoint too


def test_kills_lose_nothing_on_postgresql(
    tmp_path: Path, new_database: Callable[[], str], pytestconfig: pytest.Config
) -> None:
    size = (100_000, 500) if pytestconfig.getoption("soak") else (60, 2)
    messages, kills = size
    stores = [word for _ in range(2) for word in ("--postgres", new_database())]
    report = killed(tmp_path, *stores, messages=messages, kills=kills)
    check(report, messages=messages, kills=kills)
