"""How much a word of a name distinguishes: rare words far more than common ones."""

from functools import cache
from math import log

from comity.screening.names.data import head, rows

_FILE = "frequency.tsv.gz"
_STEPS = 2


def rarity(text: str) -> float:
    """Return ln(N / count) + 1 over the shipped counts; the maximum for a word never met."""
    return _rarities().get(text) or rarest()


@cache
def rarest() -> float:
    """Return the rarity of a word never met."""
    return log(_total()) + 1


@cache
def _total() -> int:
    return int(head(_FILE)["total"])


@cache
def _rarities() -> dict[str, float]:
    total = _total()
    return {
        token: log(total / 2 ** (int(step) / _STEPS)) + 1
        for step, tokens in rows(_FILE)
        for token in tokens.split(" ")
    }
