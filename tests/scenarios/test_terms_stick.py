"""Promise 5: what is made from something held carries the terms of what it was made from."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ANNA,
    ARCADIA,
    CASTALIA,
    FACTS,
    NORLAND,
    PERSON,
    A,
    Forged,
    N,
    a_world,
    ask,
    case_of,
    confirmed,
    judge,
    outbox,
    question,
    reply,
    take,
)

from comity.adapters.world import Resident, World
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import AgencyId, CaseId, RecordId
from comity.desk import Incoming, Letter, Sent
from comity.exchange import InboxRow
from comity.law import Verdict
from comity.message import Draft, Grade, Handling, Statement, handling
from comity.record import View
from comity.seal import Rejection, read_answer

NAME = "entities/0/properties/name/0"
BORN = "entities/0/properties/birthDate/0"


@pytest.fixture
def world() -> World:
    return a_world(NORLAND, ARCADIA, CASTALIA)


def hold(here: Resident, marking: str, *, originator: AgencyId | None = None) -> None:
    """Hold the person's name under a marking, and the birth date under TLP:AMBER."""
    at = here.clock.now()
    pairs = (("name", "Anna Example", marking), ("birthDate", "1988-04-17", "TLP:AMBER"))
    statements = [
        Statement(
            statement_id=f"s-{prop}",
            entity_id=PERSON,
            schema="Person",
            prop=prop,
            value=value,
            dataset="own-file",
            originator=originator or here.agency,
            grade=Grade(scale="europol-4x4", source="B", information="2"),
            handling=handling(said),
            basis="Treaty of the Test, article 1",
            purpose="counter-terrorism",
            collected=at,
            retain_until=Instant(at + 300 * DAY),
        )
        for prop, value, said in pairs
    ]
    here.desk.holdings.keep(here.actor("officer"), Incoming(statements=statements))


def asked(world: World, marking: str, **more: AgencyId) -> tuple[Sent, CaseId]:
    there = world.residents[A]
    hold(there, marking, **more)
    sent = ask(world)
    return sent, case_of(there, sent.mid)


def answer(case: str, mid: str, marking: str = "TLP:CLEAR") -> Letter:
    body: dict[str, Value] = {
        "about": mid,
        "outcome": "full",
        "entities": [{**ANNA, "id": "e-1"}],
        "subject_status": "suspect",
        "text": "As we hold it.",
    }
    return replace(reply(case, "answer", **body), handling=handling(marking))


def drafted(here: Resident, letter: Letter) -> Draft:
    return here.desk.correspondence.preview(here.actor("officer"), letter).draft


def marks(draft: Draft) -> Mapping[str, Handling]:
    return {item.path: item.handling for item in draft.items}


def denied(here: Resident, letter: Letter) -> Mapping[str, set[str]]:
    found = here.desk.correspondence.preview(here.actor("officer"), letter).explanation
    return {
        each.rule: set(each.paths)
        for each in found.decision.reasons
        if each.outcome is Verdict.DENY
    }


def test_a_marking_dropped_on_the_form_comes_back_from_what_is_held(world: World) -> None:
    there, (sent, case) = world.residents[A], asked(world, "TLP:RED L1 PAP:RED")
    judge(there, case, View.SAME, "first", "second")
    found = marks(drafted(there, answer(case, sent.mid)))
    assert found[NAME] == handling("TLP:RED L1 PAP:RED")
    assert found[BORN] == handling("TLP:AMBER")


def test_an_audience_widened_on_the_form_stays_as_narrow_as_what_is_held(world: World) -> None:
    there, (sent, case) = world.residents[A], asked(world, "TLP:AMBER REL:xc")
    judge(there, case, View.SAME, "first", "second")
    for wide in ("TLP:CLEAR", "TLP:AMBER REL:xn,xc", "TLP:AMBER REL:xn"):
        assert denied(there, answer(case, sent.mid, wide))["terms-audience"] == {NAME}


def test_looking_at_somebody_is_enough_and_nobody_need_have_judged(world: World) -> None:
    there, (sent, case) = world.residents[A], asked(world, "TLP:RED")
    there.desk.holdings.entity(there.actor("officer"), PERSON, case=case)
    # In other letters, spellings and cases the same value is the same value.
    shouted = {**ANNA, "id": "e-1", "properties": {"name": ["ANNA   EXAMPLE"]}}
    letter = answer(case, sent.mid)
    letter = replace(letter, body={**letter.body, "entities": [shouted]})
    assert marks(drafted(there, letter))[NAME].tlp == handling("TLP:RED").tlp


def test_a_candidate_judged_different_lends_no_terms(world: World) -> None:
    there, (sent, case) = world.residents[A], asked(world, "TLP:RED")
    judge(there, case, View.DIFFERENT, "first")
    assert marks(drafted(there, answer(case, sent.mid)))[NAME] == handling("TLP:CLEAR")


