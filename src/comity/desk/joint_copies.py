"""Copies: what each party gets of an act of ours, decided for it alone, and numbers for all.

The law is asked for every copy on the ordinary road. A part that it does not let go is left
out whole and its hash goes in its place; where nothing may go but the frame, the proof of that.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from comity.core import limits
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import ComityError
from comity.core.ids import AgencyId, CaseId, PersonId, member_of
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk.letters import with_facts
from comity.desk.lineage import descended, inherited
from comity.desk.sending import TIMER, AwaitsKey, NotSent, Sender
from comity.exchange import Act, DecisionRow, Station, numbering
from comity.exchange.cases import case_row
from comity.exchange.enacting import OwnAct, own_act
from comity.law import Verdict, decide
from comity.message import Draft, Handling, Setting, Tlp, Urgency
from comity.practice import (
    FRAME_LEAF,
    SAID_LEAF,
    ActRow,
    Body,
    CopyRow,
    JointRow,
    Kind,
    PartyRow,
    copy_for,
    items,
    protects,
    section_names,
    sections_of,
    urgency,
    withheld,
)

_MOST = 1_000
"""Copies looked at in one round."""


class Copies:
    """The desk's end of the road for acts and numbers of several parties."""

    def __init__(self, station: Station, sender: Sender) -> None:
        """Send through the desk's own sender."""
        self._station = station
        self._sender = sender

    def send_owed(self, case: str = "") -> bool:
        """Send every copy that is owed, of one case or of all; return whether any went on."""
        done = [self._attempt(row) for row in self._owed(case)]
        return any(done)

    def drafts(self, reader: Reader, own: OwnAct, case: CaseId | None) -> tuple[Draft, ...]:
        """Draft the copy of each party, as it would go now."""
        named = own.whole.frame.roster
        rows = reader.find(PartyRow, eq("case", case)) if case else ()
        parties = {each.party for each in named} | {AgencyId(row.party) for row in rows}
        us = own.whole.frame.author
        to = sorted(parties - {us})
        return tuple(self._fullest(reader, own, (each, case or CaseId(""))) for each in to)

    def shown(self, reader: Reader, own: OwnAct, case: CaseId) -> Draft:
        """Draft an act whole, for the second person of our own to look at."""
        whole = own.whole
        body = copy_for(whole, range(len(whole.salts)), signed=own.signed)
        to = (whole.frame.author, case)
        return self._drafted(reader, own, to, whole.kind, body)

    def tell_numbers(self, row: JointRow) -> bool:
        """Tell each party the numbers we gave that it was not told; return whether any went."""
        own = self._station.store.read(lambda r: _own_numbers(r, row))
        parties = self._station.store.read(lambda r: r.find(PartyRow, eq("case", row.case)))
        behind = [each for each in parties if each.told < len(own) and each.party != row.us]
        done = [self._tell(row, each, own) for each in behind]
        return any(done)

    def _owed(self, case: str) -> Iterable[CopyRow]:
        of_case = (eq("case", case),) if case else ()
        states = Where("state", Op.IN, ("owed", "referred"))

        def query(reader: Reader) -> list[CopyRow]:
            rows = reader.find(CopyRow, states, *of_case, limit=_MOST)
            return [row for row in rows if row.state != "referred" or _is_given_up(reader, row)]

        return self._station.store.read(query)

    def _attempt(self, row: CopyRow) -> bool:
        try:
            return self._send(row)
        except ComityError:
            # A partner without a prekey, a closed door: the next round tries again.
            return False

    def _send(self, row: CopyRow) -> bool:
        is_given_up = row.state != "owed"
        if is_given_up and row.is_proven:
            # It is left at the proof that went already.
            self._alter(row, state="withheld")
            return True
        found = self._station.store.read(lambda r: self._draft(r, row, is_given_up=is_given_up))
        if found is None:
            return False
        draft, act = found
        is_proof = draft.kind.endswith(".withheld/1")

        def also(tx: Transaction) -> None:
            held = tx.get(CopyRow, row.case, row.digest, row.party) or row
            if held.state not in {"sent", "withheld"}:
                tx.put(replace(held, state="denied" if is_proof else "referred"))

        outcome = self._sender.go(draft, act, also=also)
        if isinstance(outcome, (NotSent, AwaitsKey)):
            self._alter(row, decision=outcome.reference)
        if isinstance(outcome, NotSent) and not is_proof:
            self._prove(row)
        return True

    def _prove(self, row: CopyRow) -> None:
        """Send the proof at once where our law lets it, while a person decides on the act."""

        def query(reader: Reader) -> tuple[Draft, Act] | None:
            made = self._draft(reader, row, is_given_up=True)
            is_let = made is not None and self._is_let(made[0])
            return made if is_let else None

        found = self._station.store.read(query)
        if found is not None:
            self._sender.go(*found)

    def _is_let(self, draft: Draft) -> bool:
        return decide(draft, self._station.corpus()).verdict is Verdict.PERMIT

    def _alter(self, row: CopyRow, *, decision: str = "", state: str = "") -> None:
        def unit(tx: Transaction) -> None:
            held = tx.get(CopyRow, row.case, row.digest, row.party) or row
            now = replace(held, decision=decision or held.decision)
            tx.put(replace(now, state=state or held.state))

        self._station.store.commit(unit).result()

    def _draft(
        self, reader: Reader, row: CopyRow, *, is_given_up: bool
    ) -> tuple[Draft, Act] | None:
        """Draft the fullest copy our law lets a party have, or the proof in its place."""
        own = self._own(reader, row)
        if own is None:
            return None
        to = (AgencyId(row.party), CaseId(row.case))
        make = self._proof if is_given_up else self._fullest
        return make(reader, own, to), own.act

    def _own(self, reader: Reader, row: CopyRow) -> OwnAct | None:
        act = reader.get(ActRow, row.case, row.digest)
        return None if act is None else own_act(reader, act, self._station)

    def _fullest(self, reader: Reader, own: OwnAct, to: tuple[AgencyId, CaseId]) -> Draft:
        shown = _meant_for(own, to[0], at=own.act.at)
        while shown:
            body: Body = copy_for(own.whole, {FRAME_LEAF, *shown}, signed=own.signed)
            draft = self._drafted(reader, own, to, own.whole.kind, body)
            decision = decide(draft, self._station.corpus(), lifted=frozenset(own.act.lifted))
            if decision.verdict is not Verdict.DENY:
                return draft
            left_out = _places(own.whole.kind, body, decision.smallest_set or ())
            shown = shown - left_out if left_out else set[int]()
        return self._proof(reader, own, to)

    def _proof(self, reader: Reader, own: OwnAct, to: tuple[AgencyId, CaseId]) -> Draft:
        practice = self._station.practices.owner(own.whole.kind.name).name
        proof = self._station.practices.kind(f"{practice}.withheld/1")
        return self._drafted(reader, own, to, proof, withheld(own.whole, signed=own.signed))

    def _drafted(
        self,
        reader: Reader,
        own: OwnAct,
        to: tuple[AgencyId, CaseId],
        kind: Kind,
        body: Body,
    ) -> Draft:
        party, case = to
        station, whole = self._station, own.whole
        is_said = SAID_LEAF in _shown(body)
        bare = Handling(tlp=Tlp.AMBER, setting=Setting(own.setting))
        marking = whole.handling if is_said else bare
        if is_said:
            marking = inherited(reader, marking, kind, body, partner=party, station=station)
        parts = items(kind, body, handling=marking)
        draft = Draft(
            kind=kind.name,
            originator=whole.frame.author,
            recipient=party,
            purpose=own.purpose,
            at=station.clock.now(),
            body=body,
            handling=marking,
            case=case,
            categories=frozenset(item.category for item in parts),
            items=parts,
            urgency=urgency(body),
            is_protective=protects(kind, body),
        )
        return with_facts(reader, descended(reader, draft, safe=station.safe), own.act.stated)

    def _tell(self, row: JointRow, party: PartyRow, own: list[bytes]) -> bool:
        batch = own[party.told : party.told + limits.NUMBERS]
        try:
            draft, act = self._station.store.read(
                lambda r: self._numbers(r, row, AgencyId(party.party), batch)
            )

            def also(tx: Transaction) -> None:
                held = tx.get(PartyRow, row.case, party.party) or party
                tx.put(replace(held, told=max(held.told, party.told + len(batch))))

            return not isinstance(self._sender.go(draft, act, also=also), NotSent)
        except ComityError:
            # As with copies: the next round tries again.
            return False

    def _numbers(
        self, reader: Reader, row: JointRow, party: AgencyId, batch: list[bytes]
    ) -> tuple[Draft, Act]:
        at = self._station.clock.now()
        held = case_row(reader, CaseId(row.case))
        practice = self._station.practices.named(held.practice)
        kind = self._station.practices.kind(f"{practice.name}.number/1")
        numbers: list[Value] = list(batch)
        body: Body = {"numbers": numbers}
        draft = Draft(
            kind=kind.name,
            originator=AgencyId(row.us),
            recipient=party,
            purpose=held.purpose,
            at=at,
            body=body,
            handling=Handling(tlp=Tlp.AMBER, setting=Setting(held.setting)),
            case=CaseId(row.case),
            urgency=Urgency.NORMAL,
            is_protective=protects(kind, body),
        )
        return with_facts(reader, draft, {}), clock_act(row, at=at)


