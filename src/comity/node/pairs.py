"""Labelled pairs compared in bulk: a file of them in, a file of answers out, no node."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from comity.adapters.engines import ProcessPool
from comity.adapters.lines import STREAM, lines_of, reading, writing
from comity.core import limits
from comity.core.errors import InvalidInputError, StateError
from comity.screening.pairs import compare_slice, slices


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How many pairs were answered so far, and how many of the lines were no pairs."""

    pairs: int
    bad: int


def compare_pairs(
    pairs: str, out: str, *, workers: int, told: Callable[[Compared], None]
) -> Compared:
    """Answer each pair of one file into another, in order; `-` is a standard stream.

    Raises `InvalidInputError` on a file that cannot be read or written, or is both,
    `StateError` where a person stops it.
    """
    if STREAM not in (pairs, out) and _is_same(Path(pairs), Path(out)):
        raise InvalidInputError("`--out` names the file that is read: name another")
    done = Compared(pairs=0, bad=0)
    with reading(pairs) as source, writing(out) as target:
        shards = slices(lines_of(source, limit=limits.BODY))
        try:
            for each in ProcessPool(workers).map_shards(compare_slice, shards):
                target.write(each.lines)
                done = Compared(pairs=done.pairs + each.pairs, bad=done.bad + each.bad)
                told(done)
        except KeyboardInterrupt:
            raise StateError(f"stopped after {done.pairs} pairs: no file is left") from None
    return done


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
