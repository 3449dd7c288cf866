"""The words of a segment as arrays: texts, classes, keys, and what is read as what."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from comity.screening.index.compiled import Bytes, Ints, Longs, Words
from comity.screening.index.fill import word_keys
from comity.screening.names import skeleton

Section: TypeAlias = Bytes | Words | Longs


def vocabulary(
    words: Sequence[str], readings: Mapping[str, Iterable[str]]
) -> dict[str, Section]:
    """Lay out words, numbered as they come; `readings` are of words among them."""
    bones = [skeleton(word) for word in words]
    classes = {each: place for place, each in enumerate(sorted(set(bones)))}
    text, starts = texts(words)
    bone_text, bone_starts = texts(bones)
    room = int(np.maximum(np.diff(starts), 1).sum()) + 2 * len(words)
    key_hash, key_word = np.zeros(room, np.uint64), np.zeros(room, np.uint32)
    count = word_keys((text, starts, bone_text, bone_starts), key_hash, key_word)
    # Stable: of one key the commoner word comes first, and is followed where they are many.
    order = np.argsort(key_hash[:count], kind="stable")
    voice_start, voice_word = _voices(words, readings)
    return {
        "word_text": text,
        "word_start": starts.astype(np.uint32),
        "word_class": np.array([classes[each] for each in bones], np.uint32),
        "key_hash": key_hash[:count][order],
        "key_word": key_word[:count][order],
        "voice_start": voice_start,
        "voice_word": voice_word,
    }


def texts(words: Sequence[str]) -> tuple[Bytes, Ints]:
    """Lay texts one behind the other, with where each starts, and the last ends."""
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    starts = to_starts(np.fromiter(map(len, encoded), np.int64, len(encoded)))
    return np.frombuffer(b"".join(encoded), np.uint8), starts


def to_starts(sizes: npt.NDArray[np.int64]) -> Ints:
    """Return where each of some neighbours starts, and the last ends."""
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts


def _voices(words: Sequence[str], readings: Mapping[str, Iterable[str]]) -> tuple[Words, Words]:
    """Return for each reading the words that are read so."""
    number = {word: place for place, word in enumerate(words)}
    voices = sorted(
        (number[reading], number[word])
        for word, others in readings.items()
        for reading in others
        if reading != word
    )
    sizes = np.zeros(len(words), np.int64)
    for reading, _word in voices:
        sizes[reading] += 1
    found = np.array([word for _reading, word in voices], np.uint32)
    return to_starts(sizes).astype(np.uint32), found
