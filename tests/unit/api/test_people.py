"""Persons, tokens, assessments, partners, law and ledger over the API."""

from tests.unit.api.ground import ASK, Office, told


def test_an_admin_enrols_seats_and_links_a_person(office: Office) -> None:
    made = told(office.ask("POST", "persons", body={"name": "Cleo Example"}, seat="admin"))
    path = f"persons/{made['person']}"
    told(office.ask("POST", f"{path}/seats", body={"seat": "officer"}, seat="admin"))
    secret = told(office.ask("POST", f"{path}/link", seat="admin"))["secret"]
    assert office.here.desk.people.sign_in(str(secret))
    told(office.ask("POST", f"{path}/seats/end", body={"seat": "officer"}, seat="admin"))


def test_an_escaped_person_id_is_the_same_person(office: Office) -> None:
    person = office.persons["analyst"].replace("/", "%2F")
    told(office.ask("POST", f"persons/{person}/disable", seat="admin"))
    assert office.ask("GET", "me", seat="analyst").status_code == 401


def test_only_an_admin_enrols(office: Office) -> None:
    assert office.ask("POST", "persons", body={"name": "X"}).status_code == 403


def test_a_seat_nobody_knows_is_refused(office: Office) -> None:
    path = f"persons/{office.persons['officer']}/seats"
    assert office.ask("POST", path, body={"seat": "king"}, seat="admin").status_code == 422


def test_persons_are_listed_with_their_seats(office: Office) -> None:
    listed = told(office.ask("GET", "persons"))["persons"]
    assert isinstance(listed, list)
    assert {seat["seat"] for each in listed for seat in each["seats"]} >= {"officer", "legal"}


def test_a_token_is_shown_once_and_works(office: Office) -> None:
    body = {"purpose": "counter-terrorism", "days": 1}
    secret = str(told(office.ask("POST", "tokens", body=body))["secret"])
    assert told(office.ask("GET", "me", token=secret))["purpose"] == "counter-terrorism"


def test_an_assessment_counts_once_another_person_confirmed_it(office: Office) -> None:
    body = {
        "partner": "xa.border",
        "purpose": "counter-terrorism",
        "fact": "torture_risk",
        "value": False,
        "until": "2026-12-01T00:00:00Z",
        "reasons": "Reports of the Committee.",
    }
    stated = told(office.ask("POST", "assessments", body=body, seat="legal"))
    which = {name: stated[name] for name in ("partner", "purpose", "fact", "at")}
    assert office.ask("POST", "assessments/confirm", body=which).status_code == 403
    told(office.ask("POST", "assessments/confirm", body=which, seat="rights"))
    listed = told(office.ask("GET", "assessments"))["assessments"]
    assert isinstance(listed, list)
    assert listed[0]["reasons"] == "Reports of the Committee."
    assert listed[0]["confirmed_by"] == office.persons["rights"]


def test_a_fact_is_stated_of_a_case_and_listed(office: Office) -> None:
    case = told(office.ask("POST", "letters", body=ASK))["case"]
    body = {"fact": "political_offence", "value": None}
    told(office.ask("POST", f"cases/{case}/facts", body=body))
    facts = told(office.ask("GET", f"cases/{case}/facts"))["facts"]
    assert isinstance(facts, list)
    assert {each["fact"]: each["value"] for each in facts}["political_offence"] is None


def test_a_case_is_given_to_a_person_and_back(office: Office) -> None:
    case = told(office.ask("POST", "letters", body=ASK))["case"]
    for person in (office.persons["analyst"], None):
        told(office.ask("POST", f"cases/{case}/assign", body={"person": person}))
        assert told(office.ask("GET", f"cases/{case}"))["owner"] == person


def test_partners_show_since_when_a_message_waits(office: Office) -> None:
    partners = told(office.ask("GET", "partners"))["partners"]
    assert isinstance(partners, list)
    waiting = {each["agency"]: each["nodes"][0]["waiting_since"] for each in partners}
    assert waiting["xa.border"] == "2026-06-01T12:00:00Z"
    assert waiting["xm.justice"] is None


def test_the_law_is_explained_in_its_fixed_shape(office: Office) -> None:
    body = {
        "originator": "xn.police",
        "recipient": "xm.justice",
        "on": "2026-06-01",
        "kind": "requests.ask/1",
        "purpose": "counter-terrorism",
        "facts": {"torture_risk": None},
    }
    said = told(office.ask("POST", "law/explain", body=body))
    assert said["verdict"] == "refer"
    assert "torture_risk" in str(said["missing"])
    assert told(office.ask("POST", "law/explain", body={**body, "facts": {"x": True}}), 422)


def test_the_packs_are_counted(office: Office) -> None:
    assert told(office.ask("GET", "law/packs"))["provisions"]


def test_the_ledger_gives_its_checkpoint_and_proofs(office: Office) -> None:
    told(office.ask("POST", "letters", body=ASK))
    assert told(office.ask("GET", "ledger"))["root"] == "01" * 32
    assert told(office.ask("GET", "ledger/proof/0"))["proof"] == "proof of 0"
    assert office.ask("GET", "ledger/proof/99").status_code == 404
    assert office.ask("GET", "ledger/proof/-1").status_code == 422
    assert office.ask("GET", "ledger/proof/" + "9" * 40).status_code == 422
