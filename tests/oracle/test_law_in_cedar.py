"""The packs as Cedar policies permit what we permit: the peer of the figures is asked the same.

No oracle of the law (what agencies and day settle is worked out by us, `bench/cedar.py`), but
three values in a language of two are easily written wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from bench.cedar import Policies, parsed
from bench.questions import questions
from tests.law.ground import AMBER, NOON, TRUTHS, Dice, Raw, Truth, make_draft
from tests.law.small import Row, a_basis, a_pack, a_rule, make_small

from comity.core.clock import utc_date
from comity.core.ids import AgencyId
from comity.law import (
    Corpus,
    Verdict,
    decide,
    load_corpus,
    shipped_corpus,
    shipped_packs,
)
from comity.message import Draft

pytest.importorskip("cedarpy", reason="needs the group `oracle`")


def allowed(packs: Mapping[str, bytes], corpus: Corpus, drafts: Sequence[Draft]) -> list[bool]:
    """Ask Cedar value by value of drafts of one day."""
    policies = Policies(corpus, utc_date(drafts[0].at)).read(packs)
    ask = parsed(policies, drafts)["in batches"]
    requests = [policies.by_value(draft) for draft in drafts]
    return [all(answer.allowed for answer in ask(each)) for each in requests]


def permitted(corpus: Corpus, drafts: Sequence[Draft]) -> list[bool]:
    """Ask our engine."""
    return [decide(draft, corpus).verdict is Verdict.PERMIT for draft in drafts]


def a_question(**facts: bool | None) -> Draft:
    """Ask something simple of France for Germany, of which only these facts are known."""
    draft = make_draft(Dice("cedar"))
    return replace(
        draft,
        originator=AgencyId("fr.police"),
        recipient=AgencyId("de.bka"),
        purpose="counter-terrorism",
        at=NOON,
        handling=AMBER,
        categories=frozenset({"identity"}),
        items=(),
        facts={"quality_checked": True, **facts},
        is_protective=False,
    )


YES, NO, UNKNOWN = True, False, None
CASES: Sequence[tuple[str, Mapping[str, Raw], set[Truth]]] = (
    ("absolute", {"when": "minor"}, {NO}),
    ("sensitivity", {"when": "minor"}, {NO}),
    ("sensitivity", {"when": {"not": "minor"}}, {YES}),
    ("condition", {"when": "quality_checked", "unless": "minor"}, {YES}),
    ("condition", {"when": "minor", "unless": {"not": "quality_checked"}}, {NO}),
    ("term", {"when": "minor"}, {YES}),
    ("term", {"when": "third_party", "where": "minor"}, {NO}),
    ("term", {"when": "third_party", "emergency": "minor"}, {YES}),
    ("sensitivity", {"when": ["minor", "third_party"]}, {NO}),
    ("sensitivity", {"when": {"any": ["minor", "third_party"]}}, set()),
    ("sensitivity", {"when": ["minor", {"in_force": "T"}]}, {NO}),
    ("sensitivity", {"when": ["minor", {"not": {"in_force": "T"}}]}, {YES, NO, UNKNOWN}),
    ("sensitivity", {"when": ["minor", {"category": "travel"}]}, {YES, NO, UNKNOWN}),
    ("sensitivity", {"when": ["minor", {"tlp_at_least": "AMBER"}]}, {NO}),
)


@pytest.mark.parametrize(("role", "tests", "passes"), CASES)
def test_a_limit_of_three_values_is_written_in_two(
    role: str, tests: Mapping[str, Raw], passes: set[Truth]
) -> None:
    more = {key: value for key, value in tests.items() if key != "when"}
    limit = a_rule("limit", role, tests["when"], **more)
    packs = a_pack([a_basis("basis", "quality_checked"), limit])
    corpus = load_corpus(packs)
    drafts = [a_question(minor=value) for value in TRUTHS]
    expected = [value in passes for value in TRUTHS]
    assert allowed(packs, corpus, drafts) == permitted(corpus, drafts) == expected


@pytest.mark.parametrize(
    ("more", "rows", "passes"),
    [
        ({}, ("FR", "DE"), [True, False, False]),
        ({}, ("FR",), [False, False, False]),
        ({"evidence": "unverified", "gap": "not read"}, ("FR", "DE"), [False, False, False]),
        ({"purposes": ["operation"]}, ("FR", "DE"), [False, False, False]),
        ({"categories": ["travel"]}, ("FR", "DE"), [False, False, False]),
    ],
)
def test_a_basis_permits_only_where_all_of_it_is_sure(
    more: Mapping[str, Raw], rows: Sequence[str], passes: list[bool]
) -> None:
    parties = [Row(instrument="T", party=party) for party in rows]
    packs = a_pack([a_basis("basis", "minor", **more)], rows=parties)
    corpus = load_corpus(packs)
    drafts = [a_question(minor=value) for value in TRUTHS]
    assert allowed(packs, corpus, drafts) == permitted(corpus, drafts) == passes


def test_any_small_law_permits_the_same_in_both() -> None:
    for number in range(200):
        small = make_small(Dice("cedar", number))
        if small.draft.is_protective:
            continue  # A recall asks no basis, and is no question of the figures.
        packs = small.pack()
        corpus = load_corpus(packs)
        drafts = [small.draft]
        assert allowed(packs, corpus, drafts) == permitted(corpus, drafts), packs


def test_the_shipped_law_permits_the_same_questions_in_both() -> None:
    packs, corpus = shipped_packs(), shipped_corpus()
    drafts = list(questions(corpus, 300))
    ours = permitted(corpus, drafts)
    assert allowed(packs, corpus, drafts) == ours
    assert 50 < sum(ours) < 250


def test_asked_once_a_message_cedar_says_almost_always_the_same() -> None:
    packs, corpus = shipped_packs(), shipped_corpus()
    drafts = list(questions(corpus, 300))
    policies = Policies(corpus, utc_date(drafts[0].at)).read(packs)
    answers = parsed(policies, drafts)["one by one"]([policies.once(each) for each in drafts])
    pairs = zip(answers, permitted(corpus, drafts), strict=True)
    assert sum(answer.allowed is ours for answer, ours in pairs) >= 298
