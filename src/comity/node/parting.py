"""Several processes of one node over one PostgreSQL store: who does what, and for how long.

    web       listens; as many as wanted, on the same ports, over the same store
    worker    works; as many as wanted, each duty of the node held by one of them at a time
    all       both, alone: the rule, and the only way with a SQLite file

A duty is held by a lease, a row in the store that its holder renews. Where a process dies, its
duties are taken over once their leases have lapsed. Nothing rests on a lease alone: every step
may be repeated without harm, so two holders for a moment cost work and no message.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Final

from comity.core.clock import SECOND, Clock
from comity.core.errors import ConfigurationError
from comity.core.store import Row, Store, Transaction, eq
from comity.node.config import Config


class Role(Enum):
    """What a process does for its node."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A role, and which of several processes in it this one is."""

    role: Role
    instance: str = ""

    @property
    def name(self) -> str:
        """The process's name within its node: `web-1`; empty where it is alone."""
        return "" if self.role is Role.ALL else f"{self.role.value}-{self.instance}"


WHOLE: Final = Part(role=Role.ALL)


def read_part(role: str, instance: str) -> Part:
    """Read a role and an instance; raises `ConfigurationError`."""
    known = {each.value: each for each in Role}
    if role not in known:
        raise ConfigurationError(f"`--role` is {', '.join(known)}, got `{role[:40]}`")
    is_word = instance.isascii() and instance.isalnum() and len(instance) <= 16  # noqa: PLR2004 - a folder's name
    if not is_word:
        raise ConfigurationError("`--instance` is a word of letters and digits, such as `1`")
    return Part(role=known[role], instance=instance)


def check_part(part: Part, config: Config) -> None:
    """Refuse several processes over one file; raises `ConfigurationError`."""
    if part.role is not Role.ALL and not config.store:
        raise ConfigurationError(
            "several processes need a PostgreSQL store: set `store` in node.toml, or serve the"
            " node in one process with `--role all`"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRow(Row):
    """Which process holds a duty of the node, and until when unless it renews."""

    table: ClassVar[str] = "lease"
    key: ClassVar[tuple[str, ...]] = ("duty",)

    duty: str
    holder: str
    until: int


@dataclass(slots=True, kw_only=True)
class Leases:
    """The duties of one process."""

    store: Store
    clock: Clock
    holder: str
    life: int
    """Seconds a lease lasts unless it is renewed."""
    _held: set[str] = field(default_factory=set[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def holding(self, duty: str, step: Callable[[], bool]) -> Callable[[], bool]:
        """Return a step that runs only while this process holds the duty."""
        return lambda: self.hold(duty) and step()

    def hold(self, duty: str) -> bool:
        """Take or renew a duty's lease; return whether this process holds it."""
        now = self.clock.now()

        def unit(tx: Transaction) -> bool:
            held = tx.get(LeaseRow, duty)
            if held is not None and held.holder != self.holder and held.until > now:
                return False
            until = now + self.life * SECOND
            tx.put(LeaseRow(duty=duty, holder=self.holder, until=until))
            return True

        is_held = self.store.commit(unit).result()
        with self._lock:
            (self._held.add if is_held else self._held.discard)(duty)
        return is_held

    def renew(self) -> bool:
        """Renew what is held: a step may last longer than a lease."""
        with self._lock:
            held = sorted(self._held)
        for duty in held:
            self.hold(duty)
        return False

    def release(self) -> None:
        """Give up every duty at once, so that another process takes over without waiting."""
        self.store.commit(lambda tx: tx.delete(LeaseRow, eq("holder", self.holder))).result()
        with self._lock:
            self._held.clear()
