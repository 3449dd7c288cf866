"""Everyone and everything of one split: no person or entity stands in two.

Entries of both lists that share a strong name of two words are kept together, whether or not
they are one person, so that no name is learned on one side and asked on the other.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bench.quality.sources import Held, key_of, ofac, synthetic, united_nations
from bench.quality.splits import SPLITS, Split, split_of


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The entries of one split, in a stable order, and the group of each by its key."""

    split: Split
    people: tuple[Held, ...]
    companies: tuple[Held, ...]
    vessels: tuple[Held, ...]
    synthetic: tuple[Held, ...]
    """Synthetic people with Latin names."""
    foreign: tuple[Held, ...]
    """Synthetic people with names in another script."""
    group: dict[str, str]


@cache
def pool(split: Split) -> Pool:
    """Return the entries of one split."""
    return _pools()[split]


@cache
def groups() -> dict[str, str]:
    """Return for the key of every list entry the key that stands for its group."""
    parent: dict[str, str] = {}
    bearer: dict[str, str] = {}
    for each in (*ofac(), *united_nations()):
        parent[each.key] = each.key
        for name in (*each.strong, *each.original):
            words = key_of(name)
            if " " in words or each.schema != "Person":
                _join(parent, each.key, bearer.setdefault(words, each.key))
    return {key: _root(parent, key) for key in parent}


@cache
def _pools() -> dict[Split, Pool]:
    return {split: _pool(split) for split in SPLITS}


def _pool(split: Split) -> Pool:
    known = groups()
    listed = [
        each for each in (*ofac(), *united_nations()) if split_of(known[each.key]) == split
    ]
    made = [each for each in synthetic() if split_of(key_of(_any_name(each))) == split]
    return Pool(
        split=split,
        people=_of(listed, "Person"),
        companies=_of(listed, "Organization"),
        vessels=(*_of(listed, "Vessel"), *_of(listed, "Airplane")),
        synthetic=_ordered(each for each in made if each.strong),
        foreign=_ordered(each for each in made if not each.strong),
        group=known | {each.key: key_of(_any_name(each)) for each in made},
    )


def _of(listed: Iterable[Held], schema: str) -> tuple[Held, ...]:
    return _ordered(each for each in listed if each.schema == schema and each.strong)


def _ordered(entries: Iterable[Held]) -> tuple[Held, ...]:
    """Order by hash, so that any beginning is a fair sample."""
    return tuple(sorted(entries, key=lambda each: _place(each.key)))


def _place(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=8).digest()


def _any_name(each: Held) -> str:
    return (*each.strong, *each.original, *each.weak)[0]


def _join(parent: dict[str, str], one: str, other: str) -> None:
    roots = sorted((_root(parent, one), _root(parent, other)))
    parent[roots[1]] = roots[0]


def _root(parent: dict[str, str], key: str) -> str:
    while parent[key] != key:
        key = parent[key]
    return key
