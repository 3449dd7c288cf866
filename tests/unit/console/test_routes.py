"""The console over real desks: every act by plain forms, as a browser without scripts."""

import re

import httpx2
import pytest
from tests.scenarios.test_emergency import emergency_world, hasten
from tests.unit.console.ground import (
    ARCADIA,
    ASK,
    LIST,
    NORLAND,
    Browser,
    House,
    open_house,
)

from comity.adapters.world import make_world
from comity.console.routes import LOOKS
from comity.core.ids import AgencyId, NodeId
from comity.desk import READERS
from comity.law import shipped_corpus, shipped_lexicon
from comity.node.bootstrap import shipped_practices

HOSTILE = "<script>alert(1)</script>\"'\u202egnp.exe"
UNANSWERED = {key: value for key, value in ASK.items() if not key.startswith("fact.")}


@pytest.fixture
def house() -> House:
    return open_house()


def case_of(found: httpx2.Response) -> str:
    named = re.search(r"/cases/([0-9a-z-]+)", str(found.url))
    assert named is not None, found.text
    return named[1]


def ask(browser: Browser, **changes: str) -> httpx2.Response:
    browser.get("/compose")
    return browser.post("/compose", {**ASK, **changes})


def test_a_link_leads_to_a_button_and_signs_in_once(house: House) -> None:
    link, browser = house.link("officer"), Browser(app=house.app)
    for _ in range(2):
        assert "csrf" in browser.get(f"/sign-in?token={link}").text
    assert browser.post("/sign-in", {"token": link}).status_code == 200
    assert "Officer Example" in browser.get("/").text
    other = Browser(app=house.app)
    other.get(f"/sign-in?token={link}")
    assert other.post("/sign-in", {"token": link}).status_code == 403
    assert "no longer works" in other.page


def test_the_sign_in_form_is_bound_to_its_own_page(house: House) -> None:
    link, browser = house.link("officer"), Browser(app=house.app)
    browser.get(f"/sign-in?token={link}")
    assert browser.post("/sign-in", {"token": link}, csrf="0" * 32).status_code == 403
    browser.get(f"/sign-in?token={link}")
    assert browser.post("/sign-in", {"token": link}).status_code == 200


@pytest.mark.parametrize("path", [*sorted(LOOKS), "/lists", "/no/such/page"])
def test_no_page_without_a_session(house: House, path: str) -> None:
    browser = Browser(app=house.app)
    browser.get(path)
    assert "Sign in with your link" in browser.page
    assert browser.post(path, csrf="").status_code == 200
    assert "Sign in with your link" in browser.page


def test_signing_out_ends_the_session(house: House) -> None:
    browser = house.browser()
    browser.get("/")
    kept = dict(browser.cookies)
    browser.post("/sign-out")
    browser.cookies = kept
    assert "Sign in with your link" in browser.get("/").text


def test_the_session_cookie_is_strict_and_of_this_host_alone(house: House) -> None:
    for base, name in (("https://n", "__Host-comity"), ("http://n", "comity-xn-police-n1")):
        browser = Browser(app=house.app, base=base)
        browser.get(f"/sign-in?token={house.link('officer')}")
        token = browser.hidden()["token"]
        seen: list[str] = []
        _watch(browser, seen)
        browser.post("/sign-in", {"token": token})
        cookie = next(each for each in seen if each.startswith(name))
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert ("Secure" in cookie) is base.startswith("https")


def _watch(browser: Browser, seen: list[str]) -> None:
    inner = browser.app

    async def app(scope: object, receive: object, send: object) -> None:
        async def told(message: dict[str, object]) -> None:
            headers = message.get("headers")
            if isinstance(headers, list):
                seen.extend(value.decode() for name, value in headers if name == b"set-cookie")
            await send(message)  # type: ignore[operator] # the ASGI shape

        await inner(scope, receive, told)  # type: ignore[arg-type] # the ASGI shape

    browser.app = app  # type: ignore[assignment] # the ASGI shape


@pytest.mark.parametrize("csrf", ["", "0" * 64, "\u202e"])
def test_a_form_of_another_session_does_nothing(house: House, csrf: str) -> None:
    browser = house.browser()
    assert browser.post("/compose", ASK, csrf=csrf).status_code == 403
    assert house.world.outbox(house.here.node) == []


