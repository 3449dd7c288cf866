"""Referrals whose time runs out: the deputy is asked, then the partner hears that we are late.

Half of a referral's time is its holder's; then a deputy of that seat has it. When all of it is
over, an asker that waits gets an interim answer by itself: codes and a day, never silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.core.clock import DAY, Instant
from comity.core.errors import ComityError
from comity.core.ids import PersonId
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk.calls import Rouse, reach_of
from comity.desk.owed import Owed
from comity.desk.rota import read_rota
from comity.desk.rows import ReminderRow
from comity.desk.sending import TIMER
from comity.exchange import Act, DecisionRow, InboxRow, Station
from comity.exchange.referrals import DECIDE
from comity.practice import Body, CaseRow, Interim, Side, TaskRow, allowed, owed
from comity.trust import Seat, SeatRow, holders

EXPECTED_IN = DAY
"""In what time, in ms, an interim answer says that the answer comes; then another is due."""
_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Late:
    """A question whose answer hangs on a person for too long."""

    question: InboxRow
    interim: Interim
    person: PersonId
    """In whose name it is told: who wrote the answer, or the clock where nobody has."""


def hand_over(station: Station, *, rouse: Rouse) -> bool:
    """Give referrals half of whose time is over to a deputy, and wake them."""
    now = station.clock.now()
    late = station.store.read(lambda r: _half_over(r, now))
    deputies = {deputy for _, deputy in late if deputy is not None}
    for reach in station.store.read(
        lambda r: [reach_of(r, each, station) for each in sorted(deputies)]
    ):
        rouse(reach)

    def unit(tx: Transaction) -> None:
        for task, deputy in late:
            tx.put(ReminderRow(task=task.task, step="deputy", at=now))
            held = tx.get(TaskRow, task.task)
            if held is not None and held.done is None and deputy is not None:
                tx.put(replace(held, person=deputy))

    if late:
        station.store.commit(unit).result()
    return bool(late)


def _half_over(reader: Reader, now: Instant) -> list[tuple[TaskRow, PersonId | None]]:
    tasks = reader.find(TaskRow, eq("done", None), eq("sort", DECIDE), order="due", limit=_MOST)
    return [
        (task, _deputy(reader, task, now))
        for task in tasks
        if task.due is not None
        and task.created + (task.due - task.created) // 2 <= now
        and reader.get(ReminderRow, task.task, "deputy") is None
    ]


def _deputy(reader: Reader, task: TaskRow, now: Instant) -> PersonId | None:
    """Return who stands in: a deputy of the seat, else another holder; never the author."""
    seat, rota = Seat(task.seat), read_rota(reader)
    made = reader.get(DecisionRow, task.task.removesuffix(f"-{DECIDE}"))
    rows = reader.find(SeatRow, eq("seat", seat.value))
    deputies = {row.person for row in rows if row.is_deputy and row.is_held(now)}
    holding = holders(reader, seat, at=now)
    author = "" if made is None else made.person
    others = [each for each in holding if each != author and rota.is_here(each, now)]
    standing_in = [each for each in others if each in deputies]
    return next(iter((*standing_in, *others[1:])), None)


def tell_askers(station: Station, owes: Owed) -> bool:
    """Send the interim answers that are due; return whether any went."""
    now = station.clock.now()
    late = station.store.read(lambda r: list(_late(r, station, now)))
    return sum(_tell(each, owes, now) for each in late) > 0


def _tell(late: _Late, owes: Owed, now: Instant) -> bool:
    expected = Instant(now + EXPECTED_IN)
    told = ReminderRow(task=late.question.mid.hex(), step="interim", at=expected)
    act = Act(person=late.person, seat="timer", session=TIMER, at=now)
    body: Body = {late.interim.expected: int(expected)}
    try:
        owes.tell(late.question, late.interim.word, body, act, also=lambda tx: tx.put(told))
    except ComityError:
        # A partner without a prekey, a closed door: the next round tries again.
        return False
    return True


def _late(reader: Reader, station: Station, now: Instant) -> Iterable[_Late]:
    over = (eq("state", "waiting"), Where("due", Op.LE, now))
    cases: dict[str, PersonId] = {
        row.case: PersonId(row.person)
        for row in reader.find(DecisionRow, *over, order="due", limit=_MOST)
    }
    for held in reader.find(InboxRow, eq("state", "held"), order="stored_at", limit=_MOST):
        cases.setdefault(held.case, PersonId(f"{held.recipient}/timer"))
    for case, person in cases.items():
        row = reader.get(CaseRow, case)
        found = None if row is None else _owed(reader, row, station, now)
        if found is not None:
            question, interim = found
            yield _Late(question=question, interim=interim, person=person)


def _owed(
    reader: Reader, case: CaseRow, station: Station, now: Instant
) -> tuple[InboxRow, Interim] | None:
    """Return the question this side owes an answer to, where its asker hears nothing."""
    practice, side = station.practices.named(case.practice), Side(case.side)
    since = {duty.since for duty in owed(practice, case.state, side)}
    may = {kind.word for kind in allowed(practice, case.state, side)}
    interim = practice.interim
    if interim is None or interim.word not in may or case.due is None:
        return None
    rows = reader.find(InboxRow, eq("case", case.case), order="-stored_at")
    question = next((row for row in rows if row.kind in since), None)
    if question is None or question.state not in {"filed", "held"}:
        return None
    half = question.stored_at + (case.due - question.stored_at) // 2
    told = reader.get(ReminderRow, question.mid.hex(), "interim")
    is_told = told is not None and told.at > now
    return None if is_told or (question.state == "held" and half > now) else (question, interim)
