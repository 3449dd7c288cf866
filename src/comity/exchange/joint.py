"""A case of several parties as the road moves it: who may write in it, what it does on arrival.

Copies come by the ordinary road, one for each party, decided and sealed for it. Nothing here
moves the case: that is the fold of what is held (`joint_view`), after every act and number.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, LimitError, StateError, VerificationError
from comity.core.ids import AgencyId, CaseId, RecordId, member_of
from comity.core.store import Reader, Transaction, eq
from comity.exchange import cases, numbering
from comity.exchange.joint_recall import (
    cite,
    is_taken_back,
    owe_compliance,
    recall_early,
)
from comity.exchange.joint_view import joint_row, refold, the_case
from comity.exchange.leaves import content_of
from comity.exchange.rows import InboxRow
from comity.exchange.stages import Opened, Sealed
from comity.exchange.station import Station
from comity.practice import (
    ACT_SORT,
    LONE,
    ActRow,
    CaseRow,
    CopyRow,
    JointRow,
    Kind,
    PartyRow,
    ReadAct,
    SectionRow,
    Side,
    act_statement,
    check_framed,
    is_joint,
    joint_of,
    read_act,
    section_names,
    sections_of,
)
from comity.seal import read_document, verify_document


def is_act(kind: Kind) -> bool:
    """Whether a kind is an act, or the proof that one may not be read; a number is neither."""
    return kind.word != "number"


def place(reader: Reader, opened: Opened, *, station: Station) -> CaseId | None:
    """Find the case an act or number belongs to; `None` where the act opens it.

    Raises `TooEarlyError` where no case of its author's is known by that name, `StateError` or
    `InvalidInputError` where it contradicts the case, itself or a limit.
    """
    message = opened.message
    kind = station.practices.kind(message.kind)
    if not is_act(kind):
        return numbering.place(reader, opened, station=station)
    read = read_act(kind, opened.content.body)
    if kind.word == "withheld":
        _check_proof(message.kind, read, station)
    _check_author(opened, read, station)
    row = joint_row(reader, read.frame.case)
    if row is None:
        _check_opening(reader, opened, read, station=station)
        return None
    _check_party(reader, row, opened, station=station)
    _check_room(reader, row, read)
    return CaseId(row.case)


def step_in(tx: Transaction, opened: Opened, *, station: Station, at: Instant) -> cases.Stepped:
    """Open the case of an act that came, if it is new here."""
    # Asked again inside the unit: another message may have opened it since `admit`.
    case = place(tx, opened, station=station)
    if case is None:
        kind = station.practices.kind(opened.message.kind)
        read = read_act(kind, opened.content.body)
        terms = (opened.content.purpose, opened.content.handling.setting.value)
        case = open_case(tx, read, opened.message.recipient, terms, station=station, at=at)
    return cases.Stepped(case=case, asks=False)


def open_case(  # noqa: PLR0913 - the unit, the act, who we are in it, its terms
    tx: Transaction,
    read: ReadAct,
    us: AgencyId,
    terms: tuple[str, str],
    *,
    station: Station,
    at: Instant,
) -> CaseId:
    """Write the case an act opens: one row in the list, its parties, its roster."""
    frame, (purpose, setting) = read.frame, terms
    practice = station.practices.owner(frame.kind)
    joint = joint_of(practice, frame.kind)
    parent = joint_row(tx, frame.parent) if frame.parent else None
    case = cases.new_case_id(at, station.entropy)
    tx.insert(
        CaseRow(
            case=case,
            practice=practice.name,
            state="none" if joint is None else joint.initial,
            opener=frame.author,
            partner=frame.author,
            side=(Side.OPENER if us == frame.author else Side.ASKED).value,
            conv=station.entropy.take(16),
            purpose=purpose,
            opened=at,
            changed=at,
            due=None,
            owner=None,
            setting=setting,
            parent=None if parent is None else parent.case,
        )
    )
    tx.insert(
        JointRow(
            case=case,
            wire=frame.case,
            type="" if joint is None else joint.name,
            opening=read.digest,
            convenor=frame.author,
            epoch=1,
            number=0,
            us=us,
            parent=frame.parent,
            is_over=False,
        )
    )
    for each in frame.roster:
        conv = conversation_of(frame.case, us, each.party)
        tx.insert(PartyRow(case=case, party=each.party, conv=conv, told=0))
    return case


def step_out(tx: Transaction, sealed: Sealed, *, station: Station) -> None:
    """Note that a copy of an act of ours, or the proof in its place, is on its way."""
    draft = sealed.marked.releasable.draft
    kind = station.practices.kind(draft.kind)
    if not is_act(kind):
        return
    digest = read_act(kind, draft.body).digest
    copy = tx.get(CopyRow, draft.case, digest, draft.recipient)
    if copy is None or copy.state in {"sent", "withheld"}:
        raise StateError("this copy has gone, or is nobody's")
    if kind.word != "withheld":
        reference = sealed.marked.releasable.reference
        tx.put(replace(copy, state="sent", mid=sealed.mid, decision=reference))
    elif copy.state == "referred":
        tx.put(replace(copy, mid=sealed.mid, is_proven=True))
    else:
        tx.put(replace(copy, state="withheld", mid=sealed.mid, is_proven=True))


def take_in(
    tx: Transaction,
    row: InboxRow,
    body: Mapping[str, Value],
    *,
    station: Station,
    at: Instant,
) -> None:
    """Let an act or numbers that were filed take effect here."""
    kind = station.practices.kind(row.kind)
    held = the_case(tx, row.case)
    if is_act(kind):
        _take_act(tx, row, held, kind, body, station=station, at=at)
    else:
        numbering.take(tx, held, body, station=station, at=at)
    numbering.number(tx, held, station=station, at=at)
    refold(tx, CaseId(row.case), station=station, at=at)


def conversation_of(wire: str, one: AgencyId, other: AgencyId) -> bytes:
    """Return the conversation of two parties within a case, the same for both.

    The case is known to its parties alone, so nobody else can link the two.
    """
    pair = "|".join(sorted((one, other)))
    return hashlib.sha256(b"comity/v1/pair" + bytes.fromhex(wire) + pair.encode()).digest()[:16]


def check_roster(read: ReadAct) -> None:
    """Demand that the author of an opening is a party; raises `InvalidInputError`."""
    if read.frame.author not in {each.party for each in read.frame.roster}:
        raise InvalidInputError("a case of several parties names its author among them")


def _check_proof(name: str, read: ReadAct, station: Station) -> None:
    """Demand that a proof is of an act of its own practice, and says no more than its frame."""
    practice, kind = station.practices.owner(name), station.practices.kind(read.frame.kind)
    is_one = is_joint(practice, kind.name) and kind.word not in LONE
    if not is_one or station.practices.owner(kind.name) is not practice:
        raise InvalidInputError("a proof is of an act of several parties of its practice")
    # INVARIANT: what nobody judged is in no proof: a frame has declared, content-free fields.
    check_framed(kind, read.frame.fields)


def _check_author(opened: Opened, read: ReadAct, station: Station) -> None:
    """Demand the signature of the author's agency over the act itself, and its own marking."""
    message, frame, directory = opened.message, read.frame, station.directory()
    if frame.author != message.author or frame.at > message.created:
        raise InvalidInputError("an act is of another author or time than its message")
    claimed = read_document(read.signed, sort=ACT_SORT)
    proven = opened.verified.witnessed
    key = directory.agency_key(frame.author, claimed.kid, at=frame.at, witnessed=proven)
    if key is None:
        raise InvalidInputError("an act is signed by a key that did not count at its time")
    try:
        said = verify_document(read.signed, key, sort=ACT_SORT, federation=directory.federation)
    except VerificationError as error:
        raise InvalidInputError("the signature of an act does not hold") from error
    own = read.handling and read.handling.for_reader(member_of(message.recipient))
    is_under = own is None or opened.content.handling.is_within(own)
    if said != act_statement(frame, read.digest) or not is_under:
        raise InvalidInputError("an act is signed or marked as another one")


