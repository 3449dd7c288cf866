"""Following the directory: the newest valid edition of any mirror, written down as it is seen.

What the ledger of this node says of it can be compared with the registry log by anybody: which
edition was in force here from when on, and each time a mirror showed one that does not hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from comity.core.cbor import Value
from comity.core.errors import VerificationError
from comity.core.store import Transaction
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType
from comity.node.office import Office
from comity.node.register import Fetch


@dataclass(slots=True)
class Heeding:
    """Takes up newer directories for one office."""

    office: Office
    _told: set[str] = field(default_factory=set[str])
    """What was refused since the start; the same lie is one incident."""

    def follow(self, fetches: Sequence[Fetch]) -> bool:
        """Ask every mirror; return whether a newer directory is in force.

        Raises as the last mirror did where none gave one that holds; a lie is an incident.
        """
        try:
            is_newer = self.office.register.refresh_from(fetches)
        except VerificationError as error:
            if str(error) not in self._told:
                self._told.add(str(error))
                self._write(LeafType.INCIDENT, {"directory": str(error)})
            raise
        if is_newer:
            current = self.office.register.current()
            said: dict[str, Value] = {
                "directory": current.version,
                "targets": current.seen.roles["targets.json"],
                "alarms": list(current.alarms),
            }
            self._write(LeafType.DIRECTORY_SEEN, said)
        return is_newer

    def _write(self, sort: LeafType, said: dict[str, Value]) -> None:
        office, at = self.office, self.office.clock.now()
        made = commit(sort, said, at=at, entropy=office.entropy)

        def unit(tx: Transaction) -> None:
            tx.append(made.leaf.encode())
            office.safe.keep(tx, sort="directory", plaintext=pack({}, made), at=at)

        office.store.commit(unit).result()
