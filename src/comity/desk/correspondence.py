"""Correspondence: everything a person may do with messages and their cases.

A letter is previewed as often as one likes and sent once. Sending asks, in this order: may this
person author it, does it need a second person, does our law let it go. What waits for a person
waits as a row, never in memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import HOUR, Instant
from comity.core.errors import AuthorisationError, ConflictError, NotFoundError, StateError
from comity.core.ids import AgencyId, CaseId, PersonId, RecordId
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import LINE, READERS, Actor
from comity.desk.letters import Letter, draft_of, open_case, with_facts
from comity.desk.look_up import check_evidence
from comity.desk.rows import PendingRow
from comity.exchange import Act, DecisionRow, Releasable, Station, Stopped, outbound
from comity.exchange.drafts import draft_record, read_draft
from comity.law import Decision, Explanation, explain
from comity.message import Draft, Facts
from comity.practice import CONFIRM_WITHIN, STOP_LAPSES, CaseFieldRow, Second, TaskRow, second

LIFE = frozenset({"danger-to-life", "imminent-attack"})
"""Grounds under which an act may go before its second person has looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen if a letter were sent now; nothing is written."""

    draft: Draft
    explanation: Explanation
    second: Second


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A letter sealed, logged and queued."""

    case: CaseId
    mid: str
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitsSecond:
    """A letter that another person must confirm before it goes on."""

    case: CaseId
    pending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """A letter our own law refers to a named seat, or denies."""

    case: CaseId
    reference: str
    decision: Decision


Outcome = Sent | AwaitsSecond | NotSent


