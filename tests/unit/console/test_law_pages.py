"""The pages of the law over real desks: every reason can be followed to its article."""

import re
from html import unescape

import httpx2
import pytest
from tests.unit.console.ground import ASK, Browser, House, open_house
from tests.unit.desk.ground import banned, confirmed, gap_world, hostages

from comity.console.chapters import rule_href
from comity.console.conditions import conditions
from comity.console.lawbook import PARTIES
from comity.console.tongue import tongue
from comity.desk import sweep
from comity.law import shipped_corpus, told_cases
from comity.law.predicate import VOCABULARY

HOSTILE = "<script>alert(1)</script>\"'\u202egnp.exe"
LANGUAGES = ("en", "ar")
UNANSWERED = {key: value for key, value in ASK.items() if not key.startswith("fact.")}
CORPUS = shipped_corpus()


@pytest.fixture(scope="module")
def house() -> House:
    return open_house()


@pytest.fixture
def legal(house: House) -> Browser:
    return house.browser("legal")


def asked(house: House, **changes: str) -> httpx2.Response:
    browser = house.browser()
    browser.get("/compose")
    return browser.post("/compose", {**ASK, **changes})


def newest(browser: Browser) -> str:
    browser.get("/law/past")
    return next(each for each in browser.links("/law/past/") if "?" not in each)


# Each page is opened once, every second one in Arabic.
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_instrument_has_its_page(legal: Browser, lang: str) -> None:
    for name, held in sorted(CORPUS.instruments.items())[LANGUAGES.index(lang) :: 2]:
        found = legal.get(f"/law/instruments/{name}", **{"accept-language": lang})
        assert found.status_code == 200, name
        assert unescape(held.title) in unescape(found.text)
        for rule in CORPUS.rules:
            if name in {rule.instrument, rule.between}:
                assert f'id="rule-{rule.name}"' in found.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_is_shown_beside_its_source(legal: Browser, lang: str) -> None:
    for rule in CORPUS.rules[LANGUAGES.index(lang) :: 4]:
        page = legal.get(f"/law/rules/{rule.name}", **{"accept-language": lang}).text
        assert f'id="rule-{rule.name}"' in page, rule.name
        assert unescape(rule.cite) in unescape(page)
        assert f'href="{rule.url}"' in unescape(page) or not rule.url
        assert not rule.gap or unescape(rule.gap) in unescape(page)


def test_told_cases_stand_beside_their_rule(legal: Browser) -> None:
    held = {rule.name for rule in CORPUS.rules}
    for told in [each for each in told_cases(CORPUS) if each.rule in held][:40]:
        page = unescape(legal.get(f"/law/rules/{told.rule}").text)
        assert told.name in page
        assert told.place in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_predicate_has_words(lang: str) -> None:
    words = tongue(lang).entries
    assert {f"condition.{name}" for name in VOCABULARY if name != "fact"} <= words.keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_the_law_shows_has_words(lang: str) -> None:
    words = tongue(lang).entries.keys()
    held = CORPUS.instruments.values()
    assert {f"instrument_kind.{each.kind}" for each in held} <= words
    assert {f"category.{name}" for name in CORPUS.lexicon.categories} <= words
    assert {f"purpose.{name}" for name in CORPUS.lexicon.purposes} <= words
    assert {f"role.{rule.role.value}" for rule in CORPUS.rules} <= words


def test_the_handlers_words_are_the_same_keys_in_both_languages() -> None:
    english, arabic = tongue("en").entries, tongue("ar").entries
    assert english.keys() == arabic.keys()
    for key, text in english.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(
            re.findall(r"\{(\w+)\}", arabic[key])
        ), key


def test_a_rules_conditions_name_every_fact_it_reads() -> None:
    for rule in CORPUS.rules:
        told = conditions(rule, CORPUS.lexicon, tongue("en"))
        notes = " ".join(clause.note for each in told for clause in each.clauses)
        assert all(f"· {name}" in notes for name in rule.reads), rule.name


def test_the_list_narrows_by_kind_and_by_what_is_missing(legal: Browser) -> None:
    legal.get("/law/instruments")
    everything = len(legal.links("/law/instruments/"))
    assert everything == len(CORPUS.instruments)
    legal.get("/law/instruments?kind=universal")
    universal = len(legal.links("/law/instruments/"))
    legal.get("/law/instruments?missing=yes")
    missing = len(legal.links("/law/instruments/"))
    assert 0 < universal < everything
    assert 0 < missing < everything
    assert "No instrument here" in legal.get("/law/instruments?kind=none").text


