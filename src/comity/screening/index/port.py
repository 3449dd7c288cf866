"""The face every engine keeps, and what a shelf asks of each of its parts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from comity.core.ids import EntityId
from comity.screening.index.asked import Asked
from comity.screening.model import Found, Profile, Query


class Index(Protocol):
    """Finds candidates among the entities it was given."""

    def search(self, query: Query, /, *, limit: int = 10) -> Found:
        """Return the likeliest candidates, at most `limit`, with what must be said of them."""
        ...

    def add(self, profiles: Iterable[Profile], /) -> None:
        """Take in entities, replacing those with the same id."""
        ...

    def forget(self, entities: Iterable[EntityId], /) -> None:
        """Drop entities at once; they cannot be found from here on."""
        ...

    def __len__(self) -> int:
        """Return how many entities can be found."""
        ...


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What one part has for a question: its rows by cheap score, best first."""

    rows: tuple[tuple[float, int], ...]
    """Score and row; 1 is the whole name, letter by letter. It ranks and prunes, no more."""
    too_common: bool = False
    """A limit was reached, or as many others fit as well as those that are returned."""


class Segment(Protocol):
    """An immutable part of a shelf: entities by row."""

    @property
    def rows(self) -> int:
        """How many entities it holds."""
        ...

    def retrieve(self, asked: Asked, graves: bytearray, /, *, keep: int) -> Retrieved:
        """Return the `keep` likeliest rows whose bit in `graves` is not set."""
        ...

    def profile(self, row: int, /) -> Profile:
        """Read one entity."""
        ...

    def row_of(self, entity: EntityId, /) -> int | None:
        """Return the row of an entity, if it is here."""
        ...
