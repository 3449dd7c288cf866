"""Rights before rank: what a reader may not see changes nothing that reader is told."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import PERSON, QUERY, A, a_world, ask, case_of, hold_anna

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, Instant
from comity.core.ids import CaseId, EntityId, member_of
from comity.core.store import Transaction, eq
from comity.desk import Incoming, Listing
from comity.message import Grade, Statement, Tlp, handling
from comity.practice import CaseFieldRow
from comity.record import Clearance, StatementRow, recall
from comity.screening import Flag, Query

MARKED = "TLP:AMBER PURPOSE:border-security"
PURPOSES = ("counter-terrorism", "border-security")


@pytest.fixture
def world() -> World:
    return a_world()


def asked(world: World) -> tuple[Resident, CaseId]:
    there = world.residents[A]
    hold_anna(there)
    return there, case_of(there, ask(world).mid)


def told(
    here: Resident, entity: str, text: str, *, prop: str = "name", marking: str = "TLP:AMBER"
) -> Statement:
    at = here.clock.now()
    return Statement(
        statement_id=f"s-{entity}-{prop}-{text}",
        entity_id=EntityId(entity),
        schema="Person",
        prop=prop,
        value=text,
        dataset="own-file",
        originator=here.agency,
        grade=Grade(scale="europol-4x4", source="B", information="2"),
        handling=handling(marking),
        basis="Treaty of the Test, article 1",
        purpose="counter-terrorism",
        collected=at,
        retain_until=Instant(at + 300 * DAY),
    )


def hold(here: Resident, *statements: Statement) -> None:
    here.desk.holdings.keep(here.actor("officer"), Incoming(statements=statements))


def search(here: Resident, case: CaseId, query: Query = QUERY) -> Listing:
    return here.desk.look_up.search(here.actor("officer"), case, query, limit=3)


def ids(here: Resident, purpose: str, name: str) -> list[str]:
    clearance = Clearance(member=member_of(here.agency), purpose=purpose, tlp=Tlp.RED)
    query = Query(schema="Person", properties={"name": (name,)})
    answer = here.desk.look_up._ranking.search(query, clearance, limit=5)
    return [each.entity.entity_id for each in answer.ranked]


def test_what_is_kept_to_another_purpose_moves_no_result_rank_count_or_flag(
    world: World,
) -> None:
    there, case = asked(world)
    hold(there, told(there, "p-2", "Anna Exampel"), told(there, "p-3", "Hanna Example"))
    before = search(there, case)
    assert len(before) >= 2
    crowd = [told(there, f"q-{n}", "Anna Example", marking=MARKED) for n in range(350)]
    alias = told(there, "p-2", "Anna Example", prop="alias", marking=MARKED)
    born = told(there, "p-3", "1988-04-17", prop="birthDate", marking=MARKED)
    hold(there, *crowd, alias, born)
    assert search(there, case) == before
    fields = eq("case", case), eq("name", "candidate")
    seen = there.store.read(lambda r: r.find(CaseFieldRow, *fields))
    assert {row.value for row in seen} == {each.entity_id for each in before}


def test_a_purpose_finds_by_what_is_kept_to_it_and_no_other_does(world: World) -> None:
    there, _ = asked(world)
    hold(there, told(there, PERSON, "Zelda Quux", prop="alias", marking=MARKED))
    assert [ids(there, purpose, "Zelda Quux") for purpose in PURPOSES] == [[], [PERSON]]
    assert [ids(there, purpose, "Anna Example") for purpose in PURPOSES] == [[PERSON]] * 2


def test_what_no_reader_here_may_see_is_in_no_index(world: World) -> None:
    there, _ = asked(world)
    hold(there, told(there, "p-8", "Zelda Quux", marking="TLP:AMBER EXERCISE"))
    assert ids(there, PURPOSES[0], "Zelda Quux") == []
    assert len(there.cabinet) == 1


def test_what_is_recalled_where_nobody_tells_screening_is_found_no_more(world: World) -> None:
    there, case = asked(world)
    assert len(search(there, case)) == 1
    rows = there.store.read(lambda r: r.find(StatementRow, eq("entity_id", PERSON)))
    at = there.clock.now()

    def unit(tx: Transaction) -> None:
        for row in rows:
            recall(tx, row.statement_id, at=at)

    there.store.commit(unit).result()
    assert not search(there, case)
    assert len(there.cabinet) == 0


def test_a_batch_answers_each_question_in_order_as_one_act(world: World) -> None:
    there, case = asked(world)
    other = Query(schema="Person", properties={"name": ("Boris Muster",)})
    size = there.store.read(lambda r: r.size())
    found = there.desk.look_up.search_many(there.actor("officer"), case, [other, QUERY] * 9)
    assert [len(each) for each in found] == [0, 1] * 9
    assert there.store.read(lambda r: r.size()) == size + 1


def test_more_than_can_be_fetched_is_said_to_be_too_common(world: World) -> None:
    there, case = asked(world)
    hold(there, *(told(there, f"q-{n}", "Anna Example") for n in range(330)))
    # Their names are the same, and at their own time they may be seen no more.
    rows = there.store.read(lambda r: r.find(StatementRow, eq("prop", "name")))
    ended = [replace(row, retain_until=1) for row in rows if row.entity_id.startswith("q-")]

    def unit(tx: Transaction) -> None:
        for row in ended:
            tx.put(row)

    there.store.commit(unit).result()
    found = search(there, case, Query(schema="Person", properties={"name": ("Anna Example",)}))
    assert Flag.TOO_COMMON in found.flags


@pytest.mark.parametrize(("namesakes", "flags"), [(2, ()), (3, (Flag.TOO_COMMON,))])
def test_an_answer_that_leaves_visible_candidates_out_says_so(
    world: World, namesakes: int, flags: tuple[Flag, ...]
) -> None:
    there, case = asked(world)
    hold(there, *(told(there, f"n-{n}", "Anna Example") for n in range(namesakes)))

    found = search(there, case)

    assert len(found.candidates) == 3
    assert found.flags == flags