def test_a_long_list_of_parties_comes_in_pages(legal: Browser) -> None:
    kept = [name for name, _ in CORPUS.treaties.parties]
    name = max(set(kept), key=kept.count)
    first = legal.get(f"/law/instruments/{name}").text
    assert kept.count(name) > PARTIES
    second = legal.get(f"/law/instruments/{name}?parties=2").text
    assert first != second
    for wrong in ("0", "99999999999999999999", "x", "-1", "٢"):
        assert legal.get(f"/law/instruments/{name}?parties={wrong}").text == first


@pytest.mark.parametrize(
    "path", ["/law/instruments/NONE", "/law/rules/none", f"/law/past/{'0' * 32}", "/law/past/x"]
)
def test_what_is_not_held_is_not_there(legal: Browser, path: str) -> None:
    assert legal.get(path).status_code == 404


def test_a_cell_of_the_matrix_leads_to_its_explanation(house: House, legal: Browser) -> None:
    legal.get("/law/matrix?purpose=counter-terrorism")
    assert "Arcadia" in legal.page or "xa.border" in legal.page
    cells = re.findall(r'<td class="(\w+)"><a href="([^"]+)" aria-label="([^"]+)"', legal.page)
    assert len(cells) == 2 * len(CORPUS.lexicon.categories)
    before = house.here.store.read(lambda r: r.size())
    words = {"ok": "Permitted", "warn": "Referred to a person", "crit": "Denied"}
    for sign, href, name in cells[:: len(cells) // 8]:
        page = legal.get(unescape(href)).text
        assert name.rpartition(": ")[2] in {"permitted", "left to a person", "denied"}
        verdict = re.search(r'<p class="verdict (\w+)">', page)
        assert verdict is not None, name
        assert verdict[1] == sign, (name, words[sign])
    assert house.here.store.read(lambda r: r.size()) == before


def test_supposed_answers_change_the_matrix_and_nothing_else(
    house: House, legal: Browser
) -> None:
    legal.get("/law/matrix")
    assert ": permitted" not in legal.page
    form = {
        "body.purpose": "counter-terrorism",
        "body.kind": "requests.ask/1",
        "body.marking": "TLP:AMBER",
        "body.ordinary": "yes",
        "fact.conduct": "conduct_bombing",
        "fact.stage": "for_investigation",
    }
    before = house.here.store.read(lambda r: r.size())
    page = legal.post("/law/matrix", form).text
    assert re.search(r'aria-label="[^"]+: permitted"', page)
    link = next(
        href
        for href, name in re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', page)
        if name.endswith("Identity: permitted")
    )
    assert 'class="verdict' in legal.get(unescape(link)).text
    assert "bombings-10" in legal.page
    assert house.here.store.read(lambda r: r.size()) == before


@pytest.mark.parametrize(
    "query", ["purpose=curiosity", "kind=requests.gossip/1", "marking=TLP:PINK"]
)
def test_a_matrix_of_an_unknown_name_is_refused_in_words(legal: Browser, query: str) -> None:
    found = legal.get(f"/law/matrix?{query}")
    assert found.status_code == 422
    assert "<h1" in found.text


def test_a_past_answer_is_followed_to_its_article_and_asked_otherwise(house: House) -> None:
    asked(house)
    officer = house.browser()
    path = newest(officer)
    page = officer.get(path).text
    assert "digest for digest" in page
    assert "under the law held today" not in page
    assert "bombings-10" in page
    rule = next(rule for rule in CORPUS.rules if rule.name == "bombings-10")
    assert f'href="{rule_href(rule)}"' in page
    assert rule.url in unescape(page)
    assert "Anna Example" not in page
    before = house.here.store.read(lambda r: r.size())
    officer.post(path, {"body.partner": "xm.justice"})
    assert "Said instead" in officer.page
    officer.post(path, {"fact.torture_risk": "yes", "body.on": "2026-07-01"})
    assert "No → Yes" in officer.page
    officer.post(path, {})
    assert "Nothing differs" in officer.page
    assert house.here.store.read(lambda r: r.size()) == before


@pytest.mark.parametrize(
    "form",
    [
        {"body.purpose": HOSTILE},
        {"fact.is_guilty": "yes"},
        {"fact.torture_risk": "perhaps"},
        {"body.on": "yesterday"},
        {"body.partner": "xz.nobody"},
        {"body.partner": HOSTILE},
    ],
)
def test_a_wrong_supposition_is_refused_in_words(house: House, form: dict[str, str]) -> None:
    asked(house)
    officer = house.browser()
    path = newest(officer)
    officer.get(path)
    found = officer.post(path, form)
    assert found.status_code in {404, 422}
    assert "<script>alert" not in found.text


def test_the_question_on_the_page_is_one_the_law_reads(house: House) -> None:
    asked(house)
    officer = house.browser()
    page = officer.get(newest(officer)).text
    question = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert question is not None
    found = house.here.desk.counsel.explain(unescape(question[1]).encode())
    assert found.decision.verdict.word == "permit"


def test_a_case_leads_to_its_answers_and_back(house: House) -> None:
    found = asked(house)
    case = str(found.url).partition("/cases/")[2].partition("?")[0]
    officer = house.browser()
    officer.get(f"/cases/{case}?tab=disclosures")
    (path,) = officer.links("/law/past/")
    officer.get(f"/cases/{case}")
    assert path in officer.links("/law/past/")
    officer.get(path)
    assert f"/cases/{case}" in officer.links("/cases/")
    officer.get(f"/law/past?case={case}")
    assert path in officer.links("/law/past/")


def test_a_referral_says_which_rule_what_is_missing_and_who_decides(house: House) -> None:
    asker = house.browser()
    asker.get("/compose")
    asker.post("/compose", UNANSWERED)
    legal = house.browser("legal")
    page = legal.get("/law/referrals").text
    assert "Yours to decide" in page
    assert legal.links("/law/instruments/")
    assert any(each.endswith("/facts") for each in legal.links("/cases/"))
    assert "Legal Example" in page
    legal.get(next(each for each in legal.links("/referrals/")))
    assert "Ask the law again" in legal.page


@pytest.mark.parametrize("who", ["oversight", "engineer", "admin"])
def test_who_reads_no_cases_reads_the_law_alone(house: House, who: str) -> None:
    browser = house.browser(who)
    assert browser.get("/law/instruments").status_code == 200
    assert "/law/past" not in browser.links("/law/")
    for path in ("/law/past", "/law/matrix", "/law/referrals"):
        assert browser.get(path).status_code == 403
    page = browser.get(
        "/law/explain?partner=xa.border&kind=requests.ask/1&purpose=counter-terrorism"
        "&categories=identity&marking=TLP:AMBER"
    )
    assert page.status_code == 200
    assert "Known before anybody" not in page.text


def test_every_link_of_every_law_page_opens(house: House) -> None:
    asked(house)
    legal = house.browser("legal")
    seen: set[str] = set()
    for start in ("/law", "/law/instruments", "/law/matrix", "/law/past", "/law/referrals"):
        legal.get(start)
        for link in legal.links("/law"):
            if link.partition("#")[0] not in seen and len(seen) < 150:
                seen.add(link.partition("#")[0])
                assert legal.get(link).status_code in {200, 404}, link


def unread_rule() -> str:
    return next(rule.name for rule in CORPUS.rules if not rule.is_verified and rule.instrument)


def read_of(row: str, **more: str) -> dict[str, str]:
    return {
        "row": row,
        "body.outcome": "confirm",
        "body.source": "https://treaties.un.org/text",
        "body.article": "art. 4",
        "body.read": "2026-05-30",
        "body.reasons": HOSTILE,
        **more,
    }


def test_a_reading_counts_once_another_person_confirms_it_on_the_rules_page() -> None:
    house = open_house()
    row = unread_rule()
    legal, rights = house.browser("legal"), house.browser("rights")
    legal.get(f"/law/rules/{row}")
    assert 'action="/law/readings"' in legal.page
    legal.post("/law/readings", read_of(row))
    assert "Waits for its second person" in legal.page
    assert "<script>alert" not in legal.page
    assert "A reading is confirmed by another person" in legal.page
    at = re.search(r'name="at" value="(\d+)"', rights.get(f"/law/rules/{row}").text)
    assert at is not None
    confirms = {"row": row, "at": at[1]}
    assert legal.post("/law/readings/confirm", confirms).status_code == 403
    rights.get(f"/law/rules/{row}")
    rights.post("/law/readings/confirm", confirms)
    assert "Confirmed." in rights.page
    page = rights.get(f"/law/rules/{row}").text
    assert "Counts here" in page
    assert f'name="row" value="{row}"' not in legal.get(f"/law/rules/{row}").text
    assert row in rights.get("/law/worklist").text


def test_a_rejected_rule_is_gone_and_what_was_read_of_it_stays() -> None:
    house = open_house()
    row = unread_rule()
    legal, rights = house.browser("legal"), house.browser("rights")
    legal.get("/law/worklist")
    legal.post("/law/readings", read_of(row, **{"body.outcome": "reject"}))
    page = rights.get(f"/law/readings?row={row}").text
    at = re.search(r'name="at" value="(\d+)"', page)
    assert at is not None
    rights.post("/law/readings/confirm", {"row": row, "at": at[1]})
    assert legal.get(f"/law/rules/{row}").status_code == 404
    assert "The text says nothing of the kind" in legal.get("/law/worklist").text
    assert "Counts here" in legal.get(f"/law/readings?row={row}").text


@pytest.mark.parametrize(
    "more",
    [
        {"body.outcome": "perhaps"},
        {"body.outcome": "narrow"},
        {"body.source": HOSTILE},
        {"body.article": ""},
        {"body.read": "yesterday"},
        {"body.read": "2999-01-01"},
        {"body.purposes": "curiosity", "body.outcome": "narrow"},
    ],
)
def test_a_wrong_reading_is_refused_in_words_and_what_was_typed_is_kept(
    house: House, more: dict[str, str]
) -> None:
    legal = house.browser("legal")
    legal.get("/law/worklist")
    typed = {**read_of(unread_rule()), **more}
    found = legal.post("/law/readings", typed)
    assert found.status_code == 422
    assert "Not stated" in found.text
    assert "<script>alert" not in found.text
    assert f'value="{typed["body.article"]}"' in found.text


@pytest.mark.parametrize("row", ["no-such-rule", "NONE/FR", "", HOSTILE])
def test_a_reading_of_a_row_nobody_holds_is_not_there(house: House, row: str) -> None:
    legal = house.browser("legal")
    legal.get("/law/worklist")
    assert legal.post("/law/readings", read_of(row)).status_code == 404


@pytest.mark.parametrize("at", ["", "x", "-1", "1", "9" * 400])
def test_a_reading_that_does_not_wait_is_not_confirmed(house: House, at: str) -> None:
    rights = house.browser("rights")
    rights.get("/law/worklist")
    found = rights.post("/law/readings/confirm", {"row": unread_rule(), "at": at})
    assert found.status_code in {404, 422}


def test_only_the_legal_adviser_is_asked_to_read(house: House) -> None:
    officer = house.browser()
    page = officer.get(f"/law/rules/{unread_rule()}").text
    assert 'action="/law/readings"' not in page
    assert officer.post("/law/readings", read_of(unread_rule())).status_code == 403


def test_every_line_of_the_work_list_opens(house: House) -> None:
    legal = house.browser("legal")
    legal.get("/law/worklist")
    links = legal.links("/law/readings?row=")
    assert links
    for link in links[:: max(1, len(links) // 25)]:
        assert legal.get(link).status_code == 200, link
    for wrong in ("", "NONE", "NONE/FR", HOSTILE):
        assert legal.get(f"/law/readings?row={wrong}").status_code == 404


def changed_house() -> House:
    """Return a house whose law forbids today what it let go yesterday."""
    house = open_house(world=gap_world())
    confirmed(house.here)
    house.here.desk.correspondence.send(house.here.actor("officer"), hostages())
    house.world.run()
    house.world.corpus = banned()
    return house


def test_what_the_law_now_says_otherwise_of_is_shown_and_kept_by_a_person() -> None:
    house = changed_house()
    legal = house.browser("legal")
    legal.get("/law/changes")
    page = legal.post("/law/changes").text
    assert "Asked again." in page
    assert "Sent by us" in page
    assert "permitted → denied" in page
    assert "gap-ban" in page
    place = next(each for each in legal.links("/cases/") if "/messages/" in each)
    assert house.browser().get(place).status_code == 200
    item = legal.hidden()["item"]
    before = house.here.store.read(lambda r: r.size())
    legal.post("/law/changes/keep", {"item": item, "body.reasons": HOSTILE})
    assert "Kept as it is" in legal.page
    assert house.here.store.read(lambda r: r.size()) == before + 1
    assert "The law says of everything here" in legal.page


def test_reasons_of_another_law_than_the_answers_are_said_to_be_that() -> None:
    house = changed_house()
    officer = house.browser()
    page = officer.get(newest(officer)).text
    assert "The packs have changed since" in page
    assert "Asked today: denied" in page
    assert "These are the reasons under the law held today" in page


@pytest.mark.parametrize("item", ["", "disclosed/zz", "disclosed/00", HOSTILE])
def test_what_was_not_found_is_not_kept(item: str) -> None:
    legal = changed_house().browser("legal")
    legal.get("/law/changes")
    found = legal.post("/law/changes/keep", {"item": item})
    assert found.status_code in {404, 422}


def test_only_those_who_decide_are_offered_to_ask_again(house: House) -> None:
    officer = house.browser()
    assert 'action="/law/changes' not in officer.get("/law/changes").text
    assert officer.post("/law/changes").status_code == 403
    assert officer.post("/law/changes/keep", {"item": "disclosed/00"}).status_code == 403
    assert house.browser("oversight").get("/law/changes").status_code == 403


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_proposal_of_the_sweep_has_words(lang: str) -> None:
    proposals = {*sweep.PROPOSAL.values(), "decide"}
    assert {f"changes.do_{each}" for each in proposals} <= tongue(lang).entries.keys()
