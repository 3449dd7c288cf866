"""The law over the API: instruments, the matrix, past answers, and what would be otherwise."""

from typing import cast

import pytest
from tests.unit.api.ground import ASK, Json, Office, told

from comity.law import shipped_corpus

CORPUS = shipped_corpus()


def rows(found: Json, name: str) -> list[Json]:
    return cast("list[Json]", found[name])


def answered(office: Office) -> str:
    told(office.ask("POST", "letters", body=ASK))
    return str(rows(told(office.ask("GET", "law/past")), "decisions")[0]["reference"])


def test_every_instrument_is_listed_and_shown_with_its_rules(office: Office) -> None:
    listed = rows(told(office.ask("GET", "law/instruments", seat="engineer")), "instruments")
    assert {each["id"] for each in listed} == CORPUS.instruments.keys()
    for each in listed[::5]:
        shown = told(office.ask("GET", f"law/instruments/{each['id']}"))
        assert [rule["rule"] for rule in rows(shown, "rules")] == each["rules"]


def test_the_list_narrows(office: Office) -> None:
    one = told(office.ask("GET", "law/instruments?kind=universal"))
    assert {each["kind"] for each in rows(one, "instruments")} == {"universal"}
    two = told(office.ask("GET", "law/instruments?missing=true"))
    assert 0 < len(rows(two, "instruments")) < len(CORPUS.instruments)
    assert rows(told(office.ask("GET", "law/instruments?kind=none")), "instruments") == []


def test_a_rule_comes_with_its_address_conditions_and_told_cases(office: Office) -> None:
    shown = told(office.ask("GET", "law/instruments/UN-BOMBINGS-1997"))
    rule = next(each for each in rows(shown, "rules") if each["rule"] == "bombings-10")
    assert str(rule["url"]).startswith("https://")
    assert "conduct_bombing" in str(rule["conditions"])
    assert rule["told"]
    assert rows(shown, "parties")
    assert office.ask("GET", "law/instruments/NONE").status_code == 404


def test_the_matrix_has_a_cell_for_every_category(office: Office) -> None:
    found = told(office.ask("GET", "law/matrix?purpose=border-security"))
    for row in rows(found, "rows"):
        cells = cast("dict[str, str]", row["cells"])
        assert cells.keys() == CORPUS.lexicon.categories.keys()
        assert set(cells.values()) <= {"permit", "refer", "deny"}
    for wrong in ("purpose=curiosity", "kind=requests.gossip/1", "handling=TLP:PINK"):
        assert office.ask("GET", f"law/matrix?{wrong}").status_code == 422


def test_a_past_answer_is_followed_to_its_articles_and_asked_otherwise(office: Office) -> None:
    reference = answered(office)
    shown = told(office.ask("GET", f"decisions/{reference}"))
    assert (shown["is_same"], shown["is_same_law"]) == (True, True)
    reasons = rows(cast("Json", shown["decision"]), "reasons")
    assert next(each for each in reasons if each["rule"] == "bombings-10")["url"]
    assert "Anna Example" not in str(shown)
    before = office.here.store.read(lambda r: r.size())
    found = told(
        office.ask(
            "POST",
            f"law/past/{reference}/what-if",
            body={"recipient": "xm.justice", "facts": {"torture_risk": True}},
        )
    )
    assert (found["was"], cast("Json", found["decision"])["verdict"]) == ("permit", "deny")
    assert "bombings-10" in cast("list[str]", found["gone"])
    assert cast("Json", found["facts"])["torture_risk"] is not None
    assert office.here.store.read(lambda r: r.size()) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"purpose": "curiosity"}, 422),
        ({"facts": {"is_guilty": True}}, 422),
        ({"facts": {"torture_risk": "no"}}, 422),
        ({"on": "yesterday"}, 422),
        ({"recipient": "xz.nobody"}, 404),
        ({"surprise": 1}, 422),
    ],
)
def test_a_wrong_supposition_is_refused(office: Office, body: Json, status: int) -> None:
    path = f"law/past/{answered(office)}/what-if"
    assert office.ask("POST", path, body=body).status_code == status


def test_the_past_is_not_for_every_seat_nor_for_every_token(office: Office) -> None:
    reference = answered(office)
    assert office.ask("GET", "law/past", seat="engineer").status_code == 403
    assert office.ask("GET", "law/matrix", seat="engineer").status_code == 403
    token = office.token("officer", purpose="border-security")
    assert office.ask("GET", f"decisions/{reference}", token=token).status_code == 403
    assert rows(told(office.ask("GET", "law/past", token=token)), "decisions") == []
    assert office.ask("GET", f"decisions/{'0' * 32}").status_code == 404
