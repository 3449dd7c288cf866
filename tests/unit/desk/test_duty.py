"""The rota and its calls: somebody is reached, or everybody learns that nobody was."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scenarios.stage import (
    A,
    N,
    a_world,
    leaves,
    opened,
    outbox,
    question,
    received,
    reply,
    send,
    tasks,
    warning,
)

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, HOUR, MINUTE, Instant, from_iso
from comity.core.errors import (
    AuthorisationError,
    InvalidInputError,
    NotFoundError,
    StateError,
)
from comity.core.ids import PersonId
from comity.core.store import eq
from comity.desk import Actor, Duty, Shift
from comity.desk.calls import begin_trial
from comity.desk.rota import (
    DEPUTIES,
    RotaRow,
    WakeRow,
    clock_text,
    covers,
    days_of,
    minutes_of,
    wall,
)
from comity.exchange import CallRow


@dataclass(slots=True, kw_only=True)
class Post:
    """Arcadia's duty post: its people, and whom its node has woken."""

    world: World
    here: Resident
    people: dict[str, PersonId] = field(default_factory=dict[str, PersonId])
    woken: list[str] = field(default_factory=list[str])
    works: int = 1

    def rouse(self, reach: str) -> int:
        self.woken.append(reach)
        return self.works

    @property
    def duty(self) -> Duty:
        return self.here.desk.duty

    def actor(self, name: str, seat: str) -> Actor:
        return Actor(person=self.people[name], seats=frozenset({seat}), session="test")

    def later(self, span: int) -> list[str]:
        """Let time pass and the worker run; return the addresses woken meanwhile."""
        before = len(self.woken)
        self.world.clock.advance(span)
        self.duty.run(self.rouse)
        return self.woken[before:]

    def call(self, mid: str) -> CallRow:
        row = self.here.store.read(lambda r: r.get(CallRow, mid))
        assert row is not None
        return row


@pytest.fixture
def post() -> Post:
    world = a_world()
    here = world.residents[A]
    made = Post(world=world, here=here)
    people = here.desk.people
    admin = Actor(person=people.begin("Ada Admin"), seats=frozenset({"admin"}), session="test")
    for name, seat in (("ben", "officer"), ("cleo", "officer"), ("dora", "supervisor")):
        made.people[name] = people.enrol(admin, name.title())
        people.grant(admin, made.people[name], seat)
    at = here.clock.now()
    june = CallRow(call="test-2026-06", case="", sort="test", at=at, next_at=at, state="gone")
    here.store.commit(lambda tx: tx.put(june)).result()
    chief = made.actor("dora", "supervisor")
    for name, rank in (("ben", 0), ("cleo", 1)):
        shift = Shift(
            person=made.people[name], days="mon-sun", start="00:00", end="00:00", rank=rank
        )
        made.duty.add(chief, shift)
        made.duty.reach(made.actor(name, "officer"), made.people[name], f"{name}@post.example")
    return made


def urgent(post: Post) -> str:
    sent = send(post.world.residents[N], question(urgency_ground="danger-to-life"))
    post.world.run()
    return sent.mid


def test_an_urgent_message_wakes_the_person_on_duty_and_then_the_next(post: Post) -> None:
    mid = urgent(post)
    assert post.later(0) == ["ben@post.example"]
    assert post.later(4 * MINUTE) == []
    assert post.later(MINUTE) == ["cleo@post.example"]
    assert post.later(5 * MINUTE) == [""]
    (view,) = post.duty.watch(post.actor("ben", "officer")).calls
    assert [each.person for each in view.woken] == [
        post.people[name] for name in ("ben", "cleo", "dora")
    ]
    opened(post.here, mid)
    assert post.later(DAY) == []
    assert post.call(mid).state == "seen"


def test_what_is_not_urgent_wakes_nobody(post: Post) -> None:
    send(post.world.residents[N], question())
    post.world.run()
    assert post.later(0) == []


