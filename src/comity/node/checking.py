"""`comity node check`: what is wrong with a node, in plain words, and what to do about it."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from msgspec import DecodeError, Struct, json

from comity.core.clock import DAY, HOUR, MINUTE, SECOND, Instant, iso
from comity.core.errors import ComityError
from comity.core.store import Op, Reader, Where, eq
from comity.desk import RotaRow
from comity.exchange import CallRow, DoorRow, OutboxRow
from comity.node.completing import unmanned
from comity.node.gossip import ENDING, FOLDER, unproven
from comity.node.master import is_demonstration
from comity.node.office import Office, open_office
from comity.node.quorum import watched
from comity.node.rows import AlarmRow, CheckpointRow, EquivocationRow, HaltRow
from comity.node.screening import faults_of
from comity.node.timepiece import Pace, standing_of
from comity.practice import TaskRow
from comity.record import newest
from comity.trust import Directory, Seat, holders

BACKUP = "backup.json"
BACKUP_AGE = 7 * DAY
"""How old the newest backup may be, in ms."""
ROOM = 1024 * 1024 * 1024
"""Bytes that should be free beside the store."""
ENDS_SOON = 6 * HOUR
AHEAD = 20 * SECOND
"""How far the clock may be off, in ms, before that is said."""
UNSENT = HOUR
DOOR_LONG = 90 * DAY
"""After how long a closed door is spoken of: it was meant for a time."""
_PERSONS_FOR_A_HIT = 2
_NEEDED = (Seat.OFFICER, Seat.SUPERVISOR, Seat.LEGAL, Seat.RIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and what to do about it."""

    code: str
    fault: str
    do: str


def check_node(folder: Path, *, passphrase: str | None) -> tuple[Finding, ...]:
    """Open a node that does not run and say what is wrong; nothing is changed.

    Raises `ConfigurationError` or `StorageError` where it cannot even be opened.
    """
    office = open_office(folder, passphrase=passphrase, before_whole=True)
    try:
        return check_office(office)
    finally:
        office.close()


def check_office(office: Office) -> tuple[Finding, ...]:
    """Say what is wrong with an opened node; a running one is asked this by its own people."""
    in_store: tuple[Callable[[Reader, Office], Iterable[Finding]], ...] = (
        _seats,
        _duty,
        _road,
        _ledger,
        _others,
        _clock,
    )
    return (
        *_keys(office.folder),
        *_backup(office.folder, office.clock.now()),
        *_disk(office.folder),
        *_network(office),
        *office.store.read(lambda r: [found for look in in_store for found in look(r, office)]),
        *_screening(office),
    )


def _keys(folder: Path) -> Iterable[Finding]:
    if is_demonstration(folder):
        yield Finding(
            code="master-in-clear",
            fault="the master key lies in clear beside the data: unfit for service",
            do="make the node anew with `comity node init --passphrase-file`, or keep it for"
            " demonstrations",
        )


class _Kept(Struct):
    at: int


def _backup(folder: Path, now: Instant) -> Iterable[Finding]:
    do = f"run `comity node backup {folder} FILE` to another medium, then once a week"
    try:
        at = json.decode((folder / BACKUP).read_bytes(), type=_Kept).at
    except FileNotFoundError:
        yield Finding(code="no-backup", fault="no backup was ever made of this node", do=do)
    except (OSError, DecodeError):
        fault = f"`{BACKUP}` cannot be read: when the last backup was made is not known"
        yield Finding(code="no-backup", fault=fault, do=do)
    else:
        if now - at > BACKUP_AGE:
            fault = f"the newest backup is {(now - at) // DAY} days old"
            yield Finding(code="old-backup", fault=fault, do=do)


def _disk(folder: Path) -> Iterable[Finding]:
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        yield Finding(
            code="disk-space",
            fault=f"{free // 1024 // 1024} MiB are free beside the store",
            do="make room on this disk: a full disk stops the node, and loses nothing",
        )


def _network(office: Office) -> Iterable[Finding]:
    try:
        directory = office.register.current()
    except ComityError:
        yield Finding(
            code="not-joined",
            fault="this node has joined no network yet",
            do="send `comity node request`, then `comity node join` with its mirror",
        )
        return
    now, node = office.clock.now(), office.config.node
    reach = "reach a mirror: see `mirrors` in node.toml, and the line"
    if directory.is_expired(now):
        yield Finding(
            code="directory-expired",
            fault=f"the directory ended {iso(directory.expires)}",
            do=reach,
        )
    elif directory.is_expired(Instant(now + ENDS_SOON)):
        fault = f"the directory ends {iso(directory.expires)}"
        yield Finding(code="directory-ends", fault=fault, do=reach)
    if not any(each.node == node for each in directory.nodes()):
        yield Finding(
            code="not-listed",
            fault=f"the directory does not list this node `{node}`",
            do="ask your member's key holders to list it, and the publisher to publish",
        )
    for alarm in directory.alarms:
        yield Finding(
            code="directory-alarm",
            fault=alarm,
            do="ask another member what it sees, by telephone",
        )
    yield from _contacts(directory, office)


def _contacts(directory: Directory, office: Office) -> Iterable[Finding]:
    mine = [each for each in directory.agencies() if each.agency == office.config.agency]
    if mine and not any(contact.telephone for each in mine for contact in each.contacts):
        yield Finding(
            code="no-telephone",
            fault="the directory lists no telephone number for this agency: whoever does not"
            " reach you by message reaches nobody",
            do="give one with `comity node request --telephone`, and have your member sign it",
        )


