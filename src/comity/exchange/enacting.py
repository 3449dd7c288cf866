"""An act of several parties of our own: written whole with the copies it owes, in one unit.

From then on it stands: each party's copy goes down the road by itself, and a node that stops
in between goes on where it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import AgencyId, CaseId, PersonId, RecordId
from comity.core.store import Reader, Transaction, eq
from comity.exchange import cases, numbering
from comity.exchange.acts import Act
from comity.exchange.effects import LEAVES
from comity.exchange.joint import check_roster, open_case
from comity.exchange.joint_recall import cite, mark_stale
from comity.exchange.joint_view import joint_row, refold, the_case
from comity.exchange.station import Station
from comity.message import Facts, handling
from comity.practice import (
    ACT_SORT,
    ActRow,
    CopyRow,
    Kind,
    PartyRow,
    WholeAct,
    act_statement,
    copy_for,
    read_act,
    read_frame,
)
from comity.seal import sign_document


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAct:
    """An act of ours with what its copies are decided by: who did it, and what for."""

    whole: WholeAct
    act: Act
    purpose: str
    setting: str
    signed: bytes


def sign_act(whole: WholeAct, station: Station) -> bytes:
    """Sign an act as its author's agency."""
    return sign_document(
        act_statement(whole.frame, whole.digest),
        station.agency_key(whole.frame.author),
        sort=ACT_SORT,
        federation=station.directory().federation,
    )


def enact(tx: Transaction, own: OwnAct, *, station: Station, at: Instant) -> CaseId:
    """Write an act of ours, and the copies it owes; number it where we convene the case.

    Raises `InvalidInputError`, and `StateError` where a succession has no quorum.
    """
    whole = own.whole
    body = copy_for(whole, range(len(whole.salts)), signed=own.signed)
    read = read_act(whole.kind, body)
    held = joint_row(tx, whole.frame.case)
    us = whole.frame.author
    if held is None:
        check_roster(read)
        terms = (own.purpose, own.setting)
        case = open_case(tx, read, us, terms, station=station, at=at)
    else:
        case = CaseId(held.case)
    act = ActRow(
        case=case,
        digest=whole.digest,
        author=us,
        kind=whole.kind.name,
        frame=read.frame_bytes,
        signed=own.signed,
        leaves=cbor.encode(list(read.leaves)),
        mid=b"",
        record_id=station.safe.keep(tx, sort="act", plaintext=_pack(own), at=at),
        stored_at=at,
        is_ours=True,
        is_numbered=False,
        is_readable=True,
    )
    tx.insert(act)
    cite(tx, act, whole.body)
    _owe_copies(tx, act, us)
    _count(tx, own, case, station=station, at=at)
    numbering.number(tx, the_case(tx, case), station=station, at=at)
    refold(tx, case, station=station, at=at)
    return case


def own_act(reader: Reader, row: ActRow, station: Station) -> OwnAct | None:
    """Read back an act of ours; `None` once it is erased."""
    kept = station.safe.open(reader, RecordId(row.record_id))
    if kept is None:
        return None
    part = cast("Mapping[str, Value]", cbor.decode(kept))
    kind = station.practices.kind(row.kind)
    whole = WholeAct(
        kind=kind,
        frame=read_frame(row.frame),
        body=cast("Mapping[str, Value]", part["body"]),
        handling=handling(cast("str", part["handling"])),
        salts=tuple(cast("Sequence[bytes]", part["salts"])),
        hashes=tuple(cast("Sequence[bytes]", part["hashes"])),
    )
    return OwnAct(
        whole=whole,
        act=_act(cast("Mapping[str, Value]", part["act"])),
        purpose=cast("str", part["purpose"]),
        setting=cast("str", part["setting"]),
        signed=row.signed,
    )


def _pack(own: OwnAct) -> bytes:
    whole = own.whole
    return cbor.encode(
        {
            "act": own.act.record(),
            "body": whole.body,
            "handling": str(whole.handling),
            "salts": list(whole.salts),
            "hashes": list(whole.hashes),
            "purpose": own.purpose,
            "setting": own.setting,
        }
    )


def _act(record: Mapping[str, Value]) -> Act:
    second = cast("str | None", record["second"])
    return Act(
        person=PersonId(cast("str", record["person"])),
        seat=cast("str", record["seat"]),
        session=cast("str", record["session"]),
        at=Instant(cast("int", record["at"])),
        second=PersonId(second) if second else None,
        lifted=tuple(cast("Sequence[str]", record["lifted"])),
        stated=cast("Facts", record["stated"]),
    )


def _owe_copies(tx: Transaction, act: ActRow, us: AgencyId) -> None:
    for party in tx.find(PartyRow, eq("case", act.case), order="party"):
        if party.party != us:
            tx.insert(
                CopyRow(
                    case=act.case,
                    digest=act.digest,
                    party=party.party,
                    state="owed",
                    mid=b"",
                    decision="",
                    is_proven=False,
                )
            )


def _count(
    tx: Transaction, own: OwnAct, case: CaseId, *, station: Station, at: Instant
) -> None:
    """Write the leaf by which a dissent, stop, lift, correction or recall is counted, once."""
    kind: Kind = own.whole.kind
    if kind.name.endswith("/2") and kind.word in LEAVES:
        line = cases.Line(case=case, kind=kind.name, reference=own.whole.digest, act=own.act)
        record: dict[str, Value] = {
            "act": own.act.record(),
            "digest": bytes.fromhex(own.whole.digest),
        }
        cases.enter(tx, station, LEAVES[kind.word], record, line=line, at=at)
        if kind.word in {"correct", "recall"}:
            mark_stale(tx, own.whole.frame.text("root"), at=at)