def test_a_warning_of_danger_to_life_calls_without_a_ground_for_urgency(post: Post) -> None:
    letter = warning()
    body = {name: value for name, value in letter.body.items() if name != "urgency_ground"}
    sent = send(post.world.residents[N], replace(letter, body=body))
    post.world.run()
    assert post.later(0) == ["ben@post.example"]
    assert post.call(sent.mid).sort == "here"


def test_all_woken_in_vain_is_in_the_ledger_and_begins_anew(post: Post) -> None:
    mid = urgent(post)
    for _ in range(3):
        post.later(5 * MINUTE)
    assert post.later(5 * MINUTE) == []
    assert leaves(post.here).count("called") == 1
    (task,) = tasks(post.here, "unanswered")
    assert (task.seat, task.urgency) == ("supervisor", "urgent")
    assert post.later(15 * MINUTE) == ["ben@post.example"]
    for _ in range(6):
        post.later(15 * MINUTE)
    assert leaves(post.here).count("called") == 1
    assert post.call(mid).missed_at is not None


def test_who_says_they_are_looking_and_does_not_is_followed_by_the_next(post: Post) -> None:
    mid = urgent(post)
    post.later(0)
    post.world.clock.advance(4 * MINUTE)
    post.duty.answer(post.actor("ben", "officer"), mid)
    assert post.later(4 * MINUTE) == []
    assert post.later(MINUTE) == ["cleo@post.example"]
    assert post.call(mid).person == post.people["ben"]


def test_many_urgent_messages_at_once_are_one_alarm(post: Post) -> None:
    for _ in range(5):
        send(post.world.residents[N], question(urgency_ground="danger-to-life"))
    post.world.run()
    assert post.later(0) == ["ben@post.example"]
    urgent(post)
    assert post.later(30_000) == []
    assert post.here.store.read(lambda r: r.count(WakeRow, eq("ways", -1))) == 5


def test_a_way_that_failed_is_tried_for_the_next_call(post: Post) -> None:
    post.works = 0
    urgent(post)
    post.later(0)
    urgent(post)
    assert post.later(1) == ["ben@post.example"]


def test_whoever_is_away_is_passed_over(post: Post) -> None:
    ben = post.actor("ben", "officer")
    now = post.world.clock.now()
    post.duty.away(ben, ben.person, since=now, until=Instant(now + DAY))
    urgent(post)
    assert post.later(0) == ["cleo@post.example"]
    post.duty.back(ben, ben.person, since=now)
    with pytest.raises(NotFoundError):
        post.duty.back(ben, ben.person, since=now)
    assert post.duty.watch(ben).on_duty[0] == ben.person


def test_what_was_taken_back_calls_nobody(post: Post) -> None:
    here = post.world.residents[N]
    sent = send(here, question(urgency_ground="danger-to-life"))
    post.world.run()
    send(here, reply(sent.case, "recall", about=sent.mid, ground="unlawful"))
    post.world.run()
    assert post.later(0) == []
    assert post.call(sent.mid).state == "gone"


def test_a_held_message_calls_until_one_who_may_let_it_in_has_looked(post: Post) -> None:
    mid = urgent(post)
    row = received(post.here, mid)
    post.here.store.commit(lambda tx: tx.put(replace(row, state="held"))).result()
    opened(post.here, mid)
    assert post.call(mid).state == "open"
    opened(post.here, mid, seat="supervisor")
    assert post.call(mid).state == "seen"
    opened(post.here, mid, seat="supervisor")


def test_an_empty_rota_wakes_the_supervisors_and_then_the_officers(post: Post) -> None:
    chief = post.actor("dora", "supervisor")
    for row in post.duty.watch(chief).rota:
        post.duty.end(chief, row.shift)
    assert post.duty.watch(chief).next[0] == chief.person
    assert post.duty.watch(chief).gaps == ()
    with pytest.raises(NotFoundError):
        post.duty.end(chief, "none")


