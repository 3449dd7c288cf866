"""What a member's own people read lifts a row that nobody had read, and no other."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.cbor import Value
from comity.core.clock import from_iso
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, CaseId, MemberId
from comity.law import (
    Corpus,
    Decision,
    Reading,
    ReadingOutcome,
    Verdict,
    check_reading,
    decide,
    load_corpus,
    outdated,
    overlay,
    read_record,
)
from comity.message import Draft, Facts, Handling, Item, Tlp

XN = MemberId("xn")
READ = date(2026, 11, 20)
SOURCE = "https://treaties.example/hostages"
HEAD = """
pack: fiction
version: "1"
title: Law of fictional states
demonstration: "yes"
tables: [fiction-parties.csv, fiction-reservations.csv]
instruments:
  - {id: PACT, title: Pact of the Test, kind: regional, in_force: 2001-01-01, evidence: seen,
     source: demonstration}
  - {id: OTHER, title: Other pact, kind: regional, evidence: seen,
     source: demonstration}
rules:
  - id: pact-unread
    role: basis
    text: parties exchange what prevents an attack
    cite: Pact, art. 4
    evidence: unverified
    gap: the text of article 4
    purposes: [counter-terrorism, border-security]
    categories: [identity, travel]
    between: PACT
    articles: ["4"]
    when: conduct_bombing
    lifted_by: [legal]
  - id: pact-seen
    role: basis
    text: parties exchange in investigations
    cite: Pact, art. 5
    evidence: seen
    purposes: [border-security]
    categories: [identity, travel]
    between: PACT
    articles: ["5"]
    when: conduct_bombing
    lifted_by: [legal]
  - id: unread-ban
    role: condition
    text: nothing of journeys goes
    cite: Pact, art. 9
    evidence: unverified
    gap: the text of article 9
    when: [{category: [travel]}, conduct_hostages]
    lifted_by: [legal]
  - id: unread-absolute
    role: absolute
    text: never
    cite: Pact, art. 1
    evidence: unverified
    gap: the text of article 1
    when: from_torture
