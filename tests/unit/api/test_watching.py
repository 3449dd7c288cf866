"""Watches over the API: requested, started, listed without content, renewed, ended."""

from typing import cast

import pytest
from tests.scenarios.stage import A, case_of, hold_anna, question, reply, send
from tests.unit.api.ground import ARCADIA, NORLAND, Json, Office, told

from comity.core.clock import DAY, Instant
from comity.core.ids import CaseId, member_of
from comity.desk import Assessment
from comity.node.watching import Watching


def requested(office: Office) -> tuple[str, str]:
    """Let Arcadia ask Norland for a watch of twenty days."""
    letter = question(NORLAND, watch_days=20, watch_reason="She is expected.")
    sent = send(office.world.residents[A], letter)
    office.world.run()
    office.here.desk.reading.message(office.here.actor("officer"), sent.mid)
    return f"cases/{case_of(office.here, sent.mid)}/watch", sent.mid


def allow(office: Office) -> None:
    counsel = office.here.desk.counsel
    said = Assessment(
        partner=ARCADIA,
        purpose="counter-terrorism",
        fact="watch_permitted",
        value=True,
        until=Instant(office.here.clock.now() + 90 * DAY),
        reasons="Border Act, section 4",
    )
    row = counsel.assess(office.here.actor("legal"), said)
    rights = office.here.actor("rights")
    counsel.confirm(rights, partner=row.partner, purpose=row.purpose, fact=row.fact, at=row.at)
    office.world.clock.advance(1)


def watch_in(answer: Json) -> Json:
    return cast("Json", answer["watch"])


def test_a_watch_is_started_renewed_and_ended(office: Office) -> None:
    path, mid = requested(office)
    allow(office)
    shown = told(office.ask("GET", path))
    assert (shown["days"], shown["reason"], shown["is_open"]) == (20, "She is expected.", True)
    assert (shown["verdict"], shown["watch"]) == ("permit", None)
    started = told(office.ask("POST", f"{path}/start", body={}))
    first = watch_in(started)["until"]
    assert office.ask("POST", f"{path}/start", body={}).status_code == 409
    office.world.clock.advance(DAY)
    office.world.meet()
    own = CaseId(office.world.outbox(A)[0].case)
    anew = reply(own, "watch-renew", about=mid, watch_days=30, watch_reason="Put off.")
    done = send(office.world.residents[A], anew)
    office.world.run()
    office.here.desk.reading.message(office.here.actor("officer"), done.mid)
    assert office.ask("POST", f"{path}/renew", body={}).status_code == 422
    renewed = watch_in(
        told(office.ask("POST", f"{path}/renew", body={"reason": "Still expected."}))
    )
    assert (renewed["renewals"], str(renewed["until"]) > str(first)) == (1, True)
    (listed,) = cast("list[Json]", told(office.ask("GET", "watches"))["watches"])
    assert listed == renewed
    assert not {"reason", "subjects", "candidates"} & listed.keys()
    told(office.ask("POST", f"{path}/end", body={}))
    assert told(office.ask("GET", "watches")) == {"watches": []}
    assert told(office.ask("GET", path))["has_ended"] is True


def test_who_was_found_is_told_without_a_score(office: Office) -> None:
    path, _ = requested(office)
    allow(office)
    told(office.ask("POST", f"{path}/start", body={}))
    assert told(office.ask("POST", f"{path}/found", body={}))["candidates"] == []
    hold_anna(office.here)
    Watching(desk=office.here.desk, member=member_of(office.here.agency)).work()
    found = told(office.ask("POST", f"{path}/found", body={}))
    (candidate,) = cast("list[Json]", found["candidates"])
    assert (candidate["entity"], candidate["name"]) == ("p-1", "Anna Example")
    assert found["properties"] == {"name": ["Anna Example"], "birthDate": ["1988-04-17"]}
    assert not {"score", "band", "weight"} & candidate.keys()


def test_what_is_left_open_or_declined_is_not_kept(office: Office) -> None:
    path, _ = requested(office)
    answer = told(office.ask("POST", f"{path}/start", body={}))
    assert (answer["verdict"], answer["missing"]) == ("refer", ["watch_permitted"])
    assert answer["watch"] is None
    told(office.ask("POST", f"{path}/decline", body={}))
    assert office.ask("POST", f"{path}/end", body={}).status_code == 404


@pytest.mark.parametrize("seat", ["engineer", "analyst"])
def test_a_seat_that_may_not_start_is_refused(office: Office, seat: str) -> None:
    path, _ = requested(office)
    allow(office)
    assert office.ask("POST", f"{path}/start", body={}, seat=seat).status_code == 403
    bound = office.token("officer", purpose="border-security")
    assert office.ask("GET", path, token=bound).status_code == 403
