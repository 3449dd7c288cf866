"""The door of the API, attacked: who asks, how much they send, in what form."""

import pytest
from tests.unit.api.ground import ASK, Office, told

from comity.core.clock import DAY


def bearer(office: Office) -> dict[str, str]:
    token = office.tokens["officer"]
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    "header",
    ["", "Basic abc", "Bearer", "Bearer  ", "Bearer " + "a" * 64, "Bearer " + "a" * 10_000],
)
def test_without_a_known_token_nobody_is_served(office: Office, header: str) -> None:
    found = office.raw("GET", "/api/v1/me", headers={"Authorization": header})
    assert told(found, 401)["code"] == "act.not-proven"
    assert found.headers["WWW-Authenticate"] == "Bearer"


def test_an_expired_token_opens_nothing(office: Office) -> None:
    token = office.token("officer", days=1)
    assert office.ask("GET", "me", token=token).status_code == 200
    office.world.clock.advance(DAY)
    assert office.ask("GET", "me", token=token).status_code == 401


def test_the_token_of_a_disabled_person_opens_nothing(office: Office) -> None:
    person = office.persons["officer"]
    told(office.ask("POST", f"persons/{person}/disable", seat="admin"))
    assert office.ask("GET", "me").status_code == 401


def test_a_token_in_the_address_is_not_read(office: Office) -> None:
    found = office.raw("GET", f"/api/v1/me?token={office.tokens['officer']}")
    assert found.status_code == 401


def test_a_token_for_another_purpose_sends_nothing(office: Office) -> None:
    token = office.token("officer", purpose="border-security")
    said = told(office.ask("POST", "letters", body=ASK, token=token), 403)
    assert "border-security" in str(said["detail"])


def test_a_token_for_another_case_opens_nothing(office: Office) -> None:
    case = str(told(office.ask("POST", "letters", body=ASK))["case"])
    made = office.ask(
        "POST", "tokens", body={"purpose": "counter-terrorism", "case": "2026-0000000000"}
    )
    token = str(told(made)["secret"])
    assert office.ask("GET", f"cases/{case}", token=token).status_code == 403


def test_a_seat_that_may_not_author_a_kind_is_refused(office: Office) -> None:
    said = told(office.ask("POST", "letters", body=ASK, seat="legal"), 403)
    assert said["code"] == "act.not-authorised"


def test_an_admin_reads_no_case(office: Office) -> None:
    assert office.ask("GET", "cases", seat="admin").status_code == 403


def test_an_unknown_field_is_refused_by_its_name(office: Office) -> None:
    said = told(office.ask("POST", "letters", body={**ASK, "surprise": 1}), 422)
    assert "`surprise`" in str(said["detail"])


def test_an_unknown_field_of_a_body_is_refused_by_its_name(office: Office) -> None:
    body = {**ASK, "body": {"question": "?", "surprise": 1}}
    assert "`surprise`" in str(told(office.ask("POST", "letters", body=body), 422)["detail"])


def test_an_unknown_query_parameter_is_refused_by_its_name(office: Office) -> None:
    said = told(office.ask("GET", "cases?view=mine&surprise=1"), 422)
    assert "`surprise`" in str(said["detail"])


def test_what_was_sent_is_not_repeated_where_it_does_not_hold(office: Office) -> None:
    body = {**ASK, "body": {"question": "?", "subject_status": "Anna Example"}}
    found = office.ask("POST", "letters", body=body)
    assert found.status_code == 422
    assert "Anna" not in found.text


def test_two_megabytes_are_too_large(office: Office) -> None:
    content = b'{"kind": "' + b"a" * (2 << 20) + b'"}'
    found = office.raw("POST", "/api/v1/letters", content=content, headers=bearer(office))
    assert told(found, 413)["code"] == "input.limit"


def test_a_body_larger_than_it_says_is_cut_off(office: Office) -> None:
    headers = {**bearer(office), "Content-Length": "10"}
    content = b'{"kind": "' + b"a" * (2 << 20) + b'"}'
    found = office.raw("POST", "/api/v1/letters", content=content, headers=headers)
    assert found.status_code == 413


def test_a_stranger_may_not_even_make_us_read(office: Office) -> None:
    content = b"a" * (2 << 20)
    found = office.raw("POST", "/api/v1/letters", content=content)
    assert found.status_code == 401


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b"null", b"\xff\xfe", b'"text"', b"NaN", b"{}{}"]
)
def test_what_is_no_json_object_is_refused(office: Office, content: bytes) -> None:
    found = office.raw("POST", "/api/v1/letters", content=content, headers=bearer(office))
    assert found.status_code in {400, 422}
    assert found.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("field", ["facts", "body", "kind", "surprise"])
def test_deep_nesting_ends_at_a_limit(office: Office, field: str) -> None:
    content = b'{"%s":' % field.encode() + b"[" * 50_000 + b"]" * 50_000 + b"}"
    found = office.raw("POST", "/api/v1/letters", content=content, headers=bearer(office))
    assert found.status_code in {413, 422}


def test_only_json_is_read(office: Office) -> None:
    headers = {**bearer(office), "Content-Type": "application/x-www-form-urlencoded"}
    found = office.raw("POST", "/api/v1/letters", content=b"kind=a", headers=headers)
    assert told(found, 415)["code"] == "input.media"


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "BREW"])
def test_another_method_is_told_which_there_are(office: Office, method: str) -> None:
    found = office.ask(method, "cases")
    assert found.status_code == 405
    assert found.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    "path", ["persons/a%0Ab/link", "nope", "cases/a/b/c", "", "letters/", "me/"]
)
def test_a_path_that_is_not_there_says_so_in_json(office: Office, path: str) -> None:
    found = office.ask("GET", path)
    assert found.status_code in {404, 405}
    assert found.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "text",
    ["' OR 1=1 --", "\x00", "\x1b[2J", "a" * 5_000, "\u202eevil", "../../etc", "{case}", "%00"],
)
def test_hostile_names_of_cases_are_only_unknown(office: Office, text: str) -> None:
    quoted = "".join(f"%{byte:02x}" for byte in text.encode())
    found = office.ask("GET", f"cases/{quoted}")
    assert found.status_code == 404
    assert len(found.content) < 2_000
    assert "\x1b" not in str(found.json()["detail"])


@pytest.mark.parametrize("mid", ["x", "0" * 31, "G" * 32, "0" * 33])
def test_a_message_id_is_32_hex_digits(office: Office, mid: str) -> None:
    assert office.ask("GET", f"messages/{mid}").status_code == 422


def test_our_own_fault_shows_no_trace(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    del office.world.residents[office.here.node]
    object.__setattr__(office.here.desk.station, "practices", None)
    found = office.ask("POST", "letters", body=ASK)
    assert told(found, 500)["code"] == "unexpected"
    assert "NoneType" not in found.text
    assert "unexpected AttributeError" in caplog.text
    assert "Halden" not in caplog.text


def test_nothing_is_kept_by_a_browser_or_guessed_at(office: Office) -> None:
    found = office.ask("GET", "me")
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
