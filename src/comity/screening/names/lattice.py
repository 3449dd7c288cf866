"""The likeliest whole readings of a word from the readings of its parts."""

from collections.abc import Iterable, Sequence

MOST = 8
"""Readings kept of one word."""
LONGEST = 40
"""Letters of one reading; what is longer is cut."""
Parts = Sequence[Sequence[str]]


def combine(parts: Parts, *, keep: int = MOST, step: float = 1.0) -> tuple[str, ...]:
    """Join one alternative of each part, likeliest first.

    Each part lists its alternatives, likeliest first; taking the second costs one `step`, the
    third two, so that few departures come before many.
    """
    best: list[tuple[float, str]] = [(0.0, "")]
    for part in parts:
        grown = [
            (cost + step * rank, made + piece)
            for cost, made in best
            for rank, piece in enumerate(part)
        ]
        best = _cheapest(grown, keep) if len(part) > 1 else grown
    return distinct(made for _, made in best)


def _cheapest(grown: list[tuple[float, str]], keep: int) -> list[tuple[float, str]]:
    seen: dict[str, float] = {}
    for cost, made in sorted(grown, key=lambda each: each[0]):
        seen.setdefault(made, cost)
        if len(seen) >= keep:
            break
    return [(cost, made) for made, cost in seen.items()]


def distinct(readings: Iterable[str], *, keep: int = MOST) -> tuple[str, ...]:
    """Return the readings that hold anything, each once, at most `keep`, cut to `LONGEST`."""
    found = dict.fromkeys(each[:LONGEST] for each in readings if each)
    return tuple(found)[:keep]
