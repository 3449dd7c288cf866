"""What messages do the moment they are filed or sent, inside the same unit.

A recall takes effect before anyone has read it: what it names can no longer be opened here, and
the duty to comply stands as a task. Only the author of a message can recall or correct it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, Instant, utc_date
from comity.core.errors import NotFoundError
from comity.core.ids import AgencyId, CaseId, MessageId, RecordId
from comity.core.store import Reader, Transaction, eq
from comity.exchange import cases, joint, joint_recall
from comity.exchange.calling import end_call
from comity.exchange.leaves import content_of
from comity.exchange.naming import about_of
from comity.exchange.owing import VALIDATE, close_duty, owe, owe_second, owe_validation
from comity.exchange.rows import InboxRow, OutboxRow
from comity.exchange.stages import Sealed
from comity.exchange.station import Station
from comity.exchange.watching import check_told, end_with
from comity.ledger import LeafType
from comity.message import Draft
from comity.practice import (
    STOP_LAPSES,
    CaseFieldRow,
    Side,
    TaskRow,
    watch_days,
)
from comity.record import ConsentRow, Ended, Use, end_consents, hold_consents, withdraw

GIVEN = "given"
"""The duty to say whether what a member gave that left is kept, on which terms, or erased."""
COMPLY_WITHIN = 24 * HOUR
UNSEEN = "unseen"
"""The duty to telephone a partner where nobody has seen what is urgent."""
SWEPT = "swept"
"""The duty to look at what the law says otherwise of than it did."""
ANSWER_CHALLENGE_WITHIN = 30 * DAY
"""Admissibility of a challenge (CCF Statute, article 32): the shortest clock that applies."""
LAPSE_GRACE = DAY
"""How much longer a partner's stop holds here: its confirmation may be on its way."""
LEAVES: Mapping[str, LeafType] = {
    "correct": LeafType.CORRECTION,
    "recall": LeafType.RECALL,
    "comply": LeafType.COMPLIED,
    "challenge": LeafType.CHALLENGE,
    "challenge-answer": LeafType.CHALLENGE_ANSWERED,
    "consent-answer": LeafType.CONSENT,
    "dissent": LeafType.DISSENT,
    "stop": LeafType.STOPPED,
    "lift": LeafType.LIFTED,
    "answer": LeafType.ANSWERED,
}
"""Words whose sending is counted under a type of its own, beside `sent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Got:
    """A filed message that names another, and the unit it is filed in."""

    tx: Transaction
    row: InboxRow
    body: Mapping[str, Value]
    named: MessageId
    station: Station
    at: Instant

    def owe(self, sort: str, *, within: int) -> None:
        """Owe the partner an act of this sort."""
        owe(self.tx, self.row, sort=sort, due=self.at + within, at=self.at)


def apply(
    tx: Transaction, row: InboxRow, body: Mapping[str, Value], *, station: Station, at: Instant
) -> None:
    """Let a filed message take effect here."""
    if station.practices.is_joint(row.kind):
        joint.take_in(tx, row, body, station=station, at=at)
        return
    word, named = station.practices.kind(row.kind).word, about_of(body)
    if word in {"stop", "stop-confirm"}:
        side = cases.other_side(cases.case_row(tx, CaseId(row.case)))
        _lapse(tx, row.case, side, word, at=at + STOP_LAPSES + LAPSE_GRACE)
    if watch_days(body):
        # Nothing is watched by filing: a person decides, and our law is asked then.
        owe(tx, row, sort="watch", due=at + 3 * DAY, at=at)
    effect = _ON_FILING.get(word)
    if named is not None and effect is not None:
        effect(_Got(tx=tx, row=row, body=body, named=named, station=station, at=at))


def _on_recall(got: _Got) -> None:
    # INVARIANT: a partner can take back only what its own agency sent.
    own = eq("author", got.row.author)
    for held in got.tx.find(InboxRow, eq("mid", got.named), own):
        if held.state != "erased":
            got.tx.put(replace(held, state="recalled"))
    originator = AgencyId(got.row.author)
    end_consents(got.tx, got.named.hex(), originator=originator, at=got.at)
    withdraw(got.tx, got.named.hex())
    close_duty(got.tx, got.row.case, got.named, sort=GIVEN, at=got.at)
    _end_watch(got, Ended.RECALLED)
    joint_recall.mark_stale(got.tx, got.named.hex(), at=got.at)
    close_duty(got.tx, got.row.case, got.named, sort="consent", at=got.at)
    got.owe("comply", within=COMPLY_WITHIN)


def _on_correct(got: _Got) -> None:
    got.owe("comply", within=COMPLY_WITHIN)
    _end_watch(got, Ended.CORRECTED)
    joint_recall.mark_stale(got.tx, got.named.hex(), at=got.at)


def _end_watch(got: _Got, why: Ended) -> None:
    end_with(got.tx, got.row.case, got.named, why, station=got.station, at=got.at)


def _on_challenge(got: _Got) -> None:
    got.tx.put(CaseFieldRow(case=got.row.case, name="contested", value=got.named.hex()))
    got.owe("challenge", within=ANSWER_CHALLENGE_WITHIN)


def _on_challenge_answer(got: _Got) -> None:
    if got.body.get("outcome") != "sent-to-review":
        challenge = got.tx.get(OutboxRow, got.named)
        _settle_challenge(got.tx, got.row.case, challenge, station=got.station)


def _on_comply(got: _Got) -> None:
    recall = got.tx.get(OutboxRow, got.named)
    original = about_of(_body(got.tx, recall, got.station))
    for ours in (recall, None if original is None else got.tx.get(OutboxRow, original)):
        if ours is not None:
            got.tx.put(replace(ours, complied_at=got.at))


def _on_consent(got: _Got) -> None:
    """Owe an answer within the law's clock for it, where a pack has one."""
    try:
        clock = got.station.corpus().clock("consent-promptness", on=utc_date(got.at))
    except NotFoundError:
        owe(got.tx, got.row, sort="consent", due=None, at=got.at)
    else:
        owe(got.tx, got.row, sort="consent", due=clock.span.after(got.at), at=got.at)


