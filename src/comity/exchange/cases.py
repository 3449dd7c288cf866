"""A case as the road moves it: who talks to whom in it, its state, its timeline, its deadlines.

A case here joins two partners. Every change is made inside the unit of the message that causes
it, so that state, leaf and message stand or fall together.
"""

from dataclasses import replace

from comity.core.clock import DAY, HOUR, Entropy, Instant, utc_date
from comity.core.errors import NotFoundError, StateError
from comity.core.ids import AgencyId, CaseId
from comity.core.store import Reader, Transaction, eq
from comity.exchange.acts import Act
from comity.exchange.rows import EventRow, OutboxRow, RosterRow
from comity.exchange.stages import Admitted, Sealed
from comity.exchange.station import Station
from comity.law import deadline
from comity.ledger import Leaf
from comity.practice import CaseRow, Practice, Side, TaskRow, advance
from comity.seal import Message


class TooEarlyError(StateError):
    """A message of a conversation that has not begun here; its sender tries again."""

    code = "state.too-early"


def conversation(reader: Reader, case: CaseId, partner: AgencyId) -> bytes | None:
    """Return the pairwise conversation of a case with one partner, if it has begun."""
    rows = reader.find(RosterRow, eq("case", case), eq("partner", partner), limit=1)
    return rows[0].conv if rows else None


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
    tx.insert(
        EventRow(
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
    )


def new_case_id(at: Instant, entropy: Entropy) -> CaseId:
    """Make a reference people can read out: year and ten hex digits."""
    return CaseId(f"{utc_date(at).year}-{entropy.take(5).hex()}")


def step_out(tx: Transaction, sealed: Sealed, *, station: Station, at: Instant) -> None:
    """Move our side of the case as its message is logged; raises `StateError` if it cannot."""
    draft = sealed.marked.releasable.draft
    practice = station.practices.owner(draft.kind)
    held = _case(tx, draft.case)
    after = advance(practice, held.state, draft.kind, Side(held.side))
    if conversation(tx, draft.case, draft.recipient) is None:
        tx.insert(RosterRow(partner=draft.recipient, conv=sealed.conv, case=draft.case))
    _move(tx, held, practice, after, at=at, due=held.due)


def place(reader: Reader, message: Message, *, station: Station) -> CaseId | None:
    """Find the case a partner's message belongs to; `None` where it opens a new one.

    Raises `TooEarlyError` where its conversation is not known yet, `StateError` where the case
    cannot take this step.
    """
    practice = station.practices.owner(message.kind)
    row = reader.get(RosterRow, message.author, message.conv)
    if row is None:
        try:
            advance(practice, practice.initial, message.kind, Side.OPENER)
        except StateError:
            raise TooEarlyError(f"`{message.kind}` opens no case") from None
        return None
    held = _case(reader, CaseId(row.case))
    advance(practice, held.state, message.kind, other_side(held))
    return CaseId(held.case)


def step_in(tx: Transaction, admitted: Admitted, *, station: Station, at: Instant) -> CaseId:
    """Open or move the case a filed message belongs to, and start the clock it owes."""
    opened = admitted.opened
    message, content = opened.message, opened.content
    practice = station.practices.owner(message.kind)
    # Asked again inside the unit: another message may have moved the case since `admit`.
    case = place(tx, message, station=station)
    held = _open(tx, admitted, station=station, at=at) if case is None else _case(tx, case)
    after = advance(practice, held.state, message.kind, other_side(held))
    due = held.due
    if case is None or after != held.state:
        owed = [duty for duty in practice.duties if duty.state == after]
        if any(duty.owed_by is Side(held.side) for duty in owed):
            due = deadline(
                station.corpus(), urgency=content.urgency, accessibility=None, stored_at=at
            )
    _move(tx, held, practice, after, at=at, due=due)
    return CaseId(held.case)


def settled(tx: Transaction, row: OutboxRow, *, is_stored: bool, at: Instant) -> None:
    """Tell the case what became of a message: a refused one is work for a person."""
    held = tx.get(CaseRow, row.case)
    if held is None or is_stored:
        return
    tx.insert(
        TaskRow(
            task=row.mid.hex() + "-rejected",
            case=row.case,
            sort="rejected",
            seat="officer",
            person=row.person,
            due=at + DAY,
            created=at,
            done=None,
            urgency="urgent" if row.rank == 0 else "normal",
        )
    )


def other_side(held: CaseRow) -> Side:
    """Return the partner's side of a case."""
    return Side.ASKED if Side(held.side) is Side.OPENER else Side.OPENER


def _open(tx: Transaction, admitted: Admitted, *, station: Station, at: Instant) -> CaseRow:
    message, content = admitted.opened.message, admitted.opened.content
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
    tx.insert(RosterRow(partner=message.author, conv=message.conv, case=row.case))
    return row


def _move(  # noqa: PLR0913 - the unit, the case and what it becomes
    tx: Transaction,
    held: CaseRow,
    practice: Practice,
    after: str,
    *,
    at: Instant,
    due: int | None,
) -> None:
    owed = {duty.owed_by for duty in practice.duties if duty.state == after}
    is_ours = Side(held.side) in owed
    kept = due if owed and after not in practice.closed else None
    tx.put(replace(held, state=after, changed=at, due=kept))
    for task in tx.find(TaskRow, eq("case", held.case), eq("sort", "answer"), eq("done", None)):
        if not is_ours:
            tx.put(replace(task, done=at))
    if is_ours and kept is not None and not _has_open_task(tx, held.case):
        tx.insert(_task(held, at=at, due=kept))


def _has_open_task(reader: Reader, case: str) -> bool:
    return reader.count(TaskRow, eq("case", case), eq("sort", "answer"), eq("done", None)) > 0


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


def _case(reader: Reader, case: CaseId) -> CaseRow:
    held = reader.get(CaseRow, case)
    if held is None:
        raise NotFoundError(f"no case `{case}` stands open")
    return held
