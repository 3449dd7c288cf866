import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from comity.adapters.engines import ProcessPool
from comity.adapters.results import Done, beside
from comity.core.errors import ConflictError, InvalidInputError, StateError
from comity.node.cross import cross
from comity.screening.batch import Executor, Here

S = TypeVar("S")
R = TypeVar("R")
HELD = "id,schema,name\nh-1,Person,Anna Example\nh-2,Person,Bert Sample\n"


def lists(folder: Path, *, people: int = 3_000) -> tuple[str, str, Path]:
    rows = [
        f"p-{n},Person,{'Anna Example' if n % 500 == 7 else f'Xq {n}'}" for n in range(people)
    ]
    (folder / "left.csv").write_text("id,schema,name\n" + "\n".join(rows))
    (folder / "right.csv").write_text(HELD)
    return f"csv:{folder / 'left.csv'}", f"csv:{folder / 'right.csv'}", folder / "out.csv"


def crossed(folder: Path, engine: Executor, *, least: str = "possible") -> list[dict[str, str]]:
    left, right, out = lists(folder)
    cross(left, right, str(out), least=least, engine=engine, told=nobody)
    return read(out)


def nobody(_done: Done, /) -> None:
    """Tell nobody."""


def read(out: Path) -> list[dict[str, str]]:
    with out.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Broken:
    """An engine that is broken off after some shards."""

    def __init__(self, after: int, error: type[BaseException]) -> None:
        self.after, self.error = after, error

    def map_shards(self, fn: Callable[[S], R], shards: Iterable[S], /) -> Iterator[R]:
        for place, shard in enumerate(shards):
            if place == self.after:
                raise self.error
            yield fn(shard)


def test_candidates_come_with_their_reasons_and_the_rest_with_nothing(tmp_path: Path) -> None:
    found = crossed(tmp_path, Here())
    assert [row["id"] for row in found] == [f"p-{n}" for n in range(7, 3_000, 500)]
    assert {row["candidate"] for row in found} == {"h-1"}
    assert {row["band"] for row in found} == {"strong"}
    why = json.loads(found[0]["explanation"])
    assert why["evidence"][0]["prop"] == "name"
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        *("left.csv", "out.csv", "right.csv")
    ]


def test_a_pool_finds_what_one_process_finds(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert crossed(tmp_path / "a", ProcessPool(2)) == crossed(tmp_path / "b", Here())


@pytest.mark.parametrize("after", [0, 1, 2])
def test_what_was_broken_off_goes_on_and_ends_the_same(tmp_path: Path, after: int) -> None:
    left, right, out = lists(tmp_path)
    with pytest.raises(StateError, match="the same command goes on"):
        cross(
            left,
            right,
            str(out),
            least="possible",
            engine=Broken(after, KeyboardInterrupt),
            told=nobody,
        )
    assert not out.exists()
    if after:
        held = beside(out)
        assert held.stat().st_mode & 0o777 == 0o600
        # A kill in the middle of a line: what was not whole is asked for again.
        with held.open("ab") as file:
            file.write(b'{"rows": 3000, "asked": 1, "fou')
    seen = list[int]()
    ended = cross(
        left,
        right,
        str(out),
        least="possible",
        engine=Here(),
        told=lambda done: seen.append(done.rows),
    )
    assert seen[0] == 1_000 * (after + 1)
    assert (ended.done.rows, ended.done.found) == (3_000, 6)
    assert len(read(out)) == 6
    assert not beside(out).exists()


def test_a_row_without_a_candidate_leaves_only_a_count(tmp_path: Path) -> None:
    left, right, out = lists(tmp_path)
    with pytest.raises(StateError):
        cross(
            left,
            right,
            str(out),
            least="possible",
            engine=Broken(2, KeyboardInterrupt),
            told=nobody,
        )
    held = beside(out).read_text()
    assert "Xq" not in held
    assert "p-8" not in held
    assert "p-7" in held


def test_another_list_does_not_go_on_with_what_was_broken_off(tmp_path: Path) -> None:
    left, right, out = lists(tmp_path)
    with pytest.raises(StateError):
        cross(
            left,
            right,
            str(out),
            least="possible",
            engine=Broken(1, KeyboardInterrupt),
            told=nobody,
        )
    with pytest.raises(ConflictError, match="another list or other options"):
        cross(left, right, str(out), least="strong", engine=Here(), told=nobody)


def test_two_runs_never_write_one_file(tmp_path: Path) -> None:
    left, right, out = lists(tmp_path)

    def again(_done: Done, /) -> None:
        with pytest.raises(ConflictError, match="another run"):
            cross(left, right, str(out), least="possible", engine=Here(), told=nobody)

    cross(left, right, str(out), least="possible", engine=Here(), told=again)


@pytest.mark.parametrize(
    ("left", "right", "out", "least"),
    [
        ("csv:{0}/no.csv", "csv:{0}/right.csv", "{0}/out.csv", "weak"),
        ("csv:{0}/left.csv", "wizard:{0}", "{0}/out.csv", "weak"),
        ("csv:{0}/left.csv", "csv:{0}/right.csv", "{0}/out.xlsx", "weak"),
        ("csv:{0}/left.csv", "csv:{0}/right.csv", "{0}/no/out.csv", "weak"),
        ("csv:{0}/left.csv", "csv:{0}/right.csv", "{0}/left.csv", "weak"),
        ("csv:{0}/left.csv", "csv:{0}/right.csv", "{0}/out.csv", "certain"),
    ],
)
def test_what_cannot_be_read_or_written_is_said_at_once(
    tmp_path: Path, left: str, right: str, out: str, least: str
) -> None:
    lists(tmp_path)
    with pytest.raises(InvalidInputError):
        cross(
            left.format(tmp_path),
            right.format(tmp_path),
            out.format(tmp_path),
            least=least,
            engine=Here(),
            told=nobody,
        )
    assert (tmp_path / "left.csv").read_text().startswith("id,schema,name\np-0")


KILLED = """
import os, signal, sys
from comity.adapters.engines import ProcessPool
from comity.node.cross import cross

def told(done):
    if done.rows >= 2_000:
        os.kill(os.getpid(), signal.SIGKILL)

cross(sys.argv[1], sys.argv[2], sys.argv[3], least="possible", engine=ProcessPool(2), told=told)
"""


def test_a_killed_pool_leaves_no_worker_and_loses_nothing(tmp_path: Path) -> None:
    left, right, out = lists(tmp_path)
    words = (sys.executable, "-c", KILLED, left, right, str(out))
    # Its output is open in every worker: it ends only when the last of them has ended.
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert beside(out).exists()
    ended = cross(left, right, str(out), least="possible", engine=Here(), told=nobody)
    assert (ended.done.rows, ended.done.found) == (3_000, 6)
