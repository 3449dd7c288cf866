"""Watches: a question kept for at most thirty days, because its asker requested it.

Off unless the ask itself requests it. Our own law is asked, and an officer starts it, for that
case alone. Who comes in meanwhile and may be asked for is a candidate of that case, to be
judged; its asker is told that a watch is kept until when, or that none is, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from comity.core.cbor import Value
from comity.core.clock import DAY
from comity.core.errors import InvalidInputError, NotFoundError, StateError
from comity.core.ids import AgencyId, CaseId, EntityId, RecordId, message_id
from comity.core.store import Reader, Transaction, eq
from comity.desk.actor import LINE, READERS, Actor
from comity.desk.look_up import Listing, LookUp
from comity.desk.sweep import stamp_of
from comity.exchange import Act, EventRow, InboxRow, Station, cases, owing
from comity.exchange.drafts import as_held
from comity.exchange.leaves import content_of
from comity.law import Decision, Verdict, holds, standing_facts
from comity.ledger import LeafType
from comity.message import Setting
from comity.practice import WATCH, Body, CaseFieldRow, is_closed, standing, watch_days
from comity.record import (
    Ended,
    Watched,
    WatchRow,
    keep_watch,
    newest,
    renew_watch,
    watch_of,
    watched_for,
    watches,
)
from comity.screening import Query, asked_for

STARTERS = frozenset({"officer", "supervisor"})
"""Seats that may start a watch and renew it."""
OVERSEERS = READERS | {"oversight"}
"""Seats that see which watches live; none of them sees for whom."""
OWES_ANSWER = "owes-watch-answer"
"""The case field of what an asker is still to be told: question, person and seat."""
FOUND = "watched"
"""The case field of an entity that a watch found."""
_ASSESS_WITHIN = 3 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A watch as its case shows it: what its asker requested, what our law says, what lives."""

    case: CaseId
    asker: AgencyId
    question: str
    request: InboxRow
    """The question, or the newest message that requests its watch anew."""
    days: int
    reason: str
    """Why it is requested; empty until the message that says so is opened."""
    subjects: tuple[Mapping[str, Value], ...]
    decision: Decision
    row: WatchRow | None
    """The living watch."""
    has_ended: bool

    @property
    def is_open(self) -> bool:
        """Whether a person has yet to decide on what its asker requested."""
        newest = self.request.mid.hex()
        return not self.has_ended and (self.row is None or self.row.request != newest)