def _on_consent_answer(got: _Got) -> None:
    """Hold a consent as it was asked for: which message, which use, which partners."""
    asked = _body(got.tx, got.tx.get(OutboxRow, got.named), got.station)
    about, answer = about_of(asked), got.body.get("answer")
    sent = None if about is None else _received(got.tx, about, got.row.case)
    # INVARIANT: only its own originator agrees to a further use of a message.
    if sent is None or sent.author != got.row.author or answer == "withheld":
        return
    use, until = Use(str(asked["use"])), cast("int | None", got.body.get("until"))
    named = cast("Sequence[str]", asked["partners"]) if use is Use.ONWARD else ("",)
    rows = (
        ConsentRow(
            answer=got.row.mid.hex(),
            case=got.row.case,
            about=sent.mid.hex(),
            originator=sent.author,
            use=use.value,
            partner=partner,
            given_at=got.at,
            until=until,
            has_terms=answer == "given-with-terms",
        )
        for partner in named
    )
    hold_consents(got.tx, rows)


def _on_seen(got: _Got) -> None:
    ours = got.tx.get(OutboxRow, got.named)
    if ours is not None and ours.seen_at is None:
        got.tx.put(replace(ours, seen_at=got.at))
        close_duty(got.tx, ours.case, got.named, sort=UNSEEN, at=got.at)
        end_call(got.tx, got.named.hex(), state="seen", at=got.at)


