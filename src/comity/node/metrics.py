"""What a node tells Prometheus: counts, ages and sizes, never a person, a case or a content.

Each figure is declared once, below; the reference page is written from this table. Labels are
node ids of partners and names of workers, and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector
from prometheus_client import generate_latest as write_text

from comity.adapters.shape import LedgerReader
from comity.core.clock import SECOND, Instant
from comity.core.ids import NodeId
from comity.core.store import Op, Reader, Where, eq
from comity.exchange import InboxRow, OutboxRow, queue
from comity.node.health import Health
from comity.node.office import Office
from comity.node.quorum import watched
from comity.node.rows import AlarmRow, CheckpointRow, EquivocationRow, HaltRow
from comity.node.timepiece import Pace, standing_of
from comity.practice import TaskRow

Found = Mapping[str, float]
"""Values by label; a figure without a label has one value under the empty text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What figures are read from: one office, one committed state, one instant."""

    office: Office
    health: Health
    reader: LedgerReader
    at: Instant

    def partners(self) -> tuple[str, ...]:
        """Return the other nodes of the directory."""
        if not self.office.register.has_joined:
            return ()
        own = self.office.config.node
        nodes = self.office.register.current().nodes()
        return tuple(entry.node for entry in nodes if entry.node != own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: its name without `comity_`, what it means, its label, and how it is read."""

    name: str
    says: str
    read: Callable[[View], Found]
    label: str = ""


def _one(value: float) -> Found:
    return {"": value}


def _waiting(view: View) -> Found:
    return {
        node: view.reader.count(OutboxRow, eq("state", "queued"), eq("to_node", node))
        for node in view.partners()
    }


def _oldest(view: View) -> Found:
    found: dict[str, float] = {}
    for node in view.partners():
        since = queue.oldest(view.reader, NodeId(node))
        found[node] = 0.0 if since is None else max(view.at - since, 0) / SECOND
    return found


def _stuck(view: View) -> Found:
    told = queue.overview(view.reader, map(NodeId, view.partners()))
    return {each.node: each.stuck for each in told}


def _unwitnessed(view: View) -> Found:
    return _one(watched(view.reader).unwitnessed(view.at) / SECOND)


def _quorum(view: View) -> Found:
    return _one(watched(view.reader).covered)


def _alarms(view: View) -> Found:
    if not view.office.register.has_joined:
        return _one(0)
    return _one(len(view.office.register.current().alarms))


def _witnessed_size(view: View) -> Found:
    seen = Where("witnesses", Op.GT, 0)
    rows = view.reader.find(CheckpointRow, seen, order="-size", limit=1)
    return _one(rows[0].size if rows else 0)


def _ledgers(view: View) -> Found:
    return _one(view.reader.count(AlarmRow, eq("cleared", None)))


def _halted(view: View) -> Found:
    return _one(min(view.reader.count(HaltRow), 1))


def _directory(view: View) -> Found:
    if not view.office.register.has_joined:
        return _one(0)
    return _one((view.office.register.current().expires - view.at) / SECOND)


def _overdue(reader: Reader, at: Instant) -> int:
    return reader.count(TaskRow, eq("done", None), Where("due", Op.LT, at))


def _rows(kind: type[OutboxRow] | type[InboxRow], state: str) -> Callable[[View], Found]:
    return lambda view: _one(view.reader.count(kind, eq("state", state)))


