"""Outbound: from a draft to a receipted, witnessed disclosure.

    draft -> decide -> mark -> seal -> log -> deliver -> settle

INVARIANT: nothing leaves before its decision and its `sent` leaf are durable: `deliver` takes
only `Logged`, `seal` only `Marked`, and each is built by the step before it.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

from comity.core.clock import DAY, Instant, new_message_id
from comity.core.errors import (
    ConflictError,
    NotFoundError,
    StateError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import AgencyId, CaseId, MessageId, NodeId, member_of
from comity.core.keys import KeyId, PublicKey
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.exchange import cases, effects
from comity.exchange.acts import Act
from comity.exchange.drafts import draft_record
from comity.exchange.leaves import Commitment, commit, pack
from comity.exchange.rows import DecisionRow, OutboxRow, PrekeyRow
from comity.exchange.stages import (
    Acknowledged,
    Logged,
    Marked,
    Releasable,
    Sealed,
    Stopped,
)
from comity.exchange.station import Carrier, Station
from comity.law import Decision, Verdict
from comity.law import decide as ask_the_law
from comity.ledger import LeafType
from comity.message import Content, Draft, Handling, Urgency
from comity.seal import (
    Message,
    Receipt,
    Rejection,
    open_answer,
    verify_prekey,
)
from comity.seal import seal as seal_envelope
from comity.trust import NodeEntry

LIFE = 14 * DAY
"""How long a message may be on its way."""
_LEAF = {
    Verdict.PERMIT: LeafType.PERMITTED,
    Verdict.REFER: LeafType.REFERRED,
    Verdict.DENY: LeafType.DENIED,
}
_STATE = {Verdict.PERMIT: "open", Verdict.REFER: "waiting", Verdict.DENY: "denied"}
# Codes after which the sender seals anew; any other rejection is final.
RETRY = frozenset({"unknown-prekey", "early", "quota", "closed"})


def decide(draft: Draft, act: Act, station: Station) -> "Future[Releasable | Stopped]":
    """Ask our own law, and write its answer down (TX-D) before anyone acts on it."""
    corpus = station.corpus()
    decision = ask_the_law(draft, corpus, lifted=frozenset(act.lifted))
    record = {
        "act": act.record(),
        "draft": draft_record(draft),
        "decision": decision.digest,
        "verdict": int(decision.verdict),
        "packs": corpus.digest,
    }
    made = commit(_LEAF[decision.verdict], record, at=draft.at, entropy=station.entropy)

    def unit(tx: Transaction) -> Releasable | Stopped:
        return _write_decision(tx, (draft, act, decision), made, station=station)

    return station.store.commit(unit)


def _write_decision(
    tx: Transaction, asked: tuple[Draft, Act, Decision], made: Commitment, *, station: Station
) -> Releasable | Stopped:
    draft, act, decision = asked
    index = tx.append(made.leaf.encode())
    reference = made.leaf.ref.hex()
    kept = pack({"draft": draft_record(draft), "act": act.record()}, made)
    tx.insert(
        DecisionRow(
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
        )
    )
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
    return Marked(releasable=releasable, content=content)


def _under(handling: Handling, decision: Decision) -> Handling:
    codes = frozenset(code for duty in decision.obligations for code in duty.handling)
    return replace(handling, codes=handling.codes | codes)


def seal(marked: Marked, station: Station) -> Sealed:
    """Sign as the agency, encrypt to the recipient's node alone, sign as this node.

    Raises `UnreachableError` or `NotFoundError` where no valid prekey or no node is known.
    """
    draft = marked.releasable.draft
    now = station.clock.now()
    entry, prekey = station.store.read(lambda r: _address(r, draft.recipient, station=station))
    conv = station.store.read(lambda r: cases.case_row(r, draft.case)).conv
    mid = new_message_id(now, station.entropy)
    message = Message(
        mid=mid,
        author=draft.originator,
        from_node=station.node,
        recipient=draft.recipient,
        conv=conv,
        created=now,
        exp=Instant(now + LIFE),
        kind=draft.kind,
        decision=marked.releasable.commitment,
        marking=hashlib.sha256(str(marked.content.handling).encode()).digest(),
        items=len(draft.items),
        body=marked.content.encode(),
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


def log(sealed: Sealed, station: Station) -> "Future[Logged]":
    """Write the `sent` leaf, the outbox row and the case's step as one unit (TX-L).

    Raises in the future: `ConflictError` where pack or directory changed since the decision (ask
    the law again) or the decision was used, `StateError` where the case has moved on.
    """
    releasable = sealed.marked.releasable
    record = {
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
    return station.store.commit(lambda tx: _write_sent(tx, sealed, made, station=station))


def _write_sent(
    tx: Transaction, sealed: Sealed, made: Commitment, *, station: Station
) -> Logged:
    releasable = sealed.marked.releasable
    draft, now = releasable.draft, Instant(made.leaf.at * 1000)
    _use_decision(tx, releasable, station)
    index = tx.append(made.leaf.encode())
    kept = pack({"content": sealed.marked.content.encode()}, made)
    tx.insert(
        OutboxRow(
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
            record_id=station.safe.keep(tx, sort="sent", plaintext=kept, at=now),
        )
    )
    cases.step_out(tx, sealed, station=station, at=now)
    word = station.practices.kind(draft.kind).word
    effects.sent(tx, draft.case, word, draft.body, at=now)
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
    return Logged(
        mid=sealed.mid,
        to_node=sealed.to_node,
        envelope=sealed.envelope,
        digest=sealed.digest,
        leaf=index,
    )


def _use_decision(tx: Transaction, releasable: Releasable, station: Station) -> None:
    # INVARIANT: one permit carries one message, and only under the law it was given by.
    row = tx.get(DecisionRow, releasable.reference)
    if row is None or row.state != "open":
        raise ConflictError(f"decision `{releasable.reference}` has been used")
    if row.packs != station.corpus().digest or row.directory != station.directory().version:
        raise ConflictError("law or directory changed since the decision: ask the law again")
    if station.is_closed(releasable.draft.recipient, releasable.draft.purpose):
        raise StateError(f"this member closed its door to `{releasable.draft.recipient}`")
    tx.put(replace(row, state="used"))


def waiting(reader: Reader, to_node: NodeId, *, at: Instant, limit: int) -> tuple[Logged, ...]:
    """Return what is due for one partner's node, urgent first, as the committed rows have it."""
    rows = reader.find(
        OutboxRow,
        eq("state", "queued"),
        eq("to_node", to_node),
        Where("next_at", Op.LE, at),
        order="rank,created",
        limit=limit,
    )
    return tuple(
        Logged(
            mid=MessageId(row.mid),
            to_node=NodeId(row.to_node),
            envelope=row.envelope,
            digest=row.digest,
            leaf=row.sent_leaf,
        )
        for row in rows
    )


