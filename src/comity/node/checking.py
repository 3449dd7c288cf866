"""`comity node check`: what is wrong with a node, said in words a duty officer understands."""

from pathlib import Path

from comity.core.clock import DAY, HOUR, Instant, iso
from comity.core.errors import ComityError
from comity.core.store import Reader, eq
from comity.exchange import OutboxRow
from comity.node.master import is_demonstration
from comity.node.office import Office, open_office
from comity.node.rows import CheckpointRow
from comity.node.screening import faults_of
from comity.practice import TaskRow
from comity.record import newest
from comity.trust import Seat, holders

_PERSONS_FOR_A_HIT = 2
_NEEDED = (Seat.OFFICER, Seat.SUPERVISOR, Seat.LEGAL, Seat.RIGHTS)


def check_node(folder: Path, *, passphrase: str | None) -> tuple[str, ...]:
    """Open a node that does not run and say what is wrong; nothing is changed.

    Raises `ConfigurationError` or `StorageError` where it cannot even be opened.
    """
    office = open_office(folder, passphrase=passphrase)
    try:
        return (
            *_keys(folder),
            *_network(office),
            *office.store.read(lambda r: _work(r, office)),
            *_screening(office),
        )
    finally:
        office.close()


def _keys(folder: Path) -> tuple[str, ...]:
    if is_demonstration(folder):
        return ("the master key lies in clear beside the data: unfit for service",)
    return ()


def _network(office: Office) -> tuple[str, ...]:
    try:
        directory = office.register.current()
    except ComityError:
        return ("this node has joined no network yet",)
    now = office.clock.now()
    faults: list[str] = []
    if directory.is_expired(now):
        faults.append(f"the directory ended {iso(directory.expires)}: reach a mirror")
    if not any(node.node == office.config.node for node in directory.nodes()):
        faults.append(f"the directory does not list this node `{office.config.node}`")
    return tuple(faults)


def _screening(office: Office) -> tuple[str, ...]:
    number = office.store.read(newest)
    return faults_of(office.folder, newest=number, at=office.clock.now())


def _work(reader: Reader, office: Office) -> tuple[str, ...]:
    now = office.clock.now()
    vacant = [seat.value for seat in _NEEDED if not holders(reader, seat, at=now)]
    faults = [f"nobody holds the seat `{name}`" for name in vacant]
    judges = {*holders(reader, Seat.OFFICER, at=now), *holders(reader, Seat.SUPERVISOR, at=now)}
    if len(judges) < _PERSONS_FOR_A_HIT:
        faults.append("fewer than two officers or supervisors: no hit can be answered")
    waiting = reader.find(OutboxRow, eq("state", "queued"), order="created", limit=1)
    if waiting and now - waiting[0].created > HOUR:
        faults.append(f"the oldest unsent message waits since {iso_of(waiting[0].created)}")
    overdue = [
        task for task in reader.find(TaskRow, eq("done", None)) if (task.due or now) < now
    ]
    if overdue:
        faults.append(f"{len(overdue)} tasks are past their time")
    newest = reader.find(CheckpointRow, order="-size", limit=1)
    if newest and newest[0].witnessed_at is None and now - newest[0].at > DAY:
        faults.append("no witness has cosigned the ledger for a day")
    return tuple(faults)


def iso_of(instant: int) -> str:
    """Write a stored time for people."""
    return iso(Instant(instant))