class Correspondence:
    """Acts on messages; `kick` tells the delivery worker that something waits."""

    def __init__(self, station: Station, agency: AgencyId, *, kick: Callable[[], None]) -> None:
        """Sit down at one agency's desk."""
        self._station = station
        self._agency = agency
        self._kick = kick

    def preview(self, actor: Actor, letter: Letter) -> Preview:
        """Show what our own law would say of a letter, every reason and what is missing."""
        kind = self._station.practices.kind(letter.kind)
        actor.seat(kind.seats)
        draft = self._draft(letter)
        actor.bound(purpose=draft.purpose, case=draft.case if letter.case else "")
        told = explain(draft, self._station.corpus())
        return Preview(draft=draft, explanation=told, second=second(kind, draft.body))

    def send(self, actor: Actor, letter: Letter) -> Outcome:
        """Send a letter or say what it waits for; raises `AuthorisationError`, `StateError`."""
        kind = self._station.practices.kind(letter.kind)
        draft = self._draft(letter)
        actor.bound(purpose=draft.purpose, case=draft.case if letter.case else "")
        act = actor.act(kind.seats, at=draft.at)
        needs = second(kind, draft.body)
        self._station.store.read(
            lambda r: check_evidence(r, draft, kind=kind, person=actor.person)
        )
        waits = needs is Second.BEFORE or (needs is Second.AFTER and not self._is_life(draft))
        if waits:
            return self._hold(draft, act)
        return self._go(draft, act, owes=needs)

    def confirm(self, actor: Actor, pending: str) -> Outcome:
        """Confirm another person's act, and let it go on; raises `AuthorisationError`."""
        row, draft = self._pending(pending)
        kind = self._station.practices.kind(row.kind)
        if actor.person == row.person:
            raise AuthorisationError("the second person must be another than the first")
        seat = actor.seat(kind.seats | {"supervisor"})
        actor.bound(purpose=draft.purpose, case=row.case)
        act = Act(
            person=PersonId(row.person),
            seat=row.seat,
            session=f"{actor.session}/{seat}",
            at=draft.at,
            second=actor.person,
        )
        self._station.store.commit(lambda tx: _close(tx, row, "confirmed")).result()
        return self._go(draft, act, owes=Second.NONE)

    def drop(self, actor: Actor, pending: str) -> None:
        """Take back an act that still waits for its second person; nothing has left."""
        row, _ = self._pending(pending)
        actor.seat(LINE | {"supervisor"})
        now = self._station.clock.now()

        def unit(tx: Transaction) -> None:
            _close(tx, row, "dropped")
            self._station.safe.erase(tx, RecordId(row.record_id), at=now)

        self._station.store.commit(unit).result()

    def awaiting(self, actor: Actor) -> tuple[PendingRow, ...]:
        """List acts that wait for a second person, oldest first."""
        actor.seat(READERS)
        return tuple(
            self._station.store.read(
                lambda r: r.find(PendingRow, eq("state", "waiting"), order="created", limit=200)
            )
        )

    def pending_draft(self, actor: Actor, pending: str) -> Draft:
        """Show the second person what they are asked to confirm."""
        actor.seat(READERS)
        return self._pending(pending)[1]

    def referrals(self, actor: Actor) -> tuple[DecisionRow, ...]:
        """List drafts that wait for a named person, oldest first."""
        actor.seat(READERS)
        return tuple(
            self._station.store.read(
                lambda r: r.find(DecisionRow, eq("state", "waiting"), order="at", limit=200)
            )
        )

    def referral(self, actor: Actor, reference: str) -> Preview:
        """Show a referred draft and what the law says of it today."""
        actor.seat(READERS)
        _, draft, _ = self._referred(reference)
        told = explain(draft, self._station.corpus())
        kind = self._station.practices.kind(draft.kind)
        return Preview(draft=draft, explanation=told, second=second(kind, draft.body))

    def resume(
        self,
        actor: Actor,
        reference: str,
        *,
        lift: tuple[str, ...] = (),
        facts: Facts | None = None,
    ) -> Outcome:
        """Let a referred draft re-enter at *decide*, with facts or lifts a named seat stated.

        A rule is lifted only by a seat the law names for it, never by the draft's own author;
        raises `AuthorisationError`.
        """
        row, draft, act = self._referred(reference)
        if lift and actor.person == row.person:
            raise AuthorisationError("a referral is lifted by another person than its author")
        draft = self._station.store.read(lambda r: with_facts(r, draft, facts or draft.facts))
        for rule in lift:
            actor.seat(self._lifters(rule))
        actor.seat(READERS)
        named = tuple(f"{rule}={actor.person}" for rule in lift)
        self._station.store.commit(
            lambda tx: tx.put(replace(_still(tx, row, "waiting"), state="resumed"))
        ).result()
        return self._go(draft, replace(act, lifted=(*act.lifted, *named)), owes=Second.NONE)

    def _lifters(self, rule: str) -> frozenset[str]:
        """Return the seats that may lift a rule's referral; raises `NotFoundError`."""
        for known in self._station.corpus().rules:
            if known.name == rule:
                return known.lifted_by
        raise NotFoundError(f"no rule `{rule[:60]}` in the packs")

    def _go(self, draft: Draft, act: Act, *, owes: Second) -> Outcome:
        station = self._station
        station.store.commit(lambda tx: open_case(tx, draft, act=act, station=station)).result()
        for _attempt in range(3):
            step = outbound.decide(draft, act, station).result()
            if isinstance(step, Stopped):
                return NotSent(
                    case=draft.case, reference=step.reference, decision=step.decision
                )
            try:
                return self._log(step, owes)
            except ConflictError:
                # Law or directory changed between decision and log: the law is asked again.
                continue
        raise ConflictError("law or directory keeps changing: try again")

    def _log(self, releasable: Releasable, owes: Second) -> Sent:
        station = self._station
        sealed = outbound.seal(outbound.mark(releasable), station)
        logged = outbound.log(sealed, station).result()
        draft = releasable.draft
        if owes in {Second.AFTER, Second.LAPSING} and releasable.act.second is None:
            station.store.commit(
                lambda tx: tx.put(_owed(draft, releasable.act, owes, mid=logged.mid.hex()))
            ).result()
        self._kick()
        return Sent(case=draft.case, mid=logged.mid.hex(), leaf=logged.leaf)

    def _hold(self, draft: Draft, act: Act) -> AwaitsSecond:
        station = self._station
        reference = station.entropy.take(16).hex()
        kept = cbor.encode({"draft": draft_record(draft)})

        def unit(tx: Transaction) -> None:
            open_case(tx, draft, act=act, station=station)
            tx.insert(
                PendingRow(
                    pending=reference,
                    case=draft.case,
                    kind=draft.kind,
                    person=act.person,
                    seat=act.seat,
                    created=draft.at,
                    state="waiting",
                    record_id=station.safe.keep(
                        tx, sort="pending", plaintext=kept, at=draft.at
                    ),
                )
            )

        station.store.commit(unit).result()
        return AwaitsSecond(case=draft.case, pending=reference)

    def _draft(self, letter: Letter) -> Draft:
        station = self._station
        return station.store.read(lambda r: draft_of(r, letter, self._agency, station=station))

    def _is_life(self, draft: Draft) -> bool:
        own = {str(draft.body.get(name)) for name in ("urgency_ground", "danger")}
        if own & LIFE:
            return True
        stated = self._station.store.read(
            lambda r: r.find(CaseFieldRow, eq("case", draft.case), eq("name", "urgency_ground"))
        )
        return bool({row.value for row in stated} & LIFE)

    def _pending(self, pending: str) -> tuple[PendingRow, Draft]:
        def query(reader: Reader) -> tuple[PendingRow, bytes | None]:
            row = reader.get(PendingRow, pending)
            if row is None:
                raise NotFoundError(f"nothing waits under `{pending[:40]}`")
            if row.state != "waiting":
                raise StateError(f"this act has been {row.state}")
            return row, self._station.safe.open(reader, RecordId(row.record_id))

        row, kept = self._station.store.read(query)
        return row, _read(kept, at=self._station.clock.now())

    def _referred(self, reference: str) -> tuple[DecisionRow, Draft, Act]:
        def query(reader: Reader) -> tuple[DecisionRow, bytes | None]:
            row = reader.get(DecisionRow, reference)
            if row is None:
                raise NotFoundError(f"no decision `{reference[:40]}`")
            if row.state != "waiting":
                raise StateError(f"this referral is `{row.state}`, no longer waiting")
            return row, self._station.safe.open(reader, RecordId(row.record_id))

        row, kept = self._station.store.read(query)
        draft = _read(kept, at=self._station.clock.now())
        members = cast("Mapping[str, Value]", cbor.decode(kept or b""))
        return row, draft, _read_act(cast("Mapping[str, Value]", members["act"]))


