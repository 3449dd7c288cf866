"""The clock beside the witnesses': an alarm after a minute, no sending after an hour."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.node.ground import ARCADIA, CASTALIA, NORLAND, Town, copy_town, grow

from comity.adapters.memory import FixedClock
from comity.adapters.system import SystemClock
from comity.core.clock import DAY, HOUR, MINUTE, SECOND, Instant
from comity.core.errors import UnreachableError
from comity.core.ids import NodeId
from comity.core.store import Transaction
from comity.ledger import LeafType, decode_leaf
from comity.node.office import Office, open_office
from comity.node.rows import ClockRow, ClockStopRow
from comity.node.timepiece import Pace, Timepiece, gap, may_send, standing, standing_of
from comity.trust import NodeEntry

NOON = Instant(SystemClock().now())


def row(member: str, ahead: int, *, at: int = NOON, node: str = "n1") -> ClockRow:
    return ClockRow(node=f"{member}.police.{node}", member=member, ahead=ahead, at=at)


@dataclass
class Ground:
    """Three opened nodes, each with a clock of its own, and no network between them."""

    offices: dict[NodeId, Office]
    clocks: dict[NodeId, FixedClock]
    silent: set[NodeId] = field(default_factory=set[NodeId])
    said: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    seconds: float = 0.0
    asked: int = 0
    began: int = 0

    @property
    def office(self) -> Office:
        return self.offices[NORLAND]

    def ask(self, entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        self.asked += 1
        if entry.node in self.silent:
            raise UnreachableError("away")
        status, answer, _ = self.offices[entry.node].chronicle.witness(body)
        return status, answer

    def timepiece(self) -> Timepiece:
        return Timepiece(
            office=self.office,
            ask=self.ask,
            journal=lambda place, code: self.said.append((place, code)),
            steady=lambda: self.seconds,
        )

    def pace(self) -> Pace:
        now = self.office.clock.now()
        return self.office.store.read(lambda r: standing_of(r, at=now)).pace

    def incidents(self) -> int:
        store = self.office.store
        entries = store.read(lambda r: r.entries(self.began, r.size() - self.began))
        return sum(decode_leaf(entry).type is LeafType.INCIDENT for entry in entries)

    def set(self, milliseconds: int) -> None:
        """Move Norland's clock and no other."""
        self.clocks[NORLAND].advance(milliseconds)

    def wait(self, milliseconds: int) -> None:
        """Let time pass for all."""
        for clock in self.clocks.values():
            clock.advance(milliseconds)
        self.seconds += milliseconds / SECOND


