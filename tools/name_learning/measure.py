"""How often the true Latin form is among the readings, on pairs that were held out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.name_learning.corpora import Pair

from comity.screening.names.skeleton import skeleton


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Shares of held-out pairs, each from 0 to 1."""

    rows: int
    first: float
    """The first reading is the Latin form."""
    any: float
    """One of the (at most eight) readings is."""
    first_skeleton: float
    """The first reading has its skeleton."""
    any_skeleton: float


def recall(pairs: Sequence[Pair], read: Callable[[str], Sequence[str]]) -> Recall:
    """Measure a reader; each pair counts once, however often it was met."""
    hits = [0, 0, 0, 0]
    for pair in pairs:
        readings = list(read(pair.source)) or [""]
        kept, wanted = [skeleton(each) for each in readings], skeleton(pair.latin)
        hits[0] += readings[0] == pair.latin
        hits[1] += pair.latin in readings
        hits[2] += kept[0] == wanted
        hits[3] += wanted in kept
    count = max(1, len(pairs))
    return Recall(
        rows=len(pairs),
        first=hits[0] / count,
        any=hits[1] / count,
        first_skeleton=hits[2] / count,
        any_skeleton=hits[3] / count,
    )
