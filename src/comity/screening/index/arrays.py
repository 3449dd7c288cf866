"""The arrays over names: who bears each word, who bears it alone, and pairs in buckets."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from comity.core.errors import LimitError
from comity.screening.index.compiled import Ints, Longs, Words
from comity.screening.index.fill import (
    count_pairs,
    fill_lists,
    fill_lone,
    fill_pairs,
    settle,
)
from comity.screening.index.vocabulary import Section

LISTED = 20_000
"""Names from which a word has no list of its bearers, in a large segment."""
LARGE = 200_000
"""Names from which a segment has pairs in buckets; below it every word has its list."""
MOST = 1 << 32
_PER_NAME = 1.2

Spread = Callable[[Callable[[Ints], None], Iterable[Ints]], Iterator[None]]
"""Like `map`: a builder with several cores brings a pool's, for kernels hold no lock."""


class Naming(NamedTuple):
    """Names as words, and words as classes."""

    name_start: Words
    name_word: Words
    word_class: Words
    word_names: Words


def fill_sections(
    naming: Naming, *, large: int = LARGE, spread: Spread = map
) -> dict[str, Section]:
    """Fill lists, lone words and buckets; raises `LimitError` on more than a segment holds."""
    is_large = len(naming.name_start) - 1 > large
    sizes = naming.word_names.astype(np.int64)
    if is_large:
        sizes[sizes >= LISTED] = 0
    post_start = _starts(sizes)
    post_name = np.zeros(int(post_start[-1]), np.uint32)
    fill_lists(naming.name_start, naming.name_word, post_start, post_name)
    sections: dict[str, Section] = {"post_start": post_start, "post_name": post_name}
    sections["lone"] = _lone(naming, post_start) if is_large else np.zeros(0, np.uint64)
    sections.update(_pairs(naming, spread) if is_large else _no_pairs())
    return sections


def _lone(naming: Naming, post_start: Words) -> Longs:
    none = np.zeros(0, np.uint64)
    count = fill_lone(naming.name_start, naming.name_word, post_start, none)
    lone = np.zeros(count, np.uint64)
    if count:
        fill_lone(naming.name_start, naming.name_word, post_start, lone)
        lone.sort()
    return lone


def _pairs(naming: Naming, spread: Spread) -> dict[str, Section]:
    bits = max(int(_PER_NAME * len(naming.name_start)) - 1, 1).bit_length()
    parts = [
        np.array([half << (bits - 1), (half + 1) << (bits - 1), 64 - bits], np.int64)
        for half in range(2)
    ]
    counts = np.zeros((1 << bits) + 1, np.uint32)
    names = (naming.name_start, naming.name_word, naming.word_class)
    tuple(spread(lambda part: count_pairs(*names, counts, part), parts))
    bucket_start = _summed(counts)
    pair_name = np.zeros(int(bucket_start[-1]), np.uint32)
    pair_mark = np.zeros(len(pair_name), np.uint32)
    tuple(
        spread(lambda part: fill_pairs(names, bucket_start, pair_name, pair_mark, part), parts)
    )
    settle(bucket_start)
    return {"bucket_start": bucket_start, "pair_name": pair_name, "pair_mark": pair_mark}


def _no_pairs() -> dict[str, Section]:
    return {name: np.zeros(0, np.uint32) for name in ("bucket_start", "pair_name", "pair_mark")}


def _starts(sizes: npt.NDArray[np.int64]) -> Words:
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return _narrow(starts)


def _summed(counts: Words) -> Words:
    if int(counts.sum(dtype=np.int64)) >= MOST:
        _too_many()
    np.cumsum(counts, out=counts)
    return counts


def _narrow(starts: Ints) -> Words:
    if int(starts[-1]) >= MOST:
        _too_many()
    return starts.astype(np.uint32)


def _too_many() -> None:
    raise LimitError("too many names for one segment: build several of at most 1,000 million")
