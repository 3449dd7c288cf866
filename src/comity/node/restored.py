"""A restored node: whom it has asked what they sent since, and whether it may serve a reader.

    restored.json    stands in the folder from the restore until the node is whole

INVARIANT: while it stands no page, API or command of people is served. Receiving goes on.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from comity.adapters.files import write_private
from comity.adapters.system import SystemClock
from comity.core.clock import Instant, iso
from comity.core.errors import ConfigurationError, NotFoundError

FILE = "restored.json"


class Accepted(Struct, frozen=True, kw_only=True):
    """A partner whose answer a named person did not wait for."""

    node: str
    person: str
    why: str
    at: Instant


class Restored(Struct, frozen=True, kw_only=True):
    """One restore, from the moment the folder stands."""

    name: str
    """The random name of the backup, in hex; partners are asked under it."""
    backed_up: Instant
    restored: Instant
    size: int
    """Entries the ledger held in the backup: what came later is asked for anew."""
    epoch: int
    applied: int
    """How many rows the erasure list took away, ended or blocked again."""
    had_list: bool
    """Without the list no record opens: the keys of the week were lost with it."""
    answered: tuple[str, ...] = ()
    """Nodes that have sent everything again."""
    accepted: tuple[Accepted, ...] = ()
    is_told: bool = False
    """Whether every partner has: people may be served."""
    is_compared: bool = False
    """Whether every witness has said that it knows no later state of this ledger."""

    def words(self, nodes: tuple[str, ...]) -> str:
        """Say in words what this node waits for."""
        names = ", ".join(missing(self, nodes)) or "its partners and witnesses"
        return (
            f"This node was restored on {iso(self.restored)} from a backup of"
            f" {iso(self.backed_up)}. It shows nothing before its partners have said what they"
            f" recalled or corrected since. It waits for: {names}."
        )


def missing(restored: Restored, nodes: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of these nodes nobody has heard or done without."""
    done = {*restored.answered, *(each.node for each in restored.accepted)}
    return tuple(node for node in nodes if node not in done)


def write_restored(folder: Path, restored: Restored) -> None:
    """Write it down, privately."""
    write_private(folder / FILE, msgspec.json.encode(restored) + b"\n")


def read_restored(folder: Path) -> Restored | None:
    """Return what a restored node still waits for; `None` for any other node."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Restored)
    except msgspec.DecodeError:
        raise ConfigurationError(f"`{path}` is damaged: restore the backup anew") from None


def is_whole(folder: Path) -> bool:
    """Whether this node may serve its people."""
    restored = read_restored(folder)
    return restored is None or restored.is_told


def expect_whole(folder: Path) -> None:
    """Raise `ConfigurationError` while a restored node is not whole."""
    restored = read_restored(folder)
    if restored is not None and not restored.is_told:
        raise ConfigurationError(restored.words(()))


def heard(folder: Path, node: str) -> None:
    """Write down that a partner has sent everything again."""
    restored = read_restored(folder)
    if restored is not None and node not in restored.answered:
        write_restored(folder, _with(restored, answered=(*restored.answered, node)))


def told(folder: Path) -> None:
    """Write down that every partner has answered: people are served from now on."""
    restored = read_restored(folder)
    if restored is not None:
        write_restored(folder, _with(restored, is_told=True))


def compared(folder: Path) -> None:
    """Write down that every witness was asked and knows no later state."""
    restored = read_restored(folder)
    if restored is not None:
        write_restored(folder, _with(restored, is_compared=True))


def accept(
    folder: Path, node: str, *, person: str, why: str, at: Instant | None = None
) -> Restored:
    """Let a named person do without a partner; raises `NotFoundError` where none is due.

    The partner's recalls since the backup stay unknown here until it is heard.
    """
    restored = read_restored(folder)
    if restored is None:
        raise NotFoundError("this node was not restored, or is whole already")
    at = SystemClock().now() if at is None else at
    said = Accepted(node=node, person=person, why=why, at=at)
    changed = _with(restored, accepted=(*restored.accepted, said))
    write_restored(folder, changed)
    return changed


def finish(folder: Path) -> None:
    """Say that the node is whole."""
    (folder / FILE).unlink(missing_ok=True)


def _with(restored: Restored, **changes: object) -> Restored:
    return msgspec.structs.replace(restored, **changes)
