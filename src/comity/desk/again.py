"""Asking the law again about what is here: held, waiting, and disclosed.

Nothing is changed by asking: what is referred stays so until a person takes it up, and what
waits re-enters the road at *decide*. What cannot be judged any more is left to a person.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from comity.core.errors import ComityError, NotFoundError
from comity.core.ids import AgencyId, RecordId
from comity.core.store import Op, R, Reader, Where, eq
from comity.desk.rows import PendingRow
from comity.desk.waiting import read_back
from comity.exchange import DecisionRow, InboxRow, OutboxRow, Station, passage
from comity.exchange.doors import Passing, is_barred
from comity.exchange.drafts import as_held
from comity.exchange.leaves import content_of
from comity.law import Decision, Verdict, decide, holds, standing_facts
from comity.practice import parse_body

NOT_JUDGED = "law.not-judged"
"""Stands for a rule where something kept can be judged no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """One thing, what the law said of it and what it says now."""

    item: str
    case: str
    kind: str
    partner: str
    before: str
    """What each rule came to, in codes."""
    was: Verdict
    weighed: str
    now: Verdict
    seats: frozenset[str]
    """Who may decide it, where it is referred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some things of one sort, asked about again; `cursor` is where the next batch begins."""

    seen: int
    found: tuple[Again, ...]
    cursor: str
    is_last: bool


def verdict_in(codes: str) -> Verdict:
    """Return the verdict that the rules in a row's codes came to together."""
    return Verdict(max((int(each.rpartition("=")[2]) for each in codes.split()), default=0))


def ask_again(reader: Reader, sort: str, cursor: str, *, station: Station, limit: int) -> Batch:
    """Ask about the next things of one sort, in the order of their ids."""
    rows = _NEXT[sort](reader, cursor, limit)
    found = [_asked(reader, row, station) for row in rows]
    return Batch(
        seen=len(rows),
        found=tuple(each for each in found if each is not None),
        cursor=_id(rows[-1]) if rows else cursor,
        is_last=len(rows) < limit,
    )


def is_here(reader: Reader, item: str) -> bool:
    """Whether what was asked about is still held, still waits, or is still out."""
    sort, _, name = item.partition("/")
    match sort:
        case "held":
            rows = reader.find(InboxRow, eq("mid", bytes.fromhex(name)), _HELD)
            return bool(rows)
        case "disclosed":
            sent = reader.get(OutboxRow, bytes.fromhex(name))
            return sent is not None and sent.recalled_at is None
        case "pending":
            act = reader.get(PendingRow, name)
            return act is not None and act.state == "waiting"
        case _:
            made = reader.get(DecisionRow, name)
            return made is not None and made.state == "waiting"


def _id(row: "Kept") -> str:
    if isinstance(row, (InboxRow, OutboxRow)):
        return row.mid.hex()
    return row.decision if isinstance(row, DecisionRow) else row.pending


Kept = InboxRow | OutboxRow | DecisionRow | PendingRow
_HELD = Where("state", Op.IN, ("filed", "held"))


def _held(reader: Reader, cursor: str, limit: int) -> Sequence[InboxRow]:
    after = Where("mid", Op.GT, bytes.fromhex(cursor))
    rows = list(reader.find(InboxRow, _HELD, after, order="mid", limit=limit))
    if len(rows) == limit:
        # Two nodes may have used one id: those of the last id belong to this batch.
        more = reader.find(InboxRow, _HELD, eq("mid", rows[-1].mid))
        rows += [row for row in more if row not in rows]
    return rows


def _waiting(kind: type[R], key: str) -> Callable[[Reader, str, int], Sequence[R]]:
    def rows(reader: Reader, cursor: str, limit: int) -> Sequence[R]:
        after = Where(key, Op.GT, cursor)
        return reader.find(kind, eq("state", "waiting"), after, order=key, limit=limit)

    return rows


def _disclosed(reader: Reader, cursor: str, limit: int) -> Sequence[OutboxRow]:
    where = (eq("state", "receipted"), eq("recalled_at", None))
    after = Where("mid", Op.GT, bytes.fromhex(cursor))
    return reader.find(OutboxRow, *where, after, order="mid", limit=limit)


_NEXT: Mapping[str, Callable[[Reader, str, int], Sequence[Kept]]] = {
    "held": _held,
    "waiting": _waiting(DecisionRow, "decision"),
    "pending": _waiting(PendingRow, "pending"),
    "disclosed": _disclosed,
}
SORTS = tuple(_NEXT)


