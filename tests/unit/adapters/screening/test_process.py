"""The process of its own: killed, begun anew, and told nothing that stays behind."""

import os
import signal
from pathlib import Path

from tests.unit.adapters.screening.ground import PURPOSE, ListSource, person, query

from comity.adapters.screening import Follower, ScreeningProcess

ASKED = "Zebulon Quartermain"


def found(follower: Follower, name: str) -> list[str]:
    answer = follower.search(query(name), purpose=PURPOSE, limit=5)
    return [each.entity_id for each in answer.candidates]


def test_a_process_that_was_killed_begins_anew_and_has_lost_nothing(tmp_path: Path) -> None:
    source, ends = ListSource(), list[str]()
    process = ScreeningProcess(tmp_path / "segments", ended=ends.append)
    follower = Follower(process, source)
    source.hold(person("p-1", "Anna Example"), person("p-2", "Boris Muster"))
    try:
        assert not process.is_open
        assert found(follower, "Ana Example") == ["p-1"]
        assert found(follower, ASKED) == []
        killed = process.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        # It is erased while the process is down, and nobody tells the next one but the store.
        source.hold(person("p-1"))
        assert found(follower, "Ana Example") == []
        assert found(follower, "Boris Muster") == ["p-2"]
        assert process.pid not in {None, killed}
        said = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        said += Path(f"/proc/{process.pid}/environ").read_bytes()
        assert str(tmp_path).encode() not in said
        kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert not any(b"Quartermain" in data or b"quartermain" in data for data in kept)
    finally:
        follower.close()
    assert ends == ["ended.9"]
