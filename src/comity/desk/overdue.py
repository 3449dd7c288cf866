"""What time brings: acts nobody confirmed, stops that lapse, dates that pass, reminders.

A worker runs a round every few seconds. Each step starts from committed rows and may be
repeated; one that cannot be taken now is tried again in the next round.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from comity.core.clock import HOUR, Instant
from comity.core.errors import ComityError
from comity.core.ids import CaseId, PersonId, message_id
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk import kept
from comity.desk.owed import Owed
from comity.desk.rows import ReminderRow
from comity.desk.run_out import tell_askers
from comity.desk.sending import TIMER
from comity.exchange import Act, DecisionRow, InboxRow, OutboxRow, Station, cases
from comity.exchange.doors import let_go
from comity.exchange.owing import VALIDATE
from comity.ledger import LeafType
from comity.practice import (
    CaseFieldRow,
    CaseRow,
    Practice,
    Side,
    TaskRow,
    Timer,
    elapse,
    lapse,
)

SOON = 2 * HOUR
"""How long before its time a task is spoken of."""
_MOST = 1_000
"""Rows looked at in one round."""
OWES_SEEN = "owes-seen"
"""The case field that keeps what could not be told at once: message and person."""


def run(station: Station, owed: Owed, *, notify: Callable[[], int]) -> bool:
    """Do everything that is due; `notify` wakes the person on duty, and says nothing else.

    Returns whether anything was done, so that another round is worth while.
    """
    now = station.clock.now()
    done = [
        let_go(station) > 0,
        tell_askers(station, owed),
        *(_attempt(partial(_let_go_kept, row, owed)) for row in _kept(station)),
        *(_attempt(partial(_recall, task, station, owed)) for task in _due(station, now)),
        *(_attempt(partial(_tell, row, station, owed)) for row in _untold(station)),
        *(_lapsed(row, side, station) for side, row in _lapsing(station, now)),
        *(_elapsed(*found, station) for found in _timed(station)),
    ]
    if station.store.commit(lambda tx: _remind(tx, now)).result():
        notify()
    return any(done)


def _attempt(step: Callable[[], bool]) -> bool:
    try:
        return step()
    except ComityError:
        # A partner without a prekey, a stopped case: the next round tries again.
        return False


def _kept(station: Station) -> Iterable[DecisionRow]:
    return station.store.read(lambda r: kept.due(r, station=station))


def _let_go_kept(row: DecisionRow, owed: Owed) -> bool:
    owed.let_go_kept(row)
    return True


def _due(station: Station, now: Instant) -> Iterable[TaskRow]:
    due, sorts = Where("due", Op.LE, now), Where("sort", Op.IN, ("second", VALIDATE))
    return station.store.read(
        lambda r: r.find(TaskRow, eq("done", None), sorts, due, limit=_MOST)
    )


def _recall(task: TaskRow, station: Station, owed: Owed) -> bool:
    mid = task.task.partition("-")[0]
    row = station.store.read(lambda r: r.get(OutboxRow, message_id(mid)))
    if row is not None and row.state not in {"rejected", "expired"}:
        owed.not_confirmed(mid)
        return True
    # Its partner never stored it: there is nothing to take back.
    done = replace(task, done=station.clock.now())
    station.store.commit(lambda tx: tx.put(done)).result()
    return True


def _untold(station: Station) -> Iterable[CaseFieldRow]:
    return station.store.read(
        lambda r: r.find(CaseFieldRow, eq("name", OWES_SEEN), limit=_MOST)
    )


def _tell(field: CaseFieldRow, station: Station, owed: Owed) -> bool:
    mid, person, seat = field.value.split(" ")
    at = station.clock.now()
    row = station.store.read(lambda r: r.find(InboxRow, eq("mid", message_id(mid))))[0]
    owed.seen(row, Act(person=PersonId(person), seat=seat, session=TIMER, at=at))
    _forget(field, station)
    return True


def _forget(field: CaseFieldRow, station: Station) -> None:
    where = (eq("case", field.case), eq("name", field.name), eq("value", field.value))
    station.store.commit(lambda tx: tx.delete(CaseFieldRow, *where)).result()


def _lapsing(station: Station, now: Instant) -> Iterable[tuple[Side, CaseFieldRow]]:
    past = Where("value", Op.LE, f"{now:016d}")

    def query(reader: Reader) -> list[tuple[Side, CaseFieldRow]]:
        return [
            (side, row)
            for side in (Side.OPENER, Side.ASKED)
            for row in reader.find(CaseFieldRow, eq("name", f"lapses-{side.value}"), past)
        ]

    return station.store.read(query)


def _lapsed(field: CaseFieldRow, side: Side, station: Station) -> bool:
    now, case = station.clock.now(), CaseId(field.case)

    def unit(tx: Transaction) -> None:
        held = cases.case_row(tx, case)
        tx.delete(CaseFieldRow, eq("case", case), eq("name", field.name))
        after = lapse(held.state, side)
        if after != held.state:
            cases.move_on(tx, held, after=after, station=station, at=now)
            line, record = cases.Line(case=case, partner=held.partner), {"lapsed": side.value}
            cases.enter(tx, station, LeafType.LIFTED, record, line=line, at=now)
        for task in tx.find(TaskRow, eq("case", case), eq("sort", "confirm-stop")):
            if held.side == side.value and task.done is None:
                tx.put(replace(task, done=now))

    station.store.commit(unit).result()
    return True


def _timed(station: Station) -> Iterable[tuple[CaseRow, Practice]]:
    def query(reader: Reader) -> list[tuple[CaseRow, Practice]]:
        return [
            (row, practice)
            for practice in station.practices.practices
            for timer in practice.timers
            for row in _in_state(reader, practice, timer)
        ]

    return station.store.read(query)


def _in_state(reader: Reader, practice: Practice, timer: Timer) -> Iterable[CaseRow]:
    of = eq("practice", practice.name)
    stopped = (Where("state", Op.GE, "stopped/"), Where("state", Op.LT, "stopped0"))
    yield from reader.find(CaseRow, of, eq("state", timer.state))
    yield from reader.find(CaseRow, of, *stopped)


def _elapsed(row: CaseRow, practice: Practice, station: Station) -> bool:
    now = station.clock.now()

    def unit(tx: Transaction) -> bool:
        held = cases.case_row(tx, CaseId(row.case))
        names = {timer.field for timer in practice.timers}
        found = {
            name: Instant(max(int(field.value) for field in fields))
            for name in names
            if (fields := tx.find(CaseFieldRow, eq("case", row.case), eq("name", name)))
        }
        after = elapse(practice, held.state, fields=found, at=now)
        if after != held.state:
            cases.move_on(tx, held, after=after, station=station, at=now)
        return after != held.state

    return station.store.commit(unit).result()


def _remind(tx: Transaction, now: Instant) -> bool:
    """Speak of each task once when it is urgent, once soon before its time, once past it."""
    due = Where("due", Op.LE, now + SOON)
    late = tx.find(TaskRow, eq("done", None), due, order="due", limit=_MOST)
    urgent = tx.find(TaskRow, eq("done", None), eq("urgency", "urgent"), limit=_MOST)
    spoken = [
        _spoken(tx, task, "overdue" if _is_past(task, now) else "soon", now) for task in late
    ]
    _close_escalated(tx, (task for task in late if task.sort == "overdue"), now)
    return any([*spoken, *(_spoken(tx, task, "urgent", now) for task in urgent)])


def _close_escalated(tx: Transaction, tasks: Iterable[TaskRow], now: Instant) -> None:
    for task in tasks:
        first = tx.get(TaskRow, task.task.removesuffix("-overdue"))
        if first is None or first.done is not None:
            tx.put(replace(task, done=now))


def _is_past(task: TaskRow, now: Instant) -> bool:
    return task.due is not None and task.due <= now


def _spoken(tx: Transaction, task: TaskRow, step: str, now: Instant) -> bool:
    if tx.get(ReminderRow, task.task, step) is not None:
        return False
    tx.put(ReminderRow(task=task.task, step=step, at=now))
    if step == "overdue" and task.seat != "supervisor":
        # What its seat let pass goes to the supervisor as well.
        name = f"{task.task}-overdue"
        escalated = replace(task, task=name, sort="overdue", seat="supervisor", person=None)
        tx.put(replace(escalated, created=now))
    return True
