"""Hold the arrays of a segment to their structure: starts ascend, numbers are in range."""

from collections.abc import Mapping

import numpy as np

from comity.screening.index.layout import SegmentError
from comity.screening.index.vocabulary import Section

_STARTS = {
    "word_start": "word_text",
    "voice_start": "voice_word",
    "name_start": "name_word",
    "post_start": "post_name",
    "bucket_start": "pair_name",
}
_NUMBERS = {
    "key_word": "word_class",
    "voice_word": "word_class",
    "name_word": "word_class",
    "post_name": "name_start",
    "pair_name": "name_start",
    "name_row": "row_marks",
}
_SORTED = ("key_hash", "lone", "year_start")


def check_structure(sections: Mapping[str, Section]) -> None:
    """Raise `SegmentError` where an array could not have been built."""
    for name, target in _STARTS.items():
        starts = sections[name]
        if len(starts) and (not _ascends(starts) or int(starts[-1]) != len(sections[target])):
            _broken(name)
    for name, target in _NUMBERS.items():
        numbers = sections[name]
        limit = len(sections[target]) - (target == "name_start")
        if len(numbers) and int(numbers.max()) >= limit:
            _broken(name)
    for name in _SORTED:
        if not _ascends(sections[name]):
            _broken(name)


def _ascends(numbers: Section) -> bool:
    return bool(np.all(numbers[1:] >= numbers[:-1]))


def _broken(name: str) -> None:
    raise SegmentError(
        f"section `{name}` of the segment points out of range: rebuild the index from the store"
    )