def test_every_answer_carries_the_security_headers(house: House) -> None:
    browser = house.browser()
    for path in ("/", "/no-such", "/static/app.css", "/static/none.css", "/sign-in"):
        found = browser.get(path)
        assert "default-src 'none'" in found.headers["content-security-policy"]
        assert found.headers["x-content-type-options"] == "nosniff"
    assert browser.get("/").headers["cache-control"] == "no-store"


def test_a_static_file_is_kept_by_its_digest_alone(house: House) -> None:
    browser = house.browser()
    browser.get("/")
    for link in browser.links("/static/"):
        assert "immutable" in browser.get(link).headers["cache-control"]
    assert browser.get("/static/app.css").headers["cache-control"] == "no-cache"
    assert browser.get("/static/../routes.py").status_code == 404


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize(
    "who", ["officer", "supervisor", "legal", "rights", "admin", "oversight"]
)
def test_every_page_a_seat_is_led_to_opens_in_both_languages(
    house: House, lang: str, who: str
) -> None:
    browser = house.browser(who)
    browser.get("/", **{"accept-language": f"{lang}-XX, en;q=0.1"})
    for link in browser.links("/"):
        if not link.startswith(("/static", "/sign-out", "/find", "/assign")):
            found = browser.get(link, **{"accept-language": lang})
            assert found.status_code == 200, link
            assert f'<html lang="{lang}"' in found.text


def test_preferences_are_kept_in_the_browser(house: House) -> None:
    browser = house.browser()
    browser.get("/preferences")
    browser.post("/preferences", {"theme": "dark", "lang": "ar", "keys": "off"})
    browser.get("/")
    assert '<html lang="ar" dir="rtl" data-theme="dark">' in browser.page
    assert 'data-keys="on"' not in browser.page


def test_the_law_is_asked_before_anything_is_sent(house: House) -> None:
    browser = house.browser()
    browser.get("/compose")
    page = browser.post("/compose/law", UNANSWERED).text
    asked = set(re.findall(r'name="fact\.(\w+)"', page))
    assert {"conduct", "political_offence", "stage", "free_text_sensitive"} <= asked
    assert len(asked) <= 5
    assert house.world.outbox(house.here.node) == []
    part = browser.post("/compose/law", ASK, headers={"hx-request": "true"}).text
    assert "<html" not in part
    assert 'class="verdict' in part


def test_an_incomplete_letter_says_what_is_wrong_and_keeps_what_was_typed(house: House) -> None:
    browser = house.browser()
    found = ask(browser, **{"body.question": "", "body.link": HOSTILE})
    assert found.status_code == 422
    assert "Question:" in found.text
    assert "<script>alert" not in found.text
    assert house.world.outbox(house.here.node) == []


def test_another_entity_makes_room_without_sending(house: House) -> None:
    browser = house.browser()
    found = ask(browser, add="body.subjects")
    assert found.status_code == 200
    assert 'name="body.subjects/1/schema"' in found.text
    assert house.world.outbox(house.here.node) == []


def test_a_permitted_letter_is_sent_and_its_case_opens(house: House) -> None:
    browser = house.browser()
    case = case_of(ask(browser))
    assert "Sent, and in the ledger" in browser.page
    assert len(house.world.outbox(house.here.node)) == 1
    for tab in ("timeline", "values", "disclosures", "tasks"):
        assert browser.get(f"/cases/{case}?tab={tab}").status_code == 200
    browser.get(f"/cases/{case}?tab=values")
    assert "Anna Example" in browser.page
    browser.get(f"/?view=waiting&open={case}")
    assert case in browser.page
    found = browser.post("/find", {"words": case.upper()})
    assert case in found.text
    browser.post("/assign", {"case": case})
    assert "Taken on." in browser.page


def test_a_denial_cites_its_articles_and_writes_nothing_out(house: House) -> None:
    browser = house.browser()
    found = ask(browser, partner="xm.justice")
    assert "The law does not permit this" in found.text
    assert re.search(r"<small><bdi>[^<]*art\.", found.text)
    assert house.world.outbox(house.here.node) == []


