"""How common each Latin token is, counted over all the data we have."""

import csv
import io
import lzma
from collections import Counter
from collections.abc import Iterator
from math import log2

from tools.name_learning.corpora import CORPORA, DATA, pairs

from comity.interop import sample_ofac
from comity.screening.names import Sort, read_name

_MOST = 60_000
_STEPS = 2
"""Steps of a count to its double."""


def counts() -> Counter[str]:
    """Return how often each token was met."""
    found: Counter[str] = Counter()
    for corpus in CORPORA:
        if corpus.name != "kanji":
            for pair in pairs(corpus):
                found[pair.latin] += pair.count
    for name in _names():
        for token in read_name(name).tokens:
            if token.sort is Sort.NAME:
                found[token.text] += 1
    return found


def _names() -> Iterator[str]:
    with lzma.open(DATA / "negatives_global.csv.xz", "rt", encoding="utf-8") as lines:
        yield from (row["full_name"] for row in csv.DictReader(lines))
    files = sample_ofac().files
    for file, column in (("sdn.csv", 1), ("alt.csv", 3)):
        for row in csv.reader(io.StringIO(files[file].decode("ascii"))):
            if len(row) > column:
                yield row[column]


def text(found: Counter[str], head: dict[str, str]) -> str:
    """Return the table: for each step of counts, the tokens that were met about so often."""
    lines = [f"# {key}: {value}" for key, value in head.items()]
    lines.append(f"# total: {found.total()}")
    steps: dict[int, list[str]] = {}
    for token, count in sorted(found.items(), key=lambda each: (-each[1], each[0]))[:_MOST]:
        steps.setdefault(round(_STEPS * log2(count)), []).append(token)
    lines += [f"{step}\t{' '.join(sorted(tokens))}" for step, tokens in sorted(steps.items())]
    return "\n".join(lines) + "\n"