@dataclass(frozen=True, slots=True)
class _Of:
    item: str
    case: str
    kind: str
    partner: str
    before: str
    was: Verdict


def _asked(reader: Reader, row: Kept, station: Station) -> Again | None:
    """Ask about one thing; `None` where its content is gone or it needs no basis."""
    if isinstance(row, InboxRow):
        was = verdict_in(row.rules) if row.rules else _OF_STATE[row.state]
        of = _Of(f"held/{row.mid.hex()}", row.case, row.kind, row.author, row.rules, was)
        return _again(of, lambda: _of_inbox(reader, row, station))
    of, record = _of_row(reader, row)
    return _again(of, lambda: _of_draft(reader, record, station))


def _of_row(reader: Reader, row: OutboxRow | DecisionRow | PendingRow) -> tuple[_Of, str]:
    if isinstance(row, OutboxRow):
        made = reader.get(DecisionRow, row.decision)
        rules, record = ("", "") if made is None else (made.rules, made.record_id)
        item, was = f"disclosed/{row.mid.hex()}", Verdict.PERMIT
        return _Of(item, row.case, row.kind, row.recipient, rules, was), record
    if isinstance(row, DecisionRow):
        item, was = f"waiting/{row.decision}", Verdict.REFER
        return _Of(item, row.case, row.kind, row.recipient, row.rules, was), row.record_id
    item, was = f"pending/{row.pending}", verdict_in(row.rules)
    return _Of(item, row.case, row.kind, "", row.rules, was), row.record_id


def _again(of: _Of, ask: Callable[[], Decision | None]) -> Again | None:
    try:
        found = ask()
    except NotFoundError:
        # Its draft has been erased, or what it passes on is gone: nothing is left to judge.
        return None
    except ComityError:
        weighed, now, seats = f"{NOT_JUDGED}=1", Verdict.REFER, frozenset({"legal"})
    else:
        if found is None:
            return None
        weighed, now, seats = found.weighed, found.verdict, found.lifted_by
    return Again(
        item=of.item,
        case=of.case,
        kind=of.kind,
        partner=of.partner,
        before=of.before,
        was=of.was,
        weighed=weighed,
        now=now,
        seats=seats,
    )


def _of_draft(reader: Reader, record_id: str, station: Station) -> Decision | None:
    draft, act = read_back(reader, record_id, station=station)
    if draft.is_protective:
        return None
    return decide(draft, station.corpus(), lifted=act.lifted)


def letting_in(reader: Reader, row: InboxRow, station: Station) -> tuple[str, Decision | None]:
    """Ask again at the door what `admit` asked: return why a held message may not come in now.

    An empty reason lets it in. Where it is denied by our law, the decision is returned too.
    """
    kept, at = station.safe.open(reader, RecordId(row.record_id)), station.clock.now()
    if kept is None:
        return "", None  # nothing is left of it that could be used
    kind, content = station.practices.kind(row.kind), content_of(kept)
    agencies = (AgencyId(row.author), AgencyId(row.recipient))
    body = parse_body(kind, content.body)
    setting = content.handling.setting
    directory = station.directory()
    refused = passage.refusal(
        kind, body, setting=setting, agencies=agencies, directory=directory, at=at
    )
    passing = Passing(kind=kind, body=body, partner=agencies[0], purpose=content.purpose)
    if refused is None and is_barred(reader, passing, station=station):
        refused = "closed"
    if refused is not None:
        return refused, None
    decision = _of_inbox(reader, row, station)
    is_denied = decision is not None and decision.verdict is Verdict.DENY
    return ("not-admitted" if is_denied else ""), decision


def _of_inbox(reader: Reader, row: InboxRow, station: Station) -> Decision | None:
    kept, at = station.safe.open(reader, RecordId(row.record_id)), station.clock.now()
    if kept is None:
        return None
    kind, content = station.practices.kind(row.kind), content_of(kept)
    content = replace(content, body=parse_body(kind, content.body))
    agencies = (AgencyId(row.author), AgencyId(row.recipient))
    draft = as_held(kind, content, agencies=agencies, at=at)
    if draft.is_protective:
        return None
    facts = standing_facts(reader, draft.originator, draft.purpose, at=at)
    return holds(replace(draft, facts=facts), station.corpus())


_OF_STATE = {"filed": Verdict.PERMIT, "held": Verdict.REFER}
