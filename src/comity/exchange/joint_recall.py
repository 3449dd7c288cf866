"""What is taken back in a case of several parties: a section or an act, and what rests on it.

A recall closes what it names to everybody here at once; complying destroys key and salt.
The frame of an act stays: who said what kind of thing when is the history of the case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from comity.core.cbor import Value
from comity.core.clock import HOUR, Instant
from comity.core.ids import CaseId, RecordId
from comity.core.store import Reader, Transaction, eq
from comity.exchange import cases
from comity.exchange.owing import owe
from comity.exchange.rows import InboxRow
from comity.exchange.station import Station
from comity.ledger import LeafType
from comity.practice import ActRow, CitedRow, Frame, SectionRow, read_frame

COMPLY_WITHIN = 24 * HOUR
"""How long, in ms, a party takes to erase what was recalled."""


def mark_stale(tx: Transaction, cited: str, *, at: Instant) -> None:
    """Mark what rests on a message or act that was corrected or recalled."""
    for row in tx.find(CitedRow, eq("cited", cited), eq("stale_at", None)):
        tx.put(replace(row, stale_at=at))


def erase_recalled(tx: Transaction, recall: InboxRow, *, station: Station, at: Instant) -> None:
    """Destroy what a partner's recall of an act, or of one section, names."""
    for act in tx.find(ActRow, eq("case", recall.case), eq("mid", recall.mid)):
        frame = read_frame(act.frame)
        root, place = frame.text("root"), frame.number("section")
        for section in _sections(tx, recall.case, root):
            if place in {None, section.place}:
                _erase_section(tx, section, station=station, at=at)
        named = tx.get(ActRow, recall.case, root)
        if place is None and named is not None:
            _erase_fields(tx, named, station=station, at=at)


def erase_parts(tx: Transaction, held: InboxRow, *, station: Station, at: Instant) -> None:
    """Destroy the sections of an act whose message is erased."""
    for act in tx.find(ActRow, eq("case", held.case), eq("mid", held.mid)):
        tx.put(replace(act, is_readable=False))
        for section in _sections(tx, held.case, act.digest):
            _erase_section(tx, section, station=station, at=at)


def cite(tx: Transaction, act: ActRow, body: Mapping[str, Value]) -> None:
    """Remember what an act rests on, so that it is marked stale with it."""
    follows = body.get("follows")
    named = read_frame(act.frame).texts("cites")
    for cited in (*named, *((follows,) if isinstance(follows, str) else ())):
        tx.put(CitedRow(cited=cited, case=act.case, digest=act.digest, stale_at=None))


def recall_early(tx: Transaction, act: ActRow, *, at: Instant) -> None:
    """Apply to an act that came what its author had taken back before it was here."""
    of_author = (eq("case", act.case), eq("author", act.author))
    for early in tx.find(ActRow, *of_author):
        frame = read_frame(early.frame)
        if is_taken_back(frame.kind) and frame.text("root") == act.digest:
            for row in tx.find(InboxRow, eq("mid", early.mid), eq("case", act.case)):
                owe_compliance(tx, row, frame, at=at)


def is_taken_back(kind: str) -> bool:
    """Whether an act of this kind corrects or recalls another."""
    return kind.endswith((".recall/2", ".correct/2"))


def owe_compliance(tx: Transaction, row: InboxRow, frame: Frame, *, at: Instant) -> None:
    """Close what an author recalled to everybody here at once, and owe compliance with it."""
    root, place = frame.text("root"), frame.number("section")
    named = tx.get(ActRow, row.case, root)
    # INVARIANT: a party can take back only what its own agency said.
    if named is None or named.author != row.author or not named.is_readable:
        return
    if frame.kind.endswith(".recall/2"):
        for section in _sections(tx, row.case, root):
            if place in {None, section.place} and section.state == "held":
                tx.put(replace(section, state="recalled"))
        for held in tx.find(InboxRow, eq("mid", named.mid), eq("case", row.case)):
            if place is None and held.state != "erased":
                tx.put(replace(held, state="recalled"))
    mark_stale(tx, root, at=at)
    owe(tx, row, sort="comply", due=at + COMPLY_WITHIN, at=at)


def _sections(reader: Reader, case: str, digest: str) -> Sequence[SectionRow]:
    return reader.find(SectionRow, eq("case", case), eq("digest", digest), order="place")


def _erase_section(
    tx: Transaction, section: SectionRow, *, station: Station, at: Instant
) -> None:
    if not station.safe.erase(tx, RecordId(section.record_id), at=at):
        return
    tx.put(replace(section, state="erased"))
    line = cases.Line(case=CaseId(section.case), reference=section.digest)
    record: dict[str, Value] = {"record": section.record_id, "place": section.place}
    cases.enter(tx, station, LeafType.ERASED, record, line=line, at=at)


def _erase_fields(tx: Transaction, act: ActRow, *, station: Station, at: Instant) -> None:
    """Destroy what was kept of an act beside its sections; its frame stays."""
    for held in tx.find(InboxRow, eq("mid", act.mid), eq("case", act.case)):
        if station.safe.erase(tx, RecordId(held.record_id), at=at):
            tx.put(replace(held, state="erased"))
            line = cases.Line(case=CaseId(act.case), partner=act.author, reference=act.digest)
            record: dict[str, Value] = {"record": held.record_id, "mid": held.mid}
            cases.enter(tx, station, LeafType.ERASED, record, line=line, at=at)
    tx.put(replace(act, is_readable=False))