def test_what_nobody_looked_at_in_the_case_lends_no_terms(world: World) -> None:
    there, (sent, case) = world.residents[A], asked(world, "TLP:RED")
    assert marks(drafted(there, answer(case, sent.mid)))[NAME] == handling("TLP:CLEAR")


def test_what_another_partner_originated_stays_under_its_control(world: World) -> None:
    there = world.residents[A]
    sent, case = asked(world, "TLP:AMBER", originator=CASTALIA)
    judge(there, case, View.SAME, "first", "second")
    letter = answer(case, sent.mid)
    assert marks(drafted(there, letter))[NAME].originators == {CASTALIA}
    found = denied(there, letter)
    assert NAME in found["terms-originator-control"]
    assert NAME in found["terms-onward"]


def test_what_the_asker_itself_originated_can_go_back_to_it(world: World) -> None:
    there = world.residents[A]
    sent, case = asked(world, "TLP:AMBER", originator=NORLAND)
    judge(there, case, View.SAME, "first", "second")
    assert "terms-onward" not in denied(there, answer(case, sent.mid))


def test_an_exercise_value_is_in_no_real_answer(world: World) -> None:
    there, (sent, case) = world.residents[A], asked(world, "TLP:AMBER")
    judge(there, case, View.SAME, "first", "second")
    letter = answer(case, sent.mid, "TLP:CLEAR EXERCISE")
    with pytest.raises(InvalidInputError, match="do not mix"):
        drafted(there, letter)


def test_terms_of_single_values_bind_whoever_passes_the_message_on(world: World) -> None:
    there = world.residents[A]
    marking = handling("TLP:AMBER")
    forged = Forged(
        kind="requests.inform/1",
        body={"text": "Seen at the night train", "entities": [{**ANNA, "id": "e-1"}]},
        marking=marking,
        values={NAME: handling("TLP:RED REL:xa")},
    )
    assert not isinstance(read_answer(take(there, forged.seal(world))).said, Rejection)
    mid = there.store.read(lambda r: r.find(InboxRow))[0].mid.hex()
    draft = drafted(there, question(CASTALIA, follows=mid))
    assert draft.handling.is_within(handling("TLP:RED REL:xa ORCON:xn.police"))
    assert "terms-audience" in denied(there, question(CASTALIA, follows=mid))


def test_a_value_that_was_not_released_to_us_is_not_held(world: World) -> None:
    there = world.residents[A]
    forged = Forged(
        kind="requests.inform/1",
        body={"text": "Seen", "entities": [{**ANNA, "id": "e-1"}]},
        marking=handling("TLP:AMBER"),
        values={NAME: handling("TLP:AMBER REL:xc")},
    )
    said = read_answer(take(there, forged.seal(world))).said
    assert isinstance(said, Rejection)
    assert said.code == "not-admitted"


def corrected(world: World) -> tuple[Sent, Letter]:
    told = replace(
        question(),
        kind="requests.inform/1",
        body={"text": "Seen", "entities": [{**ANNA, "id": "e-1"}], "subject_status": "suspect"},
        handling=handling("TLP:AMBER+STRICT PAP:AMBER REL:xa"),
        facts={**FACTS, "conditions_set": False},
    )
    sent = confirmed(world.residents[N], told)
    world.run()
    right = {**ANNA, "id": "e-1", "properties": {"name": ["Ana Example"]}}
    letter = reply(sent.case, "correct", about=sent.mid, ground="wrong-value", entity=right)
    return sent, replace(letter, handling=handling("TLP:CLEAR"))


def test_a_correction_is_marked_no_looser_than_what_it_corrects(world: World) -> None:
    _, letter = corrected(world)
    draft = drafted(world.residents[N], letter)
    assert draft.handling == handling("TLP:AMBER+STRICT PAP:AMBER REL:xa")
    assert all(item.handling == draft.handling for item in draft.items)


def test_what_is_erased_lends_its_terms_no_more_and_gets_no_new_value(world: World) -> None:
    here, (sent, letter) = world.residents[N], corrected(world)
    record = RecordId(outbox(here, sent.mid).record_id)
    here.desk.holdings.erase(here.actor("rights"), record)
    with pytest.raises(NotFoundError, match="is erased"):
        drafted(here, letter)
    bare = {name: value for name, value in letter.body.items() if name != "entity"}
    # What protects the person still goes: only a new value needs terms.
    assert drafted(here, replace(letter, body=bare)).is_protective


def test_a_view_is_marked_as_strictly_as_all_it_shows(world: World) -> None:
    there, (_, case) = world.residents[A], asked(world, "TLP:RED CAVEAT:LES")
    shown = there.desk.holdings.entity(there.actor("officer"), PERSON, case=case)
    assert shown.handling == handling("TLP:RED CAVEAT:LES")
