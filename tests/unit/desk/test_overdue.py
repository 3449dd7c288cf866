"""What time brings where somebody was there before it."""

from tests.scenarios.stage import (
    A,
    N,
    a_world,
    ask,
    case_of,
    leaves,
    reply,
    send,
    tasks,
    the_case,
)

from comity.core.clock import DAY, HOUR


def test_a_stop_that_both_sides_lifted_does_not_lapse_as_well() -> None:
    world = a_world()
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    case = case_of(there, sent.mid)
    stop = send(there, reply(case, "stop", ground="error"))
    world.run()
    send(there, reply(case, "lift", about=stop.mid), seat="supervisor")
    world.run()
    send(here, reply(sent.case, "lift", about=stop.mid), seat="supervisor")
    world.run()
    lifted = leaves(here).count("lifted")
    world.clock.advance(5 * DAY)
    for resident in (here, there):
        resident.desk.overdue(lambda: 0)
    assert leaves(here).count("lifted") == lifted
    assert the_case(here, sent.case).state == "open"
    assert tasks(there, "confirm-stop") == []


def test_the_partners_stop_lapses_and_ones_own_still_awaits_its_second_person() -> None:
    world = a_world()
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    send(there, reply(case_of(there, sent.mid), "stop", ground="error"))
    world.run()
    world.clock.advance(DAY)
    world.meet()
    world.clock.advance(6 * HOUR)
    send(here, reply(sent.case, "stop", ground="error"))
    world.clock.advance(67 * HOUR)
    here.desk.overdue(lambda: 0)
    assert the_case(here, sent.case).state.startswith("stopped/")
    assert len(tasks(here, "confirm-stop")) == 1


def test_what_was_escalated_stays_with_the_supervisor_until_it_is_done() -> None:
    world = a_world()
    there = world.residents[A]
    ask(world)
    world.clock.advance(200 * HOUR)
    for _ in range(3):
        there.desk.overdue(lambda: 1)
    assert len(tasks(there, "overdue")) == 1
