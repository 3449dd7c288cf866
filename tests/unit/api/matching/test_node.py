"""On a partner's node: who may ask, for which case, and what must not be told."""

from collections.abc import Mapping
from dataclasses import replace

import httpx2
import pytest
from tests.unit.api.matching.ground import form, listed, question
from tests.unit.api.matching.node import BORDER, Node, agree, hold, open_node

from comity.core.clock import DAY
from comity.core.errors import (
    AuthorisationError,
    InvalidInputError,
    NotFoundError,
    StateError,
)
from comity.core.ids import CaseId, MemberId
from comity.core.store import eq
from comity.message import Tlp
from comity.practice import CaseFieldRow
from comity.record import Clearance
from comity.screening import Query

ANNA = question(name="Anna Example", birthDate="1988-04-17")
WIDE = "?cutoff=0.5&threshold=0.5"
RECONCILE = form(queries={"q": {"query": "Anna Example"}})
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CALLS = (
    ("POST", f"/match/default{WIDE}"),
    ("POST", f"/match/national{WIDE}"),
    ("GET", "/search/default?q=anna&facets=datasets&facets=countries&facets=schema"),
    ("GET", "/search/default?q=annabel"),
    ("GET", "/search/default?q=hidden&fuzzy=true"),
    ("GET", "/search/secret?q=anna"),
    ("GET", "/search/default?q=anna&exclude_dataset=secret"),
    ("GET", "/search/default?q=anna&sort=last_change:desc"),
    ("GET", "/entities/list-1"),
    ("GET", "/entities/hid-1"),
    ("GET", "/entities/list-1/adjacent"),
    ("GET", "/entities/hid-1/adjacent/ownershipAsset"),
    ("GET", "/catalog"),
    ("GET", "/reconcile/secret"),
    ("GET", "/reconcile/default/suggest/entity?prefix=anna"),
    ("GET", "/reconcile/default/suggest/entity?prefix=hid-1"),
)


@pytest.fixture
def node() -> Node:
    return open_node()


def asked(node: Node, method: str, path: str) -> tuple[int, str]:
    response = node.ask(method, path, body=ANNA if method == "POST" else None)
    return response.status_code, response.text