def test_a_node_without_people_says_that_nobody_came() -> None:
    world = a_world()
    send(world.residents[N], question(urgency_ground="danger-to-life"))
    world.run()
    duty = world.residents[A].desk.duty
    assert duty.rouse(lambda _reach: 1) == 0
    duty.run(lambda _reach: 1)
    assert leaves(world.residents[A]).count("called") == 1


def test_work_that_is_due_wakes_whoever_is_on_duty(post: Post) -> None:
    assert post.duty.rouse(post.rouse) == 1
    assert post.duty.rouse(post.rouse) == 0
    assert post.woken == ["ben@post.example"]


# What the sender sees.


def test_a_sender_learns_that_nobody_has_seen_it_and_whom_to_telephone(post: Post) -> None:
    here = post.world.residents[N]
    mid = urgent(post)
    sent_at = outbox(here, mid).created
    assert opened(here, mid).call_at == sent_at + 15 * MINUTE
    post.world.clock.advance(15 * MINUTE)
    here.desk.duty.run(lambda _reach: 1)
    (task,) = tasks(here, "unseen")
    assert (task.seat, task.urgency, task.person) == (
        "officer",
        "urgent",
        here.actor("officer").person,
    )
    assert opened(here, mid).call_at == sent_at + 15 * MINUTE
    opened(post.here, mid)
    post.world.run()
    assert tasks(here, "unseen") == []
    post.world.clock.advance(HOUR)
    here.desk.duty.run(lambda _reach: 1)
    assert tasks(here, "unseen") == []


def test_what_was_seen_in_time_is_no_task_of_its_sender(post: Post) -> None:
    here = post.world.residents[N]
    mid = urgent(post)
    opened(post.here, mid)
    post.world.run()
    assert opened(here, mid).call_at is None
    post.world.clock.advance(HOUR)
    here.desk.duty.run(lambda _reach: 1)
    assert tasks(here, "unseen") == []


def test_a_partner_that_is_silent_is_telephoned_as_well(post: Post) -> None:
    here = post.world.residents[N]
    post.world.unreachable.add(A)
    send(here, question(urgency_ground="danger-to-life"))
    post.world.run()
    post.world.clock.advance(15 * MINUTE)
    here.desk.duty.run(lambda _reach: 1)
    assert len(tasks(here, "unseen")) == 1


def test_what_its_sender_took_back_needs_no_telephone(post: Post) -> None:
    here = post.world.residents[N]
    sent = send(here, question(urgency_ground="danger-to-life"))
    send(here, reply(sent.case, "recall", about=sent.mid, ground="unlawful"))
    post.world.clock.advance(15 * MINUTE)
    here.desk.duty.run(lambda _reach: 1)
    assert tasks(here, "unseen") == []


@pytest.mark.parametrize("seen", [True, False])
def test_a_look_that_comes_late_believes_the_row(post: Post, seen: bool) -> None:  # noqa: FBT001 - a case
    here = post.world.residents[N]
    mid = urgent(post)
    row = outbox(here, mid)
    at = post.world.clock.now()
    changed = replace(row, seen_at=at) if seen else replace(row, state="expired")
    here.store.commit(lambda tx: tx.put(changed)).result()
    post.world.clock.advance(15 * MINUTE)
    here.desk.duty.run(lambda _reach: 1)
    call = here.store.read(lambda r: r.get(CallRow, mid))
    assert call is not None
    assert call.state == ("seen" if seen else "gone")


# The monthly trial.


def test_a_trial_is_made_each_month_and_its_answer_is_in_the_ledger(post: Post) -> None:
    assert post.later(0) == []
    post.world.clock.advance(30 * DAY)
    assert post.later(0) == ["ben@post.example"]
    (trial,) = post.duty.called(post.actor("ben", "officer"))
    post.duty.answer(post.actor("ben", "officer"), trial.call)
    assert leaves(post.here) == ["called"]
    assert post.later(DAY) == []
    view = post.duty.watch(post.actor("ben", "officer")).trials[0]
    assert (view.row.state, view.row.person) == ("answered", post.people["ben"])
    with pytest.raises(StateError, match="answered"):
        post.duty.answer(post.actor("ben", "officer"), trial.call)
    with pytest.raises(NotFoundError):
        post.duty.answer(post.actor("ben", "officer"), "test-1999-01")


