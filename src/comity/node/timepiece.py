"""The node's clock beside those of the witnesses, whose cosignatures carry a time.

Each cosignature of our own checkpoint says what its witness's clock showed while we waited for
the answer: earlier than our question or later than its coming, and the two clocks differ by at
least the gap. Over a minute is an alarm, over an hour stops sending, nothing stops receiving.

INVARIANT: a time counts only under the witness's own signature on our own checkpoint.
RISK: a majority of the witnesses heard, and at least two members, can stop a node from sending
by lying about the time. Fewer only raise an alarm, and nobody can stop it from receiving.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from typing_extensions import override

from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, MINUTE, SECOND, Entropy, Instant
from comity.core.errors import InvalidInputError, UnreachableError, VerificationError
from comity.core.store import Op, Reader, Transaction, Where
from comity.exchange.leaves import commit, pack
from comity.ledger import (
    LeafType,
    Note,
    open_note,
    parse_note,
    parse_request,
    parse_vkey,
    write_request,
)
from comity.node.office import Office
from comity.node.rows import ClockRow, ClockStopRow
from comity.seal import verify
from comity.trust import NodeEntry

ALARM = MINUTE
STOP = HOUR
FRESH = DAY + HOUR
"""How old a comparison may be and still count."""
PATIENCE = DAY
"""After how long without a comparison the node asks of itself: an idle ledger signs nothing."""
ASKED = 3
"""Most witnesses the node asks of itself at a time, by lot: a thin line pays for it."""
_APART = 2
"""Members that must agree before sending stops."""
_KEPT = 10 * MINUTE
"""How long a comparison stands before the next one of the same witness is written down."""
_JUMP = 30 * SECOND

Ask = Callable[[NodeEntry, bytes], tuple[int, bytes]]


class Pace(Enum):
    """What a clock allows."""

    UNKNOWN = "unknown"
    """No witness was heard for a day: sending goes on, as with every outage of witnesses."""
    RIGHT = "right"
    ALARM = "alarm"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How our clock stands: `ahead` is what most members heard agree on, at least."""

    pace: Pace
    ahead: int = 0
    members: int = 0

    @override
    def __str__(self) -> str:
        """Say it in words an engineer can act on."""
        if self.pace is Pace.UNKNOWN:
            return "no witness's clock was heard for a day"
        which = "ahead of" if self.ahead > 0 else "behind"
        return (
            f"the clock is {abs(self.ahead) // SECOND} s {which} the witnesses of"
            f" {self.members} members"
        )


def standing(rows: Iterable[ClockRow], *, at: Instant) -> Standing:
    """Judge the comparisons of the last day, one voice for each member.

    What counts is the gap that more than half of the members confirm in one direction.
    """
    voices: dict[str, ClockRow] = {}
    for row in sorted(rows, key=lambda row: row.at):
        if abs(at - row.at) <= FRESH:
            voices[row.member] = row
    gaps = sorted(row.ahead for row in voices.values())
    if not gaps:
        return Standing(pace=Pace.UNKNOWN)
    most = len(gaps) // 2  # one more than half lie at or beyond this place, from either end
    ahead = max(gaps[-1 - most], 0) or min(gaps[most], 0)
    pace = Pace.RIGHT
    if abs(ahead) > ALARM:
        pace = Pace.ALARM
    if abs(ahead) > STOP and len(gaps) >= _APART:
        pace = Pace.STOPPED
    return Standing(pace=pace, ahead=ahead, members=len(gaps))


def standing_of(reader: Reader, *, at: Instant) -> Standing:
    """Judge what is stored."""
    return standing(reader.find(ClockRow), at=at)


def may_send(reader: Reader, *, at: Instant) -> bool:
    """Whether the clock allows sending."""
    return standing_of(reader, at=at).pace is not Pace.STOPPED


def gap(said: int, *, before: Instant, after: Instant) -> int:
    """Return by how many milliseconds we are at least ahead of a clock that said `said`.

    It showed that second (unix time) somewhere between our question and its answer.
    """
    first, last = said * SECOND, said * SECOND + SECOND - 1
    if last < before:
        return before - last
    if first > after:
        return after - first
    return 0


