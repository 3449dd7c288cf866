"""One lawful exchange between two nodes, over the real road, in memory."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from comity.adapters.world import World, make_world
from comity.core.ids import AgencyId, NodeId
from comity.desk import Letter, NotSent, Sent
from comity.law import Verdict, shipped_corpus
from comity.ledger import decode_leaf
from comity.message import handling
from comity.node.bootstrap import shipped_practices

NORLAND, ARCADIA = AgencyId("xn.police"), AgencyId("xa.border")
CASTALIA, MERIDIA = AgencyId("xc.police"), AgencyId("xm.justice")
N, A = NodeId("xn.police.n1"), NodeId("xa.border.n1")
ANNA = {
    "id": "subject",
    "schema": "Person",
    "properties": {"name": ["Anna Example"], "birthDate": ["1988-04-17"]},
}
FACTS: Mapping[str, bool | None] = {
    "conduct_bombing": True,
    "political_offence": False,
    "for_investigation": True,
    "free_text_sensitive": False,
}


@pytest.fixture
def world() -> World:
    return make_world(
        (NORLAND, ARCADIA, CASTALIA, MERIDIA),
        practices=shipped_practices(),
        corpus=shipped_corpus(),
    )


def question(recipient: AgencyId = ARCADIA) -> Letter:
    return Letter(
        kind="requests.ask/1",
        body={
            "question": "Did she cross at Port Halden?",
            "subjects": [ANNA],
            "subject_status": "suspect",
        },
        handling=handling("TLP:AMBER H1"),
        recipient=recipient,
        purpose="counter-terrorism",
        facts=FACTS,
    )


def leaves(world: World, node: NodeId) -> list[str]:
    store = world.residents[node].store
    entries = store.read(lambda r: r.entries(0, r.size()))
    return [decode_leaf(entry).type.name.lower() for entry in entries]


def ask(world: World) -> Sent:
    here = world.residents[N]
    outcome = here.desk.correspondence.send(here.actor("officer"), question())
    assert isinstance(outcome, Sent), outcome
    return outcome


def test_a_permitted_question_is_decided_logged_sent_stored_and_receipted(world: World) -> None:
    ask(world)
    assert leaves(world, N) == ["permitted", "sent"]
    assert world.run() == 1
    assert leaves(world, N) == ["permitted", "sent", "receipted"]
    assert leaves(world, A) == ["admitted", "received"]
    (row,) = world.outbox(N)
    assert row.state == "receipted"


def test_a_partner_without_a_treaty_in_force_is_told_nothing(world: World) -> None:
    here = world.residents[N]
    outcome = here.desk.correspondence.send(here.actor("officer"), question(MERIDIA))
    assert isinstance(outcome, NotSent)
    assert outcome.decision.verdict is Verdict.DENY
    assert leaves(world, N) == ["denied"]
    assert world.outbox(N) == []


def test_an_unknown_fact_on_an_absolute_prohibition_refers(world: World) -> None:
    here = world.residents[N]
    letter = replace(question(), facts={**FACTS, "torture_risk": None})
    outcome = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(outcome, NotSent)
    assert outcome.decision.verdict is Verdict.REFER
    assert leaves(world, N) == ["referred"]


def test_seen_follows_stored_once_a_person_opens_the_message(world: World) -> None:
    sent = ask(world)
    world.run()
    there = world.residents[A]
    officer = there.actor("officer")
    (line,) = there.desk.reading.cases(officer)
    assert line.is_unread
    view = there.desk.reading.message(officer, sent.mid)
    assert view.content is not None
    assert view.content.body["question"] == "Did she cross at Port Halden?"
    world.run()
    (mine,) = [row for row in world.outbox(N) if row.mid.hex() == sent.mid]
    assert mine.stored_at is not None
    assert mine.seen_at is not None
    assert leaves(world, A).count("opened") == 1
