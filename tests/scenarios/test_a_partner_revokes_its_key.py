"""A partner revoked its node key: nothing is lost, and nobody seals to the old key."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    A,
    N,
    a_world,
    ask,
    inbox,
    leaves,
    outbox,
    question,
    tasks,
)

from comity.adapters.world import World
from comity.core.clock import DAY, HOUR
from comity.core.errors import ConflictError, StateError, UnreachableError
from comity.core.ids import MemberId
from comity.core.store import eq
from comity.desk import AwaitsKey, Outcome
from comity.desk import kept as keeping
from comity.exchange import DecisionRow, Releasable, outbound
from comity.exchange.addressing import address
from comity.node.partners_prekeys import known_prekeys
from comity.seal import SigningKey, read_answer
from comity.trust import DatedKey


@pytest.fixture
def world() -> World:
    return a_world()


def list_keys(world: World, *keys: DatedKey) -> None:
    member = MemberId("xa")
    held = world.directory.entries[member]
    nodes = tuple(replace(each, keys=keys) for each in held.document.nodes)
    document = replace(held.document, nodes=nodes)
    entries = {**world.directory.entries, member: replace(held, document=document)}
    version = world.directory.version + 1
    world.directory = replace(world.directory, entries=entries, version=version)


def revoke(world: World) -> SigningKey:
    """List Arcadia's key as revoked, and a new one beside it that signed no prekey yet."""
    (old,) = world.directory.node(A).keys
    now, fresh = world.clock.now(), SigningKey.generate(world.entropy)
    list_keys(
        world, replace(old, revoked=now), DatedKey(key=fresh.public, since=now, until=None)
    )
    return fresh


def renew(world: World, fresh: SigningKey) -> None:
    there = world.residents[A]
    there.station = replace(there.station, signer=lambda: fresh)
    world.rotate(A)
    world.meet()


def write(world: World) -> Outcome:
    here = world.residents[N]
    return here.desk.correspondence.send(here.actor("officer"), question())


def waits(world: World) -> AwaitsKey:
    found = write(world)
    assert isinstance(found, AwaitsKey), found
    return found


def row_of(world: World, found: AwaitsKey) -> DecisionRow:
    row = world.residents[N].store.read(lambda r: r.get(DecisionRow, found.reference))
    assert row is not None
    return row


def later(world: World) -> bool:
    world.clock.advance(HOUR)
    return world.residents[N].desk.overdue(lambda: 0)


def test_what_waits_for_a_new_key_goes_by_itself_once_and_by_the_road(world: World) -> None:
    here, fresh = world.residents[N], revoke(world)
    found = waits(world)
    assert world.outbox(N) == []
    assert row_of(world, found).state == "awaits-key"
    (task,) = tasks(here, "awaits-key")
    assert (task.case, task.person) == (found.case, f"{here.agency}/firstofficer")
    assert not later(world)
    world.restart(N)
    renew(world, fresh)
    assert later(world)
    later(world)
    (sent,) = world.outbox(N)
    assert sent.decision != found.reference
    assert leaves(world.residents[N]).count("permitted") == 2
    assert tasks(world.residents[N], "awaits-key") == []
    world.run()
    assert len(inbox(world.residents[A])) == 1


def test_the_new_key_is_asked_for_though_the_old_prekey_is_in_date(world: World) -> None:
    here = world.residents[N]
    assert A in here.store.read(lambda r: known_prekeys(r, here.station))
    fresh = revoke(world)
    assert A not in here.store.read(lambda r: known_prekeys(r, here.station))
    renew(world, fresh)
    assert A in here.store.read(lambda r: known_prekeys(r, here.station))
    world.directory = replace(world.directory, entries={})
    assert not here.store.read(lambda r: known_prekeys(r, here.station))


def test_the_law_may_have_changed_while_it_waited(world: World) -> None:
    here, fresh = world.residents[N], revoke(world)
    found = waits(world)
    world.corpus = replace(world.corpus, rules=())
    renew(world, fresh)
    assert later(world)
    assert world.outbox(N) == []
    assert row_of(world, found).state == "resumed"
    assert leaves(here)[-1] == "denied"
    (task,) = tasks(here, "undelivered")
    assert task.case == found.case


def test_what_cannot_leave_is_tried_again_later_and_ends_as_work_for_a_person(
    world: World,
) -> None:
    here, fresh = world.residents[N], revoke(world)
    found = waits(world)
    renew(world, fresh)
    row = row_of(world, found)
    here.store.commit(lambda tx: tx.put(replace(row, record_id="gone"))).result()
    assert later(world)
    assert row_of(world, found).due == world.clock.now() + keeping.RETRY
    assert not here.desk.overdue(lambda: 0)
    world.clock.advance(14 * DAY)
    assert here.desk.overdue(lambda: 0)
    assert row_of(world, found).state == "dropped"
    assert tasks(here, "awaits-key") == []
    assert [task.case for task in tasks(here, "undelivered")] == [found.case]


def test_what_a_worker_owes_is_not_kept_twice(world: World) -> None:
    here = world.residents[N]
    sent = ask(world)
    revoke(world)
    with pytest.raises(UnreachableError, match="new prekey"):
        here.desk.correspondence.owed.not_confirmed(sent.mid)
    assert here.store.read(lambda r: r.find(DecisionRow, eq("state", "awaits-key"))) == []


def test_one_permit_is_kept_once(world: World) -> None:
    here = world.residents[N]
    revoke(world)
    actor = here.actor("officer")
    draft = here.desk.correspondence.preview(actor, question()).draft
    act = actor.act(frozenset({"officer"}), at=draft.at)
    step = outbound.decide(draft, act, here.station).result()
    assert isinstance(step, Releasable)
    here.store.commit(lambda tx: keeping.keep(tx, step, at=draft.at)).result()
    with pytest.raises(ConflictError):
        here.store.commit(lambda tx: keeping.keep(tx, step, at=draft.at)).result()


def test_a_kept_act_is_kept_once_and_taken_up_once(world: World) -> None:
    here, fresh = world.residents[N], revoke(world)
    found = waits(world)
    row, now = row_of(world, found), world.clock.now()
    renew(world, fresh)
    assert later(world)
    with pytest.raises(StateError):
        here.store.commit(lambda tx: keeping.take_up(tx, row, "resumed", at=now)).result()
    here.store.commit(lambda tx: keeping.put_off(tx, row, at=now)).result()
    assert row_of(world, found).state == "resumed"


def test_nothing_is_sealed_to_what_a_revoked_key_offered(world: World) -> None:
    here = world.residents[N]
    revoke(world)
    with pytest.raises(UnreachableError, match="revoked its key"):
        here.store.read(lambda r: address(r, ARCADIA, station=here.station))


def test_a_receipt_of_a_revoked_key_is_given_anew_by_the_next(world: World) -> None:
    here = world.residents[N]
    lost = iter([True])
    world.lose_answers = lambda: next(lost, False)
    sent = ask(world)
    assert outbox(here, sent.mid).state == "queued"
    fresh = revoke(world)
    renew(world, fresh)
    world.run()
    row = outbox(here, sent.mid)
    assert row.state == "receipted"
    assert row.receipt is not None
    assert read_answer(row.receipt).kid == fresh.public.kid
    assert len(inbox(world.residents[A])) == 1
