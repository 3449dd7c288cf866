"""Lists compared on Ray: two workers on this machine give what one process gives."""

import json
import subprocess
import sys
from pathlib import Path

from comity.node.cross import cross
from comity.screening.batch import Here

# Ray opens sockets and starts processes of its own, so it runs in a process apart.
CROSSED = """
import json, sys
from comity.adapters.engines import RayEngine
from comity.core.errors import ComityError
from comity.node.cross import cross

left, right, out = sys.argv[1:]
engine = RayEngine(2)
import ray
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
         _node_ip_address="127.0.0.1")
ended = cross(left, right, out, least="possible", engine=engine, told=lambda done: None)
print(json.dumps([ended.done.rows, ended.done.asked, ended.done.found]))
try:
    cross(left, right.replace("right", "nobody"), out, least="weak", engine=engine,
          told=lambda done: None)
except ComityError as error:
    print(json.dumps(str(error)))
"""
HELD = "id,schema,name\nh-1,Person,Anna Example\nh-2,Person,Bert Sample\n"


def test_two_workers_of_ray_find_what_one_process_finds(tmp_path: Path) -> None:

    rows = [
        f"p-{n},Person,{'Anna Example' if n % 900 == 7 else f'Xq {n}'}" for n in range(2_500)
    ]
    (tmp_path / "left.csv").write_text("id,schema,name\n" + "\n".join(rows))
    (tmp_path / "right.csv").write_text(HELD)
    (tmp_path / "nobody.csv").write_text("id,schema,notes\nh-1,Person,nameless\n")
    left, right = (f"csv:{tmp_path / name}" for name in ("left.csv", "right.csv"))
    out = tmp_path / "ray.csv"
    done = subprocess.run(
        (sys.executable, "-c", CROSSED, left, right, str(out)),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counted, refused = map(json.loads, done.stdout.splitlines())
    assert counted == [2_500, 2_500, 3]
    assert "names nobody" in refused
    here = tmp_path / "here.csv"
    cross(left, right, str(here), least="possible", engine=Here(), told=lambda _done: None)
    assert out.read_bytes() == here.read_bytes()
