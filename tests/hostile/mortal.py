"""A store whose node can die at any commit, and whose state can be kept and put back."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from comity.adapters.memory import MemoryStore
from comity.adapters.shape import Key, LedgerReader
from comity.core.ids import NodeId
from comity.core.store import Reader, Row, T, Transaction
from comity.ledger import Frontier
from comity.node.failpoints import unit_name

MOMENTS = ("before", "in", "after")


class NodeDiedError(BaseException):
    """Ends everything a node was doing, as `kill -9` does; no handler of the node sees it."""

    def __init__(self, node: NodeId) -> None:
        super().__init__(node)
        self.node = node


class _WithinError(Exception):
    """Rolls a unit back, as a node that dies within it does."""


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a store held at one moment."""

    tables: dict[str, dict[Key, Row]]
    leaves: list[bytes]
    nodes: dict[tuple[int, int], bytes]


@dataclass(slots=True)
class Mortal:
    """A memory store; `arm` says at which commit its node dies."""

    node: NodeId
    inner: MemoryStore = field(default_factory=MemoryStore)
    deaths: Counter[str] = field(default_factory=Counter[str])
    """Where the node died, and how often."""
    _place: str = ""

    def arm(self, place: str) -> None:
        """Let the node die at the next `MOMENT_UNIT`, `in_inbound.file`; empty disarms."""
        self._place = place

    def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]":
        """Run a unit as the memory store does, unless the node dies of it."""
        name = unit_name(unit)
        self._reach(f"before_{name}")

        def within(tx: Transaction) -> T:
            made = unit(tx)
            if self._place == f"in_{name}":
                raise _WithinError
            return made

        future = self.inner.commit(within)
        if isinstance(future.exception(), _WithinError):
            self._reach(f"in_{name}")
        self._reach(f"after_{name}")
        return future

    def read(self, query: Callable[[LedgerReader], T], /) -> T:
        """Read as the memory store does."""
        return self.inner.read(query)

    def rows(self, kind: type[Row]) -> list[Row]:
        """Return every row of a table, in the order written."""
        return list(self.inner._state.rows(kind).values())

    def everything(self) -> list[Row]:
        """Return every row of every table."""
        return [row for rows in self.inner._state.tables.values() for row in rows.values()]

    def keep(self) -> Kept:
        """Copy the whole state, as a backup does."""
        state = self.inner._state
        tables = {name: dict(rows) for name, rows in state.tables.items()}
        return Kept(tables, list(state.leaves), dict(state.nodes))

    def put_back(self, kept: Kept) -> None:
        """Restore a state that was kept."""
        state = self.inner._state
        state.tables = {name: dict(rows) for name, rows in kept.tables.items()}
        state.leaves, state.nodes = list(kept.leaves), dict(kept.nodes)
        state.frontier = Frontier.load(len(kept.leaves), _of(kept))

    def _reach(self, place: str) -> None:
        if self._place == place:
            self._place = ""
            self.deaths[place] += 1
            raise NodeDiedError(self.node)


def _of(kept: Kept) -> Callable[[int, int], bytes]:
    return lambda level, index: kept.nodes[level, index]


def all_of(reader: Reader, kind: type[Row]) -> list[Row]:
    """Return every row of a table through the port."""
    return list(reader.find(kind))
