"""Letters over the API: sent, waiting, referred, denied, each said as it is."""

import pytest
from tests.unit.api.ground import (
    ARCADIA,
    ASK,
    FACTS,
    QUESTION,
    SEATS,
    Office,
    open_office,
    told,
)

from comity.law import shipped_lexicon


def test_a_permitted_letter_is_sent(office: Office) -> None:
    said = told(office.ask("POST", "letters", body=ASK))
    assert said["outcome"] == "sent"
    assert len(office.world.outbox(office.here.node)) == 1


def test_a_preview_writes_nothing_and_says_what_the_law_would(office: Office) -> None:
    said = told(office.ask("POST", "letters/preview", body=ASK))
    decision = said["decision"]
    assert isinstance(decision, dict)
    assert decision["verdict"] == "permit"
    assert office.here.store.read(lambda r: r.size()) == 0


def test_a_denial_is_an_answer_with_its_reasons(office: Office) -> None:
    said = told(office.ask("POST", "letters", body={**ASK, "recipient": "xm.justice"}))
    assert said["outcome"] == "denied"
    assert isinstance(said["decision"], dict)
    assert said["decision"]["reasons"]


def test_the_path_of_a_kind_sends_the_same_letter(office: Office) -> None:
    body = {name: value for name, value in ASK.items() if name != "kind"}
    assert told(office.ask("POST", "requests/ask", body=body))["outcome"] == "sent"


def test_the_path_of_a_kind_wants_its_fields(office: Office) -> None:
    body = {"body": {}, "handling": "TLP:AMBER", "case": "2026-0000000000"}
    said = told(office.ask("POST", "requests/ask", body=body), 422)
    assert "`question`" in str(said["detail"])


def test_a_universal_kind_has_a_path_too(office: Office) -> None:
    case = told(office.ask("POST", "letters", body=ASK))["case"]
    body = {"body": {"ground": "danger-to-person"}, "handling": "TLP:AMBER", "case": case}
    assert told(office.ask("POST", "requests/stop", body=body))["outcome"] == "sent"


def test_a_referred_draft_is_listed_shown_and_asked_again(office: Office) -> None:
    body = {**ASK, "facts": {**FACTS, "torture_risk": None}}
    said = told(office.ask("POST", "letters", body=body))
    assert said["outcome"] == "referred"
    listed = told(office.ask("GET", "referrals", seat="legal"))["referrals"]
    assert isinstance(listed, list)
    assert listed[0]["reference"] == said["reference"]
    path = f"referrals/{said['reference']}"
    assert told(office.ask("GET", path, seat="legal"))["kind"] == "requests.ask/1"
    again = told(office.ask("POST", f"{path}/resume", body={"facts": FACTS}, seat="legal"))
    assert again["outcome"] in {"referred", "denied", "sent"}
    assert office.ask("GET", path, seat="legal").status_code == 409


@pytest.mark.parametrize("seat", SEATS)
def test_no_path_takes_a_no_to_an_absolute_prohibition(office: Office, seat: str) -> None:
    sent = told(office.ask("POST", "letters", body=ASK))
    waits = told(office.ask("POST", "letters", body={**ASK, "facts": {"torture_risk": None}}))
    size = office.here.store.read(lambda r: r.size())
    for fact in shipped_lexicon().facts.values():
        if fact.absolute:
            no = {fact.name: False}
            letter = {**ASK, "facts": {**FACTS, **no}}
            plain = {name: value for name, value in letter.items() if name != "kind"}
            for path, body in (
                ("letters", letter),
                ("letters/preview", letter),
                ("requests/ask", plain),
                (f"referrals/{waits['reference']}/resume", {"facts": no}),
                (f"cases/{sent['case']}/facts", {"fact": fact.name, "value": False}),
            ):
                status = office.ask("POST", path, body=body, seat=seat).status_code
                assert status == 403, (path, fact.name, status)
    assert office.here.store.read(lambda r: r.size()) == size
    assert len(office.world.outbox(office.here.node)) == 1


def test_a_contrary_sign_is_stated_of_a_case(office: Office) -> None:
    sent = told(office.ask("POST", "letters", body=ASK))
    path = f"cases/{sent['case']}/facts"
    told(office.ask("POST", path, body={"fact": "asylum", "value": True}))
    assert office.ask("POST", path, body={"fact": "asylum", "value": False}).status_code == 403
    told(office.ask("POST", path, body={"fact": "asylum", "value": False}, seat="rights"))


