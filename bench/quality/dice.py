"""Chance that falls the same way on every machine and every day: a stream of bytes by hash."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Dice:
    """Draws from a seed in words; the same words give the same draws."""

    def __init__(self, *seed: str) -> None:
        """Begin a stream of its own for these words."""
        self._key = hashlib.blake2b("\x1f".join(seed).encode(), digest_size=32).digest()
        self._drawn = 0

    def below(self, count: int) -> int:
        """Draw a whole number from 0 to `count` - 1."""
        self._drawn += 1
        told = hashlib.blake2b(self._drawn.to_bytes(8), key=self._key, digest_size=8)
        return int.from_bytes(told.digest()) % count

    def chance(self, share: float) -> bool:
        """Draw true in `share` (0 to 1) of all draws."""
        return self.below(1_000_000) < share * 1_000_000

    def pick(self, choices: Sequence[_T]) -> _T:
        """Draw one of the choices, each equally likely."""
        return choices[self.below(len(choices))]

    def weighted(self, choices: Sequence[tuple[_T, int]]) -> _T:
        """Draw one of the choices by their weights."""
        place = self.below(sum(weight for _, weight in choices))
        for choice, weight in choices:
            place -= weight
            if place < 0:
                return choice
        return choices[-1][0]

    def shuffled(self, things: Sequence[_T]) -> list[_T]:
        """Return the things in a drawn order."""
        return sorted(things, key=lambda _: self.below(1 << 62))
