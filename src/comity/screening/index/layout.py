"""The layout of a segment: which sections it has, and the header that says where they lie.

`docs/spec/segment.md` is this in prose. A header occupies the first 16 KiB; its last 32 bytes
are the SHA-256 of those before them. Sections follow, each at a multiple of 64 bytes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.core import cbor
from comity.core.errors import ComityError, InvalidInputError, VerificationError
from comity.screening.index.normaliser import NORMALISER

MAGIC = b"COMITYSG"
FORMAT = 1
HEADER = 16_384
DIGEST = 32
ALIGNED = 64
_FIXED = 16
_MOST_CBOR = HEADER - _FIXED - DIGEST
_REBUILD = "remove it and rebuild the index from the store"

SECTIONS: Mapping[str, str] = {
    "word_text": "u1",
    "word_start": "u4",
    "word_class": "u4",
    "word_names": "u4",
    "key_hash": "u8",
    "key_word": "u4",
    "voice_start": "u4",
    "voice_word": "u4",
    "name_start": "u4",
    "name_word": "u4",
    "name_row": "u4",
    "name_weak": "u1",
    "year_start": "u4",
    "row_marks": "u4",
    "post_start": "u4",
    "post_name": "u4",
    "lone": "u8",
    "bucket_start": "u4",
    "pair_name": "u4",
    "pair_mark": "u4",
    "number_hash": "u8",
    "number_row": "u4",
    "entity_hash": "u8",
    "entity_row": "u4",
    "payload_start": "u8",
    "payload": "u1",
}
"""Section to the kind of its little-endian numbers, in the order in which they lie."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a section lies, in bytes, and its SHA-256."""

    offset: int
    length: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a segment says of itself."""

    rows: int
    names: int
    words: int
    normaliser: str
    calibration: str
    places: Mapping[str, Place]

    @property
    def length(self) -> int:
        """Bytes of the whole segment."""
        ends = (place.offset + place.length for place in self.places.values())
        return max(ends, default=HEADER)


class SegmentError(VerificationError):
    """A segment is cut, broken, foreign or made by another version: it is never searched."""


def offsets(lengths: Sequence[int]) -> list[int]:
    """Lay sections of these lengths one behind the other."""
    found, at = list[int](), HEADER
    for length in lengths:
        found.append(at)
        at += -(-length // ALIGNED) * ALIGNED
    return found


def write_header(header: Header) -> bytes:
    """Return the 16 KiB that open a segment."""
    body = cbor.encode(
        {
            "calibration": header.calibration,
            "names": header.names,
            "normaliser": header.normaliser,
            "rows": header.rows,
            "sections": {
                name: [place.offset, place.length, place.digest]
                for name, place in header.places.items()
            },
            "words": header.words,
        }
    )
    head = MAGIC + FORMAT.to_bytes(4, "little") + len(body).to_bytes(4, "little") + body
    head = head.ljust(HEADER - DIGEST, b"\0")
    return head + hashlib.sha256(head).digest()


def read_header(data: memoryview) -> Header:
    """Read a head and hold it to the bytes there are; raises `SegmentError`."""
    if len(data) < HEADER:
        raise SegmentError(
            f"the segment is cut: {len(data)} bytes, no whole header; {_REBUILD}"
        )
    if bytes(data[:8]) != MAGIC:
        raise SegmentError(f"the file is no screening segment: foreign first bytes; {_REBUILD}")
    version = int.from_bytes(data[8:12], "little")
    if version != FORMAT:
        raise SegmentError(
            f"the segment has format {version}, this program reads {FORMAT}; {_REBUILD}"
        )
    if hashlib.sha256(data[: HEADER - DIGEST]).digest() != bytes(
        data[HEADER - DIGEST : HEADER]
    ):
        raise SegmentError(
            f"the header of the segment is broken: its SHA-256 differs; {_REBUILD}"
        )
    length = min(int.from_bytes(data[12:16], "little"), _MOST_CBOR)
    try:
        header = _header(cbor.decode(bytes(data[_FIXED : _FIXED + length])))
    except (ComityError, KeyError, TypeError, ValueError) as error:
        raise SegmentError(f"the header of the segment cannot be read; {_REBUILD}") from error
    _check(header, len(data))
    return header


def _header(value: cbor.Value) -> Header:
    fields = _mapping(value)
    return Header(
        rows=_count(fields["rows"]),
        names=_count(fields["names"]),
        words=_count(fields["words"]),
        normaliser=str(fields["normaliser"]),
        calibration=str(fields["calibration"]),
        places={name: _place(place) for name, place in _mapping(fields["sections"]).items()},
    )


def _mapping(value: cbor.Value) -> dict[str, cbor.Value]:
    if not isinstance(value, Mapping):
        raise InvalidInputError("expected a map")
    return {str(key): each for key, each in value.items()}


def _place(value: cbor.Value) -> Place:
    if not isinstance(value, list) or len(value) != 3:  # noqa: PLR2004 - offset, length, digest
        raise InvalidInputError("expected a place")
    offset, length, digest = value
    if not isinstance(digest, bytes):
        raise InvalidInputError("expected a digest")
    return Place(_count(offset), _count(length), digest)


def _count(value: cbor.Value) -> int:
    if not isinstance(value, int) or value < 0:
        raise InvalidInputError("expected a count")
    return value


def _check(header: Header, size: int) -> None:
    """Hold every length to the counts, so that no search can read beyond a section."""
    if header.normaliser != NORMALISER:
        raise SegmentError(
            f"names in the segment were read by rules `{header.normaliser[:40]}`, this program"
            f" reads by `{NORMALISER}`; {_REBUILD}"
        )
    if set(header.places) != set(SECTIONS):
        raise SegmentError(f"the segment has other sections than format {FORMAT}; {_REBUILD}")
    for name, place in header.places.items():
        item = int(SECTIONS[name][1:])
        if place.offset % ALIGNED or place.offset < HEADER or place.length % item:
            raise SegmentError(f"section `{name}` lies in no lawful place; {_REBUILD}")
        if place.offset + place.length > size:
            raise SegmentError(f"the segment is cut in section `{name}`; {_REBUILD}")
    for name, expected in _expected(header).items():
        entries = header.places[name].length // int(SECTIONS[name][1:])
        if entries not in expected:
            raise SegmentError(
                f"section `{name}` has {entries} entries, expected {expected[0]}; {_REBUILD}"
            )


def _expected(header: Header) -> dict[str, tuple[int, ...]]:
    def entries(name: str) -> int:
        return header.places[name].length // int(SECTIONS[name][1:])

    buckets = max(entries("bucket_start") - 1, 0)
    power = 1 << max(buckets - 1, 0).bit_length()
    return {
        "word_start": (header.words + 1,),
        "word_class": (header.words,),
        "word_names": (header.words,),
        "voice_start": (header.words + 1,),
        "post_start": (header.words + 1,),
        "key_word": (entries("key_hash"),),
        "name_start": (header.names + 1,),
        "name_row": (header.names, 0),
        "name_weak": (header.names, 0),
        "year_start": (257,),
        "row_marks": (header.rows,),
        "bucket_start": (power + 1, 0) if entries("pair_name") == 0 else (power + 1,),
        "pair_mark": (entries("pair_name"),),
        "number_row": (entries("number_hash"),),
        "entity_row": (entries("entity_hash"),),
        "payload_start": (header.rows + 1, 0),
    }
