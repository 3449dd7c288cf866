"""The demonstration, as a newcomer starts it: real processes, checked from outside."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

LEAST = 12


def test_every_claim_of_the_demonstration_holds(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "comity", "demo", "--check", "--json"),
            *("--port", "18700", "--data", str(tmp_path / "demo")),
        ],
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.stdout, done.stderr.decode()
    said = json.loads(done.stdout)
    failed = [claim for claim in said["claims"] if not claim["holds"]]
    assert failed == []
    assert said["ok"]
    assert len(said["claims"]) >= LEAST
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def run(*words: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "comity", *words]
    return subprocess.run(command, capture_output=True, timeout=300, check=False)


def test_too_few_states_are_answered_in_words(tmp_path: Path) -> None:
    done = run("demo", "--nodes", "3", "--data", str(tmp_path))
    assert done.returncode == 2
    assert b"--nodes goes from 4 to 12 (the story needs four states), got 3" in done.stderr


@pytest.mark.enable_socket
def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("demo", "--check", "--port", str(port), "--data", str(tmp_path))
    assert done.returncode == 2
    assert f"port {port} is in use".encode() in done.stderr
    assert b"Traceback" not in done.stderr
