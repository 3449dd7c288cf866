"""Build a segment from shards: byte for byte the same for the same entities in any order.

Rows are numbered by birth year, then by id; names by their rows; words by how many names bear
them, the commonest first.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from comity.core.errors import InvalidInputError
from comity.screening.index.arrays import LARGE, Naming, fill_sections
from comity.screening.index.asked import deletions
from comity.screening.index.compiled import Words
from comity.screening.index.hashing import hash_all
from comity.screening.index.layout import (
    ALIGNED,
    SECTIONS,
    Header,
    Place,
    offsets,
    write_header,
)
from comity.screening.index.normaliser import NORMALISER
from comity.screening.index.rules import NUMBER_DELETIONS_FROM
from comity.screening.index.shard import Row, Shard, read_shard
from comity.screening.index.vocabulary import Section, texts, to_starts, vocabulary
from comity.screening.index.weigh import MOST_WORDS
from comity.screening.model import Profile


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment about to be written."""

    header: Header
    sections: tuple[Section, ...]

    def chunks(self) -> Iterator[bytes | memoryview]:
        """Yield its bytes, section by section."""
        yield write_header(self.header)
        for section in self.sections:
            yield section.data.cast("B") if section.size else b""
            yield bytes(-section.nbytes % ALIGNED)


def build_segment(
    profiles: Iterable[Profile], *, calibration: str = "", large: int = LARGE
) -> Draft:
    """Build a segment from entities, in this process."""
    return build((read_shard(profiles),), calibration=calibration, large=large)


def build(shards: Iterable[Shard], *, calibration: str = "", large: int = LARGE) -> Draft:
    """Build a segment from shards; raises `InvalidInputError` where an id comes twice."""
    rows: list[Row] = []
    readings: dict[str, set[str]] = {}
    for shard in shards:
        rows += shard.rows
        for word, others in shard.readings.items():
            readings.setdefault(word, set()).update(others)
    rows.sort(key=lambda row: (row.marks & 255, row.entity))
    if len({row.entity for row in rows}) < len(rows):
        raise InvalidInputError("one entity came twice: a segment holds each id once")
    bearers = Counter(word for row in rows for words, _weak in row.names for word in set(words))
    words = _words(bearers, readings)
    sections = vocabulary(words, readings)
    sections["word_names"] = np.array([bearers[word] for word in words], np.uint32)
    sections.update(_names(rows, {word: place for place, word in enumerate(words)}))
    naming = Naming(
        *(_as_words(sections[name]) for name in ("name_start", "name_word")),
        *(_as_words(sections[name]) for name in ("word_class", "word_names")),
    )
    sections.update(fill_sections(naming, large=large))
    sections.update(_numbers(rows))
    sections.update(_entities(rows))
    return draft(sections, calibration=calibration)


def draft(
    sections: Mapping[str, Section], *, calibration: str = "", normaliser: str = NORMALISER
) -> Draft:
    """Put a header before sections."""
    kept = tuple(
        np.ascontiguousarray(sections[name], dtype=f"<{kind}")
        for name, kind in SECTIONS.items()
    )
    at = offsets([each.nbytes for each in kept])
    places = {
        name: Place(offset, each.nbytes, _digest(each))
        for name, offset, each in zip(SECTIONS, at, kept, strict=True)
    }
    header = Header(
        rows=len(sections["row_marks"]),
        names=len(sections["name_start"]) - 1,
        words=len(sections["word_start"]) - 1,
        normaliser=normaliser,
        calibration=calibration,
        places=dict(sorted(places.items())),
    )
    return Draft(header, kept)


def year_starts(years: Words) -> Words:
    """Return where each year's names begin among names in the order of years."""
    return np.searchsorted(years, np.arange(257)).astype(np.uint32)


def _words(bearers: Counter[str], readings: Mapping[str, Iterable[str]]) -> list[str]:
    every = set(bearers).union(chain.from_iterable(readings.values()))
    return sorted(every, key=lambda word: (-bearers[word], word))


def _names(rows: Sequence[Row], number: Mapping[str, int]) -> dict[str, Section]:
    names = [(row, words, weak) for row, each in enumerate(rows) for words, weak in each.names]
    kept = [_rarest([number[word] for word in words]) for _row, words, _weak in names]
    sizes = np.fromiter(map(len, kept), np.int64, len(kept))
    owner = np.array([row for row, _words, _weak in names], np.uint32)
    marks = np.array([row.marks for row in rows], np.uint32)
    return {
        "name_start": to_starts(sizes).astype(np.uint32),
        "name_word": np.fromiter(chain.from_iterable(kept), np.uint32, int(sizes.sum())),
        "name_row": owner,
        "name_weak": np.array([weak for _row, _words, weak in names], np.uint8),
        "row_marks": marks,
        "year_start": year_starts(marks[owner] & np.uint32(255)),
    }


def _rarest(words: list[int]) -> list[int]:
    """Keep the rarest words of a very long name, in their order."""
    if len(words) <= MOST_WORDS:
        return words
    least = sorted(words)[-MOST_WORDS]
    return [word for word in words if word >= least][:MOST_WORDS]


def _numbers(rows: Sequence[Row]) -> dict[str, Section]:
    keys = [
        (key, row)
        for row, each in enumerate(rows)
        for number in each.numbers
        for key in keys_of_number(number)
    ]
    hashes = hashed([key for key, _row in keys])
    owners = np.array([row for _key, row in keys], np.uint32)
    order = np.lexsort((owners, hashes))
    return {"number_hash": hashes[order], "number_row": owners[order]}


def keys_of_number(number: str) -> tuple[str, ...]:
    """Return an identifier and, where it is long enough, what is left without one character."""
    is_long = len(number) >= NUMBER_DELETIONS_FROM
    return tuple(dict.fromkeys((number, *(deletions(number) if is_long else ()))))


def hashed(keys: Sequence[str]) -> Section:
    """Hash texts."""
    text, starts = texts(keys)
    found = np.zeros(len(keys), np.uint64)
    hash_all(text, starts, found)
    return found


def _entities(rows: Sequence[Row]) -> dict[str, Section]:
    hashes = hashed([row.entity for row in rows])
    order = np.argsort(hashes, kind="stable")
    payload = b"".join(row.payload for row in rows)
    sizes = np.fromiter((len(row.payload) for row in rows), np.int64, len(rows))
    return {
        "entity_hash": hashes[order],
        "entity_row": order.astype(np.uint32),
        "payload_start": to_starts(sizes).astype(np.uint64),
        "payload": np.frombuffer(payload, np.uint8),
    }


def _as_words(section: Section) -> Words:
    return section.astype(np.uint32, copy=False)


def _digest(section: Section) -> bytes:
    found = hashlib.sha256()
    found.update(section.data.cast("B") if section.size else b"")
    return found.digest()
