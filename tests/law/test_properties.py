"""What must hold of every law and every draft: attacked with drafts nobody would write.

Each property is tried on the shipped law, and on small laws of any rules, so that it holds for
packs that are not written yet.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import chain, combinations, product
from pathlib import Path
from typing import cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.law.ground import (
    AMBER,
    CATEGORIES,
    FACTS,
    IMPLIED,
    KINDS,
    LEXICON,
    MARKINGS,
    NOON,
    OF_VALUE,
    PURPOSES,
    TRUTHS,
    Dice,
    Raw,
    Truth,
    ask,
    drafts,
    fresh,
    ordinary,
    shipped_rules,
    stating,
    thrown,
    with_item,
)
from tests.law.small import READ, Small, a_basis, a_pack, a_rule, prohibitions, small_laws
from typing_extensions import override

from comity.core.clock import DAY, Instant, from_iso
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, CaseId
from comity.law import (
    Corpus,
    Decision,
    Participation,
    Role,
    Side,
    Verdict,
    load_corpus,
    shipped_corpus,
    shipped_packs,
)
from comity.message import Draft, Handling, Item, Tlp, Urgency, handling

CORPUS = shipped_corpus()
RULES = {rule.name: rule for rule in CORPUS.rules}
SIDES = st.sampled_from(list(Side))
PLAIN = Draft(
    kind="requests.ask/1",
    originator=AgencyId("fr.police"),
    recipient=AgencyId("de.bka"),
    purpose="counter-terrorism",
    at=NOON,
    body={},
    handling=AMBER,
    case=CaseId("case"),
    categories=frozenset({"identity"}),
    facts=ordinary(["conduct_bombing"]),
)


def weighing(decision: Decision, verdict: Verdict) -> set[str]:
    """Return the rules that came to this verdict."""
    return {reason.rule for reason in decision.reasons if reason.outcome is verdict}


def is_answered_by_a_value(draft: Draft, name: str) -> bool:
    """Whether a value answers this question itself, or its category does."""
    return name in IMPLIED or any(name in item.facts for item in draft.items)


# One more prohibition


@given(small_laws(), prohibitions())
def test_one_more_prohibition_never_permits_more(small: Small, rule: dict[str, Raw]) -> None:
    assert small.asked(rule).verdict >= small.asked().verdict


MORE: Sequence[dict[str, Raw]] = (
    a_rule("more", "absolute", ["minor", {"recipient": ["DE"]}]),
    a_rule("more", "absolute", {"not": {"same_member": "yes"}}, evidence="unverified", gap="g"),
    a_rule("more", "term", {"any": ["quality_checked", {"level_at_least": "1"}]}),
    a_rule("more", "term", "originator_consent", where="minor", emergency="immediate_threat"),
    a_rule("more", "condition", "political_offence", unless="conduct_bombing"),
    a_rule("more", "sensitivity", {"category": ["identity", "biometric"]}, sides=["hold"]),
)


@pytest.mark.parametrize("rule", MORE, ids=lambda rule: str(rule["role"]))
def test_one_more_prohibition_beside_the_shipped_law_never_permits_more(
    rule: dict[str, Raw],
) -> None:
    corpus = load_corpus({**shipped_packs(), **a_pack([rule], rows=())})

    @given(drafts(), SIDES)
    def tried(draft: Draft, side: Side) -> None:
        assert ask(draft, corpus, side).verdict >= ask(draft, CORPUS, side).verdict

    tried()


@given(small_laws())
def test_a_law_without_its_bases_permits_only_what_protects(small: Small) -> None:
    bare = replace(small, rules=[rule for rule in small.rules if rule["role"] != "basis"])
    decision = bare.asked()
    assert decision.verdict is not Verdict.PERMIT or "law.protective" in weighing(
        decision, Verdict.PERMIT
    )


# Answers taken away


@given(small_laws(), st.sampled_from(READ))
def test_an_answer_taken_away_never_permits_more(small: Small, name: str) -> None:
    assume(not is_answered_by_a_value(small.draft, name))
    less = replace(small, draft=stating(small.draft, {name: None}))
    assert small.asked().verdict is Verdict.PERMIT or less.asked().verdict is not Verdict.PERMIT


@given(drafts(), SIDES, st.sampled_from(FACTS))
def test_an_answer_taken_away_never_permits_more_under_the_shipped_law(
    draft: Draft, side: Side, name: str
) -> None:
    assume(not is_answered_by_a_value(draft, name))
    before = ask(draft, CORPUS, side).verdict
    unsaid = replace(draft, facts={k: v for k, v in draft.facts.items() if k != name})
    for less in (stating(draft, {name: None}), unsaid):
        after = ask(less, CORPUS, side).verdict
        assert before is Verdict.PERMIT or after is not Verdict.PERMIT


@given(drafts(), SIDES, st.sampled_from(OF_VALUE), st.integers(0, 3))
def test_a_doubt_about_one_value_never_permits_more(
    draft: Draft, side: Side, name: str, place: int
) -> None:
    assume(place < len(draft.items))
    doubted = ask(with_item(draft, place, {name: None}), CORPUS, side).verdict
    assert ask(draft, CORPUS, side).verdict is Verdict.PERMIT or doubted is not Verdict.PERMIT


@given(drafts(), SIDES, st.sampled_from(OF_VALUE), st.integers(0, 3))
def test_a_worse_answer_about_one_value_never_permits_more(
    draft: Draft, side: Side, name: str, place: int
) -> None:
    assume(place < len(draft.items) and name not in draft.items[place].facts)
    worse = with_item(draft, place, {name: LEXICON.facts[name].harms})
    before = ask(stating(draft, {name: not LEXICON.facts[name].harms}), CORPUS, side).verdict
    assert ask(worse, CORPUS, side).verdict >= before or name not in draft.facts


# What each role does with true, false and unknown


@cache
def _read(text: str) -> Corpus:
    return load_corpus(a_pack(cast("list[dict[str, Raw]]", json.loads(text))))


def law_of(*rules: dict[str, Raw]) -> Corpus:
    """Return the law of these rules, read once."""
    return _read(json.dumps(rules))


P, R, D = Verdict.PERMIT, Verdict.REFER, Verdict.DENY
GOOD = a_basis("good", "conduct_bombing")
UNREAD: dict[str, Raw] = {
    "evidence": "unverified",
    "gap": "not read; read it at the depositary",
}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("absolute", {True: D, False: P, None: R}),
        ("term", {True: P, False: D, None: D}),
        ("condition", {True: D, False: P, None: R}),
        ("sensitivity", {True: R, False: P, None: R}),
        ("obligation", {True: P, False: P, None: P}),
        ("mandate", {True: P, False: P, None: P}),
    ],
)
@pytest.mark.parametrize("side", list(Side))
def test_each_role_meets_each_answer_its_own_way(
    role: str, expected: dict[Truth, Verdict], side: Side
) -> None:
    rule = a_rule("r", role, "minor", sides=["release", "hold", "screen"])
    unread = {**rule, **UNREAD}
    good: dict[str, Raw] = {**GOOD, "sides": ["release", "hold", "screen"]}
    for answer, verdict in expected.items():
        draft = stating(PLAIN, {"minor": answer})
        assert ask(draft, law_of(good, rule), side).verdict is verdict
        # What nobody has read can refer, and nothing else.
        assert ask(draft, law_of(good, unread), side).verdict is min(verdict, R)


@pytest.mark.parametrize(("found", "relief"), list(product(TRUTHS, TRUTHS)))
def test_what_lifts_a_condition_counts_only_when_true(found: Truth, relief: Truth) -> None:
    rule = a_rule("r", "condition", "minor", unless="quality_checked")
    draft = stating(PLAIN, {"minor": found, "quality_checked": relief})
    expected = (
        P if found is False or relief is True else D if found is True and relief is False else R
    )
    assert ask(draft, law_of(GOOD, rule), Side.RELEASE).verdict is expected


@pytest.mark.parametrize("answers", list(product(TRUTHS, repeat=4)), ids=str)
def test_a_term_is_met_not_owed_or_stood_in_for_only_by_what_is_true(
    answers: tuple[Truth, Truth, Truth, Truth],
) -> None:
    owed, met, threat, late = answers
    names = ("third_party", "originator_consent", "immediate_threat", "quality_checked")
    rule = a_rule("r", "term", names[1], where=names[0], emergency=[names[2], names[3]])
    draft = stating(PLAIN, dict(zip(names, answers, strict=True)))
    is_emergency = threat is True and late is True
    expected = P if owed is False or met is True or is_emergency else D if owed is True else R
    assert ask(draft, law_of(GOOD, rule), Side.RELEASE).verdict is expected


@pytest.mark.parametrize(("first", "second"), list(product(TRUTHS, TRUTHS)))
def test_the_best_basis_counts_and_one_that_is_unknown_refers(
    first: Truth, second: Truth
) -> None:
    one, other = a_basis("one", "conduct_nuclear"), a_basis("other", "conduct_bombing")
    draft = stating(PLAIN, {"conduct_nuclear": first, "conduct_bombing": second})
    best = P if True in {first, second} else R if None in {first, second} else D
    assert ask(draft, law_of(one, other), Side.RELEASE).verdict is best
    # The receiver needs the instrument and its reach; the conditions are the sender's to meet.
    assert ask(draft, law_of(one, other), Side.HOLD).verdict is P
    # A text nobody has read is unknown, whatever its conditions.
    unread = ({**one, **UNREAD}, {**other, **UNREAD})
    assert ask(draft, law_of(*unread), Side.RELEASE).verdict is max(best, R)


KLEENE: Sequence[tuple[Raw, dict[tuple[Truth, Truth], Truth]]] = [
    (
        {"all": ["minor", "victim"]},
        {
            (one, two): False if False in {one, two} else None if None in {one, two} else True
            for one, two in product(TRUTHS, TRUTHS)
        },
    ),
    (
        {"any": ["minor", "victim"]},
        {
            (one, two): True if True in {one, two} else None if None in {one, two} else False
            for one, two in product(TRUTHS, TRUTHS)
        },
    ),
    (
        {"not": ["minor", "victim"]},
        {
            (one, two): True if False in {one, two} else None if None in {one, two} else False
            for one, two in product(TRUTHS, TRUTHS)
        },
    ),
]


@pytest.mark.parametrize(("when", "truths"), KLEENE, ids=("all", "any", "not"))
def test_unknown_stays_unknown_unless_the_other_side_settles_it(
    when: Raw, truths: dict[tuple[Truth, Truth], Truth]
) -> None:
    law = law_of(GOOD, a_rule("r", "condition", when))
    expected = {True: D, None: R, False: P}
    for (one, two), truth in truths.items():
        draft = stating(PLAIN, {"minor": one, "victim": two})
        assert ask(draft, law, Side.RELEASE).verdict is expected[truth]


def test_every_relief_of_the_shipped_law_counts_only_when_true() -> None:
    reliefs = [(rule.get("unless", []), rule.get("emergency", [])) for rule in shipped_rules()]
    names = sorted({name for parts in reliefs for part in parts for name in facts_in(part)})
    assert names
    for draft in thrown(300, seed="relief"):
        none_true = stating(draft, dict.fromkeys(names, False))
        doubtful = stating(draft, dict.fromkeys(names))
        for side in Side:
            before = ask(none_true, CORPUS, side).verdict
            after = ask(doubtful, CORPUS, side).verdict
            assert before is P or after is not P


def facts_in(part: Raw) -> set[str]:
    """Return the facts a predicate names."""
    if isinstance(part, str):
        return {part} & LEXICON.facts.keys()
    inner = part if isinstance(part, list) else list(part.values())
    return {name for each in inner for name in facts_in(each)}


UNSAID = "nothing"


@pytest.mark.parametrize("name", ["minor", "originator_consent"])
@pytest.mark.parametrize(("whole", "own"), list(product(TRUTHS, (*TRUTHS, UNSAID))))
def test_of_two_answers_the_worse_counts_and_a_doubt_beats_the_better(
    name: str, whole: Truth, own: Truth | str
) -> None:
    worst = LEXICON.facts[name].harms
    answers = {each for each in (whole, own) if each not in {None, UNSAID}}
    better = None if own is None or not answers else not worst
    truth = worst if worst in answers else better
    facts = {} if isinstance(own, str) else {name: own}
    item = Item(path="v", category="identity", handling=AMBER, facts=facts)
    draft = stating(replace(PLAIN, items=(item,)), {name: whole})
    law = law_of(GOOD, a_rule("r", "condition", name if worst else {"not": name}))
    expected = {worst: D, None: R, not worst: P}
    assert ask(draft, law, Side.RELEASE).verdict is expected[truth]


# Order, repetition and memory


def what_it_says(decision: Decision) -> tuple[object, ...]:
    """Return all that a decision tells, but which packs and which bytes of them were read."""
    return (
        *(decision.verdict, decision.reasons, decision.obligations, decision.missing),
        *(decision.smallest_set, decision.lifted_by, decision.basis, decision.at),
    )


@given(small_laws(), st.data())
def test_the_order_of_rules_changes_nothing(small: Small, data: st.DataObject) -> None:
    turned = data.draw(st.permutations(small.rules))
    assert what_it_says(small.asked()) == what_it_says(replace(small, rules=turned).asked())


@given(small_laws(), prohibitions())
def test_the_order_of_packs_changes_neither_answer_nor_digest(
    small: Small, rule: dict[str, Raw]
) -> None:
    top: dict[str, Raw] = {"pack": "another", "instruments": [], "listings": [], "groups": []}
    other = a_pack([rule], rows=(), top=top)
    packs = {**small.pack(), **other}
    turned = dict(reversed(packs.items()))
    one, two = load_corpus(packs), load_corpus(turned)
    assert ask(small.draft, one, small.side) == ask(small.draft, two, small.side)


def test_the_shipped_files_read_in_any_order_are_one_law() -> None:
    turned = load_corpus(dict(sorted(shipped_packs().items(), reverse=True)))
    for draft in thrown(100, seed="order"):
        for side in Side:
            assert ask(draft, turned, side) == ask(draft, CORPUS, side)


@given(drafts(), SIDES)
def test_the_order_of_facts_and_categories_changes_nothing(draft: Draft, side: Side) -> None:
    turned = replace(draft, facts=dict(list(draft.facts.items())[::-1]))
    assert ask(draft, CORPUS, side) == ask(turned, CORPUS, side)


@given(drafts(), SIDES)
def test_the_order_of_values_changes_no_answer(draft: Draft, side: Side) -> None:
    turned = replace(draft, items=draft.items[::-1])
    one, two = ask(draft, CORPUS, side), ask(turned, CORPUS, side)
    assert what_it_says(one) == what_it_says(two)


def neighbours(draft: Draft) -> list[Draft]:
    """Return drafts that differ from this one in a single respect."""
    return [
        *(replace(draft, kind=kind) for kind in KINDS),
        *(replace(draft, purpose=purpose) for purpose in PURPOSES),
        *(replace(draft, urgency=urgency) for urgency in Urgency),
        *(replace(draft, handling=marking) for marking in MARKINGS),
        *(replace(draft, categories=draft.categories | {name}) for name in CATEGORIES),
        *(
            replace(draft, originator=AgencyId(name))
            for name in ("de.bka", "xn.police", "us.x")
        ),
        *(replace(draft, recipient=AgencyId(name)) for name in ("de.bka", "xa.fiu", "no.pst")),
        *(replace(draft, at=Instant(draft.at + days * DAY)) for days in (-900, 1, 1_900)),
        *(replace(draft, at=Instant(draft.at + more)) for more in (-1, 1, 1_000)),
        *(stating(draft, {name: truth}) for name in FACTS for truth in TRUTHS),
        *(replace(draft, is_protective=answer) for answer in (True, False)),
        replace(draft, items=()),
        *(
            changed
            for place in range(len(draft.items[:2]))
            for changed in _of_item(draft, place)
        ),
    ]


def _of_item(draft: Draft, place: int) -> Iterable[Draft]:
    item, (before, after) = draft.items[place], (draft.items[:place], draft.items[place + 1 :])
    others = [replace(item, handling=marking) for marking in MARKINGS]
    others += [replace(item, category=name) for name in CATEGORIES]
    yield from (replace(draft, items=(*before, other, *after)) for other in others)
    yield from (with_item(draft, place, {name: t}) for name in OF_VALUE for t in TRUTHS)


def test_what_was_asked_before_changes_no_answer() -> None:
    """Whatever an engine remembers, a draft that differs in one respect is another question."""
    forward, backward = fresh(), fresh()
    for draft in thrown(3, seed="memory"):
        asked = [(near, side) for near in neighbours(draft) for side in Side]
        first = [ask(near, forward, side) for near, side in asked]
        again = [ask(near, forward, side) for near, side in asked]
        turned = [ask(near, backward, side) for near, side in reversed(asked)]
        assert first == again == turned[::-1]


def carrying(draft: Draft, category: str = "identity", marking: str = "TLP:AMBER") -> Draft:
    """Return the draft with one value, which is all that it carries."""
    item = Item(path="v", category=category, handling=handling(marking))
    return replace(draft, items=(item,), categories=frozenset({category}))


EVENING = replace(PLAIN, at=Instant(NOON + 1_000))
UNTIL = "TLP:AMBER UNTIL:2026-11-23T12:00:01Z"
# A law, a draft that it permits, and its neighbour that it does not.
APART: dict[str, tuple[dict[str, Raw], Draft, Draft]] = {
    "the hour, on the message": (
        a_rule("r", "term", {"unexpired": "yes"}),
        replace(PLAIN, handling=handling(UNTIL)),
        replace(EVENING, handling=handling(UNTIL)),
    ),
    "the hour, on a value": (
        a_rule("r", "term", {"unexpired": "yes"}),
        carrying(PLAIN, marking=UNTIL),
        carrying(EVENING, marking=UNTIL),
    ),
    "the day": (
        a_rule("r", "sensitivity", {"since": "2026-11-24"}),
        PLAIN,
        replace(PLAIN, at=Instant(NOON + DAY)),
    ),
    "the day a rule begins": (
        a_rule("r", "absolute", {"urgent": "yes"}, **{"from": "2026-11-24"}),
        replace(PLAIN, urgency=Urgency.URGENT),
        replace(PLAIN, urgency=Urgency.URGENT, at=Instant(NOON + DAY)),
    ),
    "the day a rule ends": (
        a_rule("r", "absolute", {"urgent": "yes"}, until="2026-11-24"),
        replace(PLAIN, urgency=Urgency.URGENT, at=Instant(NOON + DAY)),
        replace(PLAIN, urgency=Urgency.URGENT),
    ),
    "the urgency": (
        a_rule("r", "sensitivity", {"urgent": "yes"}),
        PLAIN,
        replace(PLAIN, urgency=Urgency.URGENT),
    ),
    "the kind": (
        a_rule("r", "sensitivity", {"kind": ["requests.answer/1"]}),
        PLAIN,
        replace(PLAIN, kind="requests.answer/1"),
    ),
    "the practice": (
        a_rule("r", "sensitivity", {"practice": ["notices"]}),
        PLAIN,
        replace(PLAIN, kind="notices.red/1"),
    ),
    "the purpose": (
        a_rule("r", "mandate", {"urgent": "yes"}),
        PLAIN,
        replace(PLAIN, purpose="operation"),
    ),
    "the recipient": (
        a_rule("r", "condition", {"recipient": ["NO"]}),
        PLAIN,
        replace(PLAIN, recipient=AgencyId("no.pst")),
    ),
    "the recipient's sort": (
        a_rule("r", "condition", {"recipient_sort": ["fiu"]}),
        PLAIN,
        replace(PLAIN, recipient=AgencyId("de.fiu")),
    ),
    "the message's marking": (
        a_rule("r", "condition", {"handling_code": "H3"}),
        PLAIN,
        replace(PLAIN, handling=handling("TLP:AMBER H3")),
    ),
    "a value's marking": (
        a_rule("r", "condition", {"handling_code": "H3"}),
        carrying(PLAIN),
        carrying(PLAIN, marking="TLP:AMBER H3"),
    ),
    "a value's category": (
        a_rule("r", "condition", {"category": ["travel"]}),
        carrying(PLAIN),
        carrying(PLAIN, "travel"),
    ),
    "a limit's fact": (
        a_rule("r", "condition", "political_offence"),
        PLAIN,
        stating(PLAIN, {"political_offence": True}),
    ),
    "a limit's fact, of a value": (
        a_rule("r", "condition", {"all": ["minor", "quality_checked"]}),
        stating(carrying(PLAIN), {"minor": True, "quality_checked": False}),
        stating(carrying(PLAIN), {"minor": True}),
    ),
    "a limit's fact beside a value's own": (
        a_rule("r", "condition", ["political_offence", "quality_checked"]),
        stating(
            with_item(carrying(PLAIN), 0, {"political_offence": True}),
            {"quality_checked": False},
        ),
        with_item(carrying(PLAIN), 0, {"political_offence": True}),
    ),
    "one value's own fact": (
        a_rule("r", "condition", "minor"),
        carrying(PLAIN),
        with_item(carrying(PLAIN), 0, {"minor": True}),
    ),
    "a basis's fact": (
        a_rule("r", "mandate", {"urgent": "yes"}),
        carrying(PLAIN),
        stating(carrying(PLAIN), {"conduct_bombing": False}),
    ),
    "what a basis sees carried": (
        a_basis("r", {"category": ["event"]}),
        replace(stating(PLAIN, {"conduct_bombing": False}), categories=frozenset({"event"})),
        stating(PLAIN, {"conduct_bombing": False}),
    ),
}


@pytest.mark.parametrize("what", APART)
@pytest.mark.parametrize("turned", [False, True])
def test_two_questions_that_differ_in_one_respect_are_told_apart(
    what: str, *, turned: bool
) -> None:
    rule, lawful, other = APART[what]
    law = load_corpus(a_pack([GOOD, rule]))
    expected = [(lawful, True), (other, False)]
    for draft, is_permitted in expected[::-1] if turned else expected:
        assert (ask(draft, law, Side.RELEASE).verdict is P) is is_permitted


def test_the_two_sides_and_a_lift_are_told_apart() -> None:
    draft = stating(PLAIN, {"minor": True})
    law = law_of(GOOD, a_rule("r", "sensitivity", "minor"))
    for _ in range(2):
        assert ask(draft, law, Side.HOLD).verdict is P
        assert ask(draft, law, Side.RELEASE).verdict is R
        assert ask(draft, law, Side.RELEASE, ["r=fr.police/7f3a"]).verdict is P


@given(small_laws(), st.integers(0, 1_000_000))
def test_no_law_takes_a_question_for_another(small: Small, seed: int) -> None:
    near, choose = neighbours(small.draft), Dice(seed)
    asked = [(choose(near), side) for _ in range(8) for side in Side]
    forward, backward = load_corpus(small.pack()), load_corpus(small.pack())
    answers = [ask(draft, forward, side) for draft, side in asked]
    turned = [ask(draft, backward, side) for draft, side in reversed(asked)]
    assert answers == turned[::-1]


def test_a_duty_said_twice_with_one_date_does_not_depend_on_who_asked_first() -> None:
    def duty(name: str, category: str) -> dict[str, Raw]:
        said: Raw = [{"code": "ReviewBy", "detail": f"as {name} says", "within": "8 h"}]
        when: Raw = {"category": [category]}
        return a_rule(name, "obligation", when, obligations=said, cite="one article")

    law = a_pack([GOOD, duty("one", "identity"), duty("two", "travel")])
    items = tuple(Item(path=c, category=c, handling=AMBER) for c in ("identity", "travel"))
    told = replace(PLAIN, items=items, categories=frozenset({"identity", "travel"}))
    turned = replace(told, items=items[::-1])
    first, second = load_corpus(law), load_corpus(law)
    ask(turned, second, Side.RELEASE)
    assert ask(told, first, Side.RELEASE) == ask(told, second, Side.RELEASE)


def test_a_duty_at_the_end_of_the_calendar_is_due_at_its_end() -> None:
    within: Raw = [{"code": "ReviewBy", "detail": "later", "within": "30 d"}]
    law = law_of(GOOD, a_rule("o", "obligation", "quality_checked", obligations=within))
    for text in ("9999-12-30T00:00:00Z", "9999-12-30T18:00:00Z", "9999-12-30T09:00:00Z"):
        [duty] = ask(replace(PLAIN, at=from_iso(text)), law, Side.RELEASE).obligations
        assert duty.due == "9999-12-31T23:59:59Z"


def test_a_corpus_that_answered_hundreds_answers_as_one_that_answered_none() -> None:
    asked = [(draft, side) for draft in thrown(300, seed="many") for side in Side]
    tired = fresh()
    answers = [ask(draft, tired, side) for draft, side in asked]
    for place in range(0, len(asked), 150):
        draft, side = asked[place]
        assert ask(draft, fresh(), side) == answers[place] == ask(draft, tired, side)


def test_lifts_asked_before_are_not_remembered() -> None:
    used = fresh()
    for draft in thrown(60, seed="lifts"):
        for side in Side:
            plain = ask(draft, CORPUS, side)
            ask(draft, used, side, RULES)
            assert ask(draft, used, side) == plain


OTHER_PROCESS = """
import hashlib
from comity.law import Side, shipped_corpus
from tests.law.ground import ask, thrown
told = hashlib.sha256()
for draft in thrown(150, seed="process"):
    for side in Side:
        told.update(ask(draft, shipped_corpus(), side).digest)