def _seats(reader: Reader, office: Office) -> Iterable[Finding]:
    now = office.clock.now()
    for seat in _NEEDED:
        if not holders(reader, seat, at=now):
            yield Finding(
                code="seat-vacant",
                fault=f"nobody holds the seat `{seat.value}`",
                do=f"`comity person seat {office.folder} PERSON {seat.value}`",
            )
    judges = {*holders(reader, Seat.OFFICER, at=now), *holders(reader, Seat.SUPERVISOR, at=now)}
    if len(judges) < _PERSONS_FOR_A_HIT:
        yield Finding(
            code="no-second-person",
            fault="fewer than two officers or supervisors: no hit can be answered",
            do="enrol a second person, or agree with a partner that lends a seat",
        )


def _duty(reader: Reader, office: Office) -> Iterable[Finding]:
    if not office.config.notify:
        yield Finding(
            code="no-way-to-wake",
            fault="nobody can be woken: no command, mail or web hook is set up",
            do="set up `[[notify]]` in node.toml; the console's sound needs somebody before it",
        )
    if not reader.count(RotaRow):
        yield Finding(
            code="no-rota",
            fault="there is no rota: who is on duty when is not known",
            do="write one on the console's page *Duty*, or with `comity duty add`",
        )
    for each in unmanned(reader, office):
        yield Finding(
            code="unmanned",
            fault=f"{each.spans}, on {each.days} of the next 7 days, nobody on duty can"
            f" complete: {', '.join(each.acts)}",
            do="put a person with the missing seat on the rota at these hours, or a second one",
        )
    trials = reader.find(CallRow, eq("sort", "test"), order="-at", limit=1)
    if trials and trials[0].state == "missed":
        yield Finding(
            code="trial-missed",
            fault=f"nobody answered the trial call of {iso(Instant(trials[0].at))}",
            do="find out why, then make another: `comity duty trial`",
        )


def _road(reader: Reader, office: Office) -> Iterable[Finding]:
    now = office.clock.now()
    waiting = reader.find(OutboxRow, eq("state", "queued"), order="created", limit=1)
    if waiting and now - waiting[0].created > UNSENT:
        yield Finding(
            code="unsent",
            fault="the oldest unsent message waits since"
            f" {iso(Instant(waiting[0].created))}, for {waiting[0].to_node}",
            do="see *Partners*: telephone them; what waits goes by itself once they answer",
        )
    late = reader.count(TaskRow, eq("done", None), Where("due", Op.LT, now))
    if late:
        yield Finding(
            code="overdue",
            fault=f"{late} tasks are past their time",
            do="see *Inbox*: the supervisor has them as well",
        )
    for door in reader.find(
        DoorRow, eq("opened_at", None), Where("at", Op.LT, now - DOOR_LONG)
    ):
        yield Finding(
            code="door-long-closed",
            fault=f"the door to {door.partner} is closed since {iso(Instant(door.at))[:10]}",
            do="see *Doors*: two persons open it, or somebody closes it again with reasons",
        )


def _ledger(reader: Reader, office: Office) -> Iterable[Finding]:
    now, patience = office.clock.now(), office.config.ledger.alarm_minutes * MINUTE
    state = watched(reader)
    if state.since is not None and state.unwitnessed(now) > patience:
        yield Finding(
            code="unwitnessed",
            fault=f"no quorum of witnesses has seen the ledger since {iso(state.since)}",
            do="see whether partners can be reached; what waits is witnessed by itself",
        )
    for halt in reader.find(HaltRow):
        yield Finding(
            code="ledger-halted",
            fault=f"the ledger is not signed since {iso(Instant(halt.at))}: a witness knows a"
            " longer one of ours",
            do="this folder is an old copy: restore the newest, or begin the next epoch",
        )


def _others(reader: Reader, office: Office) -> Iterable[Finding]:
    """Say which ledgers of others cannot be right."""
    for row in reader.find(EquivocationRow, order="at"):
        name = f"{FOLDER}/{row.digest.hex()[:16]}{ENDING}"
        yield Finding(
            code="two-histories",
            fault=f"the ledger {row.origin} showed two histories: `{name}` proves it",
            do="give that file to every member and the oversight body; it verifies offline",
        )
    for origin in unproven(reader, office.clock.now()):
        yield Finding(
            code="unproven",
            fault=f"the ledger {origin} has not shown for a day how it grew",
            do="ask its node's engineers whether its tiles can be reached",
        )
    for alarm in reader.find(AlarmRow, eq("cleared", None), order="since"):
        if alarm.sort not in {"equivocation", "unproven"}:
            yield Finding(
                code=f"ledger-{alarm.sort}",
                fault=f"the ledger {alarm.origin}: {alarm.words}",
                do="ask its member; the guide to overseeing a network says what it may mean",
            )


def _clock(reader: Reader, office: Office) -> Iterable[Finding]:
    now = office.clock.now()
    stands = standing_of(reader, at=now)
    is_heard = stands.pace is not Pace.UNKNOWN or reader.count(CheckpointRow) > 0
    if (stands.pace is Pace.UNKNOWN and is_heard) or abs(stands.ahead) > AHEAD:
        yield Finding(
            code="clock",
            fault=str(stands),
            do="set this machine's clock by a time server or by hand: over a minute is an"
            " alarm, over an hour stops sending",
        )


def _screening(office: Office) -> Iterable[Finding]:
    number = office.store.read(newest)
    for fault in faults_of(office.folder, newest=number, at=office.clock.now()):
        yield Finding(
            code="screening",
            fault=fault,
            do="serve the node: it mends this by itself, or says why",
        )
