"""What waits for a person is taken up once, by one person, while there is anything left."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    NORLAND,
    A,
    N,
    ask,
    case_of,
    question,
    received,
    reply,
)
from typing_extensions import override

from comity.adapters.memory import MemoryStore
from comity.adapters.world import Resident, World, make_world
from comity.core.errors import InvalidInputError, NotFoundError, StateError
from comity.core.ids import RecordId
from comity.core.store import T, Transaction
from comity.desk import AwaitsSecond, NotSent
from comity.law import shipped_corpus
from comity.node.bootstrap import shipped_practices


class CrowdedStore(MemoryStore):
    """A store at which somebody else's unit runs first, between one's reading and writing."""

    def __init__(self) -> None:
        super().__init__()
        self.first: list[Callable[[], object]] = []

    @override
    def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]":
        if self.first:
            self.first.pop()()
        return super().commit(unit)


@pytest.fixture
def world() -> World:
    return make_world(
        (NORLAND, ARCADIA),
        practices=shipped_practices(),
        corpus=shipped_corpus(),
        stores=lambda _node: CrowdedStore(),
    )


def before(here: Resident, act: Callable[[], object]) -> None:
    assert isinstance(here.store, CrowdedStore)
    here.store.first.append(act)


def held(world: World) -> tuple[Resident, str]:
    """Let a challenge's answer wait at Norland for its second person."""
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    body = {"about": sent.mid, "ground": "inaccurate", "by": "officer"}
    letter = reply(case_of(there, sent.mid), "challenge", **body)
    there.desk.correspondence.send(there.actor("officer"), letter)
    world.run()
    (task,) = here.desk.reading.case(here.actor("officer"), sent.case).tasks
    challenge = task.task.removesuffix("-challenge")
    letter = reply(sent.case, "challenge-answer", about=challenge, outcome="upheld")
    waits = here.desk.correspondence.send(here.actor("supervisor"), letter)
    assert isinstance(waits, AwaitsSecond)
    return here, waits.pending


def referred(world: World) -> tuple[Resident, str]:
    here = world.residents[N]
    letter = question()
    letter = replace(letter, facts={**letter.facts, "free_text_sensitive": None})
    outcome = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(outcome, NotSent)
    return here, outcome.reference


def test_what_nobody_ever_held_is_not_found(world: World) -> None:
    here = world.residents[N]
    letters, officer = here.desk.correspondence, here.actor("officer")
    with pytest.raises(NotFoundError, match="nothing waits"):
        letters.confirm(officer, "0" * 32)
    with pytest.raises(NotFoundError, match="no decision"):
        letters.abandon(officer, "0" * 32)


def test_a_confirmation_that_another_person_overtakes_sends_nothing(world: World) -> None:
    here, pending = held(world)
    letters, sent = here.desk.correspondence, len(world.outbox(N))
    before(here, lambda: letters.drop(here.actor("officer", "quick"), pending))
    with pytest.raises(StateError, match="another person has taken this act up"):
        letters.confirm(here.actor("rights"), pending)
    assert len(world.outbox(N)) == sent


def test_a_referral_given_up_twice_is_given_up_by_the_first(world: World) -> None:
    here, reference = referred(world)
    letters = here.desk.correspondence
    before(here, lambda: letters.abandon(here.actor("officer", "quick"), reference))
    with pytest.raises(StateError, match="another person has taken this referral up"):
        letters.abandon(here.actor("officer"), reference)
    assert letters.referrals(here.actor("officer")) == ()


def test_a_draft_that_was_erased_is_neither_shown_nor_confirmed(world: World) -> None:
    here, pending = held(world)
    letters = here.desk.correspondence
    (row,) = letters.awaiting(here.actor("officer"))
    assert here.desk.holdings.erase(here.actor("rights"), RecordId(row.record_id))
    with pytest.raises(NotFoundError, match="erased"):
        letters.pending_draft(here.actor("officer"), pending)
    with pytest.raises(NotFoundError, match="erased"):
        letters.confirm(here.actor("rights"), pending)


def test_only_a_rule_of_the_packs_can_be_lifted(world: World) -> None:
    here, reference = referred(world)
    with pytest.raises(NotFoundError, match="no rule `everything`"):
        here.desk.correspondence.resume(here.actor("legal"), reference, lift=("everything",))
    assert world.outbox(N) == []


def test_two_persons_who_open_a_message_at_once_are_one_opening(world: World) -> None:
    there = world.residents[A]
    mid = ask(world).mid
    reading = there.desk.reading
    before(there, lambda: reading.message(there.actor("officer", "quick"), mid))
    assert reading.message(there.actor("officer"), mid).content is not None
    assert received(there, mid).seen_by == there.actor("officer", "quick").person
    assert [row.kind for row in world.outbox(A)] == ["requests.seen/1"]


def test_nothing_unknown_is_recalled_opened_or_shown(world: World) -> None:
    here = world.residents[N]
    with pytest.raises(NotFoundError):
        here.desk.correspondence.owed.not_confirmed("0" * 32)
    with pytest.raises(NotFoundError):
        here.desk.reading.message(here.actor("officer"), "0" * 32)


def test_a_first_letter_names_its_recipient_and_a_later_one_a_case_that_is(
    world: World,
) -> None:
    here = world.residents[N]
    officer, letters = here.actor("officer"), here.desk.correspondence
    with pytest.raises(InvalidInputError, match="names its recipient"):
        letters.preview(officer, replace(question(), recipient=None))
    with pytest.raises(InvalidInputError, match="its purpose"):
        letters.preview(officer, replace(question(), purpose=""))
    with pytest.raises(NotFoundError, match="no case `2026-none`"):
        letters.preview(officer, reply("2026-none", "withdraw", reason="sent-in-error"))


def test_what_was_recalled_cannot_be_passed_on(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    letter = question(NORLAND, follows=sent.mid)
    passed = there.desk.correspondence.preview(there.actor("officer"), letter).draft
    assert passed.handling.tlp == letter.handling.tlp
    recall = reply(sent.case, "recall", about=sent.mid, ground="unlawful")
    here.desk.correspondence.send(here.actor("officer"), recall)
    world.run()
    with pytest.raises(NotFoundError, match="passed on any more"):
        there.desk.correspondence.preview(there.actor("officer"), letter)
