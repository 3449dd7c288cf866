"""Systems that are given scores, where an agreement says that a person judges each candidate.

A legal adviser or rights officer states the agreement; a supervisor makes the key. Whoever ends
the agreement ends every key made under it, at once.
"""

import re
from dataclasses import replace

from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.store import Transaction
from comity.desk.actor import DECIDERS, READERS, Actor
from comity.exchange import Station
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType
from comity.trust import SystemRow

STATERS = frozenset({"legal", "rights"})
"""Seats that state what was agreed about a system."""
LONGEST = 366
"""Days after which an agreement is stated anew."""
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


class Systems:
    """Agreements about systems, each an entry of the ledger."""

    def __init__(self, station: Station) -> None:
        """Keep them at one node."""
        self._station = station

    def agree(self, actor: Actor, system: str, *, agreement: str, days: int) -> None:
        """State that in a system a person judges each candidate, and where that is agreed.

        Raises `AuthorisationError`, `InvalidInputError`.
        """
        actor.seat(STATERS)
        text = agreement.strip()
        if not _NAME.fullmatch(system):
            raise InvalidInputError("a system is named like `border-1`: a-z, digits, `.`, `-`")
        if not text or len(text) > 200 or not 0 < days <= LONGEST:  # noqa: PLR2004 - a reference
            raise InvalidInputError(
                f"an agreement has a reference of 1 to 200 characters and 1 to {LONGEST} days"
            )
        at = self._station.clock.now()
        row = SystemRow(
            system=system,
            agreement=text,
            person=actor.person,
            since=at,
            until=Instant(at + days * DAY),
        )
        self._station.store.commit(lambda tx: self._put(tx, actor, row, at=at)).result()

    def end(self, actor: Actor, system: str) -> None:
        """End an agreement, and with it every key of the system; raises `NotFoundError`."""
        actor.seat(DECIDERS)
        at = self._station.clock.now()

        def unit(tx: Transaction) -> None:
            row = tx.get(SystemRow, system)
            if row is None or row.ended_at is not None:
                raise NotFoundError("no agreement stands about a system of that name")
            self._put(tx, actor, replace(row, ended_at=at), at=at)

        self._station.store.commit(unit).result()

    def everything(self, actor: Actor) -> tuple[SystemRow, ...]:
        """List every system that is or was given scores."""
        actor.seat(READERS)
        return tuple(self._station.store.read(lambda r: r.find(SystemRow, order="system")))

    def _put(self, tx: Transaction, actor: Actor, row: SystemRow, *, at: Instant) -> None:
        tx.put(row)
        record: dict[str, Value] = {
            "system": row.system,
            "agreement": row.agreement,
            "person": actor.person,
            "until": row.until,
            "stands": row.ended_at is None,
        }
        made = commit(LeafType.RULES_CHANGED, record, at=at, entropy=self._station.entropy)
        tx.append(made.leaf.encode())
        self._station.safe.keep(tx, sort="system", plaintext=pack({}, made), at=at)
