"""Thrift mode: the beat holds whoever wakes a worker, and a failure costs no whole beat."""

import pytest
from tests.unit.node.ground import CONTACT, NORLAND, Town

from comity.adapters.memory import FixedClock
from comity.core.clock import HOUR, MINUTE, Instant
from comity.core.errors import UnreachableError
from comity.node.beginning import make_request, read_request
from comity.node.config import read_config
from comity.node.office import open_office
from comity.node.settings import Line
from comity.node.thrift import paced, poll_wait

THIN = Line(mode="thrift")


class Counted:
    def __init__(self) -> None:
        self.runs, self.fails = 0, False

    def __call__(self) -> bool:
        self.runs += 1
        if self.fails:
            raise UnreachableError("no line")
        return True


def test_a_step_runs_once_a_beat_however_often_it_is_woken() -> None:
    clock, step = FixedClock(Instant(1_780_000_000_000)), Counted()
    beat = paced("directory", step, line=THIN, clock=clock)
    assert [beat() for _ in range(5)] == [False] * 5
    assert step.runs == 1
    clock.advance(6 * HOUR - 1)
    beat()
    assert step.runs == 1
    clock.advance(1)
    beat()
    assert step.runs == 2


def test_what_failed_is_tried_again_before_the_next_beat() -> None:
    clock, step = FixedClock(Instant(1_780_000_000_000)), Counted()
    beat = paced("directory", step, line=THIN, clock=clock)
    step.fails = True
    with pytest.raises(UnreachableError):
        beat()
    beat()
    assert step.runs == 1
    clock.advance(5 * MINUTE)
    step.fails = False
    beat()
    assert step.runs == 2


def test_a_clock_set_back_does_not_stop_the_beat() -> None:
    clock, step = FixedClock(Instant(1_780_000_000_000)), Counted()
    beat = paced("ledger", step, line=THIN, clock=clock)
    beat()
    clock.advance(-365 * 24 * HOUR)
    beat()
    assert step.runs == 2


def test_what_is_carried_for_people_and_a_good_line_are_never_held_back() -> None:
    clock, step = FixedClock(Instant(1_780_000_000_000)), Counted()
    assert paced("delivery", step, line=THIN, clock=clock) is step
    assert paced("directory", step, line=Line(), clock=clock) is step


def test_an_asking_for_mail_stays_open_longer_on_a_thin_line() -> None:
    assert [poll_wait(Line(), 50), poll_wait(THIN, 50), poll_wait(THIN, 1_800)] == [
        50,
        900,
        1_800,
    ]


def test_a_node_on_a_thin_line_offers_itself_as_no_witness(town: Town) -> None:
    home = town.node(NORLAND)
    with (home / "node.toml").open("a") as file:
        file.write('\n[line]\nmode = "thrift"\nmedia = ["xc.police.n1"]\nprekey_days = 30\n')
    assert read_config(home).line == Line(
        mode="thrift", media=("xc.police.n1",), prekey_days=30
    )
    office = open_office(home)
    try:
        asked = read_request(make_request(office.config, office.keyring, contact=CONTACT))
        federation = office.register.current().federation
        (node,) = asked.document(federation, at=office.clock.now()).nodes
    finally:
        office.close()
    assert node.witness_vkeys == ()
