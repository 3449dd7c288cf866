"""Look-ups, judgements and imports over the API; above all, what must not be told."""

import base64
import re

import pytest
from tests.unit.api.ground import ASK, Json, Office, told

LIST = b"id,schema,name,birthDate\nlist-1,Person,Anna Example,1988-04-17\n"
ANNA = {
    "schema": "Person",
    "properties": {"name": ["Ana Exampel"], "birthDate": ["1987-04-17"]},
}


def incoming(data: bytes = LIST, edition: str = "2026-06-01") -> Json:
    return {
        "format": "csv",
        "files": [{"name": "list.csv", "content": base64.b64encode(data).decode()}],
        "marking": "TLP:GREEN",
        "basis": "Resolution 1373 (2001), paragraph 2(b)",
        "purpose": "counter-terrorism",
        "dataset": "national-list",
        "edition": edition,
        "published": "2026-06-01T00:00:00Z",
    }


@pytest.fixture
def case(office: Office) -> str:
    """A case, and a list with one name that resembles the one asked for."""
    shown = told(office.ask("POST", "imports/preview", body=incoming(), seat="engineer"))
    body = {"incoming": incoming(), "previewed": shown["digest"]}
    told(office.ask("POST", "imports/commit", body=body, seat="engineer"))
    return str(told(office.ask("POST", "letters", body=ASK))["case"])


def found(office: Office, case: str) -> str:
    said = told(office.ask("POST", f"cases/{case}/search", body=ANNA))
    candidates = said["candidates"]
    assert isinstance(candidates, list)
    assert len(candidates) == 1
    return f"cases/{case}/candidates/{candidates[0]['entity']}"


def view(office: Office, path: str, *, which: str, seat: str = "officer") -> Json:
    shown = told(office.ask("POST", f"{path}/compare", body=ANNA, seat=seat))
    body = {**ANNA, "seen": shown["seen"], "view": "same", "reason": "Name and day agree."}
    return told(office.ask("POST", f"{path}/{which}", body=body, seat=seat))


def test_a_search_tells_who_and_never_how_likely(office: Office, case: str) -> None:
    said = office.ask("POST", f"cases/{case}/search", body=ANNA)
    assert said.status_code == 200
    assert "score" not in said.text
    assert "weight" not in said.text


def test_a_search_is_in_the_ledger(office: Office, case: str) -> None:
    before = office.here.store.read(lambda r: r.size())
    found(office, case)
    assert office.here.store.read(lambda r: r.size()) == before + 1


def test_no_score_leaves_before_the_first_view(office: Office, case: str) -> None:
    path = found(office, case)
    before = office.ask("POST", f"{path}/compare", body=ANNA)
    after = view(office, path, which="first-view")
    score = after["score"]
    assert isinstance(score, float)
    assert 0 < score < 1
    assert '"score":null' in before.text
    assert str(score) not in before.text
    assert set(re.findall(r'"weight":([^,}]*)', before.text)) == {"0.0"}
    assert '"band":""' in before.text


def test_another_officers_first_view_gives_no_score(office: Office, case: str) -> None:
    path = found(office, case)
    view(office, path, which="first-view")
    other = told(office.ask("POST", f"{path}/compare", body=ANNA, seat="other-officer"))
    assert other["score"] is None
    assert other["judgements"] == []


def test_a_final_view_needs_a_first_one(office: Office, case: str) -> None:
    path = found(office, case)
    shown = told(office.ask("POST", f"{path}/compare", body=ANNA))
    body = {**ANNA, "seen": shown["seen"], "view": "same", "reason": "r"}
    assert office.ask("POST", f"{path}/final-view", body=body).status_code == 409


def test_two_persons_make_it_the_same(office: Office, case: str) -> None:
    path = found(office, case)
    for seat, verdict in (("officer", "open"), ("other-officer", "same")):
        view(office, path, which="first-view", seat=seat)
        assert view(office, path, which="final-view", seat=seat)["verdict"] == verdict


def test_a_view_on_another_question_than_was_shown_is_refused(
    office: Office, case: str
) -> None:
    path = found(office, case)
    body = {**ANNA, "seen": "00" * 32, "view": "same", "reason": "r"}
    assert office.ask("POST", f"{path}/first-view", body=body).status_code == 409


def test_a_search_without_a_case_finds_nothing(office: Office, case: str) -> None:
    del case
    found_none = office.ask("POST", "cases/2026-0000000000/search", body=ANNA)
    assert found_none.status_code == 404


def test_a_search_needs_a_name(office: Office, case: str) -> None:
    body = {"schema": "Person", "properties": {"birthDate": ["1988"]}}
    assert office.ask("POST", f"cases/{case}/search", body=body).status_code == 422


def test_an_engineer_does_not_search(office: Office, case: str) -> None:
    said = office.ask("POST", f"cases/{case}/search", body=ANNA, seat="engineer")
    assert said.status_code == 403


def test_an_entity_is_shown_with_what_binds_its_values(office: Office, case: str) -> None:
    name = found(office, case).rpartition("/")[2]
    shown = told(office.ask("GET", f"entities/{name}?case={case}"))
    assert shown["properties"] == {"name": ["Anna Example"], "birthDate": ["1988-04-17"]}
    assert office.ask("GET", f"entities/{name}").status_code == 422


def test_an_edition_is_committed_only_as_it_was_previewed(office: Office) -> None:
    body = {"incoming": incoming(), "previewed": "00" * 32}
    assert office.ask("POST", "imports/commit", body=body).status_code == 409
    assert told(office.ask("GET", "editions"))["editions"] == []


def test_a_preview_counts_what_is_new_and_what_is_rejected(office: Office) -> None:
    data = LIST + b"list-2,Person,Bert Example,not-a-date\n"
    shown = told(office.ask("POST", "imports/preview", body=incoming(data)))
    assert isinstance(shown["new"], dict)
    assert shown["new"]["count"] == 2
    assert shown["rejections"] == 1


def test_what_is_no_list_is_kept_without_an_edition(office: Office) -> None:
    kept = told(office.ask("POST", "imports/keep", body=incoming(edition="")))
    assert kept["statements"] == 2
    assert told(office.ask("GET", "editions"))["editions"] == []
