"""An emergency goes first; another person validates it in time, or it goes back by itself."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    FACTS,
    NORLAND,
    A,
    N,
    inbox,
    leaves,
    opened,
    outbox,
    question,
    received,
    send,
    sure,
    tasks,
)

from comity.adapters.world import Resident, World, make_world
from comity.core.clock import HOUR, MINUTE
from comity.core.errors import AuthorisationError, NotFoundError, StateError
from comity.core.ids import PersonId, RecordId
from comity.desk import NotSent, Sent
from comity.exchange import DecisionRow
from comity.law import load_corpus, shipped_packs
from comity.ledger import LeafType
from comity.node.bootstrap import shipped_practices

TERMS = b"""
pack: haste
version: "1"
title: A term of fictional states with an emergency path
demonstration: "yes"
rules:
  - id: haste-1
    role: term
    text: the state it came from has authorised the transfer
    cite: Treaty of Haste, art. 1
    evidence: seen
    where: [{originator: XN}, suspect_fled]
    when: derogation_applies
    lifted_by: [legal]
    emergency: [immediate_threat, no_time_for_authorisation]
    obligations:
      - {code: ValidateAfterwards, detail: "have it validated, or recall it", within: 48 h}
"""
HASTE: Mapping[str, bool | None] = {
    **FACTS,
    "suspect_fled": True,
    "derogation_applies": False,
    "immediate_threat": True,
    "no_time_for_authorisation": True,
}


def emergency_world() -> World:
    corpus = load_corpus({**shipped_packs(), "haste.yaml": TERMS})
    return make_world((NORLAND, ARCADIA), practices=shipped_practices(), corpus=corpus)


@pytest.fixture
def world() -> World:
    return emergency_world()


def hasten(world: World) -> Sent:
    sent = send(world.residents[N], replace(question(), facts=HASTE))
    world.run()
    return sent


def wait(world: World, hours: int) -> None:
    for _ in range(hours):
        world.clock.advance(HOUR)
        world.meet()
        for here in world.residents.values():
            here.desk.overdue(lambda: 0)
    world.run()


def validate(here: Resident, mid: str, *, seat: str = "legal") -> None:
    here.desk.validate(here.actor(seat), mid, reasons="the threat was real")


def test_an_emergency_leaves_a_duty_to_validate_it_with_the_laws_own_deadline(
    world: World,
) -> None:
    here = world.residents[N]
    sent = hasten(world)
    (task,) = tasks(here, "validate")
    assert task.seat == "legal"
    assert task.due is not None
    assert 48 * HOUR - MINUTE < task.due - task.created <= 48 * HOUR
    assert opened(here, sent.mid).validate_by == task.due


def test_what_nobody_validated_recalls_by_itself_and_the_partner_complies(
    world: World,
) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = hasten(world)
    wait(world, 47)
    assert outbox(here, sent.mid).recalled_at is None
    wait(world, 1)
    assert outbox(here, sent.mid).recalled_at is not None
    assert leaves(here).count("recall") == 1
    assert received(there, sent.mid).state == "recalled"
    assert opened(there, sent.mid).content is None
    (recall,) = [row for row in inbox(there) if row.kind == "requests.recall/1"]
    sure(there.desk.correspondence.comply(there.actor("officer"), recall.mid.hex()))
    world.run()
    assert received(there, sent.mid).state == "erased"
    assert outbox(here, sent.mid).complied_at is not None
    assert tasks(here, "validate") == []
    wait(world, 60)
    assert leaves(here).count("recall") == 1


def test_what_was_validated_in_time_stays(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = hasten(world)
    wait(world, 47)
    validate(here, sent.mid)
    assert leaves(here)[-1] == LeafType.LIFTED.name.lower()
    wait(world, 48)
    assert outbox(here, sent.mid).recalled_at is None
    assert received(there, sent.mid).state == "filed"
    with pytest.raises(StateError, match="awaits no validation"):
        validate(here, sent.mid)


def test_nobody_validates_their_own_emergency_from_whatever_seat(world: World) -> None:
    here = world.residents[N]
    sent = hasten(world)
    sender = here.actor("officer")
    with pytest.raises(AuthorisationError):
        here.desk.validate(sender, sent.mid)
    everything = replace(sender, seats=frozenset({"officer", "legal", "supervisor"}))
    with pytest.raises(AuthorisationError, match="another than its sender"):
        here.desk.validate(everything, sent.mid)
    assert len(tasks(here, "validate")) == 1


@pytest.mark.parametrize("seat", ["officer", "analyst", "rights", "admin", "engineer"])
def test_no_other_seat_validates(world: World, seat: str) -> None:
    here = world.residents[N]
    sent = hasten(world)
    with pytest.raises(AuthorisationError):
        validate(here, sent.mid, seat=seat)


def test_a_supervisor_may_validate(world: World) -> None:
    here = world.residents[N]
    validate(here, hasten(world).mid, seat="supervisor")
    assert tasks(here, "validate") == []


def test_after_its_time_nobody_validates_even_before_the_clock_has_acted(
    world: World,
) -> None:
    here = world.residents[N]
    sent = hasten(world)
    world.clock.advance(48 * HOUR)
    with pytest.raises(StateError, match="time to validate it is over"):
        validate(here, sent.mid)


def test_what_owes_no_validation_is_not_validated(world: World) -> None:
    here = world.residents[N]
    letter = replace(question(), facts={**HASTE, "derogation_applies": True})
    sent = send(here, letter)
    assert tasks(here, "validate") == []
    with pytest.raises(StateError):
        validate(here, sent.mid)
    with pytest.raises(NotFoundError):
        validate(here, "00" * 16)


def test_a_token_of_another_case_validates_nothing(world: World) -> None:
    here = world.residents[N]
    sent = hasten(world)
    bound = replace(here.actor("legal"), case="2026-0000000000")
    with pytest.raises(AuthorisationError):
        here.desk.validate(bound, sent.mid)


def test_where_the_draft_is_gone_its_sender_is_still_known(world: World) -> None:
    here = world.residents[N]
    sent = hasten(world)
    made = here.store.read(lambda r: r.get(DecisionRow, outbox(here, sent.mid).decision))
    assert made is not None
    record, at = RecordId(made.record_id), here.clock.now()
    here.store.commit(lambda tx: here.safe.erase(tx, record, at=at)).result()
    sender = replace(here.actor("officer"), seats=frozenset({"legal"}))
    with pytest.raises(AuthorisationError, match="another than its sender"):
        here.desk.validate(sender, sent.mid)
    validate(here, sent.mid)


def test_what_was_sealed_anew_keeps_the_deadline_of_the_first(world: World) -> None:
    here = world.residents[N]
    world.rotate(A)
    sent = send(here, replace(question(), facts=HASTE))
    first = outbox(here, sent.mid)
    (task,) = tasks(here, "validate")
    world.clock.advance(HOUR)
    world.run()
    again = outbox(here, sent.mid).replaced_by
    assert again is not None
    (moved,) = tasks(here, "validate")
    assert moved.task == f"{again.hex()}-validate"
    assert moved.due == task.due
    assert first.person == PersonId(here.actor("officer").person)
    validate(here, again.hex())


def test_a_term_that_a_person_lifted_took_no_emergency_path(world: World) -> None:
    here = world.residents[N]
    unknown = {**HASTE, "suspect_fled": None, "immediate_threat": False}
    officer = here.actor("officer")
    found = here.desk.correspondence.send(officer, replace(question(), facts=unknown))
    assert isinstance(found, NotSent)
    legal = here.actor("legal")
    sure(here.desk.correspondence.resume(legal, found.reference, lift=("haste-1",)))
    assert tasks(here, "validate") == []
