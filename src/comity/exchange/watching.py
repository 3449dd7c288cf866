"""What messages do to a watch: end it with its question, and say of it only what is so."""

from collections.abc import Mapping

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import StateError
from comity.core.ids import CaseId, MessageId
from comity.core.store import Transaction
from comity.exchange import cases
from comity.exchange.station import Station
from comity.record import Ended, WatchRow


def end_with(  # noqa: PLR0913 - the unit, the question and why its watch ends
    tx: Transaction, case: str, question: bytes, why: Ended, *, station: Station, at: Instant
) -> None:
    """End the watch of a question in the unit that takes it back, corrects or erases it."""
    cases.end_watch_of(
        tx, CaseId(case), why=why, station=station, at=at, question=question.hex()
    )


def check_told(tx: Transaction, question: MessageId, body: Mapping[str, Value]) -> None:
    """Refuse to tell an asker of its watch what is not so in this unit: `StateError`."""
    row = tx.get(WatchRow, question.hex())
    # INVARIANT: an asker is told *kept* exactly while its watch is kept, until that end.
    is_so = (row is not None) == (body.get("watch") == "kept")
    if not is_so or (row is not None and body.get("watch_until") != row.until):
        raise StateError("what is said of this watch is not so")