def clock_act(row: JointRow, *, at: Instant) -> Act:
    """Return the record of an act of the clock: no person sits there."""
    return Act(person=PersonId(f"{row.us}/clock"), seat="timer", session=TIMER, at=at)


def _own_numbers(reader: Reader, row: JointRow) -> list[bytes]:
    return [
        signed for signed in numbering.given(reader, row) if numbering.read(signed).by == row.us
    ]


def _is_given_up(reader: Reader, row: CopyRow) -> bool:
    """Whether a person decided that a copy the law referred does not go."""
    decision = reader.get(DecisionRow, row.decision) if row.decision else None
    return decision is not None and decision.state in {"dropped", "denied"}


def _meant_for(own: OwnAct, party: AgencyId, *, at: Instant) -> set[int]:
    """Return the parts that marking and audience mean for a party, but for the frame."""
    member = member_of(party)
    said = own.whole.handling.may_release(member, purpose=own.purpose, at=at)
    sections = {
        each.place
        for each in own.whole.sections
        if each.reaches(party) and each.handling.may_release(member, purpose=own.purpose, at=at)
    }
    return sections | ({SAID_LEAF} if said else set())


def _places(kind: Kind, body: Body, paths: Collection[str]) -> set[int]:
    """Return the parts that values at these paths lie in."""
    names = section_names(kind)
    sections = sections_of(kind.fields, body)
    found: set[int] = set()
    for path in paths:
        name, _, rest = path.partition("/")
        is_section = name in names
        found.add(sections[int(rest.split("/")[0])].place if is_section else SAID_LEAF)
    return found


def _shown(body: Body) -> set[int]:
    told = body.get("act")
    has_fields = isinstance(told, dict) and "handling" in told
    return {SAID_LEAF} if has_fields else set()