@pytest.fixture(scope="module")
def opened(built: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    town = copy_town(built, tmp_path_factory.mktemp("clocks") / "town")
    clocks = {node: FixedClock(NOON) for node in (NORLAND, ARCADIA, CASTALIA)}
    with ExitStack() as stack:
        offices = {
            node: stack.enter_context(_closing(open_office(town.node(node), clock=clock)))
            for node, clock in clocks.items()
        }
        made = Ground(offices=offices, clocks=clocks)
        grow(made.office, 3)
        made.office.chronicle.sign()
        assert made.office.chronicle.gather(made.ask, lambda _entry, _origin: None) == 2
        yield made


@pytest.fixture
def ground(opened: Ground) -> Ground:
    """Return the three nodes with right clocks, nothing compared and nothing written yet."""

    def unit(tx: Transaction) -> None:
        tx.delete(ClockRow)
        tx.delete(ClockStopRow)

    opened.office.store.commit(unit).result()
    clocks = {node: FixedClock(NOON) for node in opened.clocks}
    for node, clock in clocks.items():
        opened.clocks[node].advance(clock.now() - opened.clocks[node].now())
    began = opened.office.store.read(lambda r: r.size())
    return Ground(offices=opened.offices, clocks=opened.clocks, began=began)


class _closing:  # noqa: N801 - reads as contextlib's own does
    def __init__(self, office: Office) -> None:
        self.office = office

    def __enter__(self) -> Office:
        return self.office

    def __exit__(self, *_: object) -> None:
        self.office.close()


def test_clocks_that_agree_raise_nothing(ground: Ground) -> None:
    ground.timepiece().work()
    assert ground.pace() is Pace.RIGHT
    assert ground.said == []


def test_every_cosignature_compares_and_not_only_those_asked_for(ground: Ground) -> None:
    ground.set(7 * MINUTE)
    grow(ground.office, 1)
    ground.office.chronicle.sign()
    listen = ground.timepiece().listen
    assert ground.office.chronicle.gather(listen, lambda _entry, _origin: None) == 2
    assert ground.pace() is Pace.ALARM


@pytest.mark.parametrize("off", [-40 * SECOND, 59 * SECOND])
def test_less_than_a_minute_is_no_alarm(ground: Ground, off: int) -> None:
    ground.set(off)
    ground.timepiece().work()
    assert ground.pace() is Pace.RIGHT


@pytest.mark.parametrize("off", [-62 * SECOND, 62 * SECOND, 59 * MINUTE])
def test_more_than_a_minute_is_an_alarm_and_sending_goes_on(ground: Ground, off: int) -> None:
    ground.set(off)
    ground.timepiece().work()
    assert ground.pace() is Pace.ALARM
    assert ground.said == [("clock", "alarm")]
    assert ground.office.store.read(lambda r: may_send(r, at=ground.office.clock.now()))


@pytest.mark.parametrize("off", [-2 * HOUR, 2 * HOUR, -400 * DAY])
def test_more_than_an_hour_stops_sending_until_the_clock_is_set(
    ground: Ground, off: int
) -> None:
    ground.set(off)
    timepiece = ground.timepiece()
    timepiece.work()
    now = ground.office.clock.now()
    assert not ground.office.store.read(lambda r: may_send(r, at=now))
    assert ground.said == [("clock", "sending-stopped")]
    ground.set(-off)
    timepiece.work()
    assert ground.office.store.read(lambda r: may_send(r, at=ground.office.clock.now()))
    assert ground.said[-1] == ("clock", "sending-resumed")
    assert ground.incidents() == 2


def test_a_stop_is_written_once_however_long_it_lasts(ground: Ground) -> None:
    ground.set(3 * HOUR)
    timepiece = ground.timepiece()
    for _ in range(3):
        timepiece.work()
        ground.wait(MINUTE)
    assert ground.incidents() == 1
    held = ground.office.store.read(lambda r: r.get(ClockStopRow, "clock"))
    assert held is not None
    assert 2 * HOUR < held.ahead <= 3 * HOUR


def test_a_clock_that_jumps_is_compared_at_once(ground: Ground) -> None:
    timepiece = ground.timepiece()
    timepiece.work()
    ground.wait(MINUTE)
    timepiece.work()
    asked = ground.asked
    ground.wait(MINUTE)
    ground.set(5 * HOUR)
    timepiece.work()
    assert ("clock", "jumped") in ground.said
    assert ground.asked > asked
    assert ground.pace() is Pace.STOPPED


def test_an_idle_node_asks_once_a_day_and_no_oftener(ground: Ground) -> None:
    timepiece = ground.timepiece()
    timepiece.work()
    asked = ground.asked
    for _ in range(23):
        ground.wait(HOUR)
        timepiece.work()
    assert ground.asked == asked
    ground.wait(2 * HOUR)
    timepiece.work()
    assert asked < ground.asked <= asked + 3


def test_silent_witnesses_stop_nothing(ground: Ground) -> None:
    ground.silent = {ARCADIA, CASTALIA}
    ground.set(9 * HOUR)
    ground.timepiece().work()
    assert ground.pace() is Pace.UNKNOWN
    assert ground.office.store.read(lambda r: may_send(r, at=ground.office.clock.now()))


def test_one_lying_witness_stops_nobody(ground: Ground) -> None:
    ground.clocks[ARCADIA].advance(30 * DAY)
    ground.timepiece().work()
    assert ground.pace() is Pace.RIGHT


def test_one_witness_alone_raises_an_alarm_and_no_more(ground: Ground) -> None:
    ground.silent = {CASTALIA}
    ground.clocks[ARCADIA].advance(-30 * DAY)
    ground.timepiece().work()
    assert ground.pace() is Pace.ALARM


def test_a_time_in_another_witnesss_name_counts_for_nothing(ground: Ground) -> None:
    ground.clocks[ARCADIA].advance(30 * DAY)
    honest = ground.ask

    def swapped(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        other = ARCADIA if entry.node == CASTALIA else CASTALIA
        return honest(replace(entry, node=other), body)

    timepiece = ground.timepiece()
    timepiece.ask = swapped
    timepiece.work()
    assert ground.pace() is Pace.UNKNOWN


@pytest.mark.parametrize("answer", [b"", b"\xff", b"\xe2\x80\x94 x AAAA\n", b"x" * 5_000])
def test_nonsense_from_a_witness_is_no_time(ground: Ground, answer: bytes) -> None:
    def nonsense(_entry: NodeEntry, _body: bytes) -> tuple[int, bytes]:
        return 200, answer

    timepiece = ground.timepiece()
    timepiece.ask = nonsense
    timepiece.work()
    assert ground.pace() is Pace.UNKNOWN


def test_a_node_without_a_checkpoint_asks_nobody(ground: Ground) -> None:
    alone = Ground(offices={NORLAND: ground.offices[CASTALIA]}, clocks={})
    alone.timepiece().work()
    assert alone.asked == 0


def test_more_nodes_give_a_member_no_more_voices() -> None:
    lies = [row("xa", 2 * HOUR, node=f"n{place}") for place in range(5)]
    true = [row("xc", 0), row("xm", 0)]
    assert standing([*lies, *true], at=NOON).pace is Pace.RIGHT


def test_what_was_compared_long_ago_says_nothing() -> None:
    old = [row("xa", 2 * HOUR, at=NOON - 2 * DAY), row("xc", 2 * HOUR, at=NOON - 2 * DAY)]
    found = standing(old, at=NOON)
    assert found.pace is Pace.UNKNOWN
    assert str(found) == "no witness's clock was heard for a day"


def test_the_gap_is_said_in_words() -> None:
    rows = [row("xa", 40 * SECOND), row("xc", 50 * SECOND)]
    assert str(standing(rows, at=NOON)) == (
        "the clock is 40 s ahead of the witnesses of 2 members"
    )
    assert "behind" in str(standing([row("xa", -90 * SECOND)], at=NOON))


@given(st.lists(st.integers(-10 * HOUR, 10 * HOUR), min_size=1, max_size=9))
def test_only_what_more_than_half_confirm_counts(gaps: list[int]) -> None:
    rows = [row(f"m{place}", ahead) for place, ahead in enumerate(gaps)]
    ahead = standing(rows, at=NOON).ahead
    confirming = sum(each * (1 if ahead > 0 else -1) >= abs(ahead) for each in gaps)
    assert ahead == 0 or confirming > len(gaps) / 2


@given(st.integers(0, 2**33), st.integers(0, 2**43), st.integers(0, 10_000))
def test_a_gap_is_never_more_than_the_clocks_differ(said: int, before: int, took: int) -> None:
    after = Instant(before + took)
    found = gap(said, before=Instant(before), after=after)
    within = range(said * SECOND, said * SECOND + SECOND)
    nearest = min(abs(within[0] - after), abs(within[-1] - before))
    assert abs(found) <= nearest or found == 0
