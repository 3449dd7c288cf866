"""Explanations: the fixed JSON shape, why-nots that name what held a rule back, plain lines."""

import json
from dataclasses import replace
from typing import cast

import pytest

from comity.core.errors import InvalidInputError
from comity.law import (
    Verdict,
    as_json,
    decide,
    explain,
    lines,
    packs_report,
    parse_inquiry,
    shipped_corpus,
    told_cases,
    why_not,
    write_inquiry,
)
from comity.message import Draft, Item, Setting, Tlp, Urgency

CORPUS = shipped_corpus()
FACTS = {
    **dict.fromkeys(
        (
            *("torture_risk", "refoulement_risk", "persecution_risk", "neutrality_concern"),
            *("from_torture", "death_penalty_risk", "political_offence", "minor", "victim"),
            *("automated_origin", "third_party"),
        ),
        False,
    ),
    **dict.fromkeys(
        ("national_law_permits", "conduct_bombing", "for_prevention", "accurate_and_verified"),
        True,
    ),
}
ASKED: dict[str, object] = {
    "originator": "xn.police",
    "recipient": "xa.border",
    "on": "2026-11-23",
    "kind": "requests.ask/1",
    "purpose": "counter-terrorism",
    "categories": ["identity", "travel"],
    "handling": {},
    "facts": FACTS,
}


def asked(**changes: object) -> Draft:
    return parse_inquiry(json.dumps({**ASKED, **changes}).encode(), CORPUS)


def test_the_shape_that_programs_rely_on() -> None:
    found = as_json(explain(asked(), CORPUS))
    assert found["verdict"] == "permit"
    names = "verdict reasons why_not obligations missing smallest_set packs digest"
    assert set(names.split()) <= found.keys()
    for reason in cast("list[dict[str, object]]", found["reasons"]):
        assert {"rule", "outcome", "cite", "facts"} <= reason.keys()
    assert json.loads(json.dumps(found)) == found
    assert found["digest"] == decide(asked(), CORPUS).digest.hex()


def test_where_an_empty_body_is_denied_the_smallest_set_is_null() -> None:
    denied = as_json(explain(asked(facts={**FACTS, "torture_risk": True}), CORPUS))
    assert (denied["verdict"], denied["smallest_set"]) == ("deny", None)


def test_plain_lines_say_what_to_leave_out() -> None:
    item = Item(path="print", category="biometric", handling=asked().handling)
    said = lines(explain(replace(asked(), items=(item,)), CORPUS))
    assert "Leave out so that the rest is judged better: print." in said


def test_a_permit_says_what_would_have_denied_it() -> None:
    held = {reason.rule: reason for reason in why_not(asked(), CORPUS)}
    assert held["torture"].outcome is Verdict.DENY
    assert held["torture"].text == "would deny, but `torture_risk` is false"
    assert held["terms-audience"].text == "would deny, but its conditions are met"
    assert held["asylum-to-origin"].text == "would deny, but it does not concern what is sent"
    assert "bombings-10" not in held


def test_an_unknown_fact_is_never_said_to_hold_a_limit_back() -> None:
    told = asked(facts={**FACTS, "minor": None})
    for draft in (told, replace(told, is_protective=True, categories=frozenset())):
        limits = [each for each in why_not(draft, CORPUS) if each.outcome is not Verdict.PERMIT]
        assert limits
        assert not [each for each in limits if "is unknown" in each.text]


def test_what_only_protects_the_person_is_not_asked_about_limits() -> None:
    recall = replace(asked(), is_protective=True, categories=frozenset())
    held = {reason.rule: reason.text for reason in why_not(recall, CORPUS)}
    assert held["torture"] == "would deny, but it is not asked of what only protects the person"


@pytest.mark.parametrize(
    ("rule", "recipient", "said"),
    [
        ("bombings-15-b", "xm.police", "not in force between XN and XM"),
        ("bombings-15-b", "xc.police", "reserved between XN and XC"),
        ("bombings-15-b", "np.police", "not known to be in force between XN and NP"),
        ("nuclear-7", "xm.police", "`conduct_nuclear` is unknown"),
        ("concord-3", "xm.police", "`counter-terrorism` is not among its purposes"),
        ("concord-4", "xm.police", "it does not reach `identity`, `travel`"),
        ("hostages-4", "xm.police", "its text is not verified"),
        ("financing-18-3-acts", "xb.police", "perhaps reserved between XN and XB"),
    ],
)
def test_a_no_says_what_kept_each_basis_from_holding(
    rule: str, recipient: str, said: str
) -> None:
    draft = asked(recipient=recipient, facts={**FACTS, "conduct_bombing": False})
    if rule == "bombings-15-b":
        draft = asked(recipient=recipient)
    held = {reason.rule: reason.text for reason in why_not(draft, CORPUS)}
    assert said in held[rule]


