"""Watches by plain forms: what was requested, started, found, renewed, ended."""

import pytest
from tests.scenarios.stage import A, case_of, hold_anna, question, reply, send
from tests.unit.console.ground import ARCADIA, NORLAND, House, open_house

from comity.core.clock import DAY, Instant
from comity.core.ids import CaseId, member_of
from comity.desk import Assessment
from comity.node.watching import Watching


@pytest.fixture
def house() -> House:
    return open_house()


def worked(house: House) -> None:
    Watching(desk=house.here.desk, member=member_of(house.here.agency)).work()
    house.world.run()


def requested(house: House, *, days: int = 20) -> tuple[CaseId, str]:
    """Let Arcadia ask Norland for a watch."""
    letter = question(NORLAND, watch_days=days, watch_reason="<b>She is expected.</b>")
    sent = send(house.world.residents[A], letter)
    house.world.run()
    house.here.desk.reading.message(house.here.actor("officer"), sent.mid)
    return case_of(house.here, sent.mid), sent.mid


def allow(house: House) -> None:
    here = house.here
    said = Assessment(
        partner=ARCADIA,
        purpose="counter-terrorism",
        fact="watch_permitted",
        value=True,
        until=Instant(here.clock.now() + 90 * DAY),
        reasons="Border Act, section 4",
    )
    row = here.desk.counsel.assess(here.actor("legal"), said)
    here.desk.counsel.confirm(
        here.actor("rights"), partner=row.partner, purpose=row.purpose, fact=row.fact, at=row.at
    )
    house.world.clock.advance(1)


def test_an_empty_list_says_what_a_watch_is_and_what_to_do_next(house: House) -> None:
    for seat in ("officer", "oversight", "rights"):
        page = house.browser(seat).get("/watches").text
        assert "No watch lives here" in page
        assert "begins only where an ask requests it" in page
    assert house.browser("engineer").get("/watches").status_code == 403
    arabic = house.browser("officer")
    arabic.get("/preferences")
    arabic.post("/preferences", {"lang": "ar"})
    assert "لا توجد مراقبة" in arabic.get("/watches").text


def test_a_case_without_a_request_offers_no_watch(house: House) -> None:
    sent = send(house.world.residents[A], question(NORLAND))
    house.world.run()
    case = case_of(house.here, sent.mid)
    officer = house.browser("officer")
    assert f"/cases/{case}/watch" not in officer.get(f"/cases/{case}").text
    assert officer.get(f"/cases/{case}/watch").status_code == 404


def test_an_officer_starts_a_watch_and_oversight_sees_it_without_for_whom(house: House) -> None:
    case, _ = requested(house)
    allow(house)
    officer = house.browser("officer")
    assert f"/cases/{case}/watch" in officer.get(f"/cases/{case}").text
    page = officer.get(f"/cases/{case}/watch").text
    assert "&lt;b&gt;She is expected.&lt;/b&gt;" in page
    assert "Start the watch" in page
    started = officer.post(f"/cases/{case}/watch", {"act": "start"})
    assert "The watch is kept" in started.text
    oversight = house.browser("oversight").get("/watches").text
    assert case in oversight
    assert "xa.border" in oversight or "Arcadia" in oversight
    assert "Anna" not in oversight
    assert "expected" not in oversight
    assert house.browser("oversight").get(f"/cases/{case}/watch").status_code == 403


def test_who_was_found_is_listed_and_compared_without_a_score(house: House) -> None:
    case, _ = requested(house)
    allow(house)
    officer = house.browser("officer")
    officer.post(f"/cases/{case}/watch", {"act": "start"})
    hold_anna(house.here)
    worked(house)
    assert "Look at who came in" in officer.get(f"/cases/{case}?tab=tasks").text
    listed = officer.post(f"/cases/{case}/watch/found").text
    assert "Anna Example" in listed
    compared = officer.post(f"/cases/{case}/candidates/p-1", officer.hidden())
    assert compared.status_code == 200
    assert "1988-04-17" in compared.text
    assert "thousandths" not in compared.text


def test_a_watch_is_renewed_and_ended_by_forms(house: House) -> None:
    case, mid = requested(house)
    allow(house)
    officer = house.browser("officer")
    officer.post(f"/cases/{case}/watch", {"act": "start"})
    assert "Renew the watch" not in officer.get(f"/cases/{case}/watch").text
    there = house.world.residents[A]
    own = CaseId(house.world.outbox(A)[0].case)
    anew = reply(own, "watch-renew", about=mid, watch_days=30, watch_reason="Put off.")
    done = send(there, anew)
    house.world.run()
    house.here.desk.reading.message(house.here.actor("officer"), done.mid)
    assert "Renew the watch" in officer.get(f"/cases/{case}/watch").text
    bare = officer.post(f"/cases/{case}/watch", {"act": "renew"})
    assert bare.status_code == 422
    officer.post(f"/cases/{case}/watch", {"act": "renew", "body.reason": "Still expected."})
    assert "Renewed by" in officer.get(f"/cases/{case}/watch").text
    officer.post(f"/cases/{case}/watch", {"act": "end"})
    page = officer.get(f"/cases/{case}/watch").text
    assert "It has ended and was erased" in page
    assert "Start the watch" not in page


def test_what_law_leaves_open_and_what_a_person_declines_is_not_kept(house: House) -> None:
    case, _ = requested(house)
    officer = house.browser("officer")
    told = officer.post(f"/cases/{case}/watch", {"act": "start"}).text
    assert "No watch is kept" in told
    page = officer.get(f"/cases/{case}?tab=tasks").text
    assert "Assess whether our law permits the watch" in page
    officer.get(f"/cases/{case}/watch")
    officer.post(f"/cases/{case}/watch", {"act": "decline"})
    assert officer.post(f"/cases/{case}/watch", {"act": "watch"}).status_code == 404
    assert house.here.desk.watches.living(house.here.actor("officer")) == ()


def test_nobody_says_by_hand_what_became_of_a_watch(house: House) -> None:
    case, _ = requested(house)
    officer = house.browser("officer")
    assert "/acts/watch-answer" not in officer.get(f"/cases/{case}").text
    assert officer.get(f"/cases/{case}/acts/watch-answer").status_code == 404


def test_an_unopened_request_says_to_open_it_first(house: House) -> None:
    letter = question(NORLAND, watch_days=20, watch_reason="She is expected.")
    sent = send(house.world.residents[A], letter)
    house.world.run()
    allow(house)
    case = case_of(house.here, sent.mid)
    officer = house.browser()
    page = officer.get(f"/cases/{case}/watch").text
    assert f"/cases/{case}/messages/{sent.mid}" in page
    assert "She is expected." not in page
    assert "Start the watch" not in page
    officer.get(f"/cases/{case}/messages/{sent.mid}")
    assert "Start the watch" in officer.get(f"/cases/{case}/watch").text
