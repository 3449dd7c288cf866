"""A token reaches what it was made for and nothing beside it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from comity.adapters.world import World, make_world
from comity.core.errors import AuthorisationError, NotFoundError
from comity.core.ids import AgencyId, CaseId, EntityId, NodeId
from comity.desk import Actor, Desk, Letter, Sent
from comity.law import shipped_corpus
from comity.message import handling
from comity.node.bootstrap import shipped_practices
from comity.screening import Query

NORLAND, ARCADIA = AgencyId("xn.police"), AgencyId("xa.border")
N = NodeId("xn.police.n1")
QUERY = Query(schema="Person", properties={"name": ("Anna Example",)})


@pytest.fixture
def world() -> World:
    return make_world(
        (NORLAND, ARCADIA), practices=shipped_practices(), corpus=shipped_corpus()
    )


@pytest.fixture
def case(world: World) -> CaseId:
    here = world.residents[N]
    letter = Letter(
        kind="requests.ask/1",
        body={"question": "Is anything known?"},
        handling=handling("TLP:AMBER"),
        recipient=ARCADIA,
        purpose="counter-terrorism",
        facts={
            "conduct_bombing": True,
            "political_offence": False,
            "for_investigation": True,
            "free_text_sensitive": False,
        },
    )
    sent = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(sent, Sent), sent
    return sent.case


ACTS: dict[str, Callable[[Desk, Actor, CaseId], object]] = {
    "search": lambda desk, actor, case: desk.look_up.search(actor, case, QUERY),
    "compare": lambda desk, actor, case: desk.look_up.compare(
        actor, case, EntityId("p-1"), QUERY
    ),
    "state": lambda desk, actor, case: desk.counsel.state(
        actor, case, "conduct_travel", value=True
    ),
    "stated": lambda desk, actor, case: desk.counsel.stated(actor, case),
    "assign": lambda desk, actor, case: desk.reading.assign(actor, case, person=None),
    "entity": lambda desk, actor, case: desk.holdings.entity(actor, EntityId("p-1"), case=case),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_token_for_another_purpose_or_case_is_refused(
    world: World, case: CaseId, act: str
) -> None:
    here = world.residents[N]
    officer = here.actor("officer")
    for bound in (
        replace(officer, purpose="border-security"),
        replace(officer, case="2026-0000000000"),
    ):
        with pytest.raises(AuthorisationError, match="this token"):
            ACTS[act](here.desk, bound, case)


@pytest.mark.parametrize("act", ACTS)
def test_no_act_answers_for_a_case_that_is_not_there(world: World, act: str) -> None:
    here = world.residents[N]
    with pytest.raises(NotFoundError):
        ACTS[act](here.desk, here.actor("officer"), CaseId("2026-nowhere"))


def test_a_token_makes_no_token_wider_than_itself(world: World, case: CaseId) -> None:
    here = world.residents[N]
    officer = here.actor("officer")
    for bound, asked in (
        (replace(officer, purpose="border-security"), None),
        (replace(officer, purpose="counter-terrorism", case=str(case)), None),
    ):
        with pytest.raises(AuthorisationError, match="this token"):
            here.desk.people.token(bound, purpose="counter-terrorism", case=asked)


def test_a_case_is_given_only_to_a_person_of_this_node(world: World, case: CaseId) -> None:
    here = world.residents[N]
    with pytest.raises(NotFoundError, match="no person"):
        here.desk.reading.assign(here.actor("officer"), case, person="xa.border/stranger")
