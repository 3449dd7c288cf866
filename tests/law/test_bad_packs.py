"""What a hostile or careless hand writes into a pack or a question: refused, in its place."""

import json
import re
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.law.ground import CATEGORIES, FACTS, PURPOSES, Dice, Drawn, Raw, make_draft, stating
from tests.law.small import (
    READ,
    Row,
    a_basis,
    a_pack,
    a_rule,
    make_small,
    make_tree,
)

from comity.core.errors import InvalidInputError
from comity.law import (
    Verdict,
    as_json,
    decide,
    explain,
    load_corpus,
    parse_inquiry,
    shipped_corpus,
    shipped_packs,
)
from comity.message import Draft

CORPUS = shipped_corpus()
PLACE = re.compile(r"[^\n:]+:[1-9][0-9]*: .+")
SHIPPED = shipped_packs()
GOOD = a_pack([a_basis("good", "quality_checked"), a_rule("r", "sensitivity", "minor")])
# What a parser, a date or a number may stumble over, and what another reader takes otherwise.
NASTY = (
    *(
        "",
        " ",
        "~",
        "null",
        "NO",
        "no",
        "yes",
        "1:30",
        "0x1F",
        "1_0",
        "-1",
        "\uff11",
        "9" * 5_000,
    ),
    *("[", "{", "]", "}", "- ", "? ", ": ", "&a ", "*a", "!!python/object:os.system ", "<<: "),
    *(
        "%YAML 1.1\n---\n",
        "\n---\n",
        "\t",
        "\0",
        "\ufeff",
        "\u2028",
        "\\",
        '"',
        "'",
        "|\n",
        "#",
    ),
    *(
        "2026-W01-1",
        "20260101",
        "0000-00-00",
        "9999-12-31",
        "2026-02-30",
        "org-",
        "../",
        "Z" * 300,
    ),
)


def loads(held: Mapping[str, bytes]) -> bool:
    """Load packs; say whether they load, and hold the refusal to its form."""
    try:
        load_corpus(held)
    except InvalidInputError as error:
        lines = str(error).splitlines()
    else:
        return True
    assert [line for line in lines if not PLACE.fullmatch(line) or len(line) > 400] == []
    return False


