"""How many people of a list one core compares per second with a list of about 20,000 names.

`batch_figures` is one part of `bench.screening`. The people are synthetic and in many scripts;
next to nobody of them resembles anybody held, as on a flight.
"""

import csv
import io
import lzma
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from bench.measure import Options, figure
from bench.samples import profiles
from rapidfuzz import fuzz, process

from comity.adapters.collection import Mapped, written
from comity.cli.bench import Figure
from comity.screening import Query
from comity.screening.batch import Row, Shard, shards
from comity.screening.pairs import LINES, Slice, compare_slice

GOAL = 5_000
_PEOPLE = Path(__file__).parent / "data" / "negatives_global.csv.xz"
_COLUMNS = {"full_name": "name", "date_of_birth": "birthDate"}
PAIR = (
    b'{"id":%d,"query":{"schema":"Person","properties":{"name":["Anna Example"],'
    b'"birthDate":["1988-04-17"]}},"candidate":{"schema":"Person","properties":'
    b'{"name":["Ana Exampel"],"birthDate":["1988"]}}}'
)


def batch_figures(options: Options) -> Sequence[Figure]:
    """Measure rows read, and people compared, on one core."""
    count = 2_000 if options.quick else 20_000
    rows = list(islice(_rows(), count))
    began = time.process_time()
    read = list(shards(rows))
    reading = count / (time.process_time() - began)
    held = [each for each in profiles() if each.names]
    with written(held) as path:
        index = Mapped(path)
        for each in read[:2]:
            index.search_many(_queries(each), limit=5)
        began = time.process_time()
        found = sum(
            bool(answer.candidates)
            for each in read
            for answer in index.search_many(_queries(each), limit=5)
        )
        compared = count / (time.process_time() - began)
    names = [name.lower() for each in held for name in each.names]
    bare = ("bare rapidfuzz extract over the same names", _bare(names, read))
    pairs = Slice(first=1, lines=tuple(PAIR % n for n in range(LINES)))
    compare_slice(pairs)
    began = time.process_time()
    compare_slice(pairs)
    paired = LINES / (time.process_time() - began)
    return (
        figure("rows of a list read as questions, one core", reading, "rows/s"),
        figure("people of a list compared, one core", compared, "people/s", beside=bare),
        figure("the same", compared, "people/s", beside=("goal", GOAL)),
        figure("of them with a candidate", 100 * found / count, "%"),
        figure("labelled pairs compared, one core", paired, "pairs/s"),
    )


def _rows() -> Iterator[Row]:
    with lzma.open(_PEOPLE) as file:
        for line, row in enumerate(csv.DictReader(io.TextIOWrapper(file, "utf-8")), start=2):
            yield Row(line, {prop: row[name] for name, prop in _COLUMNS.items()})


def _queries(shard: Shard) -> list[Query]:
    return [row.query for row in shard.asked]


def _bare(names: Sequence[str], read: Sequence[Shard]) -> float:
    asked = _queries(read[0])[:200]
    began = time.process_time()
    for query in asked:
        text = query.names[0].lower()
        process.extract(text, names, scorer=fuzz.ratio, score_cutoff=70, limit=50)
    return len(asked) / (time.process_time() - began)
