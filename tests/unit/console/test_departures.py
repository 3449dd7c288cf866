"""The page of members that left: take note, keep or erase, recall."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import FACTS, confirmed, question, send
from tests.unit.console.ground import ARCADIA, NORLAND, House, open_house
from tests.unit.exchange.test_passage import stand

from comity.core.ids import NodeId
from comity.message import handling
from comity.trust import Standing


@pytest.fixture
def house() -> House:
    return open_house()


def parted(house: House) -> tuple[str, str, str]:
    """Let Arcadia give us something, tell it something, ask it something, and let it leave."""
    letter = replace(
        question(NORLAND),
        kind="requests.inform/1",
        body={"text": "Seen at the night train"},
        handling=handling("TLP:AMBER"),
        facts={**FACTS, "conditions_set": False},
    )
    given = confirmed(house.world.residents[NodeId("xa.border.n1")], letter)
    told = confirmed(house.here, replace(letter, recipient=ARCADIA))
    asked = send(house.here, question(ARCADIA))
    house.world.run()
    stand(house.world, "xa", Standing.LEFT)
    house.here.desk.departures.work()
    return given.mid, told.mid, asked.case


def test_a_network_that_nobody_left_says_so(house: House) -> None:
    assert "No member has left" in house.browser().get("/departures").text


def test_what_a_member_that_left_leaves_to_do_is_done_here(house: House) -> None:
    given, told, case = parted(house)
    officer, legal = house.browser(), house.browser("legal")
    page = officer.get("/departures").text
    assert given in page
    assert told in page
    assert "/departures/state" not in page
    assert "/departures/recall" not in page
    officer.post("/departures/noted", {"case": case})
    assert "/departures/noted" not in officer.get("/departures").text
    form = {"mid": given, "way": "keep", "body.terms": ""}
    legal.get("/departures")
    assert legal.post("/departures/state", form).status_code == 422
    legal.get("/departures")
    legal.post("/departures/state", {**form, "body.terms": "Agreement 12"})
    assert "/departures/state" not in legal.get("/departures").text
    legal.post("/departures/recall", {"member": "xa"})
    assert "/departures/recall" not in legal.get("/departures").text


def test_what_it_gave_is_erased_by_a_person(house: House) -> None:
    given, _, _ = parted(house)
    legal = house.browser("legal")
    legal.get("/departures")
    legal.post("/departures/state", {"mid": given, "way": "erase"})
    assert given not in legal.get("/departures").text


def test_a_recall_that_cannot_go_says_so(house: House) -> None:
    _, told, _ = parted(house)
    stand(house.world, "xa", Standing.CLOSED)
    legal = house.browser("legal")
    legal.get("/departures")
    legal.post("/departures/recall", {"member": "xa"})
    assert told in legal.get("/departures").text