@st.composite
def cut_and_pasted(draw: st.DrawFn, texts: list[str]) -> str:
    """Draw one of the texts, with a few places of it overwritten, cut or doubled."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 40))
        pasted = draw(st.sampled_from((*NASTY, text[end : end + 40], text[start:end] * 2)))
        text = text[:start] + pasted + text[end:]
    return text


@given(cut_and_pasted([SHIPPED["terms.yaml"].decode(), GOOD["test.yaml"].decode()]))
def test_a_damaged_pack_loads_whole_or_is_refused_with_its_place(text: str) -> None:
    data = text.encode(errors="surrogatepass")
    held = {**GOOD, "terms.yaml": data, "terms-cases.yaml": b"- a"}
    loads({**held, "test.yaml": data})


ROWS = "T,NO,1999-01-01,1999-02-01,2001-01-01,2010-01-01,bound,accession,2020-01-01,the test\n"
KEPT = "T,FR,1,excludes,DE,2030-01-01,2020-01-01,the test,a text\n"


@given(
    cut_and_pasted([GOOD["test-parties.csv"].decode() + ROWS]),
    cut_and_pasted([GOOD["test-reservations.csv"].decode() + KEPT]),
)
def test_a_damaged_table_loads_whole_or_is_refused_with_its_place(
    parties: str, reservations: str
) -> None:
    loads({**GOOD, "test-parties.csv": parties.encode(errors="surrogatepass")})
    loads({**GOOD, "test-reservations.csv": reservations.encode(errors="surrogatepass")})


@given(st.binary(max_size=200))
def test_bytes_that_nobody_meant_are_no_pack(data: bytes) -> None:
    assert not loads({**GOOD, "test.yaml": data})


JSONS: st.SearchStrategy[Raw] = st.recursive(
    st.sampled_from((*NASTY, "minor", "T", "FR", "legal", "2020-01-01", "8 h", "r", "good")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NASTY), inner),
    max_leaves=4,
)
KEYS = ("role", "when", "unless", "where", "emergency", "purposes", "categories", "between")
MORE = ("articles", "sides", "lifted_by", "obligations", "from", "until", "url", "id", "cite")


@given(st.sampled_from((*KEYS, *MORE, "text", "evidence", "gap", "instrument")), JSONS)
def test_a_rule_of_any_shape_loads_or_is_refused_with_its_place(key: str, value: Raw) -> None:
    loads(
        a_pack(
            [a_basis("good", "quality_checked"), {**a_rule("r", "term", "minor"), key: value}]
        )
    )


TOPS = ("pack", "version", "instruments", "tables", "listings", "groups", "clocks", "gaps")


@given(
    st.sampled_from((*TOPS, "rules", "from", "oldest", "cases", "demonstration", "member")),
    JSONS,
)
def test_a_head_of_any_shape_loads_or_is_refused_with_its_place(key: str, value: Raw) -> None:
    loads(
        {
            **GOOD,
            "test.yaml": json.dumps({**json.loads(GOOD["test.yaml"]), key: value}).encode(),
        }
    )


@st.composite
def trees_and_drafts(draw: st.DrawFn) -> tuple[Raw, Draft]:
    """Draw a predicate and a draft."""
    choose = Drawn(draw)
    return make_tree(choose, READ, depth=3), make_draft(choose)


@given(trees_and_drafts())
def test_what_loads_also_decides(drawn: tuple[Raw, Draft]) -> None:
    tree, draft = drawn
    corpus = load_corpus(a_pack([a_basis("good", tree), a_rule("r", "condition", tree)]))
    assert decide(draft, corpus).verdict in Verdict
    json.dumps(as_json(explain(draft, corpus)))


# Sizes, depths and times


def nested(opening: str, closing: str, depth: int) -> bytes:
    text = json.dumps(json.loads(GOOD["test.yaml"])).replace(
        '"minor"', f"{opening * depth}minor{closing * depth}"
    )
    return text.encode()


LAUGHS = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (name, name, b",".join([b"*%c" % (name - 1)] * 9))
    for name in range(ord("b"), ord("j"))
)
ROW = b"T,US,,,2000-01-01,,signatory,,2020-01-01,the test\n"
MANY = b"".join(
    b"T,US,,,%04d-01-01,%04d-01-02,bound,,2020-01-01,the test\n" % (y, y)
    for y in range(1, 9_999)
)
RULES = json.dumps(
    {**json.loads(GOOD["test.yaml"]), "rules": [a_rule("r", "term", ["minor"] * 70_000)]}
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("test.yaml", LAUGHS),
        ("test.yaml", b"a: " + b"x" * 100_000_000),
        ("test-parties.csv", GOOD["test-parties.csv"] + b"x" * 100_000_000),
        ("test-parties.csv", GOOD["test-parties.csv"] + ROW * 100_000),
        ("test-parties.csv", GOOD["test-parties.csv"] + MANY),
        ("test-parties.csv", GOOD["test-parties.csv"] + b'"' + b"x" * 200_000),
        ("test.yaml", nested("[", "]", 100_000)),
        ("test.yaml", nested('{"not": ', "}", 40_000)),
        ("test.yaml", nested("[", "]", 17)),
        ("test.yaml", b"- " * 100_000),
        ("test.yaml", b"? " * 100_000),
        ("test.yaml", b"{" * 1_000_000),
        ("test.yaml", RULES.encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_would_cost_memory_or_time_is_refused(name: str, data: bytes) -> None:
    assert not loads({**GOOD, name: data})


def test_a_pack_as_deep_as_is_allowed_decides() -> None:
    corpus = load_corpus({**GOOD, "test.yaml": nested("[", "]", 12)})
    assert decide(make_draft(Dice("deep")), corpus).verdict in Verdict


# Names of countries, and words that another reader takes for something else


@pytest.mark.parametrize(
    "code",
    [
        *(
            "none",
            "Niger ",
            "Niger",
            "UK",
            "no",
            "EN",
            "XA",
            "",
            "N0",
            "\u039d\u039f",
            "NO ",
            "false",
            "fr",
        ),
        *("FRA", "578", "org-", "org-Interpol", "org-../x", "org", "Italy", "*", "ZZ"),
    ],
)
def test_an_unknown_country_is_never_guessed(code: str) -> None:
    assert not loads(a_pack([a_rule("r", "sensitivity", {"recipient": [code]})]))
    assert not loads(a_pack([], rows=[Row(instrument="T", party=code)]))


def test_norway_namibia_and_a_quarter_past_stay_what_they_are() -> None:
    text = b"""