def _check_opening(reader: Reader, opened: Opened, read: ReadAct, *, station: Station) -> None:
    message, frame = opened.message, read.frame
    practice = station.practices.owner(message.kind)
    joint = joint_of(practice, frame.kind)
    if joint is None or frame.kind != joint.opens:
        raise cases.TooEarlyError("no case of this name is known here")
    check_roster(read)
    parties = {each.party for each in frame.roster}
    conv = conversation_of(frame.case, message.author, message.recipient)
    if message.recipient not in parties or message.conv != conv:
        raise InvalidInputError("a case is opened to its parties, each in its conversation")
    mine = (eq("convenor", message.author), eq("is_over", value=False))
    if reader.count(JointRow, *mine) >= limits.JOINT_CASES:
        raise LimitError("too many open cases of one convenor")


def _check_party(reader: Reader, row: JointRow, opened: Opened, *, station: Station) -> None:
    message, content = opened.message, opened.content
    party = reader.get(PartyRow, row.case, message.author)
    if party is None or row.us != message.recipient or message.conv != party.conv:
        # Nobody learns whether a case is known here but who is of it.
        raise cases.TooEarlyError("no case of this name is known here")
    held = cases.case_row(reader, CaseId(row.case))
    practice = station.practices.owner(message.kind)
    cases.agree(held, practice, content.handling, purpose=content.purpose)


