"""Readings over the API: stated, confirmed, listed, compared, each by the right seat."""

import base64
from typing import cast

import pytest
from tests.unit.api.ground import ARCADIA, Json, Office, open_office, told
from tests.unit.desk.ground import RULE, gap_world

READ = {
    "row": RULE,
    "source": "https://treaties.example/gap",
    "article": "art. 4",
    "read": "2026-05-30",
}


@pytest.fixture
def office() -> Office:
    return open_office(world=gap_world())


def rows_of(found: Json, name: str) -> list[Json]:
    return cast("list[Json]", found[name])


def confirmed(office: Office) -> None:
    said = told(office.ask("POST", "law/readings", body=READ, seat="legal"))
    body = {"row": said["row"], "at": said["at"]}
    assert (
        office.ask("POST", "law/readings/confirm", body=body, seat="legal").status_code == 403
    )
    told(office.ask("POST", "law/readings/confirm", body=body, seat="rights"))
    assert (
        office.ask("POST", "law/readings/confirm", body=body, seat="rights").status_code == 409
    )


def test_a_reading_is_stated_confirmed_and_listed(office: Office) -> None:
    rows = told(office.ask("GET", "law/worklist", seat="legal"))["rows"]
    assert isinstance(rows, list)
    assert RULE in {row["row"] for row in rows}
    assert office.ask("POST", "law/readings", body=READ).status_code == 403
    confirmed(office)
    (listed,) = rows_of(told(office.ask("GET", "law/readings")), "readings")
    assert listed["state"] == "counts"
    assert READ["source"] in str(listed["reading"])
    packs = told(office.ask("GET", "law/packs"))["packs"]
    assert isinstance(packs, list)
    assert "readings-xn" in {pack["name"] for pack in packs}


@pytest.mark.parametrize(
    "changes",
    [
        {"row": "nothing"},
        {"read": "soon"},
        {"outcome": "maybe"},
        {"purposes": ["counter-terrorism"]},
        {"read": "2030-01-01"},
        {"source": ""},
    ],
)
def test_a_reading_that_does_not_hold_is_refused(
    office: Office, changes: dict[str, object]
) -> None:
    said = office.ask("POST", "law/readings", body={**READ, **changes}, seat="legal")
    assert said.status_code == 422


def test_another_members_file_is_shown_beside_ours(office: Office) -> None:
    confirmed(office)
    file = office.here.desk.readings.export(office.actor("legal"))
    there = open_office(ARCADIA, office.world)
    body = {"content": base64.b64encode(file).decode()}
    (line,) = rows_of(told(there.ask("POST", "law/readings/beside", body=body)), "rows")
    assert (line["agency"], line["ours"]) == ("xn.police", None)
    assert RULE in str(line["theirs"])
    body = {"content": base64.b64encode(file[:-1] + b"x").decode()}
    assert there.ask("POST", "law/readings/beside", body=body).status_code in {400, 409, 422}