def test_a_trial_nobody_answers_is_missed_for_all_to_see(post: Post) -> None:
    name = post.duty.trial(post.actor("dora", "supervisor"))
    for _ in range(4):
        post.later(5 * MINUTE)
    assert post.call(name).state == "missed"
    assert leaves(post.here) == ["called"]


def test_no_trial_is_made_where_there_is_no_rota() -> None:
    world = a_world()
    world.clock.advance(30 * DAY)
    duty = world.residents[A].desk.duty
    assert duty.run(lambda _reach: 1) is False


# Who may write the rota.


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"days": "someday"}, InvalidInputError),
        ({"days": "mon-"}, None),
        ({"start": "24:00"}, InvalidInputError),
        ({"start": "9"}, InvalidInputError),
        ({"end": "9:0x"}, InvalidInputError),
        ({"rank": DEPUTIES + 1}, InvalidInputError),
        ({"until": Instant(1)}, InvalidInputError),
        ({"person": PersonId("xa.border/nobody")}, NotFoundError),
    ],
)
def test_a_shift_that_does_not_hold_is_refused(
    post: Post, change: dict[str, object], error: type[Exception] | None
) -> None:
    good: dict[str, object] = {
        "person": post.people["ben"],
        "days": "mon-fri",
        "start": "08:00",
        "end": "16:00",
    }
    shift = Shift(**{**good, **change})  # type: ignore[arg-type]
    if error is None:
        assert post.duty.add(post.actor("dora", "supervisor"), shift)
        return
    with pytest.raises(error):
        post.duty.add(post.actor("dora", "supervisor"), shift)


def test_only_a_supervisor_writes_the_rota_and_one_speaks_for_oneself(post: Post) -> None:
    ben = post.actor("ben", "officer")
    shift = Shift(person=ben.person, days="mon", start="08:00", end="16:00")
    acts: tuple[Callable[[], object], ...] = (
        lambda: post.duty.add(ben, shift),
        lambda: post.duty.end(ben, "x"),
        lambda: post.duty.trial(ben),
        lambda: post.duty.reach(ben, post.people["cleo"], "+3531"),
        lambda: post.duty.away(ben, post.people["cleo"], since=Instant(1), until=Instant(2)),
        lambda: post.duty.watch(post.actor("ben", "oversight")),
    )
    for act in acts:
        with pytest.raises(AuthorisationError):
            act()
    assert post.duty.called(post.actor("ben", "oversight")) == ()


@pytest.mark.parametrize("address", ["-rf", "a b", "x", "a;b", "a" * 101, "$(id)@x.example"])
def test_an_address_that_a_command_could_misread_is_refused(post: Post, address: str) -> None:
    ben = post.actor("ben", "officer")
    with pytest.raises(InvalidInputError):
        post.duty.reach(ben, ben.person, address)
    assert post.duty.address(ben) == "ben@post.example"


def test_a_forgotten_address_is_erased(post: Post) -> None:
    ben = post.actor("ben", "officer")
    post.duty.reach(ben, ben.person, "")
    assert post.duty.address(ben) == ""
    assert ben.person not in post.duty.watch(ben).reached
    post.duty.reach(ben, ben.person, "")


@pytest.mark.parametrize("span", [0, 367 * DAY])
def test_an_absence_ends_after_it_begins_within_a_year(post: Post, span: int) -> None:
    ben = post.actor("ben", "officer")
    with pytest.raises(InvalidInputError):
        post.duty.away(ben, ben.person, since=Instant(1), until=Instant(1 + span))


def test_a_rota_has_an_end(post: Post) -> None:
    chief = post.actor("dora", "supervisor")
    shift = Shift(person=chief.person, days="mon", start="08:00", end="16:00")
    for _ in range(198):
        post.duty.add(chief, shift)
    with pytest.raises(StateError, match="200"):
        post.duty.add(chief, shift)


