"""What a member's standing holds back, and what always passes."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    NORLAND,
    A,
    Forged,
    N,
    a_world,
    ask,
    code,
    inbox,
    question,
    received,
    send,
    take,
    warning,
)

from comity.adapters.world import World
from comity.core.clock import DAY, Instant
from comity.core.errors import StateError
from comity.core.ids import member_id
from comity.exchange import passage
from comity.message import Setting, handling
from comity.trust import MemberEntry, Standing, Suspension

XA, XN = member_id("xa"), member_id("xn")


@pytest.fixture
def world() -> World:
    return a_world()


def stand(world: World, member: str, standing: Standing) -> None:
    """Let the directory say where a member stands, as its signers would."""
    now, name = world.clock.now(), member_id(member)
    entry = world.directory.entries[name]
    changed: dict[Standing, MemberEntry] = {
        Standing.MEMBER: entry,
        Standing.CANDIDATE: replace(entry, is_candidate=True),
        Standing.SUSPENDED: replace(
            entry,
            suspensions=(
                Suspension(since=now, until=Instant(now + 10 * DAY), ground="conduct"),
            ),
        ),
        Standing.CLOSED: replace(entry, closed=now),
        Standing.LEFT: replace(entry, left=now),
    }
    entries = {**world.directory.entries, name: changed[standing]}
    world.directory = replace(world.directory, entries=entries)


def held_back(world: World, kind: str, *, marking: str = "TLP:AMBER") -> str | None:
    body = {"about": "x", "ground": "unlawful"} if ".recall" in kind else {}
    return passage.refusal(
        world.registry.kind(kind),
        body,
        setting=handling(marking).setting,
        agencies=(NORLAND, ARCADIA),
        directory=world.directory,
        at=world.clock.now(),
    )


@pytest.mark.parametrize(
    ("standing", "question", "exercise", "recall"),
    [
        (Standing.MEMBER, None, None, None),
        (Standing.CANDIDATE, "exercise-only", None, "exercise-only"),
        (Standing.SUSPENDED, "suspended", "suspended", None),
        (Standing.LEFT, "suspended", "suspended", None),
        (Standing.CLOSED, "suspended", "suspended", "suspended"),
    ],
)
def test_what_passes_by_standing(
    standing: Standing,
    question: str | None,
    exercise: str | None,
    recall: str | None,
) -> None:
    for member in ("xa", "xn"):
        other = a_world()
        stand(other, member, standing)
        assert held_back(other, "requests.ask/1") == question
        assert held_back(other, "requests.ask/1", marking="TLP:AMBER EXERCISE") == exercise
        assert held_back(other, "requests.recall/1") == recall


def test_a_recall_that_carries_a_new_value_is_a_disclosure_like_any_other(world: World) -> None:
    stand(world, "xa", Standing.SUSPENDED)
    assert (
        passage.refusal(
            world.registry.kind("requests.correct/1"),
            {"about": "x", "ground": "wrong-value", "entity": {}},
            setting=Setting.REAL,
            agencies=(NORLAND, ARCADIA),
            directory=world.directory,
            at=world.clock.now(),
        )
        == "suspended"
    )


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.LEFT, Standing.CLOSED])
def test_a_question_of_a_suspended_member_is_rejected(world: World, standing: Standing) -> None:
    sealed = Forged().seal(world)
    stand(world, "xn", standing)
    expected = "unknown-sender" if standing is Standing.CLOSED else "suspended"
    assert code(take(world.residents[A], sealed)) == expected


def test_a_candidate_sends_nothing_real(world: World) -> None:
    sealed = Forged().seal(world)
    stand(world, "xn", Standing.CANDIDATE)
    assert code(take(world.residents[A], sealed)) == "exercise-only"


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing.CANDIDATE, "exercise mode only"),
        (Standing.SUSPENDED, "nothing of this kind"),
        (Standing.LEFT, "nothing of this kind"),
        (Standing.CLOSED, "nothing of this kind"),
    ],
)
def test_nothing_is_sealed_to_a_member_that_may_not_have_it(
    world: World, standing: Standing, words: str
) -> None:
    stand(world, "xa", standing)
    with pytest.raises(StateError, match=words):
        ask(world)
    assert not world.outbox(N)


def test_a_warning_of_danger_to_life_passes_a_suspension_both_ways(world: World) -> None:
    stand(world, "xa", Standing.SUSPENDED)
    sent = send(world.residents[N], warning())
    world.run()
    assert received(world.residents[A], sent.mid).kind == "requests.warning/1"


def test_what_was_queued_leaves_no_more_once_the_partners_keys_are_stolen(
    world: World,
) -> None:
    send(world.residents[N], question())
    stand(world, "xa", Standing.CLOSED)
    assert world.run() == 0
    assert [row.state for row in world.outbox(N)] == ["queued"]
    assert not inbox(world.residents[A])
