"""Tokens and full names in two scripts, from `bench/data/translit`, one split at a time.

A token pair met once only is left out: many are translations, or names of another person.
"""

import lzma
from dataclasses import dataclass
from functools import cache

from bench.quality.sources import DATA, fold, script_of
from bench.quality.splits import Split, split_of_row

TOKEN_FILES = ("arabic", "russian", "chinese", "japanese", "katakana")
NAME_FILES = ("hebrew", "korean")
LEAST = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One script form and the Latin forms met for it, with how often."""

    form: str
    latin: tuple[tuple[str, int], ...]


@cache
def rows(file: str) -> tuple[tuple[str, str, int], ...]:
    """Return Latin side, script side without spaces between its signs, and count."""
    stem = f"wd_{file}_80" if file in TOKEN_FILES else f"wd_{file}"
    text = lzma.decompress((DATA / "translit" / f"{stem}.tsv.xz").read_bytes()).decode()
    parted = (line.split("\t") for line in text.splitlines() if line)
    if file in NAME_FILES:
        return tuple((latin, form, 1) for latin, form, *_ in parted)
    return tuple((latin, form.replace(" ", ""), int(count)) for latin, form, count in parted)


@cache
def tokens(file: str, split: Split) -> tuple[Row, ...]:
    """Return the script tokens of one split, commonest first, with what they are in Latin."""
    gathered: dict[str, list[tuple[str, int]]] = {}
    for latin, form, count in rows(file):
        if count >= LEAST and _is_word(latin) and split_of_row(form) == split:
            gathered.setdefault(form, []).append((latin, count))
    made = [Row(form, _likely(found)) for form, found in gathered.items() if len(form) > 1]
    return tuple(sorted(made, key=lambda row: (-sum(n for _, n in row.latin), row.form)))


@cache
def full_names(file: str, split: Split) -> tuple[tuple[str, str], ...]:
    """Return full names, Latin and script, of one split, with as many words on either side."""
    return tuple(
        (latin, form)
        for latin, form, _ in rows(file)
        if split_of_row(form) == split
        and 1 < len(latin.split()) == len(form.split()) < 6
        and script_of(form) not in ("latin", "")
    )


@cache
def forms_of(file: str) -> dict[str, tuple[str, int]]:
    """Return for every Latin token its commonest script form and how often they were met."""
    best: dict[str, tuple[str, int]] = {}
    for latin, form, count in rows(file):
        key = fold(latin)
        if count > max(LEAST - 1, best.get(key, ("", 0))[1]):
            best[key] = (form, count)
    return best


def _is_word(latin: str) -> bool:
    bare = latin.replace("-", "").replace("'", "")
    return len(bare) > 1 and bare.isalpha()


def _likely(found: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Keep the forms that are at least a hundredth of all: rarer ones are mostly slips."""
    whole = sum(count for _, count in found)
    kept = [(latin, count) for latin, count in found if count * 100 >= whole]
    return tuple(sorted(kept, key=lambda pair: (-pair[1], pair[0])))
