"""Calls at work: the person on duty is woken, then the next; and nobody is left unheard.

A worker runs a round every few seconds. Whoever is woken is woken before it is written down: a
crash between the two wakes somebody twice, never nobody.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from comity.core.cbor import Value
from comity.core.clock import MINUTE, Instant
from comity.core.ids import CaseId, PersonId, RecordId, message_id
from comity.core.store import Op, Reader, Transaction, Where, eq
from comity.desk.rota import SPARED, ReachRow, RotaRow, WakeRow, chain, wall
from comity.exchange import CallRow, InboxRow, OutboxRow, Station, cases
from comity.exchange.calling import HERE, OPEN, SENT, TEST, end_call
from comity.exchange.effects import UNSEEN
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType
from comity.practice import TaskRow

Rouse = Callable[[str], int]
"""Wakes whoever is at an address, or the duty post where it is empty; returns how many of the
node's ways worked. It is told nothing else: no content, no sender, no subject."""
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long a node waits for a person; all spans in ms."""

    zone: tzinfo = UTC
    """The time zone the rota is written in."""
    seen_within: int = 5 * MINUTE
    """After this the next on the rota is woken."""
    again_after: int = 15 * MINUTE
    """Once all have been woken in vain, the round begins anew after this."""
    spare: int = MINUTE
    """Nobody is woken twice within this, whatever comes: a flood must not be an alarm."""
    test_date: int = 1
    test_hour: int = 10
    """Day of the month and hour, on the wall, from which the monthly trial call is made."""


def run_calls(station: Station, terms: Terms, *, rouse: Rouse) -> bool:
    """Do what every call is due for; returns whether anything was done."""
    now = station.clock.now()
    _begin_trial(station, terms, now)
    due = station.store.read(
        lambda r: r.find(
            CallRow,
            eq("state", OPEN),
            Where("next_at", Op.LE, now),
            order="next_at",
            limit=_MOST,
        )
    )
    if due:
        _work(due, station, terms, rouse=rouse, now=now)
    return bool(due)


def rouse_first(station: Station, terms: Terms, *, rouse: Rouse) -> int:
    """Wake whoever is on duty now, for work that is due; return how many ways worked."""
    now = station.clock.now()
    people = station.store.read(lambda r: chain(r, now, terms.zone))
    if not people:
        return 0
    woken = _wake("work", people[0], station, terms, rouse=rouse, now=now)
    station.store.commit(lambda tx: tx.put(woken)).result()
    return max(0, woken.ways)


def _work(
    due: Sequence[CallRow], station: Station, terms: Terms, *, rouse: Rouse, now: Instant
) -> None:
    people = station.store.read(lambda r: chain(r, now, terms.zone))
    wanted = station.store.read(lambda r: [call for call in due if _is_wanted(r, call)])
    woken = {
        call.call: _wake(call.call, people[call.step], station, terms, rouse=rouse, now=now)
        for call in _one_each(wanted, people)
    }

    def unit(tx: Transaction) -> None:
        for call in due:
            held = tx.get(CallRow, call.call)
            if held is None or held.state != OPEN:
                continue
            if held.sort == SENT:
                _look(tx, held, now)
            elif not _is_wanted(tx, held):
                end_call(tx, held.call, state="gone", at=now)
            elif held.step < len(people):
                spared = WakeRow(call=held.call, at=now, person=people[held.step], ways=SPARED)
                tx.put(woken.get(held.call, spared))
                tx.put(replace(held, step=held.step + 1, next_at=now + terms.seen_within))
            else:
                _missed(tx, held, station, terms, now=now)

    station.store.commit(unit).result()


def _one_each(wanted: Sequence[CallRow], people: Sequence[PersonId]) -> Iterable[CallRow]:
    """Give one call for each person to be woken: many calls at once are one alarm."""
    first = {call.step: call for call in reversed(wanted) if call.step < len(people)}
    return first.values()


def _wake(  # noqa: PLR0913 - whom, for what, by what
    call: str,
    person: PersonId,
    station: Station,
    terms: Terms,
    *,
    rouse: Rouse,
    now: Instant,
) -> WakeRow:
    lately = (eq("person", person), Where("at", Op.GT, now - terms.spare))
    if station.store.read(lambda r: r.count(WakeRow, *lately, Where("ways", Op.GT, 0))):
        return WakeRow(call=call, at=now, person=person, ways=SPARED)
    reach = station.store.read(lambda r: reach_of(r, person, station))
    return WakeRow(call=call, at=now, person=person, ways=rouse(reach))


def reach_of(reader: Reader, person: PersonId, station: Station) -> str:
    """Return the address a person is woken at; empty where they gave none."""
    row = reader.get(ReachRow, person)
    kept = None if row is None else station.safe.open(reader, RecordId(row.record_id))
    return "" if kept is None else kept.decode()


def _is_wanted(reader: Reader, call: CallRow) -> bool:
    """Whether there is still something to see: not taken back, not erased."""
    if call.sort != HERE:
        return call.sort == TEST
    rows = reader.find(InboxRow, eq("mid", message_id(call.call)), limit=1)
    return bool(rows) and rows[0].state in {"filed", "held"} and rows[0].seen_at is None


def _missed(
    tx: Transaction, call: CallRow, station: Station, terms: Terms, *, now: Instant
) -> None:
    """Everybody has been woken and nobody has come: that is written down, and begins anew."""
    if call.sort == TEST:
        end_call(tx, call.call, state="missed", at=now)
        log_call(tx, station, call, {"outcome": "missed"}, at=now)
        return
    again = replace(call, step=0, next_at=now + terms.again_after, missed_at=now)
    tx.put(again)
    if call.missed_at is None:
        log_call(tx, station, call, {"outcome": "nobody"}, at=now)
        tx.put(_task(call, "unanswered", seat="supervisor", person=None, at=now))


def _look(tx: Transaction, call: CallRow, now: Instant) -> None:
    """Look whether a partner's person has seen what we sent; else somebody telephones."""
    row = tx.get(OutboxRow, message_id(call.call))
    is_over = row is None or row.replaced_by is not None or row.recalled_at is not None
    if row is None or is_over or row.state in {"rejected", "expired"}:
        end_call(tx, call.call, state="gone", at=now)
    elif row.seen_at is not None:
        end_call(tx, call.call, state="seen", at=now)
    else:
        end_call(tx, call.call, state="missed", at=now)
        tx.put(_task(call, UNSEEN, seat="officer", person=row.person, at=now))


