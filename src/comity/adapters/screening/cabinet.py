"""What a follower asks of whatever holds the indexes: in this process, or in one of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from comity.core.errors import UnreachableError
from comity.record import Stand
from comity.screening import Audiences, Found, Held, Index, Query


class BehindError(UnreachableError):
    """The indexes stand behind what was asked of them: they ended, or were begun anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """How far the indexes stand; `life` changes whenever they were opened again."""

    life: int
    stand: Stand


class Cabinet(Protocol):
    """The indexes of a node, with how far they have followed its store."""

    @property
    def is_open(self) -> bool:
        """Whether something would have to be opened first."""
        ...

    def open(self) -> Opened:
        """Open the indexes, where they are not; raises `UnreachableError`."""
        ...

    def take(self, held: Sequence[Held], stand: Stand, /) -> None:
        """Let entities be found as they are held now, and stand where `stand` says."""
        ...

    def clear(self) -> None:
        """Forget everything, and stand at the beginning."""
        ...

    def search(
        self,
        queries: Sequence[Query],
        /,
        *,
        purpose: str,
        limit: int,
        least: int,
        is_batch: bool,
    ) -> tuple[Found, ...]:
        """Answer questions; raises `BehindError` where the indexes stand before `least`."""
        ...

    def merge(self, at: int, /) -> None:
        """Write anew whatever still holds what was forgotten; `at` is noted as the time."""
        ...

    def close(self) -> None:
        """Give free what is held."""
        ...


class MemoryCabinet:
    """Indexes held in this process's memory, gone with it."""

    def __init__(self, make: Callable[[str], Index]) -> None:
        """Begin empty; `make` makes the index of an audience."""
        self._make = make
        self._audiences = Audiences(make)
        self._stand = Stand()

    def __len__(self) -> int:
        """Return how many views can be found."""
        return len(self._audiences)

    @property
    def is_open(self) -> bool:
        """Whether something would have to be opened first: never."""
        return True

    def open(self) -> Opened:
        """Say how far the indexes stand."""
        return Opened(life=1, stand=self._stand)

    def take(self, held: Sequence[Held], stand: Stand, /) -> None:
        """Let entities be found as they are held now."""
        self._audiences.take(held)
        self._stand = stand

    def clear(self) -> None:
        """Forget everything."""
        self._audiences, self._stand = Audiences(self._make), Stand()

    def search(
        self,
        queries: Sequence[Query],
        /,
        *,
        purpose: str,
        limit: int,
        least: int,
        is_batch: bool,
    ) -> tuple[Found, ...]:
        """Answer questions."""
        del is_batch
        if self._stand.number < least:
            raise BehindError("screening stands behind what is held")
        return tuple(
            self._audiences.search(query, purpose=purpose, limit=limit) for query in queries
        )

    def merge(self, at: int, /) -> None:
        """Do nothing: what is forgotten is gone from memory."""

    def settle(self) -> bool:
        """Say that a silence is of no use here."""
        return False

    def close(self) -> None:
        """Do nothing: there is nothing to release."""
