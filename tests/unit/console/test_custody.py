"""Reviews, tearlines and assurances by plain forms, without scripts."""

import re
from dataclasses import replace

import pytest
from tests.scenarios.stage import FACTS, confirmed, question, send
from tests.unit.console.ground import NORLAND, House, open_house

from comity.core.clock import DAY, Instant, iso
from comity.core.ids import EntityId, NodeId
from comity.desk import Incoming
from comity.message import Grade, Statement, handling

LOWER = {
    "body.parent": "s-parent",
    "body.entity": "tear-1",
    "body.text": "She travelled by sea.",
    "body.marking": "TLP:GREEN REL:xc",
    "body.scale": "europol-4x4",
    "body.source_grade": "X",
    "body.information_grade": "3",
    "body.point_source": "removed",
    "body.point_method": "removed",
    "body.point_precision": "generalised",
    "body.point_other_persons": "absent",
    "body.point_third_party": "absent",
    "body.point_wording": "removed",
    "body.reasons": "<b>The border post may not read the whole.</b>",
}


@pytest.fixture
def house() -> House:
    return open_house()


def informed(house: House) -> str:
    letter = replace(
        question(NORLAND),
        kind="requests.inform/1",
        body={"text": "Seen at the night train"},
        handling=handling("TLP:AMBER"),
        facts={**FACTS, "conditions_set": False},
    )
    sent = confirmed(house.world.residents[NodeId("xa.border.n1")], letter)
    house.world.run()
    return sent.mid


def hold(house: House) -> None:
    at = house.here.clock.now()
    held = Statement(
        statement_id="s-parent",
        entity_id=EntityId("p-1"),
        schema="Person",
        prop="notes",
        value="The source in the harbour office saw her board the ferry",
        dataset="own-file",
        originator=house.here.agency,
        grade=Grade(scale="europol-4x4", source="B", information="2"),
        handling=handling("TLP:RED"),
        basis="Treaty of the Test, article 1",
        purpose="counter-terrorism",
        collected=at,
        retain_until=Instant(at + 300 * DAY),
    )
    actor = house.here.actor("officer")
    house.here.desk.holdings.keep(actor, Incoming(statements=[held]))


def test_what_is_near_its_day_is_listed_and_kept_by_a_decider(house: House) -> None:
    mid = informed(house)
    assert "Nothing is near its last day" in house.browser().get("/reviews").text
    house.world.clock.advance(35 * 30 * DAY)
    officer, chief = house.browser(), house.browser("supervisor")
    assert mid[:12] in officer.get("/reviews").text
    assert "/reviews/keep" not in officer.page
    chief.get("/reviews")
    until = iso(Instant(house.world.clock.now() + 300 * DAY))[:10]
    form = {"subject": mid, "body.until": until, "body.reasons": "The appeal is open."}
    chief.post("/reviews/keep", form)
    assert "Kept until the new day" in chief.page
    assert mid[:12] not in chief.page
    late = {**form, "body.until": "2099-01-01"}
    assert chief.post("/reviews/keep", late).status_code == 422
    officer.get("/reviews")
    assert officer.post("/reviews/keep", form).status_code == 403


def test_a_tearline_is_made_and_confirmed_by_two(house: House) -> None:
    hold(house)
    chief, legal = house.browser("supervisor"), house.browser("legal")
    chief.get("/tearlines")
    chief.post("/tearlines/make", LOWER)
    assert "Waits for its second person" in chief.page
    assert "s-parent" not in chief.page
    assert 'name="tearline"' not in chief.page
    legal.get("/tearlines")
    legal.post("/tearlines/confirm", {"tearline": legal.hidden()["tearline"]})
    assert "Waits for its second person" not in legal.page
    gap = {name: value for name, value in LOWER.items() if name != "body.point_source"}
    chief.get("/tearlines")
    found = chief.post("/tearlines/make", gap)
    assert (found.status_code, "source" in found.text) == (422, True)
    officer = house.browser()
    assert 'action="/tearlines/make"' not in officer.get("/tearlines").text
    assert officer.post("/tearlines/make", LOWER).status_code == 403


def test_an_assurance_is_stated_for_a_case_and_ended(house: House) -> None:
    case = send(house.here, question()).case
    legal = house.browser("legal")
    assert case in legal.get(f"/assurances?case={case}").text
    until = iso(Instant(house.world.clock.now() + 30 * DAY))[:10]
    form = {
        "body.case": case,
        "body.state": "xa",
        "body.author": "Ministry of Justice",
        "body.given_on": "2026-01-20",
        "body.until": until,
        "body.text": "No sentence of death is sought.",
        "body.monitoring": "The consul attends every hearing.",
    }
    legal.post("/assurances/state", form)
    assert "The law reads it from now on" in legal.page
    held = re.search(r'name="assurance" value="([^"]+)"', legal.page)
    assert held is not None
    legal.post("/assurances/end", {"assurance": held[1]})
    assert "relied on no longer" in legal.page
    assert 'name="assurance"' not in legal.get(f"/assurances?case={case}").text
    officer = house.browser()
    officer.get("/assurances")
    assert officer.post("/assurances/state", form).status_code == 403