def _read(kept: bytes | None, *, at: Instant) -> Draft:
    if kept is None:
        raise NotFoundError("the draft has been erased")
    members = cast("Mapping[str, Value]", cbor.decode(kept))
    return read_draft(cast("Mapping[str, Value]", members["draft"]), at=at)


def _read_act(record: Mapping[str, Value]) -> Act:
    second_person = cast("str | None", record["second"])
    return Act(
        person=PersonId(cast("str", record["person"])),
        seat=cast("str", record["seat"]),
        session=cast("str", record["session"]),
        at=Instant(cast("int", record["at"])),
        second=PersonId(second_person) if second_person else None,
        lifted=tuple(cast("list[str]", record["lifted"])),
    )


def _still(tx: Transaction, row: DecisionRow, state: str) -> DecisionRow:
    found = tx.get(DecisionRow, row.decision)
    if found is None or found.state != state:
        raise ConflictError("another person has taken this referral up")
    return found


def _close(tx: Transaction, row: PendingRow, state: str) -> None:
    found = tx.get(PendingRow, row.pending)
    if found is None or found.state != "waiting":
        raise ConflictError("another person has taken this act up")
    tx.put(replace(found, state=state))


def _owed(draft: Draft, act: Act, owes: Second, *, mid: str) -> TaskRow:
    within = STOP_LAPSES if owes is Second.LAPSING else CONFIRM_WITHIN
    return TaskRow(
        task=f"{mid}-second",
        case=draft.case,
        sort="confirm-stop" if owes is Second.LAPSING else "second",
        seat=act.seat,
        person=None,
        due=draft.at + within,
        created=draft.at,
        done=None,
        urgency="urgent" if within <= 24 * HOUR else "normal",
    )