def deliver(logged: Sequence[Logged], carrier: Carrier, entry: NodeEntry) -> Sequence[bytes]:
    """Carry logged messages to one node and bring back its answers; repeating is harmless.

    Raises `UnreachableError` where the node does not answer; every row stays queued then.
    """
    answers = carrier.carry(entry, [item.envelope for item in logged])
    if len(answers) != len(logged):
        raise VerificationError(
            f"node `{entry.node}` gave {len(answers)} answers to {len(logged)} messages"
        )
    return answers


def settle(logged: Logged, answer: bytes, station: Station) -> "Future[Acknowledged]":
    """Write down what a partner's node signed about one message (TX-R).

    Raises `VerificationError` where the answer is not a receipt or rejection of these very bytes,
    signed by the node they were sent to; the row then stays queued.
    """
    said = _answer(logged, answer, station)
    return station.store.commit(
        lambda tx: _write_receipt(tx, logged, said, answer=answer, station=station)
    )


def _answer(logged: Logged, answer: bytes, station: Station) -> Receipt | Rejection:
    directory = station.directory()

    def key_of(kid: KeyId) -> PublicKey | None:
        return directory.node_key(logged.to_node, kid, at=station.clock.now())

    said = open_answer(answer, key_of, federation=directory.federation)
    if said.digest != logged.digest:
        raise VerificationError(f"node `{logged.to_node}` answered about other bytes")
    return said


def _write_receipt(
    tx: Transaction,
    logged: Logged,
    said: Receipt | Rejection,
    *,
    answer: bytes,
    station: Station,
) -> Acknowledged:
    row = tx.get(OutboxRow, logged.mid)
    if row is None:
        raise NotFoundError(f"no message `{logged.mid.hex()}` was sent")
    if row.state != "queued":
        return Acknowledged(mid=logged.mid, state=row.state, code=row.code, leaf=None)
    now = station.clock.now()
    match said:
        case Receipt():
            sort, state, code = LeafType.RECEIPTED, "receipted", said.state
        case Rejection():
            sort, state, code = LeafType.REJECTED, "rejected", said.code
    made = commit(
        sort,
        {"mid": logged.mid, "answer": answer, "code": code},
        at=now,
        entropy=station.entropy,
        digest=logged.digest,
        follows=row.sent_leaf,
    )
    index = tx.append(made.leaf.encode())
    stored = said.stored_at if isinstance(said, Receipt) else None
    tx.put(replace(row, state=state, receipt=answer, stored_at=stored, code=code))
    case = CaseId(row.case)
    cases.settled(tx, row, is_stored=stored is not None, at=now)
    cases.note(
        tx,
        case,
        made.leaf,
        index=index,
        partner=AgencyId(row.recipient),
        kind=row.kind,
        reference=logged.mid.hex(),
    )
    return Acknowledged(mid=logged.mid, state=state, code=code, leaf=index)


def _address(
    reader: Reader, recipient: AgencyId, *, station: Station
) -> tuple[NodeEntry, PublicKey]:
    directory = station.directory()
    nodes = directory.nodes_for(recipient)
    if not nodes:
        raise NotFoundError(f"the directory lists no node for `{recipient}`")
    now = station.clock.now()
    for entry in nodes:
        row = reader.get(PrekeyRow, entry.node)
        if row is not None and row.until > now:
            return entry, _prekey(row, entry, station)
    raise UnreachableError(f"no prekey of a node of `{recipient}` is known")


def _prekey(row: PrekeyRow, entry: NodeEntry, station: Station) -> PublicKey:
    directory = station.directory()

    def key_of(kid: KeyId) -> PublicKey | None:
        return directory.node_key(entry.node, kid, at=station.clock.now())

    return verify_prekey(row.notice, key_of, federation=directory.federation).key


def learn_prekey(entry: NodeEntry, notice: bytes, station: Station) -> "Future[None]":
    """Keep a partner's newest prekey, once its node's signature on it holds."""
    directory = station.directory()

    def key_of(kid: KeyId) -> PublicKey | None:
        return directory.node_key(entry.node, kid, at=station.clock.now())

    told = verify_prekey(notice, key_of, federation=directory.federation)
    if told.node != entry.node:
        raise VerificationError(f"node `{entry.node}` sent a prekey of `{told.node}`")
    row = PrekeyRow(node=entry.node, kid=told.key.kid, notice=notice, until=told.until)
    return station.store.commit(lambda tx: tx.put(row))
