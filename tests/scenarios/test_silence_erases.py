"""What came is kept for its time: silence erases, a person's reasoned decision keeps."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    FACTS,
    A,
    N,
    a_world,
    ask,
    case_of,
    confirmed,
    hold_anna,
    leaves,
    opened,
    question,
    received,
    reply,
    send,
    sure,
    tasks,
)

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, Instant, iso
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError, StateError
from comity.desk import AwaitsSecond, Sent
from comity.message import handling
from comity.record import ErasureRow, TimerRow

YEARS = 36 * 31 * DAY


@pytest.fixture
def world() -> World:
    return a_world()


def told(world: World, marking: str = "TLP:AMBER") -> Sent:
    """Let Norland tell Arcadia something unasked, and carry it there."""
    letter = replace(
        question(),
        kind="requests.inform/1",
        body={"text": "Seen at the night train"},
        handling=handling(marking),
        facts={**FACTS, "conditions_set": False},
    )
    sent = confirmed(world.residents[N], letter)
    world.run()
    return sent


def timers(here: Resident) -> list[TimerRow]:
    return list(here.store.read(lambda r: r.find(TimerRow)))


def test_what_came_is_erased_on_its_day_unless_somebody_decides(world: World) -> None:
    there, sent = world.residents[A], told(world)
    (row,) = timers(there)
    assert row.subject == sent.mid
    assert "art. 31" in row.regime
    world.clock.advance(row.erase_by - world.clock.now() - 1)
    assert there.desk.custody.erase_due() == 0
    assert opened(there, sent.mid).content is not None
    world.clock.advance(1)
    assert there.desk.custody.erase_due() == 1
    assert opened(there, sent.mid).content is None
    assert leaves(there).count("erased") == 1
    (certificate,) = there.store.read(lambda r: r.find(ErasureRow))
    assert (certificate.subject, certificate.why) == (sent.mid, "expired")
    assert timers(there) == []
    assert there.desk.custody.erase_due() == 0


def test_the_originators_shorter_end_wins(world: World) -> None:
    there = world.residents[A]
    until = Instant(world.clock.now() + 30 * DAY)
    sent = told(world, f"TLP:AMBER UNTIL:{iso(until)}")
    (row,) = timers(there)
    assert row.regime == "originator"
    assert row.erase_by == until // 1000 * 1000
    there.desk.custody.erase_due()
    # An end its originator set is nobody's to move, so it is nobody's task.
    assert tasks(there, "review") == []
    with pytest.raises(InvalidInputError, match="originator"):
        there.desk.custody.keep(
            there.actor("supervisor"), sent.mid, until=Instant(until + DAY), reasons="Trial."
        )


def test_the_originator_can_agree_to_a_longer_time(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    until = Instant(world.clock.now() + 30 * DAY)
    sent = told(world, f"TLP:AMBER UNTIL:{iso(until)}")
    letter = reply(case_of(there, sent.mid), "consent", about=sent.mid, use="longer-retention")
    asked = send(there, letter)
    world.run()
    given = reply(sent.case, "consent-answer", about=asked.mid, answer="given")
    waits = here.desk.correspondence.send(here.actor("supervisor"), given)
    assert isinstance(waits, AwaitsSecond)
    sure(here.desk.correspondence.confirm(here.actor("legal"), waits.pending))
    world.run()
    later = Instant(until + 60 * DAY)
    row = there.desk.custody.keep(
        there.actor("supervisor"), sent.mid, until=later, reasons="Trial in May."
    )
    assert row.erase_by == later


def test_a_person_is_warned_before_the_day_and_decides_for_one_period(world: World) -> None:
    there, sent = world.residents[A], told(world)
    there.desk.custody.erase_due()
    assert tasks(there, "review") == []
    (row,) = timers(there)
    world.clock.advance(row.review_by - world.clock.now())
    there.desk.custody.erase_due()
    there.desk.custody.erase_due()
    (task,) = tasks(there, "review")
    assert task.due == row.erase_by
    chief = there.actor("supervisor")
    assert [each.subject for each in there.desk.custody.reviews(chief)] == [sent.mid]
    with pytest.raises(InvalidInputError, match="one more period"):
        there.desk.custody.keep(
            chief, sent.mid, until=Instant(world.clock.now() + 2 * YEARS), reasons="For ever."
        )
    until = Instant(row.erase_by + 90 * DAY)
    there.desk.custody.keep(chief, sent.mid, until=until, reasons="The appeal is open.")
    assert tasks(there, "review") == []
    assert leaves(there)[-1] == "assessed"
    world.clock.advance(row.erase_by - world.clock.now())
    assert there.desk.custody.erase_due() == 0
    world.clock.advance(until - world.clock.now())
    assert there.desk.custody.erase_due() == 1


def test_nobody_below_a_decider_keeps_anything_and_nothing_in_bulk(world: World) -> None:
    there, sent = world.residents[A], told(world)
    until = Instant(world.clock.now() + DAY)
    for seat in ("officer", "analyst", "engineer"):
        with pytest.raises(AuthorisationError):
            there.desk.custody.keep(there.actor(seat), sent.mid, until=until, reasons="x")
    for subject in ("", "*", "s-none"):
        with pytest.raises(NotFoundError):
            there.desk.custody.keep(
                there.actor("supervisor"), subject, until=until, reasons="All of it."
            )
    bound = replace(there.actor("supervisor"), case="2026-0000000000")
    (row,) = timers(there)
    with pytest.raises(AuthorisationError, match="case"):
        there.desk.custody.keep(
            bound, sent.mid, until=Instant(row.erase_by + DAY), reasons="Elsewhere."
        )
    assert timers(there) == [row]


def test_what_is_challenged_waits_for_its_challenge(world: World) -> None:
    here, there, sent = world.residents[N], world.residents[A], told(world)
    case = case_of(there, sent.mid)
    letter = reply(case, "challenge", about=sent.mid, ground="inaccurate", by="officer")
    send(there, letter)
    world.run()
    (row,) = timers(there)
    world.clock.advance(row.erase_by - world.clock.now())
    assert there.desk.custody.erase_due() == 0
    assert received(there, sent.mid).state == "filed"
    assert timers(here) == []


def test_a_question_has_no_timer_beside_its_own(world: World) -> None:
    ask(world)
    assert timers(world.residents[A]) == []


def test_what_is_erased_is_kept_by_nobody(world: World) -> None:
    there, sent = world.residents[A], told(world)
    (row,) = timers(there)
    world.clock.advance(row.erase_by - world.clock.now())
    with pytest.raises(StateError, match="over"):
        there.desk.custody.keep(
            there.actor("rights"), sent.mid, until=Instant(row.erase_by + DAY), reasons="Late."
        )
    there.desk.correspondence.erase(there.actor("rights"), sent.mid)
    assert there.desk.custody.erase_due() == 1
    assert timers(there) == []
    assert leaves(there).count("erased") == 1


def test_a_statement_is_kept_by_the_same_decision(world: World) -> None:
    there = world.residents[A]
    hold_anna(there)
    world.clock.advance(200 * DAY)
    chief = there.actor("supervisor")
    names = [row.subject for row in there.desk.custody.reviews(chief)]
    assert sorted(names) == ["s-birthDate", "s-name"]
    until = Instant(world.clock.now() + 300 * DAY)
    done = there.desk.custody.keep(chief, "s-name", until=until, reasons="Still wanted.")
    assert (done.sort, done.erase_by, done.case) == ("statement", until, "")
    assert [row.subject for row in there.desk.custody.reviews(chief)] == ["s-birthDate"]
    # A statement has no case in which it could be anybody's task.
    there.desk.custody.erase_due()
    assert tasks(there, "review") == []