_ON_FILING: Mapping[str, Callable[[_Got], None]] = {
    "recall": _on_recall,
    "expire": _on_recall,
    "correct": _on_correct,
    "challenge": _on_challenge,
    "challenge-answer": _on_challenge_answer,
    "comply": _on_comply,
    "consent": _on_consent,
    "consent-answer": _on_consent_answer,
    "seen": _on_seen,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A message we send that names another, and the unit it is logged in."""

    tx: Transaction
    draft: Draft
    named: MessageId
    station: Station
    at: Instant

    def done(self, sort: str) -> None:
        """Close the duty that the named message left."""
        close_duty(self.tx, self.draft.case, self.named, sort=sort, at=self.at)


def sent(tx: Transaction, sealed: Sealed, *, station: Station, at: Instant, leaf: int) -> None:
    """Let a message that we send take effect on our own side, under a leaf of its own."""
    releasable = sealed.marked.releasable
    draft, act = releasable.draft, releasable.act
    kind, named = station.practices.kind(draft.kind), about_of(draft.body)
    if kind.word in LEAVES:
        line = cases.Line(
            case=draft.case,
            kind=kind.name,
            partner=draft.recipient,
            reference=sealed.mid.hex(),
            act=act,
        )
        record: dict[str, Value] = {"mid": sealed.mid, "person": act.person, "seat": act.seat}
        cases.enter(tx, station, LEAVES[kind.word], record, line=line, at=at, follows=leaf)
    owe_second(tx, sealed, kind, at=at)
    owe_validation(tx, sealed, at=at)
    if kind.word in {"stop", "stop-confirm"}:
        side = Side(cases.case_row(tx, draft.case).side)
        _lapse(tx, draft.case, side, kind.word, at=at + STOP_LAPSES)
    effect = _ON_SENDING.get(kind.word)
    if named is not None and effect is not None:
        effect(_Said(tx=tx, draft=draft, named=named, station=station, at=at))


def _sent_recall(said: _Said) -> None:
    ours = said.tx.get(OutboxRow, said.named)
    if ours is not None and ours.recalled_at is None:
        said.tx.put(replace(ours, recalled_at=said.at))
    # What is taken back needs no second person and no validation any more.
    for sort in ("second", VALIDATE, SWEPT):
        said.done(sort)


def _sent_challenge(said: _Said) -> None:
    case, value = said.draft.case, said.named.hex()
    said.tx.put(CaseFieldRow(case=case, name="contested", value=value))


def _sent_challenge_answer(said: _Said) -> None:
    if said.draft.body.get("outcome") != "sent-to-review":
        said.done("challenge")
        challenge = _received(said.tx, said.named, said.draft.case)
        _settle_challenge(said.tx, said.draft.case, challenge, station=said.station)


def _sent_comply(said: _Said) -> None:
    said.done("comply")
    if said.draft.body.get("done") != "erased":
        return
    # INVARIANT: who says *erased* has erased: key and salt go in the unit that says so.
    case = said.draft.case
    recall = _received(said.tx, said.named, case)
    if recall is not None and said.station.practices.is_joint(recall.kind):
        joint_recall.erase_recalled(said.tx, recall, station=said.station, at=said.at)
        return
    mid = about_of(_body(said.tx, recall, said.station))
    held = None if mid is None else _received(said.tx, mid, case)
    if held is not None:
        erase(said.tx, held, station=said.station, at=said.at)


_ON_SENDING: Mapping[str, Callable[[_Said], None]] = {
    "recall": _sent_recall,
    "expire": _sent_recall,
    "challenge": _sent_challenge,
    "challenge-answer": _sent_challenge_answer,
    "comply": _sent_comply,
    "confirm": lambda said: said.done("second"),
    "consent-answer": lambda said: said.done("consent"),
    "stop-confirm": lambda said: said.done("confirm-stop"),
    "watch-answer": lambda said: check_told(said.tx, said.named, said.draft.body),
}


def replaced(tx: Transaction, old: OutboxRow, mid: MessageId) -> None:
    """Let a message sealed anew take the place of the one that could not be opened."""
    tx.put(replace(old, replaced_by=mid))
    for task in tx.find(TaskRow, eq("case", old.case), eq("done", None)):
        if not task.task.startswith(old.mid.hex()):
            continue
        tx.delete(TaskRow, eq("task", task.task))
        if task.sort != "undelivered":
            tx.put(replace(task, task=f"{mid.hex()}-{task.sort}"))


def _received(reader: Reader, mid: MessageId, case: str) -> InboxRow | None:
    rows = reader.find(InboxRow, eq("mid", mid), eq("case", case), limit=1)
    return rows[0] if rows else None


def _body(
    reader: Reader, row: InboxRow | OutboxRow | None, station: Station
) -> Mapping[str, Value]:
    kept = None if row is None else station.safe.open(reader, RecordId(row.record_id))
    return {} if kept is None else content_of(kept).body


def erase(
    tx: Transaction, held: InboxRow, *, station: Station, at: Instant, person: str = ""
) -> bool:
    """Destroy key and salt of what was received; return whether there was anything left."""
    if not station.safe.erase(tx, RecordId(held.record_id), at=at):
        return False
    tx.put(replace(held, state="erased"))
    joint_recall.erase_parts(tx, held, station=station, at=at)
    for sort in (SWEPT, GIVEN):
        close_duty(tx, held.case, MessageId(held.mid), sort=sort, at=at)
    end_with(tx, held.case, held.mid, Ended.ERASED, station=station, at=at)
    line = cases.Line(
        case=CaseId(held.case), kind=held.kind, partner=held.author, reference=held.mid.hex()
    )
    record: dict[str, Value] = {"record": held.record_id, "mid": held.mid, "person": person}
    cases.enter(tx, station, LeafType.ERASED, record, line=line, at=at)
    return True


def _settle_challenge(
    tx: Transaction, case: str, challenge: InboxRow | OutboxRow | None, *, station: Station
) -> None:
    about = about_of(_body(tx, challenge, station))
    if about is not None:
        tx.delete(
            CaseFieldRow, eq("case", case), eq("name", "contested"), eq("value", about.hex())
        )


def _lapse(tx: Transaction, case: str, side: Side, word: str, *, at: int) -> None:
    """Set, or clear once confirmed, the time at which one side's stop lapses."""
    name = f"lapses-{side.value}"
    tx.delete(CaseFieldRow, eq("case", case), eq("name", name))
    if word == "stop":
        tx.put(CaseFieldRow(case=case, name=name, value=f"{at:016d}"))
