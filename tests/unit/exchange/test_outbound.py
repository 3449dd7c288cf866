"""The guards of the outbound road, each broken from outside."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    NORLAND,
    A,
    N,
    a_world,
    leaves,
    outbox,
    question,
    received,
    send,
    sure,
)

from comity.adapters.world import World
from comity.core.errors import ConflictError, NotFoundError, StateError
from comity.core.ids import AgencyId, NodeId, member_of
from comity.desk import Correspondence, Joint
from comity.desk.letters import open_case
from comity.exchange import Act, Releasable, Sealed, Station, outbound
from comity.law import Corpus, load_corpus, shipped_packs
from comity.message import handling
from comity.seal import SigningKey


@pytest.fixture
def world() -> World:
    return a_world()


def released(world: World, station: Station | None = None) -> Releasable:
    here = world.residents[N]
    preview = here.desk.correspondence.preview(here.actor("officer"), question())
    act = Act(
        person=here.actor("officer").person, seat="officer", session="s", at=preview.draft.at
    )
    step = outbound.decide(preview.draft, act, station or here.station).result()
    assert isinstance(step, Releasable)
    here.store.commit(
        lambda tx: open_case(tx, preview.draft, act=act, station=here.station)
    ).result()
    return step


def sealed(world: World, step: Releasable) -> Sealed:
    return outbound.seal(outbound.mark(step), world.residents[N].station)


def test_one_permit_carries_one_message(world: World) -> None:
    here, step = world.residents[N], released(world)
    outbound.log(sealed(world, step), here.station).result()
    with pytest.raises(ConflictError, match="has been used"):
        outbound.log(sealed(world, step), here.station).result()
    assert leaves(here).count("sent") == 1


def test_a_permit_nobody_gave_carries_nothing(world: World) -> None:
    step = replace(released(world), reference="0" * 32)
    with pytest.raises(ConflictError):
        outbound.log(sealed(world, step), world.residents[N].station).result()


EMPTY = b'pack: zz\nversion: "1"\ntitle: Nothing more\nrules: []\n'


def other_law() -> Corpus:
    return load_corpus({**shipped_packs(), "zz.yaml": EMPTY})


def test_law_that_changed_since_the_decision_stops_the_message(world: World) -> None:
    here, step = world.residents[N], released(world)
    copy = sealed(world, step)
    world.corpus = other_law()
    with pytest.raises(ConflictError, match="law or directory changed"):
        outbound.log(copy, here.station).result()
    assert "sent" not in leaves(here)
    assert world.outbox(N) == []


class Turning:
    """Law that changes while a message is sealed, so many times."""

    def __init__(self, world: World, times: int) -> None:
        self._world, self._times = world, times
        self._laws = [world.corpus, other_law()]

    def turn(self) -> None:
        if self._times:
            self._times -= 1
            self._laws.reverse()
            self._world.corpus = self._laws[0]


def turning(world: World, times: int) -> Correspondence:
    here, turn = world.residents[N], Turning(world, times)

    def key(agency: AgencyId) -> SigningKey:
        del agency
        turn.turn()
        return here.keys.agency

    station = replace(here.station, agency_key=key)
    joint = Joint(station, NORLAND, opened=lambda _actor, _mid: None, kick=lambda: None)
    return Correspondence(station, NORLAND, joint=joint, kick=lambda: None)


def test_the_law_is_asked_again_where_it_changed_under_way(world: World) -> None:
    here = world.residents[N]
    sent = sure(turning(world, 1).send(here.actor("officer"), question()))
    assert leaves(here) == ["permitted", "permitted", "sent"]
    assert outbox(here, sent.mid).state == "queued"


def test_law_that_keeps_changing_sends_nothing(world: World) -> None:
    here = world.residents[N]
    with pytest.raises(ConflictError, match="keeps changing"):
        turning(world, 9).send(here.actor("officer"), question())
    assert leaves(here) == ["permitted"] * 3


def test_a_recipient_is_shown_its_own_place_on_a_release_list_alone(world: World) -> None:
    letter = replace(question(), handling=handling("TLP:AMBER REL:xa,xn ORCON:xn.police"))
    here, there = world.residents[N], world.residents[A]
    preview = here.desk.correspondence.preview(here.actor("officer"), letter)
    act = Act(
        person=here.actor("officer").person, seat="officer", session="s", at=preview.draft.at
    )
    step = outbound.decide(preview.draft, act, here.station).result()
    assert isinstance(step, Releasable)
    marked = outbound.mark(step)
    assert str(marked.content.handling).count("REL:xa ") == 1
    assert marked.content.handling.is_within(letter.handling)
    owed = {code for duty in step.decision.obligations for code in duty.handling}
    assert owed <= marked.content.handling.codes
    assert there.node == A


def test_a_stricter_value_carries_its_own_marking(world: World) -> None:
    step = released(world)
    red = handling("TLP:RED H1")
    items = tuple(replace(item, handling=red) for item in step.draft.items[:1])
    marked = outbound.mark(replace(step, draft=replace(step.draft, items=items)))
    assert set(marked.content.values) == {items[0].path}


def test_an_agency_without_a_node_cannot_be_sealed_for(world: World) -> None:
    step = released(world)
    draft = replace(step.draft, recipient=AgencyId("xz.nobody"))
    with pytest.raises(NotFoundError, match="no member"):
        sealed(world, replace(step, draft=draft))


def test_a_case_that_moved_on_rolls_the_whole_unit_back(world: World) -> None:
    here = world.residents[N]
    step = released(world)
    copy = sealed(world, step)
    outbound.log(copy, here.station).result()
    again = outbound.decide(step.draft, step.act, here.station).result()
    assert isinstance(again, Releasable)
    size = len(leaves(here))
    with pytest.raises(StateError):
        outbound.log(sealed(world, again), here.station).result()
    assert len(leaves(here)) == size


def test_what_joins_the_unit_falls_with_it(world: World) -> None:
    here, step = world.residents[N], released(world)
    copy = sealed(world, step)

    def fails(_tx: object) -> None:
        raise StateError("taken")

    with pytest.raises(StateError, match="taken"):
        outbound.log(copy, here.station, also=fails).result()
    assert "sent" not in leaves(here)
    outbound.log(copy, here.station).result()
    world.run()
    assert received(world.residents[A], copy.mid.hex()).digest == copy.digest


def test_a_message_is_sealed_anew_only_for_one_that_could_not_be_opened(world: World) -> None:
    here = world.residents[N]
    sent = send(here, question())
    step = released(world)
    again = replace(step, act=replace(step.act, again=sent.mid))
    with pytest.raises(StateError, match="sealed anew"):
        outbound.log(sealed(world, again), here.station).result()
    assert NodeId(outbox(here, sent.mid).to_node) == A
    assert outbox(here, sent.mid).recipient == ARCADIA


def test_what_the_law_obliges_is_marked_on_what_leaves(world: World) -> None:
    step = released(world)
    duty = replace(step.decision.obligations[0], handling=frozenset({"H2"}))
    bound = replace(step, decision=replace(step.decision, duties=((duty, None),)))
    marking = outbound.mark(bound).content.handling
    assert "H2" in marking.codes
    assert marking.is_within(step.draft.handling)


def test_a_message_is_sealed_anew_once(world: World) -> None:
    here = world.residents[N]
    sent = send(here, question())
    world.rotate(A)
    world.run()
    step = released(world)
    again = replace(step, act=replace(step.act, again=sent.mid))
    with pytest.raises(StateError, match="once"):
        outbound.log(sealed(world, again), here.station).result()


def test_nothing_leaves_while_its_marking_waits_for_witnesses(world: World) -> None:
    here = world.residents[N]
    copy = sealed(world, released(world))
    station = replace(here.station, unwitnessed=lambda _reader, _handling: "not witnessed")
    with pytest.raises(StateError, match="not witnessed"):
        outbound.log(copy, station).result()
    assert "sent" not in leaves(here)


def test_a_member_whose_node_is_gone_cannot_be_sealed_for(world: World) -> None:
    here = world.residents[N]
    step = outbound.mark(released(world))
    member = member_of(step.releasable.draft.recipient)
    entry = world.directory.entries[member]
    bare = replace(entry, document=replace(entry.document, nodes=()))
    directory = replace(world.directory, entries={**world.directory.entries, member: bare})
    station = replace(here.station, directory=lambda: directory)
    with pytest.raises(NotFoundError, match="lists no node"):
        outbound.seal(step, station)
