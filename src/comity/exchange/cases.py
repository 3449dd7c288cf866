"""A case as the road moves it: who talks to whom in it, its state, its timeline, its deadlines.

A case here joins two partners. Every change is made inside the unit of the message that causes
it, so that state, leaf and message stand or fall together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, Entropy, Instant, utc_date
from comity.core.errors import NotFoundError, StateError
from comity.core.ids import AgencyId, CaseId
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.exchange import naming
from comity.exchange.acts import Act
from comity.exchange.leaves import commit, pack
from comity.exchange.rows import EventRow, InboxRow, OutboxRow
from comity.exchange.stages import Opened, Sealed
from comity.exchange.station import Station
from comity.law import deadline
from comity.ledger import Leaf, LeafType
from comity.message import Content, Handling
from comity.practice import (
    WORDS,
    CaseFieldRow,
    CaseRow,
    Kind,
    PartyRow,
    Practice,
    Side,
    TaskRow,
    advance,
    case_fields,
    choice,
    is_closed,
    owed,
)
from comity.record import (
    Ended,
    Outcome,
    Use,
    close_questions,
    consent_for,
    end_watch,
    watch_of,
)
from comity.seal import Message

TOLD = frozenset({"hit", "full", "partial"})
"""Outcomes that tell a partner something about a held person."""

WATCH_TASKS = ("watch", "watch-law", "watch-found")
"""What a request for a watch, and a watch that found somebody, leave a person to do."""


class TooEarlyError(StateError):
    """A message of a conversation that has not begun here; its sender tries again."""

    code = "state.too-early"


def new_case_id(at: Instant, entropy: Entropy) -> CaseId:
    """Make a reference people can read out: year and ten hex digits."""
    return CaseId(f"{utc_date(at).year}-{entropy.take(5).hex()}")


def note(  # noqa: PLR0913 - one keyword for each field of an event
    tx: Transaction,
    case: CaseId,
    leaf: Leaf,
    *,
    index: int,
    partner: str = "",
    act: Act | None = None,
    kind: str = "",
    reference: str = "",
) -> None:
    """Write one line of the case's timeline."""
    held = tx.get(CaseRow, case)
    row = EventRow(
        case=case,
        event=leaf.ref.hex(),
        at=leaf.at * 1000,
        sort=leaf.type.name.lower().replace("_", "-"),
        kind=kind,
        partner=partner,
        person=act.person if act else "",
        leaf=index,
        reference=reference,
        state=held.state if held else "",
    )
    tx.insert(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where an entry stands in a case's timeline, and who made it."""

    case: CaseId
    kind: str = ""
    partner: str = ""
    reference: str = ""
    act: Act | None = None


def enter(  # noqa: PLR0913 - a leaf, its record and its line
    tx: Transaction,
    station: Station,
    sort: LeafType,
    record: Mapping[str, Value],
    *,
    line: Line,
    at: Instant,
    follows: int | None = None,
    digest: bytes | None = None,
) -> int:
    """Write a leaf, the evidence that opens it and the case's line of it; return its index."""
    made = commit(sort, record, at=at, entropy=station.entropy, digest=digest, follows=follows)
    index = tx.append(made.leaf.encode())
    station.safe.keep(tx, sort=sort.name.lower(), plaintext=pack({}, made), at=at)
    note(
        tx,
        line.case,
        made.leaf,
        index=index,
        partner=line.partner,
        act=line.act,
        kind=line.kind,
        reference=line.reference,
    )
    return index


def step_out(tx: Transaction, sealed: Sealed, *, station: Station, at: Instant) -> None:
    """Move our side of the case as its message is logged; raises `StateError` if it cannot."""
    draft = sealed.marked.releasable.draft
    practice = station.practices.owner(draft.kind)
    kind = station.practices.kind(draft.kind)
    held = case_row(tx, draft.case)
    agree(held, practice, draft.handling, purpose=draft.purpose)
    picked = choice(kind, draft.body)
    side = Side(held.side)
    after = advance(practice, held.state, kind=draft.kind, side=side, choice=picked)
    keyed = station.keyed_hash
    for row in case_fields(kind, draft.body, case=held.case, keyed=keyed):
        tx.put(row)
    _move(tx, held, after=after, at=at, due=held.due, station=station)


def agree(held: CaseRow, practice: Practice, handling: Handling, *, purpose: str) -> None:
    """Demand the case's own practice, setting and purpose; raises `StateError`."""
    # INVARIANT: exercise and real values never meet in a case, nor do two purposes.
    if held.practice != practice.name:
        raise StateError(f"this case is of the practice `{held.practice}` alone")
    if handling.setting.value != held.setting:
        raise StateError(f"this case is of the `{held.setting}` setting alone")
    if purpose != held.purpose:
        raise StateError(f"this case is for the purpose `{held.purpose}` alone")


def place(reader: Reader, opened: Opened, *, station: Station) -> CaseId | None:
    """Find the case a partner's message belongs to; `None` where it opens a new one.

    Raises `TooEarlyError` where its conversation, or what it names, is not known yet,
    `StateError` where the case cannot take this step, `InvalidInputError` where it names what
    is not its author's to name.
    """
    message, content = opened.message, opened.content
    practice = station.practices.owner(message.kind)
    kind = station.practices.kind(message.kind)
    picked = choice(kind, content.body)
    held = _conversation(reader, message)
    if held is not None:
        side, case = other_side(held), CaseId(held.case)
        agree(held, practice, content.handling, purpose=content.purpose)
        try:
            naming.check(reader, kind, content.body, case=case, station=station, is_ours=False)
        except NotFoundError as error:
            raise TooEarlyError(str(error)) from None
        advance(practice, held.state, kind=message.kind, side=side, choice=picked)
        return CaseId(held.case)
    try:
        advance(practice, practice.initial, kind=message.kind, side=Side.OPENER, choice=picked)
    except StateError:
        raise TooEarlyError(f"`{message.kind}` opens no case") from None
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """The case a message moved; `asks` where it leaves us owing an answer."""

    case: CaseId
    asks: bool


def step_in(
    tx: Transaction, opened: Opened, kind: Kind, *, station: Station, at: Instant
) -> "Stepped":
    """Open or move the case a filed message belongs to, and start the clock it owes."""
    message, content = opened.message, opened.content
    practice = station.practices.owner(message.kind)
    # Asked again inside the unit: another message may have moved the case since `admit`.
    case = place(tx, opened, station=station)
    held = _open(tx, opened, station=station, at=at) if case is None else case_row(tx, case)
    picked = choice(kind, content.body)
    side = other_side(held)
    after = advance(practice, held.state, kind=kind.name, side=side, choice=picked)
    for row in case_fields(kind, content.body, case=held.case, keyed=station.keyed_hash):
        tx.put(row)
    due = held.due
    ours = owed(practice, after, Side(held.side))
    starts = any(duty.since in {"", kind.name} for duty in ours)
    if starts and (due is None or after != held.state):
        due = _deadline(content, station=station, at=at)
    _move(tx, held, after=after, at=at, due=due, station=station)
    return Stepped(case=CaseId(held.case), asks=bool(ours) and kind.word not in WORDS)


def _deadline(content: Content, *, station: Station, at: Instant) -> int:
    return deadline(station.corpus(), urgency=content.urgency, accessibility=None, stored_at=at)


def settled(tx: Transaction, row: OutboxRow, *, is_stored: bool, at: Instant) -> None:
    """Tell the case what became of a message: one that was not stored is work for a person."""
    if is_stored or tx.get(CaseRow, row.case) is None:
        return
    task = TaskRow(
        task=f"{row.mid.hex()}-undelivered",
        case=row.case,
        sort="undelivered",
        seat="officer",
        person=row.person,
        due=at + DAY,
        created=at,
        done=None,
        urgency="urgent" if row.rank == 0 else "normal",
    )
    tx.put(task)


def other_side(held: CaseRow) -> Side:
    """Return the partner's side of a case."""
    return Side.ASKED if Side(held.side) is Side.OPENER else Side.OPENER


def case_row(reader: Reader, case: CaseId) -> CaseRow:
    """Return a case; raises `NotFoundError`."""
    held = reader.get(CaseRow, case)
    if held is None:
        raise NotFoundError(f"no case `{case}` stands open")
    return held


def _conversation(reader: Reader, message: Message) -> CaseRow | None:
    rows = reader.find(
        CaseRow, eq("partner", message.author), eq("conv", message.conv), limit=1
    )
    if rows:
        return rows[0]
    # In a case of several parties each pair of them has a conversation of its own.
    pairs = reader.find(
        PartyRow, eq("party", message.author), eq("conv", message.conv), limit=1
    )
    return reader.get(CaseRow, pairs[0].case) if pairs else None


def _open(tx: Transaction, opened: Opened, *, station: Station, at: Instant) -> CaseRow:
    message, content = opened.message, opened.content
    practice = station.practices.owner(message.kind)
    row = CaseRow(
        case=new_case_id(at, station.entropy),
        practice=practice.name,
        state=practice.initial,
        opener=message.author,
        partner=message.author,
        side=Side.ASKED.value,
        conv=message.conv,
        purpose=content.purpose,
        opened=at,
        changed=at,
        due=None,
        owner=None,
        setting=content.handling.setting.value,
        parent=None,
    )
    tx.insert(row)
    return row


def move_on(
    tx: Transaction, held: CaseRow, *, after: str, station: Station, at: Instant
) -> None:
    """Move a case that a timer moved: a date has passed, or a stop has lapsed."""
    _move(tx, held, after=after, at=at, due=held.due, station=station)


def _move(  # noqa: PLR0913 - the unit, the case and what it becomes
    tx: Transaction,
    held: CaseRow,
    *,
    after: str,
    at: Instant,
    due: int | None,
    station: Station,
) -> None:
    practice = station.practices.named(held.practice)
    is_ours = bool(owed(practice, after, Side(held.side)))
    is_over = is_closed(practice, after)
    kept = due if is_ours and not is_over else None
    tx.put(replace(held, state=after, changed=at, due=kept))
    open_tasks = tx.find(TaskRow, eq("case", held.case), eq("sort", "answer"), eq("done", None))
    if kept is None:
        for task in open_tasks:
            tx.put(replace(task, done=at))
    elif not open_tasks:
        tx.put(_task(held, at=at, due=kept))
    if is_over:
        # INVARIANT: a watch outlives neither its case nor its question, not by a moment.
        end_watch_of(tx, CaseId(held.case), why=Ended.CASE_CLOSED, station=station, at=at)
        _end_questions(tx, held, station=station, at=at)


def _end_questions(tx: Transaction, held: CaseRow, *, station: Station, at: Instant) -> None:
    # A question is not a record: it leaves with a case that closes without a hit.
    outcomes = tx.find(CaseFieldRow, eq("case", held.case), eq("name", "outcome"))
    is_hit = any(row.value in TOLD for row in outcomes)
    outcome = Outcome.HIT if is_hit else Outcome.NO_HIT
    case = CaseId(held.case)
    # INVARIANT: what is challenged, or named as evidence, is never erased by itself.
    spared = frozenset(
        row.mid.hex()
        for row in tx.find(InboxRow, eq("case", case))
        if is_spared(tx, row, at=at)
    )
    closing = close_questions(
        tx, case, outcome=outcome, safe=station.safe, at=at, spared=spared
    )
    for gone in closing:
        for row in tx.find(InboxRow, eq("case", case), eq("record_id", gone.record_id)):
            tx.put(replace(row, state="erased"))
            line = Line(case=case, kind=row.kind, partner=row.author, reference=row.mid.hex())
            record = {"record": gone.record_id, "why": gone.why}
            enter(tx, station, LeafType.ERASED, record, line=line, at=at)


def is_spared(reader: Reader, row: InboxRow, *, at: Instant) -> bool:
    """Whether a message is challenged, or its originator agreed that it is evidence."""
    mid, originator = row.mid.hex(), AgencyId(row.author)
    contested = reader.get(CaseFieldRow, row.case, "contested", mid)
    named = consent_for(reader, mid, Use.EVIDENCE, originator=originator, at=at)
    return contested is not None or named is not None


def end_watch_of(  # noqa: PLR0913 - the unit, the watch, why it ends and who says so
    tx: Transaction,
    case: CaseId,
    *,
    why: Ended,
    station: Station,
    at: Instant,
    question: str = "",
    act: Act | None = None,
) -> bool:
    """End the watch of a case, or only where it rests on `question`; say whether one lived."""
    row = watch_of(tx, case)
    if row is None or question not in {"", row.question, row.request}:
        return False
    gone = end_watch(tx, row, safe=station.safe, why=why, at=at)
    record: dict[str, Value] = {"record": gone.record_id, "why": gone.why, "due": gone.due}
    line = Line(case=case, partner=row.asker, reference=row.question, act=act)
    record |= {} if act is None else {"act": act.record()}
    enter(tx, station, LeafType.WATCH_ENDED, record, line=line, at=at)
    # Whom it found is still to be looked at, as long as somebody still asks.
    asks = why in {Ended.TIME, Ended.LAW, Ended.PERSON}
    sorts = Where("sort", Op.IN, WATCH_TASKS[:-1] if asks else WATCH_TASKS)
    for task in tx.find(TaskRow, eq("case", case), sorts, eq("done", None)):
        tx.put(replace(task, done=at))
    return True


def _task(held: CaseRow, *, at: Instant, due: int) -> TaskRow:
    return TaskRow(
        task=f"{held.case}-answer-{at}",
        case=held.case,
        sort="answer",
        seat="officer",
        person=held.owner,
        due=due,
        created=at,
        done=None,
        urgency="urgent" if due - at <= 8 * HOUR else "normal",
    )
