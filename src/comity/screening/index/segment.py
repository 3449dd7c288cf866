"""An immutable segment over one buffer: nothing is copied, nothing is written.

The header is always verified; sections on demand, small segments whole at opening. Bytes that
were not verified can give wrong answers, never a read beyond the buffer.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from comity.core.ids import EntityId
from comity.screening.index.asked import MOST_ALTERNATIVES, Asked, Words
from comity.screening.index.build import build_segment, hashed, keys_of_number
from comity.screening.index.check import check_structure
from comity.screening.index.compiled import Bytes
from comity.screening.index.layout import SECTIONS, Header, SegmentError, read_header
from comity.screening.index.memory import Memory
from comity.screening.index.payload import read_profile
from comity.screening.index.port import Retrieved
from comity.screening.index.scan import search_many
from comity.screening.index.shard import pack
from comity.screening.index.shelf import Shelf
from comity.screening.index.tables import tables
from comity.screening.index.vocabulary import Section
from comity.screening.model import Profile

WHOLE = 64 * 1024 * 1024
"""Segments below this size are verified whole when they are opened."""
_MOST_BY_NUMBER = 32
_SURE = 1.0
"""Cheap score of who bears an asked identifier: always compared in full."""


class Segment:
    """Entities by row. One thread at a time: it keeps the expansions of words it was asked."""

    def __init__(self, data: memoryview, header: Header) -> None:
        """Lay arrays over a buffer whose header was read."""
        self._data, self.header = data, header
        self.tables = tables(data, header)
        self._memory = Memory(self.tables)

    @classmethod
    def from_buffer(cls, data: memoryview) -> "Segment":
        """Open a segment; raises `SegmentError` saying what is wrong and what to do."""
        data = data.toreadonly().cast("B")
        segment = cls(data, read_header(data))
        if len(data) < WHOLE:
            segment.verify()
        return segment

    @property
    def rows(self) -> int:
        """How many entities it holds."""
        return self.header.rows

    def verify(self) -> None:
        """Hold every section to its SHA-256 and structure; raises `SegmentError`."""
        for name, place in self.header.places.items():
            part = self._data[place.offset : place.offset + place.length]
            if hashlib.sha256(part).digest() != place.digest:
                raise SegmentError(
                    f"section `{name}` of the segment is broken: its SHA-256 differs; remove it"
                    " and rebuild the index from the store"
                )
        check_structure({name: _section(self._data, self.header, name) for name in SECTIONS})

    def retrieve(self, asked: Asked, graves: bytearray, /, *, keep: int) -> Retrieved:
        """Return the `keep` likeliest rows whose bit in `graves` is not set."""
        return self.retrieve_many((asked,), graves, keep=keep)[0]

    def retrieve_many(
        self, questions: Sequence[Asked], graves: bytearray, /, *, keep: int
    ) -> list[Retrieved]:
        """Answer many questions in one call of compiled code."""
        ways: list[tuple[int, int, int, int]] = []
        words: list[tuple[str, ...]] = []
        for place, asked in enumerate(questions):
            marks = pack(asked.marks)
            for way in self._ways(asked):
                ways.append((place, len(words), len(words) + len(way), marks))
                words.extend(way)
        best = np.zeros((len(questions), keep), np.float64)
        rows = np.zeros((len(questions), keep), np.int64)
        counts = np.zeros((len(questions), 4), np.int64)
        dead = np.frombuffer(graves, np.uint8)
        if ways:
            places = self._memory.places(words)
            order = np.array(ways, np.int64)
            kept = self._memory.arena
            search_many(self.tables, kept, order, places, dead, best, rows, counts)
        return [
            self._retrieved(
                asked, dead, best[place, :count].tolist(), rows[place, :count].tolist(), many
            )
            for place, (asked, (count, many, _, _)) in enumerate(
                zip(questions, counts.tolist(), strict=True)
            )
        ]

    def profile(self, row: int, /) -> Profile:
        """Read one entity; raises `SegmentError` where its bytes do not hold together."""
        starts = _section(self._data, self.header, "payload_start")
        first, last = int(starts[row]), int(starts[row + 1])
        place = self.header.places["payload"]
        if not 0 <= first < last <= place.length:
            raise SegmentError("an entity in the segment lies beyond it: rebuild the index")
        return read_profile(bytes(self._data[place.offset + first : place.offset + last]))

    def year_of(self, row: int, /) -> int:
        """Return the birth year's code of a row: 1 is 1850, 0 unknown or several."""
        return int(_section(self._data, self.header, "row_marks")[row]) & 255

    def row_of(self, entity: EntityId, /) -> int | None:
        """Return the row of an entity, if it is here."""
        (wanted,) = hashed((entity,)).tolist()
        hashes = _section(self._data, self.header, "entity_hash")
        owners = _section(self._data, self.header, "entity_row")
        spot = int(np.searchsorted(hashes, np.uint64(wanted)))
        while spot < len(hashes) and hashes[spot] == wanted:
            row = int(owners[spot])
            if row < self.rows and self.profile(row).entity_id == entity:
                return row
            spot += 1
        return None

    def _ways(self, asked: Asked) -> Iterator[Words]:
        """Yield each asked name, and the ways to join or part its words that could be meant."""
        for words, others in zip(asked.names, asked.joins, strict=True):
            yield words
            tried = {word[0] for other in others for word in other}
            known = self._memory.known((*(word[0] for word in words), *tried))
            found = (other for other in others if _is_likely(words, other, known))
            yield from (
                other for other, _ in zip(found, range(MOST_ALTERNATIVES), strict=False)
            )

    def _retrieved(
        self, asked: Asked, graves: Bytes, best: list[float], rows: list[int], many: int
    ) -> Retrieved:
        scores = dict(zip(rows, best, strict=True))
        if asked.numbers:
            scores.update(dict.fromkeys(self._by_number(asked.numbers, graves), _SURE))
        order = sorted(scores.items(), key=lambda found: (-found[1], found[0]))
        return Retrieved(tuple((score, row) for row, score in order), bool(many))

    def _by_number(self, numbers: Sequence[str], graves: Bytes) -> list[int]:
        hashes = _section(self._data, self.header, "number_hash")
        owners = _section(self._data, self.header, "number_row")
        wanted = hashed([key for number in numbers for key in keys_of_number(number)])
        firsts = np.searchsorted(hashes, wanted)
        lasts = np.searchsorted(hashes, wanted, side="right")
        found: dict[int, None] = {}
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
            for row in owners[first:last].tolist():
                if row < self.rows and not graves[row >> 3] >> (row & 7) & 1:
                    found[row] = None
        return list(found)[:_MOST_BY_NUMBER]


def shelf_of(profiles: Iterable[Profile]) -> Shelf:
    """Hold entities in a segment in memory: for lists loaded once and searched much."""
    data = b"".join(build_segment(profiles).chunks())
    return Shelf(segments=(Segment.from_buffer(memoryview(data)),))


def _is_likely(words: Words, other: Words, known: frozenset[str]) -> bool:
    """Say whether every new word is held; only a word that is not held is parted."""
    lost = [word for word in words if word not in other]
    if len(other) > len(words) and any(word[0] in known for word in lost):
        return False
    return all(word[0] in known for word in other if word not in words)


def _section(data: memoryview, header: Header, name: str) -> Section:
    place = header.places[name]
    part = data[place.offset : place.offset + place.length]
    return np.frombuffer(part, np.dtype(f"<{SECTIONS[name]}"))