class Watches:
    """The watches of this node, each in its own case."""

    def __init__(self, station: Station, look_up: LookUp) -> None:
        """Sit beside the look-ups: whom a watch finds is listed as they list."""
        self._station = station
        self._look_up = look_up

    def living(self, actor: Actor) -> tuple[WatchRow, ...]:
        """List the living watches without what they look for, the first to end first."""
        actor.seat(OVERSEERS)
        return tuple(
            row
            for row in self._station.store.read(watches)
            if actor.case in {"", row.case_id} and actor.purpose in {"", row.purpose}
        )

    def requested(self, actor: Actor, case: CaseId) -> Requested:
        """Show what the asker of a case requested; raises `NotFoundError` where nothing."""
        actor.seat(READERS)
        return self._station.store.read(lambda r: self._asked(r, actor, case))

    def start(self, actor: Actor, case: CaseId) -> Requested:
        """Keep the question of a case as its asker requested, where our law permits it.

        Raises `NotFoundError` where no watch was requested, `StateError` where there is one or
        it has ended, and where the case is closed, stopped or contested.
        """
        return self._decide(actor, case, reason="")

    def renew(self, actor: Actor, case: CaseId, *, reason: str) -> Requested:
        """Keep a watch on for a reason, once its asker has requested it anew; as `start`."""
        if not reason.strip():
            raise InvalidInputError("a watch is renewed for a reason")
        return self._decide(actor, case, reason=reason)

    def decline(self, actor: Actor, case: CaseId) -> None:
        """Keep no watch, or not anew, whatever the law says; its asker is told so."""
        at = self._station.clock.now()
        act = actor.act(READERS, at=at)

        def unit(tx: Transaction) -> None:
            asked = self._asked(tx, actor, case)
            if not asked.is_open:
                raise StateError("nothing is requested that a person has yet to decide on")
            self._not_kept(tx, asked, act, LeafType.ASSESSED)

        self._station.store.commit(unit).result()

    def end(self, actor: Actor, case: CaseId) -> None:
        """End the watch of a case, at once and for good; raises `NotFoundError` without one."""
        station, at = self._station, self._station.clock.now()
        act = actor.act(READERS, at=at)

        def unit(tx: Transaction) -> None:
            row = self._living(tx, actor, case)
            cases.end_watch_of(tx, case, why=Ended.PERSON, station=station, at=at, act=act)
            owe_answer(tx, row, act)

        station.store.commit(unit).result()

    def found(self, actor: Actor, case: CaseId) -> tuple[Query, Listing]:
        """List who came in and may be asked for; the look is logged as every other."""
        actor.seat(LINE)

        def query(reader: Reader) -> tuple[Query, list[EntityId]]:
            row, of = self._living(reader, actor, case), eq("case", case)
            names = reader.find(CaseFieldRow, of, eq("name", FOUND), order="value")
            kept = watched_for(reader, row, safe=self._station.safe)
            return asked_for(kept.subjects)[0], [EntityId(each.value) for each in names]

        asked, names = self._station.store.read(query)
        return asked, self._look_up.named(actor, case, asked, names)

    def _living(self, reader: Reader, actor: Actor, case: CaseId) -> WatchRow:
        actor.bound(purpose=cases.case_row(reader, case).purpose, case=case)
        row = watch_of(reader, case)
        if row is None:
            raise NotFoundError("no watch lives in this case")
        return row

    def _decide(self, actor: Actor, case: CaseId, *, reason: str) -> Requested:
        act = actor.act(STARTERS, at=self._station.clock.now())

        def unit(tx: Transaction) -> Requested:
            asked = self._asked(tx, actor, case)
            _check(tx, asked, station=self._station, is_new=not reason)
            if asked.decision.verdict is Verdict.PERMIT:
                return replace(asked, row=self._keep(tx, asked, act, reason=reason))
            is_denied = asked.decision.verdict is Verdict.DENY
            sort = LeafType.NOT_ADMITTED if is_denied else LeafType.HELD
            self._not_kept(tx, asked, act, sort)
            return asked

        return self._station.store.commit(unit).result()

    def _asked(self, reader: Reader, actor: Actor, case: CaseId) -> Requested:
        station, held = self._station, cases.case_row(reader, case)
        actor.bound(purpose=held.purpose, case=case)
        of = (eq("case", case), eq("author", held.partner), eq("state", "filed"))
        rows = reader.find(InboxRow, *of, order="stored_at")
        bodies = [(row, _body(reader, row, station)) for row in rows]
        wanted = [(row, body) for row, body in bodies if watch_days(body)]
        asks = [each for each in wanted if "about" not in each[1]]
        if not asks:
            raise NotFoundError("no watch is requested in the question of this case")
        first, question = asks[0]
        anew = [each for each in wanted if each[1].get("about") == first.mid.hex()]
        newest, request = (asks[0], *anew)[-1]
        ended = (eq("sort", "watch-ended"), eq("reference", first.mid.hex()))
        return Requested(
            case=case,
            asker=AgencyId(held.partner),
            question=first.mid.hex(),
            request=newest,
            days=watch_days(request),
            # What nobody has opened yet is read by opening it: the ledger and its sender learn.
            reason=str(request["watch_reason"]) if newest.seen_at is not None else "",
            subjects=tuple(cast("list[Mapping[str, Value]]", question.get("subjects", []))),
            decision=law_of_watch(reader, first, station=station),
            row=reader.get(WatchRow, first.mid.hex()),
            has_ended=reader.count(EventRow, eq("case", case), *ended) > 0,
        )

    def _keep(self, tx: Transaction, asked: Requested, act: Act, *, reason: str) -> WatchRow:
        station, old, at = self._station, asked.row, act.at
        row = old or WatchRow(
            question=asked.question,
            request="",
            case_id=asked.case,
            asker=asked.asker,
            purpose=cases.case_row(tx, asked.case).purpose,
            record_id="",
            started=at,
            started_by=act.person,
            until=at,
        )
        row = replace(
            row,
            request=asked.request.mid.hex(),
            until=at + asked.days * DAY,
            decision=asked.decision.digest,
            rules=asked.decision.weighed,
            stamp=stamp_of(tx, station),
            compared=old.compared if old else newest(tx),
        )
        if old is None:
            content = Watched(subjects=asked.subjects)
            asked_for(content.subjects)
            row = keep_watch(tx, row, content, safe=station.safe, at=at)
        else:
            by, safe = act.person, station.safe
            row = renew_watch(tx, row, reason=reason, by=by, safe=safe, at=at)
        sort = LeafType.WATCH_STARTED if old is None else LeafType.WATCH_RENEWED
        self._enter(tx, asked, act, sort, until=row.until)
        owe_answer(tx, row, act)
        return row

    def _not_kept(self, tx: Transaction, asked: Requested, act: Act, sort: LeafType) -> None:
        self._enter(tx, asked, act, sort, until=None)
        if sort is LeafType.HELD:
            # What our law leaves open, the legal adviser assesses; the ask is answered anyway.
            due = act.at + _ASSESS_WITHIN
            owing.owe(tx, asked.request, sort="watch-law", due=due, at=act.at)
        owe_answer(tx, asked, act)

    def _enter(
        self, tx: Transaction, asked: Requested, act: Act, sort: LeafType, *, until: int | None
    ) -> None:
        """Write what became of a request into the ledger, with what our law said of it."""
        named, at = message_id(asked.request.mid.hex()), act.at
        for sort_of in ("watch", "watch-law"):
            owing.close_duty(tx, asked.case, named, sort=sort_of, at=at)
        record: dict[str, Value] = {
            "question": asked.question,
            "request": asked.request.mid,
            "until": until,
            "act": act.record(),
            "decision": asked.decision.digest,
            "rules": asked.decision.weighed,
        }
        line = cases.Line(
            case=asked.case, partner=asked.asker, reference=asked.question, act=act
        )
        cases.enter(tx, self._station, sort, record, line=line, at=at)


