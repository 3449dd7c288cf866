"""Members that left: our cases with them end, and a person says what becomes of what was given.

A worker goes through every case with an agency of a member that the directory in force shows as
gone. What protects a person goes on: recalls, challenges, their clocks, and warnings of danger
to life until their day. What the member gave is restricted: nobody uses it, and a named person
has a term to say whether it is kept, on which agreed terms, or erased. No silence decides.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import ComityError, InvalidInputError, NotFoundError, StateError
from comity.core.ids import AgencyId, CaseId, MemberId, member_of, message_id
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk.actor import DECIDERS, READERS, Actor
from comity.desk.correspondence import Correspondence
from comity.desk.parting import body_of, end_case, is_warning
from comity.desk.rows import DepartureRow
from comity.desk.sending import Sent
from comity.exchange import InboxRow, OutboxRow, Station, cases, effects
from comity.exchange.calling import end_call
from comity.exchange.effects import GIVEN
from comity.ledger import LeafType
from comity.practice import PARTED, WORDS, CaseRow, JointRow, TaskRow, is_closed, protects
from comity.record import withdraw

STATE_WITHIN = 30 * DAY
"""How long, in ms, the legal adviser has before the supervisor has it as well."""
STATERS = frozenset({"legal", "supervisor"})
LIMIT = 50
"""Most cases gone through in one round."""
GROUND = "basis-ended"
_AGAIN = HOUR
_MOST = 200
_TERMS = 500
NOTED = "parted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One message of a member that left, restricted until a person says what becomes of it."""

    row: InboxRow
    due: Instant | None
    is_spared: bool
    """Whether it is challenged or named as evidence, so that nobody may erase it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A member that left, and what is still to do of it; content-free, at most 200 of each."""

    member: MemberId
    since: Instant
    ended: int
    """Cases that ended with it."""
    told: tuple[TaskRow, ...]
    """Ended cases whose officers have not taken note yet."""
    given: tuple[Given, ...]
    sent: tuple[OutboxRow, ...]
    """What we gave it and have not recalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What one act took back, and what it could not, each with the code of its error."""

    sent: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


