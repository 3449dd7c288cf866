"""Searches over a mapped segment of synthetic people, timed one by one."""

import mmap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.screening import Query
from comity.screening.index.asked import asked
from comity.screening.index.segment import Segment

KEEP = 24
_EPOCH = 1849


@dataclass(frozen=True, slots=True)
class Search:
    """What a round of searches took and found."""

    took: list[float]
    cpu: list[float]
    first: float
    ten: float
    common: float


def open_segment(path: Path) -> Segment:
    """Map a segment as a node does."""
    with path.open("rb") as file:
        return Segment.from_buffer(memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)))


def search(
    segment: Segment, questions: Sequence[tuple[int, str]], *, with_year: bool
) -> Search:
    """Search for each name, and with the birth year of the person meant."""
    graves = bytearray((segment.rows + 7) // 8)
    took, cpu = list[float](), list[float]()
    first, ten, common = 0, 0, 0
    for row, name in questions:
        query = _query(segment, row, name, with_year=with_year)
        began, worked = time.perf_counter(), time.thread_time()
        found = segment.retrieve(asked(query), graves, keep=KEEP)
        took.append(time.perf_counter() - began)
        cpu.append(time.thread_time() - worked)
        rows = [place for _score, place in found.rows[:10]]
        first += rows[:1] == [row]
        ten += row in rows
        common += found.too_common
    count = len(questions)
    return Search(took, cpu, first / count, ten / count, common / count)


def resident(*, peak: bool = False) -> float:
    """Return how much of this process is in memory, mapped pages included, in GiB."""
    wanted = "VmHWM" if peak else "VmRSS"
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(wanted):
            return int(line.split()[1]) / 1024 / 1024
    return 0.0


def _query(segment: Segment, row: int, name: str, *, with_year: bool) -> Query:
    properties: dict[str, tuple[str, ...]] = {"name": (name,)}
    year = segment.year_of(row)
    if with_year and year:
        properties["birthDate"] = (str(year + _EPOCH),)
    return Query(schema="Person", properties=properties)
