"""Keyed hashes of short texts, one on every machine: places in tables, not cryptography."""

import numpy as np

from comity.screening.index.compiled import Bytes, Ints, Longs, compiled, int64

SEED = 0x436F6D6974793031
"""Part of the format: another seed is another format version."""
_OFFSET = np.uint64(0xCBF29CE484222325 ^ SEED)
_PRIME = np.uint64(0x100000001B3)
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_LOW = np.uint64(33)
_SKELETON = np.uint64(35)
_CLASS_1 = np.uint64(0x9E3779B97F4A7C15)
_CLASS_2 = np.uint64(0xD6E8FEB86659FD93)


@compiled
def hash_text(text: Bytes, start: int, end: int, without: int) -> np.uint64:
    """Hash a text, leaving out the letter at `without`: FNV-1a, then murmur's finish."""
    found = _OFFSET
    for place in range(start, end):
        if place != without:
            found = (found ^ np.uint64(text[place])) * _PRIME
    return _finish(found)


@compiled
def hash_skeleton(text: Bytes, start: int, end: int) -> np.uint64:
    """Hash a skeleton, so that it is no word."""
    found = (_OFFSET ^ _SKELETON) * _PRIME
    for place in range(start, end):
        found = (found ^ np.uint64(text[place])) * _PRIME
    return _finish(found)


@compiled
def hash_all(text: Bytes, starts: Ints, found: Longs) -> None:
    """Hash many texts that lie one behind the other."""
    for place in range(len(starts) - 1):
        found[place] = hash_text(text, starts[place], starts[place + 1], -1)


@compiled
def bucket_of(lower: int, higher: int, shift: int) -> int:
    """Return the bucket of two classes, the lower first."""
    mixed = np.uint64(lower) * _CLASS_1 + np.uint64(higher) * _CLASS_2
    return int64(_finish(mixed) >> np.uint64(shift))


@compiled
def mark_of(word: int) -> int:
    """Return a word's byte in a signature, from 1 to 254: 0 is no word, 255 is several."""
    return 1 + ((word * 40503) >> 4) % 254


@compiled
def _finish(found: np.uint64) -> np.uint64:
    found = (found ^ (found >> _LOW)) * _MIX_1
    found = (found ^ (found >> _LOW)) * _MIX_2
    return found ^ (found >> _LOW)
