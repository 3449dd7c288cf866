"""The duty post, the doors and the sender's page, by plain forms and without scripts."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import question, send
from tests.unit.console.ground import NORLAND, House, open_house

from comity.core.clock import DAY, MINUTE
from comity.core.ids import NodeId

A = NodeId("xa.border.n1")


@pytest.fixture
def house() -> House:
    return open_house()


def called(house: House) -> str:
    there = house.world.residents[A]
    sent = send(there, question(NORLAND, urgency_ground="danger-to-life"))
    house.world.run()
    return sent.mid


def on_rota(house: House) -> None:
    chief = house.browser("supervisor")
    chief.get("/duty")
    form = {
        "body.person": house.persons["officer"],
        "body.days": "mon-sun",
        "body.start": "00:00",
        "body.end": "00:00",
        "body.rank": "0",
    }
    assert chief.post("/duty/add", form).status_code == 200


def test_a_supervisor_writes_the_rota_and_an_officer_reads_it(house: House) -> None:
    on_rota(house)
    officer = house.browser()
    text = officer.get("/duty").text
    assert "Officer Example" in text
    assert "00:00-00:00" in text
    assert "/duty/end" not in text
    assert officer.post("/duty/add", {"body.rank": "x"}).status_code == 422
    assert officer.post("/duty/add", {"body.person": "xn.police/0000"}).status_code == 403
    chief = house.browser("supervisor")
    chief.get("/duty")
    assert chief.post("/duty/end", {"shift": chief.hidden()["shift"]}).status_code == 200
    assert "There is no rota" in chief.page


def test_one_says_where_one_is_woken_and_when_one_is_away(house: House) -> None:
    on_rota(house)
    officer = house.browser()
    officer.get("/duty")
    officer.post("/duty/reach", {"body.address": "+3531234567"})
    assert "+3531234567" in officer.page
    days = {"body.since@utc": "2026-06-01T10:00", "body.until@utc": "2026-06-03T10:00"}
    assert officer.post("/duty/away", days).status_code == 200
    assert "2026-06-03T10:00:00Z" in officer.page
    assert "+3531234567" not in house.browser("supervisor").get("/duty").text


def test_the_post_rings_and_asks_again_without_a_script(house: House) -> None:
    on_rota(house)
    officer = house.browser()
    house.here.desk.duty.run(lambda _reach: 1)
    trial = house.here.desk.duty.called(house.here.actor("officer"))[0].call
    house.here.desk.duty.answer(house.here.actor("officer"), trial)
    quiet = officer.get("/duty/post")
    assert quiet.headers["refresh"] == "20; url=/duty/post"
    assert "<audio" not in quiet.text
    mid = called(house)
    house.here.desk.duty.run(lambda _reach: 1)
    rings = officer.get("/duty/post").text
    assert "<audio" in rings
    assert "autoplay" in rings
    assert "media-src 'self'" in quiet.headers["content-security-policy"]
    assert officer.get("/static/call.wav").headers["content-type"] == "audio/wav"
    officer.get("/duty/post")
    officer.post("/duty/answer", {"call": mid})
    assert "<audio" not in officer.page
    assert "Looking: Officer Example" in officer.page
    assert "<audio" in officer.get("/duty/post?sound=1").text


def test_a_call_stands_on_every_page_until_the_message_is_opened(house: House) -> None:
    mid = called(house)
    officer = house.browser()
    assert 'role="alert"' in officer.get("/law").text
    assert 'role="alert"' not in house.browser("oversight").get("/law").text
    officer.get(f"/messages/{mid}")
    assert 'role="alert"' not in officer.get("/law").text


def test_a_trial_call_is_made_by_hand_and_listed(house: House) -> None:
    on_rota(house)
    chief = house.browser("supervisor")
    chief.get("/duty")
    chief.post("/duty/trial")
    assert "Trial call" in chief.page
    assert "Nobody has answered" in chief.page


@pytest.mark.parametrize("stored", [True, False])
def test_the_senders_page_says_whom_to_telephone(house: House, stored: bool) -> None:  # noqa: FBT001 - a case
    if not stored:
        house.world.unreachable.add(A)
    sent = send(house.here, question(urgency_ground="danger-to-life"))
    house.world.run()
    officer = house.browser()
    assert "If nobody there has opened it" in officer.get(f"/messages/{sent.mid}").text
    house.world.clock.advance(15 * MINUTE)
    late = officer.get(f"/messages/{sent.mid}").text
    words = "nobody has opened it" if stored else "has not reached their node"
    assert words in late
    assert "Telephone them" in late
    assert "lists no contact point" in late


def test_a_door_is_closed_by_one_and_opened_by_two_on_its_page(house: House) -> None:
    waits = send(house.here, question())
    chief = house.browser("supervisor")
    assert "Every door is open" in chief.get("/doors").text
    form = {
        "body.partner": "xa.border",
        "body.purpose": "",
        "body.reach": "warnings-too",
        "body.reasons": "<b>No answer</b>",
    }
    assert chief.post("/doors/close", form).status_code == 200
    house.world.run()
    assert "waiting here: <bdi>" in chief.get("/doors").text or "1 messages" in chief.page
    assert "Warnings closed out" in chief.page
    assert "<b>No answer</b>" not in chief.page
    officer = house.browser()
    assert "Held back by the door" in officer.get(f"/messages/{waits.mid}").text
    assert "/doors/open" not in officer.get("/doors").text
    chief.get("/doors")
    chief.post("/doors/open", {"partner": "xa.border", "purpose": ""})
    assert "as second person" in chief.page
    legal = house.browser("legal")
    legal.get("/doors")
    assert legal.post("/doors/open", {"partner": "xa.border", "purpose": ""}).status_code == 200
    assert "Every door is open" in legal.page


def test_a_partner_that_closed_its_door_is_named(house: House) -> None:
    sent = send(house.here, question())
    row = house.world.outbox(house.here.node)[0]
    changed = replace(row, code="closed")
    house.here.store.commit(lambda tx: tx.put(changed)).result()
    officer = house.browser()
    assert "Closed to us" in officer.get("/doors").text
    assert "xa.border" in officer.page
    assert "closed its door to you" in officer.get(f"/messages/{sent.mid}").text


@pytest.mark.parametrize("page", ["/duty", "/duty/post", "/doors"])
def test_the_pages_speak_arabic(house: House, page: str) -> None:
    on_rota(house)
    called(house)
    house.world.clock.advance(DAY)
    house.here.desk.duty.run(lambda _reach: 1)
    officer = house.browser()
    officer.get("/preferences")
    officer.post("/preferences", {"lang": "ar", "theme": "auto", "keys": "on"})
    text = officer.get(page).text
    assert 'dir="rtl"' in text
    assert "المناوبة" in text
