"""Inbound: from a partner's bytes to a durable, receipted message.

    receive -> verify -> open_ -> admit -> file -> acknowledge      (`log` is part of `file`)

INVARIANT: nobody decrypts for a stranger (`open_` takes only `Verified`), and no receipt leaves
before row and leaf are durable (`acknowledge` takes only `Filed`).
"""

from concurrent.futures import Future
from dataclasses import replace
from typing import Literal, cast

from comity.core.cbor import Value
from comity.core.clock import DAY, Instant, signing_time
from comity.core.errors import (
    ConflictError,
    InvalidInputError,
    LimitError,
    StateError,
    VerificationError,
)
from comity.core.ids import CaseId, RecordId
from comity.core.store import Transaction
from comity.exchange import blobs, cases, effects, lateness, stepping
from comity.exchange.admitting import as_our_law_sees, at_the_door, code_of, held_back
from comity.exchange.calling import call_here, is_call
from comity.exchange.consignment import Consigned
from comity.exchange.keeping import start_timer
from comity.exchange.lateness import AHEAD
from comity.exchange.leaves import Commitment, commit, pack
from comity.exchange.queue import heard_from
from comity.exchange.rejections import (
    ask_for_blob,
    ask_to_wait,
    reject,
    reject_stranger,
    rejected,
)
from comity.exchange.rows import InboxRow
from comity.exchange.stages import Admitted, Filed, Opened, Received, Turned, Verified
from comity.exchange.station import Station
from comity.law import Verdict, count_unread
from comity.law import holds as may_hold
from comity.ledger import LeafType
from comity.message import decode_content
from comity.practice import parse_body
from comity.record import Asked, keep_question
from comity.seal import (
    Envelope,
    Receipt,
    UnknownPrekeyError,
    UnknownSuiteError,
    open_envelope,
    read_answer,
    read_envelope,
    sign_receipt,
    verify_author,
    verify_envelope,
)

QUESTION_LIFE = 180 * DAY
"""How long a question is kept even if nobody closes its case."""


def receive(consigned: Consigned, station: Station) -> Received | Turned:
    """Read the outer header of bytes within limits; expired ones end here."""
    now, data = station.clock.now(), consigned.envelope
    try:
        envelope = read_envelope(data)
        created = signing_time(envelope.header.mid)
    except InvalidInputError as error:
        code = "suite" if isinstance(error, UnknownSuiteError) else "unparsable"
        code = "too-large" if isinstance(error, LimitError) else code
        return reject_stranger(data, code, station)
    if envelope.header.to_node != station.node:
        return reject_stranger(data, "unparsable", station)
    if envelope.header.exp <= now:
        return reject_stranger(data, "expired", station)
    if created > now + AHEAD:
        return reject_stranger(data, "early", station)
    return Received(envelope=envelope, at=now, proof=consigned.proof)


def verify(received: Received, station: Station) -> Verified | Turned:
    """Check who sent these exact bytes; a message seen before gets its stored receipt again."""
    envelope, header = received.envelope, received.envelope.header
    directory = station.directory()
    dated = directory.dated_key(header.from_node, envelope.node_kid)
    if dated is None:
        return reject_stranger(envelope.data, "unknown-sender", station)
    try:
        verified = verify_envelope(envelope, dated.key, federation=directory.federation)
    except VerificationError:
        return reject_stranger(envelope.data, "bad-signature", station)
    wait = station.allow(header.from_node, len(envelope.data))
    if wait:
        return ask_to_wait(envelope, wait, station)
    known = station.store.read(lambda r: r.get(InboxRow, header.from_node, header.mid))
    if known is not None:
        return _again(known, envelope, station)
    timely = lateness.weigh(received, dated, station)
    if isinstance(timely, str):
        return reject_stranger(envelope.data, timely, station)
    return Verified(received=received, envelope=verified, witnessed=timely.witnessed)


def _again(known: InboxRow, envelope: Envelope, station: Station) -> Turned:
    if known.digest == envelope.digest:
        return Turned(answer=_receipt_of(known, station), code="again")
    return reject(envelope, "conflict", station, sort=LeafType.INCIDENT)


def _receipt_of(known: InboxRow, station: Station) -> bytes:
    """Return the receipt that was given, signed anew once its key counts no more.

    Nobody believes the word of a revoked key: its sender would bring the message for ever.
    """
    directory, given = station.directory(), read_answer(known.receipt)
    at = station.clock.now()
    if directory.node_key(station.node, given.kid, at=at) is not None:
        return known.receipt
    said = cast("Receipt", given.said)
    return sign_receipt(said, station.node_key, federation=directory.federation)


