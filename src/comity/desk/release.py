"""Release: lower renditions of what is held, for readers who may not have the whole.

A releasing officer answers a checklist, another person confirms where the parent asks for it,
and the parent's originators must be ourselves or have agreed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import cast

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import (
    AuthorisationError,
    InvalidInputError,
    NotFoundError,
    StateError,
)
from comity.core.ids import AgencyId, CaseId, RecordId, message_id
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import READERS, Actor
from comity.exchange import InboxRow, Station, cases
from comity.exchange.leaves import commit, content_of, pack
from comity.interop import grade
from comity.ledger import LeafType
from comity.message import Handling, Status, vocabulary
from comity.practice import CaseFieldRow
from comity.record import (
    Parent,
    StatementRow,
    Tearline,
    TearlineRow,
    Use,
    check_tearline,
    commitment_to,
    consent_for,
    keep_statements,
    needs_second,
    read_rendition,
    rendition,
    rows_of,
    statements_of,
    tearline_statement,
    tearlines,
    timer_of,
)

RELEASERS = frozenset({"legal", "supervisor"})
"""Seats that may release a lower rendition."""
_LIVING = {Status.ACTIVE.value, Status.CONTESTED.value}
_ENDLESS = Instant(2**48 - 1)


class Release:
    """Tearlines: made, confirmed, listed."""

    def __init__(self, station: Station, agency: AgencyId) -> None:
        """Release for one agency."""
        self._station = station
        self._agency = agency

    def tearline(self, actor: Actor, said: Tearline) -> TearlineRow:
        """Make a lower rendition of something held, or let it wait for a second person.

        Raises `NotFoundError` without its parent, `InvalidInputError` where an originator has
        not agreed, the checklist has a gap, or the text is the parent's own.
        """
        actor.seat(RELEASERS)
        station, at = self._station, self._station.clock.now()
        made = grade(said.grade.scale, said.grade.source, said.grade.information)
        text = vocabulary.validate(said.schema, said.prop, said.text)
        said = replace(said, grade=made, text=text)
        salt = station.entropy.take(32)

        def unit(tx: Transaction) -> TearlineRow:
            parent = self._checked(tx, actor, said, at=at)
            keep = station.safe.keep
            row = TearlineRow(
                tearline=station.entropy.take(16).hex(),
                parent=said.parent,
                commitment=commitment_to(parent, salt=salt),
                state="waiting",
                by=actor.person,
                second="",
                at=at,
                record_id=keep(tx, sort="tearline", plaintext=rendition(said), at=at),
                salt_id=keep(tx, sort="tearline-salt", plaintext=salt, at=at),
            )
            tx.put(row)
            return row if needs_second(parent) else self._make(tx, row, said, parent)

        return station.store.commit(unit).result()

    def confirm(self, actor: Actor, tearline: str) -> TearlineRow:
        """Confirm another person's tearline: from now on it is held on its own terms."""
        actor.seat(RELEASERS)
        station, at = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> TearlineRow:
            row = tx.get(TearlineRow, tearline)
            if row is None:
                raise NotFoundError(f"no tearline `{tearline[:40]}`")
            if row.state != "waiting":
                raise StateError(f"this tearline is `{row.state}`, no longer waiting")
            if row.by == actor.person:
                raise AuthorisationError("the second person must be another than the first")
            kept = station.safe.open(tx, RecordId(row.record_id))
            if kept is None:
                raise NotFoundError("the tearline has been erased")
            said = read_rendition(kept, parent=row.parent)
            parent = self._checked(tx, actor, said, at=at)
            return self._make(tx, replace(row, second=actor.person), said, parent)

        return station.store.commit(unit).result()

    def tearlines(self, actor: Actor) -> tuple[TearlineRow, ...]:
        """List the tearlines made here, the newest first."""
        actor.seat(READERS)
        return self._station.store.read(tearlines)

    def _make(
        self, tx: Transaction, row: TearlineRow, said: Tearline, parent: Parent
    ) -> TearlineRow:
        station, at = self._station, self._station.clock.now()
        made = replace(row, state="made")
        tx.put(made)
        held = tearline_statement(said, parent, made, originator=self._agency)
        keep_statements(tx, (held,), safe=station.safe, at=at)
        record: Mapping[str, Value] = {
            "tearline": made.tearline,
            "commitment": made.commitment,
            "marking": str(said.handling),
            "person": made.by,
            "second": made.second,
        }
        leaf = commit(LeafType.ASSESSED, record, at=at, entropy=station.entropy)
        tx.append(leaf.leaf.encode())
        station.safe.keep(tx, sort="assessed", plaintext=pack({}, leaf), at=at)
        return made

    def _checked(self, reader: Reader, actor: Actor, said: Tearline, *, at: Instant) -> Parent:
        parent = self._parent(reader, actor, said.parent)
        agreed = frozenset(
            name
            for name in parent.originators
            if name == self._agency
            or consent_for(reader, said.parent, Use.TEARLINE, originator=name, at=at)
        )
        check_tearline(said, parent, agreed=agreed)
        return parent

    def _parent(self, reader: Reader, actor: Actor, reference: str) -> Parent:
        for said in rows_of(reader, (reference,)):
            actor.bound(purpose=said.purpose, case=actor.case)
            return self._of_statement(reader, said)
        for row in reader.find(InboxRow, eq("mid", _mid(reference)), limit=1):
            held = cases.case_row(reader, CaseId(row.case))
            actor.bound(purpose=held.purpose, case=row.case)
            return self._of_message(reader, row, purpose=held.purpose)
        raise NotFoundError(f"nothing `{reference[:64]}` is held")

    def _of_statement(self, reader: Reader, row: StatementRow) -> Parent:
        opened = statements_of(reader, (row,), safe=self._station.safe)
        if not opened or row.procedure or row.status not in _LIVING:
            raise NotFoundError("this statement is not held for use any more")
        held = opened[0]
        return Parent(
            reference=row.statement_id,
            words=tuple(filter(None, (held.value, held.original_value))),
            handling=held.handling,
            originators=held.handling.originators | {held.originator},
            purpose=held.purpose,
            retain_until=held.retain_until,
            is_challenged=bool(row.challenge),
        )

    def _of_message(self, reader: Reader, row: InboxRow, *, purpose: str) -> Parent:
        kept = self._station.safe.open(reader, RecordId(row.record_id))
        if kept is None or row.state != "filed":
            raise NotFoundError("this message is not held for use any more")
        content, mid = content_of(kept), row.mid.hex()
        terms = reduce(Handling.join, content.values.values(), content.handling)
        timer = timer_of(reader, mid)
        contested = reader.get(CaseFieldRow, row.case, "contested", mid)
        return Parent(
            reference=mid,
            words=_texts(content.body),
            handling=terms,
            originators=terms.originators | {AgencyId(row.author)},
            purpose=purpose,
            retain_until=_ENDLESS if timer is None else Instant(timer.erase_by),
            is_challenged=contested is not None,
        )


def _mid(reference: str) -> bytes:
    try:
        return message_id(reference)
    except InvalidInputError:
        return b""


def _texts(value: Value) -> tuple[str, ...]:
    """Return every text a message holds."""
    if isinstance(value, str):
        return (value,)
    is_listed = isinstance(value, Sequence) and not isinstance(value, bytes)
    parts = value.values() if isinstance(value, Mapping) else value if is_listed else ()
    return tuple(text for each in cast("Iterable[Value]", parts) for text in _texts(each))