FIGURES: Final = (
    Figure(
        name="ready",
        says="1 where messages can be taken now, 0 where not",
        read=lambda view: _one(0 if view.health.lacks() else 1),
    ),
    Figure(
        name="outbox_queued",
        says="messages that wait to be stored by a partner",
        read=_rows(OutboxRow, "queued"),
    ),
    Figure(
        name="outbox_expired",
        says="messages that ended undelivered: an alarm",
        read=_rows(OutboxRow, "expired"),
    ),
    Figure(
        name="partner_queued",
        says="messages that wait, by partner's node",
        read=_waiting,
        label="partner",
    ),
    Figure(
        name="partner_oldest_seconds",
        says="age of the oldest message that waits, by partner's node; 0 where none does",
        read=_oldest,
        label="partner",
    ),
    Figure(
        name="partner_stuck",
        says="messages set aside again and again, by partner's node: an alarm",
        read=_stuck,
        label="partner",
    ),
    Figure(
        name="inbox_filed",
        says="messages of partners that were filed here",
        read=_rows(InboxRow, "filed"),
    ),
    Figure(
        name="inbox_held",
        says="messages of partners that wait for a person to admit them",
        read=_rows(InboxRow, "held"),
    ),
    Figure(
        name="tasks_open",
        says="tasks that nobody has done yet",
        read=lambda view: _one(view.reader.count(TaskRow, eq("done", None))),
    ),
    Figure(
        name="tasks_overdue",
        says="tasks past their time: an alarm",
        read=lambda view: _one(_overdue(view.reader, view.at)),
    ),
    Figure(
        name="ledger_size",
        says="entries of the ledger",
        read=lambda view: _one(view.reader.size()),
    ),
    Figure(
        name="ledger_witnessed_size",
        says="entries under a checkpoint that a witness has cosigned",
        read=_witnessed_size,
    ),
    Figure(
        name="ledger_quorum_size",
        says="entries under a checkpoint that a quorum of witnesses has cosigned",
        read=_quorum,
    ),
    Figure(
        name="ledger_unwitnessed_seconds",
        says="for how long the oldest entry that no quorum of witnesses has seen waits",
        read=_unwitnessed,
    ),
    Figure(
        name="ledger_equivocations",
        says="pieces of evidence that another ledger showed two histories: an alarm",
        read=lambda view: _one(view.reader.count(EquivocationRow)),
    ),
    Figure(
        name="ledger_alarms",
        says="alarms that stand about other ledgers, where this node follows them",
        read=_ledgers,
    ),
    Figure(
        name="ledger_halted",
        says="1 where nothing more is signed: a witness holds a later history; an alarm",
        read=_halted,
    ),
    Figure(
        name="directory_left_seconds",
        says="how long the directory is still good; below 0 it has ended",
        read=_directory,
    ),
    Figure(
        name="directory_alarms",
        says="what is wrong with the directory itself, such as an edition not in its log",
        read=_alarms,
    ),
    Figure(
        name="clock_ahead_seconds",
        says="by how much the clock is at least ahead of most witnesses; below 0 behind",
        read=lambda view: _one(standing_of(view.reader, at=view.at).ahead / SECOND),
    ),
    Figure(
        name="clock_members",
        says="members whose witness was heard within a day; 0: the clock is not compared",
        read=lambda view: _one(standing_of(view.reader, at=view.at).members),
    ),
    Figure(
        name="clock_stopped",
        says="1 where the clock is off by more than an hour and nothing is sent: an alarm",
        read=lambda view: _one(
            standing_of(view.reader, at=view.at).pace is Pace.STOPPED,
        ),
    ),
    Figure(
        name="disk_free_bytes",
        says="bytes free beside the store",
        read=lambda view: _one(view.health.room()),
    ),
    Figure(
        name="worker_rounds",
        says="rounds a worker of this process has ended since it started",
        read=lambda view: dict(view.health.pulse.rounds),
        label="worker",
    ),
    Figure(
        name="worker_hangs",
        says="1 where a worker of this process does not end its round: an alarm",
        read=lambda view: dict.fromkeys(view.health.pulse.hanging(), 1),
        label="worker",
    ),
)


class Tally:
    """What a process counts as it happens: failures by place and code, calls turned away."""

    def __init__(self) -> None:
        """Begin at nothing; also watch the process itself: memory, processor, descriptors."""
        self.registry = CollectorRegistry()
        ProcessCollector(namespace="comity", registry=self.registry)
        self._failures = Counter(
            "comity_failures",
            "rounds and calls that failed, by place and error code",
            ("place", "code"),
            registry=self.registry,
        )
        self._refused = Counter(
            "comity_calls_refused",
            "calls turned away because one address calls too often, by listener",
            ("listener",),
            registry=self.registry,
        )

    def failed(self, place: str, code: str) -> None:
        """Count a failure."""
        self._failures.labels(place[:40], code[:40]).inc()

    def refused(self, listener: str) -> None:
        """Count a call that was turned away."""
        self._refused.labels(listener).inc()


def measure(office: Office, health: Health, tally: Tally) -> bytes:
    """Return every figure in Prometheus' text form."""
    health.lacks()  # it writes: not from within the reading below

    def query(reader: LedgerReader) -> Mapping[str, Found]:
        view = View(office=office, health=health, reader=reader, at=office.clock.now())
        return {figure.name: figure.read(view) for figure in FIGURES}

    found = office.store.read(query)
    registry = CollectorRegistry()
    for figure in FIGURES:
        labels = (figure.label,) if figure.label else ()
        gauge = Gauge(f"comity_{figure.name}", figure.says, labels, registry=registry)
        for label, value in found[figure.name].items():
            (gauge.labels(label) if figure.label else gauge).set(value)
    return write_text(registry) + write_text(tally.registry)
