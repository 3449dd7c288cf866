"""The pairs that are learned from, brought to one form.

Rows of the split `held-out` of `bench.quality` are never among them: the figures on quality
are measured on those.
"""

import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from math import log
from pathlib import Path

from bench.quality.splits import split_of_row
from rapidfuzz.distance import Indel

from comity.screening.names.alphabets import script_of
from comity.screening.names.fold import fold
from comity.screening.names.learned import sight
from comity.screening.names.letters import ruled

DATA = Path(__file__).parents[2] / "bench" / "data"
_OWN = 6
HELD_OUT = 10
"""One Latin token of so many is held out, by its hash."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One word in Latin letters and in another script, and how often it was met."""

    latin: str
    source: str
    count: int


@dataclass(frozen=True, slots=True)
class Corpus:
    """What one model is learned from."""

    name: str
    files: tuple[str, ...]
    script: str
    widest: int
    """Most letters of the script in one piece."""
    longest: int
    """Most Latin letters in one piece."""
    minimum: int = 2
    """Fewest letters of the script in a word that is learned from."""
    own: str = ""
    """Letters that mark a name as one of the language itself: such names weigh more."""

    def weight(self, pair: "Pair") -> float:
        """Return what a pair counts: more where it was met often, and for own names."""
        own = _OWN if any(letter in pair.source for letter in self.own) else 1
        return own * (1 + log(pair.count))


CORPORA = (
    Corpus("arabic", ("wd_arabic_80",), "arabic", 2, 3, own="حعصضطظذقثء"),
    Corpus("hebrew", ("wd_hebrew",), "hebrew", 2, 3),
    Corpus("cyrillic", ("wd_russian_80",), "cyrillic", 2, 4),
    Corpus("kana", ("wd_katakana_80", "wd_japanese_80"), "kana", 2, 4),
    Corpus("hangul", ("wd_korean",), "hangul", 2, 3),
    Corpus("han", ("wd_chinese_80",), "han", 1, 5, 3),
    Corpus("kanji", ("jp_names",), "han", 1, 7, 1),
)


def is_held_out(latin: str) -> bool:
    """Say whether pairs of this Latin token are kept for measuring."""
    return sha256(latin.encode()).digest()[0] % HELD_OUT == 0


def pairs(corpus: Corpus) -> list[Pair]:
    """Return the pairs of a corpus, each once, in a fixed order."""
    counts: dict[tuple[str, str], int] = {}
    for file in corpus.files:
        seen: dict[tuple[str, str], int] = {}
        for latin, source, count in _rows(file):
            key = plain(latin), prepared(source, corpus.script)
            if key[0] and len(key[1]) >= corpus.minimum and len(key[0]) > 1:
                seen[key] = seen.get(key, 0) + count
        for key, count in seen.items():  # the two files of kana share rows
            counts[key] = max(count, counts.get(key, 0))
    return [Pair(*key, count) for key, count in sorted(counts.items())]


def _rows(file: str) -> Iterator[tuple[str, str, int]]:
    text = lzma.decompress((DATA / "translit" / f"{file}.tsv.xz").read_bytes()).decode()
    for line in text.removesuffix("\n").split("\n"):
        latin, source, *count = line.split("\t")
        if split_of_row(source) == "held-out":  # kept for the figures of `bench.quality`
            continue
        if count:
            yield latin, source.replace(" ", ""), int(count[0])
        else:
            for one, other in _aligned(latin.split(), source.split()):
                yield one, other, 1


def _aligned(latin: list[str], source: list[str]) -> Iterable[tuple[str, str]]:
    """Put the words of a full name beside each other, in either order of family and given."""
    if len(latin) != len(source):
        return ()
    orders = [latin, latin[::-1], latin[1:] + latin[:1], latin[-1:] + latin[:-1]]
    best = max(orders, key=lambda order: sum(map(_alike, order, source)))
    return [pair for pair in zip(best, source, strict=True) if _alike(*pair) > _LEAST]


_LEAST = 0.3


@cache
def _alike(latin: str, source: str) -> float:
    script = next(filter(None, map(script_of, source)), "")
    readings = ruled(fold(source)[0].replace(" ", ""), script)
    return Indel.normalized_similarity(plain(latin), readings[0]) if readings else 0.0


@cache
def plain(latin: str) -> str:
    """Return a Latin token in plain letters, without its dots and hyphens."""
    folded = fold(latin)[0].replace(" ", "")
    readings = ruled(folded, "latin")
    return readings[0] if readings and readings[0].isalpha() else ""


def prepared(source: str, script: str) -> str:
    """Return a word as the model of its script sees it; empty where it is of another."""
    folded = fold(source)[0].replace(" ", "")
    if not folded or any(script_of(char) != script for char in folded):
        return ""
    return sight(folded, script)
