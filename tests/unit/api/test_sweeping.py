"""The sweep over the API: what is found, who may begin it, who keeps what."""

from typing import cast

from tests.unit.api.ground import ASK, Json, Office, open_office, told
from tests.unit.desk.ground import banned, confirmed, gap_world, hostages


def found_in(said: Json) -> list[Json]:
    return cast("list[Json]", said["findings"])


def changed() -> Office:
    """Return an office that sent something before its law changed."""
    world = gap_world()
    office = open_office(world=world)
    confirmed(office.here)
    body = {**ASK, "facts": dict(hostages().facts)}
    assert told(office.ask("POST", "letters", body=body))["outcome"] == "sent"
    world.run()
    world.corpus = banned()
    return office


def test_what_the_law_says_otherwise_of_is_found_and_kept_by_a_person() -> None:
    office = changed()
    assert office.ask("POST", "law/sweep").status_code == 403
    said = told(office.ask("POST", "law/sweep", seat="legal"))
    assert said["finished"]
    (one,) = found_in(said)
    assert (one["before"], one["after"], one["proposal"]) == ("permit", "deny", "recall")
    assert "Treaty of the Gap, art. 9" in str(one["rules"])
    assert found_in(told(office.ask("GET", "law/sweep"))) == [one]
    body = {"item": one["item"], "reasons": "Lives hang on it."}
    assert office.ask("POST", "law/sweep/keep", body=body).status_code == 403
    told(office.ask("POST", "law/sweep/keep", body=body, seat="legal"))
    assert office.ask("POST", "law/sweep/keep", body=body, seat="legal").status_code == 409
    assert found_in(told(office.ask("GET", "law/sweep"))) == []
