"""Outbound: from a draft to a receipted, witnessed disclosure.

    draft -> decide -> mark -> seal -> log -> deliver      (`deliver` is in `delivery`)

INVARIANT: nothing leaves before its decision and its `sent` leaf are durable: `deliver` takes
only `Logged`, `seal` only `Marked`, and each is built by the step before it.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from comity.core.cbor import Value
from comity.core.clock import DAY, Instant, new_message_id
from comity.core.errors import (
    AuthorisationError,
    ConflictError,
    StateError,
)
from comity.core.ids import member_of, message_id
from comity.core.store import Transaction
from comity.exchange import blobs, cases, effects, passage, stepping
from comity.exchange.acts import Act
from comity.exchange.addressing import address
from comity.exchange.calling import call_sent, is_call
from comity.exchange.delivery import AGAIN
from comity.exchange.doors import Passing, is_barred
from comity.exchange.drafts import draft_record
from comity.exchange.leaves import Commitment, commit, marking_of, pack
from comity.exchange.queue import deadline_of
from comity.exchange.referrals import due_of, owe_decision
from comity.exchange.rows import DecisionRow, OutboxRow
from comity.exchange.stages import (
    Logged,
    Marked,
    Releasable,
    Sealed,
    Stopped,
)
from comity.exchange.station import Station
from comity.law import Decision, Verdict, count_unread
from comity.law import decide as ask_the_law
from comity.ledger import LeafType
from comity.message import Content, Draft, Handling, Urgency
from comity.practice import CaseRow, Second, second
from comity.seal import Message
from comity.seal import seal as seal_envelope

_LEAF = {
    Verdict.PERMIT: LeafType.PERMITTED,
    Verdict.REFER: LeafType.REFERRED,
    Verdict.DENY: LeafType.DENIED,
}
_STATE = {Verdict.PERMIT: "open", Verdict.REFER: "waiting", Verdict.DENY: "denied"}
Also = Callable[[Transaction], None]
"""What a caller writes in the same unit; it stands or falls with it."""


def _nothing(_tx: Transaction) -> None:
    """Write nothing else."""


def decide(
    draft: Draft, act: Act, station: Station, *, also: Also = _nothing
) -> "Future[Releasable | Stopped]":
    """Ask our own law, and write its answer down (TX-D) before anyone acts on it.

    `also` joins the unit where the law refers or denies. Raises `AuthorisationError` where the
    kind wants a second person and the act names none, or names the first again.
    """
    _check_persons(draft, act, station)
    corpus = station.corpus()
    decision = ask_the_law(draft, corpus, lifted=frozenset(act.lifted))
    record: dict[str, Value] = {
        "act": act.record(),
        "draft": draft_record(draft),
        "decision": decision.digest,
        "verdict": int(decision.verdict),
        "packs": corpus.digest,
    }
    made = commit(_LEAF[decision.verdict], record, at=draft.at, entropy=station.entropy)

    def unit(tx: Transaction) -> Releasable | Stopped:
        step = _write_decision(tx, (draft, act, decision), made, station=station)
        if isinstance(step, Stopped):
            also(tx)
        return step

    return station.store.commit(unit)


def _check_persons(draft: Draft, act: Act, station: Station) -> None:
    # INVARIANT: the agency's key signs nothing that lacks the second person it needs before.
    needs = second(station.practices.kind(draft.kind), draft.body)
    if act.second == act.person or (needs is Second.BEFORE and act.second is None):
        raise AuthorisationError(
            f"`{draft.kind}` needs a second person, another than the first"
        )


def _write_decision(
    tx: Transaction, asked: tuple[Draft, Act, Decision], made: Commitment, *, station: Station
) -> Releasable | Stopped:
    draft, act, decision = asked
    index = tx.append(made.leaf.encode())
    reference = made.leaf.ref.hex()
    agencies = (draft.originator, draft.recipient)
    count_unread(tx, decision, station.corpus(), agencies=agencies)
    kept = pack({"draft": draft_record(draft), "act": act.record()}, made)
    due = (
        due_of(tx.get(CaseRow, draft.case), draft.urgency, at=draft.at)
        if decision.verdict is Verdict.REFER
        else None
    )
    row = DecisionRow(
        decision=reference,
        case=draft.case,
        kind=draft.kind,
        recipient=draft.recipient,
        person=act.person,
        at=draft.at,
        verdict=int(decision.verdict),
        digest=decision.digest,
        packs=station.corpus().digest,
        directory=station.directory().version,
        leaf=index,
        commitment=made.leaf.commitment,
        record_id=station.safe.keep(tx, sort="decision", plaintext=kept, at=draft.at),
        state=_STATE[decision.verdict],
        rules=decision.weighed,
        due=due,
    )
    tx.insert(row)
    if due is not None:
        seat = min(decision.lifted_by, default="legal")
        owe_decision(tx, row, seat=seat, urgency=draft.urgency)
    cases.note(
        tx,
        draft.case,
        made.leaf,
        index=index,
        partner=draft.recipient,
        act=act,
        kind=draft.kind,
    )
    if decision.verdict is not Verdict.PERMIT:
        return Stopped(decision=decision, reference=reference, leaf=index)
    return Releasable(
        draft=draft,
        act=act,
        decision=decision,
        reference=reference,
        commitment=made.leaf.commitment,
        leaf=index,
    )


def mark(releasable: Releasable) -> Marked:
    """Join the law's obligations to the draft's own markings; this can only tighten.

    The recipient is shown its own clause of a release list and nobody else's place on it.
    """
    draft, decision = releasable.draft, releasable.decision
    reader = member_of(draft.recipient)
    whole = _under(draft.handling, decision).for_reader(reader)
    stricter = {
        item.path: item.handling.for_reader(reader)
        for item in draft.items
        if not draft.handling.is_within(item.handling)
    }
    content = Content(
        handling=whole,
        purpose=draft.purpose,
        urgency=draft.urgency,
        body=draft.body,
        basis=decision.basis,
        obligations=tuple(sorted({duty.code for duty in decision.obligations})),
        values=stricter,
    )
    return Marked(releasable=releasable, content=content, body=content.encode())


def _under(handling: Handling, decision: Decision) -> Handling:
    codes = frozenset(code for duty in decision.obligations for code in duty.handling)
    return replace(handling, codes=handling.codes | codes)


def seal(marked: Marked, station: Station) -> Sealed:
    """Sign as the agency, encrypt to the recipient's node alone, sign as this node.

    Raises `UnreachableError` or `NotFoundError` where no valid prekey or no node is known,
    `StateError` where the standing of a member holds it back.
    """
    draft = marked.releasable.draft
    check_standing(draft, station)
    now = station.clock.now()
    entry, prekey, conv = station.store.read(
        lambda r: (
            *address(r, draft.recipient, station=station),
            stepping.conversation(r, draft.case, draft.recipient),
        )
    )
    mid = new_message_id(now, station.entropy)
    message = Message(
        mid=mid,
        author=draft.originator,
        from_node=station.node,
        recipient=draft.recipient,
        conv=conv,
        created=now,
        exp=Instant(now + entry.message_life * DAY),
        kind=draft.kind,
        decision=marked.releasable.commitment,
        marking=marking_of(marked.content.handling),
        items=len(draft.items),
        body=marked.body,
    )
    envelope = seal_envelope(
        message,
        to_node=entry.node,
        prekey=prekey,
        author_key=station.agency_key(draft.originator),
        node_key=station.node_key,
        federation=station.directory().federation,
        entropy=station.entropy,
    )
    return Sealed(
        marked=marked,
        mid=mid,
        to_node=entry.node,
        exp=message.exp,
        envelope=envelope,
        digest=hashlib.sha256(envelope).digest(),
    )


def log(sealed: Sealed, station: Station, *, also: Also = _nothing) -> "Future[Logged]":
    """Write the `sent` leaf, the outbox row and the case's step as one unit (TX-L).

    `also` joins the unit. Raises in the future: `ConflictError` where pack or directory changed
    since the decision (ask the law again) or it was used, `StateError` where the case moved on
    or the ledger stood unwitnessed for longer than its node allows under this marking.
    """
    releasable = sealed.marked.releasable
    record: dict[str, Value] = {
        "mid": sealed.mid,
        "to": sealed.to_node,
        "kind": releasable.draft.kind,
        "decision": releasable.decision.digest,
        "exp": sealed.exp,
    }
    made = commit(
        LeafType.SENT,
        record,
        at=station.clock.now(),
        entropy=station.entropy,
        digest=sealed.digest,
        follows=releasable.leaf,
    )

    def unit(tx: Transaction) -> Logged:
        logged = _write_sent(tx, sealed, made, station=station)
        also(tx)
        return logged

    return station.store.commit(unit)


def _write_sent(
    tx: Transaction, sealed: Sealed, made: Commitment, *, station: Station
) -> Logged:
    releasable = sealed.marked.releasable
    draft, now = releasable.draft, station.clock.now()
    _use_decision(tx, releasable, station)
    handling = sealed.marked.content.handling
    if not draft.is_protective and (why := station.unwitnessed(tx, handling)):
        raise StateError(why)
    entry = station.directory().node(sealed.to_node)
    blobs.bind(tx, sealed.marked.content.body, sealed.mid, entry, station)
    old = _unanswered(tx, releasable.act)
    index = tx.append(made.leaf.encode())
    kept = pack({"content": sealed.marked.body}, made)
    row = OutboxRow(
        mid=sealed.mid,
        to_node=sealed.to_node,
        recipient=draft.recipient,
        digest=sealed.digest,
        envelope=sealed.envelope,
        case=draft.case,
        kind=draft.kind,
        decision=releasable.reference,
        person=releasable.act.person,
        created=now,
        exp=sealed.exp,
        rank=0 if draft.urgency is Urgency.URGENT else 1,
        state="queued",
        next_at=now,
        attempts=0,
        sent_leaf=index,
        due=deadline_of(cases.case_row(tx, draft.case).due, sealed.exp),
        record_id=station.safe.keep(tx, sort="sent", plaintext=kept, at=now),
        replaces=None if old is None else old.mid,
    )
    tx.insert(row)
    cases.note(
        tx,
        draft.case,
        made.leaf,
        index=index,
        partner=draft.recipient,
        act=releasable.act,
        kind=draft.kind,
        reference=sealed.mid.hex(),
    )
    kind = station.practices.kind(draft.kind)
    if is_call(kind, draft.body, urgency=draft.urgency.value):
        call_sent(tx, row, at=now)
    if old is None:
        stepping.step_out(tx, sealed, station=station, at=now, leaf=index)
    else:
        effects.replaced(tx, old, sealed.mid)
    return Logged(
        mid=sealed.mid,
        to_node=sealed.to_node,
        envelope=sealed.envelope,
        digest=sealed.digest,
        leaf=index,
    )


def _unanswered(tx: Transaction, act: Act) -> OutboxRow | None:
    """Return the message this one is sealed anew for: its step in the case has been taken."""
    if not act.again:
        return None
    old = tx.get(OutboxRow, message_id(act.again))
    if old is None or old.code not in AGAIN or old.replaced_by is not None:
        raise StateError("only what its partner could not open in time is sealed anew, once")
    return old


def _use_decision(tx: Transaction, releasable: Releasable, station: Station) -> None:
    # INVARIANT: one permit carries one message, and only under the law it was given by.
    row = tx.get(DecisionRow, releasable.reference)
    if row is None or row.state != "open":
        raise ConflictError(f"decision `{releasable.reference}` has been used")
    if row.packs != station.corpus().digest or row.directory != station.directory().version:
        raise ConflictError("law or directory changed since the decision: ask the law again")
    draft = releasable.draft
    passing = Passing(
        kind=station.practices.kind(draft.kind),
        body=draft.body,
        partner=draft.recipient,
        purpose=draft.purpose,
    )
    if is_barred(tx, passing, station=station):
        raise StateError(f"this member closed its door to `{draft.recipient}`")
    check_standing(draft, station)
    tx.put(replace(row, state="used"))


def check_standing(draft: Draft, station: Station) -> None:
    """Raise `StateError` where the standing of a member holds a draft back."""
    held_back = passage.refusal(
        station.practices.kind(draft.kind),
        draft.body,
        setting=draft.handling.setting,
        agencies=(draft.originator, draft.recipient),
        directory=station.directory(),
        at=station.clock.now(),
    )
    if held_back == passage.EXERCISE_ONLY:
        raise StateError("a candidate member works in exercise mode only")
    if held_back is not None:
        raise StateError(f"nothing of this kind passes between us and `{draft.recipient}` now")
