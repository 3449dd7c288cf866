"""Packs that contradict themselves, name what is not there or hide something are refused."""

import re
from dataclasses import replace
from datetime import date

import pytest

from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId
from comity.law import load_corpus, shipped_corpus, shipped_packs, told_cases
from comity.law.view import Truth, View

HEAD = "pack: test\nversion: '1'\ntitle: Test\n"
INSTRUMENT = (
    "instruments:\n"
    "  - {id: T, title: Test, kind: regional, in_force: 2000-01-01, evidence: seen,"
    " url: 'https://depositary.example/t', source: the test}\n"
)
RULE = (
    "rules:\n"
    "  - id: r\n"
    "    role: sensitivity\n"
    "    text: a text\n"
    "    cite: Treaty, art. 1\n"
    "    evidence: seen\n"
    "    url: https://depositary.example/t/1\n"
    "    when: minor\n"
    "    lifted_by: [legal]\n"
)
CLOCK = "  - {{id: c, length: 8 h, starts: {}, on_expiry: e, cite: d, since: 2000-01-01}}\n"
PARTIES = "instrument,party,signed,bound,in_force,until,status,action,as_of,source\n"
RESERVATIONS = "instrument,party,article,effect,counterpart,until,as_of,source,text\n"


def load(text: str, **tables: str) -> None:
    named = {name.replace("_", "-") + ".csv": data.encode() for name, data in tables.items()}
    load_corpus({"test.yaml": text.encode(), **named})


def refused(text: str, reason: str, *, at: str = "", **tables: str) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(reason)) as caught:
        load(text, **tables)
    assert str(caught.value).startswith(at or "test.yaml:")


def ruled(old: str = "", new: str = "") -> str:
    return HEAD + INSTRUMENT + RULE.replace(old, new)


def test_the_shipped_packs_load() -> None:
    corpus = load_corpus(shipped_packs())
    names = [name for name, _, _ in corpus.packs]
    assert {"universal", "absolute", "council-of-europe", "eu", "demonstration"} <= set(names)


def test_a_small_pack_loads() -> None:
    load(ruled())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("when: minor", "when: minr", "test.yaml:13: unknown fact `minr`"),
        ("when: minor", "when: {frobnicate: x}", "unknown predicate `frobnicate`"),
        ("when: minor", "when: {fact: minor, not: victim}", "a predicate is a map of one key"),
        ("when: minor", "when: []", "expected at least one predicate"),
        ("when: minor", "when: {in_force: UN-NOTHING}", "unknown instrument `UN-NOTHING`"),
        ("when: minor", "when: {purpose: [fun]}", "unknown purpose `fun`"),
        ("when: minor", "when: {category: [thoughts]}", "unknown data category `thoughts`"),
        ("when: minor", "when: {recipient: [ZZ]}", "unknown country `ZZ`"),
        ("when: minor", "when: {recipient: [XN]}", "unknown country `XN`"),
        ("when: minor", "when: {recipient_group: elves}", "unknown group `elves`"),
        ("when: minor", "when: {handling_code: H9}", "unknown handling code `H9`"),
        ("when: minor", "when: {tlp_at_least: PINK}", "unknown TLP colour `PINK`"),
        ("when: minor", "when: {level_at_least: high}", "unknown level from 1 to 4 `high`"),
        ("when: minor", "when: {urgent: maybe}", "unknown value of a plain predicate"),
        ("when: minor", "when: {since: tomorrow}", "expected a date like"),
        ("when: minor", "when: {reserved: {instrument: T}}", "`articles` is missing"),
        ("when: minor", "when: minor\n    unless: victim", "only a condition has `unless`"),
        (
            "when: minor",
            "when: minor\n    emergency: victim",
            "only a term has",
        ),
        ("when: minor", "when: minor\n    between: T", "only a basis has"),
        ("when: minor", "when: minor\n    colour: blue", "unknown key `colour`"),
        ("when: minor", "when: minor\n    when: victim", "`when` comes twice"),
        ("    when: minor\n", "", "`when` is missing"),
        ("    lifted_by: [legal]\n", "", "names who may lift its referral"),
        ("lifted_by: [legal]", "lifted_by: [king]", "unknown seat `king`"),
        ("role: sensitivity", "role: whim", "unknown role `whim`"),
        ("role: sensitivity", "role: basis", "a basis needs articles, between, categories"),
        ("role: sensitivity", "role: absolute", "nothing lifts an absolute prohibition"),
        ("evidence: seen", "evidence: rumour", "unknown evidence `rumour`"),
        ("text: a text", "text: [a, text]", "expected a text"),
        ("text: a text", "text: &a text", "anchors and aliases are not allowed"),
        ("text: a text", "text: *a", "test.yaml:9: anchors"),
        ("text: a text", "text: '", "not a YAML document"),
        ("    when: minor", "    sides: [moon]\n    when: minor", "unknown side `moon`"),
        ("    when: minor", "    from: never\n    when: minor", "expected a date like"),
        (
            "    when: minor",
            "    obligations: [{code: A, detail: b, within: 3 weeks}]\n    when: minor",
            "expected a length like",
        ),
    ],
)
def test_a_bad_rule_is_refused_with_its_place(old: str, new: str, reason: str) -> None:
    refused(ruled(old, new), reason)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("    url: https://depositary.example/t/1\n", "", "where its provision is published"),
        ("evidence: seen\n    url", "evidence: unverified\n    url", "says in `gap`"),
        ("kind: regional", "kind: whim", "unknown kind of instrument `whim`"),
        (" url: 'https://depositary.example/t',", "", "its official address as `url`"),
        ("evidence: seen, url", "evidence: unverified, url", "says in `gap`"),
        ("    when: minor", "    instrument: U\n    when: minor", "unknown instrument `U`"),
    ],
)
def test_what_nobody_can_check_is_refused(old: str, new: str, reason: str) -> None:
    text = (HEAD + INSTRUMENT + RULE).replace(old, new)
    assert text != HEAD + INSTRUMENT + RULE
    refused(text, reason)