def test_a_referral_says_who_decides_and_goes_on_with_facts(house: House) -> None:
    browser = house.browser()
    browser.get("/compose")
    found = browser.post("/compose", UNANSWERED)
    assert "Not sent: a named person decides" in found.text
    resume = browser.links("/referrals/")
    action = next(link for link in resume if link.endswith("/resume"))
    facts = {key: value for key, value in ASK.items() if key.startswith("fact.")}
    browser.post(action, facts)
    assert "/cases/" in browser.page
    assert len(house.world.outbox(house.here.node)) == 1


def test_the_panel_tells_of_a_recipients_duty_to_act_before_anything_is_sent() -> None:
    castalia = AgencyId("xc.police")
    world = make_world(
        (NORLAND, ARCADIA, castalia), practices=shipped_practices(), corpus=shipped_corpus()
    )
    browser = open_house(world=world).browser()
    browser.get("/compose")
    asked = {**ASK, "purpose": "foreign-fighters", "fact.conduct": "conduct_travel"}
    duty = "obliges it to act on what it learns"
    told = browser.post("/compose/law", {**asked, "partner": castalia}).text
    assert duty in told
    assert "Castalia Duty of Prosecution Act (fictional), s. 2" in told
    assert duty not in browser.post("/compose/law", asked).text
    assert not world.outbox(NodeId("xn.police.n1"))


def test_a_contrary_sign_ticked_beside_a_letter_leaves_it_to_a_person(house: House) -> None:
    browser = house.browser()
    browser.get("/compose")
    panel = browser.post("/compose/law", ASK).text
    assert panel.count('name="sign.signs"') == len(shipped_lexicon().signs)
    found = browser.post("/compose", {**ASK, "sign.signs": "asylum"})
    assert "Not sent: a named person decides" in found.text
    assert browser.post("/compose", {**ASK, "sign.signs": "nonsense"}).status_code == 422
    assert not house.world.outbox(house.here.node)


def test_no_form_takes_a_no_to_an_absolute_prohibition(house: House) -> None:
    browser = house.browser()
    case = case_of(ask(browser))
    for fact in shipped_lexicon().facts.values():
        if fact.absolute:
            browser.get("/compose")
            found = browser.post("/compose", {**ASK, f"fact.{fact.name}": "no"})
            assert found.status_code == 403, fact.name
            browser.get(f"/cases/{case}/facts")
            said = {"body.fact": fact.name, "body.value": "no"}
            assert browser.post(f"/cases/{case}/facts", said).status_code == 403
    assert len(house.world.outbox(house.here.node)) == 1


def test_a_contrary_sign_is_stated_on_the_page_of_facts(house: House) -> None:
    browser = house.browser()
    case = case_of(ask(browser))
    browser.get(f"/cases/{case}/facts")
    browser.post(f"/cases/{case}/facts", {"body.fact": "asylum", "body.value": "yes"})
    stated = browser.get(f"/cases/{case}/facts").text
    assert "the person has asked for asylum or is protected" in stated


def test_what_needs_two_persons_waits_for_another_one(house: House) -> None:
    browser = house.browser()
    browser.get("/compose?kind=requests.warning/1")
    letter = {
        **{key: value for key, value in ASK.items() if not key.startswith("body.")},
        "kind": "requests.warning/1",
        "body.danger": "public-safety",
        "body.text": HOSTILE,
        "body.until@utc": "2026-06-03T00:00",
    }
    browser.post("/compose", letter)
    assert "Waits for a second person" in browser.page
    confirm = next(each for each in browser.links("/pending/") if each.endswith("confirm"))
    assert browser.post(confirm).status_code == 403
    second = house.browser("supervisor")
    second.get("/pending")
    second.get(next(each for each in second.links("/pending/")))
    assert "<script>alert" not in second.page
    second.post(confirm)
    assert len(house.world.outbox(house.here.node)) == 1
    assert second.post(confirm).status_code in {403, 409}