@dataclass(slots=True, kw_only=True)
class Timepiece:
    """Compares one office's clock, and keeps what it found in the store."""

    office: Office
    ask: Ask
    journal: Callable[[str, str], None]
    steady: Callable[[], float]
    """Seconds of a clock that nobody sets."""
    _last: tuple[Instant, float] | None = None
    _is_doubtful: bool = True
    _told: str = ""
    _since: Instant = field(init=False)
    """When this process began to look."""
    _kept: dict[str, Instant] = field(default_factory=dict[str, Instant])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Begin now."""
        self._since = self.office.clock.now()

    def listen(self, entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        """Ask a witness as `ask` does, and compare clocks by what it answers."""
        before = self.office.clock.now()
        status, answer = self.ask(entry, body)
        after = self.office.clock.now()
        if status == 200 and self._is_due(entry, after):  # noqa: PLR2004 - HTTP OK
            # A witness that answers nonsense is no clock; who asked judges the answer itself.
            with suppress(InvalidInputError, VerificationError):
                said = _said(entry, parse_request(body).note, answer)
                self._keep(entry, gap(said, before=before, after=after), after)
        return status, answer

    def work(self) -> bool:
        """Ask of ourselves where nothing was compared lately, or the clock jumped."""
        now = self.office.clock.now()
        if self._has_jumped(now):
            self.journal("clock", "jumped")
            self._is_doubtful = True
        found = self.office.store.read(lambda r: standing_of(r, at=now))
        newest = self.office.store.read(lambda r: r.find(ClockRow, order="-at", limit=1))
        is_old = not newest or abs(now - newest[0].at) > PATIENCE
        is_wrong = found.pace in {Pace.ALARM, Pace.STOPPED}
        if (self._is_doubtful or is_old or is_wrong) and self.office.register.has_joined:
            self._inquire()
        self._judge(self.office.clock.now())
        return False

    def _has_jumped(self, now: Instant) -> bool:
        steady, last = self.steady(), self._last
        self._last = (now, steady)
        if last is None:
            return False
        passed = (steady - last[1]) * SECOND
        return abs(now - last[0] - passed) > _JUMP

    def _inquire(self) -> None:
        office = self.office
        row = office.chronicle.newest()
        if row is None:
            return
        note = _own_lines(row.note, row_origin=office.chronicle.origin())
        others = [
            entry
            for entry in office.register.current().nodes()
            if entry.node != office.config.node and entry.witness_vkeys
        ]
        for entry in _by_lot(others, office.entropy, count=ASKED):
            with self._lock:
                self._kept.pop(entry.node, None)
            try:
                status, _ = self.listen(entry, write_request(row.size, (), note))
            except UnreachableError:
                continue
            if status == 200:  # noqa: PLR2004 - HTTP OK
                self._is_doubtful = False

    def _is_due(self, entry: NodeEntry, now: Instant) -> bool:
        with self._lock:
            kept = self._kept.get(entry.node)
            return kept is None or abs(now - kept) > _KEPT

    def _keep(self, entry: NodeEntry, ahead: int, at: Instant) -> None:
        member = entry.node.partition(".")[0]
        row = ClockRow(node=entry.node, member=member, ahead=ahead, at=at)

        def unit(tx: Transaction) -> None:
            # What was compared before the clock was set says nothing about it now.
            tx.delete(ClockRow, Where("at", Op.GT, at + MINUTE))
            tx.put(row)

        self.office.store.commit(unit).result()
        with self._lock:
            self._kept[entry.node] = at

    def _judge(self, now: Instant) -> None:
        """Write down, as an incident, when sending stops and when it goes on."""
        office = self.office

        def unit(tx: Transaction) -> str:
            found, held = standing_of(tx, at=now), tx.get(ClockStopRow, _NAME)
            if (held is not None) == (found.pace is Pace.STOPPED):
                return _worth_saying(found.pace, up=now - self._since)
            said: dict[str, Value] = {"what": "clock", "ahead": found.ahead, "at": now}
            said["sending"] = held is not None
            made = commit(LeafType.INCIDENT, said, at=now, entropy=office.entropy)
            tx.append(made.leaf.encode())
            office.safe.keep(tx, sort="incident", plaintext=pack({}, made), at=now)
            if held is None:
                tx.put(ClockStopRow(name=_NAME, ahead=found.ahead, at=now))
                return "sending-stopped"
            tx.delete(ClockStopRow)
            return "sending-resumed"

        said = office.store.commit(unit).result()
        if said and said != self._told:
            self.journal("clock", said)
        self._told = said


def _worth_saying(pace: Pace, *, up: int) -> str:
    """Return what the journal says: a node that just began has heard no clock, and need not."""
    if pace is Pace.RIGHT or (pace is Pace.UNKNOWN and up < PATIENCE):
        return ""
    return str(pace.value)


_NAME = "clock"


def _said(entry: NodeEntry, note: bytes, answer: bytes) -> int:
    """Return the witness's time, in unix seconds, as its own key signed it."""
    text = parse_note(note).text
    lines = parse_note(b"x\n\n" + answer).signatures
    keys = [parse_vkey(key) for key in entry.witness_vkeys]
    opened = open_note(Note(text=text, signatures=lines).encode(), keys, verify=verify)
    times = [seen.at for seen in opened.seen if seen.at is not None]
    if not times:
        raise VerificationError("the witness's answer carries no time of its own")
    return max(times)


def _own_lines(note: bytes, *, row_origin: str) -> bytes:
    """Leave out others' cosignatures: a witness needs none of them."""
    parsed = parse_note(note)
    own = tuple(line for line in parsed.signatures if line.name == row_origin)
    return Note(text=parsed.text, signatures=own).encode()


def _by_lot(
    entries: Sequence[NodeEntry], entropy: Entropy, *, count: int
) -> Sequence[NodeEntry]:
    drawn = sorted((entropy.take(8), place) for place in range(len(entries)))
    return [entries[place] for _, place in drawn[:count]]
