"""Reading: inbox, cases and messages, each opened by a person for a reason that is logged.

A list shows codes and times. Content is decrypted only when a person opens a message; the first
time that is a leaf of the ledger, and the sender learns that it was *seen*.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, NotFoundError, StateError
from comity.core.ids import CaseId, MessageId, PersonId, RecordId, message_id
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import DECIDERS, READERS, Actor
from comity.desk.again import letting_in
from comity.desk.emergency import validate_by
from comity.desk.joint_pages import joint_kinds
from comity.desk.sweep import settle_item
from comity.exchange import CallRow, EventRow, InboxRow, OutboxRow, Station, cases, effects
from comity.exchange.calling import OPEN, end_call
from comity.exchange.leaves import content_of
from comity.ledger import LeafType
from comity.message import Content
from comity.practice import (
    CaseFieldRow,
    CaseRow,
    JointRow,
    Kind,
    Side,
    Standing,
    TaskRow,
    allowed,
    is_closed,
    standing,
)
from comity.trust import is_active

ACKNOWLEDGEMENTS = frozenset({"seen", "comply", "warning-ack", "number", "withheld"})
"""Words of kinds that nobody need read: they acknowledge, and are not acknowledged."""
VIEWS = ("to-do", "mine", "second", "waiting", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One line of a list of cases; content-free."""

    case: CaseRow
    kind: str
    """The newest message's kind."""
    is_unread: bool
    urgency: str
    is_contested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message of a case. `content` is `None` until it is opened, and again once erased."""

    mid: str
    kind: str
    is_ours: bool
    partner: str
    at: Instant
    state: str
    stored_at: Instant | None
    seen_at: Instant | None
    leaf: int
    content: Content | None = None
    recalled_at: Instant | None = None
    complied_at: Instant | None = None
    validate_by: Instant | None = None
    """By when what went on the emergency path must be validated."""
    decision: str = ""
    """The answer of our own law it was sent on."""
    call_at: Instant | None = None
    """From when on its partner is telephoned, while nobody there has seen what is urgent."""
    code: str = ""
    """What its partner's node last said of it: `closed` while its door is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case as a person works on it: who, where it stands, what happened, what may be done."""

    case: CaseRow
    standing: Standing
    messages: tuple[MessageView, ...]
    events: tuple[EventRow, ...]
    tasks: tuple[TaskRow, ...]
    acts: tuple[Kind, ...]
    """Kinds this person's seats may send now."""
    is_contested: bool