def open_(verified: Verified, station: Station) -> Opened | Turned:
    """Decrypt, check the author's own signature and that it may speak here, and read."""
    envelope, directory = verified.received.envelope, station.directory()
    try:
        opened = open_envelope(
            verified.envelope, prekey=station.prekey, federation=directory.federation
        )
        at = signing_time(envelope.header.mid)
        key = directory.agency_key(
            opened.author, opened.agency_kid, at=at, witnessed=verified.witnessed
        )
        if key is None:
            return reject(envelope, "unknown-sender", station)
        message = verify_author(opened, key, federation=directory.federation)
        # 5.2: the directory says who serves whom; else a node could speak for any agency.
        is_served = directory.serves(message.from_node, message.author)
        is_ours = directory.serves(station.node, message.recipient)
        if not (is_served and is_ours):
            return reject(envelope, "unknown-sender", station)
        return Opened(verified=verified, message=message, content=decode_content(message.body))
    except UnknownPrekeyError:
        return reject(envelope, "unknown-prekey", station)
    except VerificationError:
        return reject(envelope, "bad-signature", station)
    except InvalidInputError:
        return reject(envelope, "unparsable", station)


def admit(opened: Opened, station: Station) -> Admitted | Turned:
    """Ask the practice whether this step is possible and our own law whether we may hold it.

    What the law refers is held for a person; what it denies is not kept: its sender gets a
    rejection, and the ledger a `not-admitted` leaf.
    """
    envelope, message = opened.verified.received.envelope, opened.message
    try:
        kind = station.practices.kind(message.kind)
    except InvalidInputError:
        return reject(envelope, "unknown-kind", station)
    try:
        body = parse_body(kind, opened.content.body)
        draft = as_our_law_sees(opened, kind, body)
        refused = held_back(draft, kind, station)
        if refused is not None:
            return reject(envelope, refused, station, sort=LeafType.NOT_ADMITTED)
        door = station.store.read(
            lambda r: at_the_door(r, draft, opened, kind, station=station)
        )
    except (InvalidInputError, StateError) as error:
        code, sort = code_of(error)
        return reject(envelope, code, station, sort=sort)
    if door is None:
        return reject(envelope, "closed", station, sort=LeafType.NOT_ADMITTED)
    case, standing = door
    decision = may_hold(replace(draft, facts=standing), station.corpus())
    if decision.verdict is Verdict.DENY:
        return reject(
            envelope,
            "not-admitted",
            station,
            sort=LeafType.NOT_ADMITTED,
            decision=decision.digest,
        )
    return Admitted(
        opened=opened,
        kind=kind,
        case=case,
        decision=decision,
        is_held=decision.verdict is Verdict.REFER,
    )


def file(admitted: Admitted, station: Station) -> "Future[Filed]":
    """Write inbox row, leaves, signed receipt, case step and deadline as one unit (TX-F)."""
    opened = admitted.opened
    envelope, message = opened.verified.received.envelope, opened.message
    now = station.clock.now()
    law: dict[str, Value] = {
        "decision": admitted.decision.digest,
        "theirs": message.decision,
        "packs": station.corpus().digest,
        "author": message.author,
        "kind": message.kind,
        "mid": message.mid,
    }
    sort = LeafType.HELD if admitted.is_held else LeafType.ADMITTED
    let_in = commit(sort, law, at=now, entropy=station.entropy)

    def unit(tx: Transaction) -> Filed:
        known = tx.get(InboxRow, message.from_node, message.mid)
        if known is not None:
            if known.digest != envelope.digest:
                raise ConflictError("another message bears this id")
            return Filed(case=CaseId(known.case), receipt=known.receipt, leaf=known.leaf)
        return _write_filed(tx, admitted, let_in, station=station, at=now)

    return station.store.commit(unit)