"""
PARTIES = """instrument,party,signed,bound,in_force,until,status,action,as_of,source
PACT,XN,,,2001-02-01,,bound,,2026-01-01,demonstration
PACT,XA,,,2001-02-01,,bound,,2026-01-01,demonstration
PACT,XC,,,,,doubtful,,2026-01-01,demonstration
PACT,XM,,,,,party,,2026-01-01,demonstration
PACT,XB,,,2001-02-01,,bound,,2026-01-01,demonstration
PACT,XQ,,,,,territory,,2026-01-01,demonstration
PACT,XD,,,2001-02-01,2002-01-01,bound,,2026-01-01,demonstration
OTHER,XE,,,,,signatory,,2026-01-01,demonstration
"""
RESERVED = """instrument,party,article,effect,counterpart,until,as_of,source,text
PACT,XB,,doubt,,,2026-01-01,demonstration,a declaration nobody read
PACT,XA,7,excludes,,,2026-01-01,demonstration,nothing under article 7
"""
FILES: Mapping[str, bytes] = {
    "fiction.yaml": HEAD.encode(),
    "fiction-parties.csv": PARTIES.encode(),
    "fiction-reservations.csv": RESERVED.encode(),
}
PACKS = load_corpus(FILES)
AMBER = Handling(tlp=Tlp.AMBER)
FACTS: Facts = {"conduct_bombing": True, "conduct_hostages": False, "from_torture": False}


def draft(to: str = "xa.border", *, category: str = "identity", **facts: bool | None) -> Draft:
    return Draft(
        kind="requests.ask/1",
        originator=AgencyId("xn.police"),
        recipient=AgencyId(to),
        purpose="counter-terrorism",
        at=from_iso("2026-11-23T10:00:00Z"),
        body={},
        handling=AMBER,
        case=CaseId("case"),
        categories=frozenset({category}),
        items=(Item(path="x", category=category, handling=AMBER),),
        facts={**FACTS, **facts},
    )


def reading(  # noqa: PLR0913 - what a reader may state, one keyword each
    row: str,
    outcome: str = "confirm",
    *,
    source: str = SOURCE,
    article: str = "art. 4",
    purposes: str = "",
    categories: str = "",
    needs: str = "",
    until: date | None = None,
    in_force: date | None = None,
) -> Reading:
    return Reading(
        row=row,
        outcome=ReadingOutcome(outcome),
        source=source,
        article=article,
        read=READ,
        purposes=frozenset(purposes.split()),
        categories=frozenset(categories.split()),
        needs=needs,
        until=until,
        in_force=in_force,
    )


def law(*readings: Reading) -> Corpus:
    return overlay(PACKS, [check_reading(each, PACKS) for each in readings], member=XN)


def ask(corpus: Corpus, asked: Draft | None = None) -> Decision:
    return decide(asked or draft(), corpus)


def test_an_unread_basis_refers_until_it_is_read() -> None:
    assert ask(PACKS).verdict is Verdict.REFER
    found = ask(law(reading("pact-unread")))
    assert found.verdict is Verdict.PERMIT
    assert found.basis == ("Pact, art. 4",)


def test_every_decision_names_the_readings_it_was_made_under() -> None:
    corpus = law(reading("pact-unread"))
    (named,) = [each for each in ask(corpus).packs if each[0] == "readings-xn"]
    assert named[1] == "1"
    assert corpus.digest != PACKS.digest
    assert ask(corpus).digest != ask(PACKS).digest
    assert overlay(PACKS, (), member=XN) is PACKS


def test_a_rule_that_was_read_says_by_whom_when_and_where() -> None:
    (rule,) = [each for each in law(reading("pact-unread")).rules if each.name == "pact-unread"]
    assert rule.read == f"read by XN on 2026-11-20: {SOURCE}, art. 4"
    assert rule.is_verified
    assert rule.gap == ""


def test_a_rejected_basis_is_gone() -> None:
    assert ask(law(reading("pact-unread", "reject"))).verdict is Verdict.DENY


def test_an_unread_prohibition_refers_denies_once_read_and_goes_once_rejected() -> None:
    read = reading("pact-unread")
    asked = draft(category="travel", conduct_hostages=True)
    assert ask(law(read), asked).verdict is Verdict.REFER
    assert ask(law(read, reading("unread-ban")), asked).verdict is Verdict.DENY
    assert ask(law(read, reading("unread-ban", "reject")), asked).verdict is Verdict.PERMIT


@pytest.mark.parametrize(
    ("read", "verdict"),
    [
        (reading("pact-unread", "narrow", purposes="border-security"), Verdict.DENY),
        (reading("pact-unread", "narrow", categories="travel"), Verdict.DENY),
        (reading("pact-unread", "narrow", needs="for_prevention"), Verdict.REFER),
        (reading("pact-unread", "narrow", until=date(2026, 11, 1)), Verdict.DENY),
        (reading("pact-unread", "narrow", purposes="counter-terrorism"), Verdict.PERMIT),
    ],
)
def test_a_narrowed_basis_permits_less(read: Reading, verdict: Verdict) -> None:
    assert ask(law(read)).verdict is verdict


def test_a_narrowed_basis_asks_for_the_fact_its_text_names() -> None:
    corpus = law(reading("pact-unread", "narrow", needs="for_prevention"))
    assert ask(corpus, draft(for_prevention=True)).verdict is Verdict.PERMIT
    assert ask(corpus, draft(for_prevention=False)).verdict is Verdict.DENY


def wrong(read: Reading) -> str:
    with pytest.raises(InvalidInputError) as caught:
        check_reading(read, PACKS)
    return str(caught.value)


@pytest.mark.parametrize("outcome", ["confirm", "narrow", "reject"])
def test_what_the_packs_have_seen_stands(outcome: str) -> None:
    until = date(2026, 12, 1) if outcome == "narrow" else None
    assert "have seen the text" in wrong(reading("pact-seen", outcome, until=until))


@pytest.mark.parametrize(
    "wider",
    [
        reading("pact-unread", "narrow", purposes="foreign-fighters"),
        reading("pact-unread", "narrow", purposes="no-purpose"),
        reading("pact-unread", "narrow", categories="financial"),
    ],
)
def test_a_reading_never_widens(wider: Reading) -> None:
    assert "only narrows" in wrong(wider)


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (reading("no-rule"), "no rule"),
        (reading("NOPE/XA"), "no rule, participation or reservation"),
        (reading("PACT/ZZ"), "unknown country"),
        (reading("pact-unread", source="a book"), "address"),
        (reading("pact-unread", article=" "), "article"),
        (reading("pact-unread", article="x" * 500), "at most"),
        (reading("pact-unread", "narrow"), "narrowing names"),
        (reading("pact-unread", needs="minor"), "narrowing names"),
        (reading("pact-unread", "reject", until=READ), "narrowing names"),
        (reading("pact-unread", in_force=READ), "narrowing names"),
        (reading("pact-unread", "narrow", needs="is_guilty"), "unknown fact"),
        (reading("unread-absolute", "narrow", needs="for_prevention"), "absolute"),
        (reading("PACT/XC", "narrow", in_force=READ), "only a rule"),
        (reading("PACT/XC"), "from which day"),
        (reading("PACT/XA", "reject"), "seen the dates"),
        (reading("PACT/XA", in_force=READ), "seen the dates"),
        (reading("PACT/XQ", in_force=READ), "territory"),
        (reading("PACT/XD", in_force=READ), "does not bind"),
        (reading("OTHER/XA", "reject"), "only a row in doubt"),
        (reading("PACT/XA/7", "reject"), "is reserved"),
        (reading("PACT/XA/7"), "is reserved"),
        (reading("PACT/XA/4", "reject"), "no reservation in doubt"),
        (reading("PACT/XB/4", in_force=READ), "day in force"),
    ],
)
def test_a_reading_that_says_too_much_is_refused(read: Reading, told: str) -> None:
    assert told in wrong(read)


@pytest.mark.parametrize("party", ["xc", "xm", "xe"])
def test_a_party_in_doubt_or_absent_is_bound_from_the_day_that_was_read(party: str) -> None:
    basis = reading("pact-unread")
    asked = draft(f"{party}.police")
    bound = reading(f"PACT/{party.upper()}", in_force=date(2020, 1, 1))
    assert ask(law(basis), asked).verdict is not Verdict.DENY
    assert ask(law(basis, bound), asked).verdict is Verdict.PERMIT
    later = replace(bound, in_force=date(2027, 1, 1))
    assert ask(law(basis, later), asked).verdict is not Verdict.PERMIT
    ended = replace(bound, until=date(2022, 1, 1))
    assert ask(law(basis, ended), asked).verdict is Verdict.DENY


def test_a_rejected_row_in_doubt_leaves_nobody_bound() -> None:
    corpus = law(reading("PACT/XM", "reject"))
    assert corpus.treaties.binds("PACT", "XM", on=READ) is False
    assert corpus.treaties.binds("PACT", "XM", on=date(2027, 1, 1)) is None


def test_an_instrument_of_unknown_date_binds_whom_somebody_read_it_to_bind() -> None:
    one, other = (
        reading(f"OTHER/{party}", in_force=date(2010 + i, 1, 1))
        for i, party in enumerate(("XN", "XA"))
    )
    assert law(one).treaties.between("OTHER", "XN", "XA", on=READ) is None
    treaties = law(one, other).treaties
    assert treaties.between("OTHER", "XN", "XA", on=READ) is True
    assert treaties.between("OTHER", "XN", "XA", on=date(2010, 6, 1)) is not True


def test_a_doubt_is_lifted_for_the_article_that_was_read_and_for_no_other() -> None:
    treaties = law(reading("PACT/XB/4", "reject")).treaties
    parties = ("XN", "XB")
    assert treaties.reserved("PACT", frozenset({"4"}), parties=parties, on=READ) is False
    assert treaties.reserved("PACT", frozenset({"5"}), parties=parties, on=READ) is None
    assert treaties.reserved("PACT", frozenset({"4", "5"}), parties=parties, on=READ) is None
    whole = law(reading("PACT/XB/*", "reject")).treaties
    assert whole.reserved("PACT", frozenset({"5"}), parties=parties, on=READ) is False


def test_a_reservation_that_was_read_takes_the_article_away() -> None:
    basis = reading("pact-unread")
    for row in ("PACT/XB/4", "PACT/XA/4"):
        corpus = law(basis, reading(row))
        to = f"{row[5:7].lower()}.police"
        assert ask(corpus, draft(to)).verdict is Verdict.DENY


def test_a_reading_ends_when_the_packs_give_another_text() -> None:
    bound = [check_reading(reading(row), PACKS) for row in ("pact-unread", "PACT/XB/4")]
    text = HEAD.replace("parties exchange what prevents an attack", "parties may exchange")
    newer = load_corpus({**FILES, "fiction.yaml": text.encode()})
    assert [each.row for each in outdated(newer, bound)] == ["pact-unread"]
    assert ask(overlay(newer, bound, member=XN)).verdict is Verdict.REFER
    moved = load_corpus(
        {**FILES, "fiction-reservations.csv": RESERVED.replace("nobody", "no one").encode()}
    )
    assert outdated(moved, bound) == ()
    gone = load_corpus(
        {**FILES, "fiction.yaml": HEAD.replace("id: pact-unread", "id: pact-new").encode()}
    )
    assert "pact-unread" in [each.row for each in outdated(gone, bound)]


def test_a_row_that_moved_within_its_pack_is_still_the_same_text() -> None:
    bound = check_reading(reading("pact-unread"), PACKS)
    moved = HEAD.replace("rules:\n", "gaps: [more]\nrules:\n").replace(
        "    text: nothing of journeys goes\n    cite: Pact, art. 9\n",
        "    cite: Pact, art. 9\n    text: nothing of journeys goes\n",
    )
    assert outdated(load_corpus({**FILES, "fiction.yaml": moved.encode()}), [bound]) == ()


def test_of_two_readings_of_one_row_the_later_counts() -> None:
    confirmed, rejected = reading("pact-unread"), reading("pact-unread", "reject")
    assert ask(law(confirmed, rejected)).verdict is Verdict.DENY
    assert ask(law(rejected, confirmed)).verdict is Verdict.PERMIT


def test_a_reading_is_read_back_as_it_was_written() -> None:
    narrow = reading(
        "pact-unread", "narrow", purposes="border-security", needs="minor", until=READ
    )
    whole = check_reading(narrow, PACKS)
    assert read_record(whole.record()) == whole
    broken_ones: tuple[dict[str, Value], ...] = (
        {},
        {**whole.record(), "read": "soon"},
        {**whole.record(), "purposes": 1},
        {**whole.record(), "purposes": [1]},
    )
    for broken in broken_ones:
        with pytest.raises(InvalidInputError):
            read_record(broken)


ROWS = ("pact-unread", "unread-ban", "PACT/XC", "PACT/XM", "PACT/XB/4", "PACT/XB/*")


@given(
    chosen=st.dictionaries(st.sampled_from(ROWS), st.sampled_from(["confirm", "reject"])),
    to=st.sampled_from(["xa.border", "xb.police", "xc.police", "xm.fiu"]),
    facts=st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in FACTS}),
)
def test_no_reading_permits_what_no_seen_row_and_no_reading_permits(
    chosen: Mapping[str, str], to: str, facts: Facts
) -> None:
    """Only a basis that was read can turn a referral into a permit, and none a denial."""
    readings = [
        reading(
            row,
            outcome,
            in_force=date(2020, 1, 1)
            if outcome == "confirm" and row in {"PACT/XC", "PACT/XM"}
            else None,
        )
        for row, outcome in chosen.items()
    ]
    asked = replace(draft(to), facts=facts)
    before, after = ask(PACKS, asked), ask(law(*readings), asked)
    if after.verdict is Verdict.PERMIT:
        assert before.verdict is Verdict.REFER
        assert chosen.get("pact-unread") == "confirm"
