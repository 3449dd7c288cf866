"""A store to follow, made of nothing: changes in a list, each under its number."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from comity.core.errors import StorageError
from comity.core.ids import EntityId
from comity.record import Stand
from comity.screening import OPEN, Held, Profile, Query

PURPOSE = "counter-terrorism"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    held: Sequence[Held]
    stand: Stand


@dataclass
class ListSource:
    """Every entity that changed, in the order of its newest change."""

    name: str = "store"
    changes: list[Held] = field(default_factory=list[Held])
    read: int = 0
    """How often it was read from."""
    fails: bool = False
    page: int = 2

    def hold(self, *held: Held) -> None:
        self.changes += held

    def newest(self) -> int:
        return len(self.changes)

    def is_ours(self, stand: Stand, /) -> bool:
        return stand.number <= len(self.changes) and stand.entry in {"", self.name}

    def after(self, number: int, /) -> Page:
        self.read += 1
        if self.fails:
            raise StorageError("the disk failed")
        page = self.changes[number : number + self.page]
        stand = Stand(number=number + len(page), size=1, entry=self.name)
        return Page(held=page, stand=stand)

    def enter_older(self) -> None:
        """Do nothing: nothing is older."""


def person(name: str, *names: str, purpose: str = OPEN) -> Held:
    profile = Profile(
        entity_id=EntityId(name),
        dataset="own-file",
        schema="Person",
        properties={"name": names},
    )
    return Held(entity_id=EntityId(name), views={purpose: profile} if names else {})


def query(name: str) -> Query:
    return Query(schema="Person", properties={"name": (name,)})
