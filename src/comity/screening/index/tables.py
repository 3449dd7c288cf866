"""The sections of a segment as compiled code reads them: four arrays over one buffer.

Every read is held to its section, so that broken numbers give nothing found, never a read
beyond it.
"""

from typing import NamedTuple

import numpy as np

from comity.screening.index.compiled import Bytes, Ints, Longs, Words, compiled, int64
from comity.screening.index.layout import SECTIONS, Header

(
    WORD_TEXT,
    WORD_START,
    WORD_CLASS,
    WORD_NAMES,
    KEY_HASH,
    KEY_WORD,
    VOICE_START,
    VOICE_WORD,
    NAME_START,
    NAME_WORD,
    NAME_ROW,
    NAME_WEAK,
    YEAR_START,
    ROW_MARKS,
    POST_START,
    POST_NAME,
    LONE,
    BUCKET_START,
    PAIR_NAME,
    PAIR_MARK,
) = range(20)
"""Sections in their order."""


class Tables(NamedTuple):
    """The whole buffer as bytes and as numbers, and where each section lies in it."""

    texts: Bytes
    words: Words
    longs: Longs
    where: Ints
    """First entry and number of entries of each section, in its own kind of numbers."""


def tables(data: memoryview, header: Header) -> Tables:
    """Lay the arrays over a buffer, which is as long as its header says."""
    where = np.zeros((len(SECTIONS), 2), np.int64)
    for row, (name, kind) in enumerate(SECTIONS.items()):
        place, item = header.places[name], int(kind[1:])
        where[row] = place.offset // item, place.length // item
    whole = data[: len(data) // 8 * 8]
    return Tables(
        np.frombuffer(data, "<u1"),
        np.frombuffer(whole, "<u4"),
        np.frombuffer(whole, "<u8"),
        where,
    )


@compiled
def entries(tables: Tables, section: int) -> int:
    """Return how many entries a section has."""
    return int64(tables.where[section, 1])


@compiled
def at(tables: Tables, section: int, place: int) -> int:
    """Read an entry of four bytes; 0 beyond the section."""
    if 0 <= place < tables.where[section, 1]:
        return int64(tables.words[tables.where[section, 0] + place])
    return int64(0)


@compiled
def text_at(tables: Tables, section: int, place: int) -> int:
    """Read an entry of one byte; 0 beyond the section."""
    if 0 <= place < tables.where[section, 1]:
        return int64(tables.texts[tables.where[section, 0] + place])
    return int64(0)


@compiled
def long_at(tables: Tables, section: int, place: int) -> np.uint64:
    """Read an entry of eight bytes; 0 beyond the section."""
    if 0 <= place < tables.where[section, 1]:
        return np.uint64(tables.longs[tables.where[section, 0] + place])
    return np.uint64(0)


@compiled
def find(tables: Tables, section: int, wanted: np.uint64) -> int:
    """Return the first place in a sorted section that is not below the wanted one."""
    low, high = 0, entries(tables, section)
    while low < high:
        middle = (low + high) >> 1
        if long_at(tables, section, middle) < wanted:
            low = middle + 1
        else:
            high = middle
    return low
