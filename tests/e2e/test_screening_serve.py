"""The screening engine alone: started as a process, asked over HTTP, ended by Ctrl-C."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

CSV = "id,schema,name\np-1,Person,Anna Example\np-2,Person,Bert Sample\n"
ASK = """
import json, sys, time, urllib.error, urllib.request
base = sys.argv[1]
for _ in range(2400):  # a first start reads its models; nothing is timed
    try:
        ready = urllib.request.urlopen(base + "/readyz").status
        break
    except urllib.error.HTTPError as error:
        assert error.code == 503
        time.sleep(0.05)
body = {"queries": {"q": {"schema": "Person", "properties": {"name": ["Anna Example"]}}}}
asked = urllib.request.Request(base + "/match/default", json.dumps(body).encode(),
                               {"Content-Type": "application/json"})
print(urllib.request.urlopen(asked).read().decode())
"""
COMITY = (sys.executable, "-m", "comity", "screening", "serve")


@contextmanager
def served(folder: Path, *options: str) -> Generator["subprocess.Popen[str]"]:
    path = folder / "people.csv"
    path.write_text(CSV)
    words = (*COMITY, "--load", f"csv:{path}", "--port", "0", *options)
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as service:
        try:
            yield service
        finally:  # a test that fails must not wait for a service that goes on
            service.kill()


def test_a_program_of_this_machine_asks_the_engine_alone(tmp_path: Path) -> None:
    with served(tmp_path) as service:
        assert service.stderr is not None
        first = service.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)", first)
        assert address, first
        done = subprocess.run(
            (sys.executable, "-c", ASK, address[0]), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        found = json.loads(done.stdout)["responses"]["q"]["results"]
        assert [each["id"] for each in found] == ["p-1"]
        service.send_signal(signal.SIGINT)
        said = service.stderr.read()
        assert service.wait(timeout=300) == 0
    assert "Traceback" not in said