def test_plain_lines_say_verdict_reason_and_what_follows() -> None:
    permitted = lines(explain(asked(), CORPUS))
    assert permitted[0] == "The law permits this."
    assert any("Bombings Convention, art. 15(b)" in line for line in permitted)
    assert any("ReviewBy" in line for line in permitted)
    unknown = {**FACTS, "torture_risk": None}
    referred = lines(explain(asked(facts=unknown), CORPUS))
    assert "Not known: torture_risk." in referred
    assert "May be lifted by: legal, rights." in referred


def test_a_lift_is_explained_like_a_decision() -> None:
    draft = asked(facts={**FACTS, "minor": True})
    assert explain(draft, CORPUS, lifted=["minor"]).decision.verdict is Verdict.PERMIT


def test_the_report_counts_no_fictional_row() -> None:
    report = packs_report(CORPUS)
    rows = [row for kept in CORPUS.treaties.parties.values() for row in kept]
    fictional = sum(row.source == "demonstration" for row in rows)
    assert fictional > 0
    assert report["participations"] == len(rows) - fictional
    assert report["instruments"] == sum(not i.is_fictional for i in CORPUS.instruments.values())
    assert report["sourced"] == 1
    assert report["cases"] == len(told_cases(CORPUS))
    names = {
        "packs",
        "instruments",
        "provisions",
        "participations",
        "unknown",
        "sourced",
        "cases",
    }
    assert names <= report.keys()


def test_an_inquiry_is_read_whole() -> None:
    draft = asked(
        on="2026-11-23T08:00:00Z",
        urgency="urgent",
        recipient="org-interpol.secretariat",
        handling={
            "tlp": "AMBER+STRICT",
            "level": 1,
            "codes": ["H1"],
            "releasable": ["xa"],
            "originators": ["xn.police"],
            "purposes": ["counter-terrorism"],
            "until": "2027-01-01T00:00:00Z",
            "exercise": True,
        },
    )
    assert draft.urgency is Urgency.URGENT
    assert draft.handling.tlp is Tlp.AMBER_STRICT
    assert draft.handling.level == 1
    assert draft.handling.setting is Setting.EXERCISE
    assert asked(handling="TLP:GREEN").handling.tlp is Tlp.GREEN
    assert asked(handling={}).handling.tlp is Tlp.RED


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"facts": {"torture_rsk": False}}, "unknown fact `torture_rsk`"),
        ({"facts": {"minor": 1}}, "expected true, false or null for `minor`"),
        ({"facts": {"minor": "no"}}, "expected true, false or null for `minor`"),
        ({"facts": []}, "expected `facts` as a JSON object"),
        ({"purpose": "fun"}, "unknown purpose `fun`"),
        ({"categories": ["thoughts"]}, "unknown data category `thoughts`"),
        ({"categories": "identity"}, "expected a list of texts as `categories`"),
        ({"recipient": "zz.police"}, "unknown member `zz`"),
        ({"recipient": "France"}, "expected an id like agency"),
        ({"recipient": 7}, "expected a text as `recipient`"),
        ({"kind": "ask"}, "expected a kind like"),
        ({"colour": "blue"}, "unknown name `colour`"),
        ({"on": "yesterday"}, "expected a time like"),
        ({"on": "2026-11-23T08:00:00"}, "offset from UTC"),
        ({"urgency": "now"}, "unknown urgency `now`"),
        ({"handling": {"colour": "red"}}, "unknown handling field `colour`"),
        ({"handling": {"tlp": "PINK"}}, "a marking begins with its TLP label"),
        ({"handling": "TLP:RED X"}, "unknown word `X`"),
        ({"handling": {"codes": "H1"}}, "expected a list of texts as `codes`"),
        ({"handling": []}, "expected `handling` as a JSON object"),
    ],
)
def test_an_unknown_name_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInputError, match="`") as caught:
        asked(**changes)
    assert said in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 9_000, b" " * 70_000])
def test_what_is_no_question_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match="question"):
        parse_inquiry(data, CORPUS)


def test_a_draft_written_as_a_question_is_read_back_and_judged_the_same() -> None:
    draft = asked(handling={"tlp": "AMBER", "codes": ["H1"], "releasable": ["xa"]})
    item = Item(
        path="text",
        category="free-text",
        handling=draft.handling,
        facts={"special_category": False},
    )
    draft = replace(draft, items=(item,), categories=draft.categories | {"free-text"})
    written = write_inquiry(draft)
    assert cast("dict[str, object]", written["facts"])["special_category"] is False
    again = parse_inquiry(json.dumps(written).encode(), CORPUS)
    assert write_inquiry(again) == written
    assert explain(again, CORPUS).decision.verdict is explain(draft, CORPUS).decision.verdict


def test_every_provision_a_decision_rests_on_has_its_address() -> None:
    for recipient in ("xa.border", "xm.justice"):
        found = explain(asked(recipient=recipient), CORPUS)
        said = (*found.decision.reasons, *found.why_not)
        bare = {each.rule for each in said if not each.url and "fictional" not in each.cite}
        assert bare <= {"law.no-basis"}