def owe_answer(tx: Transaction, of: WatchRow | Requested, act: Act) -> None:
    """Owe its asker word of what became of a watch, in the unit that decides it."""
    case = of.case_id if isinstance(of, WatchRow) else of.case
    value = f"{of.question} {act.person} {act.seat}"
    tx.put(CaseFieldRow(case=case, name=OWES_ANSWER, value=value))


def law_of_watch(reader: Reader, question: InboxRow, *, station: Station) -> Decision:
    """Ask our own law whether a question may be kept as a watch, as it stands now.

    Raises `NotFoundError` once the question is erased.
    """
    at, kept = station.clock.now(), station.safe.open(reader, RecordId(question.record_id))
    if kept is None:
        raise NotFoundError("the question has been erased")
    content, kind = content_of(kept), station.practices.kind(question.kind)
    named = {key: content.body[key] for key in ("subjects",) if key in content.body}
    agencies = AgencyId(question.author), AgencyId(question.recipient)
    draft = as_held(kind, replace(content, body=named), agencies=agencies, at=at)
    facts = standing_facts(reader, agencies[0], draft.purpose, at=at)
    asked = f"{station.practices.owner(question.kind).name}.{WATCH}"
    return holds(replace(draft, kind=asked, facts=facts), station.corpus())


def _body(reader: Reader, row: InboxRow, station: Station) -> Body:
    kept = station.safe.open(reader, RecordId(row.record_id))
    return {} if kept is None else content_of(kept).body


def _check(tx: Transaction, asked: Requested, *, station: Station, is_new: bool) -> None:
    held = cases.case_row(tx, asked.case)
    now, practice = standing(held.state), station.practices.named(held.practice)
    contested = tx.count(CaseFieldRow, eq("case", asked.case), eq("name", "contested"))
    is_real = held.setting == Setting.REAL.value
    if is_closed(practice, held.state) or now.is_stopped or contested or not is_real:
        raise StateError(
            "nothing is watched in a closed, stopped or contested case, or exercise"
        )
    if asked.request.seen_at is None:
        raise StateError("open the message that requests this watch first: you decide on it")
    if asked.has_ended or is_new is (asked.row is not None):
        raise StateError("this watch has begun or ended: its asker requests it anew, or asks")