def _check_room(reader: Reader, row: JointRow, read: ReadAct) -> None:
    frame = read.frame
    if reader.get(ActRow, row.case, read.digest) is not None:
        return
    of_party = (eq("case", row.case), eq("author", frame.author))
    if reader.count(ActRow, *of_party) >= limits.PARTY_ACTS:
        raise StateError("a party has said as much in this case as may be said")
    if reader.count(ActRow, *of_party, eq("is_numbered", value=False)) >= limits.PARKED:
        raise cases.TooEarlyError("too many acts of one party wait for their numbers")


def _take_act(  # noqa: PLR0913 - the unit, the message, its case, its body
    tx: Transaction,
    row: InboxRow,
    held: JointRow,
    kind: Kind,
    body: Mapping[str, Value],
    *,
    station: Station,
    at: Instant,
) -> None:
    read = read_act(kind, body)
    known = tx.get(ActRow, held.case, read.digest)
    is_withheld = kind.word == "withheld"
    if known is not None and (known.is_readable or is_withheld):
        return
    act = ActRow(
        case=held.case,
        digest=read.digest,
        author=read.frame.author,
        kind=read.frame.kind,
        frame=read.frame_bytes,
        signed=read.signed,
        leaves=cbor.encode(list(read.leaves)),
        mid=row.mid,
        record_id="",
        stored_at=at if known is None else known.stored_at,
        is_ours=False,
        is_numbered=numbering.is_numbered(tx, held, read.digest),
        is_readable=not is_withheld,
    )
    tx.put(act)
    cite(tx, act, body)
    _keep_sections(tx, row, act, kind, body, station=station, at=at)
    numbering.expose_rival(tx, held, act, station=station, at=at)
    recall_early(tx, act, at=at)
    if is_taken_back(read.frame.kind):
        owe_compliance(tx, row, read.frame, at=at)


def _keep_sections(  # noqa: PLR0913 - the unit, the message, the act, its kind and body
    tx: Transaction,
    row: InboxRow,
    act: ActRow,
    kind: Kind,
    body: Mapping[str, Value],
    *,
    station: Station,
    at: Instant,
) -> None:
    """Take each section out of what was kept of its message: a record of its own."""
    kept = station.safe.open(tx, RecordId(row.record_id))
    sections = sections_of(kind.fields, body)
    if not sections or kept is None:
        return
    for each in sections:
        plaintext = cbor.encode(each.plain)
        tx.put(
            SectionRow(
                case=act.case,
                digest=act.digest,
                place=each.place,
                name=each.name,
                record_id=station.safe.keep(tx, sort="section", plaintext=plaintext, at=at),
                state="held",
            )
        )
    names = section_names(kind)
    content = content_of(kept)
    rest = {name: value for name, value in content.body.items() if name not in names}
    members = cast("Mapping[str, Value]", cbor.decode(kept))
    bare = {**members, "content": replace(content, body=rest).encode()}
    fresh = station.safe.keep(tx, sort="received", plaintext=cbor.encode(bare), at=at)
    station.safe.erase(tx, RecordId(row.record_id), at=at)
    tx.put(replace(row, record_id=fresh))
