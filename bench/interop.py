"""How many rows of a public list a node reads per second into statements.

    python -m bench.interop [--quick] [--json]

Beside it, in the same run: bare csv.reader over the same bytes, which checks nothing, reads no
remark and joins no alias or address to its entity.
"""

import csv
import io
import sys
from collections.abc import Sequence

from bench.measure import Options, figure, rate, run
from bench.samples import files, imported

from comity.cli.bench import Figure


def measure(options: Options) -> Sequence[Figure]:
    """Measure the import of the shipped list of OFAC."""
    seconds = 2.0 if options.quick else 10.0
    rows, found = _rows(), imported()
    read = rate(imported, seconds=seconds, count=rows)
    bare = ("bare csv.reader", rate(_rows, seconds=seconds / 4, count=rows))
    made = read / rows * len(found.statements)
    return (
        figure("rows of OFAC read into statements", read, "rows/s", beside=bare),
        figure("statements made of them", made, "statements/s"),
        figure("rows in the three files", rows, "rows"),
        figure("values rejected with their reason", found.rejections, "values"),
    )


def _rows() -> int:
    count = 0
    for data in files().values():
        text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
        count += sum(1 for _ in csv.reader(text))
    return count


if __name__ == "__main__":
    sys.exit(run(measure, about=__doc__ or ""))
