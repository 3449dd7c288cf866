"""How many names one core screens per second, and how well it finds and tells apart.

    python -m bench.screening [--quick] [--json]

Beside it, in the same run: bare rapidfuzz over the same names, which neither compares birth
dates, nationalities and identifiers nor says why. Quality is measured on held-out pairs and
searches beside nomenklatura, where it is installed (`bench.quality`).
"""

import sys
import time
from collections.abc import Sequence

from bench.measure import Options, figure, quantile, run
from bench.quality.report import measured
from bench.samples import profiles
from bench.screening_batch import batch_figures
from rapidfuzz import fuzz, process

from comity.cli.bench import Figure
from comity.screening import Profile, Query, Shelf
from comity.screening.index.segment import shelf_of


def measure(options: Options) -> Sequence[Figure]:
    """Measure searches for names that are held, each with one slip."""
    held = profiles()
    index, names = shelf_of(held), [name for each in held for name in each.names]
    asked = _queries(held, 100 if options.quick else 1_000)
    for query in asked[:50]:  # compiled code is read, and the models of names
        index.search(query)
    took = [_seconds(index, query) for query in asked]
    bare = ("bare rapidfuzz extract over the same names", _bare(names, asked))
    found = sum(bool(index.search(query).candidates) for query in asked[:100])
    return (
        figure("names held", len(names), "names"),
        figure("searches, one core", len(took) / sum(took), "searches/s", beside=bare),
        figure("one search, median", quantile(took, 0.5) * 1e3, "ms"),
        figure("one search, p99", quantile(took, 0.99) * 1e3, "ms", beside=("goal", 5)),
        figure("found in spite of one slip", found, "of 100"),
        *batch_figures(options),
        *measured(is_quick=options.quick),
    )


_BESIDE = ("birthDate", "nationality", "gender")
"""What an officer knows beside the name."""


def _queries(held: Sequence[Profile], count: int) -> list[Query]:
    people = [each for each in held if each.schema == "Person" and len(each.names[0]) > 8]
    step = max(1, len(people) // count)
    return [
        Query(
            schema="Person",
            properties={
                "name": (_slip(each.names[0]),),
                **{prop: each.properties[prop] for prop in _BESIDE if prop in each.properties},
            },
        )
        for each in people[::step][:count]
    ]


def _slip(name: str) -> str:
    """Swap two letters in the middle."""
    middle = len(name) // 2
    return name[: middle - 1] + name[middle] + name[middle - 1] + name[middle + 1 :]


def _seconds(index: Shelf, query: Query) -> float:
    began = time.process_time()
    index.search(query)
    return time.process_time() - began


def _bare(names: Sequence[str], asked: Sequence[Query]) -> float:
    choices = [name.lower() for name in names]
    began = time.process_time()
    for query in asked:
        process.extract(
            query.names[0].lower(), choices, scorer=fuzz.ratio, score_cutoff=70, limit=50
        )
    return len(asked) / (time.process_time() - began)


if __name__ == "__main__":
    sys.exit(run(measure, about=__doc__ or ""))
