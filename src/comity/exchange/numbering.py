"""Numbers: given by the convenor's node, taken in by every other, and evidence where they lie.

The convenor's node numbers each act it takes in, in the unit that files it, and forwards none.
Any party may pass numbers on: what counts is the signature of a node that serves the convenor.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, StateError, VerificationError
from comity.core.ids import AgencyId, CaseId
from comity.core.store import Reader, Transaction, eq
from comity.exchange import cases
from comity.exchange.joint_view import declared, held_of, joint_row, number_of
from comity.exchange.lateness import AHEAD
from comity.exchange.rows import OutboxRow
from comity.exchange.stages import Opened
from comity.exchange.station import Station
from comity.ledger import LeafType
from comity.practice import (
    FIRST,
    NUMBER_SORT,
    ActRow,
    Chain,
    CopyRow,
    FalseRow,
    Held,
    JointRow,
    Number,
    NumberRow,
    PartyRow,
    chain,
    handover_need,
    is_left_out,
    number_statement,
    read_frame,
    read_number,
)
from comity.seal import read_document, sign_document, verify_document


def place(reader: Reader, opened: Opened, *, station: Station) -> CaseId:
    """Find the case that numbers are of, once each is proven; raises as `joint.place`."""
    message = opened.message
    signed = _listed(opened.content.body)
    numbers = [verify(each, station) for each in signed]
    row = joint_row(reader, numbers[0].case)
    party = None if row is None else reader.get(PartyRow, row.case, message.author)
    if row is None or party is None or message.conv != party.conv:
        raise cases.TooEarlyError("no case of this name is known here")
    if any(each.case != row.wire for each in numbers):
        raise InvalidInputError("numbers in one message are of one case")
    if any(reader.get(PartyRow, row.case, each.by) is None for each in numbers):
        raise InvalidInputError("a number is given by a party of its case")
    held = reader.count(NumberRow, eq("case", row.case))
    if held + len(numbers) > 2 * limits.ACTS:
        raise StateError("a case has as many numbers as it may have")
    content = opened.content
    practice = station.practices.owner(message.kind)
    case = cases.case_row(reader, CaseId(row.case))
    cases.agree(case, practice, content.handling, purpose=content.purpose)
    return CaseId(row.case)


def verify(signed: bytes, station: Station) -> Number:
    """Return a number that a node of its convenor signed; raises `InvalidInputError`."""
    directory = station.directory()
    claimed = read_document(signed, sort=NUMBER_SORT)
    number, node = read_number(claimed.payload)
    if number.number > limits.ACTS or number.at > station.clock.now() + AHEAD:
        raise InvalidInputError("a number lies beyond what a case holds, or in the future")
    key = directory.node_key(node, claimed.kid, at=number.at)
    if key is None or not directory.serves(node, number.by):
        raise InvalidInputError("a number is signed by no node of its convenor")
    try:
        verify_document(signed, key, sort=NUMBER_SORT, federation=directory.federation)
    except VerificationError as error:
        raise InvalidInputError("the signature of a number does not hold") from error
    return number


def take(
    tx: Transaction,
    row: JointRow,
    body: Mapping[str, Value],
    *,
    station: Station,
    at: Instant,
) -> None:
    """Keep numbers that were proven; two for one place are kept both, and exposed."""
    for signed in _listed(body):
        told = read(signed)
        _keep(tx, row, told, signed)
        _expose_fork(tx, row, told, station=station, at=at)
    expose_left_out(tx, row, station=station, at=at)


def number(tx: Transaction, row: JointRow, *, station: Station, at: Instant) -> int:
    """Give numbers to what waits, where we convene the case; return how many were.

    Raises `StateError` where an act of ours succeeds a convenor without the quorum for it.
    """
    held = held_of(tx, row)
    if held is None:
        return 0
    found = _chain(tx, row, held, station)
    waiting = _waiting(tx, row, found.numbers)
    succeeds = next((act for act in waiting if _succeeds(act, found)), None)
    if succeeds is None and (found.convenor != row.us or found.waits_for):
        return 0
    epoch, last = found.epoch, found.numbers[-1:]
    if succeeds is not None:
        epoch = found.epoch + 1
        last = found.numbers[: read_frame(succeeds.frame).number("number")][-1:]
        waiting = _waiting(tx, row, found.numbers[: last[-1].number if last else 0])
    waiting = sorted(waiting, key=lambda each: not _is(each, succeeds))
    for act in waiting[: limits.ACTS - len(found.numbers)]:
        before = last[-1] if last else None
        place = 1 if before is None else before.number + 1
        given = Number(
            case=row.wire,
            epoch=epoch,
            number=place,
            previous=FIRST if before is None else before.act,
            act=act.digest,
            at=at if before is None or before.epoch != epoch else max(at, before.at),
            by=AgencyId(row.us),
        )
        _give(tx, row, given, act, station=station)
        last = (given,)
    _check_succession(tx, row, succeeds, station)
    return len(waiting)


def is_numbered(reader: Reader, row: JointRow, digest: str) -> bool:
    """Whether a number for an act is held already."""
    numbers = reader.find(NumberRow, eq("case", row.case), eq("act", digest), limit=1)
    return bool(numbers)


def given(reader: Reader, row: JointRow) -> Sequence[bytes]:
    """Return the numbers a case has here, as they were signed, in order."""
    rows = reader.find(NumberRow, eq("case", row.case), order="epoch,number,digest")
    return [each.signed for each in rows]


def expose_rival(
    tx: Transaction, row: JointRow, act: ActRow, *, station: Station, at: Instant
) -> None:
    """Keep as evidence that an author gave two bodies to one revision."""
    frame = read_frame(act.frame)
    revision = frame.number("revision")
    of_author = (eq("case", row.case), eq("author", act.author), eq("kind", act.kind))
    for other in tx.find(ActRow, *of_author) if revision is not None else ():
        if (
            other.digest != act.digest
            and read_frame(other.frame).number("revision") == revision
        ):
            both = sorted((act, other), key=lambda each: each.digest)
            told: list[Value] = [
                {
                    "frame": each.frame,
                    "leaves": list(cast("Sequence[bytes]", cbor.decode(each.leaves))),
                    "signed": each.signed,
                }
                for each in both
            ]
            _expose(tx, row, ("revision", act.author), {"acts": told}, station=station, at=at)


def expose_left_out(tx: Transaction, row: JointRow, *, station: Station, at: Instant) -> None:
    """Keep as evidence that a convenor took an act of ours in and did not number it in time."""
    held = held_of(tx, row)
    if held is None:
        return
    found = _chain(tx, row, held, station)
    run = [each for each in found.numbers if each.epoch == found.epoch]
    numbered = {each.act for each in found.numbers}
    ours = tx.find(ActRow, eq("case", row.case), eq("is_ours", value=True))
    for act in (each for each in ours if each.digest not in numbered):
        receipt = _receipt(tx, act, found.convenor)
        if receipt is not None and is_left_out(act.digest, receipt[1], run):
            signed = [each for each in given(tx, row) if read(each).epoch == found.epoch]
            told: dict[str, Value] = {"receipt": receipt[0], "numbers": signed}
            what = ("left-out", found.convenor)
            _expose(tx, row, what, told, station=station, at=at)


def _receipt(reader: Reader, act: ActRow, convenor: str) -> tuple[bytes, Instant] | None:
    copy = reader.get(CopyRow, act.case, act.digest, convenor)
    sent = None if copy is None else reader.get(OutboxRow, copy.mid)
    if sent is not None and sent.replaced_by is not None:
        sent = reader.get(OutboxRow, sent.replaced_by)
    if sent is None or sent.receipt is None or sent.stored_at is None:
        return None
    return sent.receipt, Instant(sent.stored_at)


def _chain(reader: Reader, row: JointRow, held: Held, station: Station) -> Chain:
    _, joint = declared(reader, row, station)
    return chain(held, need=handover_need(joint, len(held.acts[held.opening].roster)))


def _is(act: ActRow, other: ActRow | None) -> bool:
    return other is not None and act.digest == other.digest


def _waiting(reader: Reader, row: JointRow, found: Sequence[Number]) -> Sequence[ActRow]:
    """Return the acts without a number that counts, the opening first, then as they came."""
    numbered = {each.act for each in found}
    acts = reader.find(ActRow, eq("case", row.case), order="stored_at,digest")
    waiting = [each for each in acts if each.digest not in numbered]
    return sorted(waiting, key=lambda each: each.digest != row.opening)


def _succeeds(act: ActRow, found: Chain) -> bool:
    is_ours = act.is_ours and act.kind.endswith(".succeed/1")
    return is_ours and read_frame(act.frame).number("epoch") == found.epoch + 1


def _check_succession(
    reader: Reader, row: JointRow, act: ActRow | None, station: Station
) -> None:
    held = None if act is None else held_of(reader, row)
    if act is None or held is None:
        return
    # INVARIANT: nobody numbers by its own word: a quorum has handed the numbering over.
    if _chain(reader, row, held, station).convenor != row.us:
        raise StateError("too few parties handed the numbering over, or it goes on elsewhere")


def _give(
    tx: Transaction, row: JointRow, number: Number, act: ActRow, *, station: Station
) -> None:
    signed = sign_document(
        number_statement(number, station.node),
        station.node_key,
        sort=NUMBER_SORT,
        federation=station.directory().federation,
    )
    _keep(tx, row, number, signed)
    line = cases.Line(
        case=CaseId(row.case), kind=act.kind, partner=act.author, reference=act.digest
    )
    record: dict[str, Value] = {"number": hashlib.sha256(signed).digest()}
    cases.enter(tx, station, LeafType.NUMBERED, record, line=line, at=number.at)


def _keep(tx: Transaction, row: JointRow, number: Number, signed: bytes) -> None:
    tx.put(
        NumberRow(
            case=row.case,
            epoch=number.epoch,
            number=number.number,
            act=number.act,
            digest=hashlib.sha256(signed).digest(),
            signed=signed,
        )
    )
    act = tx.get(ActRow, row.case, number.act)
    if act is not None and not act.is_numbered:
        tx.put(replace(act, is_numbered=True))


def _expose_fork(
    tx: Transaction, row: JointRow, number: Number, *, station: Station, at: Instant
) -> None:
    place = (eq("case", row.case), eq("epoch", number.epoch), eq("number", number.number))
    rows = tx.find(NumberRow, *place, order="digest")
    false = {each.digest: each for each in rows if number_of(each).by == number.by}
    if len({number_of(each) for each in false.values()}) > 1:
        told: dict[str, Value] = {"numbers": [each.signed for each in false.values()][:2]}
        _expose(tx, row, ("fork", number.by), told, station=station, at=at)


def _expose(  # noqa: PLR0913 - the unit, the case, what it proves of whom, and the proof
    tx: Transaction,
    row: JointRow,
    what: tuple[str, str],
    told: Mapping[str, Value],
    *,
    station: Station,
    at: Instant,
) -> None:
    sort, by = what
    evidence = cbor.encode({**told, "sort": sort, "case": bytes.fromhex(row.wire)})
    digest = hashlib.sha256(evidence).hexdigest()
    known = tx.find(FalseRow, eq("case", row.case), eq("sort", sort), eq("by", by), limit=64)
    if any(each.digest == digest for each in known) or len(known) >= limits.FALSE:
        return
    line = cases.Line(case=CaseId(row.case), partner=by, reference=digest)
    record: dict[str, Value] = {"evidence": hashlib.sha256(evidence).digest(), "sort": sort}
    leaf = cases.enter(tx, station, LeafType.INCIDENT, record, line=line, at=at)
    tx.insert(
        FalseRow(
            case=row.case, digest=digest, sort=sort, by=by, evidence=evidence, leaf=leaf, at=at
        )
    )


def read(signed: bytes) -> Number:
    """Read a number that was checked when it came."""
    return read_number(read_document(signed, sort=NUMBER_SORT).payload)[0]


def _listed(body: Mapping[str, Value]) -> Sequence[bytes]:
    return cast("Sequence[bytes]", body["numbers"])