BASIS = (
    "rules:\n"
    "  - {id: b, role: basis, text: t, cite: c, evidence: seen, purposes: [oversight],"
    " categories: [identity], between: T, articles: ['1'], lifted_by: [legal], when: WHEN}\n"
)


def test_a_wide_definition_needs_a_local_assessment_before_it_is_a_basis() -> None:
    wide = HEAD + INSTRUMENT.replace("source:", "local_assessment: 'yes', source:")
    refused(wide + BASIS.replace("WHEN", "for_prevention"), "`local_assessment_stands`")
    load(wide + BASIS.replace("WHEN", "[for_prevention, local_assessment_stands]"))


@pytest.mark.parametrize(
    ("rule", "is_held"),
    [
        ("when: [{originator: FR}, minor]", True),
        ("when: {originator: FR}", True),
        ("when: [{originator: DE}, minor]", False),
        ("when: minor", False),
        ("when: {any: [{originator: FR}, minor]}", False),
        ("when: [{recipient: FR}, minor]", False),
        ("sides: [hold]\n    when: [{recipient: FR}, minor]", True),
    ],
)
def test_national_law_binds_its_own_member_alone(rule: str, is_held: object) -> None:
    text = HEAD + "member: FR\n" + INSTRUMENT + RULE.replace("when: minor", rule)
    if is_held:
        load(text)
    else:
        refused(text, "a rule of FR's law names")


def test_national_law_speaks_for_no_other_member() -> None:
    own = "pack: test\nversion: '1'\ntitle: t\nmember: FR\n"
    both = RULE.replace(
        "when: minor", "sides: [release, hold]\n    when: [{originator: FR}, minor]"
    )
    refused(HEAD + "member: FR\n" + INSTRUMENT + both, "is for sending, or for keeping")
    for name in ("groups", "clocks", "listings"):
        refused(f"{own}{name}: []\n", f"national law has no `{name}`")
    for instrument, party, is_held in (
        ("T", "FR", True),
        ("T", "DE", False),
        ("OWN", "DE", True),
        ("GONE", "FR", False),
    ):
        row = f"{instrument},{party},,,2000-01-01,,bound,,2001-01-01,the depositary\n"
        files = {
            "test.yaml": (HEAD + INSTRUMENT).encode(),
            "mine.yaml": (
                "pack: mine\nversion: '1'\ntitle: t\nmember: FR\ntables: [mine-parties.csv]\n"
                + INSTRUMENT.replace("id: T", "id: OWN")
            ).encode(),
            "mine-parties.csv": (PARTIES + row).encode(),
        }
        if is_held:
            load_corpus(files)
        else:
            with pytest.raises(InvalidInputError, match=r"^mine-parties\.csv:2: "):
                load_corpus(files)


