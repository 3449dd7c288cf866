"""Past answers of a node's own law over the API: followed to their articles, asked again."""

import json

from tests.unit.api.ground import ASK, Office, told

from comity.law import explain, parse_inquiry, shipped_corpus


def recorded(office: Office, **changes: object) -> dict[str, object]:
    """Send a letter and return what the law's recorded answer says of itself."""
    sent = told(office.ask("POST", "letters", body={**ASK, **changes}))
    case = str(sent["case"])
    (row,) = office.here.desk.past.list(office.actor("officer"), case=case)
    return told(office.ask("GET", f"decisions/{row.decision}"))


def test_answers_of_a_case_are_listed_without_content(office: Office) -> None:
    case = told(office.ask("POST", "letters", body=ASK))["case"]
    listed = told(office.ask("GET", f"cases/{case}/decisions"))["decisions"]
    assert isinstance(listed, list)
    assert [each["verdict"] for each in listed] == ["permit"]
    assert "Anna" not in json.dumps(listed)


def test_an_answer_is_followed_to_an_article_with_an_address(office: Office) -> None:
    found = recorded(office)
    assert found["is_same"] is True
    decision = found["decision"]
    assert isinstance(decision, dict)
    held = [each for each in decision["reasons"] if each["outcome"] == "permit"]
    assert any(each["url"].startswith("https://") for each in held)


def test_the_question_asked_again_from_outside_gives_the_same_verdict(office: Office) -> None:
    for changes, verdict in (({}, "permit"), ({"recipient": "xm.justice"}, "deny")):
        found = recorded(office, **changes)
        assert isinstance(found["recorded"], dict)
        assert found["recorded"]["verdict"] == verdict
        corpus = shipped_corpus()
        draft = parse_inquiry(json.dumps(found["question"]).encode(), corpus)
        assert explain(draft, corpus).decision.verdict.word == verdict
        assert "Anna" not in json.dumps(found)


def test_nobody_without_a_seat_on_cases_follows_an_answer(office: Office) -> None:
    sent = told(office.ask("POST", "letters", body=ASK))
    (row,) = office.here.desk.past.list(office.actor("officer"), case=str(sent["case"]))
    for path in (f"decisions/{row.decision}", f"cases/{sent['case']}/decisions"):
        assert office.ask("GET", path, seat="engineer").status_code == 403
    assert office.ask("GET", "decisions/none").status_code == 404