class Departures:
    """What follows when a member leaves or is expelled."""

    def __init__(
        self,
        station: Station,
        letters: Correspondence,
        *,
        member: MemberId,
        limit: int = LIMIT,
    ) -> None:
        """Sit beside the desk of `member`, to go through `limit` cases in each round."""
        self._station, self._letters = station, letters
        self._member, self._limit = member, limit

    def work(self) -> bool:
        """Go through the next cases with members that left; for a worker, and repeatable."""
        now = self._station.clock.now()
        entries = self._station.directory().entries
        left = [
            (member, entry.left)
            for member, entry in entries.items()
            if member != self._member and entry.left is not None and entry.left <= now
        ]
        # Each has its round: `any` alone would let one member's hold up the next one's.
        return sum(self._round(*each, now) for each in left) > 0

    def _round(self, member: MemberId, since: Instant, now: Instant) -> bool:
        store = self._station.store
        row, found = store.read(lambda r: self._next(r, member, since, now))
        if row is None:
            return False
        is_open = [self._attempt(case, member, since) for case in found]
        is_last = len(found) < self._limit
        left_open = row.left_open + sum(is_open)
        seen = row.seen + len(found)
        cursor = "" if is_last else found[-1]
        row = replace(row, cursor=cursor, seen=seen, left_open=left_open, at=now)
        store.commit(lambda tx: tx.put(row)).result()
        return not is_last

    def _next(
        self, reader: Reader, member: MemberId, since: Instant, now: Instant
    ) -> tuple[DepartureRow | None, tuple[str, ...]]:
        """Return where a round stands and its next cases; nothing where all is done."""
        row = reader.get(DepartureRow, member, since)
        if row is None or not row.cursor:
            count = reader.count(CaseRow, *_with(member))
            is_done = row is not None and row.seen == count
            is_early = row is not None and now - row.at < _AGAIN
            if row is not None and is_done and (not row.left_open or is_early):
                return None, ()
            row = DepartureRow(
                member=member, since=since, cursor="", seen=0, left_open=0, at=now
            )
        after = Where("case", Op.GT, row.cursor)
        found = reader.find(CaseRow, *_with(member), after, order="case", limit=self._limit)
        return row, tuple(each.case for each in found)

    def _attempt(self, case: str, member: MemberId, since: Instant) -> bool:
        """Go through one case in a unit of its own; return whether it is to be tried again."""
        try:
            return self._station.store.commit(
                lambda tx: self._part(tx, case, member, since)
            ).result()
        except ComityError:
            # One case that cannot end now holds up no other: a later round tries it again.
            return True

    def _part(self, tx: Transaction, case: str, member: MemberId, since: Instant) -> bool:
        station, now = self._station, self._station.clock.now()
        held = cases.case_row(tx, CaseId(case))
        practice = station.practices.named(held.practice)
        is_over = is_closed(practice, held.state)
        if tx.get(JointRow, case) is not None:
            # Its other parties go on: they hand the numbering over, or narrow the roster.
            return False
        if not is_over and is_warning(tx, held, station=station):
            return True
        ended = not is_over and end_case(tx, held, station=station, at=now)
        given = [row.mid for row in self._restricted(tx, held, now)]
        if not (ended or given):
            return False
        record: dict[str, Value] = {
            "member": member,
            "left": since,
            "was": held.state,
            "ended": ended,
            "restricted": given,
            "directory": station.directory().version,
        }
        line = cases.Line(case=CaseId(case), partner=held.partner, reference=member)
        cases.enter(tx, station, LeafType.PARTED, record, line=line, at=now)
        if ended:
            owner = held.owner
            tx.put(_task(f"{case}-{NOTED}", case, NOTED, at=now, person=owner))
        return False

    def _restricted(self, tx: Transaction, held: CaseRow, at: Instant) -> Iterable[InboxRow]:
        """Restrict what was given in a case, once for each message; return what was new."""
        living = Where("state", Op.IN, ("filed", "held"))
        for row in tx.find(InboxRow, eq("case", held.case), living, order="mid"):
            mid = row.mid.hex()
            is_known = tx.get(TaskRow, f"{mid}-{GIVEN}") is not None
            if is_known or self._protects(tx, row):
                continue
            if row.state == "filed":
                tx.put(replace(row, state="restricted"))
            end_call(tx, mid, state="gone", at=at)
            due = at + STATE_WITHIN
            tx.put(_task(f"{mid}-{GIVEN}", held.case, GIVEN, at=at, seat="legal", due=due))
            yield row

    def _protects(self, reader: Reader, row: InboxRow | OutboxRow) -> bool:
        """Whether a message gives or takes nothing but rights: it stays as it is.

        A warning of danger to life is asked about only once its day is over.
        """
        kind = self._station.practices.kind(row.kind)
        if not kind.is_protective and kind.word not in WORDS:
            return False
        return kind.word != "correct" or protects(kind, body_of(reader, row, self._station))

    def all(self, actor: Actor) -> tuple[Departure, ...]:
        """List the members that left, the newest first, with what is still to do."""
        actor.seat(READERS)

        def query(reader: Reader) -> tuple[Departure, ...]:
            rows = reader.find(DepartureRow, order="-since", limit=_MOST)
            return tuple(self._departure(reader, row, actor) for row in rows)

        return self._station.store.read(query)

    def _departure(self, reader: Reader, row: DepartureRow, actor: Actor) -> Departure:
        member, now = MemberId(row.member), self._station.clock.now()
        parted = (eq("state", PARTED), *_with(member))

        def own(sort: str) -> Iterable[TaskRow]:
            for task in reader.find(TaskRow, eq("sort", sort), eq("done", None), order="due"):
                held = reader.get(CaseRow, task.case)
                is_seen = held is not None and actor.case in {"", held.case}
                if is_seen and held and member_of(AgencyId(held.partner)) == member:
                    yield task

        given = [(task, self._given(reader, task)) for task in own(GIVEN)][:_MOST]
        return Departure(
            member=member,
            since=Instant(row.since),
            ended=reader.count(CaseRow, *parted),
            told=tuple(own(NOTED))[:_MOST],
            given=tuple(
                Given(
                    row=held,
                    due=None if task.due is None else Instant(task.due),
                    is_spared=cases.is_spared(reader, held, at=now),
                )
                for task, held in given
                if held is not None
            ),
            sent=tuple(
                sent
                for sent in self._sent(reader, member, limit=_MOST)
                if actor.case in {"", sent.case}
            ),
        )

    def _given(self, reader: Reader, task: TaskRow) -> InboxRow | None:
        mid = message_id(task.task.removesuffix(f"-{GIVEN}"))
        rows = reader.find(InboxRow, eq("mid", mid), eq("case", task.case), limit=1)
        return rows[0] if rows else None

    def _sent(self, reader: Reader, member: MemberId, *, limit: int) -> Iterable[OutboxRow]:
        """Return what the member stored of ours and nobody took back, the oldest first."""
        out = (eq("state", "receipted"), eq("recalled_at", None))
        to = _named("recipient", member)
        rows = reader.find(OutboxRow, *out, *to, order="mid", limit=10 * limit)
        return [row for row in rows if not self._protects(reader, row)][:limit]

    def noted(self, actor: Actor, case: str) -> None:
        """Take note that a case has ended; raises `NotFoundError`."""
        actor.seat(READERS)
        actor.bound(purpose="", case=case)

        def unit(tx: Transaction) -> None:
            task = tx.get(TaskRow, f"{case}-{NOTED}")
            if task is None or task.done is not None:
                raise NotFoundError(f"nothing to take note of in case `{case[:40]}`")
            tx.put(replace(task, done=self._station.clock.now(), person=actor.person))

        self._station.store.commit(unit).result()

    def keep(self, actor: Actor, mid: str, *, terms: str) -> None:
        """State that something given is kept, and under which agreed terms.

        `terms` names the agreement, at most 500 characters. Raises `InvalidInputError` without
        it, `NotFoundError` or `StateError` where nothing is to be stated.
        """
        terms = terms.strip()
        if not 0 < len(terms) <= _TERMS:
            raise InvalidInputError(
                f"name the agreed terms it is kept under, in at most {_TERMS} characters"
            )

        def change(tx: Transaction, row: InboxRow) -> None:
            if row.state not in {"restricted", "held"}:
                raise StateError(f"this message is `{row.state}`: it cannot be kept")
            # What our law held goes on being held: the terms are no answer of the law.
            if row.state == "restricted":
                tx.put(replace(row, state="filed"))

        self._state(actor, mid, {"kept": True, "terms": terms}, change)

    def erase(self, actor: Actor, mid: str) -> None:
        """State that something given goes, and erase it with what was made from it.

        Raises `StateError` for what is challenged or named as evidence, or already decided.
        """
        station = self._station

        def change(tx: Transaction, row: InboxRow) -> None:
            at = station.clock.now()
            # INVARIANT: what is challenged or named as evidence stays, whoever asks.
            if cases.is_spared(tx, row, at=at):
                raise StateError("what is challenged or named as evidence is not erased")
            withdraw(tx, mid)
            effects.erase(tx, row, station=station, at=at, person=actor.person)

        self._state(actor, mid, {"kept": False}, change)

    def _state(
        self,
        actor: Actor,
        mid: str,
        said: dict[str, Value],
        change: Callable[[Transaction, InboxRow], None],
    ) -> None:
        station, now = self._station, self._station.clock.now()
        act = actor.act(STATERS, at=now)

        def unit(tx: Transaction) -> None:
            task = tx.get(TaskRow, f"{message_id(mid).hex()}-{GIVEN}")
            row = None if task is None else self._given(tx, task)
            if task is None or row is None:
                raise NotFoundError(
                    f"nothing `{mid[:40]}` waits for a word on what becomes of it"
                )
            if task.done is not None:
                raise StateError("somebody has said already what becomes of it")
            held = cases.case_row(tx, CaseId(row.case))
            actor.bound(purpose=held.purpose, case=row.case)
            change(tx, row)
            tx.put(replace(task, done=now, person=actor.person))
            line = cases.Line(
                case=CaseId(row.case), kind=row.kind, partner=row.author, reference=mid, act=act
            )
            record: dict[str, Value] = {"mid": row.mid, "act": act.record(), **said}
            cases.enter(tx, station, LeafType.ASSESSED, record, line=line, at=now)

        station.store.commit(unit).result()

    def recall(self, actor: Actor, member: MemberId) -> Recalled:
        """Take back all we gave a member that left, by one act: at most 200 in one call.

        Each is a recall of its own on the road; what cannot go now is named with its error.
        """
        actor.seat(DECIDERS)
        if not self._station.store.read(lambda r: r.find(DepartureRow, eq("member", member))):
            raise NotFoundError(f"member `{member[:40]}` has not left")
        rows = self._station.store.read(lambda r: list(self._sent(r, member, limit=_MOST)))
        sent, failed = list[str](), list[tuple[str, str]]()
        for row in rows:
            mid = row.mid.hex()
            try:
                done = self._letters.recall(actor, mid, ground=GROUND)
            except ComityError as error:
                # One that cannot go holds up no other: the person sees which, and why.
                failed.append((mid, error.code))
            else:
                if isinstance(done, Sent):
                    sent.append(mid)
                else:
                    failed.append((mid, "not-sent"))
        return Recalled(sent=tuple(sent), failed=tuple(failed))


def _with(member: MemberId) -> tuple[Where, Where]:
    return _named("partner", member)


def _named(field: str, member: MemberId) -> tuple[Where, Where]:
    """Match every agency of a member: `xn.` and what follows, up to the next sign."""
    return Where(field, Op.GE, f"{member}."), Where(field, Op.LT, f"{member}/")


def _task(  # noqa: PLR0913 - one keyword for each field that differs
    name: str,
    case: str,
    sort: str,
    *,
    at: Instant,
    seat: str = "officer",
    person: str | None = None,
    due: int | None = None,
) -> TaskRow:
    return TaskRow(
        task=name,
        case=case,
        sort=sort,
        seat=seat,
        person=person,
        due=due,
        created=at,
        done=None,
        urgency="normal",
    )