def match(
    node: Node, key: str | None = None, headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    return node.ask("POST", "/match/default", key=key, body=ANNA, headers=headers)


def detail(response: httpx2.Response, status: int) -> str:
    assert response.status_code == status, response.text
    return str(response.json()["detail"])


def test_what_the_case_may_not_know_moves_no_result_no_count_and_no_answer() -> None:
    open_one, closed_one = open_node(), open_node(secret=True)
    for method, path in CALLS:
        assert asked(closed_one, method, path) == asked(open_one, method, path), path


def test_what_is_kept_from_the_case_is_held_and_could_be_found() -> None:
    office = open_node(secret=True).office
    answer = office.here.desk.matching._ranking.search(
        Query(schema="Person", properties={"name": ("Anna Example",)}),
        Clearance(member=MemberId("xn"), purpose=BORDER, tlp=Tlp.RED),
        limit=5,
    )
    assert "hid-1" in {each.entity.entity_id for each in answer.ranked}


def test_an_officers_token_never_gets_a_score(node: Node) -> None:
    officer = node.office.tokens["officer"]
    assert "under an agreement" in detail(match(node, officer), 403)
    posted = node.office.raw(
        "POST",
        "/reconcile/default",
        content=RECONCILE,
        headers=FORM | {"Authorization": f"Bearer {officer}", "Comity-Case": node.case},
    )
    assert posted.status_code == 403
    for path in ("/search/default?q=anna", "/entities/list-1"):
        response = node.ask("GET", path, key=officer)
        assert response.status_code == 200
        assert "score" not in response.text
    found = node.ask("GET", "/reconcile/default/suggest/entity?prefix=anna", key=officer)
    assert listed(found.json()["result"])
    assert "score" not in found.text


def test_a_supervisors_own_token_gets_no_score_either(node: Node) -> None:
    assert match(node, node.office.tokens["supervisor"]).status_code == 403


def test_a_systems_key_gets_scores_and_opens_nothing_else(node: Node) -> None:
    assert match(node).json()["responses"]["q"]["results"][0]["score"] > 0.7
    headers = {"Authorization": f"Bearer {node.system}"}
    for path in ("me", "cases?view=to-do", "systems"):
        assert node.office.raw("GET", f"/api/v1/{path}", headers=headers).status_code == 401


def test_our_law_is_asked_before_a_system_is_answered() -> None:
    node = open_node(lawful=False)
    before = node.entries
    said = detail(match(node), 403)
    assert "screen-covenant-17" in said
    assert "screening_law" in said
    assert node.entries == before + 1
    assert node.ask("GET", "/search/default?q=anna").status_code == 200


def test_whoever_lifted_a_rule_for_the_case_compares_none_in_it() -> None:
    node = open_node(lawful=False)
    lifter = replace(node.office.actor("supervisor"), seats=frozenset({"legal"}))
    node.office.here.desk.bulk.lift(lifter, CaseId(node.case), "screen-covenant-17")
    before = node.entries
    assert "whoever lifted a rule" in detail(match(node), 403)
    assert node.entries == before


def test_everyone_above_the_cutoff_is_counted_however_few_are_shown(node: Node) -> None:
    rows = "".join(f"same-{n},Person,Anna Example,1988-04-17,xa\n" for n in range(15))
    hold(node.office, f"id,schema,name,birthDate,nationality\n{rows}".encode(), "crowd")
    response = node.ask("POST", "/match/crowd?limit=1&cutoff=0.5", body=ANNA)
    found = response.json()["responses"]["q"]
    assert len(found["results"]) == 1
    assert found["total"]["value"] == 15


def test_values_of_what_the_case_may_not_know_are_as_those_of_nobody() -> None:
    wanted = {"ids": ["list-1", "hid-1", "nobody"], "properties": [{"id": "Thing:name"}]}
    shown: list[object] = []
    for node in (open_node(), open_node(secret=True)):
        before = node.entries
        response = node.office.raw(
            "POST",
            "/reconcile/default",
            content=form(extend=wanted),
            headers=FORM | {"Authorization": f"ApiKey {node.system}", "Comity-Case": node.case},
        )
        assert node.entries == before + 1
        shown.append(response.json()["rows"])
    assert shown[0] == shown[1]
    names = {"Thing:name": [{"str": "Anna Example"}]}
    assert shown[0] == {"list-1": names, "hid-1": {}, "nobody": {}}


def test_the_purpose_that_is_named_is_the_purpose_of_the_case(node: Node) -> None:
    matching, officer = node.office.here.desk.matching, node.office.actor("officer")
    with pytest.raises(InvalidInputError, match="another purpose than the case has"):
        matching.within(officer, purpose=BORDER, case=node.case)
    assert matching.within(officer, purpose="counter-terrorism", case=node.case).is_ready()


def test_when_the_agreement_ends_the_key_opens_nothing_from_that_moment(node: Node) -> None:
    assert match(node).status_code == 200
    node.office.here.desk.systems.end(node.office.actor("rights"), "border-1")
    assert match(node).status_code == 401
    agree(node.office)
    assert match(node).status_code == 200
    node.office.world.clock.advance(31 * DAY)
    assert match(node).status_code == 401


def test_only_a_supervisor_makes_the_key_of_a_system_and_only_under_an_agreement(
    node: Node,
) -> None:
    people = node.office.here.desk.people
    with pytest.raises(AuthorisationError):
        people.token(node.office.actor("officer"), purpose="x", system="border-1")
    with pytest.raises(StateError):
        people.token(node.office.actor("supervisor"), purpose="x", system="border-2")


def test_only_legal_and_rights_state_what_was_agreed(node: Node) -> None:
    for seat in ("officer", "supervisor", "engineer"):
        with pytest.raises(AuthorisationError):
            node.office.here.desk.systems.agree(
                node.office.actor(seat), "border-2", agreement="x", days=1
            )


@pytest.mark.parametrize("system", ["", "Border 1", "-border", "b" * 65])
def test_a_system_has_a_plain_name(node: Node, system: str) -> None:
    before = node.entries
    with pytest.raises(InvalidInputError, match="named like `border-1`"):
        agree(node.office, system)
    assert node.entries == before


@pytest.mark.parametrize(
    ("agreement", "days"), [(" ", 30), ("x" * 201, 30), ("MoU", 0), ("MoU", 367)]
)
def test_an_agreement_has_a_reference_and_an_end(node: Node, agreement: str, days: int) -> None:
    before, legal = node.entries, node.office.actor("legal")
    with pytest.raises(InvalidInputError, match="1 to 200 characters and 1 to 366 days"):
        node.office.here.desk.systems.agree(legal, "border-2", agreement=agreement, days=days)
    assert node.entries == before


def test_only_an_agreement_that_stands_is_ended(node: Node) -> None:
    systems, rights = node.office.here.desk.systems, node.office.actor("rights")
    systems.end(rights, "border-1")
    before = node.entries
    for system in ("border-1", "border-2"):
        with pytest.raises(NotFoundError, match="no agreement stands"):
            systems.end(rights, system)
    assert node.entries == before


def test_an_agreement_and_its_end_are_in_the_ledger(node: Node) -> None:
    before = node.entries
    agree(node.office, "border-2")
    node.office.here.desk.systems.end(node.office.actor("supervisor"), "border-2")
    assert node.entries == before + 2


@pytest.mark.parametrize("scheme", ["ApiKey", "apikey", "Bearer"])
def test_a_key_is_read_from_its_header_in_both_forms(node: Node, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {node.system}", "Comity-Case": node.case}
    assert node.office.raw("GET", "/catalog", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "header", ["", "ApiKey", "ApiKey wrong", "Basic eDp4", "Bearer " + "x" * 300]
)
def test_without_a_key_nothing_is_told(node: Node, header: str) -> None:
    for method, path in CALLS:
        if path.startswith("/reconcile/secret"):
            continue
        response = node.office.raw(
            method,
            path,
            json=ANNA if method == "POST" else None,
            headers={"Authorization": header},
        )
        assert response.status_code == 401, path
        assert "anna" not in response.text.lower()


def test_a_key_in_the_address_opens_nothing(node: Node) -> None:
    path = f"/search/default?q=anna&api_key={node.system}"
    assert node.ask("GET", path, key="").status_code == 401


def test_how_it_works_and_whether_it_lives_needs_no_key(node: Node) -> None:
    for path in ("/healthz", "/readyz", "/algorithms", "/reconcile/default"):
        assert node.office.raw("GET", path).status_code == 200
    manifest = node.office.raw("GET", "/reconcile/default").json()
    assert manifest["authentication"] == {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
    }
    assert "preview" not in manifest


def test_a_look_up_without_a_case_is_told_how_to_name_one(node: Node) -> None:
    assert "`Comity-Case`" in detail(match(node, headers={"Comity-Case": ""}), 400)
    assert node.ask("GET", "/catalog", headers={"Comity-Case": ""}).status_code == 200


def test_a_case_that_is_not_here_is_not_found(node: Node) -> None:
    assert match(node, headers={"Comity-Case": "2026-0000000000"}).status_code == 404


def test_a_key_serves_the_purpose_it_is_bound_to_and_no_other(node: Node) -> None:
    assert match(node, headers={"Comity-Purpose": "counter-terrorism"}).status_code == 200
    assert match(node, headers={"Comity-Purpose": "border-security"}).status_code == 403
    other = node.office.token("officer", purpose="border-security")
    path = "/search/default?q=anna"
    assert node.ask("GET", path, key=other).status_code == 403
    wrong = {"Comity-Purpose": "border-security"}
    assert node.ask("GET", "/catalog", headers=wrong).status_code == 403


def test_a_key_bound_to_a_case_needs_no_header_and_serves_no_other_case(node: Node) -> None:
    key = node.office.here.desk.people.token(
        node.office.actor("officer"),
        purpose="counter-terrorism",
        case=CaseId(node.case),
    )
    path = "/search/default?q=anna"
    assert node.ask("GET", path, key=key, headers={"Comity-Case": ""}).status_code == 200
    assert node.ask("GET", path, key=key, headers={"Comity-Case": "2026-x"}).status_code == 403


def test_a_seat_that_does_not_screen_is_refused(node: Node) -> None:
    for seat in ("legal", "engineer", "admin"):
        response = node.ask("GET", "/search/default?q=anna", key=node.office.tokens[seat])
        assert response.status_code == 403


def test_each_call_is_one_entry_of_the_ledger_and_a_batch_is_one_act(node: Node) -> None:
    example = {"schema": "Person", "properties": {"name": "Anna Example"}}
    calls = (
        ("POST", "/match/default", {"queries": {str(n): example for n in range(20)}}),
        ("GET", "/search/default?q=anna", None),
        ("GET", "/search/default?q=nobody", None),
        ("GET", "/entities/list-1", None),
        ("GET", "/entities/list-1/adjacent", None),
        ("GET", "/reconcile/default/suggest/entity?prefix=anna", None),
    )
    for method, path, body in calls:
        before = node.entries
        assert node.ask(method, path, body=body).status_code == 200
        assert node.entries == before + 1, path


def test_nobody_is_listed_without_a_question(node: Node) -> None:
    for path in ("/search/default", "/search/default?q=*", "/search/default?q=a*"):
        assert "without a question" in detail(node.ask("GET", path), 400)


def test_who_asks_too_often_is_told_when_to_come_again(node: Node) -> None:
    answers = [node.ask("GET", "/catalog") for _ in range(101)]
    assert {each.status_code for each in answers[:100]} == {200}
    assert answers[100].status_code == 429
    assert answers[100].headers["retry-after"] == "1"
    assert node.ask("GET", "/catalog", key=node.office.tokens["officer"]).status_code == 200
    node.office.world.clock.advance(1_000)
    assert node.ask("GET", "/catalog").status_code == 200


def test_what_a_program_found_counts_as_found_in_the_case(node: Node) -> None:
    node.ask("GET", "/search/default?q=anna")
    found = node.office.here.store.read(
        lambda r: r.find(CaseFieldRow, eq("case", node.case), eq("name", "candidate"))
    )
    assert {row.value for row in found} == {"list-1", "list-2"}
