"""Correspondence: everything a person may do with messages and their cases.

A letter is previewed as often as one likes and sent once. Sending asks, in this order: may this
person author it, does it need a second person, does our law let it go. What waits for a person
waits as a row, never in memory.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from comity.core import cbor
from comity.core.errors import AuthorisationError, NotFoundError, StateError
from comity.core.ids import AgencyId, CaseId, RecordId, message_id
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import LINE, READERS, Actor
from comity.desk.joint import Joint
from comity.desk.joint_letters import JointLetter
from comity.desk.letters import Letter, open_case, vouched, with_facts
from comity.desk.owed import Owed
from comity.desk.rows import PendingRow
from comity.desk.sending import AwaitsSecond, Outcome, Sender
from comity.desk.waiting import close, held_act, referral, settle
from comity.exchange import (
    Act,
    DecisionRow,
    InboxRow,
    OutboxRow,
    Station,
    effects,
)
from comity.exchange.drafts import draft_record
from comity.exchange.naming import about_of
from comity.law import Explanation, decide, explain
from comity.message import Draft, Facts
from comity.practice import CaseFieldRow, Kind, Second, TaskRow, second

ERASERS = frozenset({"supervisor", "rights"})
"""Seats that may erase what nobody recalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen if a letter were sent now; nothing is written."""

    draft: Draft
    explanation: Explanation
    second: Second


class Correspondence:
    """Acts on messages; `kick` tells the delivery worker that something waits."""

    def __init__(
        self, station: Station, agency: AgencyId, *, joint: Joint, kick: Callable[[], None]
    ) -> None:
        """Sit down at one agency's desk; acts of several parties go on to `joint`."""
        self._station, self._joint = station, joint
        self._sender = Sender(station, agency, kick=kick)
        self.owed = Owed(station, self._sender)

    def preview(self, actor: Actor, letter: Letter) -> Preview:
        """Show what our own law would say of a letter, every reason and what is missing."""
        kind = self._station.practices.kind(letter.kind)
        actor.seat(kind.seats)
        if self._station.practices.is_joint(letter.kind):
            draft, told = self._joint.preview(actor, _to_all(letter))
            return Preview(draft=draft, explanation=told, second=second(kind, draft.body))
        draft = self._sender.draft(letter)
        actor.bound(purpose=draft.purpose, case=draft.case)
        told = explain(draft, self._station.corpus())
        return Preview(draft=draft, explanation=told, second=second(kind, draft.body))

    def send(self, actor: Actor, letter: Letter) -> Outcome:
        """Send a letter or say what it waits for; raises `AuthorisationError`, `StateError`."""
        kind = self._station.practices.kind(letter.kind)
        if self._station.practices.is_joint(letter.kind):
            return self._joint.send(actor, _to_all(letter))
        draft = self._sender.draft(letter)
        actor.bound(purpose=draft.purpose, case=draft.case)
        act = replace(actor.act(kind.seats, at=draft.at), stated=letter.facts)
        self._station.store.read(lambda r: _check_confirms(r, draft, kind=kind, actor=actor))
        needs = second(kind, draft.body)
        is_life = self._sender.is_life(draft)
        if needs is Second.BEFORE or (needs is Second.AFTER and not is_life):
            self._sender.check_evidence(draft, act)
            return self._hold(draft, act)
        return self._sender.go(draft, act)

    def confirm(self, actor: Actor, pending: str) -> Outcome:
        """Confirm another person's act, and let it go on; raises `AuthorisationError`."""
        row, draft, act = self._waits(pending)
        if self._station.practices.is_joint(row.kind):
            return self._joint.confirm(actor, pending)
        kind = self._station.practices.kind(row.kind)
        if actor.person == row.person:
            raise AuthorisationError("the second person must be another than the first")
        seat = actor.seat(kind.seats | {"supervisor"})
        actor.bound(purpose=draft.purpose, case=row.case)
        session = f"{act.session} {actor.session}/{seat}"
        act = replace(act, session=session, second=actor.person)
        body = vouched(kind, draft.body, persons=2)
        draft = replace(draft, body=body)
        return self._sender.go(draft, act, also=lambda tx: close(tx, row, "confirmed"))

    def erase(self, actor: Actor, mid: str) -> bool:
        """Destroy key and salt of a message's content at once; returns whether there was any.

        What was recalled any officer may erase; what stands, only a supervisor or rights
        officer, and nobody what is challenged. Raises `AuthorisationError`, `StateError`.
        """
        station, now = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> bool:
            rows = tx.find(InboxRow, eq("mid", message_id(mid)), limit=1)
            if not rows:
                raise NotFoundError(f"no message `{mid[:40]}` was received")
            actor.bound(purpose="", case=rows[0].case)
            actor.seat(ERASERS | LINE if rows[0].state == "recalled" else ERASERS)
            contested = CaseFieldRow(case=rows[0].case, name="contested", value=mid)
            if tx.get(CaseFieldRow, contested.case, contested.name, mid) is not None:
                raise StateError("a challenged message is kept until the challenge is answered")
            return effects.erase(tx, rows[0], station=station, at=now, person=actor.person)

        return station.store.commit(unit).result()

    def comply(self, actor: Actor, recall: str) -> Outcome:
        """Erase what a partner recalled, and tell it so: both or neither."""
        rows = self._station.store.read(
            lambda r: r.find(InboxRow, eq("mid", message_id(recall)), limit=1)
        )
        if not rows:
            raise NotFoundError(f"no message `{recall[:40]}` was received")
        practice = self._station.practices.owner(rows[0].kind).name
        letter = Letter(
            kind=f"{practice}.comply/1",
            body={"about": recall, "done": "erased"},
            handling=self._sender.marking_of(rows[0]),
            case=CaseId(rows[0].case),
            recipient=AgencyId(rows[0].author),
        )
        return self.send(actor, letter)

    def recall(self, actor: Actor, mid: str, *, ground: str) -> Outcome:
        """Take back what we sent, by a ground alone; raises `NotFoundError`, `StateError`."""
        row = self._station.store.read(lambda r: r.get(OutboxRow, message_id(mid)))
        if row is None:
            raise NotFoundError(f"no message `{mid[:40]}` was sent")
        letter = Letter(
            kind=f"{self._station.practices.owner(row.kind).name}.recall/1",
            body={"about": mid, "ground": ground},
            handling=self._sender.marking_of(row),
            case=CaseId(row.case),
            recipient=AgencyId(row.recipient),
        )
        return self.send(actor, letter)

    def resend(self, mid: str) -> Outcome:
        """Decide and seal anew what its partner could not open in time; raises `StateError`."""
        return self.owed.resend(mid)

    def drop(self, actor: Actor, pending: str) -> None:
        """Take back an act that still waits for its second person; nothing has left."""
        row, draft, _ = self._waits(pending)
        actor.seat(LINE)
        actor.bound(purpose=draft.purpose, case=row.case)
        now = self._station.clock.now()

        def unit(tx: Transaction) -> None:
            close(tx, row, "dropped")
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
        draft = self._waits(pending)[1]
        actor.bound(purpose=draft.purpose, case=draft.case)
        return draft

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
        _, draft, _ = self._refers(reference)
        actor.bound(purpose=draft.purpose, case=draft.case)
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

        A rule is lifted only by a seat the law names for it, never by the draft's own author
        nor by its second person; raises `AuthorisationError`.
        """
        row, draft, act = self._refers(reference)
        if lift and actor.person in {row.person, act.second}:
            raise AuthorisationError("a referral is lifted by another person than its author")
        for rule in lift:
            actor.seat(self._lifters(rule))
        actor.seat(READERS)
        actor.bound(purpose=draft.purpose, case=row.case)
        named = tuple(f"{rule}={actor.person}" for rule in lift)
        stated = {**act.stated, **(facts or {})}
        act = replace(act, lifted=(*act.lifted, *named), stated=stated)
        draft = self._station.store.read(lambda r: with_facts(r, draft, stated))
        at = draft.at
        return self._sender.go(draft, act, also=lambda tx: settle(tx, row, "resumed", at=at))

    def abandon(self, actor: Actor, reference: str) -> None:
        """Give up a referred draft, and erase it; nothing has left."""
        row, draft, _ = self._refers(reference)
        actor.seat(READERS)
        actor.bound(purpose=draft.purpose, case=row.case)
        now = self._station.clock.now()

        def unit(tx: Transaction) -> None:
            settle(tx, row, "dropped", at=now)
            self._station.safe.erase(tx, RecordId(row.record_id), at=now)

        self._station.store.commit(unit).result()

    def _lifters(self, rule: str) -> frozenset[str]:
        """Return the seats that may lift a rule's referral; raises `NotFoundError`."""
        for known in self._station.corpus().rules:
            if known.name == rule:
                return known.lifted_by
        raise NotFoundError(f"no rule `{rule[:60]}` in the packs")

    def _hold(self, draft: Draft, act: Act) -> AwaitsSecond:
        station = self._station
        reference = station.entropy.take(16).hex()
        kept = cbor.encode({"draft": draft_record(draft), "act": act.record()})

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
                    rules=decide(draft, station.corpus(), lifted=act.lifted).weighed,
                )
            )

        station.store.commit(unit).result()
        return AwaitsSecond(case=draft.case, pending=reference)

    def _waits(self, pending: str) -> tuple[PendingRow, Draft, Act]:
        return self._station.store.read(lambda r: held_act(r, pending, station=self._station))

    def _refers(self, reference: str) -> tuple[DecisionRow, Draft, Act]:
        return self._station.store.read(lambda r: referral(r, reference, station=self._station))


def _to_all(letter: Letter) -> JointLetter:
    """Read a letter as an act to every party of its case."""
    return JointLetter(
        kind=letter.kind,
        body=letter.body,
        handling=letter.handling,
        case=letter.case,
        purpose=letter.purpose,
        parent=letter.parent,
        facts=letter.facts,
    )


def _check_confirms(reader: Reader, draft: Draft, *, kind: Kind, actor: Actor) -> None:
    """Demand that what went without its second person is confirmed by another, in time."""
    about = about_of(draft.body)
    if kind.word not in {"confirm", "stop-confirm"} or about is None:
        return
    row = reader.get(OutboxRow, about)
    if row is not None and row.person == actor.person:
        raise AuthorisationError("the second person must be another than the first")
    sort = "second" if kind.word == "confirm" else "confirm-stop"
    task = reader.get(TaskRow, f"{about.hex()}-{sort}")
    if task is None or task.done is not None:
        raise StateError("this message awaits no confirmation")