def test_hours_that_nobody_covers_are_shown_as_gaps(post: Post) -> None:
    chief = post.actor("dora", "supervisor")
    for row in post.duty.watch(chief).rota:
        post.duty.end(chief, row.shift)
    post.duty.add(chief, Shift(person=chief.person, days="mon-sun", start="06:00", end="22:00"))
    gaps = post.duty.watch(chief).gaps
    assert len(gaps) == 7
    assert {end - begun for begun, end in gaps} == {8 * HOUR}


# The wall clock.

DUBLIN = ZoneInfo("Europe/Dublin")


def shift(start: str, end: str, *, days: str = "mon-sun", **more: object) -> RotaRow:
    made: dict[str, object] = {
        "shift": "s",
        "person": "xa.border/ben1",
        "days": days_of(days),
        "start": minutes_of(start),
        "end": minutes_of(end),
        "rank": 0,
        "since": 0,
        **more,
    }
    return RotaRow(**made)  # type: ignore[arg-type]


@given(
    at=st.integers(0, 365 * 24 * 60),
    cut=st.integers(0, 1439),
    other=st.integers(0, 1439),
)
def test_two_shifts_that_fill_the_day_leave_no_gap_and_no_overlap(
    at: int, cut: int, other: int
) -> None:
    if cut == other:
        return
    instant = Instant(from_iso("2026-01-01T00:00:00Z") + at * MINUTE)
    one, two = clock_text(cut), clock_text(other)
    found = [covers(shift(one, two), instant, DUBLIN), covers(shift(two, one), instant, DUBLIN)]
    assert found.count(True) == 1


def test_the_night_the_clocks_change_has_its_watch_the_whole_night() -> None:
    night = shift("22:00", "06:00", days="sat")
    for evening, hours in (("2026-03-28T22:00:00+00:00", 7), ("2026-10-24T22:00:00+01:00", 9)):
        begun = from_iso(evening)
        steps = [Instant(begun + step * 10 * MINUTE) for step in range(12 * 6)]
        assert sum(covers(night, at, DUBLIN) for at in steps) == hours * 6
        assert not covers(night, Instant(begun - 1), DUBLIN)


def test_a_shift_counts_from_its_beginning_to_its_end() -> None:
    row = shift("00:00", "00:00", since=100, until=200)
    assert [covers(row, Instant(at), UTC) for at in (99, 100, 199, 200)] == [
        False,
        True,
        True,
        False,
    ]


def test_days_are_read_as_people_write_them() -> None:
    assert days_of("mon-fri") == "01234"
    assert days_of("Sat, sun") == "56"
    assert days_of("fri-mon") == "0456"


def test_the_wall_shows_the_zones_own_month() -> None:
    at = Instant(int((datetime(2026, 6, 30, 23, 30, tzinfo=UTC)).timestamp() * 1000))
    assert (wall(at, DUBLIN).month, wall(at, DUBLIN).date) == ("2026-07", 1)
    assert wall(at, UTC).month == "2026-06"
    assert timedelta(minutes=wall(at, UTC).minute) == timedelta(hours=23, minutes=30)


def test_a_call_that_ends_while_its_person_is_woken_is_not_gone_on_with(post: Post) -> None:
    mid = urgent(post)

    def rouse(_reach: str) -> int:
        ended = replace(post.call(mid), state="gone")
        post.here.store.commit(lambda tx: tx.put(ended)).result()
        return 1

    post.world.clock.advance(1)
    post.duty.run(rouse)
    assert (post.call(mid).state, post.call(mid).step) == ("gone", 0)


def test_a_months_trial_begins_once(post: Post) -> None:
    at = post.here.clock.now()
    for _ in range(2):
        post.here.store.commit(lambda tx: begin_trial(tx, "test-2026-07", at)).result()
    assert post.call("test-2026-07").state == "open"