pack: test
version: 1:30
title: NO
instruments:
  - id: T
    title: off
    kind: regional
    evidence: seen
    source: NA
    url: "https://law.example/t"
rules:
  - id: r
    role: sensitivity
    text: yes
    cite: 1:30
    evidence: seen
    instrument: T
    when: {recipient: [NO, NA]}
    lifted_by: [legal]
"""
    corpus = load_corpus({"test.yaml": text})
    assert (corpus.packs[0][:2], corpus.instruments["T"].title) == (("test", "1:30"), "off")
    [rule] = corpus.rules
    assert (rule.text, rule.cite) == ("yes", "1:30")
    rows = [Row(instrument="T", party="NO"), Row(instrument="T", party="NA")]
    law = load_corpus(a_pack([a_basis("good", "quality_checked")], rows=rows))
    assert law.treaties.between("T", "NO", "NA", on=date(2026, 11, 23)) is True


@pytest.mark.parametrize("key", ["purposes", "categories", "articles", "sides", "lifted_by"])
def test_an_empty_list_is_not_everything(key: str) -> None:
    rule = {**a_basis("good", "quality_checked"), key: list[Raw]()}
    assert not loads(a_pack([rule]))


@pytest.mark.parametrize("name", ["law.no-basis", "law.protective", "a=b", "", "A", "-", "a b"])
def test_a_rule_cannot_take_the_name_of_the_law_itself(name: str) -> None:
    assert not loads(a_pack([a_rule(name, "sensitivity", "minor")]))


def test_nothing_of_a_refused_pack_stays() -> None:
    good = make_small(Dice("stays"))
    before = decide(good.draft, load_corpus(good.pack()))
    bad = a_pack([a_rule("limit0", "absolute", "nobody_declared_this")])
    assert not loads(bad)
    assert not loads({**SHIPPED, **bad})
    assert decide(good.draft, load_corpus(good.pack())) == before


@pytest.mark.parametrize("length", ["999999 month", "999999 d", "999999 h", "0 h"])
def test_a_length_beyond_all_calendars_still_decides(length: str) -> None:
    duty: Raw = [{"code": "ReviewBy", "detail": "later", "within": length}]
    rules = [
        a_basis("good", "quality_checked"),
        a_rule("o", "obligation", "quality_checked", obligations=duty),
        a_rule("c", "condition", {"reserved": {"instrument": "T", "articles": ["9"]}}),
    ]
    corpus = load_corpus(a_pack(rules, top={"oldest": length}))
    decision = decide(stating(make_draft(Dice("late")), {"quality_checked": True}), corpus)
    assert all(
        each.due is None or each.due <= "9999-12-31T23:59:59Z" for each in decision.obligations
    )


# Questions from outside


ASKED: dict[str, object] = {
    "originator": "xn.police",
    "recipient": "xa.border",
    "on": "2026-11-23",
    "kind": "requests.ask/1",
    "purpose": "counter-terrorism",
    "categories": ["identity"],
    "handling": "TLP:AMBER",
    "facts": {"minor": None},
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from((*NASTY, *CATEGORIES[:3], *FACTS[:3], *PURPOSES[:2], "\ud800", "na.x"))
    | st.sampled_from(
        ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "TLP:RED EXERCISE")
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("tlp", "level", "codes", "until", "minor", "x")), inner
        )
    ),
    max_leaves=5,
)


def refused_or_answered(data: bytes) -> None:
    try:
        draft = parse_inquiry(data, CORPUS)
        said = json.dumps(as_json(explain(draft, CORPUS)))
    except InvalidInputError as error:
        said = str(error)
        is_short = len(said) < 400
    else:
        is_short = True
    assert said
    assert is_short


@given(st.sampled_from([*ASKED, "urgency", "x" * 300]), ANYTHING)
def test_a_question_of_any_shape_is_answered_or_refused(key: str, value: object) -> None:
    refused_or_answered(json.dumps({**ASKED, key: value}).encode())


@given(cut_and_pasted([json.dumps(ASKED)]))
def test_a_damaged_question_is_answered_or_refused(text: str) -> None:
    refused_or_answered(text.encode(errors="surrogatepass"))


@pytest.mark.parametrize(
    "data", [b"[" * 60_000, b'{"a":' * 12_000, b"9" * 60_000, b"\xff\xfe", b" " * 70_000]
)
def test_a_question_that_is_none_is_refused_shortly(data: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_inquiry(data, CORPUS)
    assert len(str(caught.value)) < 100