def _task(call: CallRow, sort: str, *, seat: str, person: str | None, at: Instant) -> TaskRow:
    return TaskRow(
        task=f"{call.call}-{sort}",
        case=call.case,
        sort=sort,
        seat=seat,
        person=person,
        due=at,
        created=at,
        done=None,
        urgency="urgent",
    )


def log_call(
    tx: Transaction,
    station: Station,
    call: CallRow,
    said: Mapping[str, Value],
    *,
    at: Instant,
) -> int:
    """Write what came of a call into the ledger; return the index of its leaf."""
    record: dict[str, Value] = {"call": call.call, "sort": call.sort, "since": call.at, **said}
    if call.sort == HERE:
        line = cases.Line(case=CaseId(call.case), reference=call.call)
        return cases.enter(tx, station, LeafType.CALLED, record, line=line, at=at)
    made = commit(LeafType.CALLED, record, at=at, entropy=station.entropy)
    index = tx.append(made.leaf.encode())
    station.safe.keep(tx, sort="called", plaintext=pack({}, made), at=at)
    return index


def _begin_trial(station: Station, terms: Terms, now: Instant) -> None:
    """Make the month's trial call once its day and hour have come, where there is a rota."""
    shown = wall(now, terms.zone)
    is_time = (shown.date, shown.minute // 60) >= (terms.test_date, terms.test_hour)
    name = f"test-{shown.month}"
    is_made = station.store.read(
        lambda r: not r.count(RotaRow) or r.get(CallRow, name) is not None
    )
    if is_time and not is_made:
        station.store.commit(lambda tx: begin_trial(tx, name, now)).result()


def begin_trial(tx: Transaction, name: str, at: Instant) -> None:
    """Put down a trial call; the first on duty is woken in the next round."""
    if tx.get(CallRow, name) is None:
        tx.insert(CallRow(call=name, case="", sort=TEST, at=at, next_at=at))
