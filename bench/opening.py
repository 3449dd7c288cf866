"""How long `comity demo` takes to its first page, and what an idle node holds in memory.

Beside them, in the same run: an interpreter that only imports a node's program.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx2
from bench.measure import figure

from comity.cli.bench import Figure

PORT = 19_400
BARE = "import comity.node.serving, sys; print(open('/proc/self/status').read())"


def opening() -> Sequence[Figure]:
    """Start the demonstration once; return its figures, none where the system is not Linux."""
    if not sys.platform.startswith("linux"):
        return ()
    began = time.perf_counter()
    bare = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        [sys.executable, "-c", BARE], stdout=subprocess.PIPE, text=True, check=True
    )
    imported = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        took, resident = _shown(Path(folder) / "demo")
    return (
        figure(
            "first page after `comity demo`",
            took,
            "s",
            beside=("importing a node's program once", imported),
        ),
        figure(
            "an idle node, no list loaded",
            resident,
            "MiB resident",
            beside=("an interpreter with its program imported", _mebibytes(bare.stdout)),
        ),
    )


def _shown(folder: Path) -> tuple[float, float]:
    """Return the seconds to the first page, and the memory of a node without a list."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "comity", "demo", "--json", "--no-browser"]
    options = ["--port", str(PORT), "--data", str(folder)]
    demo = subprocess.Popen(  # noqa: S603 - our own program, no shell
        [*command, *options], stdout=subprocess.PIPE, text=True
    )
    try:
        network = json.loads(next(iter(demo.stdout or ())))
        node = network["nodes"][0]
        httpx2.get(node["sign_in"]["officer"], timeout=30).raise_for_status()
        took = time.perf_counter() - began
        time.sleep(10)
        process = (Path(node["dir"]) / "lock").read_text().strip()
        return took, _mebibytes(Path(f"/proc/{process}/status").read_text())
    finally:
        demo.terminate()
        demo.wait(timeout=60)


def _mebibytes(status: str) -> float:
    line = next(each for each in status.splitlines() if each.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