class Reading:
    """What a person may look at. `seen` tells a partner that a person opened its message."""

    def __init__(self, station: Station, *, seen: Callable[[InboxRow, Actor], None]) -> None:
        """Sit down to read."""
        self._station = station
        self._seen = seen

    def cases(self, actor: Actor, *, view: str = "to-do") -> tuple[CaseLine, ...]:
        """List cases, the soonest due first; `view` is one of `VIEWS`."""
        actor.seat(READERS)
        if view not in VIEWS:
            raise InvalidInputError(f"unknown view `{view[:40]}`, expected {', '.join(VIEWS)}")
        return self._station.store.read(lambda r: self._lines(r, actor, view))

    def counts(self, actor: Actor) -> Mapping[str, int]:
        """Count each view."""
        actor.seat(READERS)
        return {view: len(self.cases(actor, view=view)) for view in VIEWS}

    def case(self, actor: Actor, case: CaseId) -> CaseView:
        """Show a case, without opening its messages; raises `NotFoundError`."""
        actor.seat(READERS)
        view = self._station.store.read(lambda r: self._case(r, actor, case))
        actor.bound(purpose=view.case.purpose, case=case)
        return view

    def message(self, actor: Actor, mid: str) -> MessageView:
        """Open one message; the first time, the ledger and its sender learn of it."""
        actor.seat(READERS)
        found = self._station.store.read(lambda r: self._found(r, message_id(mid)))
        row = self._station.store.read(lambda r: cases.case_row(r, CaseId(found.case)))
        actor.bound(purpose=row.purpose, case=found.case)
        if isinstance(found, OutboxRow):
            due = self._station.store.read(lambda r: validate_by(r, found))
            call = self._station.store.read(lambda r: r.get(CallRow, found.mid.hex()))
            view = replace(_ours(found), validate_by=due, call_at=_call_at(call))
            return self._open(found, view, actor)
        view = self._open(found, _theirs(found), actor)
        if found.seen_at is None and found.state == "filed":
            self._log_opening(found, actor)
        elif found.state == "held" and view.content is not None:
            self._end_call(found, actor)
        return view

    def released(self, actor: Actor, mid: str) -> None:  # noqa: PLR0915 - one unit and its answer
        """Let in a message the law held for a person, if our law still lets it be held.

        Raises `AuthorisationError`, and `StateError` with its reason where the law, a closed
        door or its member's standing now denies it: it stays held, and a leaf says so.
        """
        station, now = self._station, self._station.clock.now()
        act = actor.act(DECIDERS, at=now)

        def unit(tx: Transaction) -> str:
            rows = tx.find(InboxRow, eq("mid", message_id(mid)), eq("state", "held"))
            if not rows:
                raise NotFoundError(f"no held message `{mid[:40]}`")
            row = replace(rows[0], state="filed")
            actor.bound(purpose="", case=row.case)
            line = cases.Line(case=CaseId(row.case), kind=row.kind, reference=mid, act=act)
            record: dict[str, Value] = {"mid": row.mid, "person": actor.person}
            # INVARIANT: a person lets in only what our own law lets be held at that moment.
            refused, decision = letting_in(tx, row, station)
            if decision is not None:
                record |= {"decision": decision.digest, "packs": station.corpus().digest}
            if refused:
                told = {**record, "code": refused}
                cases.enter(tx, station, LeafType.NOT_ADMITTED, told, line=line, at=now)
                return refused
            tx.put(row)
            cases.enter(tx, station, LeafType.LIFTED, record, line=line, at=now)
            settle_item(tx, f"held/{mid}", at=now)
            kept = station.safe.open(tx, RecordId(row.record_id))
            if kept is not None:
                # What it does, it does from now on: a person has let it in.
                effects.apply(tx, row, content_of(kept).body, station=station, at=now)
            return ""

        refused = station.store.commit(unit).result()
        if refused:
            raise StateError(f"this message may not be let in now: `{refused}`")

    def assign(self, actor: Actor, case: CaseId, *, person: str | None) -> None:
        """Give a case to a person of this node, or back to the seat.

        Raises `NotFoundError` for an unknown case or person.
        """
        actor.seat(READERS)

        def unit(tx: Transaction) -> None:
            held = cases.case_row(tx, case)
            actor.bound(purpose=held.purpose, case=case)
            if person is not None and not is_active(tx, PersonId(person)):
                raise NotFoundError(f"no person `{person[:60]}` here")
            tx.put(replace(held, owner=person))
            for task in tx.find(TaskRow, eq("case", case), eq("done", None)):
                tx.put(replace(task, person=person))

        self._station.store.commit(unit).result()

    def _lines(self, reader: Reader, actor: Actor, view: str) -> tuple[CaseLine, ...]:
        rows = reader.find(CaseRow, order="due,-changed", limit=1_000)
        lines = (
            self._line(reader, row) for row in rows if self._is_in(reader, row, actor, view)
        )
        dated = sorted(lines, key=lambda line: (line.case.due is None, line.case.due or 0))
        return tuple(dated[:200])

    def _is_in(self, reader: Reader, row: CaseRow, actor: Actor, view: str) -> bool:
        practice = self._station.practices.named(row.practice)
        if standing(row.state).state == practice.initial or not _is_for(actor, row):
            # Nothing has been sent in it yet: a letter that the law held back is no case.
            return False
        is_over = is_closed(practice, row.state)
        tasks = reader.count(TaskRow, eq("case", row.case), eq("done", None))
        # What has arrived and nobody opened is work, even where no clock runs on it.
        is_work = tasks > 0 or self._is_unread(reader, row)
        match view:
            case "closed":
                return is_over and not is_work
            case "mine":
                return row.owner == actor.person and not is_over
            case "second":
                sorts = {"second", "confirm-stop"}
                found = reader.find(TaskRow, eq("case", row.case), eq("done", None))
                return any(task.sort in sorts for task in found)
            case "waiting":
                return not is_over and not is_work
            case _:
                return is_work

    def _is_unread(self, reader: Reader, row: CaseRow) -> bool:
        """Whether a partner's message lies unopened, acknowledgements apart."""
        arrived = reader.find(
            InboxRow, eq("case", row.case), eq("seen_at", None), eq("state", "filed")
        )
        words = {self._station.practices.kind(each.kind).word for each in arrived}
        return bool(words - ACKNOWLEDGEMENTS)

    def _line(self, reader: Reader, row: CaseRow) -> CaseLine:
        newest = reader.find(EventRow, eq("case", row.case), order="-at", limit=20)
        tasks = reader.find(TaskRow, eq("case", row.case), eq("done", None))
        contested = reader.count(CaseFieldRow, eq("case", row.case), eq("name", "contested"))
        return CaseLine(
            case=row,
            kind=next((event.kind for event in newest if event.kind), ""),
            is_unread=self._is_unread(reader, row),
            urgency="urgent" if any(task.urgency == "urgent" for task in tasks) else "normal",
            is_contested=contested > 0,
        )

    def _case(self, reader: Reader, actor: Actor, case: CaseId) -> CaseView:
        row = cases.case_row(reader, case)
        practice = self._station.practices.named(row.practice)
        ours = [_ours(sent) for sent in reader.find(OutboxRow, eq("case", case))]
        theirs = [_theirs(got) for got in reader.find(InboxRow, eq("case", case))]
        contested = reader.count(CaseFieldRow, eq("case", case), eq("name", "contested"))
        several = reader.get(JointRow, case)
        may_now = (
            allowed(practice, row.state, Side(row.side))
            if several is None
            else joint_kinds(reader, several, self._station)
        )
        return CaseView(
            case=row,
            standing=standing(row.state),
            messages=tuple(sorted(ours + theirs, key=lambda view: view.at)),
            events=tuple(reader.find(EventRow, eq("case", case), order="at,leaf")),
            tasks=tuple(reader.find(TaskRow, eq("case", case), eq("done", None), order="due")),
            acts=tuple(kind for kind in may_now if kind.seats & actor.seats),
            is_contested=contested > 0,
        )

    def _found(self, reader: Reader, mid: MessageId) -> InboxRow | OutboxRow:
        sent = reader.get(OutboxRow, mid)
        if sent is not None:
            return sent
        got = reader.find(InboxRow, eq("mid", mid), limit=1)
        if not got:
            raise NotFoundError(f"no message `{mid.hex()}`")
        return got[0]

    def _open(self, row: InboxRow | OutboxRow, view: MessageView, actor: Actor) -> MessageView:
        may_judge = row.state in {"held", "restricted"} and bool(actor.seats & DECIDERS)
        if isinstance(row, InboxRow) and row.state != "filed" and not may_judge:
            # Held, restricted, recalled and erased messages show that they exist, no more.
            return view
        kept = self._station.store.read(
            lambda r: self._station.safe.open(r, RecordId(row.record_id))
        )
        if kept is None:
            return replace(view, state="erased")
        return replace(view, content=content_of(kept))

    def _end_call(self, row: InboxRow, actor: Actor) -> None:
        """End the call to what the law holds: one who may let it in has looked."""
        now, mid = self._station.clock.now(), row.mid.hex()
        called = self._station.store.read(lambda r: r.get(CallRow, mid))
        if called is not None and called.ended is None:
            self._station.store.commit(
                lambda tx: end_call(tx, mid, state="seen", at=now, person=actor.person)
            ).result()

    def _log_opening(self, row: InboxRow, actor: Actor) -> None:
        station, now = self._station, self._station.clock.now()
        line = cases.Line(
            case=CaseId(row.case),
            kind=row.kind,
            partner=row.author,
            reference=row.mid.hex(),
            act=actor.act(READERS, at=now),
        )
        record: dict[str, Value] = {
            "mid": row.mid,
            "person": actor.person,
            "session": actor.session,
        }

        def unit(tx: Transaction) -> bool:
            held = tx.get(InboxRow, row.from_node, row.mid)
            if held is None or held.seen_at is not None:
                return False
            tx.put(replace(held, seen_at=now, seen_by=actor.person))
            end_call(tx, row.mid.hex(), state="seen", at=now, person=actor.person)
            cases.enter(tx, station, LeafType.OPENED, record, line=line, at=now)
            return True

        # Where two persons open a message at once, its sender is told once.
        if station.store.commit(unit).result():
            self._seen(row, actor)


