"""The door this member closes to a partner: what it bars, and what becomes of what waits.

One person closes, at once; two reopen. What protects a person passes every door; a warning of
danger to life passes unless warnings were closed too, which is a choice of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from comity.core.cbor import Value
from comity.core.ids import AgencyId, RecordId, member_of
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.exchange.leaves import content_of
from comity.exchange.rows import DoorRow, OutboxRow
from comity.exchange.stages import Logged
from comity.exchange.station import Station
from comity.practice import UNSTOPPED, CaseRow, Kind, branch, choice, protects

BARRED = "barred"
"""State of a message that waits behind our own closed door; it goes on once that is open."""
CLOSED = "closed"
"""Code of a partner's rejection while its door is closed to us; it asks us to wait."""
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A message as the door sees it."""

    kind: Kind
    body: Mapping[str, Value]
    partner: AgencyId
    purpose: str


def closed_to(reader: Reader, partner: AgencyId) -> Sequence[DoorRow]:
    """Return the doors that are closed to a partner: to the agency, or to its whole member."""
    names = Where("partner", Op.IN, (partner, member_of(partner)))
    return reader.find(DoorRow, names, eq("opened_at", None))


def is_barred(reader: Reader, passing: Passing, *, station: Station) -> bool:
    """Whether this member closed its door to such a message of or to a partner."""
    kind, body = passing.kind, passing.body
    # INVARIANT: recall, stop, challenge and their like pass every door: they protect a person.
    if kind.word in UNSTOPPED and protects(kind, body):
        return False
    is_warning = branch(kind, choice(kind, body)).passes_stop
    if station.is_closed(passing.partner, passing.purpose) and not is_warning:
        return True
    shut = closed_to(reader, passing.partner)
    of = {"", passing.purpose}
    return any(row.purpose in of and (row.warnings or not is_warning) for row in shut)


def pass_through(logged: Sequence[Logged], station: Station) -> tuple[Logged, ...]:
    """Return what may leave of one node's batch; the rest is set aside, and stays visible.

    For the delivery worker, of every batch: without a closed door it is one small read.
    """
    if not logged:
        return ()
    agencies = station.directory().node(logged[0].to_node).agencies
    if not station.store.read(lambda r: any(closed_to(r, each) for each in agencies)):
        return tuple(logged)

    def query(reader: Reader) -> list[OutboxRow]:
        rows = (reader.get(OutboxRow, each.mid) for each in logged)
        return [row for row in rows if row is not None and _is_held(reader, row, station)]

    barred = station.store.read(query)
    _move(barred, station, before="queued", after=BARRED)
    kept = {row.mid for row in barred}
    return tuple(each for each in logged if each.mid not in kept)


def let_go(station: Station) -> int:
    """Let what an opened door held back go on, then forget that door; return how many.

    For a worker: it starts from committed rows, and repeating it is harmless.
    """
    opened, moved = Where("opened_at", Op.NE, None), 0
    for door in station.store.read(lambda r: r.find(DoorRow, opened)):
        for entry in station.directory().agencies():
            if door.partner in {entry.agency, member_of(entry.agency)}:
                moved += _let_go(entry.agency, station)
        _forget(door, station)
    return moved


def _let_go(partner: AgencyId, station: Station) -> int:
    moved, last = 0, b""

    def query(reader: Reader) -> tuple[bytes, list[OutboxRow]]:
        rows = _waiting(reader, partner, last)
        end = rows[-1].mid if rows else b""
        return end, [row for row in rows if not _is_held(reader, row, station)]

    while True:
        last, free = station.store.read(query)
        _move(free, station, before=BARRED, after="queued")
        moved += len(free)
        if not last:
            return moved


def _waiting(reader: Reader, partner: AgencyId, last: bytes) -> Sequence[OutboxRow]:
    of, after = eq("recipient", partner), Where("mid", Op.GT, last)
    return reader.find(OutboxRow, eq("state", BARRED), of, after, order="mid", limit=_AT_ONCE)


def _is_held(reader: Reader, row: OutboxRow, station: Station) -> bool:
    case = reader.get(CaseRow, row.case)
    kept = station.safe.open(reader, RecordId(row.record_id))
    passing = Passing(
        kind=station.practices.kind(row.kind),
        # Of what has been erased here nothing is known: it is no warning.
        body={} if kept is None else content_of(kept).body,
        partner=AgencyId(row.recipient),
        purpose="" if case is None else case.purpose,
    )
    return is_barred(reader, passing, station=station)


def _move(rows: Sequence[OutboxRow], station: Station, *, before: str, after: str) -> None:
    now = station.clock.now()

    def unit(tx: Transaction) -> None:
        for row in rows:
            held = tx.get(OutboxRow, row.mid)
            if held is not None and held.state == before:
                tx.put(replace(held, state=after, next_at=now))

    if rows:
        station.store.commit(unit).result()


def _forget(door: DoorRow, station: Station) -> None:
    # Closed again meanwhile, it is a door once more and stays.
    where = eq("partner", door.partner), eq("purpose", door.purpose)
    opened = eq("opened_at", door.opened_at)
    station.store.commit(lambda tx: tx.delete(DoorRow, *where, opened)).result()
