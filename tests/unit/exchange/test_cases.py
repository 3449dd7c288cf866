"""A case stays what it was opened as."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    NORLAND,
    A,
    Forged,
    N,
    ask,
    case_of,
    code,
    take,
    the_case,
)

from comity.adapters.world import World, make_world
from comity.law import shipped_corpus
from comity.node.bootstrap import shipped_practices
from comity.practice import Practice


def other(name: str) -> str:
    return name.replace("requests.", "alarms.")


def another(practice: Practice) -> Practice:
    """Make a second practice of the same steps under a name of its own."""
    return replace(
        practice,
        name="alarms",
        command="alarms",
        kinds=tuple(replace(kind, name=other(kind.name)) for kind in practice.kinds),
        steps=tuple(replace(step, kind=other(step.kind)) for step in practice.steps),
        pages=(),
        forms=(),
    )


@pytest.fixture
def world() -> World:
    (practice,) = shipped_practices()
    return make_world(
        (NORLAND, ARCADIA), practices=(practice, another(practice)), corpus=shipped_corpus()
    )


def test_a_case_takes_no_message_of_another_practice(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    before = the_case(there, case_of(there, sent.mid))
    strayed = Forged(
        kind="alarms.withdraw/1",
        body={"reason": "sent-in-error"},
        conv=the_case(here, sent.case).conv,
    )
    assert code(take(there, strayed.seal(world))) == "not-admitted"
    assert the_case(there, case_of(there, sent.mid)) == before
