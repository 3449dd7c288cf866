"""Fill the large arrays of a segment, compiled: lists, lone words and pairs in buckets."""

import numpy as np

from comity.screening.index.compiled import Bytes, Ints, Longs, Words, compiled, int64
from comity.screening.index.hashing import bucket_of, hash_skeleton, hash_text, mark_of
from comity.screening.index.pairs import SEVERAL
from comity.screening.index.rules import DELETIONS_FROM

PAIRED = 10
"""Words of a held name that are paired: its rarest."""


@compiled
def count_bearers(name_start: Words, name_word: Words, names: Words) -> None:
    """Count for each word how many names bear it."""
    for name in range(len(name_start) - 1):
        first, last = int64(name_start[name]), int64(name_start[name + 1])
        for place in range(first, last):
            if not _is_before(name_word, first, place):
                names[name_word[place]] += 1


@compiled
def fill_lists(
    name_start: Words, name_word: Words, post_start: Words, post_name: Words
) -> None:
    """Write who bears each word that has a list; `post_start` holds the sums."""
    at = post_start[:-1].astype(np.int64)
    for name in range(len(name_start) - 1):
        first, last = int64(name_start[name]), int64(name_start[name + 1])
        for place in range(first, last):
            word = int64(name_word[place])
            is_listed = post_start[word + 1] > post_start[word]
            if is_listed and not _is_before(name_word, first, place):
                post_name[at[word]] = name
                at[word] += 1


@compiled
def fill_lone(name_start: Words, name_word: Words, post_start: Words, lone: Longs) -> int:
    """Write names of one word that has no list; return how many there are."""
    found = 0
    for name in range(len(name_start) - 1):
        first = int64(name_start[name])
        if int64(name_start[name + 1]) - first == 1:
            word = int64(name_word[first])
            if post_start[word + 1] == post_start[word]:
                if len(lone) > 0:
                    lone[found] = (np.uint64(word) << np.uint64(32)) | np.uint64(name)
                found += 1
    return found


@compiled
def count_pairs(
    name_start: Words, name_word: Words, word_class: Words, bucket_start: Words, part: Ints
) -> None:
    """Count the postings of each bucket of a part, one place further on, for the sums."""
    low, high, shift = part[0], part[1], part[2]
    own = np.zeros(PAIRED, np.int64)
    for name in range(len(name_start) - 1):
        size = _own(name_start, name_word, name, own)
        for one in range(size):
            for other in range(one + 1, size):
                kin = int64(word_class[own[one]])
                bucket = _bucket(kin, int64(word_class[own[other]]), shift)
                if low <= bucket < high:
                    bucket_start[bucket + 1] += 1


@compiled
def fill_pairs(
    names: tuple[Words, Words, Words],
    bucket_start: Words,
    pair_name: Words,
    pair_mark: Words,
    part: Ints,
) -> None:
    """Write the postings of a part's buckets in the order of names.

    Moves the starts of those buckets to their ends: `settle` moves them back.
    """
    name_start, name_word, word_class = names
    low, high, shift = part[0], part[1], part[2]
    own = np.zeros(PAIRED, np.int64)
    for name in range(len(name_start) - 1):
        size = _own(name_start, name_word, name, own)
        for one in range(size):
            for other in range(one + 1, size):
                kin = int64(word_class[own[one]])
                bucket = _bucket(kin, int64(word_class[own[other]]), shift)
                if low <= bucket < high:
                    at = bucket_start[bucket]
                    pair_name[at] = name
                    pair_mark[at] = _mark(own, size, one, other, word_class)
                    bucket_start[bucket] = at + 1


@compiled
def settle(bucket_start: Words) -> None:
    """Move every end back to where its bucket starts."""
    for bucket in range(len(bucket_start) - 1, 0, -1):
        bucket_start[bucket] = bucket_start[bucket - 1]
    bucket_start[0] = 0


@compiled
def word_keys(texts: tuple[Bytes, Ints, Bytes, Ints], key_hash: Longs, key_word: Words) -> int:
    """Write every key of every word: itself, its skeleton, one letter less; return how many."""
    text, start, bones, bones_start = texts
    at = 0
    for word in range(len(start) - 1):
        first, last = start[word], start[word + 1]
        key_hash[at] = hash_text(text, first, last, -1)
        key_hash[at + 1] = hash_skeleton(bones, bones_start[word], bones_start[word + 1])
        end = at + 2
        if last - first >= DELETIONS_FROM:
            for place in range(first, last):
                if place == first or text[place] != text[place - 1]:
                    key_hash[end] = hash_text(text, first, last, place)
                    end += 1
        key_word[at:end] = word
        at = end
    return at


@compiled
def _is_before(name_word: Words, first: int, place: int) -> bool:
    for other in range(first, place):
        if name_word[other] == name_word[place]:
            return True
    return False


@compiled
def _own(name_start: Words, name_word: Words, name: int, own: Ints) -> int:
    """Gather the different words of a name, the rarest first; high numbers are rare words."""
    first, last, size = int64(name_start[name]), int64(name_start[name + 1]), 0
    for place in range(first, last):
        if _is_before(name_word, first, place):
            continue
        word, spot = int64(name_word[place]), min(size, PAIRED - 1)
        if size == PAIRED and own[spot] >= word:
            continue
        while spot > 0 and own[spot - 1] < word:
            own[spot] = own[spot - 1]
            spot -= 1
        own[spot] = word
        size = min(size + 1, PAIRED)
    return size


@compiled
def _bucket(kin: int, other: int, shift: int) -> int:
    return bucket_of(min(kin, other), max(kin, other), shift)


@compiled
def _mark(own: Ints, size: int, one: int, other: int, word_class: Words) -> int:
    """Return a signature: the pair's words in the order of their classes, third, fourth."""
    lower, higher = own[one], own[other]
    if word_class[lower] > word_class[higher]:
        lower, higher = higher, lower
    mark, shift = mark_of(lower) | mark_of(higher) << 8, 16
    if size > 4:  # noqa: PLR2004 - two more words have a byte each
        return mark | SEVERAL << 16 | SEVERAL << 24
    for place in range(size):
        if place != one and place != other:  # noqa: PLR1714 - a set is slow compiled
            mark |= mark_of(own[place]) << shift
            shift += 8
    return mark