def test_python_tags_and_bare_words_stay_text() -> None:
    refused(
        ruled("text: a text", "text: a text\n    cite2: !!python/object:os.system x"),
        "unknown key",
    )
    load(ruled("text: a text", "text: NO"))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (INSTRUMENT.replace("instruments:\n", ""), "instrument `T` is held already"),
        ("version: '1'\n", "`version` comes twice"),
        ("cases: gone-cases.yaml\n", "unknown table `gone-cases.yaml`"),
        ("groups: [{id: g, members: [FR, FR], source: s, since: 2000-01-01}]\n", "already"),
        (
            "groups: [{id: g, members: fr, source: s, since: 2000-01-01}]\n",
            "unknown country `fr`",
        ),
        (
            "clocks:\n" + 2 * CLOCK.format("act"),
            "clock `c` is held already from 2000-01-01",
        ),
        (
            "clocks:\n" + CLOCK.format("noon"),
            "unknown start `noon`",
        ),
        ("tables: [gone-parties.csv]\n", "unknown table `gone-parties.csv`"),
        ("tables: [test.yaml]\n", "a table is named"),
        (
            "listings: [{instruments: [U], complete_until: 2000-01-01, source: s}]\n",
            "unknown instrument `U`",
        ),
        ("rules: r\n", "expected a map"),
        ("rules: {a: b}\n", "expected a list"),
    ],
)
def test_contradictions_are_refused_with_their_place(more: str, reason: str) -> None:
    refused(HEAD + INSTRUMENT + more, reason)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "T,FR,,,2001-01-01,,bound,,2020-01-01,s\nT,FR,,,2002-01-01,,bound,,2020-01-01,s\n",
            "already",
        ),
        ("T,ZZ,,,2001-01-01,,bound,,,s\n", "unknown country `ZZ`"),
        ("T,no,,,2001-01-01,,bound,,,s\n", "unknown country `no`"),
        ("U,FR,,,2001-01-01,,bound,,,s\n", "unknown instrument `U`"),
        ("T,FR,,,,,bound,,,s\n", "a bound party needs its date"),
        ("T,FR,,,,,party,,,s\n", "a bound party needs its date"),
        ("T,FR,,,2001-01-01,,married,,,s\n", "unknown status `married`"),
        ("T,FR,,,soon,,bound,,,s\n", "`in_force` needs a date"),
        ("T,FR,,,2001-01-01,,bound,,,\n", "a row needs its source"),
        ("T,FR,,,2001-01-01,,bound,,,demonstration\n", "fictional states `demonstration`"),
        ("T,FR,2001-01-01\n", "expected 10 cells, got 3"),
        ('T,"F"R,,,,,\n', "not a table"),
    ],
)
def test_a_bad_row_of_parties_is_refused_with_its_line(row: str, reason: str) -> None:
    text = HEAD + INSTRUMENT + "tables: [t-parties.csv]\n"
    refused(text, reason, at="t-parties.csv:", t_parties=PARTIES + row)


def test_a_party_that_left_and_came_back_is_two_rows() -> None:
    rows = "T,FR,,,2001-01-01,2005-01-01,bound,,,s\nT,FR,,,2005-01-01,,bound,,,s\n"
    load(HEAD + INSTRUMENT + "tables: [t-parties.csv]\n", t_parties=PARTIES + rows)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("T,FR,1,maybe,,,,s,t\n", "unknown effect `maybe`"),
        ("T,FR,1,doubt,ZZ,,,s,t\n", "unknown country `ZZ`"),
        ("T,FR,1,doubt,,someday,,s,t\n", "`until` needs a date"),
    ],
)
def test_a_bad_reservation_is_refused_with_its_line(row: str, reason: str) -> None:
    text = HEAD + INSTRUMENT + "tables: [t-reservations.csv]\n"
    refused(text, reason, at="t-reservations.csv:2", t_reservations=RESERVATIONS + row)


def test_a_table_with_other_columns_is_refused() -> None:
    text = HEAD + INSTRUMENT + "tables: [t-parties.csv]\n"
    refused(text, "expected the columns", at="t-parties.csv:1", t_parties="a,b\n")