def _call_at(call: CallRow | None) -> Instant | None:
    if call is None or call.state not in {OPEN, "missed"}:
        return None
    return Instant(call.next_at)


def _is_for(actor: Actor, row: CaseRow) -> bool:
    """Whether a token's purpose and case let its bearer see this case in a list."""
    return actor.purpose in {"", row.purpose} and actor.case in {"", row.case}


def _ours(row: OutboxRow) -> MessageView:
    return MessageView(
        mid=row.mid.hex(),
        kind=row.kind,
        is_ours=True,
        partner=row.recipient,
        at=Instant(row.created),
        state=row.state,
        stored_at=_instant(row.stored_at),
        seen_at=_instant(row.seen_at),
        leaf=row.sent_leaf,
        decision=row.decision,
        code=row.code,
        recalled_at=_instant(row.recalled_at),
        complied_at=_instant(row.complied_at),
    )


def _theirs(row: InboxRow) -> MessageView:
    return MessageView(
        mid=row.mid.hex(),
        kind=row.kind,
        is_ours=False,
        partner=row.author,
        at=Instant(row.stored_at),
        state=row.state,
        stored_at=Instant(row.stored_at),
        seen_at=_instant(row.seen_at),
        leaf=row.leaf,
    )


def _instant(value: int | None) -> Instant | None:
    return None if value is None else Instant(value)