def bring_in(house: House) -> None:
    browser = house.browser("engineer")
    browser.get("/lists")
    browser.post(
        "/lists/preview",
        {
            "body.format": "csv",
            "body.dataset": "national-list",
            "body.edition": "2026-06-01",
            "body.basis": "Resolution 1373 (2001)",
            "body.purpose": "counter-terrorism",
            "body.marking": "TLP:GREEN",
        },
        files={"list.csv": LIST},
    )
    assert "New: 1" in browser.page
    previewed = browser.hidden()["previewed"]
    assert browser.post("/lists/commit", {"previewed": previewed}).status_code == 200
    assert "2026-06-01" in browser.page
    assert browser.post("/lists/commit", {"previewed": previewed}).status_code == 404


def judge(browser: Browser, path: str, fields: dict[str, str], *, stage: str) -> None:
    browser.post(
        path,
        {
            **fields,
            **browser.hidden(),
            "stage": stage,
            "judgement": "same",
            "reason": "Day agrees.",
        },
    )


def test_two_officers_compare_and_answer_by_forms_alone(  # noqa: PLR0915 - one story told whole
    house: House,
) -> None:
    asker = house.browser()
    asked_at = f"/cases/{case_of(ask(asker))}"
    house.world.run()
    there = open_house(ARCADIA, house.world)
    bring_in(there)
    officer = there.browser()
    officer.get("/?view=to-do")
    officer.get(next(each for each in officer.links("/?view=to-do&open=")))
    officer.get(next(each for each in officer.links("/cases/") if "/messages/" in each))
    assert "Did she cross" in officer.page
    search = next(each for each in officer.links("/cases/") if each.endswith("/search"))
    officer.post(search, officer.hidden())
    path = next(each for each in officer.links("/cases/") if "/candidates/" in each)
    asked = officer.hidden()
    for who in ("officer", "other-officer"):
        person = there.browser(who)
        person.get(search)
        person.post(path, asked)
        assert 'class="bands"' not in person.page
        assert 'class="wt"' not in person.page
        assert "same person by" not in person.page.lower()
        judge(person, path, asked, stage="first")
        assert 'class="bands"' in person.page
        judge(person, path, asked, stage="final")
        assert "This comparison is closed" in person.page
    act = search.replace("/search", "/acts/answer")
    officer.get(act)
    about = re.findall(r'value="([0-9a-f]{32})" (?:selected|checked)', officer.page)
    letter = {
        "body.about": about[0],
        "body.judgement": about[0],
        "body.outcome": "hit",
        "letter.marking": "TLP:AMBER H1",
        **{key: value for key, value in ASK.items() if key.startswith("fact.")},
    }
    officer.post(act, letter)
    assert "Waits for a second person" in officer.page
    confirm = next(each for each in officer.links("/pending/") if each.endswith("confirm"))
    second = there.browser("supervisor")
    second.get("/pending")
    second.post(confirm)
    house.world.run()
    case = case_of(asker.get(asked_at))
    assert "Received: Answer" in asker.get(f"/cases/{case}").text


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_a_search_without_a_name_is_told_that_a_name_is_missing(
    house: House, name: str
) -> None:
    browser = house.browser()
    case = case_of(ask(browser))
    fields = {"body.subject/schema": "Person", "body.subject/properties/name": name}
    browser.get(f"/cases/{case}/search")

    assert browser.post("/screening", {"case": case, **fields}).status_code == 422

    assert "expected at least one name to search for" in browser.page


def test_a_changed_question_is_not_judged_unseen(house: House) -> None:
    browser = house.browser()
    bring_in(house)
    case = case_of(ask(browser))
    fields = {"body.subject/schema": "Person", "body.subject/properties/name": "Ana Exampel"}
    browser.get(f"/cases/{case}/search")
    browser.post("/screening", {"case": case, **fields})
    path = next(each for each in browser.links("/cases/") if "/candidates/" in each)
    browser.post(path, fields)
    changed = {
        **fields,
        "body.subject/properties/name": "Another Name",
        "version": browser.hidden()["version"],
        "stage": "first",
        "judgement": "same",
        "reason": "Unseen.",
    }
    assert browser.post(path, changed).status_code == 409