def test_two_packs_may_not_hold_one_rule() -> None:
    with pytest.raises(InvalidInputError, match="rule `torture` is held already"):
        load_corpus({**shipped_packs(), "test.yaml": ruled("id: r", "id: torture").encode()})


def test_a_pack_stands_in_a_file_of_its_name() -> None:
    with pytest.raises(InvalidInputError, match="must stand in"):
        load_corpus({"other.yaml": ruled().encode()})


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"a: {" * 9, b"x" * 2_000_000, b"- a\n"]
)
def test_what_is_no_pack_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match=r"^test\.yaml:\d+: "):
        load_corpus({"test.yaml": data})


def test_a_signature_beside_a_party_is_two_answers_for_one_state() -> None:
    text = HEAD + INSTRUMENT + "tables: [t-parties.csv]\n"
    rows = "T,FR,,,2001-01-01,,bound,,,s\nT,FR,,,,,signatory,,,s\n"
    refused(text, "held already", at="t-parties.csv:3", t_parties=PARTIES + rows)


def test_a_fictional_state_lives_only_in_a_demonstration() -> None:
    text = HEAD + INSTRUMENT + "tables: [t-parties.csv]\n"
    row = "T,XN,,,2001-01-01,,bound,,,demonstration\n"
    refused(text, "unknown country `XN`", at="t-parties.csv:2", t_parties=PARTIES + row)
    load(text + "demonstration: 'yes'\n", t_parties=PARTIES + row)


@pytest.mark.parametrize(
    "when",
    [
        "{originator: [FR]}",
        "{originator_group: eu-schengen}",
        "{binds_recipient: UN-BOMBINGS-1997}",
        "{binds_originator: UN-BOMBINGS-1997}",
        "{practice: [requests]}",
        "{kind: [requests.ask/1]}",
        "{since: 2000-01-01}",
        "{urgent: 'yes'}",
        "{exercise: 'yes'}",
        "{same_member: 'yes'}",
        "{tlp_at_least: RED}",
        "{level_at_least: '2'}",
        "{recipient: [DE]}",
        "{fact: minor}",
        "{purpose: [oversight]}",
    ],
)
def test_every_word_of_the_vocabulary_compiles(when: str) -> None:
    packs = {
        **shipped_packs(),
        "test.yaml": (HEAD + RULE.replace("when: minor", f"when: {when}")).encode(),
    }
    assert "r" in {rule.name for rule in load_corpus(packs).rules}


@pytest.mark.parametrize(
    ("oldest", "as_of", "verdict"),
    [
        ("24 month", "2026-01-01", True),
        ("24 month", "2020-01-01", None),
        ("", "2001-01-01", True),
    ],
)
def test_an_old_row_no_longer_lifts_a_prohibition(
    oldest: str, as_of: str, verdict: Truth
) -> None:
    text = HEAD + (f"oldest: {oldest}\n" if oldest else "") + INSTRUMENT
    rule = RULE.replace("when: minor", "when: {in_force: T}")
    rows = "".join(f"T,{code},,,2001-01-01,,bound,,{as_of},s\n" for code in ("FR", "DE"))
    files = {
        "test.yaml": (text + "tables: [t-parties.csv]\n" + rule).encode(),
        "t-parties.csv": (PARTIES + rows).encode(),
    }
    corpus = load_corpus(files)
    [draft] = [each.draft for each in told_cases(shipped_corpus())[:1]]
    between = replace(draft, originator=AgencyId("fr.police"), recipient=AgencyId("de.police"))
    view = View(between, corpus.treaties, day=date(2026, 11, 23))
    assert corpus.rules[0].test(view) is verdict
    assert corpus.treaties.between("T", "FR", "DE", on=date(2026, 11, 23)) is True


def test_a_member_is_in_a_group_a_bounded_number_of_times() -> None:
    spans = "".join(
        f"  - {{id: g, members: [FR], source: s, since: {year}-01-01, until: {year}-02-01}}\n"
        for year in range(1000, 1257)
    )
    refused(HEAD + INSTRUMENT + "groups:\n" + spans, "in a group at most 256 times")


def test_a_date_has_one_form() -> None:
    refused(HEAD + "from: 20260101\n" + INSTRUMENT, "expected a date like")
