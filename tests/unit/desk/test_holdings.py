"""Holdings: bound to a purpose and a seat, erased at once and for the record."""

import pytest
from tests.scenarios.stage import (
    PERSON,
    QUERY,
    A,
    N,
    a_world,
    ask,
    case_of,
    hold_anna,
    leaves,
)

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, Instant
from comity.core.errors import AuthorisationError, ConflictError, NotFoundError, StateError
from comity.core.ids import CaseId, EntityId, RecordId
from comity.core.store import eq
from comity.desk import Incoming
from comity.message import Grade, Statement, handling
from comity.record import Opinion, StatementRow, View


@pytest.fixture
def world() -> World:
    return a_world()


def asked(world: World) -> tuple[Resident, CaseId]:
    there = world.residents[A]
    hold_anna(there)
    return there, case_of(there, ask(world).mid)


def value(here: Resident, prop: str, text: str) -> Statement:
    at = here.clock.now()
    return Statement(
        statement_id=f"s-{prop}-more",
        entity_id=PERSON,
        schema="Person",
        prop=prop,
        value=text,
        dataset="own-file",
        originator=here.agency,
        grade=Grade(scale="europol-4x4", source="B", information="2"),
        handling=handling("TLP:AMBER"),
        basis="Treaty of the Test, article 1",
        purpose="counter-terrorism",
        collected=at,
        retain_until=Instant(at + 300 * DAY),
    )


def records(here: Resident) -> list[RecordId]:
    rows = here.store.read(lambda r: r.find(StatementRow, eq("entity_id", PERSON)))
    return list(dict.fromkeys(RecordId(row.record_id) for row in rows))


def test_what_is_not_held_cannot_be_looked_at(world: World) -> None:
    there, case = asked(world)
    officer, holdings = there.actor("officer"), there.desk.holdings
    assert holdings.entity(officer, PERSON, case=case).schema == "Person"
    with pytest.raises(NotFoundError, match="nothing by that name"):
        holdings.entity(officer, EntityId("p-2"), case=case)
    assert leaves(there).count("consulted") == 1


def test_a_record_is_erased_once_by_the_seats_that_may(world: World) -> None:
    there, _ = asked(world)
    holdings, record = there.desk.holdings, records(there)[0]
    with pytest.raises(AuthorisationError):
        holdings.erase(there.actor("officer"), record)
    assert holdings.erase(there.actor("supervisor"), record)
    assert not holdings.erase(there.actor("rights"), record)
    assert leaves(there).count("erased") == 1


def test_a_name_whose_record_was_erased_is_found_no_more(world: World) -> None:
    there, case = asked(world)
    officer = there.actor("officer")
    for record in records(there):
        there.desk.holdings.erase(there.actor("rights"), record)
    there.desk.look_up.search(officer, case, QUERY)
    with pytest.raises(NotFoundError):
        there.desk.look_up.compare(officer, case, PERSON, QUERY)


def test_statements_without_an_edition_are_previewed_as_none(world: World) -> None:
    here = world.residents[N]
    with pytest.raises(NotFoundError, match="no edition"):
        here.desk.holdings.preview(here.actor("officer"), Incoming(statements=()))


def test_a_view_is_final_only_after_a_second_look_at_what_changed(world: World) -> None:
    there, case = asked(world)
    officer, look_up = there.actor("officer"), there.desk.look_up
    look_up.search(officer, case, QUERY)
    shown = look_up.compare(officer, case, PERSON, QUERY)
    with pytest.raises(StateError, match="no open judgement"):
        look_up.look_again(officer, case, shown)
    same = Opinion(view=View.SAME, reason="compared")
    look_up.first_view(officer, case, shown, same)
    there.desk.holdings.keep(officer, Incoming(statements=[value(there, "nationality", "xc")]))
    shown = look_up.compare(officer, case, PERSON, QUERY)
    with pytest.raises(ConflictError, match="changed"):
        look_up.final_view(officer, case, shown, same)
    look_up.look_again(officer, case, shown)
    look_up.final_view(officer, case, shown, same)
    assert len(shown.judgements) == 1