def test_a_referred_draft_can_be_given_up(office: Office) -> None:
    body = {**ASK, "facts": {**FACTS, "torture_risk": None}}
    reference = told(office.ask("POST", "letters", body=body))["reference"]
    told(office.ask("POST", f"referrals/{reference}/abandon"))
    assert told(office.ask("GET", "referrals"))["referrals"] == []


def test_what_was_recalled_is_erased_and_the_originator_told(office: Office) -> None:
    sent = told(office.ask("POST", "letters", body=ASK))
    office.world.run()
    recall = {"body": {"about": sent["mid"], "ground": "sent-in-error"}}
    body = {**recall, "handling": "TLP:AMBER", "case": sent["case"]}
    mid = told(office.ask("POST", "requests/recall", body=body))["mid"]
    office.world.run()
    there = open_office(ARCADIA, office.world)
    assert told(there.ask("POST", f"messages/{mid}/comply"))["outcome"] == "sent"
    assert told(there.ask("GET", f"messages/{sent['mid']}"))["body"] is None
    assert told(there.ask("POST", f"messages/{sent['mid']}/erase", seat="rights")) == {
        "erased": False
    }


def warning() -> dict[str, object]:
    return {
        "kind": "requests.warning/1",
        "body": {
            "danger": "public-safety",
            "text": "A van of this sort.",
            "until": "2026-06-03T00:00:00Z",
        },
        "handling": "TLP:AMBER",
        "recipient": "xa.border",
        "purpose": "counter-terrorism",
        "facts": FACTS,
    }


def test_what_needs_a_second_person_waits_for_another_one(office: Office) -> None:
    said = told(office.ask("POST", "letters", body=warning()))
    assert said["outcome"] == "awaits-second"
    path = f"pending/{said['pending']}"
    assert told(office.ask("GET", path, seat="supervisor"))["body"]
    assert office.ask("POST", f"{path}/confirm").status_code == 403
    done = told(office.ask("POST", f"{path}/confirm", seat="supervisor"))
    assert done["outcome"] in {"sent", "referred"}
    assert office.ask("POST", f"{path}/confirm", seat="supervisor").status_code == 409


def test_what_waits_can_be_taken_back(office: Office) -> None:
    said = told(office.ask("POST", "letters", body=warning()))
    path = f"pending/{said['pending']}"
    assert told(office.ask("POST", f"{path}/drop"))["done"] is True
    assert told(office.ask("GET", "pending"))["pending"] == []


def test_times_come_back_as_they_were_written(office: Office) -> None:
    said = told(office.ask("POST", "letters", body=warning()))
    shown = told(office.ask("GET", f"pending/{said['pending']}"))
    assert isinstance(shown["body"], dict)
    assert shown["body"]["until"] == "2026-06-03T00:00:00Z"


def test_the_partner_opens_what_was_sent_and_the_sender_sees_it(office: Office) -> None:
    file = {"name": "note.txt", "media": "text/plain", "content": "bm90ZQ=="}
    body = {**ASK, "body": {**QUESTION, "attachments": [file]}}
    mid = told(office.ask("POST", "letters", body=body))["mid"]
    office.world.run()
    there = open_office(ARCADIA, office.world)
    cases = told(there.ask("GET", "cases"))["cases"]
    assert isinstance(cases, list)
    assert cases[0]["is_unread"] is True
    opened = told(there.ask("GET", f"messages/{mid}"))
    assert isinstance(opened["body"], dict)
    assert opened["body"]["attachments"][0]["content"] == "bm90ZQ=="
    office.world.run()
    shown = told(office.ask("GET", f"messages/{mid}"))
    assert shown["stored"]
    assert shown["seen"]


def test_what_went_on_no_emergency_path_is_not_validated(office: Office) -> None:
    mid = told(office.ask("POST", "letters", body=ASK))["mid"]
    path = f"messages/{mid}/validate"
    assert told(office.ask("GET", f"messages/{mid}"))["validate_by"] is None
    assert office.ask("POST", path, body={"reasons": "It was urgent."}).status_code == 403
    assert office.ask("POST", path, body={}, seat="legal").status_code == 409
