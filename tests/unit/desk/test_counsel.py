"""Counsel: standing facts by two persons, facts of a case, doors."""

import pytest
from tests.scenarios.stage import ARCADIA, A, N, a_world, ask, case_of, leaves

from comity.adapters.world import World
from comity.core.clock import DAY, Instant
from comity.core.errors import AuthorisationError, NotFoundError
from comity.desk import Assessment


@pytest.fixture
def world() -> World:
    return a_world()


def said(world: World) -> Assessment:
    return Assessment(
        partner=ARCADIA,
        purpose="counter-terrorism",
        fact="torture_risk",
        value=True,
        until=Instant(world.clock.now() + DAY),
        reasons="The committee's report of May",
    )


def test_an_assessment_counts_once_another_person_confirmed_it(world: World) -> None:
    here = world.residents[N]
    counsel, legal, rights = here.desk.counsel, here.actor("legal"), here.actor("rights")
    with pytest.raises(AuthorisationError):
        counsel.assess(here.actor("officer"), said(world))
    row = counsel.assess(legal, said(world))
    assert row.confirmed_by is None
    with pytest.raises(AuthorisationError):
        counsel.confirm(legal, partner=ARCADIA, purpose=row.purpose, fact=row.fact, at=row.at)
    counsel.confirm(rights, partner=ARCADIA, purpose=row.purpose, fact=row.fact, at=row.at)
    assert leaves(here) == ["assessed"]
    newest = counsel.assessments(here.actor("officer"))[0]
    assert counsel.reasons(here.actor("officer"), newest) == "The committee's report of May"
    with pytest.raises(NotFoundError):
        counsel.confirm(rights, partner=ARCADIA, purpose=row.purpose, fact="minor", at=1)


def test_a_fact_of_a_case_is_stated_once_and_inherited(world: World) -> None:
    there = world.residents[A]
    case = case_of(there, ask(world).mid)
    counsel, officer = there.desk.counsel, there.actor("officer")
    counsel.state(officer, case, "conduct_bombing", value=True)
    assert {row.fact: row.value for row in counsel.stated(officer, case)} == {
        "conduct_bombing": True
    }
    with pytest.raises(AuthorisationError, match="standing assessment"):
        counsel.state(officer, case, "torture_risk", value=False)
