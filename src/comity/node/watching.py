"""What time brings to watches: their end, our law asked again, and who came in meanwhile.

Each step starts from committed rows and may be repeated. What a watch finds becomes a candidate
of its case and wakes the person on duty; nothing of it goes to the asker, and no score is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comity.core.cbor import Value
from comity.core.clock import DAY, SECOND, Instant
from comity.core.errors import ComityError
from comity.core.ids import AgencyId, CaseId, EntityId, MemberId, PersonId, message_id
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk import Desk, profile_of
from comity.desk.sweep import stamp_of
from comity.desk.watch import FOUND, OWES_ANSWER, law_of_watch, owe_answer
from comity.exchange import Act, EventRow, InboxRow, PrekeyRow, Station, cases
from comity.exchange.doors import closed_to
from comity.law import Verdict
from comity.ledger import LeafType
from comity.message import Tlp
from comity.practice import CaseFieldRow, CaseRow, TaskRow, is_closed, standing
from comity.record import (
    Clearance,
    Ended,
    JudgementRow,
    QuestionRow,
    WatchRow,
    changed_after,
    entity_of,
    newest,
    watched_for,
    watches,
    watches_over,
)
from comity.screening import Profile, asked_for, to_look_at

CHUNK = 200
"""Most entities compared with the watches in one round."""
LOOK_WITHIN = DAY
_TIMER = "timer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """The worker of the watches of one node."""

    desk: Desk
    member: MemberId

    def work(self) -> bool:
        """Do one round; return whether another is worth while at once."""
        self.end_over()
        self.ask_again()
        is_more = self.compare()
        self.close_looked_at()
        self.answer()
        return is_more

    def end_over(self) -> int:
        """End the watches whose time is over; return how many."""
        station, at = self._station, self._station.clock.now()
        if not station.store.read(lambda r: watches_over(r, at=at)):
            return 0

        def unit(tx: Transaction) -> int:
            rows = watches_over(tx, at=at)
            return sum(_end(tx, row, Ended.TIME, station=station, at=at) for row in rows)

        return station.store.commit(unit).result()

    def ask_again(self) -> int:
        """End what our law permits no longer, or what lost its question; return how many."""
        station, at = self._station, self._station.clock.now()

        def stale(reader: Reader) -> tuple[bytes, list[WatchRow]]:
            stamp = stamp_of(reader, station)
            rows = watches(reader)
            return stamp, [row for row in rows if row.stamp != stamp or _is_lost(reader, row)]

        def unit(tx: Transaction) -> int:
            stamp, rows = stale(tx)
            return sum(_judge(tx, row, stamp, station=station, at=at) for row in rows)

        return station.store.commit(unit).result() if station.store.read(stale)[1] else 0

    def compare(self) -> bool:
        """Compare what came in with each watch; return whether more is to be compared."""
        store, at = self._station.store, self._station.clock.now()
        last = store.read(newest)
        behind = store.read(
            lambda r: [w for w in watches(r) if w.compared < last and _may_find(r, w, at)]
        )
        return sum(self._compare(row, at=at) for row in behind) > 0

    def close_looked_at(self) -> int:
        """Close the tasks of watches whose finds a person has judged; return how many."""
        station, at = self._station, self._station.clock.now()

        def looked_at(reader: Reader) -> list[TaskRow]:
            found = reader.find(TaskRow, eq("sort", "watch-found"), eq("done", None))
            return [task for task in found if _is_looked_at(reader, task)]

        def unit(tx: Transaction) -> int:
            tasks = looked_at(tx)
            for task in tasks:
                tx.put(replace(task, done=at))
            return len(tasks)

        return station.store.commit(unit).result() if station.store.read(looked_at) else 0

    def answer(self) -> int:
        """Tell askers what became of their watches; return how many were told."""
        owes = self._station.store.read(lambda r: r.find(CaseFieldRow, eq("name", OWES_ANSWER)))
        return sum(self._told(each) for each in owes)

    @property
    def _station(self) -> Station:
        return self.desk.station

    def _compare(self, row: WatchRow, *, at: Instant) -> bool:
        """Compare the next changes first, then write: what changes meanwhile comes later."""
        store = self._station.store

        def unit(tx: Transaction) -> bool:
            if tx.get(WatchRow, row.question) != row or not _may_find(tx, row, at):
                return True
            if found:
                _found(tx, row, found, station=self._station, at=at)
            tx.put(replace(row, compared=reached))
            return is_more

        try:
            found, reached, is_more = store.read(lambda r: self._find(r, row, at=at))
            return store.commit(unit).result()
        except ComityError:
            # A watch whose key of the week is gone finds nobody, and holds back no other.
            return False

    def _find(
        self, reader: Reader, row: WatchRow, *, at: Instant
    ) -> tuple[Sequence[EntityId], int, bool]:
        """Return whom the next changes bring, how far they lead, and whether more wait."""
        rows = changed_after(reader, row.compared, limit=CHUNK)
        profiles = [
            self._profile(reader, EntityId(each.entity_id), row, at=at) for each in rows
        ]
        queries = asked_for(watched_for(reader, row, safe=self._station.safe).subjects)
        found = to_look_at(queries, [each for each in profiles if each is not None])
        reached = rows[-1].number if rows else newest(reader)
        return found, reached, len(rows) == CHUNK

    def _profile(
        self, reader: Reader, name: EntityId, row: WatchRow, *, at: Instant
    ) -> Profile | None:
        # Rights before rank: only what may be shown in this case, for its purpose, is compared.
        clearance = Clearance(member=self.member, purpose=row.purpose, tlp=Tlp.RED)
        held = entity_of(reader, name, safe=self._station.safe, reader=clearance, at=at)
        return None if held is None else profile_of(held)

    def _told(self, owed: CaseFieldRow) -> bool:
        question, person, seat = owed.value.split(" ")
        station, at = self._station, self._station.clock.now()
        mine = (eq("case", owed.case), eq("name", owed.name), eq("value", owed.value))

        def settle(tx: Transaction) -> None:
            tx.delete(CaseFieldRow, *mine)

        if not station.store.read(lambda r: _is_open(r, owed.case, station)):
            # Its case is closed, and that says all there is to say.
            station.store.commit(settle).result()
            return False
        if not station.store.read(lambda r: _may_go(r, owed.case, station, at)):
            # Asking the law each round for what cannot leave would fill the ledger.
            return False
        of = (eq("mid", message_id(question)), eq("case", owed.case))
        asked = station.store.read(lambda r: r.find(InboxRow, *of, limit=1))
        body = station.store.read(lambda r: _standing(r, owed.case, question))
        act = Act(person=PersonId(person), seat=seat, session=_TIMER, at=at)
        try:
            letters = self.desk.correspondence.owed
            letters.tell(asked[0], "watch-answer", body, act, also=settle)
        except ComityError:
            # What it is told changed meanwhile: the next round tries again.
            return False
        return True


def _end(tx: Transaction, row: WatchRow, why: Ended, *, station: Station, at: Instant) -> bool:
    return cases.end_watch_of(
        tx, CaseId(row.case_id), why=why, station=station, at=at, question=row.question
    )


def _is_lost(reader: Reader, row: WatchRow) -> bool:
    """Whether the question of a watch was erased, in time or by a person."""
    return reader.get(QuestionRow, row.question) is None or not _questions(reader, row)


def _questions(reader: Reader, row: WatchRow) -> Sequence[InboxRow]:
    of = (eq("mid", message_id(row.question)), eq("case", row.case_id), eq("state", "filed"))
    return reader.find(InboxRow, *of)


def _judge(
    tx: Transaction, row: WatchRow, stamp: bytes, *, station: Station, at: Instant
) -> bool:
    if _is_lost(tx, row):
        return _end(tx, row, Ended.ERASED, station=station, at=at)
    (question,) = _questions(tx, row)
    if law_of_watch(tx, question, station=station).verdict is Verdict.PERMIT:
        tx.put(replace(row, stamp=stamp))
        return False
    # INVARIANT: a watch lives on what the law permits; what is denied or unknown ends it.
    by = Act(person=PersonId(row.renewed_by or row.started_by), seat=_TIMER, session="", at=at)
    owe_answer(tx, row, by)
    return _end(tx, row, Ended.LAW, station=station, at=at)


def _may_find(reader: Reader, row: WatchRow, at: Instant) -> bool:
    """Whether a watch looks at all: not past its time, nor while a stop or challenge holds."""
    held = reader.get(CaseRow, row.case_id)
    contested = reader.count(CaseFieldRow, eq("case", row.case_id), eq("name", "contested"))
    is_held = held is None or standing(held.state).is_stopped
    return row.until > at and not is_held and not contested


def _is_open(reader: Reader, case: str, station: Station) -> bool:
    held = cases.case_row(reader, CaseId(case))
    return not is_closed(station.practices.named(held.practice), held.state)


def _may_go(reader: Reader, case: str, station: Station, at: Instant) -> bool:
    """Whether word to the partner of a case could leave now: no stop, no closed door, a key."""
    held = cases.case_row(reader, CaseId(case))
    partner = AgencyId(held.partner)
    doors = (row.purpose in {"", held.purpose} for row in closed_to(reader, partner))
    keys = (reader.get(PrekeyRow, each.node) for each in station.directory().nodes_for(partner))
    has_key = any(key is not None and key.until > at for key in keys)
    return has_key and not standing(held.state).is_stopped and not any(doors)


def _standing(reader: Reader, case: str, question: str) -> dict[str, Value]:
    row = reader.get(WatchRow, question)
    if row is not None:
        return {"watch": "kept", "watch_until": row.until}
    of = (eq("sort", "watch-ended"), eq("reference", question))
    ended = reader.count(EventRow, eq("case", case), *of)
    return {"watch": "ended" if ended else "not-kept"}


def _found(
    tx: Transaction, row: WatchRow, found: Sequence[EntityId], *, station: Station, at: Instant
) -> None:
    """Make what was found candidates of the case, with one entry and one task for a person."""
    case = CaseId(row.case_id)
    for name in found:
        for field in ("candidate", FOUND):
            tx.put(CaseFieldRow(case=case, name=field, value=name))
    record: dict[str, Value] = {"question": row.question, "found": list(found)}
    line = cases.Line(case=case, reference=row.question)
    cases.enter(tx, station, LeafType.WATCH_FOUND, record, line=line, at=at)
    held = cases.case_row(tx, case)
    task = TaskRow(
        task=f"{row.question}-watch-found-{at}",
        case=case,
        sort="watch-found",
        seat="officer",
        person=held.owner,
        due=at + LOOK_WITHIN,
        created=at,
        done=None,
        urgency="urgent",
    )
    tx.put(task)


def _is_looked_at(reader: Reader, task: TaskRow) -> bool:
    """Whether a person has looked since, and each found candidate has a final view."""
    of = eq("case", task.case)
    # An entry of the timeline counts whole seconds.
    since = Where("at", Op.GE, task.created // SECOND * SECOND)
    if not reader.count(EventRow, of, eq("sort", "consulted"), since):
        return False
    rows = reader.find(JudgementRow, eq("case_id", task.case))
    judged = {row.entity_id for row in rows if row.final_view}
    found = reader.find(CaseFieldRow, of, eq("name", FOUND))
    return {row.value for row in found} <= judged
