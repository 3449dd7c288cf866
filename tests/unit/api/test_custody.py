"""What is kept on terms, over the API: reviews, assurances, tearlines."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest
from tests.scenarios.stage import FACTS, confirmed, question, send
from tests.unit.api.ground import NORLAND, Json, Office, told

from comity.core.clock import DAY, Instant, iso
from comity.core.ids import NodeId
from comity.message import handling

CHECKED = {
    "source": "removed",
    "method": "removed",
    "precision": "generalised",
    "other-persons": "absent",
    "third-party": "absent",
    "wording": "removed",
}


def informed(office: Office, marking: str = "TLP:AMBER") -> str:
    """Let Arcadia tell Norland something unasked; return the message's id."""
    letter = replace(
        question(NORLAND),
        kind="requests.inform/1",
        body={"text": "The source saw her at the harbour on Monday at four"},
        handling=handling(marking),
        facts={**FACTS, "conditions_set": False},
    )
    sent = confirmed(office.world.residents[NodeId("xa.border.n1")], letter)
    office.world.run()
    return sent.mid


def only(found: Json, name: str) -> Json:
    (row,) = cast("list[Json]", found[name])
    return row


def test_a_review_is_listed_and_kept_for_its_reasons(office: Office) -> None:
    mid = informed(office)
    assert told(office.ask("GET", "reviews"))["reviews"] == []
    office.world.clock.advance(35 * 30 * DAY)
    office.tokens["supervisor"] = office.token("supervisor")
    row = only(told(office.ask("GET", "reviews", seat="supervisor")), "reviews")
    assert (row["subject"], row["sort"], row["decision"]) == (mid, "message", "")
    until = iso(Instant(office.world.clock.now() + 300 * DAY))
    body = {"subject": mid, "until": until, "reasons": "The appeal is open."}
    office.tokens["officer"] = office.token("officer")
    assert office.ask("POST", "reviews/keep", body=body).status_code == 403
    done = told(office.ask("POST", "reviews/keep", body=body, seat="supervisor"))
    assert (done["decision"], done["erase_by"]) == ("kept", until)
    no_reason = {**body, "reasons": ""}
    found = office.ask("POST", "reviews/keep", body=no_reason, seat="supervisor")
    assert found.status_code in {400, 422}
    nothing = {**body, "subject": "0" * 32}
    found = office.ask("POST", "reviews/keep", body=nothing, seat="supervisor")
    assert found.status_code == 404


def test_an_assurance_is_stated_listed_and_ended(office: Office) -> None:
    sent = send(office.here, question())
    body = {
        "case": sent.case,
        "state": "xa",
        "author": "Ministry of Justice",
        "given_on": "2026-01-20",
        "until": iso(Instant(office.world.clock.now() + 30 * DAY)),
        "text": "No sentence of death is sought.",
        "monitoring": "The consul attends every hearing.",
    }
    assert office.ask("POST", "assurances", body=body).status_code == 403
    made = told(office.ask("POST", "assurances", body=body, seat="legal"))
    path = f"cases/{sent.case}/assurances"
    assert told(office.ask("GET", path))["assurances"] == [made]
    ended = {"assurance": made["assurance"]}
    told(office.ask("POST", "assurances/end", body=ended, seat="legal"))
    assert office.ask("POST", "assurances/end", body=ended, seat="legal").status_code == 404
    row = only(told(office.ask("GET", path)), "assurances")
    assert row["ended_at"] is not None


def lower(parent: str, **more: object) -> Mapping[str, object]:
    return {
        "parent": parent,
        "entity": "tear-1",
        "text": "She travelled by sea.",
        "handling": "TLP:GREEN REL:xn",
        "grade": {"scale": "europol-4x4", "source": "X", "information": "3"},
        "checked": CHECKED,
        "reasons": "The border post may not read the whole.",
        **more,
    }


def test_a_tearline_of_what_a_partner_sent_waits_for_its_consent(office: Office) -> None:
    mid = informed(office)
    found = office.ask("POST", "tearlines", body=lower(mid), seat="legal")
    assert "has not agreed" in str(told(found, found.status_code)["detail"])
    assert office.ask("POST", "tearlines", body=lower(mid)).status_code == 403
    assert told(office.ask("GET", "tearlines"))["tearlines"] == []
    nothing = {"tearline": "0" * 32}
    assert (
        office.ask("POST", "tearlines/confirm", body=nothing, seat="legal").status_code == 404
    )


@pytest.mark.parametrize(
    "more",
    [
        {"checked": {**CHECKED, "mood": "kept"}},
        {"checked": {**CHECKED, "source": "perhaps"}},
        {"grade": {"scale": "stars", "source": "5", "information": "5"}},
        {"handling": "TLP:WHITE"},
        {"parent_id": "x"},
    ],
)
def test_what_is_no_tearline_is_bad_input(office: Office, more: Mapping[str, object]) -> None:
    found = office.ask("POST", "tearlines", body=lower("s-1", **more), seat="legal")
    assert found.status_code in {400, 422}, found.text
