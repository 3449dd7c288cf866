"""The sweep: when law, partners or readings change, what is here is asked about again.

A round asks about a bounded number of things and writes down how far it came. What the law says
otherwise of is told with the rules that changed, as a task for a named seat; a person recalls,
erases or keeps it.

INVARIANT: a sweep changes no message, draft or act; none of them goes on but down the road.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant, utc_date
from comity.core.errors import AuthorisationError, NotFoundError, StateError
from comity.core.ids import CaseId
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk.actor import DECIDERS, READERS, Actor
from comity.desk.again import SORTS, Again, Batch, ask_again, is_here
from comity.desk.rows import SweepRow, SweptRow
from comity.exchange import OutboxRow, Station, cases
from comity.exchange.effects import SWEPT
from comity.law import AssessmentRow, Corpus, Verdict
from comity.ledger import LeafType
from comity.practice import TaskRow
from comity.record import AssuranceRow, ConsentRow

NAME = "law"
LIMIT = 200
"""Most things asked about in one round."""
ROUNDS = 50
"""Most rounds a person waits for; the rest is done by the worker."""
_MOST = 500
_DUE = {Verdict.REFER: 3 * DAY, Verdict.DENY: DAY}
PROPOSAL = {
    ("held", Verdict.PERMIT): "release",
    ("held", Verdict.DENY): "erase",
    ("waiting", Verdict.PERMIT): "resume",
    ("waiting", Verdict.DENY): "abandon",
    ("pending", Verdict.PERMIT): "confirm",
    ("pending", Verdict.DENY): "drop",
    ("disclosed", Verdict.DENY): "recall",
}
"""What a person may do about a thing of each sort, by what the law says now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the newest sweep has come."""

    started: Instant
    finished: Instant | None
    seen: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One rule that came, or comes, to something else; `cite` is its provision."""

    rule: str
    cite: str
    outcome: Verdict
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing of which the law says otherwise, and what changed."""

    row: SweptRow
    rules: tuple[Weighed, ...]


class Sweep:
    """Asks the law again about all that is here."""

    def __init__(self, station: Station, *, limit: int = LIMIT, rounds: int = ROUNDS) -> None:
        """Sit beside the desk, to ask about at most `limit` things in each of its rounds."""
        self._station = station
        self._limit, self._rounds = limit, rounds

    def run(self, actor: Actor) -> Progress:
        """Ask again now, or go on where it stopped; a large sweep ends in the background."""
        actor.seat(DECIDERS)
        self._station.store.commit(self._anew).result()
        left = self._rounds
        while left and self.work():
            left -= 1
        return self.progress()

    def work(self) -> bool:
        """Do one round where law, partners or the day have changed; for a worker."""
        row = self._now()
        if row.finished is not None:
            return False
        batch = self._station.store.read(lambda r: self._batch(r, row))
        self._station.store.commit(lambda tx: self._write(tx, row, batch)).result()
        return True

    def progress(self) -> Progress:
        """Return how far the newest sweep has come."""
        row = self._station.store.read(self._under_way)
        if row is None:
            return Progress(started=self._station.clock.now(), finished=None, seen=0, found=0)
        finished = None if row.finished is None else Instant(row.finished)
        return Progress(
            started=Instant(row.started), finished=finished, seen=row.seen, found=row.found
        )

    def findings(self, actor: Actor) -> tuple[Finding, ...]:
        """List what a person should look at, the newest first; content-free."""
        actor.seat(READERS)
        corpus = self._station.corpus()

        def query(reader: Reader) -> tuple[Finding, ...]:
            rows = reader.find(SweptRow, eq("state", "open"), order="-at", limit=_MOST)
            return tuple(
                Finding(row=row, rules=tuple(_told(row.rules, corpus)))
                for row in rows
                if actor.case in {"", row.case} and is_here(reader, row.item)
            )

        return self._station.store.read(query)

    def keep(self, actor: Actor, item: str, *, reasons: str = "") -> None:
        """Decide that something stays as it is though the law says otherwise; for its reasons.

        Raises `AuthorisationError` for whoever sent it, `NotFoundError`.
        """
        station, now = self._station, self._station.clock.now()
        act = actor.act(DECIDERS, at=now)

        def unit(tx: Transaction) -> None:
            row = tx.get(SweptRow, item)
            if row is None or not is_here(tx, item):
                raise NotFoundError(f"nothing was found of `{item[:60]}`")
            if row.state != "open":
                raise StateError(f"`{item[:60]}` has been {row.state}")
            actor.bound(purpose="", case=row.case)
            sort, _, name = item.partition("/")
            sent = tx.get(OutboxRow, bytes.fromhex(name)) if sort == "disclosed" else None
            if sent is not None and sent.person == actor.person:
                raise AuthorisationError("what was sent is kept by another than its sender")
            tx.put(replace(row, state="kept", person=actor.person))
            _close(tx, row, at=now)
            line = cases.Line(
                case=CaseId(row.case), kind=row.kind, partner=row.partner, act=act
            )
            record: dict[str, Value] = {
                "item": item,
                "act": act.record(),
                "rules": row.weighed,
                "reasons": reasons,
            }
            cases.enter(tx, station, LeafType.LIFTED, record, line=line, at=now)

        station.store.commit(unit).result()

    def _stamp(self, reader: Reader) -> bytes:
        return stamp_of(reader, self._station)

    def _under_way(self, reader: Reader) -> SweepRow | None:
        row = reader.get(SweepRow, NAME)
        return row if row is not None and row.stamp == self._stamp(reader) else None

    def _now(self) -> SweepRow:
        store = self._station.store
        return store.read(self._under_way) or store.commit(self._begin).result()

    def _anew(self, tx: Transaction) -> None:
        row = self._under_way(tx)
        if row is None or row.finished is not None:
            self._begin(tx)

    def _begin(self, tx: Transaction) -> SweepRow:
        row = SweepRow(
            name=NAME,
            stamp=self._stamp(tx),
            sort=SORTS[0],
            cursor="",
            started=self._station.clock.now(),
            finished=None,
            seen=0,
            found=0,
        )
        tx.put(row)
        return row

    def _batch(self, reader: Reader, row: SweepRow) -> Batch:
        return ask_again(reader, row.sort, row.cursor, station=self._station, limit=self._limit)

    def _write(self, tx: Transaction, row: SweepRow, batch: Batch) -> None:
        now = self._station.clock.now()
        if tx.get(SweepRow, NAME) != row or row.stamp != self._stamp(tx):
            # Another round, or another law, was first: what was judged here counts no more.
            return
        found = sum(_found(tx, each, at=now) for each in batch.found)
        row = replace(row, cursor=batch.cursor, seen=row.seen + batch.seen)
        row = replace(row, found=row.found + found)
        if batch.is_last:
            later = SORTS[SORTS.index(row.sort) + 1 :]
            row = replace(row, sort=later[0] if later else row.sort, cursor="")
            row = replace(row, finished=None if later else now)
        if row.finished is not None:
            _settle_gone(tx, at=now)
        tx.put(row)


def stamp_of(reader: Reader, station: Station) -> bytes:
    """Return what a sweep stands on; where it is another, all is asked about again."""
    confirmed = reader.count(AssessmentRow, Where("confirmed_by", Op.NE, None))
    over = Where("ended_at", Op.NE, None)
    ended = [reader.count(kind, over) for kind in (AssuranceRow, ConsentRow)]
    # The day is part of it: what expires is found within one.
    day, law = utc_date(station.clock.now()).isoformat(), station.corpus().digest
    return hashlib.sha256(cbor.encode([law, confirmed, *ended, day])).digest()


def _found(tx: Transaction, each: Again, *, at: Instant) -> bool:
    """Write down what changed since the law was last heard; return whether it is work."""
    held = tx.get(SweptRow, each.item)
    was = each.was if held is None else Verdict(held.after)
    if each.now is was or not is_here(tx, each.item):
        return False
    before = each.before if held is None else held.weighed
    sort = each.item.partition("/")[0]
    first = each.was if held is None else Verdict(held.before)
    row = SweptRow(
        item=each.item,
        case=each.case,
        kind=each.kind,
        partner=each.partner,
        at=at,
        before=first,
        after=each.now,
        rules=_changed(before, each.weighed),
        weighed=each.weighed,
        proposal=PROPOSAL.get((sort, each.now), "decide"),
        seat=_seat(each),
        due=at + _DUE[each.now] if each.now > first else None,
        state="settled" if held is not None and each.now is first else "open",
    )
    if sort == "disclosed" and each.now is Verdict.PERMIT:
        row = replace(row, state="settled")
    tx.put(row)
    if held is not None:
        _close(tx, held, at=at)
    if row.state == "open" and row.due is not None:
        tx.put(_task(row, at=at))
    return row.state == "open"


def _seat(each: Again) -> str:
    if each.now is Verdict.REFER:
        return min(each.seats, default="legal")
    return "supervisor"


def _task(row: SweptRow, *, at: Instant) -> TaskRow:
    return TaskRow(
        task=_task_of(row),
        case=row.case,
        sort=SWEPT,
        seat=row.seat,
        person=None,
        due=row.due,
        created=at,
        done=None,
        urgency="normal",
    )


def _task_of(row: SweptRow) -> str:
    return f"{row.item.partition('/')[2]}-{SWEPT}"


def settle_item(tx: Transaction, item: str, *, at: Instant) -> None:
    """Settle what was found of something that a person has decided on."""
    row = tx.get(SweptRow, item)
    if row is not None and row.state == "open":
        tx.put(replace(row, state="settled"))
        _close(tx, row, at=at)


def _close(tx: Transaction, row: SweptRow, *, at: Instant) -> None:
    task = tx.get(TaskRow, _task_of(row))
    if task is not None and task.done is None:
        tx.put(replace(task, done=at))


def _settle_gone(tx: Transaction, *, at: Instant) -> None:
    for row in tx.find(SweptRow, eq("state", "open"), limit=_MOST):
        if not is_here(tx, row.item):
            settle_item(tx, row.item, at=at)


def _changed(before: str, after: str) -> str:
    old, new = set(before.split()), set(after.split())
    return " ".join(
        [
            *(f"-{each}" for each in sorted(old - new)),
            *(f"+{each}" for each in sorted(new - old)),
        ]
    )


def _told(codes: str, corpus: Corpus) -> Iterable[Weighed]:
    cites = {rule.name: rule.cite for rule in corpus.rules}
    for each in codes.split():
        rule, _, outcome = each[1:].rpartition("=")
        yield Weighed(
            rule=rule,
            cite=cites.get(rule, ""),
            outcome=Verdict(int(outcome)),
            is_new=each.startswith("+"),
        )