def _write_filed(
    tx: Transaction, admitted: Admitted, let_in: Commitment, *, station: Station, at: Instant
) -> Filed:
    opened, message = admitted.opened, admitted.opened.message
    envelope = opened.verified.received.envelope
    first = tx.append(let_in.leaf.encode())
    agencies = (message.author, message.recipient)
    count_unread(tx, admitted.decision, station.corpus(), agencies=agencies)
    state: Literal["filed", "held"] = "held" if admitted.is_held else "filed"
    received = commit(
        LeafType.RECEIVED,
        {"mid": message.mid, "stored_at": at, "state": state, "kind": message.kind},
        at=at,
        entropy=station.entropy,
        digest=envelope.digest,
        follows=first,
    )
    index = tx.append(received.leaf.encode())
    blobs.keep(tx, opened.content.body, message.from_node, message.mid)
    receipt = sign_receipt(
        Receipt(
            mid=message.mid,
            digest=envelope.digest,
            stored_at=at,
            state=state,
            leaf=index,
            origin=station.origin(),
            items=message.items,
            node=station.node,
            act=stepping.act_of(admitted.kind, opened.content.body),
        ),
        station.node_key,
        federation=station.directory().federation,
    )
    step = stepping.step_in(tx, opened, admitted.kind, station=station, at=at)
    case, record_id = step.case, _keep(tx, opened, (let_in, received), step, station=station)
    row = InboxRow(
        from_node=message.from_node,
        mid=message.mid,
        digest=envelope.digest,
        author=message.author,
        recipient=message.recipient,
        case=case,
        kind=message.kind,
        urgency=opened.content.urgency.value,
        state=state,
        stored_at=at,
        exp=message.exp,
        leaf=index,
        receipt=receipt,
        record_id=record_id,
        items=message.items,
        rules=admitted.decision.weighed,
    )
    tx.insert(row)
    for leaf, place in ((let_in.leaf, first), (received.leaf, index)):
        cases.note(
            tx,
            case,
            leaf,
            index=place,
            partner=message.author,
            kind=message.kind,
            reference=message.mid.hex(),
        )
    if is_call(admitted.kind, opened.content.body, urgency=row.urgency):
        call_here(tx, row, at=at)
    if not step.asks:
        start_timer(tx, row, admitted, at=at)
    if not admitted.is_held:
        effects.apply(tx, row, opened.content.body, station=station, at=at)
    heard_from(tx, message.from_node, at=at)
    return Filed(case=case, receipt=receipt, leaf=index)


def _keep(
    tx: Transaction,
    opened: Opened,
    made: tuple[Commitment, Commitment],
    step: cases.Stepped,
    *,
    station: Station,
) -> RecordId:
    """Keep what was said; a question lies apart, to leave with its case."""
    message, at = opened.message, station.clock.now()
    kept = pack({"content": message.body}, *made)
    if not step.asks:
        return station.safe.keep(tx, sort="received", plaintext=kept, at=at)
    asked = Asked(
        message=message.mid,
        case=step.case,
        asker=message.author,
        content=kept,
        erase_by=Instant(at + QUESTION_LIFE),
    )
    return RecordId(keep_question(tx, asked, safe=station.safe, at=at).record_id)


def acknowledge(filed: Filed) -> bytes:
    """Return the committed receipt: a statement of durable fact."""
    return filed.receipt


def take(consigned: Consigned, station: Station) -> "Future[bytes]":
    """Take one envelope down the whole inbound road; the future holds the signed answer."""
    admitted = _let_in(consigned, station)
    if isinstance(admitted, Turned):
        done: Future[bytes] = Future()
        done.set_result(admitted.answer)
        return done
    return _acknowledged(admitted, file(admitted, station), station)


def _let_in(consigned: Consigned, station: Station) -> Admitted | Turned:
    received = receive(consigned, station)
    if isinstance(received, Turned):
        return received
    verified = verify(received, station)
    if isinstance(verified, Turned):
        return verified
    opened = open_(verified, station)
    if isinstance(opened, Turned):
        return opened
    admitted = admit(opened, station)
    return admitted if isinstance(admitted, Turned) else _with_blobs(admitted, station)


def _with_blobs(admitted: Admitted, station: Station) -> Admitted | Turned:
    # INVARIANT: no receipt before every blob a message names lies here whole; TX-F fails too.
    opened, at = admitted.opened, station.clock.now()
    body, message = opened.content.body, opened.message
    is_short = station.store.read(
        lambda r: blobs.is_missing(r, body, message.from_node, message.mid, at=at)
    )
    return ask_for_blob(opened.verified.received.envelope, station) if is_short else admitted


def _acknowledged(
    admitted: Admitted, filed: "Future[Filed]", station: Station
) -> "Future[bytes]":
    answer: Future[bytes] = Future()
    envelope = admitted.opened.verified.received.envelope

    def finish(done: "Future[Filed]") -> None:
        match done.exception():
            case None:
                answer.set_result(acknowledge(done.result()))
            case StateError() | ConflictError() | InvalidInputError() as error:
                # Another message moved the case, or took this id, between *admit* and *file*.
                code, sort = code_of(error)
                rejected(envelope, code, station, sort=sort).add_done_callback(turn)
            case error:
                answer.set_exception(error)

    def turn(done: "Future[Turned]") -> None:
        error = done.exception()
        if error is None:
            answer.set_result(done.result().answer)
        else:
            answer.set_exception(error)

    filed.add_done_callback(finish)
    return answer
