"""Cases of several parties at the desk: act in them, see where they stand and who is missing.

A person does one act; every party gets its own copy. What would not count is not sent: the
reason is told instead.
"""

from collections.abc import Callable
from dataclasses import replace

from comity.core.clock import Instant
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError
from comity.core.ids import AgencyId, CaseId, PersonId, RecordId
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import READERS, Actor
from comity.desk.joint_copies import Copies, clock_act
from comity.desk.joint_letters import JointLetter, pack_letter, prepare, read_letter
from comity.desk.joint_pages import ActView, JointView, case_view, own_view, their_view
from comity.desk.rows import PendingRow
from comity.desk.sending import LIFE, AwaitsSecond, JointSent, Sender
from comity.exchange import Act, Station, numbering
from comity.exchange.cases import case_row
from comity.exchange.enacting import OwnAct, enact, own_act
from comity.exchange.joint_view import declared, refold, the_case
from comity.law import Explanation, decide, explain
from comity.message import Content, Draft, Handling, Setting, Tlp
from comity.practice import (
    BY_CLOCK,
    ActRow,
    Body,
    FalseRow,
    JointRow,
    Second,
    View,
    due_timers,
    second,
)

_MOST = 10_000
"""Cases looked at in one round."""


class Joint:
    """Acts of several parties; `kick` wakes the delivery worker."""

    def __init__(
        self,
        station: Station,
        agency: AgencyId,
        *,
        opened: Callable[[Actor, str], Content | None],
        kick: Callable[[], None],
    ) -> None:
        """Sit down at one agency's desk; `opened` opens a message, as `reading` does."""
        self._station, self._agency, self._opened = station, agency, opened
        self._copies = Copies(station, Sender(station, agency, kick=kick))

    def send(self, actor: Actor, letter: JointLetter) -> JointSent | AwaitsSecond:
        """Do an act in a case, or open one; its copies go out at once where they can.

        Raises `StateError` with the reason where it would not count, `AuthorisationError`,
        `InvalidInputError`.
        """
        kind = self._station.practices.kind(letter.kind)
        if not self._station.practices.is_joint(letter.kind) or kind.word in BY_CLOCK:
            raise InvalidInputError(f"`{letter.kind[:80]}` is no act of several parties")
        act = actor.act(kind.seats, at=self._station.clock.now())
        own = self._prepared(actor, letter, replace(act, stated=letter.facts))
        needs = second(kind, own.whole.body)
        if needs is Second.BEFORE or (needs is Second.AFTER and not _is_life(own)):
            return self._hold(letter, own)
        return self._do(own)

    def preview(self, actor: Actor, letter: JointLetter) -> tuple[Draft, Explanation]:
        """Show what our own law says of the copy it lets go least, every reason included."""
        station = self._station
        kind = station.practices.kind(letter.kind)
        act = replace(actor.act(kind.seats, at=station.clock.now()), stated=letter.facts)
        own = self._prepared(actor, letter, act)
        drafts = station.store.read(lambda r: self._copies.drafts(r, own, letter.case))
        told = [(draft, explain(draft, station.corpus())) for draft in drafts]
        return max(told, key=lambda each: each[1].decision.verdict)

    def confirm(self, actor: Actor, pending: str) -> JointSent:
        """Confirm another person's act, and let it go; raises `AuthorisationError`."""
        station = self._station
        row = station.store.read(lambda r: _waits(r, pending))
        if actor.person == row.person:
            raise AuthorisationError("the second person must be another than the first")
        actor.seat(station.practices.kind(row.kind).seats | {"supervisor"})
        kept = station.store.read(lambda r: station.safe.open(r, RecordId(row.record_id)))
        letter = read_letter(kept)
        actor.bound(purpose=letter.purpose, case=row.case)
        act = Act(
            person=PersonId(row.person),
            seat=row.seat,
            session=actor.session,
            at=station.clock.now(),
            second=actor.person,
            stated=letter.facts,
        )
        return self._do(self._prepared(actor, letter, act), pending=row)

    def awaiting(self, actor: Actor, case: CaseId) -> tuple[PendingRow, ...]:
        """List the acts of a case that wait for a second person, oldest first."""
        actor.seat(READERS)
        where = (eq("case", case), eq("state", "waiting"))
        return tuple(
            self._station.store.read(lambda r: r.find(PendingRow, *where, order="created"))
        )

    def view(self, actor: Actor, case: CaseId) -> JointView:
        """Show where a case stands, who is missing, and what this node may not read."""
        actor.seat(READERS)
        station, at = self._station, self._station.clock.now()

        def query(reader: Reader) -> JointView:
            row = the_case(reader, case)
            actor.bound(purpose=case_row(reader, case).purpose, case=case)
            return case_view(reader, row, actor.seats, station=station, at=at)

        return station.store.read(query)

    def read(self, actor: Actor, case: CaseId, digest: str) -> ActView:
        """Open one act: the first time, the ledger and its author learn of it."""
        actor.seat(READERS)
        station = self._station
        row = station.store.read(lambda r: r.get(ActRow, case, digest))
        if row is None:
            raise NotFoundError(f"no act `{digest[:64]}` in this case")
        purpose = station.store.read(lambda r: case_row(r, case)).purpose
        actor.bound(purpose=purpose, case=case)
        if row.is_ours:
            return own_view(row, station.store.read(lambda r: own_act(r, row, station)))
        body: Body = {}
        if row.is_readable:
            content = self._opened(actor, row.mid.hex())
            body = {} if content is None else content.body
        return station.store.read(lambda r: their_view(r, row, body, station=station))

    def evidence(self, actor: Actor, case: CaseId) -> tuple[FalseRow, ...]:
        """Return what proves, to anyone, that a convenor or an author spoke twice, or not."""
        return self.view(actor, case).evidence

    def round(self) -> bool:
        """Do what is due: number, fire timers, send copies and numbers; for a worker."""
        rows = self._station.store.read(lambda r: r.find(JointRow, limit=_MOST))
        done = [self._renewed(row) for row in rows if not row.is_over]
        done.append(self._copies.send_owed())
        done += [self._copies.tell_numbers(row) for row in rows]
        return any(done)

    def _renewed(self, row: JointRow) -> bool:
        station, at = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> View | None:
            numbering.number(tx, row, station=station, at=at)
            numbering.expose_left_out(tx, row, station=station, at=at)
            return refold(tx, CaseId(row.case), station=station, at=at)

        view = station.store.commit(unit).result()
        if view is None or view.convenor != row.us or view.waits_for:
            return False
        _, joint = station.store.read(lambda r: declared(r, row, station))
        timers = due_timers(joint, view, at=at)
        if not timers:
            return False
        self._do(self._fired(row, timers[0].name, at=at))
        return True

    def _fired(self, row: JointRow, timer: str, *, at: Instant) -> OwnAct:
        """Prepare the act by which a timer fires."""
        station = self._station

        def query(reader: Reader) -> OwnAct:
            held = case_row(reader, CaseId(row.case))
            letter = JointLetter(
                kind=f"{held.practice}.due/1",
                body={"timer": timer},
                handling=Handling(tlp=Tlp.AMBER, setting=Setting(held.setting)),
                case=CaseId(row.case),
            )
            act = clock_act(row, at=at)
            return prepare(reader, letter, act, agency=AgencyId(row.us), station=station)

        return station.store.read(query)

    def _prepared(self, actor: Actor, letter: JointLetter, act: Act) -> OwnAct:
        station = self._station
        own = station.store.read(
            lambda r: prepare(r, letter, act, agency=self._agency, station=station)
        )
        actor.bound(purpose=own.purpose, case=letter.case or "")
        return own

    def _do(self, own: OwnAct, *, pending: PendingRow | None = None) -> JointSent:
        station, at = self._station, self._station.clock.now()

        def unit(tx: Transaction) -> CaseId:
            if pending is not None:
                tx.put(replace(_waits(tx, pending.pending), state="confirmed"))
            return enact(tx, own, station=station, at=at)

        case = station.store.commit(unit).result()
        self._copies.send_owed(case)
        self._copies.tell_numbers(station.store.read(lambda r: the_case(r, case)))
        return JointSent(case=case, digest=own.whole.digest)

    def _hold(self, letter: JointLetter, own: OwnAct) -> AwaitsSecond:
        station, act = self._station, own.act
        reference, case = station.entropy.take(16).hex(), letter.case or CaseId("")
        shown = station.store.read(lambda r: self._copies.shown(r, own, case))

        def unit(tx: Transaction) -> None:
            kept = pack_letter(letter, shown, act)
            tx.insert(
                PendingRow(
                    pending=reference,
                    case=case,
                    kind=letter.kind,
                    person=act.person,
                    seat=act.seat,
                    created=act.at,
                    state="waiting",
                    record_id=station.safe.keep(tx, sort="pending", plaintext=kept, at=act.at),
                    rules=decide(shown, station.corpus()).weighed,
                )
            )

        station.store.commit(unit).result()
        return AwaitsSecond(case=case, pending=reference)


def _is_life(own: OwnAct) -> bool:
    """Whether a stated threat to life lets an act go before its second person."""
    body = own.whole.body
    return bool({str(body.get(name)) for name in ("urgency_ground", "danger")} & LIFE)


def _waits(reader: Reader, pending: str) -> PendingRow:
    row = reader.get(PendingRow, pending)
    if row is None or row.state != "waiting":
        raise NotFoundError(f"nothing waits under `{pending[:40]}`")
    return row