def test_a_hostile_name_is_only_text_on_every_page(house: House) -> None:
    browser = house.browser()
    name = {"body.subjects/0/properties/name": HOSTILE, "body.question": HOSTILE}
    case = case_of(ask(browser, **name))
    for path in (f"/cases/{case}", f"/cases/{case}?tab=values", "/", "/?view=waiting"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "\u202e" not in page


def test_what_is_not_there_and_what_may_not_be_seen_read_the_same(house: House) -> None:
    browser = house.browser()
    pages = [browser.get(path).text for path in ("/cases/2026-0000000000", "/no/such")]
    cut = [re.sub(r"e-[0-9a-f]{8}", "", page) for page in pages]
    assert cut[0] == cut[1]


def test_an_admin_enrols_seats_links_and_closes(house: House) -> None:
    browser = house.browser("admin")
    browser.get("/people")
    browser.post("/people", {"body.name": HOSTILE})
    assert "<script>alert" not in browser.page
    person = next(each for each in browser.links("/people/") if each.endswith("/grant"))
    browser.post(person, {"body.seat": "officer"})
    assert "The seat was given" in browser.page
    browser.post(person.replace("/grant", "/link"))
    secret = re.search(r"/sign-in\?token=([0-9a-f]+)", browser.page)
    assert secret is not None
    fresh = Browser(app=house.app)
    fresh.get(f"/sign-in?token={secret[1]}")
    assert fresh.post("/sign-in", {"token": secret[1]}).status_code == 200
    browser.get("/people")
    browser.post(person.replace("/grant", "/disable"))
    assert "Sign in with your link" in fresh.get("/").text


def test_an_assessment_counts_once_another_confirms_it(house: House) -> None:
    legal = house.browser("legal")
    legal.get("/law")
    legal.post(
        "/law/assessments",
        {
            "body.partner": "xa.border",
            "body.purpose": "operation",
            "body.fact": "torture_risk",
            "body.value": "no",
            "body.until@utc": "2026-12-01T00:00",
            "body.reasons": HOSTILE,
        },
    )
    assert "Stated" in legal.page
    hidden = legal.hidden()
    assert legal.post("/law/assessments/confirm", hidden).status_code == 403
    rights = house.browser("rights")
    rights.get("/law")
    rights.post("/law/assessments/confirm", hidden)
    assert "Confirmed." in rights.page


def test_the_law_answers_a_question_about_nobody(house: House) -> None:
    browser = house.browser("legal")
    browser.get("/law/explain")
    asked = {
        "body.partner": "xa.border",
        "body.kind": "requests.ask/1",
        "body.purpose": "counter-terrorism",
        "body.categories": "identity",
        "body.marking": "TLP:AMBER H1",
    }
    assert "bombings-10" in browser.post("/law/explain", asked).text
    assert house.here.store.read(lambda r: r.size()) == 0


def test_an_act_beyond_the_seat_is_refused_in_words(house: House) -> None:
    browser = house.browser("oversight")
    assert not {"oversight"} & READERS
    browser.get("/")
    found = browser.get("/pending")
    assert found.status_code == 403
    assert "You may not do this from your seat" in found.text


def test_a_form_too_large_is_refused_before_it_is_kept(house: House) -> None:
    browser = house.browser()
    browser.get("/compose")
    found = browser.post("/compose", {**ASK, "body.facts": "x" * 9_000_000})
    assert found.status_code == 413


@pytest.mark.parametrize("number", ["x", "-1", "9" * 30, "99"])
def test_a_ledger_entry_that_is_not_there_says_so(house: House, number: str) -> None:
    assert house.browser().get(f"/oversight/entries/{number}").status_code in {404, 422}


def test_what_went_on_the_emergency_path_is_validated_by_another() -> None:
    house = open_house(world=emergency_world())
    sent = hasten(house.world)
    path = f"/messages/{sent.mid}"
    assert f"{path}/validate" in house.browser().get(path).text
    assert house.browser().post(f"{path}/validate", {}).status_code == 403
    legal = house.browser("legal")
    legal.get(path)
    assert "Validated. It stays." in legal.post(f"{path}/validate", {}).text
    assert f"{path}/validate" not in legal.get(path).text