print(told.hexdigest())
"""


def test_another_process_with_another_hash_seed_gives_the_same_digests() -> None:
    root = Path(__file__).parents[2]
    said = {
        subprocess.run(
            [sys.executable, "-c", OTHER_PROCESS],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{root / 'src'}:{root}"},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "77")
    }
    assert len(said) == 1


# Permits, and stage one


@given(drafts(), SIDES)
def test_every_permit_has_a_basis_with_an_address(draft: Draft, side: Side) -> None:
    decision = ask(draft, CORPUS, side)
    assert all(reason.cite for reason in decision.reasons)
    if decision.verdict is not P or "law.protective" in weighing(decision, P):
        return
    bases = [RULES[name] for name in weighing(decision, P) if name in RULES]
    bases = [rule for rule in bases if rule.role is Role.BASIS]
    assert {rule.cite for rule in bases} == set(decision.basis) != set()
    demonstrations = {
        f"{name}" for name, _, _ in CORPUS.packs if name.startswith("demonstration")
    }
    assert all(rule.url.startswith("https://") or rule.pack in demonstrations for rule in bases)


ABSOLUTE = sorted(
    str(rule["when"])
    for rule in shipped_rules()
    if rule["role"] == "absolute"
    and isinstance(rule["when"], str)
    and not rule.keys() & {"purposes", "from", "until", "sides"}
)


@given(drafts(), st.sampled_from(ABSOLUTE), st.sampled_from([None, True]))
def test_a_doubt_in_stage_one_refers_at_least_and_nobody_lifts_it(
    draft: Draft, name: str, answer: Truth
) -> None:
    asked = replace(stating(draft, {name: answer}), is_protective=False)
    decision = ask(asked, CORPUS, Side.RELEASE, RULES)
    assert decision.verdict is D if answer else decision.verdict >= R


# Lifts


@given(small_laws())
def test_a_lift_reaches_neither_a_denial_nor_an_absolute_prohibition(small: Small) -> None:
    names = [str(rule["id"]) for rule in small.rules]
    before, after = (
        small.asked(),
        small.asked(lifted=[f"{name}=fr.police/7f3a" for name in names]),
    )
    assert after.verdict <= before.verdict
    if before.verdict is D:
        assert after.verdict is D
    absolute = {str(rule["id"]) for rule in small.rules if rule["role"] == "absolute"}
    if weighing(before, R) & absolute:
        assert after.verdict is not P


@given(drafts(), SIDES)
def test_lifting_every_rule_lifts_no_denial_of_the_shipped_law(
    draft: Draft, side: Side
) -> None:
    before, after = ask(draft, CORPUS, side), ask(draft, CORPUS, side, RULES)
    assert (before.verdict is D) == (after.verdict is D)
    assert after.verdict <= before.verdict


# Values


def subsets(paths: Sequence[str]) -> Iterable[frozenset[str]]:
    """Return every choice of paths, the smaller ones first."""
    sizes = range(len(paths) + 1)
    chosen = chain.from_iterable(combinations(paths, size) for size in sizes)
    return (frozenset(each) for each in chosen)


def without(draft: Draft, paths: frozenset[str]) -> Draft:
    """Return the draft with values left out, and the categories only they were of."""
    kept = tuple(item for item in draft.items if item.path not in paths)
    carried = {item.category for item in draft.items}
    left = (draft.categories - carried) | {item.category for item in kept}
    return replace(draft, items=kept, categories=left)


def smallest_by_trying(draft: Draft, law: Corpus, side: Side) -> tuple[str, ...] | None:
    """Try every choice of values to leave out; return the smallest that helps most."""
    paths = [item.path for item in draft.items]
    floor = ask(without(draft, frozenset(paths)), law, side).verdict
    if floor is D:
        return None
    good = [
        left for left in subsets(paths) if ask(without(draft, left), law, side).verdict <= floor
    ]
    assert [left for left in good if len(left) == len(good[0])] == [good[0]]
    return tuple(sorted(good[0]))


@given(drafts(), SIDES)
def test_what_is_to_be_left_out_is_the_fewest_values_that_suffice(
    draft: Draft, side: Side
) -> None:
    asked = replace(draft, is_protective=False)
    decision = ask(asked, CORPUS, side)
    assert decision.smallest_set == smallest_by_trying(asked, CORPUS, side)


@given(small_laws())
def test_the_fewest_values_that_suffice_are_named_under_any_law(small: Small) -> None:
    # A predicate on categories that a message is asked as a whole sees what it carries.
    asked = replace(small.draft, is_protective=False)
    law = load_corpus(small.pack())
    decision = ask(asked, law, small.side)
    assert decision.smallest_set == smallest_by_trying(asked, law, small.side)


# Both sides, markings and duties


@given(small_laws())
def test_what_may_be_sent_has_a_basis_to_be_held_on(small: Small) -> None:
    sent = ask(small.draft, load_corpus(small.pack()), Side.RELEASE)
    held = ask(small.draft, load_corpus(small.pack()), Side.HOLD)
    if sent.verdict is P:
        assert "law.no-basis" not in weighing(held, D)


@given(drafts(), st.data())
def test_the_receiver_does_not_ask_what_only_the_sender_answers(
    draft: Draft, data: st.DataObject
) -> None:
    asked_there = {
        name
        for rule in RULES.values()
        if Side.HOLD in rule.sides and rule.role is not Role.BASIS
        for name in rule.reads
    }
    name = data.draw(st.sampled_from(sorted(set(FACTS) - asked_there)))
    other = stating(draft, {name: data.draw(st.sampled_from(TRUTHS))})
    assert what_it_says(ask(draft, CORPUS, Side.HOLD)) == what_it_says(
        ask(other, CORPUS, Side.HOLD)
    )


@given(drafts(), SIDES, st.sampled_from(MARKINGS), st.integers(-1, 3))
def test_a_tighter_marking_never_permits_more(
    draft: Draft, side: Side, marking: Handling, place: int
) -> None:
    assume(place < len(draft.items))
    old = draft.handling if place < 0 else draft.items[place].handling
    assume(old.setting is marking.setting)
    tighter = old.join(marking)
    if place < 0:
        changed = replace(draft, handling=tighter)
    else:
        items = list(draft.items)
        items[place] = replace(items[place], handling=tighter)
        changed = replace(draft, items=tuple(items))
    assert ask(changed, CORPUS, side).verdict >= ask(draft, CORPUS, side).verdict


@given(small_laws(), small_laws())
def test_duties_unite_and_of_two_dates_the_earlier_wins(small: Small, other: Small) -> None:
    duties = [rule for rule in (*small.rules, *other.rules) if rule["role"] == "obligation"]
    rules = [rule for rule in small.rules if rule["role"] != "obligation"]
    named: list[dict[str, Raw]] = [
        {**duty, "id": f"duty{place}"} for place, duty in enumerate(duties)
    ]
    alone = [replace(small, rules=[*rules, duty]).asked() for duty in named]
    together = replace(small, rules=[*rules, *named]).asked()
    united = {each.code: each for each in together.obligations}
    apart = [each for decision in alone for each in decision.obligations]
    assert united.keys() == {each.code for each in apart}
    for code, each in united.items():
        same = [other for other in apart if other.code == code]
        assert each.due == min((other.due for other in same if other.due), default=None)
        assert each.handling == frozenset().union(*(other.handling for other in same))
    assert together.verdict is not D or together.obligations == ()


# What breaks, and what nobody declared


class Sour:
    """A colour that cannot be compared: what a rule must not stumble over."""

    label = "TLP:SOUR"

    def __ge__(self, other: object) -> bool:
        raise ZeroDivisionError


@pytest.mark.parametrize("role", ["absolute", "term", "condition", "sensitivity", "obligation"])
@pytest.mark.parametrize("on_value", [True, False])
def test_a_rule_that_breaks_denies(role: str, *, on_value: bool) -> None:
    sour = replace(AMBER, tlp=cast("Tlp", Sour()))
    least = "CLEAR" if role == "term" else "RED"  # nothing to say of an ordinary marking
    law = law_of(GOOD, a_rule("r", role, {"tlp_at_least": least}))
    whole = replace(PLAIN, handling=sour, categories=frozenset())
    item = Item(path="v", category="identity", handling=sour)
    draft = replace(PLAIN, items=(item,)) if on_value else whole
    decision = ask(draft, law, Side.RELEASE)
    assert decision.verdict is D
    assert weighing(decision, D) == {"r"}
    assert decision.smallest_set == (("v",) if on_value else None)


def test_a_basis_that_breaks_denies_beside_a_good_one() -> None:
    sour = replace(PLAIN, handling=replace(AMBER, tlp=cast("Tlp", Sour())))
    law = law_of(GOOD, a_basis("r", {"tlp_at_least": "RED"}))
    assert ask(sour, law, Side.RELEASE).verdict is D


class Torn(Participation):
    """A list of parties that cannot be read."""

    @override
    def binds(
        self, instrument: str, party: str, *, on: date, known_since: date = date.min
    ) -> bool | None:
        raise ZeroDivisionError


def test_participation_that_cannot_be_read_denies() -> None:
    law = law_of(GOOD)
    held = law.treaties
    torn = Torn(held.parties, held.reservations, held.listings, held.in_force, held.groups)
    assert ask(PLAIN, law, Side.RELEASE).verdict is P
    for side in Side:
        assert ask(PLAIN, replace(law, treaties=torn), side).verdict is D


def test_a_complete_list_shows_no_absence_of_a_party_it_names() -> None:
    law = load_corpus(a_pack([GOOD], treaty={}))
    treaties, day = law.treaties, date(2026, 11, 23)
    assert treaties.binds("T", "FR", on=day) is None
    assert treaties.binds("T", "NO", on=day) is False
    assert treaties.binds("T", "NA", on=day) is None
    assert ask(PLAIN, law, Side.RELEASE).verdict is R


def test_an_old_row_is_unknown_to_a_prohibition_and_still_a_basis() -> None:
    rules = [GOOD, a_rule("r", "condition", {"in_force": "T"})]
    assert ask(PLAIN, load_corpus(a_pack(rules)), Side.RELEASE).verdict is D
    old = load_corpus(a_pack(rules, top={"oldest": "12 month"}))
    assert ask(PLAIN, old, Side.RELEASE).verdict is R


@given(drafts(), SIDES, st.text(max_size=80))
def test_a_fact_nobody_declared_is_refused_and_not_echoed_at_length(
    draft: Draft, side: Side, name: str
) -> None:
    assume(name not in LEXICON.facts)
    with pytest.raises(InvalidInputError, match="unknown fact") as caught:
        ask(stating(draft, {name: False}), CORPUS, side)
    assert len(str(caught.value)) < 90
